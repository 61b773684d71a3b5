/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Thumbnails and pictures of the gallery, and the trash. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/files/metadata.h"
#include "app/files/png-file.h"
#include "app/files/thumbnail.h"
#include "gallery-fixture.h"

/* ---- Waiting for an answer ---- */

static void
result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

static MezzotintPixels *
load (GalleryFixture *fixture, guint position, gboolean whole, GError **error)
{
  g_autoptr (MezzotintGalleryItem) item = gallery_fixture_item (fixture, position);
  g_autoptr (GAsyncResult) result = NULL;

  if (whole)
    mezzotint_gallery_load_picture_async (fixture->gallery, item, NULL, result_cb, &result);
  else
    mezzotint_gallery_load_thumbnail_async (fixture->gallery, item, NULL, result_cb, &result);
  gallery_fixture_wait (has_result, &result);
  return whole ? mezzotint_gallery_load_picture_finish (fixture->gallery, result, error)
               : mezzotint_gallery_load_thumbnail_finish (fixture->gallery, result, error);
}

/* A picture of one colour, some minutes old. */
static void
write_large (GalleryFixture *fixture, const char *name, int width, int height, guint8 grey)
{
  g_autofree guint8 *rgb = g_malloc ((gsize) width * (gsize) height * 3);
  const MzPicture picture = { width, height, rgb };
  g_autofree char *path = gallery_fixture_path (fixture, name);
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, NULL);
  struct timespec times[2] = { { 1700000000, 0 }, { 1700000000, 5 } };

  memset (rgb, grey, (gsize) width * (gsize) height * 3);
  g_assert_true (mezzotint_png_write (file, &picture, NULL, NULL, NULL));
  g_assert_true (mezzotint_atomic_file_commit (file, TRUE, NULL));
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static void
assert_pixels (MezzotintPixels *pixels, int width, int height, guint8 grey)
{
  g_assert_nonnull (pixels);
  g_assert_cmpint (mezzotint_pixels_get_width (pixels), ==, width);
  g_assert_cmpint (mezzotint_pixels_get_height (pixels), ==, height);
  g_assert_cmpint (mezzotint_pixels_get_picture (pixels)->rgb[0], ==, grey);
}

/* ---- Thumbnails ---- */

static void
test_sizes (GalleryFixture *fixture, gconstpointer data)
{
  static const struct
  {
    int width, height, thumb_width, thumb_height;
  } cases[] = { { 600, 300, 256, 128 }, { 300, 600, 128, 256 }, { 256, 256, 256, 256 },
                { 40, 30, 40, 30 },     { 3000, 1, 256, 1 },    { 2600, 2000, 256, 197 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.png", i);

      write_large (fixture, name, cases[i].width, cases[i].height, (guint8) (i + 1));
    }
  gallery_fixture_open (fixture);
  g_object_set (fixture->gallery, "sort", MEZZOTINT_SORT_NAME, NULL);
  gallery_fixture_wait_for (fixture, "0.png 1.png 2.png 3.png 4.png 5.png");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MezzotintPixels) thumbnail = load (fixture, i, FALSE, NULL);
      g_autoptr (MezzotintPixels) whole = load (fixture, i, TRUE, NULL);

      assert_pixels (thumbnail, cases[i].thumb_width, cases[i].thumb_height, (guint8) (i + 1));
      assert_pixels (whole, cases[i].width, cases[i].height, (guint8) (i + 1));
    }
}

/* The file in the cache, by the standard; used while it is as old as the picture, and no longer. */
static void
test_cache (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *path = gallery_fixture_path (fixture, "a.png"),
                  *uri = g_filename_to_uri (path, NULL, NULL);
  g_autofree char *cached = mezzotint_thumbnail_get_path (path), *hash = NULL;
  g_autofree char *mode_folder = g_path_get_dirname (cached);
  g_autoptr (MezzotintMetadata) metadata = NULL;
  g_autoptr (MezzotintPixels) first = NULL, second = NULL, third = NULL;
  struct stat info;

  hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, uri, -1);
  g_assert_nonnull (strstr (cached, hash));
  g_assert_true (g_str_has_prefix (cached, g_get_user_cache_dir ()));
  write_large (fixture, "a.png", 512, 512, 10);
  gallery_fixture_open (fixture);
  first = load (fixture, 0, FALSE, NULL);
  assert_pixels (first, 256, 256, 10);

  g_assert_cmpint (g_stat (cached, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (mode_folder, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  metadata = mezzotint_metadata_read (cached, NULL);
  g_assert_cmpstr (mezzotint_metadata_get (metadata, "Thumb::URI"), ==, uri);
  g_assert_cmpstr (mezzotint_metadata_get (metadata, "Thumb::MTime"), ==, "1700000000");

  /* The same time and size, but other pixels: the cache answers. */
  write_large (fixture, "a.png", 512, 512, 11);
  second = load (fixture, 0, FALSE, NULL);
  assert_pixels (second, 256, 256, 10);
  /* A size that differs. */
  write_large (fixture, "a.png", 500, 500, 12);
  third = load (fixture, 0, FALSE, NULL);
  assert_pixels (third, 256, 256, 12);
}

static void
test_failures (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *bad = gallery_fixture_path (fixture, "bad.png"),
                  *cached = mezzotint_thumbnail_get_path (bad);
  g_autofree char *name = g_path_get_basename (cached);
  g_autofree char *failed = g_build_filename (g_get_user_cache_dir (), "thumbnails", "fail",
                                              "mezzotint-" MEZZOTINT_VERSION, name, NULL);
  g_autoptr (MezzotintPixels) good = NULL;
  g_autoptr (GError) error = NULL;

  gallery_fixture_write_bytes (fixture, "bad.png", "\x89PNG\r\n\x1a\n garbage", 16, 0);
  gallery_fixture_open (fixture);
  for (int i = 0; i < 2; i++)
    {
      g_assert_null (load (fixture, 0, FALSE, &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
      g_clear_error (&error);
      g_assert_true (g_file_test (failed, G_FILE_TEST_EXISTS));
    }
  g_assert_false (g_file_test (cached, G_FILE_TEST_EXISTS));
  write_large (fixture, "bad.png", 20, 20, 7); /* mended */
  good = load (fixture, 0, FALSE, NULL);
  assert_pixels (good, 20, 20, 7);
  g_unlink (bad);
  gallery_fixture_wait_for (fixture, "");
}

/* A picture that went a moment ago, and a cache that cannot be written. */
static void
test_gone (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *path = gallery_fixture_path (fixture, "a.png");
  g_autofree char *thumbnails = g_build_filename (g_get_user_cache_dir (), "thumbnails", NULL);
  g_autoptr (MezzotintGalleryItem) item = NULL;
  g_autoptr (MezzotintPixels) pixels = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  gallery_fixture_remove (thumbnails);
  g_assert_true (g_file_set_contents (thumbnails, "in the way", -1, NULL));
  write_large (fixture, "a.png", 300, 300, 9);
  gallery_fixture_open (fixture);
  pixels = load (fixture, 0, FALSE, NULL);
  assert_pixels (pixels, 256, 256, 9);
  item = gallery_fixture_item (fixture, 0);
  g_unlink (path);
  mezzotint_gallery_load_thumbnail_async (fixture->gallery, item, NULL, result_cb, &result);
  gallery_fixture_wait (has_result, &result);
  g_assert_null (mezzotint_gallery_load_thumbnail_finish (fixture->gallery, result, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_IO);
  g_unlink (thumbnails);
}

typedef struct
{
  GString *order;
  char letter;
  guint n_cancelled;
} Note;

static void
note_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Note *note = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_gallery_load_thumbnail_finish (MEZZOTINT_GALLERY (source), result, &error);

  g_assert_true ((pixels == NULL) == (error != NULL));
  note->n_cancelled += g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_string_append_c (note->order, note->letter);
}

static gboolean
has_60 (gpointer order)
{
  return ((GString *) order)->len == 60;
}

/* Asks for 20 early, 20 to be cancelled, 20 late; returns how many late ones are among the last ten answers.
 */
static guint
count_late (GalleryFixture *fixture, MezzotintGalleryItem *item)
{
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Note early = { order, 'e', 0 }, late = { order, 'l', 0 }, cancelled = { order, 'c', 0 };
  guint n = 0;

  for (int i = 0; i < 20; i++)
    mezzotint_gallery_load_thumbnail_async (fixture->gallery, item, NULL, note_cb, &early);
  for (int i = 0; i < 20; i++)
    mezzotint_gallery_load_thumbnail_async (fixture->gallery, item, cancellable, note_cb, &cancelled);
  for (int i = 0; i < 20; i++)
    mezzotint_gallery_load_thumbnail_async (fixture->gallery, item, NULL, note_cb, &late);
  g_cancellable_cancel (cancellable);
  gallery_fixture_wait (has_60, order);
  g_assert_cmpuint (cancelled.n_cancelled, ==, 20);
  g_assert_cmpuint (early.n_cancelled + late.n_cancelled, ==, 0);
  for (int i = 50; i < 60; i++)
    n += order->str[i] == 'l';
  return n;
}

/* What was asked last comes first; cancelled requests cost nothing; all are answered. A busy machine may let
 * the early ones be done before the late ones are asked for, but not time and again. */
static void
test_order (GalleryFixture *fixture, gconstpointer data)
{
  g_autoptr (MezzotintGalleryItem) item = NULL;
  guint n_late = 10;

  write_large (fixture, "a.png", 1500, 1500, 9);
  gallery_fixture_open (fixture);
  item = gallery_fixture_item (fixture, 0);
  for (int i = 0; i < 20 && n_late > 1; i++) /* one may be in work all the while */
    n_late = count_late (fixture, item);
  g_assert_cmpuint (n_late, <=, 1);
}

/* The gallery goes while pictures are on their way: each is answered. */
static void
test_close (GalleryFixture *fixture, gconstpointer data)
{
  g_autoptr (GString) order = g_string_new (NULL);
  Note note = { order, 'x', 0 };

  write_large (fixture, "a.png", 1500, 1500, 9);
  gallery_fixture_open (fixture);
  {
    g_autoptr (MezzotintGalleryItem) item = gallery_fixture_item (fixture, 0);

    for (int i = 0; i < 40; i++)
      mezzotint_gallery_load_thumbnail_async (fixture->gallery, item, NULL, note_cb, &note);
  }
  gallery_fixture_close (fixture);
  g_assert_cmpuint (order->len, ==, 40);
}

/* ---- Trash ---- */

static GPtrArray *
all_items (GalleryFixture *fixture)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->gallery)); i++)
    g_ptr_array_add (items, gallery_fixture_item (fixture, i));
  return items;
}

static GPtrArray *
trash_items (GalleryFixture *fixture, GPtrArray *items, char **problem, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mezzotint_gallery_trash_async (fixture->gallery, items, NULL, result_cb, &result);
  gallery_fixture_wait (has_result, &result);
  return mezzotint_gallery_trash_finish (fixture->gallery, result, problem, error);
}

static GPtrArray *
trash_all (GalleryFixture *fixture, GError **error)
{
  g_autoptr (GPtrArray) items = all_items (fixture);
  g_autofree char *problem = NULL;
  GPtrArray *trashed = trash_items (fixture, items, &problem, error);

  g_assert_null (problem);
  return trashed;
}

static gboolean
untrash (GalleryFixture *fixture, GPtrArray *trashed, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mezzotint_gallery_untrash_async (fixture->gallery, trashed, NULL, result_cb, &result);
  gallery_fixture_wait (has_result, &result);
  return mezzotint_gallery_untrash_finish (fixture->gallery, result, error);
}

/* Where GIO takes the trash from: the data folder, and whether it is on the picture's file system. */
static void
test_trash (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *a = gallery_fixture_path (fixture, "a.png");
  g_autoptr (MezzotintGalleryItem) item = NULL;
  g_autoptr (GPtrArray) trashed = NULL;
  g_autoptr (GError) error = NULL;

  write_large (fixture, "a.png", 20, 20, 1);
  write_large (fixture, "b.png", 20, 20, 2);
  gallery_fixture_open (fixture);
  g_object_set (fixture->gallery, "sort", MEZZOTINT_SORT_NAME, NULL);
  gallery_fixture_wait_for (fixture, "a.png b.png");
  item = gallery_fixture_item (fixture, 0);
  mezzotint_gallery_set_favourite (fixture->gallery, item, TRUE);
  trashed = trash_all (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (trashed->len, ==, 2);
  gallery_fixture_wait_for (fixture, "");
  g_assert_false (g_file_test (a, G_FILE_TEST_EXISTS));

  g_assert_true (untrash (fixture, trashed, &error));
  g_assert_no_error (error);
  gallery_fixture_wait_for (fixture, "a.png b.png");
  g_clear_object (&item);
  item = gallery_fixture_item (fixture, 0);
  g_assert_true (mezzotint_gallery_item_is_favourite (item)); /* it is still liked */

  /* A second time there is nothing to bring back; and another file is not replaced. */
  g_assert_false (untrash (fixture, trashed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_clear_pointer (&trashed, g_ptr_array_unref);
  trashed = trash_all (fixture, &error);
  g_assert_no_error (error);
  write_large (fixture, "a.png", 30, 30, 3);
  g_assert_false (untrash (fixture, trashed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  gallery_fixture_wait_for (fixture, "a.png b.png");
}

/* One is gone already: the others go all the same, and it is said why that one did not. */
static void
test_trash_partly (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *a = gallery_fixture_path (fixture, "a.png"), *problem = NULL;
  g_autoptr (GPtrArray) items = NULL, trashed = NULL;
  g_autoptr (GError) error = NULL;

  write_large (fixture, "a.png", 20, 20, 1);
  write_large (fixture, "b.png", 20, 20, 2);
  write_large (fixture, "c.png", 20, 20, 3);
  gallery_fixture_open (fixture);
  g_object_set (fixture->gallery, "sort", MEZZOTINT_SORT_NAME, NULL);
  gallery_fixture_wait_for (fixture, "a.png b.png c.png");
  items = all_items (fixture);
  g_assert_cmpint (g_unlink (a), ==, 0);
  trashed = trash_items (fixture, items, &problem, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (trashed->len, ==, 2);
  g_assert_nonnull (problem);
  gallery_fixture_wait_for (fixture, "");
}

static void
test_no_trash (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *trash = g_build_filename (g_get_user_data_dir (), "Trash", NULL);
  g_autofree char *a = gallery_fixture_path (fixture, "a.png");
  g_autoptr (GPtrArray) trashed = NULL;
  g_autoptr (GError) error = NULL;

  gallery_fixture_remove (trash);
  g_assert_true (g_file_set_contents (trash, "in the way", -1, NULL));
  write_large (fixture, "a.png", 20, 20, 1);
  gallery_fixture_open (fixture);
  trashed = trash_all (fixture, &error);
  g_assert_null (trashed);
  g_assert_nonnull (error);
  g_assert_true (g_file_test (a, G_FILE_TEST_EXISTS));
  gallery_fixture_wait_for (fixture, "a.png");
  gallery_fixture_remove (trash);
}

#define ADD(name, function)                                                                                  \
  g_test_add (name, GalleryFixture, NULL, gallery_fixture_set_up, function, gallery_fixture_tear_down)

int
main (int argc, char **argv)
{
  gallery_fixture_isolate ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/gallery-load/sizes", test_sizes);
  ADD ("/gallery-load/cache", test_cache);
  ADD ("/gallery-load/failures", test_failures);
  ADD ("/gallery-load/gone", test_gone);
  ADD ("/gallery-load/order", test_order);
  ADD ("/gallery-load/close", test_close);
  ADD ("/gallery-load/trash", test_trash);
  ADD ("/gallery-load/trash-partly", test_trash_partly);
  ADD ("/gallery-load/no-trash", test_no_trash);
  return gallery_fixture_run ();
}
