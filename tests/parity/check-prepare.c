/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights that a backend must refuse, and what it must say. */
#include "parity.h"

#include <math.h>
#include <string.h>

/* One number of a weight or bias spoiled: preparing must refuse it and say where. */
static char *
check_spoiled (MzDevice *device, gboolean in_bias, float value, const char *wanted)
{
  float weights[6 * 7], biases[6];
  MzView weight = { MZ_DTYPE_F32, 2, { 6, 7 }, weights, sizeof weights };
  MzView bias = { MZ_DTYPE_F32, 1, { 6 }, biases, sizeof biases };
  const MzView *w = &weight, *b = &bias;
  g_autoptr (GError) error = NULL;
  MzWeight *prepared;

  for (gsize i = 0; i < G_N_ELEMENTS (weights); i++)
    weights[i] = 1.0f;
  for (gsize i = 0; i < G_N_ELEMENTS (biases); i++)
    biases[i] = 1.0f;
  *(in_bias ? &biases[4] : &weights[17]) = value;
  prepared = device->backend->prepare_matrix (device, MZ_MATRIX_LINEAR, 1, &w, &b, &error);
  if (prepared != NULL)
    {
      const MzWeight *bad;
      gboolean is_good = mz_device_finish_weights (device, &bad, &error), is_named = bad == prepared;

      device->backend->release_weight (device, prepared);
      if (is_good || !is_named)
        return g_strdup_printf ("a weight that %s is %s", wanted, is_good ? "accepted" : "not named");
    }
  if (!g_error_matches (error, MZ_ERROR, MZ_ERROR_NONFINITE) || strstr (error->message, wanted) == NULL)
    return g_strdup_printf ("a weight that %s is refused with “%s”", wanted, error->message);
  return NULL;
}

/* Views that do not fit together. */
static const struct
{
  const char *what;
  Op op;
  MzMatrixKind kind;
  int n_parts;
  MzView views[4]; /* weights, then biases, of each part in turn; a shape of nothing: none */
} misfits[] = {
#define VIEW(...)                                                                                            \
  {                                                                                                          \
    MZ_DTYPE_F32, (int) G_N_ELEMENTS (((gint64[]){ __VA_ARGS__ })), { __VA_ARGS__ }, NULL, 0                 \
  }
#define NO_VIEW                                                                                              \
  {                                                                                                          \
    MZ_DTYPE_F32, 0, { 0 }, NULL, 0                                                                          \
  }
  { "a bias that is too short", OP_LINEAR, MZ_MATRIX_LINEAR, 1, { VIEW (4, 3), VIEW (3) } },
  { "a bias of two dimensions", OP_LINEAR, MZ_MATRIX_LINEAR, 1, { VIEW (4, 3), VIEW (4, 1) } },
  { "parts of different columns",
    OP_LINEAR,
    MZ_MATRIX_LINEAR,
    2,
    { VIEW (4, 3), NO_VIEW, VIEW (4, 2), NO_VIEW } },
  { "a vector for a matrix", OP_LINEAR, MZ_MATRIX_LINEAR, 1, { VIEW (4), NO_VIEW } },
  { "a matrix without rows", OP_LINEAR, MZ_MATRIX_LINEAR, 1, { VIEW (0, 3), NO_VIEW } },
  { "a 3x3 kernel for a linear layer", OP_LINEAR, MZ_MATRIX_LINEAR, 1, { VIEW (2, 2, 3, 3), NO_VIEW } },
  { "an odd number of GEGLU rows", OP_LINEAR, MZ_MATRIX_GEGLU, 1, { VIEW (3, 4), NO_VIEW } },
  { "an offset of other length", OP_GROUP_NORM, MZ_MATRIX_CONV, 1, { VIEW (4), VIEW (3) } },
  { "a matrix for a factor", OP_GROUP_NORM, MZ_MATRIX_CONV, 1, { VIEW (4, 2), VIEW (4) } },
  { "positions of other width", OP_EMBED, MZ_MATRIX_CONV, 1, { VIEW (4, 3), VIEW (4, 2) } },
  { "tokens of one dimension", OP_EMBED, MZ_MATRIX_CONV, 1, { VIEW (4), VIEW (4, 2) } },
};

static char *
check_misfit (MzDevice *device, guint index)
{
  static const float zeros[64];
  MzView views[4];
  const MzView *weights[2] = { &views[0], &views[2] }, *biases[2] = { NULL, NULL };
  g_autoptr (GError) error = NULL;
  MzWeight *prepared;

  for (int i = 0; i < 4; i++)
    {
      views[i] = misfits[index].views[i];
      views[i].data = zeros;
      views[i].n_bytes = mz_view_elements (&views[i]) * sizeof (float);
      if (i % 2 == 1 && views[i].n_dims > 0)
        biases[i / 2] = &views[i];
    }
  if (misfits[index].op == OP_EMBED)
    prepared = device->backend->prepare_embedding (device, weights[0], biases[0], &error);
  else if (misfits[index].op == OP_GROUP_NORM)
    prepared = device->backend->prepare_norm (device, weights[0], biases[0], &error);
  else
    prepared = device->backend->prepare_matrix (device, misfits[index].kind, misfits[index].n_parts, weights,
                                                biases, &error);
  if (prepared == NULL && g_error_matches (error, MZ_ERROR, MZ_ERROR_FORMAT))
    return NULL;
  if (prepared == NULL)
    return g_strdup_printf ("%s: refused with “%s”", misfits[index].what, error->message);
  device->backend->release_weight (device, prepared);
  return g_strdup_printf ("%s: accepted", misfits[index].what);
}

/* More than a backend brings to its device at once. */
#define BIG_ROWS 1024
#define BIG_COLUMNS 2304

/* A fault far into a large matrix, in the second of two weights that are under way together. What half
 * precision cannot hold is refused where weights are halves. */
static char *
check_big (MzDevice *device, float value, MzError code, const char *wanted)
{
  gsize n = (gsize) BIG_ROWS * BIG_COLUMNS;
  g_autofree float *numbers = g_new0 (float, n);
  MzView views[] = { { MZ_DTYPE_F32, 2, { 4, 4 }, numbers, 16 * sizeof (float) },
                     { MZ_DTYPE_F32, 2, { BIG_ROWS, BIG_COLUMNS }, numbers, n * sizeof (float) } };
  const MzView *small = &views[0], *big = &views[1];
  const MzWeight *bad = NULL;
  g_autoptr (GError) error = NULL;
  MzWeight *good, *spoiled;
  gboolean is_fine;

  numbers[n - 5] = value;
  good = device->backend->prepare_matrix (device, MZ_MATRIX_LINEAR, 1, &small, NULL, &error);
  if (good == NULL)
    return g_strdup (error->message);
  spoiled = device->backend->prepare_matrix (device, MZ_MATRIX_LINEAR, 1, &big, NULL, &error);
  is_fine = spoiled != NULL && mz_device_finish_weights (device, &bad, &error);
  device->backend->release_weight (device, good);
  if (spoiled != NULL)
    device->backend->release_weight (device, spoiled);
  if (is_fine)
    return code == MZ_ERROR_UNSUPPORTED && device->backend->activation_dtype != MZ_DTYPE_F16
               ? NULL
               : g_strdup_printf ("a large matrix that %s is accepted", wanted);
  if (spoiled != NULL && bad != spoiled)
    return g_strdup_printf ("of two weights the one that %s is not named", wanted);
  if (g_error_matches (error, MZ_ERROR, code) && strstr (error->message, wanted) != NULL)
    return NULL;
  return g_strdup_printf ("a large matrix that %s is refused with “%s”", wanted, error->message);
}

#define SIDE 96

/* Numbers that 8 bits don't hold: each may be off by half a step, which is the row's largest over 254. The
 * matrix comes back out of the device as its product with the unit matrix. A row of zeros is among them. */
static char *
check_8bit (Checker *checker)
{
  Problem *p = problem_new (OP_LINEAR, 0, USE_CHECK);
  G_GNUC_UNUSED g_autoptr (Problem) problem = p;
  g_autoptr (Run) run = NULL;
  g_autofree float *got = NULL;
  g_autoptr (GError) error = NULL;
  float row[SIDE];

  p->kind = MZ_MATRIX_LINEAR;
  p->n_parts = 1;
  p->in_8bit = TRUE;
  p->out_n = p->out_h = 1;
  p->out_w = p->out_c = SIDE;
  p->weights[0] = problem_random_weight (p, MZ_DTYPE_F32, 1, 2, (gint64[]){ SIDE, SIDE });
  memset (p->weights[0].bytes + 1, 0, SIDE * sizeof (float));
  problem_add_input (p, IN, 1, 1, SIDE, SIDE, FILL_ZERO, MZ_DTYPE_F32);
  for (int i = 0; i < SIDE; i++)
    p->inputs[IN].values[i * SIDE + i] = 1;
  run = run_new (p, checker->devices[0], &error);
  if (run == NULL || !run_call (run, &error) || (got = run_result (run, &error)) == NULL)
    return g_strdup_printf ("8 bits: %s", error->message);
  for (int i = 0; i < SIDE; i++) /* the result is [channels, pixels], as the matrix is [rows, columns] */
    {
      float largest = 0;

      mz_view_read_f32 (&p->weights[0].view, (gsize) i * SIDE, SIDE, row);
      for (int j = 0; j < SIDE; j++)
        largest = MAX (largest, fabsf (row[j]));
      for (int j = 0; j < SIDE; j++)
        if (!(fabsf (got[i * SIDE + j] - row[j]) <= largest / 254 * 1.00001f))
          return g_strdup_printf ("8 bits: %g became %g in a row up to %g", row[j], got[i * SIDE + j],
                                  largest);
    }
  if (checker->devices[0]->backend->has_8bit && run->weight->n_bytes >= 2 * sizeof (guint8) * SIDE * SIDE)
    return g_strdup_printf ("8 bits: %zu bytes for %d numbers", run->weight->n_bytes, SIDE * SIDE);
  row[7] = NAN;
  memcpy (p->weights[0].bytes + 1 + sizeof row, row, sizeof row);
  g_clear_pointer (&run, run_free);
  run = run_new (p, checker->devices[0], &error);
  if (run != NULL || !g_error_matches (error, MZ_ERROR, MZ_ERROR_NONFINITE))
    return g_strdup ("8 bits: NaN is not refused");
  return NULL;
}

char *
check_prepare (Checker *checker)
{
  MzDevice *device = checker->devices[0];
  char *complaint = check_spoiled (device, FALSE, NAN, "holds NaN at element 17");

  if (complaint == NULL)
    complaint = check_spoiled (device, FALSE, -INFINITY, "holds infinity at element 17");
  if (complaint == NULL)
    complaint = check_spoiled (device, TRUE, NAN, "holds NaN at element 4");
  if (complaint == NULL)
    complaint = check_big (device, NAN, MZ_ERROR_NONFINITE, "holds NaN at element 2359291");
  if (complaint == NULL)
    complaint = check_big (device, -65536, MZ_ERROR_UNSUPPORTED, "holds -65536 at element 2359291");
  if (complaint == NULL)
    complaint = check_8bit (checker);
  for (guint i = 0; i < G_N_ELEMENTS (misfits) && complaint == NULL; i++)
    complaint = check_misfit (device, i);
  return complaint;
}
