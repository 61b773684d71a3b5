/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One .safetensors file: mapped, its header read and checked, its tensors as views. */
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "io/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/json-scan.h"
#include "io/map-file.h"
#include "core/printable.h"
#include "io/sniff.h"

#define PREFIX_BYTES 8
#define MAX_HEADER_BYTES (100u * 1000 * 1000)
#define MAX_TENSORS 262144
#define MAX_NAME_BYTES 512
/* So many tensors, or entries of metadata, are read between two looks at the cancel flag. */
#define CANCEL_STRIDE 1024

typedef struct
{
  const char *name;
  MzDType dtype;
  guint bits; /* of one element; 0: unknown, the size is not checked */
  gboolean readable;
} TypeRow;

/* The types of the format; those that are not readable are known so that their sizes can be checked. */
static const TypeRow type_rows[] = {
  { "F32", MZ_DTYPE_F32, 32, TRUE },    { "F16", MZ_DTYPE_F16, 16, TRUE },
  { "BF16", MZ_DTYPE_BF16, 16, TRUE },  { "F64", MZ_DTYPE_F64, 64, TRUE },
  { "I64", MZ_DTYPE_I64, 64, TRUE },    { "I32", MZ_DTYPE_I32, 32, TRUE },
  { "U8", MZ_DTYPE_U8, 8, TRUE },       { "BOOL", MZ_DTYPE_U8, 8, FALSE },
  { "I8", MZ_DTYPE_U8, 8, FALSE },      { "I16", MZ_DTYPE_U8, 16, FALSE },
  { "U16", MZ_DTYPE_U8, 16, FALSE },    { "U32", MZ_DTYPE_U8, 32, FALSE },
  { "U64", MZ_DTYPE_U8, 64, FALSE },    { "C64", MZ_DTYPE_U8, 64, FALSE },
  { "F8_E4M3", MZ_DTYPE_U8, 8, FALSE }, { "F8_E5M2", MZ_DTYPE_U8, 8, FALSE },
  { "F8_E8M0", MZ_DTYPE_U8, 8, FALSE }, { "F6_E2M3", MZ_DTYPE_U8, 6, FALSE },
  { "F6_E3M2", MZ_DTYPE_U8, 6, FALSE }, { "F4", MZ_DTYPE_U8, 4, FALSE },
};

/* Reading of one header. */
typedef struct
{
  MzSafetensors *file;
  MzJsonScan scan;
  guint64 data_bytes; /* in the file, behind the header */
  const char *data;
  GArray *tensors;   /* MzSafetensor */
  GHashTable *names; /* set of tensors' names, owned by the file */
  gboolean has_metadata;
  MzCancel *cancel; /* may be NULL */
  GString *key;     /* scratch */
  GString *text;    /* scratch */
  GError **error;
} Reader;

G_GNUC_PRINTF (3, 4)
static gboolean
fail (Reader *reader, MzError code, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (reader->error, MZ_ERROR, code, _ ("“%s” cannot be used: %s."), reader->file->path, what);
  return FALSE;
}

static gboolean
fail_scan (Reader *reader)
{
  return fail (reader, MZ_ERROR_FORMAT, _ ("its header %s (byte %zu)"), reader->scan.problem,
               reader->scan.position + PREFIX_BYTES);
}

static const TypeRow *
find_type (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (type_rows); i++)
    if (strcmp (type_rows[i].name, name) == 0)
      return &type_rows[i];
  return NULL;
}

/* "dtype": returns the row, or one of unknown size whose name is kept with the file. */
static gboolean
read_type (Reader *reader, const char *tensor, TypeRow *type)
{
  const TypeRow *known;

  if (!mz_json_scan_string (&reader->scan, reader->text))
    return fail_scan (reader);
  known = find_type (reader->text->str);
  if (known != NULL)
    *type = *known;
  else if (reader->text->len == 0 || reader->text->len > 16 || !mz_is_printable (reader->text->str))
    return fail (reader, MZ_ERROR_FORMAT, _ ("the type of the tensor “%s” is not a name"), tensor);
  else
    *type = (TypeRow){ g_string_chunk_insert_const (reader->file->strings, reader->text->str), MZ_DTYPE_U8, 0,
                       FALSE };
  return TRUE;
}

static gboolean
read_shape (Reader *reader, MzSafetensor *tensor)
{
  MzView *view = &tensor->view;

  mz_json_scan_begin (&reader->scan, '[');
  while (mz_json_scan_next (&reader->scan, ']'))
    {
      guint64 size = 0;

      if (!mz_json_scan_uint64 (&reader->scan, &size))
        return fail (reader, MZ_ERROR_FORMAT, _ ("the shape of the tensor “%s” %s"), tensor->name,
                     reader->scan.problem);
      if (size > G_MAXINT64)
        return fail (reader, MZ_ERROR_FORMAT, _ ("the shape of the tensor “%s” has the absurd size %" PRIu64),
                     tensor->name, size);
      if (view->n_dims == MZ_MAX_DIMS)
        return fail (reader, MZ_ERROR_UNSUPPORTED, _ ("the tensor “%s” has more than %d dimensions"),
                     tensor->name, MZ_MAX_DIMS);
      view->shape[view->n_dims++] = (gint64) size;
    }
  return reader->scan.problem == NULL || fail_scan (reader);
}

static gboolean
read_offsets (Reader *reader, MzSafetensor *tensor)
{
  MzJsonScan *scan = &reader->scan;
  guint64 *const ends[] = { &tensor->begin, &tensor->end };
  guint n = 0;

  mz_json_scan_begin (scan, '[');
  while (mz_json_scan_next (scan, ']'))
    {
      if (n == 2)
        return fail (reader, MZ_ERROR_FORMAT, _ ("the tensor “%s” has more than two data offsets"),
                     tensor->name);
      if (!mz_json_scan_uint64 (scan, ends[n++]))
        return fail (reader, MZ_ERROR_FORMAT, _ ("a data offset of the tensor “%s” %s"), tensor->name,
                     scan->problem);
    }
  if (scan->problem != NULL)
    return fail_scan (reader);
  if (n < 2)
    return fail (reader, MZ_ERROR_FORMAT, _ ("the tensor “%s” lacks a data offset"), tensor->name);
  return TRUE;
}

/* Are the bytes there, and as many as type and shape say? Fills in the view's data. */
static gboolean
check_extent (Reader *reader, MzSafetensor *tensor, const TypeRow *type)
{
  MzView *view = &tensor->view;
  guint64 bits = type->bits;

  if (tensor->begin > tensor->end)
    return fail (reader, MZ_ERROR_FORMAT, _ ("the tensor “%s” ends before it begins"), tensor->name);
  if (tensor->end > reader->data_bytes)
    return fail (reader, MZ_ERROR_FORMAT,
                 _ ("it is cut short: the tensor “%s” ends at byte %" PRIu64
                    " of the data, of which there are %" PRIu64 " (was the download interrupted?)"),
                 tensor->name, tensor->end, reader->data_bytes);
  for (int i = 0; i < view->n_dims; i++)
    if (!g_uint64_checked_mul (&bits, bits, (guint64) view->shape[i]))
      return fail (reader, MZ_ERROR_FORMAT, _ ("the tensor “%s” has an absurd shape"), tensor->name);
  if (type->bits > 0 && (bits % 8 != 0 || bits / 8 != tensor->end - tensor->begin))
    {
      g_autofree char *shape = mz_view_shape_string (view);

      return fail (reader, MZ_ERROR_FORMAT,
                   _ ("the tensor “%s” (%s %s) needs %" PRIu64 " bytes and has %" PRIu64), tensor->name,
                   type->name, shape, bits / 8 + (bits % 8 != 0), tensor->end - tensor->begin);
    }
  view->dtype = type->dtype;
  view->data = reader->data + tensor->begin;
  view->n_bytes = (gsize) (tensor->end - tensor->begin);
  tensor->foreign = type->readable ? NULL : type->name;
  return TRUE;
}

enum
{
  HAS_TYPE = 1,
  HAS_SHAPE = 2,
  HAS_OFFSETS = 4,
  HAS_ALL = 7
};

static gboolean
read_tensor (Reader *reader, char *name)
{
  MzSafetensor tensor = { .name = name };
  TypeRow type = { NULL };
  guint has = 0;

  mz_json_scan_begin (&reader->scan, '{');
  while (mz_json_scan_next (&reader->scan, '}'))
    {
      guint bit = 0;
      gboolean sound = FALSE;

      if (!mz_json_scan_key (&reader->scan, reader->key))
        return fail_scan (reader);
      if (strcmp (reader->key->str, "dtype") == 0)
        bit = HAS_TYPE;
      else if (strcmp (reader->key->str, "shape") == 0)
        bit = HAS_SHAPE;
      else if (strcmp (reader->key->str, "data_offsets") == 0)
        bit = HAS_OFFSETS;
      if (bit == 0 || (has & bit) != 0)
        return fail (reader, MZ_ERROR_FORMAT, _ ("the header of the tensor “%s” has %s key"), name,
                     bit == 0 ? _ ("an unknown") : _ ("twice the same"));
      has |= bit;
      if (bit == HAS_TYPE)
        sound = read_type (reader, name, &type);
      else
        sound = bit == HAS_SHAPE ? read_shape (reader, &tensor) : read_offsets (reader, &tensor);
      if (!sound)
        return FALSE;
    }
  if (reader->scan.problem != NULL)
    return fail_scan (reader);
  if (has != HAS_ALL)
    return fail (reader, MZ_ERROR_FORMAT, _ ("the header of the tensor “%s” lacks its %s"), name,
                 !(has & HAS_TYPE)    ? _ ("type")
                 : !(has & HAS_SHAPE) ? _ ("shape")
                                      : _ ("data offsets"));
  if (!check_extent (reader, &tensor, &type))
    return FALSE;
  g_array_append_val (reader->tensors, tensor);
  return TRUE;
}

/* Texts under names, which nobody here needs: they are stepped over, once it is clear that they are that. */
static gboolean
read_metadata (Reader *reader)
{
  if (reader->has_metadata)
    return fail (reader, MZ_ERROR_FORMAT, _ ("its header has “__metadata__” twice"));
  reader->has_metadata = TRUE;
  mz_json_scan_begin (&reader->scan, '{');
  for (guint i = 0; mz_json_scan_next (&reader->scan, '}'); i++)
    {
      if (i % CANCEL_STRIDE == 0 && mz_cancel_set_error (reader->cancel, reader->error))
        return FALSE;
      if (!mz_json_scan_key (&reader->scan, reader->key))
        return fail_scan (reader);
      if (mz_json_scan_peek (&reader->scan) != '"')
        {
          g_autofree char *shown = mz_printable (reader->key->str);

          return fail (reader, MZ_ERROR_FORMAT, _ ("the metadata “%s” is not a text"), shown);
        }
      if (!mz_json_scan_skip (&reader->scan))
        return fail_scan (reader);
    }
  return reader->scan.problem == NULL || fail_scan (reader);
}

/* One member of the header: its key is in reader->key. */
static gboolean
read_member (Reader *reader)
{
  g_autofree char *shown = mz_printable (reader->key->str);
  char *name;

  if (strcmp (reader->key->str, "__metadata__") == 0)
    return read_metadata (reader);
  if (reader->key->len == 0 || reader->key->len > MAX_NAME_BYTES || !mz_is_printable (reader->key->str))
    return fail (reader, MZ_ERROR_FORMAT, _ ("“%s” is not a name for a tensor"), shown);
  if (reader->tensors->len == MAX_TENSORS)
    return fail (reader, MZ_ERROR_UNSUPPORTED, _ ("it has more than %d tensors"), MAX_TENSORS);
  name = g_string_chunk_insert (reader->file->strings, reader->key->str);
  if (!g_hash_table_add (reader->names, name))
    return fail (reader, MZ_ERROR_FORMAT, _ ("its header has the tensor “%s” twice"), shown);
  if (mz_json_scan_peek (&reader->scan) != '{')
    return fail (reader, MZ_ERROR_FORMAT, _ ("the header of the tensor “%s” is not an object"), shown);
  return read_tensor (reader, name);
}

static int
compare_extents (gconstpointer a, gconstpointer b)
{
  const MzSafetensor *x = a, *y = b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  if (x->end != y->end)
    return x->end < y->end ? -1 : 1;
  return strcmp (x->name, y->name);
}

/* Do the sorted tensors fill the data without overlap, gap or rest? */
static gboolean
check_layout (Reader *reader)
{
  guint64 position = 0;

  for (guint i = 0; i < reader->tensors->len; i++)
    {
      const MzSafetensor *tensor = &g_array_index (reader->tensors, MzSafetensor, i);

      if (tensor->begin < position)
        return fail (reader, MZ_ERROR_FORMAT, _ ("the tensors “%s” and “%s” overlap"),
                     g_array_index (reader->tensors, MzSafetensor, i - 1).name, tensor->name);
      if (tensor->begin > position)
        return fail (reader, MZ_ERROR_FORMAT,
                     _ ("%" PRIu64 " bytes before the tensor “%s” belong to no tensor"),
                     tensor->begin - position, tensor->name);
      position = tensor->end;
    }
  if (position < reader->data_bytes)
    return fail (reader, MZ_ERROR_FORMAT, _ ("it has %" PRIu64 " bytes more than its header says"),
                 reader->data_bytes - position);
  return TRUE;
}

static gboolean
read_members (Reader *reader)
{
  mz_json_scan_begin (&reader->scan, '{');
  for (guint i = 0; mz_json_scan_next (&reader->scan, '}'); i++)
    {
      if (i % CANCEL_STRIDE == 0 && mz_cancel_set_error (reader->cancel, reader->error))
        return FALSE;
      if (!mz_json_scan_key (&reader->scan, reader->key))
        return fail_scan (reader);
      if (!read_member (reader))
        return FALSE;
    }
  if (!mz_json_scan_end (&reader->scan))
    return fail_scan (reader);
  g_array_sort (reader->tensors, compare_extents);
  return check_layout (reader);
}

/* Finds the header's length, and says what the file is when it is none of this kind. */
static gboolean
check_prefix (Reader *reader, const char *bytes, gsize n_bytes, guint64 *header_bytes)
{
  const MzForeignFormat *foreign = mz_sniff_foreign_format (bytes, n_bytes);
  guint64 length = 0;

  if (foreign != NULL)
    {
      MzError code = foreign->is_model ? MZ_ERROR_UNSUPPORTED : MZ_ERROR_FORMAT;
      const char *path = reader->file->path;

      if (foreign->advice != NULL)
        /* Translators: a file, what it is, such as “a web page”, and an advice as a sentence. */
        g_set_error (reader->error, MZ_ERROR, code, _ ("“%s” is %s. %s"), path, _ (foreign->what),
                     _ (foreign->advice));
      else
        /* Translators: a file, and what it is, such as “a PNG picture”. */
        g_set_error (reader->error, MZ_ERROR, code, _ ("“%s” is %s."), path, _ (foreign->what));
      return FALSE;
    }
  if (n_bytes == 0)
    return fail (reader, MZ_ERROR_FORMAT, _ ("it is empty"));
  for (gsize i = 0; i < MIN (n_bytes, PREFIX_BYTES); i++)
    length |= (guint64) (guchar) bytes[i] << (8 * i);
  if (n_bytes > PREFIX_BYTES && bytes[PREFIX_BYTES] != '{')
    return fail (reader, MZ_ERROR_FORMAT, _ ("it is not a safetensors file"));
  if (n_bytes >= PREFIX_BYTES && length > MAX_HEADER_BYTES)
    return fail (reader, MZ_ERROR_FORMAT, _ ("its header would have %" PRIu64 " bytes; the most is %u"),
                 length, MAX_HEADER_BYTES);
  if (n_bytes < PREFIX_BYTES || length > n_bytes - PREFIX_BYTES)
    return fail (reader, MZ_ERROR_FORMAT,
                 _ ("it is cut short within its header (was the download interrupted?)"));
  *header_bytes = length;
  return TRUE;
}

static gboolean
read_file (Reader *reader)
{
  GMappedFile *map = reader->file->map;
  const char *bytes = g_mapped_file_get_contents (map);
  gsize n_bytes = g_mapped_file_get_length (map);
  guint64 header_bytes = 0;

  if (!check_prefix (reader, bytes, n_bytes, &header_bytes))
    return FALSE;
  reader->data = bytes + PREFIX_BYTES + header_bytes;
  reader->data_bytes = n_bytes - PREFIX_BYTES - header_bytes;
  mz_json_scan_init (&reader->scan, bytes + PREFIX_BYTES, (gsize) header_bytes);
  return read_members (reader);
}

MzSafetensors *
mz_safetensors_open (const char *path, MzCancel *cancel, GError **error)
{
  g_autoptr (MzSafetensors) file = g_new0 (MzSafetensors, 1);
  Reader reader = { .file = file, .cancel = cancel, .error = error };
  gboolean sound;

  file->path = g_strdup (path);
  file->strings = g_string_chunk_new (16384);
  file->map = mz_map_file (path, 0, error);
  if (file->map == NULL)
    return NULL;

  reader.tensors = g_array_new (FALSE, FALSE, sizeof (MzSafetensor));
  reader.names = g_hash_table_new (mz_str_hash, g_str_equal);
  reader.key = g_string_new (NULL);
  reader.text = g_string_new (NULL);
  sound = read_file (&reader);
  file->n_tensors = reader.tensors->len;
  file->tensors = (MzSafetensor *) (gpointer) g_array_free (reader.tensors, FALSE);
  g_hash_table_unref (reader.names);
  g_string_free (reader.key, TRUE);
  g_string_free (reader.text, TRUE);
  return sound ? g_steal_pointer (&file) : NULL;
}

void
mz_safetensors_free (MzSafetensors *file)
{
  g_clear_pointer (&file->map, g_mapped_file_unref);
  g_string_chunk_free (file->strings);
  g_free (file->tensors);
  g_free (file->path);
  g_free (file);
}

gboolean
mz_safetensors_check_readable (const MzSafetensors *file, const MzSafetensor *tensor, GError **error)
{
  if (tensor->foreign == NULL)
    return TRUE;
  g_set_error (
      error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
      _ ("“%s” cannot be used: the tensor “%s” has numbers of the type %s; F32, F16 and BF16 can be read."),
      file->path, tensor->name, tensor->foreign);
  return FALSE;
}
