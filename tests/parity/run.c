/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A problem on a device: operands between guards, weights prepared, the op called through the table. */
#include "parity.h"

#include <math.h>
#include <string.h>

/* Elements of guard before a tensor, and at least as many behind it; the value can be held by every type. */
#define GUARD_ELEMENTS 64
#define GUARD_VALUE 1232.0f

static gsize
round_up (gsize n, gsize multiple)
{
  return (n + multiple - 1) / multiple * multiple;
}

/* Guard elements before a tensor, so that the tensor itself is aligned as the backend wants it. */
static gsize
guard_before (const MzBackend *backend)
{
  gsize size = mz_dtype_size (backend->activation_dtype);

  return round_up (GUARD_ELEMENTS * size, backend->alignment) / size;
}

static gboolean
read_whole (MzDevice *device, const Placed *p, float *values, GError **error)
{
  return device->backend->download (device, &p->whole, values, error);
}

/* Takes memory for a tensor and its guards, and fills the guards; the tensor gets `values`, or NaN. */
static gboolean
place (MzDevice *device, Placed *p, int n, int h, int w, int c, const float *values, GError **error)
{
  const MzBackend *backend = device->backend;
  MzDType dtype = backend->activation_dtype;
  gsize size = mz_dtype_size (dtype), before = guard_before (backend), total;
  g_autofree float *fill = NULL;

  p->tensor = (MzTensor){ dtype, n, h, w, c, c, NULL };
  total = before + mz_tensor_elements (&p->tensor) + GUARD_ELEMENTS;
  p->memory = backend->alloc (device, total * size, error);
  if (p->memory == NULL)
    return FALSE;
  p->whole = (MzTensor){ dtype, 1, 1, 1, (int) total, (int) total, p->memory };
  p->tensor.data = (guint8 *) p->memory + before * size;
  fill = g_new (float, total);
  for (gsize i = 0; i < total; i++)
    fill[i] = i >= before && i < total - GUARD_ELEMENTS ? NAN : GUARD_VALUE;
  if (!backend->upload (device, &p->whole, fill, error))
    return FALSE;
  if (values != NULL && !backend->upload (device, &p->tensor, values, error))
    return FALSE;
  p->before = g_new (float, total);
  return read_whole (device, p, p->before, error);
}

static gboolean
place_host (Run *run, int which, GError **error)
{
  const HostTensor *t = &run->problem->inputs[which];

  if (t->values == NULL)
    return TRUE;
  if (!place (run->device, &run->inputs[which], t->n, t->h, t->w, t->c, t->values, error))
    return FALSE;
  run->args[which] = run->inputs[which].tensor;
  return TRUE;
}

/* Places inputs first..last side by side as one tensor, and makes the arguments slices of it. All are [B, C,
 * 1, T]. */
static gboolean
place_joined (Run *run, int first, int last, GError **error)
{
  const HostTensor *t = &run->problem->inputs[first];
  int n_parts = last - first + 1;
  gsize part = (gsize) t->c * (gsize) t->w;
  g_autofree float *joined = g_new (float, host_tensor_elements (t) * (gsize) n_parts);

  for (int b = 0; b < t->n; b++)
    for (int p = 0; p < n_parts; p++)
      memcpy (joined + (gsize) (b * n_parts + p) * part, t[p].values + (gsize) b * part,
              part * sizeof (float));
  if (!place (run->device, &run->inputs[first], t->n, 1, t->w, t->c * n_parts, joined, error))
    return FALSE;
  for (int p = 0; p < n_parts; p++)
    run->args[first + p] = mz_slice_channels (&run->inputs[first].tensor, p * t->c, t->c);
  return TRUE;
}

static gboolean
place_inputs (Run *run, GError **error)
{
  switch (run->problem->slices)
    {
    case SLICE_QKV:
      return place_joined (run, 0, 2, error);
    case SLICE_KV:
      return place_host (run, 0, error) && place_joined (run, 1, 2, error);
    case SLICE_NONE:
    default:
      for (int i = 0; i < N_INPUTS; i++)
        if (!place_host (run, i, error))
          return FALSE;
      return TRUE;
    }
}

/* Calls the table's function for the op's kind of weight. */
static MzWeight *
prepare_views (Run *run,
               const MzView *const *weights,
               const MzView *const *biases,
               gboolean any_bias,
               GError **error)
{
  const MzBackend *backend = run->device->backend;
  const Problem *p = run->problem;

  if (p->op == OP_EMBED)
    return backend->prepare_embedding (run->device, weights[0], biases[0], error);
  if (p->op == OP_GROUP_NORM || p->op == OP_LAYER_NORM)
    return backend->prepare_norm (run->device, weights[0], biases[0], error);
  return backend->prepare_matrix (run->device, p->kind, p->n_parts, weights, any_bias ? biases : NULL, error);
}

/* Prepares from copies at odd addresses that are spoiled afterwards: a backend may not keep the views. */
static gboolean
prepare (Run *run, GError **error)
{
  const MzView *views[2 * MAX_PARTS];
  MzView copies[2 * MAX_PARTS];
  guint8 *bytes[2 * MAX_PARTS] = { NULL };
  gboolean any_bias;

  if (run->problem->weights[0].bytes == NULL)
    return TRUE;
  problem_views (run->problem, views, views + MAX_PARTS, &any_bias);
  for (int i = 0; i < 2 * MAX_PARTS; i++)
    {
      if (views[i] == NULL || views[i]->data == NULL)
        continue;
      copies[i] = *views[i];
      bytes[i] = g_malloc (copies[i].n_bytes + 1);
      copies[i].data = memcpy (bytes[i] + 1, copies[i].data, copies[i].n_bytes);
      views[i] = &copies[i];
    }
  run->device->prefers_8bit = run->problem->in_8bit;
  run->weight = prepare_views (run, views, views + MAX_PARTS, any_bias, error);
  run->device->prefers_8bit = FALSE;
  for (int i = 0; i < 2 * MAX_PARTS; i++)
    {
      if (bytes[i] != NULL)
        memset (bytes[i], 0xff, copies[i].n_bytes + 1);
      g_free (bytes[i]);
    }
  return run->weight != NULL && mz_device_finish_weights (run->device, NULL, error);
}

/* The input that the op's result overwrites, or -1. */
static int
overwritten (const Problem *problem)
{
  if (!problem->in_place)
    return -1;
  return problem->op == OP_LAYER_NORM || problem->op == OP_GROUP_NORM ? IN : RESIDUAL;
}

Run *
run_new (const Problem *problem, MzDevice *device, GError **error)
{
  g_autoptr (Run) run = g_new0 (Run, 1);

  run->problem = problem;
  run->device = device;
  run->exec.device = device;
  if (!place_inputs (run, error) || !prepare (run, error))
    return NULL;
  if (problem->op == OP_TRANSFER)
    return g_steal_pointer (&run);
  if (problem->in_place)
    run->out.tensor = run->inputs[overwritten (problem)].tensor;
  else if (!place (device, &run->out, problem->out_n, problem->out_h, problem->out_w, problem->out_c, NULL,
                   error))
    return NULL;
  return g_steal_pointer (&run);
}

static void
unplace (MzDevice *device, Placed *p)
{
  if (p->memory != NULL)
    device->backend->release (device, p->memory);
  g_free (p->before);
}

void
run_free (Run *run)
{
  if (run->weight != NULL)
    run->device->backend->release_weight (run->device, run->weight);
  for (int i = 0; i < N_INPUTS; i++)
    unplace (run->device, &run->inputs[i]);
  unplace (run->device, &run->out);
  g_free (run);
}

gboolean
run_reset (Run *run, GError **error)
{
  const Placed *p = run->problem->in_place ? &run->inputs[overwritten (run->problem)] : &run->out;

  return run->device->backend->upload (run->device, &p->whole, p->before, error);
}

/* The two steps of a group norm, each over all bands. Bands of several samples must be whole pictures. */
static gboolean
norm_in_bands (Run *run, GError **error)
{
  const Problem *p = run->problem;
  const MzBackend *b = run->device->backend;
  const MzTensor *in = &run->args[IN], *out = &run->out.tensor;
  g_autofree MzMoments *moments = g_new0 (MzMoments, in->n * p->n_groups);

  for (int step = 0; step < 2; step++)
    for (int row = 0; row < in->h; row += p->band_rows)
      {
        int n_rows = MIN (p->band_rows, in->h - row);
        MzTensor from = *in, to = *out;

        if (n_rows < in->h)
          {
            from = mz_slice_rows (in, row, n_rows);
            to = mz_slice_rows (out, row, n_rows);
          }
        if (step == 0 ? !b->group_moments (&run->exec, &from, p->n_groups, moments, error)
                      : !b->group_scale (&run->exec, &to, &from, moments, run->weight, p->n_groups,
                                         p->epsilon, p->activation, error))
          return FALSE;
      }
  return TRUE;
}

gboolean
run_call (Run *run, GError **error)
{
  const Problem *p = run->problem;
  const MzBackend *b = run->device->backend;
  const MzTensor *in = &run->args[IN], *in2 = p->inputs[IN2].values != NULL ? &run->args[IN2] : NULL;
  const MzEpilogue epilogue
      = { .channel_add = p->inputs[CHANNEL_ADD].values != NULL ? &run->args[CHANNEL_ADD] : NULL,
          .activation = p->activation,
          .residual = p->inputs[RESIDUAL].values != NULL ? &run->args[RESIDUAL] : NULL };

  switch (p->op)
    {
    case OP_CONV2D:
      return b->conv2d (&run->exec, &run->out.tensor, in, in2, run->weight, &p->geometry, &epilogue, error);
    case OP_LINEAR:
      return b->linear (&run->exec, &run->out.tensor, in, in2, run->weight, &epilogue, error);
    case OP_COPY:
      return b->copy (&run->exec, &run->out.tensor, in, error);
    case OP_GROUP_NORM:
      if (p->band_rows > 0)
        return norm_in_bands (run, error);
      return b->group_norm (&run->exec, &run->out.tensor, in, in2, run->weight, p->n_groups, p->epsilon,
                            p->activation, error);
    case OP_LAYER_NORM:
      return b->layer_norm (&run->exec, &run->out.tensor, in, run->weight, p->epsilon, error);
    case OP_ATTENTION:
      return b->attention (&run->exec, &run->out.tensor, in, in2, &run->args[CHANNEL_ADD], p->n_heads,
                           p->causal, error);
    case OP_EMBED:
      return b->embed (&run->exec, &run->out.tensor, p->ids, run->weight, error);
    case OP_TRANSFER:
    case N_OPS:
    default:
      return TRUE;
    }
}

float *
run_result (Run *run, GError **error)
{
  g_autofree float *values = g_new (float, mz_tensor_elements (&run->out.tensor));

  if (!run->device->backend->download (run->device, &run->out.tensor, values, error))
    return NULL;
  return g_steal_pointer (&values);
}

gboolean
run_read_inputs (Run *run, Problem *problem, GError **error)
{
  for (int i = 0; i < N_INPUTS; i++)
    {
      HostTensor *t = &problem->inputs[i];

      if (t->values == NULL)
        continue;
      /* A slice cannot be downloaded, but then nothing was rounded either unless the type is a small one; a
       * dense stand-in rounds in the same way. */
      if (run->args[i].row_stride != run->args[i].c)
        {
          Placed stand_in = { NULL };
          gboolean ok = place (run->device, &stand_in, t->n, t->h, t->w, t->c, t->values, error)
                        && run->device->backend->download (run->device, &stand_in.tensor, t->values, error);

          unplace (run->device, &stand_in);
          if (!ok)
            return FALSE;
        }
      else if (!run->device->backend->download (run->device, &run->args[i], t->values, error))
        return FALSE;
    }
  return TRUE;
}

/* Compares bits with what stood there, the tensor itself left out if it may change. */
static char *
changed (Run *run, const Placed *p, const char *name, gboolean may_change)
{
  gsize total = (gsize) p->whole.c, begin = guard_before (run->device->backend);
  gsize end = begin + mz_tensor_elements (&p->tensor);
  g_autofree float *now = g_new (float, total);

  if (!read_whole (run->device, p, now, NULL))
    return g_strdup_printf ("%s cannot be read back", name);
  for (gsize i = 0; i < total; i++)
    {
      if ((may_change && i >= begin && i < end) || memcmp (&now[i], &p->before[i], sizeof *now) == 0)
        continue;
      return g_strdup_printf ("%s was written at element %ld of %" G_GSIZE_FORMAT ": %g became %g", name,
                              (long) i - (long) begin, end - begin, p->before[i], now[i]);
    }
  return NULL;
}

gboolean
run_is_clean (Run *run, char **complaint)
{
  static const char *const names[N_INPUTS]
      = { "the first input", "the second input", "the third input", "the residual" };

  *complaint = run->out.memory != NULL ? changed (run, &run->out, "memory around the result", TRUE) : NULL;
  for (int i = 0; i < N_INPUTS && *complaint == NULL; i++)
    if (run->inputs[i].memory != NULL)
      *complaint = changed (run, &run->inputs[i], names[i], i == overwritten (run->problem));
  return *complaint == NULL;
}
