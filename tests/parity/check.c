/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is asked of every case: near the reference, nothing else touched, same bits always, and it can be
 * stopped. */
#include "parity.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* A raised flag must be answered within this time (ops.h). What counts is the processor's time, shared out
 * among the op's threads, because the machine may be busy with something else; by the clock on the wall,
 * which sees waiting as well, it may be more. */
#define CANCEL_LIMIT_MS 100.0
#define CANCEL_WALL_LIMIT_MS 2000.0
#define CANCEL_TRIES 3
/* The flag is raised so long after the op began. */
#define CANCEL_DELAY_US 10000

/* The normalised mean square error that backends with float32 activations stay below. House rule is 1e-7; the
 * largest seen is 6e-13, and one tap left out of 9 x 1280 makes 9e-5. */
#define NMSE_LIMIT 1e-10

static char *
failure (const char *what, const GError *error)
{
  return g_strdup_printf ("%s: %s", what, error != NULL ? error->message : "failed without an error");
}

/* "sample 0, channel 3, row 1, column 2" of element `i` of the result. */
static char *
place_name (const Problem *p, gsize i)
{
  gsize w = (gsize) p->out_w, h = (gsize) p->out_h, c = (gsize) p->out_c;

  return g_strdup_printf ("sample %zu, channel %zu, row %zu, column %zu", i / (w * h * c), i / (w * h) % c,
                          i / w % h, i % w);
}

/* Every element within its bound, and so is their mean; notes how near the worst came. `dtype` is that of
 * activations. */
static char *
compare (const Problem *problem,
         const float *got,
         const float *expected,
         const double *bounds,
         MzDType dtype,
         Outcome *outcome)
{
  double noise = 0, signal = 0;
  gsize at = 0, n = problem_out_elements (problem);
  g_autofree char *where = NULL;

  outcome->worst = 0;
  for (gsize i = 0; i < n; i++)
    {
      double error = fabs ((double) got[i] - expected[i]);
      double share = error == 0 ? 0 : error / bounds[i];

      noise += error * error;
      signal += (double) expected[i] * expected[i];
      if (share <= outcome->worst)
        continue;
      outcome->worst = isnan (share) ? INFINITY : share;
      at = i;
    }
  outcome->nmse = noise > 0 ? noise / signal : 0;
  for (gsize i = 0; i < n; i++)
    if (isnan (got[i]))
      {
        where = place_name (problem, i);
        return g_strdup_printf ("not a number at %s", where);
      }
  if (outcome->nmse > NMSE_LIMIT && dtype == MZ_DTYPE_F32)
    return g_strdup_printf ("normalised mean square error %.2g, where %.2g is allowed", outcome->nmse,
                            NMSE_LIMIT);
  if (outcome->worst <= 1)
    return NULL;
  where = place_name (problem, at);
  return g_strdup_printf ("%.9g instead of %.9g at %s, off by %.3g where %.3g is allowed", got[at],
                          expected[at], where, fabs ((double) got[at] - expected[at]), bounds[at]);
}

/* The reference's result for the inputs as the run's device sees them, and the bounds. */
static float *
expect (Checker *checker, Run *run, double **bounds, GError **error)
{
  g_autoptr (Problem) seen = problem_copy (run->problem);
  g_autoptr (Run) reference = NULL;
  g_autofree float *expected = NULL;

  if (!run_read_inputs (run, seen, error))
    return NULL;
  reference = run_new (seen, checker->reference, error);
  if (reference == NULL || !run_reset (reference, error) || !run_call (reference, error))
    return NULL;
  expected = run_result (reference, error);
  if (expected == NULL)
    return NULL;
  *bounds = g_new (double, problem_out_elements (seen));
  if (!tolerance_bounds (seen, run->device, checker->reference, expected, *bounds, error))
    return NULL;
  return g_steal_pointer (&expected);
}

/* Runs once more on fresh memory of `device`: the bits must be those of `first`. */
static char *
check_repeats (const Problem *problem, MzDevice *device, const float *first, const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Run) run = run_new (problem, device, &error);
  g_autofree float *again = NULL;
  g_autofree char *where = NULL;

  if (run == NULL || !run_reset (run, &error) || !run_call (run, &error))
    return failure (what, error);
  again = run_result (run, &error);
  if (again == NULL)
    return failure (what, error);
  for (gsize i = 0; i < problem_out_elements (problem); i++)
    if (memcmp (&again[i], &first[i], sizeof *again) != 0)
      {
        where = place_name (problem, i);
        return g_strdup_printf ("%s gives %.9g instead of %.9g at %s", what, again[i], first[i], where);
      }
  return NULL;
}

/* With the flag raised before the call. */
static char *
check_cancelled (Run *run)
{
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  gboolean ok;

  mz_cancel_trigger (cancel);
  run->exec.cancel = cancel;
  ok = run_call (run, &error);
  run->exec.cancel = NULL;
  if (!ok && g_error_matches (error, MZ_ERROR, MZ_ERROR_CANCELLED))
    return NULL;
  return ok ? g_strdup ("goes on although it was cancelled")
            : failure ("cancelled, it fails otherwise", error);
}

/* Uploads and downloads without loss (for numbers that the type holds), channels last in between. */
static char *
check_transfer (Run *run)
{
  const Placed *p = &run->inputs[IN];
  const HostTensor *t = &run->problem->inputs[IN];
  g_autofree float *back = g_new (float, host_tensor_elements (t));
  gsize before
      = (gsize) ((guint8 *) p->tensor.data - (guint8 *) p->whole.data) / mz_dtype_size (p->tensor.dtype);
  g_autoptr (GError) error = NULL;
  gsize i = 0;

  if (!run->device->backend->download (run->device, &p->tensor, back, &error))
    return failure ("download", error);
  for (int n = 0; n < t->n; n++)
    for (int c = 0; c < t->c; c++)
      for (int y = 0; y < t->h; y++)
        for (int x = 0; x < t->w; x++, i++)
          {
            gsize at = before + (((gsize) n * t->h + y) * t->w + x) * t->c + c;

            if (memcmp (&back[i], &t->values[i], sizeof *back) != 0)
              return g_strdup_printf ("%.9g comes back as %.9g (element %zu)", t->values[i], back[i], i);
            if (memcmp (&p->before[at], &t->values[i], sizeof *back) != 0)
              return g_strdup_printf ("element %zu does not lie where channels-last puts it", i);
          }
  return NULL;
}

/* What the prepared weight says about itself. */
static char *
check_weight (const Problem *problem, const MzWeight *w)
{
  if (w == NULL || problem->op == OP_EMBED)
    return NULL;
  if (w->out_channels != problem->out_c || w->n_bytes == 0)
    return g_strdup_printf ("the weight says %d channels and %" G_GSIZE_FORMAT " bytes", w->out_channels,
                            w->n_bytes);
  if (problem->op != OP_CONV2D && problem->op != OP_LINEAR)
    return NULL;
  if (w->kind != problem->kind || w->in_channels != problem->weights[0].view.shape[1])
    return g_strdup_printf ("the weight says kind %d and %d input channels", w->kind, w->in_channels);
  return NULL;
}

/* First run: result against the reference, everything else untouched. */
static char *
check_first (Checker *checker, Run *run, Outcome *outcome, float **result)
{
  g_autofree float *expected = NULL;
  g_autofree double *bounds = NULL;
  g_autoptr (GError) error = NULL;
  char *complaint = check_weight (run->problem, run->weight);

  if (complaint != NULL)
    return complaint;
  expected = expect (checker, run, &bounds, &error);
  if (expected == NULL)
    return failure ("the reference", error);
  if (!run_reset (run, &error) || !run_call (run, &error))
    return failure ("the op", error);
  *result = run_result (run, &error);
  if (*result == NULL)
    return failure ("download", error);
  complaint
      = compare (run->problem, *result, expected, bounds, run->device->backend->activation_dtype, outcome);
  if (complaint == NULL)
    run_is_clean (run, &complaint);
  return complaint;
}

char *
check_case (Checker *checker, const Problem *problem, Outcome *outcome)
{
  static const char *const whats[] = { "a second run", "a run in two threads", "a run in three threads" };
  g_autoptr (GError) error = NULL;
  g_autoptr (Run) run = run_new (problem, checker->devices[0], &error);
  g_autofree float *result = NULL;
  char *complaint;

  *outcome = (Outcome){ 0, 0 };
  if (run == NULL)
    return failure ("preparing", error);
  if (problem->op == OP_TRANSFER)
    return check_transfer (run);
  complaint = check_first (checker, run, outcome, &result);
  for (int i = 0; i < 3 && checker->devices[i] != NULL && complaint == NULL; i++)
    complaint = check_repeats (problem, checker->devices[i], result, whats[i]);
  if (complaint == NULL)
    complaint = check_cancelled (run);
  return complaint;
}

typedef struct
{
  MzCancel *cancel;
  gint64 raised_us;     /* on the wall */
  clock_t raised_clock; /* of the processor */
} Trigger;

static gpointer
trigger_later (gpointer data)
{
  Trigger *trigger = data;

  g_usleep (CANCEL_DELAY_US);
  trigger->raised_us = g_get_monotonic_time ();
  trigger->raised_clock = clock ();
  mz_cancel_trigger (trigger->cancel);
  return NULL;
}

char *
check_cancel_latency (Checker *checker, const Problem *problem, double *latency_ms)
{
  const int n_threads = 2;
  g_autoptr (GError) error = NULL;
  g_autoptr (Run) run = run_new (problem, checker->devices[n_threads - 1], &error);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  double wall_ms = 0;

  if (run == NULL)
    return failure ("preparing", error);
  run->exec.cancel = cancel;
  for (int i = 0; i < CANCEL_TRIES; i++)
    {
      g_autoptr (GError) cancelled = NULL;
      Trigger trigger = { .cancel = cancel };
      GThread *thread = g_thread_new ("cancel", trigger_later, &trigger);
      gboolean ok = run_call (run, &cancelled);
      gint64 end_us = g_get_monotonic_time ();
      clock_t end_clock = clock ();

      g_thread_join (thread);
      mz_cancel_reset (cancel);
      *latency_ms = 0; /* done before the flag was seen: as good */
      if (ok)
        return NULL;
      if (!g_error_matches (cancelled, MZ_ERROR, MZ_ERROR_CANCELLED))
        return failure ("cancelled, it fails otherwise", cancelled);
      wall_ms = (double) (end_us - trigger.raised_us) * 1e-3;
      *latency_ms = (double) (end_clock - trigger.raised_clock) * 1e3 / CLOCKS_PER_SEC / n_threads;
      if (*latency_ms <= CANCEL_LIMIT_MS && wall_ms <= CANCEL_WALL_LIMIT_MS)
        return NULL;
    }
  return g_strdup_printf ("answers only after %.0f ms of the processor's time, %.0f ms in all", *latency_ms,
                          wall_ms);
}
