/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading anybody's settings: whose they are, and what becomes of them. */
#include "app/files/import.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import-private.h"
#include "app/files/printable.h"

/* Of a value, in a line. */
#define MAX_SHOWN_CHARS 200
/* Of a file elsewhere, which is held in memory: more than any picture that can be read. */
#define MAX_REMOTE_BYTES (256 << 20)
#define PIECE_BYTES (64 << 10)

/* Those whose marks are plain come first. */
static const MezzotintDraftFunc programs[] = {
  mezzotint_import_fooocus, mezzotint_import_invokeai, mezzotint_import_drawthings,
  mezzotint_import_novelai, mezzotint_import_a1111,    mezzotint_import_comfyui,
};

void
mezzotint_import_free (MezzotintImport *import)
{
  g_free (import->program);
  mz_request_clear (&import->request);
  g_strfreev (import->understood);
  g_strfreev (import->loras);
  mezzotint_recall_clear (&import->recall);
  g_free (import);
}

/* ---- What is said ---- */

static GStrv
steal_strings (GPtrArray *strings)
{
  g_ptr_array_add (strings, NULL);
  return (GStrv) g_ptr_array_free (strings, FALSE);
}

/* Of a key, the name that people know the value by; NULL: the value itself. */
static const char *
name_of_value (const char *key, const MzRequest *request)
{
  const MzMethodInfo *info = NULL;

  if (strcmp (key, "Sampler") == 0)
    info = mz_find_sampler (request->sampler, NULL);
  else if (strcmp (key, "Schedule type") == 0)
    info = mz_find_schedule (request->schedule, NULL);
  else if (strcmp (key, "Compatible with") == 0 && request->compatibility != NULL)
    info = mz_find_compatibility (request->compatibility, NULL);
  else if (strcmp (key, "Prompt style") == 0 && request->prompt_style != NULL)
    info = mz_find_prompt_style (request->prompt_style, NULL);
  return info != NULL ? info->label : NULL;
}

static GStrv
make_lines (const MezzotintParameters *parameters, const MzRequest *request, const MezzotintRecall *recall)
{
  GPtrArray *lines = g_ptr_array_new ();

  for (gsize i = 0; recall->understood[i] != NULL; i++)
    {
      const char *key = recall->understood[i], *name = name_of_value (key, request);
      g_autofree char *value = mezzotint_printable (
          name != NULL ? name : mezzotint_parameters_get (parameters, key), MAX_SHOWN_CHARS);

      g_ptr_array_add (lines, g_strdup_printf ("%s: %s", key, value));
    }
  return steal_strings (lines);
}

/* Appends strings to those there are. */
static void
extend (GStrv *strings, const GPtrArray *added)
{
  GPtrArray *all = g_ptr_array_new ();

  for (gsize i = 0; *strings != NULL && (*strings)[i] != NULL; i++)
    g_ptr_array_add (all, (*strings)[i]);
  for (guint i = 0; i < added->len; i++)
    g_ptr_array_add (all, g_strdup (added->pdata[i]));
  g_free (*strings); /* the array alone */
  *strings = steal_strings (all);
}

static void
note_loras (MezzotintDraft *draft, const GStrv loras)
{
  g_autofree char *names = NULL, *shown = NULL, *note = NULL;

  if (loras[0] == NULL)
    return;
  names = g_strjoinv (", ", loras);
  shown = mezzotint_printable (names, MAX_SHOWN_CHARS);
  note = g_strdup_printf (_ ("The picture was made with LoRAs, which are not applied here: %s."), shown);
  mezzotint_draft_note (draft, note);
}

/* ---- Making ---- */

static gboolean
find_draft (const MezzotintMetadata *metadata, MezzotintDraft *draft)
{
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    if (programs[i](metadata, draft))
      return TRUE;
  return FALSE;
}

static MezzotintImport *
finish_draft (MezzotintDraft *draft, const MzRequest *base)
{
  MezzotintImport *import = g_new0 (MezzotintImport, 1);
  MzRequest *request = mz_request_copy (base);

  import->request = *request; /* its strings move along */
  g_free (request);
  import->program = g_strdup (draft->program);
  mezzotint_parameters_apply (draft->parameters, &import->request, &import->recall);
  import->understood = make_lines (draft->parameters, &import->request, &import->recall);
  extend (&import->loras, draft->loras);
  note_loras (draft, import->loras);
  extend (&import->recall.unused, draft->unused);
  extend (&import->recall.notes, draft->notes);
  return import;
}

static void
set_missing (const MezzotintMetadata *metadata, GError **error)
{
  if (metadata->problem != NULL)
    g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, metadata->problem);
  else if (mezzotint_metadata_get (metadata, "workflow") != NULL)
    g_set_error (
        error, MZ_ERROR, MZ_ERROR_MISSING,
        _ ("The picture “%s” carries ComfyUI’s workflow for its editor, but not the settings that it was "
           "made with."),
        metadata->name);
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, _ ("The picture “%s” carries no settings."),
                 metadata->name);
}

MezzotintImport *
mezzotint_import_new (const MezzotintMetadata *metadata, const MzRequest *base, GError **error)
{
  MezzotintDraft draft;
  MezzotintImport *import = NULL;

  mezzotint_draft_init (&draft);
  if (find_draft (metadata, &draft))
    {
      if (metadata->problem != NULL)
        mezzotint_draft_note (&draft, metadata->problem);
      import = finish_draft (&draft, base);
    }
  else
    set_missing (metadata, error);
  mezzotint_draft_clear (&draft);
  return import;
}

MezzotintImport *
mezzotint_import_read (const char *path, const MzRequest *base, GError **error)
{
  g_autoptr (MezzotintMetadata) metadata = mezzotint_metadata_read (path, error);

  return metadata != NULL ? mezzotint_import_new (metadata, base, error) : NULL;
}

MezzotintImport *
mezzotint_import_read_bytes (GBytes *bytes, const MzRequest *base, GError **error)
{
  g_autoptr (MezzotintMetadata) metadata = mezzotint_metadata_read_bytes (bytes, _ ("the clipboard"), error);

  return metadata != NULL ? mezzotint_import_new (metadata, base, error) : NULL;
}

/* ---- In the background ---- */

/* A file that only GIO reaches, which may have no size and no end. */
static GBytes *
read_remote (GFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  gssize n;

  if (stream == NULL)
    return NULL;
  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), piece, PIECE_BYTES, cancellable, error)) > 0)
    {
      if (all->len + (gsize) n > MAX_REMOTE_BYTES)
        {
          g_autofree char *shown = g_file_get_parse_name (file);

          g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                       _ ("“%s” is too large to be a picture: up to %d MiB are read from there."), shown,
                       MAX_REMOTE_BYTES >> 20);
          return NULL;
        }
      g_byte_array_append (all, piece, (guint) n);
    }
  return n == 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&all)) : NULL;
}

static void
read_thread (GTask *task, gpointer source, gpointer base, GCancellable *cancellable)
{
  g_autofree char *path = g_file_get_path (G_FILE (source));
  GError *error = NULL;
  MezzotintImport *import = NULL;

  if (path != NULL)
    import = mezzotint_import_read (path, base, &error);
  else
    {
      g_autoptr (GBytes) bytes = read_remote (G_FILE (source), cancellable, &error);

      if (bytes != NULL)
        import = mezzotint_import_read_bytes (bytes, base, &error);
    }
  if (import != NULL)
    g_task_return_pointer (task, import, (GDestroyNotify) mezzotint_import_free);
  else
    g_task_return_error (task, error);
}

void
mezzotint_import_read_async (GFile *file,
                             const MzRequest *base,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (file, cancellable, callback, user_data);

  g_task_set_source_tag (task, mezzotint_import_read_async);
  g_task_set_task_data (task, mz_request_copy (base), (GDestroyNotify) mz_request_free);
  g_task_run_in_thread (task, read_thread);
}

MezzotintImport *
mezzotint_import_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
