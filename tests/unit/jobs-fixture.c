/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Shared by the tests of jobs. */
#include "jobs-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define TIMEOUT_S 180

void
jobs_fixture_init (void)
{
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  if (g_getenv ("MEZZOTINT_TEST_CACHE") == NULL)
    {
      g_autofree char *cache = g_dir_make_tmp ("mezzotint-jobs-cache-XXXXXX", NULL);

      g_setenv ("MEZZOTINT_TEST_CACHE", cache, TRUE);
    }
  g_setenv ("XDG_CACHE_HOME", g_getenv ("MEZZOTINT_TEST_CACHE"), TRUE);
}

void
jobs_fixture_remove_tree (const char *path)
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

          jobs_fixture_remove_tree (inside);
        }
    }
  g_remove (path);
}

void
jobs_fixture_set_up (JobsFixture *f, gconstpointer data)
{
  g_autofree char *pictures = NULL;

  f->folder = g_dir_make_tmp ("mezzotint-jobs-XXXXXX", NULL);
  f->model = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models", "sd1-mini", NULL);
  f->settings = mezzotint_settings_new ();
  pictures = g_build_filename (f->folder, "pictures", NULL);
  g_object_set (f->settings, "output-folder", pictures, "file-name-pattern", "{seed}", "threads", 1, NULL);
  f->engine = mezzotint_engine_service_new (f->settings);
}

void
jobs_fixture_tear_down (JobsFixture *f, gconstpointer data)
{
  static const char *const keys[]
      = { "output-folder", "file-name-pattern", "threads", "device", "preview", "timeline-mb" };

  mezzotint_engine_service_shutdown (f->engine);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (f->engine);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    mezzotint_settings_reset (f->settings, keys[i]);
  g_assert_finalize_object (f->settings);
  jobs_fixture_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->model);
}

MezzotintRecipe *
jobs_fixture_make_recipe (JobsFixture *f, const char *prompt, int steps, int count)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;

  mz_request_use_defaults (&request, NULL);
  request.prompt = g_strdup (prompt);
  request.width = request.height = JOBS_SIZE;
  request.steps = steps;
  request.count = count;
  request.seed = 5;
  request.sampler = "euler_a"; /* draws noise on the way */
  return mezzotint_recipe_new (f->model, &request);
}

/* ---- Without services ---- */

static void
take_cb (gpointer user, const MzStep *step)
{
  if (user != NULL && step->phase == MZ_PHASE_SAMPLE && step->denoised != NULL && step->step > 0
      && step->picture == 0)
    g_ptr_array_add (user, mz_step_take_snapshot (step, NULL));
}

static MzResult *
generate (JobsFixture *f, MezzotintRecipe *recipe, GPtrArray *snapshots)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzEngine) engine = mz_engine_new ("cpu", 1, &error);
  g_autoptr (MzModel) model = NULL;
  const MzCallbacks callbacks = { take_cb, NULL, snapshots };
  MzResult *result;

  g_assert_no_error (error);
  model = mz_model_load (engine, mezzotint_recipe_get_model (recipe), NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  result = mz_generate (model, mezzotint_recipe_get_request (recipe), &callbacks, NULL, &error);
  g_assert_no_error (error);
  return result;
}

static void
free_picture_cb (gpointer picture)
{
  mz_picture_free (picture);
}

GPtrArray *
jobs_fixture_generate (JobsFixture *f, MezzotintRecipe *recipe)
{
  g_autoptr (MzResult) result = generate (f, recipe, NULL);
  GPtrArray *pictures = g_ptr_array_new_with_free_func (free_picture_cb);

  for (int i = 0; i < mz_result_get_n_pictures (result); i++)
    {
      const MzPicture *picture = mz_result_get_picture (result, i);
      MzPicture *copy = g_memdup2 (picture, sizeof *picture);

      copy->rgb = g_memdup2 (picture->rgb, (gsize) picture->width * (gsize) picture->height * 3);
      g_ptr_array_add (pictures, copy);
    }
  return pictures;
}

static void
unref_snapshot_cb (gpointer snapshot)
{
  mz_snapshot_unref (snapshot);
}

GPtrArray *
jobs_fixture_take_snapshots (JobsFixture *f, MezzotintRecipe *recipe)
{
  GPtrArray *snapshots = g_ptr_array_new_with_free_func (unref_snapshot_cb);
  G_GNUC_UNUSED g_autoptr (MzResult) result = generate (f, recipe, snapshots);

  return snapshots;
}

/* ---- Looking ---- */

static gboolean
give_up_cb (gpointer timed_out)
{
  *(gboolean *) timed_out = TRUE;
  return G_SOURCE_CONTINUE;
}

void
jobs_fixture_wait (gboolean (*condition) (gpointer data), gpointer data)
{
  gboolean timed_out = FALSE;
  guint id = g_timeout_add_seconds (TIMEOUT_S, give_up_cb, &timed_out);

  while (!condition (data) && !timed_out)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (timed_out);
  g_source_remove (id);
}

void
jobs_fixture_assert_same (const MzPicture *a, const MzPicture *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->rgb, (gsize) a->width * (gsize) a->height * 3, b->rgb,
                   (gsize) b->width * (gsize) b->height * 3);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
jobs_fixture_list (JobsFixture *f, const char *below)
{
  g_autofree char *path = g_build_filename (f->folder, below, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (GStrv) names->pdata);
}
