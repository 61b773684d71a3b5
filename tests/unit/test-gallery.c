/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery against real folders: what is shown, searched, watched and remembered. */
#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

#include "gallery-fixture.h"

#define FOX                                                                                                  \
  "a fox in the snow <lora:fur-detail:0.7>\nNegative prompt: blurry\n"                                       \
  "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 8x4, Model: first-v1"
#define CAT                                                                                                  \
  "un café, ein Kater, 猫が座る\n"                                                                      \
  "Steps: 20, Sampler: DPM++ 2M, CFG scale: 7, Seed: 18446744073709551615, Size: 8x4, Model: second"

static void
write_three (GalleryFixture *fixture)
{
  gallery_fixture_write (fixture, "a.png", FOX, 300);
  gallery_fixture_write (fixture, "b.png", CAT, 100);
  gallery_fixture_write (fixture, "c.PNG", NULL, 200);
}

static void
test_list (GalleryFixture *fixture, gconstpointer data)
{
  g_autoptr (MezzotintGalleryItem) item = NULL, again = NULL;
  g_autofree char *names = NULL, *prompt = NULL, *negative = NULL, *model = NULL, *sampler = NULL,
                  *seed = NULL;
  g_autofree char *text = NULL;
  int width, height;
  gint64 created;
  guint n_total;

  write_three (fixture);
  gallery_fixture_open (fixture);
  names = gallery_fixture_names (fixture);
  g_assert_cmpstr (names, ==, "b.png c.PNG a.png");
  item = gallery_fixture_item (fixture, 2);
  again = gallery_fixture_item (fixture, 2);
  g_assert_true (item == again);
  g_object_get (item, "prompt", &prompt, "negative-prompt", &negative, "model", &model, "sampler", &sampler,
                "seed", &seed, "width", &width, "height", &height, "created", &created, "parameters", &text,
                NULL);
  g_assert_cmpstr (prompt, ==, "a fox in the snow <lora:fur-detail:0.7>");
  g_assert_cmpstr (negative, ==, "blurry");
  g_assert_cmpstr (model, ==, "first-v1");
  g_assert_cmpstr (sampler, ==, "Euler a");
  g_assert_cmpstr (seed, ==, "42");
  g_assert_cmpstr (text, ==, FOX);
  g_assert_cmpint (width, ==, 8);
  g_assert_cmpint (height, ==, 4);
  g_assert_cmpint (created, ==, 1700000000 - 300);
  g_assert_null (mezzotint_gallery_item_get_problem (item));
  g_object_get (fixture->gallery, "n-total", &n_total, NULL);
  g_assert_cmpuint (n_total, ==, 3);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->gallery), 3));
}

static void
assert_search (GalleryFixture *fixture, const char *search, const char *names)
{
  g_object_set (fixture->gallery, "search", search, NULL);
  g_test_message ("search: %s", search);
  gallery_fixture_wait_for (fixture, names);
}

static void
test_search (GalleryFixture *fixture, gconstpointer data)
{
  write_three (fixture);
  gallery_fixture_open (fixture);
  assert_search (fixture, "fox", "a.png");
  assert_search (fixture, "SNOW fo", "a.png"); /* any order, any case, the word's beginning */
  assert_search (fixture, "fox kater", "");
  assert_search (fixture, "blurry", "a.png");
  assert_search (fixture, "second", "b.png");  /* the model */
  assert_search (fixture, "first-v", "a.png"); /* likewise, with punctuation */
  assert_search (fixture, "fur-det", "a.png"); /* a LoRA */
  assert_search (fixture, "cafe", "b.png");    /* without the accent */
  assert_search (fixture, "座る", "b.png");    /* no spaces between words */
  assert_search (fixture, "座る fox", "");
  assert_search (fixture, "\"fox OR kater* ( NEAR ^:", ""); /* FTS5's own language is only words here */
  assert_search (fixture, "', (", "b.png c.PNG a.png");     /* nothing to search for */
  assert_search (fixture, "fox", "a.png");
  assert_search (fixture, NULL, "b.png c.PNG a.png");
}

static void
test_filters (GalleryFixture *fixture, gconstpointer data)
{
  g_auto (GStrv) models = NULL, samplers = NULL;

  write_three (fixture);
  gallery_fixture_open (fixture);
  g_object_set (fixture->gallery, "model", "second", NULL);
  gallery_fixture_wait_for (fixture, "b.png");
  g_object_set (fixture->gallery, "model", NULL, "sampler", "Euler a", NULL);
  gallery_fixture_wait_for (fixture, "a.png");
  g_object_set (fixture->gallery, "sampler", "", "after", G_GINT64_CONSTANT (1700000000) - 200, NULL);
  gallery_fixture_wait_for (fixture, "b.png c.PNG");
  g_object_set (fixture->gallery, "before", G_GINT64_CONSTANT (1700000000) - 100, NULL);
  gallery_fixture_wait_for (fixture, "c.PNG");
  g_object_set (fixture->gallery, "after", G_MAXINT64, "before", G_MININT64, NULL);
  gallery_fixture_wait_for (fixture, "");
  g_object_set (fixture->gallery, "after", G_GINT64_CONSTANT (0), "before", G_GINT64_CONSTANT (0), "sort",
                MEZZOTINT_SORT_OLDEST, NULL);
  gallery_fixture_wait_for (fixture, "a.png c.PNG b.png");
  models = mezzotint_gallery_list_models (fixture->gallery);
  samplers = mezzotint_gallery_list_samplers (fixture->gallery);
  g_assert_cmpuint (g_strv_length (models), ==, 2);
  g_assert_cmpuint (g_strv_length (samplers), ==, 2);
}

static void
test_names_in_order (GalleryFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "x10.png", "X9.png", "x0009b.png", "x.png", "y1.png" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gallery_fixture_write (fixture, names[i], NULL, (int) i);
  gallery_fixture_open (fixture);
  g_object_set (fixture->gallery, "sort", MEZZOTINT_SORT_NAME, NULL);
  gallery_fixture_wait_for (fixture, "x.png X9.png x0009b.png x10.png y1.png");
}

/* Files and folders that come, change and go while the gallery is open. */
static void
test_watch (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *b = gallery_fixture_path (fixture, "b.png"), *sub = gallery_fixture_path (fixture, "sub");
  g_autofree char *moved = gallery_fixture_path (fixture, "moved");
  g_autoptr (MezzotintGalleryItem) before = NULL, after = NULL;

  write_three (fixture);
  gallery_fixture_open (fixture);
  gallery_fixture_write (fixture, "d.png", NULL, 0);
  gallery_fixture_wait_for (fixture, "d.png b.png c.PNG a.png");
  g_unlink (b);
  gallery_fixture_wait_for (fixture, "d.png c.PNG a.png");
  before = gallery_fixture_item (fixture, 2);
  gallery_fixture_write (fixture, "a.png", CAT, 299);
  do
    {
      g_clear_object (&after);
      g_main_context_iteration (NULL, TRUE);
      after = gallery_fixture_item (fixture, 2);
    }
  while (after == before);
  g_assert_true (g_str_has_prefix (mezzotint_gallery_item_get_prompt (after), "un caf"));
  g_assert_cmpint (g_mkdir (sub, 0700), ==, 0);
  gallery_fixture_write (fixture, "sub/e.png", NULL, 400);
  gallery_fixture_wait_for (fixture, "d.png c.PNG a.png sub/e.png");
  gallery_fixture_write (fixture, "sub/f.png", NULL, 401);
  gallery_fixture_wait_for (fixture, "d.png c.PNG a.png sub/e.png sub/f.png");
  g_assert_cmpint (g_rename (sub, moved), ==, 0);
  gallery_fixture_wait_for (fixture, "d.png c.PNG a.png moved/e.png moved/f.png");
  gallery_fixture_write (fixture, "moved/g.png", NULL, 402);
  gallery_fixture_wait_for (fixture, "d.png c.PNG a.png moved/e.png moved/f.png moved/g.png");
}

static void
test_find (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *d = gallery_fixture_path (fixture, "d.png"),
                  *missing = gallery_fixture_path (fixture, "e.png");
  guint position = 99;

  write_three (fixture);
  gallery_fixture_open (fixture);
  gallery_fixture_write (fixture, "d.png", FOX, 150);
  mezzotint_gallery_add (fixture->gallery, d);
  mezzotint_gallery_add (fixture->gallery, "/nowhere/near.png");
  gallery_fixture_wait_for (fixture, "b.png d.png c.PNG a.png");
  g_assert_true (mezzotint_gallery_find (fixture->gallery, d, &position));
  g_assert_cmpuint (position, ==, 1);
  g_assert_false (mezzotint_gallery_find (fixture->gallery, missing, &position));
  g_assert_false (mezzotint_gallery_find (fixture->gallery, "/nowhere/near.png", &position));
}

static gboolean
has_three (gpointer gallery)
{
  return g_list_model_get_n_items (gallery) == 3;
}

static gboolean
are_read (gpointer items)
{
  for (guint i = 0; i < ((GPtrArray *) items)->len; i++)
    if (!mezzotint_gallery_item_is_read (((GPtrArray *) items)->pdata[i]))
      return FALSE;
  return TRUE;
}

/* Items know nothing until they are asked, by themselves or all at once beside this thread. */
static void
test_read_soon (GalleryFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (MezzotintGallery) gallery = NULL;
  g_autofree char *a = gallery_fixture_path (fixture, "a.png");

  write_three (fixture);
  gallery_fixture_open (fixture);
  gallery_fixture_close (fixture);
  gallery = mezzotint_gallery_new_for_folder (fixture->pictures, fixture->index, fixture->data);
  gallery_fixture_wait (has_three, gallery);
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (gallery), i));
  for (guint i = 0; i < 3; i++)
    g_assert_false (mezzotint_gallery_item_is_read (items->pdata[i]));
  g_assert_cmpstr (mezzotint_gallery_item_get_path (items->pdata[2]), ==, a);
  g_assert_true (mezzotint_gallery_item_is_read (items->pdata[2]));
  g_assert_false (mezzotint_gallery_item_is_read (items->pdata[0]));
  mezzotint_gallery_read_soon (gallery, items);
  gallery_fixture_wait (are_read, items);
  g_assert_null (mezzotint_gallery_item_get_problem (items->pdata[0]));
  g_assert_false (mezzotint_gallery_is_busy (gallery));
  /* Closing with answers under way. */
  g_ptr_array_set_size (items, 0);
  g_clear_object (&gallery);
}

/* What a second start knows, and what it knows without its index. */
static void
test_favourites (GalleryFixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (MezzotintGalleryItem) item = NULL;

      if (i == 0)
        write_three (fixture);
      gallery_fixture_open (fixture);
      item = gallery_fixture_item (fixture, 1);
      g_assert_true (mezzotint_gallery_item_is_favourite (item) == (i > 0));
      if (i == 0)
        g_object_set (item, "is-favourite", TRUE, NULL);
      g_assert_true (mezzotint_gallery_item_is_favourite (item));
      g_object_set (fixture->gallery, "favourites-only", TRUE, NULL);
      gallery_fixture_wait_for (fixture, "c.PNG");
      g_clear_object (&item);
      gallery_fixture_close (fixture);
      if (i == 1)
        { /* the index is lost */
          g_autofree char *elsewhere = g_strconcat (fixture->index, "-old", NULL);

          g_assert_cmpint (g_rename (fixture->index, elsewhere), ==, 0);
        }
    }
  gallery_fixture_open (fixture);
  {
    g_autoptr (MezzotintGalleryItem) item = gallery_fixture_item (fixture, 1);

    g_object_set (item, "is-favourite", FALSE, NULL);
  }
  g_object_set (fixture->gallery, "favourites-only", TRUE, NULL);
  gallery_fixture_wait_for (fixture, "");
}

/* Liked pictures stay liked where they are moved to, by name or by folder. */
static void
test_moved_favourites (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *a = gallery_fixture_path (fixture, "a.png"), *sub = gallery_fixture_path (fixture, "sub");
  g_autofree char *renamed = gallery_fixture_path (fixture, "z.png"),
                  *moved = gallery_fixture_path (fixture, "sub/z.png");
  g_autofree char *other = gallery_fixture_path (fixture, "other");

  g_assert_cmpint (g_mkdir (sub, 0700), ==, 0);
  write_three (fixture);
  gallery_fixture_open (fixture);
  {
    g_autoptr (MezzotintGalleryItem) item = gallery_fixture_item (fixture, 2);

    g_object_set (item, "is-favourite", TRUE, NULL);
  }
  g_object_set (fixture->gallery, "favourites-only", TRUE, NULL);
  gallery_fixture_wait_for (fixture, "a.png");
  g_assert_cmpint (g_rename (a, renamed), ==, 0);
  gallery_fixture_wait_for (fixture, "z.png");
  g_assert_cmpint (g_rename (renamed, moved), ==, 0);
  gallery_fixture_wait_for (fixture, "sub/z.png");
  g_assert_cmpint (g_rename (sub, other), ==, 0);
  gallery_fixture_wait_for (fixture, "other/z.png");
}

static void
stop_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  *(gboolean *) data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

/* The folder is the settings', also when that changes. */
static void
test_settings (GalleryFixture *fixture, gconstpointer data)
{
  g_autoptr (MezzotintSettings) settings = mezzotint_settings_new ();
  g_autofree char *sub = gallery_fixture_path (fixture, "sub"), *folder = NULL;
  g_autoptr (MezzotintGallery) gallery = NULL;
  gboolean told = FALSE;
  guint n_total = 0;

  g_assert_cmpint (g_mkdir (sub, 0700), ==, 0);
  gallery_fixture_write (fixture, "sub/a.png", NULL, 1);
  g_object_set (settings, "output-folder", fixture->root, NULL);
  gallery = mezzotint_gallery_new (settings, fixture->index);
  g_signal_connect (gallery, "notify::n-total", G_CALLBACK (stop_cb), &told);
  gallery_fixture_wait (is_true, &told);
  g_object_set (settings, "output-folder", sub, NULL);
  g_object_get (gallery, "folder", &folder, NULL);
  g_assert_cmpstr (folder, ==, sub);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (gallery)), ==, 0);
  while (n_total != 1 || g_list_model_get_n_items (G_LIST_MODEL (gallery)) != 1)
    {
      g_main_context_iteration (NULL, TRUE);
      g_object_get (gallery, "n-total", &n_total, NULL);
    }
}

/* ---- At random ---- */

typedef struct
{
  GalleryFixture *fixture;
  guint n;
} Count;

static gboolean
has_count (gpointer data)
{
  const Count *count = data;

  return g_list_model_get_n_items (G_LIST_MODEL (count->fixture->gallery)) == count->n;
}

/* Files come and go; in the end the list is what the folder is, and signals told every change. */
static void
test_random (GalleryFixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  gboolean there[40] = { FALSE };
  Count count = { fixture, 0 };

  gallery_fixture_open (fixture);
  for (int round = 0; round < 15; round++)
    {
      g_autoptr (GString) expected = g_string_new (NULL);

      for (int i = 0; i < 12; i++)
        {
          int which = g_rand_int_range (rand, 0, G_N_ELEMENTS (there));
          g_autofree char *name = g_strdup_printf ("%02d.png", which);
          g_autofree char *path = gallery_fixture_path (fixture, name);

          if (there[which])
            g_unlink (path);
          else
            gallery_fixture_write (fixture, name, FOX, which);
          there[which] = !there[which];
          if (g_rand_boolean (rand))
            mezzotint_gallery_add (fixture->gallery, path);
        }
      count.n = 0;
      for (guint i = 0; i < G_N_ELEMENTS (there); i++)
        if (there[i])
          g_string_append_printf (expected, "%s%02u.png", count.n++ > 0 ? " " : "", i);
      gallery_fixture_wait (has_count, &count);
      gallery_fixture_wait_for (fixture, expected->str);
    }
}

/* Two at once make the same index and change it together. */
static void
test_two_instances (GalleryFixture *fixture, gconstpointer data)
{
  MezzotintGallery *other;
  Count count = { fixture, 120 };

  for (int i = 0; i < 120; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03d.png", i);

      gallery_fixture_write (fixture, name, FOX, i);
    }
  other = mezzotint_gallery_new_for_folder (fixture->pictures, fixture->index, fixture->data);
  gallery_fixture_open (fixture);
  gallery_fixture_wait (has_count, &count);
  for (int i = 0; i < 120; i += 2)
    {
      g_autofree char *name = g_strdup_printf ("%03d.png", i), *path = gallery_fixture_path (fixture, name);

      g_unlink (path);
    }
  count.n = 60;
  gallery_fixture_wait (has_count, &count);
  while (g_list_model_get_n_items (G_LIST_MODEL (other)) != 60)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (MezzotintGalleryItem) item = g_list_model_get_item (G_LIST_MODEL (other), i);

      g_assert_null (mezzotint_gallery_item_get_problem (item));
    }
  g_assert_finalize_object (other);
}

/* It ends at any time. */
static void
test_close_early (GalleryFixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03d.png", i);

      gallery_fixture_write (fixture, name, FOX, i);
    }
  for (int i = 0; i < 20; i++)
    {
      MezzotintGallery *gallery
          = mezzotint_gallery_new_for_folder (fixture->pictures, fixture->index, fixture->data);

      g_object_set (gallery, "search", "fox", NULL);
      for (int j = 0; j < i; j++)
        g_main_context_iteration (NULL, FALSE);
      g_assert_finalize_object (gallery);
    }
}

#define ADD(name, function)                                                                                  \
  g_test_add (name, GalleryFixture, NULL, gallery_fixture_set_up, function, gallery_fixture_tear_down)

int
main (int argc, char **argv)
{
  gallery_fixture_isolate ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/gallery/list", test_list);
  ADD ("/gallery/search", test_search);
  ADD ("/gallery/filters", test_filters);
  ADD ("/gallery/names-in-order", test_names_in_order);
  ADD ("/gallery/watch", test_watch);
  ADD ("/gallery/find", test_find);
  ADD ("/gallery/read-soon", test_read_soon);
  ADD ("/gallery/favourites", test_favourites);
  ADD ("/gallery/moved-favourites", test_moved_favourites);
  ADD ("/gallery/settings", test_settings);
  ADD ("/gallery/random", test_random);
  ADD ("/gallery/two-instances", test_two_instances);
  ADD ("/gallery/close-early", test_close_early);
  return gallery_fixture_run ();
}
