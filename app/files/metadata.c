/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts of picture files: which kind of file it is, and what its readers share. */
#include "app/files/metadata-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The struct ---- */

static void
clear_text (gpointer data)
{
  MezzotintText *text = data;

  g_free (text->keyword);
  g_free (text->text);
}

MezzotintMetadata *
mezzotint_metadata_new (void)
{
  MezzotintMetadata *metadata = g_new0 (MezzotintMetadata, 1);

  metadata->texts = g_array_new (FALSE, FALSE, sizeof (MezzotintText));
  g_array_set_clear_func (metadata->texts, clear_text);
  return metadata;
}

void
mezzotint_metadata_free (MezzotintMetadata *metadata)
{
  g_free (metadata->name);
  g_array_unref (metadata->texts);
  g_free (metadata->problem);
  g_free (metadata);
}

const char *
mezzotint_metadata_get (const MezzotintMetadata *metadata, const char *keyword)
{
  for (guint i = 0; i < metadata->texts->len; i++)
    {
      const MezzotintText *text = &g_array_index (metadata->texts, MezzotintText, i);

      if (strcmp (text->keyword, keyword) == 0)
        return text->text;
    }
  return NULL;
}

gboolean
mezzotint_metadata_wants (const MezzotintMetadata *metadata, const char *keyword)
{
  return metadata->texts->len < MEZZOTINT_METADATA_MAX_TEXTS
         && mezzotint_metadata_get (metadata, keyword) == NULL;
}

void
mezzotint_metadata_take (MezzotintMetadata *metadata, const char *keyword, char *text)
{
  MezzotintText added = { NULL, text };
  gsize n = strlen (text);

  if (!mezzotint_metadata_wants (metadata, keyword) || n > MEZZOTINT_METADATA_MAX_BYTES - metadata->n_bytes)
    {
      g_free (text);
      return;
    }
  metadata->n_bytes += n;
  added.keyword = g_utf8_make_valid (keyword, -1);
  g_array_append_val (metadata->texts, added);
}

/* ---- Reading ---- */

static void
set_unreadable (MezzotintMetadataSource *source, int saved_errno, GError **error)
{
  g_set_error (error, MZ_ERROR, MZ_ERROR_IO, _ ("The picture “%s” cannot be read: %s."), source->shown,
               g_strerror (saved_errno));
}

gboolean
mezzotint_metadata_set_damaged (MezzotintMetadataSource *source, const char *what, GError **error)
{
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The picture “%s” is damaged: %s."), source->shown, what);
  return FALSE;
}

gboolean
mezzotint_metadata_work (MezzotintMetadataSource *source, gsize n)
{
  if (n > MEZZOTINT_METADATA_MAX_WORK - source->n_worked)
    return FALSE;
  source->n_worked += n;
  return TRUE;
}

FILE *
mezzotint_metadata_open (const char *path, const char *shown, GError **error)
{
  MezzotintMetadataSource source = { NULL, shown, 0 };
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      set_unreadable (&source, errno, error);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  if (!S_ISREG (info.st_mode))
    {
      close (fd);
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is not a picture: it is no ordinary file."),
                   shown);
      return NULL;
    }
  source.stream = fdopen (fd, "rb");
  if (source.stream == NULL)
    {
      set_unreadable (&source, errno, error);
      close (fd);
    }
  return source.stream;
}

gboolean
mezzotint_metadata_read_exactly (MezzotintMetadataSource *source, gpointer into, gsize n, GError **error)
{
  if (fread (into, 1, n, source->stream) == n)
    return TRUE;
  if (!ferror (source->stream))
    return mezzotint_metadata_set_damaged (source, _ ("it ends too early"), error);
  set_unreadable (source, errno, error);
  return FALSE;
}

guint8 *
mezzotint_metadata_read_block (MezzotintMetadataSource *source, gsize n, GError **error)
{
  g_autofree guint8 *data = g_try_malloc (MAX (n, 1));

  if (data == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory to read “%s”."),
                   source->shown);
      return NULL;
    }
  return mezzotint_metadata_read_exactly (source, data, n, error) ? g_steal_pointer (&data) : NULL;
}

gboolean
mezzotint_metadata_skip (MezzotintMetadataSource *source, guint64 n, GError **error)
{
  /* Beyond the end of a file this succeeds, and the next read fails. */
  return fseeko (source->stream, (off_t) n, SEEK_CUR) == 0
         || mezzotint_metadata_set_damaged (source, _ ("it ends too early"), error);
}

char *
mezzotint_metadata_decode_latin1 (const guint8 *data, gsize n)
{
  if (memchr (data, 0, n) != NULL)
    return NULL; /* no text has one; g_convert would stop there or worse */
  if (g_utf8_validate_len ((const char *) data, n, NULL))
    return g_strndup ((const char *) data, n); /* against PNG's standard, but some programs do it */
  return g_convert ((const char *) data, n, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

/* ---- Kinds ---- */

static const struct
{
  const char *head;
  gsize n;
  gboolean (*read) (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error);
} kinds[] = {
  { "\x89PNG\r\n\x1a\n", 8, mezzotint_png_read_metadata },
  { "\xff\xd8", 2, mezzotint_jpeg_read_metadata },
  { "RIFF", 4, mezzotint_webp_read_metadata },
};

static gboolean
read_kind (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error)
{
  guint8 head[8];
  gsize n = fread (head, 1, sizeof head, source->stream);

  if (ferror (source->stream))
    {
      set_unreadable (source, errno, error);
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (n >= kinds[i].n && memcmp (head, kinds[i].head, kinds[i].n) == 0)
      {
        fseeko (source->stream, (off_t) kinds[i].n, SEEK_SET);
        return kinds[i].read (source, metadata, error);
      }
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
               n == 0 ? _ ("“%s” is empty.") : _ ("“%s” is not a PNG, JPEG or WebP picture."), source->shown);
  return FALSE;
}

/* Damage behind what was read is no error. */
static MezzotintMetadata *
read_source (MezzotintMetadataSource *source, GError **error)
{
  g_autoptr (MezzotintMetadata) metadata = mezzotint_metadata_new ();
  g_autoptr (GError) local_error = NULL;

  metadata->name = g_strdup (source->shown);
  if (!read_kind (source, metadata, &local_error))
    {
      if (metadata->width == 0 && metadata->texts->len == 0)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      g_free (metadata->problem);
      metadata->problem = g_strdup (local_error->message);
    }
  return g_steal_pointer (&metadata);
}

MezzotintMetadata *
mezzotint_metadata_read (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  MezzotintMetadataSource source = { mezzotint_metadata_open (path, shown, error), shown, 0 };
  MezzotintMetadata *metadata;

  if (source.stream == NULL)
    return NULL;
  metadata = read_source (&source, error);
  fclose (source.stream);
  return metadata;
}

MezzotintMetadata *
mezzotint_metadata_read_bytes (GBytes *bytes, const char *name, GError **error)
{
  gsize n;
  gconstpointer data = g_bytes_get_data (bytes, &n);
  MezzotintMetadataSource source = { n > 0 ? fmemopen ((gpointer) data, n, "rb") : NULL, name, 0 };
  MezzotintMetadata *metadata;

  if (source.stream == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is empty."), name);
      return NULL;
    }
  metadata = read_source (&source, error);
  fclose (source.stream);
  return metadata;
}
