/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Holds a backend against the reference, op by op, and measures it:
 *
 *   parity --backend cpu                 checks every case, as TAP
 *   parity --backend cpu --op conv2d     of one op
 *   parity --backend cpu --report        also how near each case came to its bound
 *   parity --backend cuda --small        only cases of little work, each on one device: for emulated hardware
 *   parity --backend cuda --half-sums    with sums of a device's own in half precision
 *   parity --backend cuda --wider        with activations of a wider range (bfloat16), where the device has
 * them parity --backend cpu --bench         speed of the shapes of Stable Diffusion 1.5, no checks
 *
 * A backend that is not built in, or that cannot run on this machine, is skipped, as TAP says it. */
#include "parity.h"

#include <math.h>

static const CaseList *const lists[N_OPS] = {
  [OP_TRANSFER] = &transfer_cases,     [OP_CONV2D] = &conv2d_cases,
  [OP_LINEAR] = &linear_cases,         [OP_GROUP_NORM] = &group_norm_cases,
  [OP_LAYER_NORM] = &layer_norm_cases, [OP_ATTENTION] = &attention_cases,
  [OP_EMBED] = &embed_cases,           [OP_COPY] = &copy_cases,
};

static char *backend_name, *op_name;
static gboolean bench, report, small, half_sums, wider;

/* Work of the largest case that --small takes: a fraction of a second where a GPU is emulated. */
#define SMALL_WORK 1.2e7

static const GOptionEntry options[] = {
  { "backend", 0, 0, G_OPTION_ARG_STRING, &backend_name, "Backend to run (default: cpu)", "NAME" },
  { "op", 0, 0, G_OPTION_ARG_STRING, &op_name, "Only this op", "OP" },
  { "bench", 0, 0, G_OPTION_ARG_NONE, &bench, "Measure instead of checking", NULL },
  { "small", 0, 0, G_OPTION_ARG_NONE, &small, "Only cases of little work, on one device", NULL },
  { "half-sums", 0, 0, G_OPTION_ARG_NONE, &half_sums, "Let products be summed in half precision", NULL },
  { "wider", 0, 0, G_OPTION_ARG_NONE, &wider, "Compute with activations of a wider range", NULL },
  { "report", 0, 0, G_OPTION_ARG_NONE, &report, "Say how near each case came to its bound", NULL },
  { NULL },
};

static int n_tests, n_failed;

/* One line of TAP; frees the complaint. */
static void
tap (char *complaint, const char *op, const char *name)
{
  n_tests++;
  n_failed += complaint != NULL;
  g_print ("%s %d - %s: %s\n", complaint == NULL ? "ok" : "not ok", n_tests, op, name);
  if (complaint != NULL)
    g_print ("# %s\n", complaint);
  g_free (complaint);
}

static gboolean
is_wanted (const CaseList *list)
{
  return op_name == NULL || g_str_equal (op_name, list->name);
}

static gboolean
is_built_in (const char *name)
{
  const MzBackend *const *backends = mz_backends ();

  for (int i = 0; backends[i] != NULL; i++)
    if (g_str_equal (backends[i]->name, name))
      return TRUE;
  return FALSE;
}

static void
check_list (Checker *checker, const CaseList *list)
{
  MzDType dtype = checker->devices[0]->backend->activation_dtype;

  for (guint i = 0; i < list->n_cases; i++)
    {
      g_autoptr (Problem) problem = NULL;
      Outcome outcome;

      if (list->use (i) != USE_CHECK)
        continue;
      problem = list->make (i, dtype);
      if (small && problem->work > SMALL_WORK)
        continue;
      tap (check_case (checker, problem, &outcome), list->name, problem->name);
      if (checker->report)
        g_print ("# worst error %.3f of its bound, normalised mean square error %.2g\n", outcome.worst,
                 outcome.nmse);
    }
}

/* The first large case of each op that computes for long enough. */
static void
check_cancelling (Checker *checker, const CaseList *list)
{
  MzDType dtype = checker->devices[0]->backend->activation_dtype;
  guint largest = 0;
  double most_work = 0, latency_ms = 0;
  g_autoptr (Problem) problem = NULL;

  for (guint i = 0; i < list->n_cases; i++)
    {
      g_autoptr (Problem) candidate = NULL;

      if (list->use (i) != USE_BENCH)
        continue;
      candidate = list->make (i, dtype);
      if (candidate->work > most_work && candidate->work < 40e9)
        {
          most_work = candidate->work;
          largest = i;
        }
    }
  if (most_work == 0)
    return;
  problem = list->make (largest, dtype);
  tap (check_cancel_latency (checker, problem, &latency_ms), list->name, "cancelled in the middle");
  if (checker->report)
    g_print ("# answered after %.1f ms of the processor's time\n", latency_ms);
}

static int
run_checks (Checker *checker)
{
  const MzDevice *device = checker->devices[0];

  g_print ("# %s in %s: %s\n", device->backend->name, mz_dtype_name (device->backend->activation_dtype),
           device->description);
  tap (check_prepare (checker), "prepare", "weights that cannot be right");
  for (int op = 0; op < N_OPS; op++)
    if (is_wanted (lists[op]))
      {
        check_list (checker, lists[op]);
        if (!small)
          check_cancelling (checker, lists[op]);
      }
  g_print ("1..%d\n", n_tests);
  return n_failed == 0 ? 0 : 1;
}

/* The backend's device of so many threads, or the wider one. */
static MzDevice *
open_device (int n_threads, GError **error)
{
  MzDeviceOptions threads = { n_threads };
  g_autoptr (MzDevice) device = mz_device_open (backend_name, &threads, error);

  if (device == NULL || !wider)
    return g_steal_pointer (&device);
  if (device->wider != NULL)
    return device->wider->open (&threads, error);
  g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED, "%s has no wider range here", backend_name);
  return NULL;
}

static int
run_bench (const Checker *checker)
{
  int n_threads = (int) g_get_num_processors ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MzDevice) multi = open_device (n_threads, &error);

  if (multi == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("%s\nshares are of a register-only loop of %s multiply-adds, %.1f GFLOP/s in one thread just "
           "now\n\n",
           multi->description, peak_isa (), peak_flops (1) * 1e-9);
  g_print ("            1 thread                 %2d threads\n", n_threads);
  g_print ("        ms   GFLOP/s share         ms   GFLOP/s share\n");
  for (int op = 0; op < N_OPS; op++)
    {
      const CaseList *list = lists[op];

      for (guint i = 0; is_wanted (list) && i < list->n_cases; i++)
        {
          g_autoptr (Problem) problem = NULL;

          if (list->use (i) != USE_BENCH)
            continue;
          problem = list->make (i, multi->backend->activation_dtype);
          g_print ("%-10s", list->name);
          bench_case (checker->devices[0], multi, n_threads, problem);
        }
    }
  return 0;
}

/* No such instructions, no such driver: not a mistake of the backend's. An unknown variant is one of the
 * caller's. */
static gboolean
is_unusable_here (const GError *error)
{
  return g_error_matches (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED)
         || g_error_matches (error, MZ_ERROR, MZ_ERROR_MISSING)
         || g_error_matches (error, MZ_ERROR, MZ_ERROR_BACKEND);
}

/* Opens devices of one, two and three threads, and the reference. Returns FALSE when there is nothing to run,
 * with the exit code. */
static gboolean
open_devices (Checker *checker, int *code)
{
  g_autoptr (GError) error = NULL;

  if (!is_built_in (backend_name))
    {
      g_print ("1..0 # SKIP the backend %s is not built in\n", backend_name);
      *code = 0;
      return FALSE;
    }
  for (int i = 0; i < (small ? 1 : 3); i++)
    {
      checker->devices[i] = open_device (i + 1, &error);
      if (checker->devices[i] != NULL)
        {
          checker->devices[i]->uses_half_sums = half_sums;
          continue;
        }
      *code = is_unusable_here (error) ? 0 : 1;
      g_print ("%s %s\n", *code == 0 ? "1..0 # SKIP" : "Bail out!", error->message);
      return FALSE;
    }
  checker->reference = mz_device_open ("reference", NULL, &error);
  *code = checker->reference != NULL ? 0 : 1;
  return checker->reference != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Checker checker = { .report = FALSE };
  int code;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (backend_name == NULL)
    backend_name = g_strdup ("cpu");
  checker.report = report;
  if (open_devices (&checker, &code))
    code = bench ? run_bench (&checker) : run_checks (&checker);
  for (int i = 0; i < 3; i++)
    g_clear_pointer (&checker.devices[i], mz_device_close);
  g_clear_pointer (&checker.reference, mz_device_close);
  g_free (backend_name);
  g_free (op_name);
  return code;
}
