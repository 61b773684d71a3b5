/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the gallery's grid does with very many pictures: time to the first paint from a warm index, frames
 * while it is scrolled, memory. Not a test: it prints. On a busy machine, the processor's time of the main
 * thread tells more: all it did from one frame's end to the next one's.
 *
 *   xvfb-run -a dbus-run-session -- build/tests/ui/bench-gallery 50000 */
#include "ui/gallery-grid.h"
#include "ui/gallery-page.h"

#include <glib/gstdio.h>
#include <math.h>
#include <time.h>
#include <unistd.h>

#include "picture-fixture.h"
#include "ui-test.h"

#define N_FRAMES 400
/* Logical px a frame: a fast fling. */
#define SPEED_PX 120

typedef struct
{
  GtkAdjustment *adjustment;
  double speed_px;
  GArray *times_us; /* of double: from the frame's begin to its end */
  GArray *cpu_us;   /* of double: of the main thread, from the end of the frame before */
  gint64 begin_us;
  double end_cpu_us;
} Scroll;

static void
fill (const char *folder, int n_pictures)
{
  g_autofree char *first = g_build_filename (folder, "000000.png", NULL);

  test_write_picture (folder, "000000.png",
                      "a red apple\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64",
                      0xd02010);
  for (int i = 1; i < n_pictures; i++)
    {
      g_autofree char *name = g_strdup_printf ("%06d.png", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (link (first, path), ==, 0);
    }
}

/* kB out of /proc/self/status. */
static long
read_status (const char *key)
{
  g_autofree char *text = NULL;
  const char *found;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  found = strstr (text, key);
  return found != NULL ? atol (found + strlen (key)) : 0;
}

static double
get_cpu_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static void
begin_cb (GdkFrameClock *clock, Scroll *scroll)
{
  double value = gtk_adjustment_get_value (scroll->adjustment) + scroll->speed_px;

  scroll->begin_us = g_get_monotonic_time ();
  /* At the end from the beginning again. */
  gtk_adjustment_set_value (scroll->adjustment, fmod (value, gtk_adjustment_get_upper (scroll->adjustment)));
}

static void
end_cb (GdkFrameClock *clock, Scroll *scroll)
{
  double time_us = g_get_monotonic_time () - scroll->begin_us, cpu_us = get_cpu_us () - scroll->end_cpu_us;

  scroll->end_cpu_us += cpu_us;
  g_array_append_val (scroll->times_us, time_us);
  g_array_append_val (scroll->cpu_us, cpu_us);
}

static gboolean
has_scrolled (gpointer data)
{
  return ((Scroll *) data)->times_us->len >= N_FRAMES;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : 1;
}

static void
print_times (const char *what, GArray *times_us)
{
  g_array_sort (times_us, compare_doubles);
  g_print ("%s: %.1f ms median, %.1f ms 95th percentile, %.1f ms worst\n", what,
           g_array_index (times_us, double, times_us->len / 2) / 1000,
           g_array_index (times_us, double, times_us->len * 95 / 100) / 1000,
           g_array_index (times_us, double, times_us->len - 1) / 1000);
}

static void
scroll (GtkWidget *window, GtkWidget *grid, double speed_px, const char *what)
{
  GtkWidget *scrolled = ui_test_find (grid, GTK_TYPE_SCROLLED_WINDOW);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) cpu = g_array_new (FALSE, FALSE, sizeof (double));
  Scroll data = { .adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled)),
                  .speed_px = speed_px,
                  .times_us = times,
                  .cpu_us = cpu,
                  .end_cpu_us = get_cpu_us () };
  gulong begin = g_signal_connect (clock, "before-paint", G_CALLBACK (begin_cb), &data);
  gulong end = g_signal_connect (clock, "after-paint", G_CALLBACK (end_cb), &data);

  gdk_frame_clock_begin_updating (clock);
  ui_test_wait (has_scrolled, &data);
  gdk_frame_clock_end_updating (clock);
  g_signal_handler_disconnect (clock, begin);
  g_signal_handler_disconnect (clock, end);
  g_print ("%s\n", what);
  print_times ("  frame", times);
  print_times ("  processor", cpu);
}

static gboolean
is_loaded (gpointer data)
{
  gboolean is_loading;

  g_object_get (data, "is-loading", &is_loading, NULL);
  return !is_loading;
}

static gboolean
has_items (gpointer data)
{
  return g_list_model_get_n_items (data) > 0;
}

int
main (int argc, char **argv)
{
  int n_pictures = argc > 1 ? atoi (argv[1]) : 50000;
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-bench-XXXXXX", NULL);
  g_autoptr (MezzotintGallery) warm = NULL;
  gint64 begin_us;
  TestHost *host;
  GtkWidget *page, *grid;

  ui_test_init (&argc, &argv);
  fill (folder, n_pictures);
  begin_us = g_get_monotonic_time ();
  host = test_host_new (folder);
  g_print ("%d pictures read into the index in %.1f s\n", n_pictures,
           (g_get_monotonic_time () - begin_us) / 1e6);

  begin_us = g_get_monotonic_time ();
  warm = mezzotint_gallery_new_for_folder (folder, host->index_folder, host->index_folder);
  ui_test_wait (has_items, warm);
  page = mezzotint_gallery_page_new (warm);
  grid = ui_test_find (page, MEZZOTINT_TYPE_GALLERY_GRID);
  test_host_set_page (host, page);
  g_print ("first paint from the warm index after %.0f ms\n", (g_get_monotonic_time () - begin_us) / 1e3);
  ui_test_wait (is_loaded, warm);
  scroll (GTK_WIDGET (host), grid, SPEED_PX, "flinging");
  scroll (GTK_WIDGET (host), grid, 20, "scrolling");
  scroll (GTK_WIDGET (host), grid, 20000, "dragging the scroll bar");
  g_print ("memory: %ld MB, %ld MB at most\n", read_status ("VmRSS:") / 1024, read_status ("VmHWM:") / 1024);
  test_host_close (host);
  return 0;
}
