/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the window does while the engine works: time to the first frame, then frames of an empty window and of
 * ours, each drawn anew sixty times a second while the same long picture is made. Not a test: it prints. The
 * empty window tells what the machine allows at the time; the processor's time of the main thread tells what
 * ours costs, however busy the machine is.
 *
 *   data/screenshots/make.sh's environment, then build/tests/ui/bench-frames */
#include <sys/resource.h>
#include <time.h>

#include "tests/ui/ui-program.h"

#define N_FRAMES 300

typedef struct
{
  GArray *gaps_ms, *frames_ms, *cpu_ms; /* of double */
  gint64 tick_us, begin_us;
  double end_cpu_ms;
} Frames;

static double
get_cpu_ms (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Frames *frames = data;
  gint64 now = g_get_monotonic_time ();
  double gap_ms = (double) (now - frames->tick_us) / 1000;

  if (frames->tick_us != 0)
    g_array_append_val (frames->gaps_ms, gap_ms);
  frames->tick_us = now;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

static void
begin_cb (GdkFrameClock *clock, Frames *frames)
{
  frames->begin_us = g_get_monotonic_time ();
}

static void
end_cb (GdkFrameClock *clock, Frames *frames)
{
  double frame_ms = (double) (g_get_monotonic_time () - frames->begin_us) / 1000;
  double cpu_ms = get_cpu_ms (CLOCK_THREAD_CPUTIME_ID) - frames->end_cpu_ms;

  frames->end_cpu_ms += cpu_ms;
  g_array_append_val (frames->frames_ms, frame_ms);
  g_array_append_val (frames->cpu_ms, cpu_ms);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
print (const char *what, GArray *values_ms)
{
  g_array_sort (values_ms, compare_doubles);
  g_print ("  %s: median %.1f ms, 95th percentile %.1f ms, longest %.1f ms\n", what,
           g_array_index (values_ms, double, values_ms->len / 2),
           g_array_index (values_ms, double, values_ms->len * 95 / 100),
           g_array_index (values_ms, double, values_ms->len - 1));
  g_array_unref (values_ms);
}

static gboolean
is_enough (gpointer data)
{
  return ((Frames *) data)->gaps_ms->len >= N_FRAMES;
}

static void
measure (GtkWidget *window, const char *what)
{
  Frames frames = { .gaps_ms = g_array_new (FALSE, FALSE, sizeof (double)),
                    .frames_ms = g_array_new (FALSE, FALSE, sizeof (double)),
                    .cpu_ms = g_array_new (FALSE, FALSE, sizeof (double)) };
  GdkFrameClock *clock;
  gulong begin, end;
  guint tick;

  ui_test_present (window);
  ui_test_settle (window);
  clock = gtk_widget_get_frame_clock (window);
  frames.end_cpu_ms = get_cpu_ms (CLOCK_THREAD_CPUTIME_ID);
  begin = g_signal_connect (clock, "before-paint", G_CALLBACK (begin_cb), &frames);
  end = g_signal_connect (clock, "after-paint", G_CALLBACK (end_cb), &frames);
  tick = gtk_widget_add_tick_callback (window, tick_cb, &frames, NULL);
  ui_test_wait (is_enough, &frames);
  gtk_widget_remove_tick_callback (window, tick);
  g_signal_handler_disconnect (clock, begin);
  g_signal_handler_disconnect (clock, end);
  g_print ("%s, %u frames\n", what, frames.gaps_ms->len);
  print ("from frame to frame", frames.gaps_ms);
  print ("frame", frames.frames_ms);
  print ("processor", frames.cpu_ms);
}

static gboolean
has_preview (gpointer data)
{
  MezzotintTask *task = mezzotint_queue_get_current (((Ui *) data)->queue);

  return task != NULL && mezzotint_task_get_preview (task) != NULL;
}

int
main (int argc, char **argv)
{
  gint64 begin_us = g_get_monotonic_time ();
  struct rusage usage;
  GtkWidget *empty;
  Ui *ui;

  ui_program_init (&argc, &argv);
  ui = ui_start ();
  ui_test_settle (ui->window);
  getrusage (RUSAGE_SELF, &usage);
  g_print ("first frame after %.0f ms, processor %.0f ms, memory %ld MB\n",
           (double) (g_get_monotonic_time () - begin_us) / 1000, get_cpu_ms (CLOCK_PROCESS_CPUTIME_ID),
           usage.ru_maxrss / 1024);
  ui_reset_settings (ui);
  g_object_set (ui->draft, "steps", 150, "count", 100, NULL);
  ui_activate (ui, "win.generate");
  ui_test_wait (has_preview, ui);

  empty = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (empty), 1120, 760);
  for (int i = 0; i < 2; i++)
    {
      gtk_widget_set_visible (ui->window, FALSE);
      measure (empty, "an empty window while a picture is made");
      gtk_widget_set_visible (empty, FALSE);
      measure (ui->window, "Mezzotint while a picture is made");
    }
  ui_activate (ui, "win.stop-now");
  ui_wait_for_idle (ui);
  gtk_window_destroy (GTK_WINDOW (empty));
  ui_stop (ui);
  return 0;
}
