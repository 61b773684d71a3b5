/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Walks folders for models. */
#include "app/library/model-scan.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>

#define INDEX_FILE "model_index.json"

/* Where programs keep whole models, in their folder or in its "models". */
static const char *const checkpoint_folders[] = { "Stable-diffusion", "checkpoints", "diffusers", NULL };
/* Their folders of other things, in lower case: nobody looks for models there. */
static const char *const other_folders[] = {
  "lora",
  "loras",
  "lycoris",
  "vae",
  "vae-approx",
  "vae_approx",
  "embeddings",
  "controlnet",
  "hypernetworks",
  "esrgan",
  "realesrgan",
  "swinir",
  "gfpgan",
  "codeformer",
  "clip",
  "clip_vision",
  "text_encoders",
  "unet",
  "diffusion_models",
  "upscale_models",
  "style_models",
  "venv",
  "node_modules",
  "__pycache__",
  "outputs",
  NULL,
};

/* A file's device and number: the same one is looked at once, however many links lead to it. */
typedef struct
{
  guint64 device, inode;
} Identity;

typedef struct
{
  MezzotintScan *scan;
  GHashTable *seen; /* of Identity */
  guint n_entries;
  gboolean is_full;
  GCancellable *cancellable;
} Walk;

static guint
hash_identity (gconstpointer key)
{
  const Identity *identity = key;

  return (guint) (identity->inode ^ (identity->inode >> 32) ^ (identity->device * 31));
}

static gboolean
is_same_identity (gconstpointer a, gconstpointer b)
{
  const Identity *x = a, *y = b;

  return x->device == y->device && x->inode == y->inode;
}

/* FALSE when it was seen before. */
static gboolean
see (Walk *walk, const struct stat *info)
{
  Identity *identity = g_new (Identity, 1);

  *identity = (Identity){ (guint64) info->st_dev, (guint64) info->st_ino };
  return g_hash_table_add (walk->seen, identity);
}

static void
free_found_cb (gpointer data)
{
  MezzotintFoundModel *found = data;

  g_free (found->path);
  g_free (found->state);
  g_free (found);
}

static void
add_model (Walk *walk, const char *path, const struct stat *info, guint64 n_bytes)
{
  MezzotintFoundModel *found;

  if (walk->scan->models->len >= MEZZOTINT_SCAN_MAX_MODELS)
    {
      walk->is_full = TRUE;
      return;
    }
  found = g_new0 (MezzotintFoundModel, 1);
  found->path = g_strdup (path);
  found->n_bytes = n_bytes;
  found->state
      = g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT ".%09ld",
                         (guint64) info->st_size, (gint64) info->st_mtim.tv_sec, (long) info->st_mtim.tv_nsec,
                         (gint64) info->st_ctim.tv_sec, (long) info->st_ctim.tv_nsec);
  g_ptr_array_add (walk->scan->models, found);
}

gboolean
mezzotint_scan_is_model_name (const char *name)
{
  static const char *const suffixes[] = { ".safetensors", ".ckpt", ".gguf" };
  gsize n = strlen (name);

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      gsize n_suffix = strlen (suffixes[i]);

      if (n > n_suffix && g_ascii_strcasecmp (name + n - n_suffix, suffixes[i]) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_other_folder (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_strv_contains (other_folders, lower);
}

/* The first thing that goes wrong is told. */
static void
note_problem (Walk *walk, const char *path, const char *reason)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (walk->scan->problem == NULL)
    walk->scan->problem = g_strdup_printf (_ ("The folder “%s” cannot be read: %s."), shown, reason);
}

static void look_at (Walk *walk, const char *path, const char *name, int depth);

static gboolean
may_go_on (Walk *walk)
{
  if (walk->n_entries >= MEZZOTINT_SCAN_MAX_ENTRIES)
    walk->is_full = TRUE;
  return !walk->is_full && !g_cancellable_is_cancelled (walk->cancellable);
}

static void
walk_folder (Walk *walk, const char *path, int depth)
{
  G_GNUC_UNUSED g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (dir == NULL)
    {
      if (depth == 0) /* one that the user named; others may be nobody's business */
        note_problem (walk, path, g_strerror (errno));
      return;
    }
  if (walk->scan->folders->len < MEZZOTINT_SCAN_MAX_FOLDERS)
    g_ptr_array_add (walk->scan->folders, g_strdup (path));
  while (may_go_on (walk) && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);

      walk->n_entries++;
      if (*name != '.')
        look_at (walk, inside, name, depth + 1);
    }
}

/* A diffusers folder is one model, whatever files lie in it. */
static void
look_at_folder (Walk *walk, const char *path, const char *name, const struct stat *info, int depth)
{
  g_autofree char *index = g_build_filename (path, INDEX_FILE, NULL);
  struct stat index_info;

  if (!see (walk, info))
    return;
  if (stat (index, &index_info) == 0 && S_ISREG (index_info.st_mode))
    add_model (walk, path, &index_info, 0);
  else if (depth < MEZZOTINT_SCAN_MAX_DEPTH && (depth == 0 || !is_other_folder (name)))
    walk_folder (walk, path, depth);
}

static void
look_at (Walk *walk, const char *path, const char *name, int depth)
{
  struct stat info;

  if (stat (path, &info) != 0)
    {
      if (depth == 0)
        note_problem (walk, path, g_strerror (errno));
      return;
    }
  if (S_ISDIR (info.st_mode))
    look_at_folder (walk, path, name, &info, depth);
  else if (S_ISREG (info.st_mode) && mezzotint_scan_is_model_name (name) && see (walk, &info))
    add_model (walk, path, &info, (guint64) info.st_size);
}

/* The folders of checkpoints in `folder`, when it is laid out as a program does it. */
static gboolean
look_at_checkpoints (Walk *walk, const char *folder)
{
  gboolean any = FALSE;

  for (gsize i = 0; checkpoint_folders[i] != NULL; i++)
    {
      g_autofree char *inside = g_build_filename (folder, checkpoint_folders[i], NULL);

      if (!g_file_test (inside, G_FILE_TEST_IS_DIR))
        continue;
      any = TRUE;
      look_at (walk, inside, checkpoint_folders[i], 1);
    }
  return any;
}

static void
look_at_place (Walk *walk, const char *place)
{
  g_autofree char *name = g_path_get_basename (place);
  g_autofree char *models = g_build_filename (place, "models", NULL);

  if (!look_at_checkpoints (walk, models) && !look_at_checkpoints (walk, place))
    look_at (walk, place, name, 0);
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const MezzotintFoundModel *const *x = a, *const *y = b;

  return strcmp ((*x)->path, (*y)->path);
}

MezzotintScan *
mezzotint_scan_new (const char *const *places, GCancellable *cancellable)
{
  MezzotintScan *scan = g_new0 (MezzotintScan, 1);
  Walk walk = { .scan = scan, .cancellable = cancellable };

  scan->models = g_ptr_array_new_with_free_func (free_found_cb);
  scan->folders = g_ptr_array_new_with_free_func (g_free);
  walk.seen = g_hash_table_new_full (hash_identity, is_same_identity, g_free, NULL);
  for (gsize i = 0; places != NULL && places[i] != NULL && may_go_on (&walk); i++)
    look_at_place (&walk, places[i]);
  g_hash_table_unref (walk.seen);
  g_ptr_array_sort (scan->models, compare_found);
  if (walk.is_full && scan->problem == NULL)
    scan->problem = g_strdup (
        _ ("The folders of models hold very many files, so not all were looked at. Choose smaller folders."));
  return scan;
}

void
mezzotint_scan_free (MezzotintScan *scan)
{
  g_ptr_array_unref (scan->models);
  g_ptr_array_unref (scan->folders);
  g_free (scan->problem);
  g_free (scan);
}
