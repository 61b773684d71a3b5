/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How long a gallery of many pictures takes to open, search, sort and scroll, and how much memory.
 *
 *   bench-gallery FOLDER [COUNT]
 *
 * Makes COUNT (50,000) small pictures with settings in FOLDER/pictures, unless they are there, and measures
 * with the index in FOLDER/index. Nothing outside FOLDER is touched. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/files/png-file.h"
#include "app/library/gallery.h"

#define SIDE_PX 64
#define VISIBLE 60 /* pictures in a window of the first paint */
#define WINDOW 240 /* items that a grid holds while it scrolls */
#define PER_FOLDER 5000
#define LATE_MS 4 /* a quarter of a frame */

static gint64 started_us;

static void
start (void)
{
  started_us = g_get_monotonic_time ();
}

static double
elapsed_ms (void)
{
  return (double) (g_get_monotonic_time () - started_us) / 1000;
}

/* VmRSS or VmHWM of this process, MB. */
static double
memory_mb (const char *what)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL)
      || (line = strstr (status, what)) == NULL)
    return 0;
  return strtod (line + strlen (what) + 1, NULL) / 1024;
}

/* ---- Pictures ---- */

static const char *const words[]
    = { "lighthouse", "harbour",      "storm",         "oil painting", "portrait", "fox",   "snow",
        "forest",     "cathedral",    "brush strokes", "golden light", "mist",     "river", "old town",
        "market",     "sailing boat", "night sky",     "mountain",     "meadow",   "glass" };
static const char *const samplers[] = { "Euler a", "DPM++ 2M", "DDIM", "UniPC" };

static char *
make_settings (GRand *rand, int number)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < 24; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]);
  g_string_append_printf (
      text,
      ", number %d\nNegative prompt: blurry, low quality, watermark, frame\nSteps: 25, Sampler: %s, "
      "Schedule type: Karras, CFG scale: 7, Seed: %u, Size: 512x512, Model hash: 0123456789, "
      "Model: model-%d, Version: v1.10.1",
      number, samplers[number % 4], g_rand_int (rand), number % 12);
  return g_string_free (text, FALSE);
}

static void
make_picture (const char *path, GRand *rand, int number)
{
  guint8 rgb[SIDE_PX * SIDE_PX * 3];
  const MzPicture picture = { SIDE_PX, SIDE_PX, rgb };
  g_autofree char *text = make_settings (rand, number);
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, NULL);
  struct timespec times[2] = { { 1600000000 + number * 60, 0 }, { 1600000000 + number * 60, 0 } };

  memset (rgb, number, sizeof rgb);
  mezzotint_atomic_file_skip_sync (file);
  if (!mezzotint_png_write (file, &picture, MEZZOTINT_PNG_PARAMETERS, text, NULL)
      || !mezzotint_atomic_file_commit (file, TRUE, NULL))
    exit (EXIT_FAILURE);
  utimensat (AT_FDCWD, path, times, 0);
}

static void
make_pictures (const char *folder, int count)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (int i = 0; i < count; i++)
    {
      g_autofree char *sub = g_strdup_printf ("%s/%02d", folder, i / PER_FOLDER);
      g_autofree char *path = g_strdup_printf ("%s/%06d.png", sub, i);

      g_mkdir_with_parents (sub, 0700);
      make_picture (path, rand, i);
    }
}

/* ---- Measuring ---- */

static gboolean is_changed;

static void
changed_cb (void)
{
  is_changed = TRUE;
}

static void
wait_for_change (void)
{
  is_changed = FALSE;
  while (!is_changed)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_until_read (MezzotintGallery *gallery)
{
  gboolean is_loading = TRUE;

  while (g_object_get (gallery, "is-loading", &is_loading, NULL), is_loading)
    g_main_context_iteration (NULL, TRUE);
}

static MezzotintGallery *
open_gallery (const char *folder)
{
  g_autofree char *pictures = g_build_filename (folder, "pictures", NULL);
  g_autofree char *index = g_build_filename (folder, "index", NULL);
  g_autofree char *data = g_build_filename (folder, "data", NULL);
  MezzotintGallery *gallery = mezzotint_gallery_new_for_folder (pictures, index, data);

  g_signal_connect (gallery, "items-changed", G_CALLBACK (changed_cb), NULL);
  return gallery;
}

static void
close_gallery (MezzotintGallery *gallery)
{
  g_object_run_dispose (G_OBJECT (gallery));
  g_object_unref (gallery);
}

/* What a grid asks of the items that it shows. */
static void
show (MezzotintGallery *gallery, guint first, guint n)
{
  for (guint i = first; i < MIN (first + n, g_list_model_get_n_items (G_LIST_MODEL (gallery))); i++)
    {
      g_autoptr (MezzotintGalleryItem) item = g_list_model_get_item (G_LIST_MODEL (gallery), i);

      if (mezzotint_gallery_item_get_prompt (item) == NULL)
        exit (EXIT_FAILURE);
    }
}

static void
measure_open (const char *folder, const char *what)
{
  MezzotintGallery *gallery;

  start ();
  gallery = open_gallery (folder);
  wait_for_change ();
  show (gallery, 0, VISIBLE);
  printf ("%s: first %d pictures after %.0f ms (%u known)", what, VISIBLE, elapsed_ms (),
          g_list_model_get_n_items (G_LIST_MODEL (gallery)));
  wait_until_read (gallery);
  printf (", all %u after %.0f ms; %.0f MB\n", g_list_model_get_n_items (G_LIST_MODEL (gallery)),
          elapsed_ms (), memory_mb ("VmRSS:"));
  close_gallery (gallery);
}

static void
measure_search (MezzotintGallery *gallery)
{
  static const char *const searches[] = { "fox", "fox snow", "f", "number 4242", "model-7", NULL };
  /* Names and times rise together here: each of these gives another order than the one before. */
  static const MezzotintGallerySort sorts[]
      = { MEZZOTINT_SORT_NAME, MEZZOTINT_SORT_NEWEST, MEZZOTINT_SORT_OLDEST, MEZZOTINT_SORT_NEWEST };

  for (int i = 0; i == 0 || searches[i - 1] != NULL; i++)
    {
      start ();
      g_object_set (gallery, "search", searches[i], NULL);
      wait_for_change ();
      printf ("search “%s”: %u pictures after %.0f ms\n", searches[i] != NULL ? searches[i] : "",
              g_list_model_get_n_items (G_LIST_MODEL (gallery)), elapsed_ms ());
    }
  for (guint i = 0; i < G_N_ELEMENTS (sorts); i++)
    {
      start ();
      g_object_set (gallery, "sort", sorts[i], NULL);
      wait_for_change ();
      printf ("sort %d: %.0f ms\n", (int) sorts[i], elapsed_ms ());
    }
}

/* From end to end, holding what a grid holds; the longest wait for one row of pictures is what a frame sees.
 */
static void
measure_scroll (MezzotintGallery *gallery)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (gallery));
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func (g_object_unref);
  double worst_ms = 0, total_ms = 0;
  guint n_late = 0;

  for (guint row = 0; row < n; row += 6)
    {
      start ();
      for (guint i = row; i < MIN (row + 6, n); i++)
        g_ptr_array_add (held, g_list_model_get_item (G_LIST_MODEL (gallery), i));
      if (held->len > WINDOW)
        g_ptr_array_remove_range (held, 0, held->len - WINDOW);
      worst_ms = MAX (worst_ms, elapsed_ms ());
      total_ms += elapsed_ms ();
      n_late += elapsed_ms () > LATE_MS;
    }
  printf (
      "scroll through %u: %.0f ms in all, %.2f ms the slowest row of six, %u rows over %d ms; %.0f MB now,"
      " %.0f MB at most\n",
      n, total_ms, worst_ms, n_late, LATE_MS, memory_mb ("VmRSS:"), memory_mb ("VmHWM:"));
}

int
main (int argc, char **argv)
{
  int count = argc > 2 ? atoi (argv[2]) : 50000;
  g_autofree char *pictures = NULL, *index = NULL;
  MezzotintGallery *gallery;

  if (argc < 2 || count < 1)
    {
      fprintf (stderr, "Usage: %s FOLDER [COUNT]\n", argv[0]);
      return EXIT_FAILURE;
    }
  setvbuf (stdout, NULL, _IOLBF, 0);
  pictures = g_build_filename (argv[1], "pictures", NULL);
  index = g_build_filename (argv[1], "index", NULL);
  if (!g_file_test (pictures, G_FILE_TEST_IS_DIR))
    make_pictures (pictures, count);
  if (!g_file_test (index, G_FILE_TEST_IS_DIR))
    measure_open (argv[1], "without an index");
  measure_open (argv[1], "with it");
  gallery = open_gallery (argv[1]);
  wait_until_read (gallery);
  measure_search (gallery);
  measure_scroll (gallery);
  close_gallery (gallery);
  return EXIT_SUCCESS;
}
