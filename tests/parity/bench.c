/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast a case is, and how near to what the processor can do. */
#include "parity.h"

#include <stdlib.h>

/* A case runs at least so often and so long. */
#define MIN_RUNS 5
#define MIN_SECONDS 0.4
#define MAX_RUNS 200

typedef struct
{
  double seconds; /* of the fastest call; 0: it failed, which has then been printed */
  double share;   /* median of the speed as a share of the loop of multiply-adds just before and after */
} Speed;

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Calls take turns with the loop that never leaves the registers: a machine's speed changes from second to
 * second, by its clock and by its other guests, and their ratio does not. One thread is timed by the
 * processor's clock, more by the one on the wall. */
static Speed
measure (MzDevice *device, const Problem *problem, int n_threads)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Run) run = run_new (problem, device, &error);
  double (*clock_seconds) (void) = n_threads == 1 ? processor_seconds : wall_seconds;
  double shares[MAX_RUNS], peak, best = G_MAXDOUBLE, in_all = 0;
  int n = 0;

  if (run == NULL || !run_reset (run, &error) || !run_call (run, &error)) /* the first call warms up */
    {
      g_print ("%s: %s\n", problem->name, error->message);
      return (Speed){ 0, 0 };
    }
  peak = peak_flops (n_threads);
  while (n < MIN_RUNS || (n < MAX_RUNS && in_all < MIN_SECONDS))
    {
      double begin = clock_seconds (), seconds, next_peak;

      if (!run_call (run, NULL))
        return (Speed){ 0, 0 };
      seconds = MAX (clock_seconds () - begin, 1e-9);
      next_peak = peak_flops (n_threads);
      shares[n++] = problem->work / seconds / ((peak + next_peak) / 2);
      peak = next_peak;
      best = MIN (best, seconds);
      in_all += seconds;
    }
  qsort (shares, (gsize) n, sizeof *shares, compare_doubles);
  return (Speed){ best, shares[n / 2] };
}

static void
print_speed (const Problem *problem, Speed speed)
{
  g_print (" %10.3f %9.1f", speed.seconds * 1e3,
           speed.seconds > 0 ? problem->work / speed.seconds * 1e-9 : 0);
  if (problem->work_is_bytes)
    g_print ("      ");
  else
    g_print (" %4.0f%%", 100 * speed.share);
}

void
bench_case (MzDevice *single, MzDevice *multi, int n_threads, const Problem *problem)
{
  print_speed (problem, measure (single, problem, 1));
  print_speed (problem, measure (multi, problem, n_threads));
  g_print ("  %s%s\n", problem->name, problem->work_is_bytes ? " (GB/s)" : "");
}
