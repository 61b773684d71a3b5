/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How far from the reference a backend may be: for each element of each result a bound derived from the
 * operands.
 *
 * Notation: u is the unit roundoff of float32, 2^-24. A backend sums in float32; what it stores, it rounds
 * with u_store (2^-24, 2^-11 when its activations are float16, 2^-8 when they are bfloat16, of 8 bits), and
 * its weights with u_weight (0 when it keeps float32).
 *
 * Sums.  n rounded operations are off by at most n u times the sum of magnitudes, and with probability close
 * to 1 by LAMBDA sqrt (n) u (Higham and Mary 2019, "A new approach to probabilistic rounding error analysis",
 * theorem 2.4). We demand the second. With M = |W| |x| + |bias| + |channel_add|, K products and LAMBDA = 2:
 *     e_sum = (2 sqrt (K + 2) u + u_weight) M.
 *   Half sums. A block of 32 products may be summed in float16, blocks in float32. A tensor core rounds after
 * 8 products of exact sum, so four times a block, each time by at most 2^-11 of the block's M_b: by the same
 * rule 2 sqrt (4) 2^-11 M_b, and of all blocks together, whose errors are independent, 2 sqrt (4) 2^-11 sqrt
 * (sum M_b^2), which is no more than 2 sqrt (4) 2^-11 M. To see how strict that is: K = 2880 (3x3 over 320
 * channels) gives 6.4e-6 M, and one tap left out is 3.5e-4 M. M is itself computed by the reference backend,
 * from absolute values. Activations.  |f'| is at most 1.13 (GELU; SiLU and quick GELU 1.10), and evaluating f
 * costs 4 u |x|: two roundings and an exponential or error function good to 2 u.  e_act = 1.13 e_sum + 4 u M.
 * GEGLU.  y = v gelu (g): e = e_v |g|
 * + |v| (1.13 e_g + 4 u |g|) + e_v e_g. Residual and storing.  One more rounding of each: + u |y| + u_store
 * |y|, and half of the smallest number that can be stored; a processor that flushes denormals loses at most
 * 2^-126 for each of the K products. Norms.  y = (x - mean) r gamma + beta, r = 1 / sqrt (var + epsilon).
 * Mean and variance must be good to 4 u (sums in double precision, or in short blocks: a plain running sum in
 * float32 is not good enough). Then, as any order of the formula may be chosen,  e = |gamma| r (2 u (|x| +
 * |mean|) + 4 u mean |x|) + 8 u |gamma (x - mean) r| + 2 u |beta|. Attention.  Scores are off by (2 sqrt (D +
 * 2) + 4) u S with S = max_j sum_d |q_d k_jd| / sqrt (D) (the 4: scaling, a change of the base of exp,
 * subtracting the maximum). Weights that sum to 1 are off by twice that and by 4 u for exp; their sum with
 * the values by 2 sqrt (Tk) u: e = (2 (2 sqrt (D + 2) + 4) u S + (8 + 2 sqrt (Tk)) u + 2 u_store) sum_j p_j
 * |v_j|. Embedding.  One addition, rounded once on both sides: float32 backends must agree in every bit. */
#include "parity.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define LAMBDA 2.0
#define SLOPE 1.13
#define U 0x1p-24
/* LAMBDA times the root of the roundings of a block, each of 2^-11 */
#define HALF_SUMS (LAMBDA * 2.0 * 0x1p-11)

typedef struct
{
  double store;      /* u_store */
  double weight;     /* u_weight */
  double smallest;   /* half of the smallest number that can be stored, or what flushing loses */
  double half_sums;  /* of sums in half precision: see above */
  gboolean winograd; /* may compute 3x3 convolutions in fewer products: tolerance-winograd.c */
} Precision;

static Precision
precision_of (const MzDevice *device)
{
  switch (device->backend->activation_dtype)
    {
    case MZ_DTYPE_F16:
      return (Precision){ 0x1p-11, 0x1p-11, 0x1p-25, .half_sums = device->uses_half_sums ? HALF_SUMS : 0 };
    case MZ_DTYPE_BF16:
      return (Precision){ 0x1p-8, 0x1p-8, FLT_MIN };
    default:
      return (Precision){ U, 0.0, FLT_MIN, g_str_equal (device->backend->name, "cpu") };
    }
}

/* What the reference backend makes of a problem. */
static float *
reference_result (const Problem *problem, MzDevice *reference, GError **error)
{
  g_autoptr (Run) run = run_new (problem, reference, error);

  if (run == NULL || !run_call (run, error))
    return NULL;
  return run_result (run, error);
}

/* M: the linear part of a problem, computed with absolute values. */
static float *
magnitudes_of (const Problem *problem, MzDevice *reference, GError **error)
{
  g_autoptr (Problem) absolute = problem_linear_part (problem);

  problem_make_absolute (absolute);
  return reference_result (absolute, reference, error);
}

/* Rounding of the residual's sum and of the stored result. */
static double
stored (const Precision *p, double n_terms, double y)
{
  return (U + p->store) * fabs (y) + p->smallest * n_terms;
}

static double
sum_error (const Precision *p, double n_terms, double magnitude)
{
  return (LAMBDA * sqrt (n_terms + 2) * U + p->weight + p->half_sums) * magnitude;
}

static double
activated (MzActivation activation, double error, double magnitude)
{
  return activation == MZ_ACTIVATION_NONE ? error : SLOPE * error + 4 * U * magnitude;
}

/* Products that one result of a matrix is the sum of. */
static double
n_products (const Problem *problem)
{
  const MzView *view = &problem->weights[0].view;
  double n = 1;

  for (int i = 1; i < view->n_dims; i++)
    n *= (double) view->shape[i];
  return n;
}

static gboolean
matrix_bounds (const Problem *problem,
               const Precision *p,
               MzDevice *reference,
               const float *expected,
               double *bounds,
               GError **error)
{
  g_autofree float *magnitudes = magnitudes_of (problem, reference, error);
  double k = n_products (problem);

  if (magnitudes == NULL)
    return FALSE;
  for (gsize i = 0; i < problem_out_elements (problem); i++)
    bounds[i] = sum_error (p, k, magnitudes[i]);
  if (p->winograd)
    tolerance_add_winograd (problem, bounds);
  for (gsize i = 0; i < problem_out_elements (problem); i++)
    bounds[i] = activated (problem->activation, bounds[i], magnitudes[i]) + stored (p, k, expected[i]);
  return TRUE;
}

static gboolean
geglu_bounds (const Problem *problem,
              const Precision *p,
              MzDevice *reference,
              const float *expected,
              double *bounds,
              GError **error)
{
  g_autoptr (Problem) plain = problem_linear_part (problem);
  g_autofree float *magnitudes = magnitudes_of (problem, reference, error);
  g_autofree float *values = magnitudes != NULL ? reference_result (plain, reference, error) : NULL;
  gsize per_sample = problem_out_elements (problem) / (gsize) problem->out_n;
  double k = n_products (problem);

  if (values == NULL)
    return FALSE;
  for (gsize i = 0; i < problem_out_elements (problem); i++)
    {
      /* Both results have twice the channels: values, then gates, sample by sample. */
      gsize value = i / per_sample * 2 * per_sample + i % per_sample, gate = value + per_sample;
      double v = fabs (values[value]), g = fabs (values[gate]);
      double error_v = sum_error (p, k, magnitudes[value]), error_g = sum_error (p, k, magnitudes[gate]);

      bounds[i]
          = error_v * g + v * (SLOPE * error_g + 4 * U * g) + error_v * error_g + stored (p, k, expected[i]);
    }
  return TRUE;
}

/* Channel `c` of pixel `pixel` of the inputs laid side by side. */
static double
norm_input (const Problem *problem, int n, int c, gsize pixel)
{
  const HostTensor *t = &problem->inputs[IN];

  if (c >= t->c)
    {
      c -= t->c;
      t = &problem->inputs[IN2];
    }
  return t->values[((gsize) n * t->c + c) * t->h * t->w + pixel];
}

static float
weight_at (const HostWeight *weight, gsize index)
{
  float value;

  mz_view_read_f32 (&weight->view, index, 1, &value);
  return value;
}

/* Bounds of one group: channels c0..c1 of pixels p0..p1 of sample n. */
static void
norm_group_bounds (const Problem *problem,
                   const Precision *p,
                   int n,
                   int c0,
                   int c1,
                   gsize p0,
                   gsize p1,
                   const float *expected,
                   double *bounds)
{
  double count = (double) (c1 - c0) * (double) (p1 - p0), mean = 0, magnitude = 0, variance = 0, r;
  gsize pixels = (gsize) problem->out_h * problem->out_w;

  for (int c = c0; c < c1; c++)
    for (gsize i = p0; i < p1; i++)
      {
        mean += norm_input (problem, n, c, i) / count;
        magnitude += fabs (norm_input (problem, n, c, i)) / count;
      }
  for (int c = c0; c < c1; c++)
    for (gsize i = p0; i < p1; i++)
      variance += pow (norm_input (problem, n, c, i) - mean, 2) / count;
  r = 1 / sqrt (variance + problem->epsilon);
  for (int c = c0; c < c1; c++)
    for (gsize i = p0; i < p1; i++)
      {
        gsize at = ((gsize) n * problem->out_c + c) * pixels + i;
        double x = norm_input (problem, n, c, i), gamma = fabs (weight_at (&problem->weights[0], c));
        double beta = fabs (weight_at (&problem->biases[0], c)), t = gamma * r * fabs (x - mean);
        double e = gamma * r * (2 * U * (fabs (x) + fabs (mean)) + 4 * U * magnitude)
                   + (8 * U + p->weight) * t + (2 * U + p->weight) * beta;

        bounds[at] = activated (problem->activation, e, t + beta) + stored (p, 1, expected[at]);
      }
}

static void
norm_bounds (const Problem *problem, const Precision *p, const float *expected, double *bounds)
{
  gsize pixels = (gsize) problem->out_h * problem->out_w;
  int per_group = problem->op == OP_GROUP_NORM ? problem->out_c / problem->n_groups : problem->out_c;

  for (int n = 0; n < problem->out_n; n++)
    if (problem->op == OP_GROUP_NORM)
      for (int c = 0; c < problem->out_c; c += per_group)
        norm_group_bounds (problem, p, n, c, c + per_group, 0, pixels, expected, bounds);
    else
      for (gsize i = 0; i < pixels; i++)
        norm_group_bounds (problem, p, n, 0, problem->out_c, i, i + 1, expected, bounds);
}

/* S of one query of one head. */
static double
score_magnitude (const HostTensor *q, const HostTensor *k, int b, int c0, int width, int query)
{
  double highest = 0;

  for (int j = 0; j < k->w; j++)
    {
      double sum = 0;

      for (int c = c0; c < c0 + width; c++)
        sum += fabs ((double) q->values[((gsize) b * q->c + c) * q->w + query]
                     * k->values[((gsize) b * k->c + c) * k->w + j]);
      highest = MAX (highest, sum);
    }
  return highest / sqrt (width);
}

static gboolean
attention_bounds (const Problem *problem,
                  const Precision *p,
                  MzDevice *reference,
                  const float *expected,
                  double *bounds,
                  GError **error)
{
  g_autoptr (Problem) absolute = problem_copy (problem);
  const HostTensor *q = &problem->inputs[IN], *k = &problem->inputs[IN2];
  g_autofree float *magnitudes = NULL;
  int width = q->c / problem->n_heads;

  host_tensor_make_absolute (&absolute->inputs[CHANNEL_ADD]); /* the values only: p_j must stay */
  magnitudes = reference_result (absolute, reference, error);
  if (magnitudes == NULL)
    return FALSE;
  for (int b = 0; b < q->n; b++)
    for (int head = 0; head < problem->n_heads; head++)
      for (int i = 0; i < q->w; i++)
        {
          double s = score_magnitude (q, k, b, head * width, width, i);
          double e = (2 * (LAMBDA * sqrt (width + 2) + 4) * s + 8 + LAMBDA * sqrt (k->w)) * U + 2 * p->store;

          for (int c = head * width; c < (head + 1) * width; c++)
            {
              gsize at = ((gsize) b * q->c + c) * q->w + i;
              bounds[at] = e * magnitudes[at] + stored (p, k->w, expected[at]);
            }
        }
  return TRUE;
}

static void
embed_bounds (const Problem *problem, const Precision *p, const float *expected, double *bounds)
{
  gsize i = 0;

  for (int n = 0; n < problem->out_n; n++)
    for (int c = 0; c < problem->out_c; c++)
      for (int t = 0; t < problem->out_w; t++, i++)
        {
          double token = weight_at (&problem->weights[0],
                                    (gsize) problem->ids[n * problem->out_w + t] * problem->out_c + c);
          double position = weight_at (&problem->biases[0], (gsize) t * problem->out_c + c);

          bounds[i] = p->weight * (fabs (token) + fabs (position) + fabs (expected[i]));
        }
}

gboolean
tolerance_bounds (const Problem *problem,
                  const MzDevice *device,
                  MzDevice *reference,
                  const float *expected,
                  double *bounds,
                  GError **error)
{
  Precision p = precision_of (device);

  switch (problem->op)
    {
    case OP_CONV2D:
    case OP_LINEAR:
      return problem->kind == MZ_MATRIX_GEGLU
                 ? geglu_bounds (problem, &p, reference, expected, bounds, error)
                 : matrix_bounds (problem, &p, reference, expected, bounds, error);
    case OP_ATTENTION:
      return attention_bounds (problem, &p, reference, expected, bounds, error);
    case OP_EMBED:
      embed_bounds (problem, &p, expected, bounds);
      return TRUE;
    case OP_GROUP_NORM:
    case OP_LAYER_NORM:
      norm_bounds (problem, &p, expected, bounds);
      return TRUE;
    case OP_COPY: /* to the bit: nothing but an error of zero is a share of zero */
      memset (bounds, 0, problem_out_elements (problem) * sizeof *bounds);
      return TRUE;
    case OP_TRANSFER:
    case N_OPS:
    default:
      return TRUE;
    }
}
