/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Galleries for tests. */
#include "gallery-fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/files/png-file.h"

#define DAY 1700000000 /* Unix seconds */
#define WAIT_SECONDS 30

void
gallery_fixture_set_up (GalleryFixture *fixture, gconstpointer data)
{
  fixture->root = g_dir_make_tmp ("mezzotint-gallery-XXXXXX", NULL);
  fixture->pictures = g_build_filename (fixture->root, "pictures", NULL);
  fixture->index = g_build_filename (fixture->root, "index", NULL);
  fixture->data = g_build_filename (fixture->root, "data", NULL);
  fixture->mirror = g_ptr_array_new_with_free_func (g_free);
  g_assert_cmpint (g_mkdir (fixture->pictures, 0700), ==, 0);
}

static int
remove_cb (const char *path, const struct stat *info, int type, struct FTW *where)
{
  return remove (path);
}

void
gallery_fixture_remove (const char *path)
{
  nftw (path, remove_cb, 16, FTW_DEPTH | FTW_PHYS);
}

static char *home;

void
gallery_fixture_isolate (void)
{
  static const char *const names[]
      = { "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR" };

  home = g_dir_make_tmp ("mezzotint-home-XXXXXX", NULL);
  g_setenv ("HOME", home, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = g_build_filename (home, names[i], NULL);

      g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
      g_setenv (names[i], folder, TRUE);
    }
}

int
gallery_fixture_run (void)
{
  int status = g_test_run ();

  gallery_fixture_remove (home);
  g_clear_pointer (&home, g_free);
  return status;
}

void
gallery_fixture_tear_down (GalleryFixture *fixture, gconstpointer data)
{
  gallery_fixture_close (fixture);
  gallery_fixture_remove (fixture->root);
  g_ptr_array_unref (fixture->mirror);
  g_free (fixture->root);
  g_free (fixture->pictures);
  g_free (fixture->index);
  g_free (fixture->data);
}

char *
gallery_fixture_path (GalleryFixture *fixture, const char *name)
{
  return g_build_filename (fixture->pictures, name, NULL);
}

static void
set_age (const char *path, int age)
{
  struct timespec times[2] = { { DAY - age, 0 }, { DAY - age, 0 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

void
gallery_fixture_write (GalleryFixture *fixture, const char *name, const char *text, int age)
{
  guint8 rgb[8 * 4 * 3] = { 200, 100, 50 };
  const MzPicture picture = { 8, 4, rgb };
  g_autofree char *path = gallery_fixture_path (fixture, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, &error);

  g_assert_no_error (error);
  mezzotint_png_write (file, &picture, MEZZOTINT_PNG_PARAMETERS, text, &error);
  g_assert_no_error (error);
  mezzotint_atomic_file_commit (file, TRUE, &error);
  g_assert_no_error (error);
  set_age (path, age);
}

void
gallery_fixture_write_bytes (GalleryFixture *fixture, const char *name, const void *bytes, gsize n, int age)
{
  g_autofree char *path = gallery_fixture_path (fixture, name);

  g_assert_true (g_file_set_contents (path, bytes, (gssize) n, NULL));
  set_age (path, age);
}

void
gallery_fixture_wait (gboolean (*is_so) (gpointer data), gpointer data)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_SECONDS * G_USEC_PER_SEC;

  while (!is_so (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static gboolean
is_read (gpointer gallery)
{
  gboolean is_loading;

  g_object_get (gallery, "is-loading", &is_loading, NULL);
  return !is_loading;
}

static char *
path_at (GListModel *model, guint position)
{
  g_autoptr (MezzotintGalleryItem) item = g_list_model_get_item (model, position);

  g_assert_nonnull (item);
  return g_strdup (mezzotint_gallery_item_get_path (item));
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, GalleryFixture *fixture)
{
  g_assert_cmpuint (position + removed, <=, fixture->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (fixture->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (fixture->mirror, (int) (position + i), path_at (model, position + i));
  g_assert_cmpuint (fixture->mirror->len, ==, g_list_model_get_n_items (model));
}

void
gallery_fixture_open (GalleryFixture *fixture)
{
  fixture->gallery = mezzotint_gallery_new_for_folder (fixture->pictures, fixture->index, fixture->data);
  g_signal_connect (fixture->gallery, "items-changed", G_CALLBACK (items_changed_cb), fixture);
  gallery_fixture_wait (is_read, fixture->gallery);
}

void
gallery_fixture_close (GalleryFixture *fixture)
{
  if (fixture->gallery == NULL)
    return;
  g_signal_handlers_disconnect_by_data (fixture->gallery, fixture);
  g_object_run_dispose (G_OBJECT (fixture->gallery));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->gallery);
  fixture->gallery = NULL;
  g_ptr_array_set_size (fixture->mirror, 0);
}

MezzotintGalleryItem *
gallery_fixture_item (GalleryFixture *fixture, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (fixture->gallery), position);
}

char *
gallery_fixture_names (GalleryFixture *fixture)
{
  GString *names = g_string_new (NULL);
  gsize n = strlen (fixture->pictures) + 1;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->gallery)); i++)
    {
      g_autofree char *path = path_at (G_LIST_MODEL (fixture->gallery), i);

      /* What the signals say and what the list says is the same. */
      g_assert_cmpstr (fixture->mirror->pdata[i], ==, path);
      g_string_append_printf (names, "%s%s", i > 0 ? " " : "", strlen (path) > n ? path + n : "?");
    }
  return g_string_free (names, FALSE);
}

void
gallery_fixture_wait_for (GalleryFixture *fixture, const char *names)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      g_autofree char *shown = gallery_fixture_names (fixture);

      if (g_str_equal (shown, names))
        return;
      if (g_get_monotonic_time () > end_us)
        g_assert_cmpstr (shown, ==, names);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}
