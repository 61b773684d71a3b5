/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Models found in folders: layouts of other programs, links in circles, limits, what cannot be used; the
 * store that follows the folders, also while it is being closed. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "app/files/hash-cache.h"
#include "app/library/model-scan.h"
#include "app/library/model-store.h"

#define TIMEOUT_S 30

typedef struct
{
  char *folder;
  MezzotintSettings *settings;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("mezzotint-models-XXXXXX", NULL);
  f->settings = mezzotint_settings_new ();
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_chmod (path, 0700);
      dir = g_dir_open (path, 0, NULL);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *inside = g_build_filename (path, name, NULL);

          remove_tree (inside);
        }
    }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  mezzotint_settings_reset (f->settings, "model-folders");
  g_clear_object (&f->settings);
  remove_tree (f->folder);
  g_free (f->folder);
}

/* ---- Files to find ---- */

static char *
golden (const char *name)
{
  return g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), name, NULL);
}

/* FOLDER/relative with `text`, or as a link to golden data. */
static char *
put (Fixture *f, const char *relative, const char *text, const char *link_to)
{
  char *path = g_build_filename (f->folder, relative, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  if (link_to != NULL)
    {
      g_autofree char *target = golden (link_to);

      g_assert_cmpint (symlink (target, path), ==, 0);
    }
  else
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
add (Fixture *f, const char *relative)
{
  g_free (put (f, relative, "not really a model", NULL));
}

static MezzotintScan *
scan (Fixture *f, const char *relative)
{
  g_autofree char *place = g_build_filename (f->folder, relative, NULL);
  const char *places[] = { place, NULL };

  return mezzotint_scan_new (places, NULL);
}

/* The paths found below FOLDER, joined. */
static char *
describe (Fixture *f, MezzotintScan *found)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < found->models->len; i++)
    {
      const MezzotintFoundModel *model = found->models->pdata[i];

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", model->path + strlen (f->folder) + 1);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_found (Fixture *f, const char *relative, const char *expected)
{
  g_autoptr (MezzotintScan) found = scan (f, relative);
  g_autofree char *text = describe (f, found);

  g_assert_cmpstr (text, ==, expected);
  g_assert_null (found->problem);
}

/* ---- Scanning ---- */

static void
test_layouts (Fixture *f, gconstpointer data)
{
  add (f, "a1111/models/Stable-diffusion/sub/one.safetensors");
  add (f, "a1111/models/Lora/lora.safetensors");
  add (f, "a1111/elsewhere.safetensors");
  add (f, "comfy/models/checkpoints/two.ckpt");
  add (f, "comfy/models/vae/vae.safetensors");
  add (f, "comfy/models/diffusers/three/model_index.json");
  add (f, "comfy/models/diffusers/three/unet/model.safetensors");
  add (f, "plain/deep/er/four.SafeTensors");
  add (f, "plain/loras/five.safetensors");
  add (f, "plain/.hidden/six.safetensors");
  add (f, "plain/notes.txt");
  add (f, "plain/.safetensors");
  add (f, "folder/model_index.json");
  add (f, "folder/unet/weights.safetensors");
  assert_found (f, "a1111", "a1111/models/Stable-diffusion/sub/one.safetensors");
  assert_found (f, "a1111/models", "a1111/models/Stable-diffusion/sub/one.safetensors");
  assert_found (f, "a1111/models/Lora", "a1111/models/Lora/lora.safetensors");
  assert_found (f, "comfy", "comfy/models/checkpoints/two.ckpt comfy/models/diffusers/three");
  assert_found (f, "plain", "plain/deep/er/four.SafeTensors");
  assert_found (f, "folder", "folder");
  assert_found (f, "plain/notes.txt", "");
  assert_found (f, "plain/deep/er/four.SafeTensors", "plain/deep/er/four.SafeTensors");
}

/* The same file is found once; a link to a folder above ends the walk there. */
static void
test_links (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "a/model.safetensors", "x", NULL);
  g_autofree char *loop = g_build_filename (f->folder, "a", "loop", NULL);
  g_autofree char *twin = g_build_filename (f->folder, "a", "z.safetensors", NULL);
  g_autofree char *nowhere = g_build_filename (f->folder, "a", "y.safetensors", NULL);
  g_autoptr (MezzotintScan) found = NULL;

  g_assert_cmpint (symlink (f->folder, loop), ==, 0);
  g_assert_cmpint (symlink (file, twin), ==, 0);
  g_assert_cmpint (symlink ("/nowhere/at/all", nowhere), ==, 0);
  found = scan (f, "");
  g_assert_cmpuint (found->models->len, ==, 1);
  g_assert_null (found->problem);
}

static void
test_limits (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) deep = g_string_new ("deep");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  const char *places[] = { f->folder, "/nowhere/at/all", NULL };
  g_autoptr (MezzotintScan) found = NULL, nothing = NULL;

  for (int i = 0; i < MEZZOTINT_SCAN_MAX_DEPTH - 2; i++)
    g_string_append (deep, "/d");
  g_string_append (deep, "/in.safetensors");
  add (f, deep->str);
  g_string_insert (deep, 4, "/d/d/d");
  add (f, deep->str);
  found = mezzotint_scan_new (places, NULL);
  g_assert_cmpuint (found->models->len, ==, 1);
  g_assert_nonnull (strstr (found->problem, "/nowhere/at/all"));
  g_cancellable_cancel (cancelled);
  nothing = mezzotint_scan_new (places, cancelled);
  g_assert_cmpuint (nothing->models->len, ==, 0);
}

/* ---- The store ---- */

static gboolean
give_up_cb (gpointer timed_out)
{
  *(gboolean *) timed_out = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
wait_until (gboolean (*condition) (gpointer data), gpointer data)
{
  gboolean timed_out = FALSE;
  guint id = g_timeout_add_seconds (TIMEOUT_S, give_up_cb, &timed_out);

  while (!condition (data) && !timed_out)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (timed_out);
  g_source_remove (id);
}

static gboolean
is_ready (gpointer store)
{
  gboolean is_loading;

  g_object_get (store, "is-loading", &is_loading, NULL);
  return !is_loading;
}

static guint expected_items;

static gboolean
has_items (gpointer store)
{
  return g_list_model_get_n_items (store) == expected_items && is_ready (store);
}

static MezzotintModelStore *
open_store (Fixture *f)
{
  const char *folders[] = { f->folder, NULL };
  MezzotintModelStore *store;

  g_object_set (f->settings, "model-folders", folders, NULL);
  store = mezzotint_model_store_new (f->settings);
  g_assert_false (is_ready (store));
  wait_until (is_ready, store);
  return store;
}

static void
test_store (Fixture *f, gconstpointer data)
{
  g_autofree char *mini = put (f, "Beta", NULL, "models/sd1-mini");
  g_autofree char *broken = put (f, "alpha.safetensors", "no model at all, but long enough to be read", NULL);
  g_autoptr (MezzotintModelStore) store = open_store (f);
  g_autoptr (MezzotintModel) first = g_list_model_get_item (G_LIST_MODEL (store), 0);
  MezzotintModel *model;
  g_auto (MzRequest) from_store = MZ_REQUEST_INIT;
  g_autofree char *problem = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 3);
  g_assert_true (mezzotint_model_is_builtin (first));
  g_assert_cmpstr (mezzotint_model_get_name (first), ==, "Proof");
  g_assert_null (mezzotint_model_get_problem (first));
  g_assert_true (mezzotint_model_store_find (store, NULL) == first);
  model = mezzotint_model_store_find (store, broken);
  g_assert_cmpstr (mezzotint_model_get_name (model), ==, "alpha");
  g_assert_nonnull (mezzotint_model_get_problem (model));
  g_assert_null (mezzotint_model_get_info (model));
  model = mezzotint_model_store_find (store, mini);
  g_assert_cmpstr (mezzotint_model_get_name (model), ==, "Beta");
  g_assert_cmpstr (mezzotint_model_get_path (model), ==, mini);
  g_assert_null (mezzotint_model_get_problem (model));
  g_assert_cmpstr (mezzotint_model_get_family (model), !=, "");
  mezzotint_model_use_defaults (model, &from_store);
  g_assert_cmpint (from_store.width, ==, mezzotint_model_get_info (model)->native_width);
  g_assert_null (mezzotint_model_store_find (store, "/nowhere"));
  g_object_get (store, "problem", &problem, NULL);
  g_assert_null (problem);
}

static void
test_follows (Fixture *f, gconstpointer data)
{
  g_autofree char *mini = put (f, "Beta", NULL, "models/sd1-mini");
  g_autoptr (MezzotintModelStore) store = open_store (f);
  MezzotintModel *kept = mezzotint_model_store_find (store, mini);
  g_autofree char *added = put (f, "new.safetensors", "anything", NULL);

  expected_items = 3;
  wait_until (has_items, store);
  g_assert_nonnull (mezzotint_model_store_find (store, added));
  g_assert_true (mezzotint_model_store_find (store, mini) == kept); /* not read anew */
  g_assert_cmpint (g_remove (added), ==, 0);
  expected_items = 2;
  wait_until (has_items, store);
  mezzotint_model_store_remove_folder (store, f->folder);
  expected_items = 1;
  wait_until (has_items, store);
}

static void
test_add (Fixture *f, gconstpointer data)
{
  g_autofree char *model = put (f, "one.safetensors", "anything", NULL);
  g_autofree char *text = put (f, "notes.txt", "anything", NULL);
  g_autoptr (MezzotintModelStore) store = mezzotint_model_store_new (f->settings);
  g_autoptr (GFile) good = g_file_new_for_path (model), bad = g_file_new_for_path (text);
  g_autoptr (GFile) remote = g_file_new_for_uri ("sftp://somewhere/model.safetensors");
  g_autoptr (GError) error = NULL, other_error = NULL;

  g_assert_false (mezzotint_model_store_add (store, bad, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
  g_assert_false (mezzotint_model_store_add (store, remote, &other_error));
  g_assert_error (other_error, MZ_ERROR, MZ_ERROR_UNSUPPORTED);
  g_assert_true (mezzotint_model_store_add (store, good, NULL));
  g_assert_true (mezzotint_model_store_add (store, good, NULL));
  expected_items = 2;
  wait_until (has_items, store);
  g_assert_nonnull (mezzotint_model_store_find (store, model));
}

static void
test_match (Fixture *f, gconstpointer data)
{
  g_autofree char *mini = put (f, "Beta", NULL, "models/sd1-mini");
  g_autoptr (MezzotintModelStore) store = open_store (f);
  MezzotintModel *model = mezzotint_model_store_find (store, mini);
  const char *file = mezzotint_model_get_info (model)->hashed_file;
  g_autofree char *state = mezzotint_hash_cache_get_state (file);
  g_autofree char *hash = g_strnfill (64, 'a');

  g_assert_null (mezzotint_model_store_match (store, NULL, "aaaaaaaaaa"));
  mezzotint_hash_cache_add (NULL, file, state, hash);
  g_assert_true (mezzotint_model_store_match (store, NULL, "AAAAAAAAAA") == model);
  g_assert_null (mezzotint_model_store_match (store, NULL, "aaaaaaaaab"));
  g_assert_true (mezzotint_model_store_match (store, NULL, "aaaaaaaa") == model);
  g_assert_null (mezzotint_model_store_match (store, NULL, "aaaaaaa"));
  g_assert_null (mezzotint_model_store_match (store, NULL, "aaaaaaaaag"));
  g_assert_true (mezzotint_model_store_match (store, "sub/beta.safetensors", NULL) == model);
  g_assert_true (mezzotint_model_store_match (store, "beta", "0123456789") == model);
  g_assert_null (mezzotint_model_store_match (store, "gamma", NULL));
  g_assert_null (mezzotint_model_store_match (store, NULL, NULL));
}

/* Closed in the midst of a scan: nothing comes any more, nothing leaks. */
static void
test_close (Fixture *f, gconstpointer data)
{
  const char *folders[] = { f->folder, NULL };

  for (int i = 0; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%03d.safetensors", i);

      add (f, name);
    }
  g_object_set (f->settings, "model-folders", folders, NULL);
  for (int i = 0; i < 10; i++)
    {
      MezzotintModelStore *store = mezzotint_model_store_new (f->settings);

      g_object_add_weak_pointer (G_OBJECT (store), (gpointer *) &store);
      for (int n = 0; n < i; n++)
        g_main_context_iteration (NULL, FALSE);
      g_object_unref (store);
      g_assert_null (store);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char *argv[])
{
  g_autofree char *cache = g_dir_make_tmp ("mezzotint-cache-XXXXXX", NULL);
  int status;

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/model-store/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("layouts", test_layouts);
  ADD ("links", test_links);
  ADD ("limits", test_limits);
  ADD ("store", test_store);
  ADD ("follows", test_follows);
  ADD ("add", test_add);
  ADD ("match", test_match);
  ADD ("close", test_close);
#undef ADD
  status = g_test_run ();
  remove_tree (cache);
  return status;
}
