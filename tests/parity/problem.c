/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Operands on the host: random numbers from a small generator of our own, so that they never change. */
#include "parity.h"

#include "core/half.h"

#include <math.h>
#include <string.h>

typedef struct
{
  Problem problem;
  guint64 state;
} RandomProblem;

/* splitmix64 (Steele, Lea and Flood 2014). */
static guint64
next (Problem *problem)
{
  guint64 z = ((RandomProblem *) problem)->state += 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* Mean 0, deviation 1, nearly normal: the sum of four uniform numbers. */
static double
next_normal (Problem *problem)
{
  double sum = 0;

  for (int i = 0; i < 4; i++)
    sum += (double) (next (problem) >> 11) * 0x1p-53 - 0.5;
  return sum * sqrt (3.0);
}

guint
problem_random_below (Problem *problem, guint limit)
{
  return (guint) (next (problem) % limit);
}

Problem *
problem_new (Op op, guint index, Use use)
{
  RandomProblem *p = g_new0 (RandomProblem, 1);

  p->problem.op = op;
  p->problem.use = use;
  p->state = (guint64) op * 1000003u + index;
  return &p->problem;
}

static void
clear_weight (HostWeight *weight)
{
  g_free (weight->bytes);
  memset (weight, 0, sizeof *weight);
}

void
problem_free (Problem *problem)
{
  for (int i = 0; i < N_INPUTS; i++)
    g_free (problem->inputs[i].values);
  for (int i = 0; i < MAX_PARTS; i++)
    {
      clear_weight (&problem->weights[i]);
      clear_weight (&problem->biases[i]);
    }
  g_free (problem->ids);
  g_free (problem->name);
  g_free ((RandomProblem *) problem);
}

gsize
host_tensor_elements (const HostTensor *t)
{
  return (gsize) t->n * (gsize) t->h * (gsize) t->w * (gsize) t->c;
}

gsize
problem_out_elements (const Problem *p)
{
  return (gsize) p->out_n * (gsize) p->out_h * (gsize) p->out_w * (gsize) p->out_c;
}

void
host_tensor_make_absolute (HostTensor *t)
{
  gsize n = t->values != NULL ? host_tensor_elements (t) : 0;

  for (gsize i = 0; i < n; i++)
    t->values[i] = fabsf (t->values[i]);
}

/* One number of an input. "Large" is 1e8 in float32 and bfloat16, where products of two still fit, and 64 in
 * float16, where sums of some thousand products with small weights do. */
static float
next_value (Problem *problem, Fill fill, MzDType dtype)
{
  double x = next_normal (problem);

  switch (fill)
    {
    case FILL_LARGE:
      return (float) (x * (dtype == MZ_DTYPE_F16 ? 64.0 : 1e8));
    case FILL_ZERO:
      return 0.0f;
    case FILL_DENORMAL:
      return (float) (next (problem) & 1 ? x : x * 0x1p-130);
    case FILL_OFFSET:
      return (float) (x + 100.0);
    case FILL_CONSTANT:
      return 0.7f;
    case FILL_NORMAL:
    default:
      return (float) x;
    }
}

void
problem_add_input (Problem *problem, int which, int n, int h, int w, int c, Fill fill, MzDType dtype)
{
  HostTensor *t = &problem->inputs[which];
  gsize count;

  *t = (HostTensor){ n, h, w, c, NULL };
  count = host_tensor_elements (t);
  t->values = g_new (float, count);
  for (gsize i = 0; i < count; i++)
    t->values[i] = next_value (problem, fill, dtype);
}

void
problem_round_inputs (Problem *problem, MzDType dtype)
{
  for (int i = 0; i < N_INPUTS; i++)
    {
      HostTensor *t = &problem->inputs[i];
      gsize n = t->values != NULL ? host_tensor_elements (t) : 0;

      for (gsize j = 0; j < n; j++)
        if (dtype == MZ_DTYPE_F16)
          t->values[j] = mz_f16_to_float (mz_float_to_f16 (t->values[j]));
        else if (dtype == MZ_DTYPE_BF16)
          t->values[j] = mz_bf16_to_float (mz_float_to_bf16 (t->values[j]));
    }
}

/* Room for a weight; its data begin at an odd address, as they may in a file. */
static HostWeight
new_weight (MzDType dtype, int n_dims, const gint64 *shape)
{
  HostWeight weight = { .view = { .dtype = dtype, .n_dims = n_dims } };

  memcpy (weight.view.shape, shape, (gsize) n_dims * sizeof *shape);
  weight.view.n_bytes = mz_view_elements (&weight.view) * mz_dtype_size (dtype);
  weight.bytes = g_malloc (weight.view.n_bytes + 1);
  weight.view.data = weight.bytes + 1;
  return weight;
}

static void
store (HostWeight *weight, gsize index, float value)
{
  guint8 *at = weight->bytes + 1 + index * mz_dtype_size (weight->view.dtype);
  guint16 half = weight->view.dtype == MZ_DTYPE_F16 ? mz_float_to_f16 (value) : mz_float_to_bf16 (value);

  if (weight->view.dtype == MZ_DTYPE_F32)
    memcpy (at, &value, sizeof value);
  else
    memcpy (at, &half, sizeof half);
}

HostWeight
problem_random_weight (Problem *problem, MzDType dtype, double scale, int n_dims, const gint64 *shape)
{
  HostWeight weight = new_weight (dtype, n_dims, shape);
  gsize n = mz_view_elements (&weight.view);

  for (gsize i = 0; i < n; i++)
    store (&weight, i, (float) (next_normal (problem) * scale));
  return weight;
}

static HostWeight
copy_weight (const HostWeight *from)
{
  HostWeight to = { .bytes = NULL };

  if (from->bytes == NULL)
    return to;
  to = new_weight (from->view.dtype, from->view.n_dims, from->view.shape);
  memcpy (to.bytes, from->bytes, from->view.n_bytes + 1);
  return to;
}

static void
make_weight_absolute (HostWeight *weight)
{
  gsize n = weight->bytes != NULL ? mz_view_elements (&weight->view) : 0;

  for (gsize i = 0; i < n; i++)
    {
      float value;

      mz_view_read_f32 (&weight->view, i, 1, &value);
      store (weight, i, fabsf (value));
    }
}

Problem *
problem_copy (const Problem *problem)
{
  RandomProblem *copy = g_memdup2 (problem, sizeof (RandomProblem));
  Problem *p = &copy->problem;

  p->name = g_strdup (problem->name);
  if (p->ids != NULL)
    p->ids = g_memdup2 (p->ids, (gsize) (p->out_n * p->out_w) * sizeof *p->ids);
  for (int i = 0; i < MAX_PARTS; i++)
    {
      p->weights[i] = copy_weight (&problem->weights[i]);
      p->biases[i] = copy_weight (&problem->biases[i]);
    }
  for (int i = 0; i < N_INPUTS; i++)
    if (p->inputs[i].values != NULL)
      p->inputs[i].values
          = g_memdup2 (p->inputs[i].values, host_tensor_elements (&p->inputs[i]) * sizeof (float));
  return p;
}

static void
move_to_8bit (HostWeight *weight)
{
  gsize n_rows = (gsize) weight->view.shape[0], n = mz_view_elements (&weight->view) / n_rows;
  g_autofree float *row = g_new (float, n);

  for (gsize i = 0; i < n_rows; i++)
    {
      float largest = 0, unit;

      mz_view_read_f32 (&weight->view, i * n, n, row);
      for (gsize j = 0; j < n; j++)
        largest = MAX (largest, fabsf (row[j]));
      unit = exp2f (ceilf (log2f (largest / 127)));
      for (gsize j = 0; j < n; j++)
        store (weight, i * n + j, j == i % n ? 127 * unit : rintf (row[j] / unit) * unit);
    }
}

void
problem_use_8bit (Problem *problem)
{
  char *name = g_strconcat (problem->name, ", 8 bits", NULL);

  g_free (problem->name);
  problem->name = name;
  problem->in_8bit = TRUE;
  for (int i = 0; i < problem->n_parts; i++)
    move_to_8bit (&problem->weights[i]);
}

Problem *
problem_linear_part (const Problem *problem)
{
  Problem *p = problem_copy (problem);

  p->activation = MZ_ACTIVATION_NONE;
  p->in_place = FALSE;
  g_clear_pointer (&p->inputs[RESIDUAL].values, g_free);
  if (p->kind == MZ_MATRIX_GEGLU)
    {
      p->kind = MZ_MATRIX_LINEAR;
      p->out_c *= 2;
    }
  return p;
}

void
problem_make_absolute (Problem *problem)
{
  for (int i = 0; i < MAX_PARTS; i++)
    {
      make_weight_absolute (&problem->weights[i]);
      make_weight_absolute (&problem->biases[i]);
    }
  for (int i = 0; i < N_INPUTS; i++)
    host_tensor_make_absolute (&problem->inputs[i]);
}

void
problem_views (const Problem *problem, const MzView **weights, const MzView **biases, gboolean *any_bias)
{
  *any_bias = FALSE;
  for (int i = 0; i < MAX_PARTS; i++)
    {
      weights[i] = &problem->weights[i].view;
      biases[i] = problem->biases[i].bytes != NULL ? &problem->biases[i].view : NULL;
      *any_bias |= biases[i] != NULL;
    }
}

const char *
activation_suffix (MzActivation activation)
{
  static const char *const names[] = { "", ", SiLU", ", GELU", ", quick GELU", ", ReLU" };

  return names[activation];
}

const char *
fill_suffix (Fill fill)
{
  static const char *const names[] = { "", ", large", ", zero", ", denormal", ", offset", ", constant" };

  return names[fill];
}
