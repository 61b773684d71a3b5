/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast a case is, and how near to what the processor can do. */
#include "parity.h"

/* A case runs at least so often and so long; the best time counts, the rest was the machine's. */
#define MIN_RUNS 3
#define MIN_US 300000

/* Best time of a call in seconds; 0 when it fails, which has then been printed. */
static double
best_seconds (MzDevice *device, const Problem *problem)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Run) run = run_new (problem, device, &error);
  gint64 begin_us = g_get_monotonic_time (), best_us = G_MAXINT64;

  if (run == NULL || !run_reset (run, &error) || !run_call (run, &error)) /* the first call warms up */
    {
      g_print ("%s: %s\n", problem->name, error->message);
      return 0;
    }
  for (int i = 0; i < MIN_RUNS || g_get_monotonic_time () - begin_us < MIN_US; i++)
    {
      gint64 start_us = g_get_monotonic_time ();

      if (!run_call (run, NULL))
        return 0;
      best_us = MIN (best_us, g_get_monotonic_time () - start_us);
    }
  return (double) MAX (best_us, 1) * 1e-6;
}

static void
print_speed (const Problem *problem, double seconds, double peak)
{
  double speed = seconds > 0 ? problem->work / seconds : 0;

  g_print (" %10.3f %9.1f", seconds * 1e3, speed * 1e-9);
  if (problem->work_is_bytes)
    g_print ("      ");
  else
    g_print (" %4.0f%%", 100 * speed / peak);
}

void
bench_case (MzDevice *single, MzDevice *multi, const Problem *problem, double peak_single, double peak_multi)
{
  print_speed (problem, best_seconds (single, problem), peak_single);
  print_speed (problem, best_seconds (multi, problem), peak_multi);
  g_print ("  %s%s\n", problem->name, problem->work_is_bytes ? " (GB/s)" : "");
}
