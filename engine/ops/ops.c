/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The checked front of the op table: shapes, cancel, trace, then the backend. */
#include <glib/gi18n-lib.h>

#include "ops/recorder.h"

/* Notes a shape that model code got wrong (or that a hostile config made wrong). */
static gboolean G_GNUC_PRINTF (3, 4) check (MzExec *exec, gboolean ok, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (ok || exec->error != NULL)
    return ok && exec->error == NULL;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (&exec->error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
               _ ("The model's layers do not fit together: %s."), what);
  return FALSE;
}

#define SHAPE "[%d, %d, %d, %d]"
#define SHAPE_OF(t) (t)->n, (t)->h, (t)->w, (t)->c

static gboolean
is_dense (const MzTensor *t)
{
  return t == NULL || t->row_stride == t->c;
}

static gboolean
same_pixels (const MzTensor *a, const MzTensor *b)
{
  return a->n == b->n && a->h == b->h && a->w == b->w;
}

static int
joined_channels (const MzTensor *in, const MzTensor *in2)
{
  return in->c + (in2 != NULL ? in2->c : 0);
}

static gboolean
check_inputs (MzExec *exec, const char *op, const MzTensor *out, const MzTensor *in, const MzTensor *in2)
{
  if (exec->error != NULL)
    return FALSE;
  return check (exec, out->n > 0 && out->h > 0 && out->w > 0 && out->c > 0, "%s would give " SHAPE, op,
                SHAPE_OF (out))
         && check (exec, is_dense (out) && is_dense (in) && is_dense (in2), "%s got a slice of channels", op)
         && check (exec, in2 == NULL || same_pixels (in, in2), "%s cannot join " SHAPE " and " SHAPE, op,
                   SHAPE_OF (in), SHAPE_OF (in2 != NULL ? in2 : in));
}

static gboolean
check_epilogue (MzExec *exec,
                const char *op,
                const MzTensor *out,
                const MzWeight *weight,
                const MzEpilogue *epilogue)
{
  const MzTensor *add = epilogue != NULL ? epilogue->channel_add : NULL;
  const MzTensor *residual = epilogue != NULL ? epilogue->residual : NULL;

  if (add != NULL
      && !check (exec,
                 (add->n == out->n || add->n == 1) && add->h == 1 && add->w == 1 && add->c == out->c
                     && (add->n == 1 || is_dense (add)),
                 "%s cannot add " SHAPE " to the channels of " SHAPE, op, SHAPE_OF (add), SHAPE_OF (out)))
    return FALSE;
  if (residual != NULL
      && !check (exec, same_pixels (residual, out) && residual->c == out->c && is_dense (residual),
                 "%s cannot add " SHAPE " to " SHAPE, op, SHAPE_OF (residual), SHAPE_OF (out)))
    return FALSE;
  return check (
      exec, epilogue == NULL || epilogue->activation == MZ_ACTIVATION_NONE || weight->kind != MZ_MATRIX_GEGLU,
      "%s has two activations", op);
}

/* Is there something to compute, now that the arguments are known to be right? */
static gboolean
ready (MzExec *exec)
{
  if (exec->error != NULL || exec->planning)
    return FALSE;
  return !mz_cancel_set_error (exec->cancel, &exec->error);
}

/* As numbers, for NOTE(). */
#define TENSOR(t)                                                                                            \
  (gint64) GPOINTER_TO_SIZE ((t) != NULL ? (t)->data : NULL), (t) != NULL ? (t)->n : 0,                      \
      (t) != NULL ? (t)->h : 0, (t) != NULL ? (t)->w : 0, (t) != NULL ? (t)->c : 0,                          \
      (t) != NULL ? (t)->row_stride : 0
#define POINTER(p) (gint64) GPOINTER_TO_SIZE (p)
#define EPILOGUE(e) TENSOR ((e)->channel_add), (e)->activation, TENSOR ((e)->residual)
/* 1e-5 and 1e-6 must differ */
#define SMALL(x) (gint64) ((double) (x) *1e15)

/* Is there something to compute, and is it not part of a replay? What follows OP is all that it depends on.
 */
#define READY(OP, ...)                                                                                       \
  (ready (exec)                                                                                              \
   && (exec->recorder == NULL                                                                                \
       || note (exec->recorder, (const gint64[]){ OP, __VA_ARGS__ },                                         \
                sizeof ((const gint64[]){ OP, __VA_ARGS__ }) / sizeof (gint64))))

enum
{
  OP_UPLOAD = 1,
  OP_DOWNLOAD,
  OP_CONV2D,
  OP_LINEAR,
  OP_GROUP_NORM,
  OP_COPY,
  OP_LAYER_NORM,
  OP_ATTENTION,
};

static gboolean
note (MzRecorder *recorder, const gint64 *values, gsize n)
{
  mz_recorder_note (recorder, values, n);
  return !mz_recorder_replays (recorder);
}

/* For an op that must run whenever it is met. */
static gboolean
ready_alone (MzExec *exec)
{
  if (!ready (exec))
    return FALSE;
  if (exec->recorder != NULL)
    mz_recorder_refuse (exec->recorder);
  return exec->recorder == NULL || !mz_recorder_replays (exec->recorder);
}

/* Runs CALL (a backend's function, which sets exec->error) between two looks at the clock. */
#define RUN(OP, OUT, CALL)                                                                                   \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    gint64 begin_us = exec->trace != NULL ? g_get_monotonic_time () : 0;                                     \
    if (CALL && exec->trace != NULL)                                                                         \
      exec->trace (exec->trace_user, OP, OUT, (double) (g_get_monotonic_time () - begin_us) * 1e-6);         \
  }                                                                                                          \
  G_STMT_END

static const MzEpilogue no_epilogue = { NULL, MZ_ACTIVATION_NONE, NULL };

static int
conv_out_size (int in, int upsample, int crop, int padding, int kernel, int stride)
{
  int padded = in * upsample - crop + padding;

  return padded < kernel ? 0 : (padded - kernel) / stride + 1;
}

int
mz_conv_out_height (const MzConvGeometry *g, int in_height, int kernel_height)
{
  return conv_out_size (in_height, g->upsample, g->crop_bottom, g->pad_top + g->pad_bottom, kernel_height,
                        g->stride);
}

int
mz_conv_out_width (const MzConvGeometry *g, int in_width, int kernel_width)
{
  return conv_out_size (in_width, g->upsample, g->crop_right, g->pad_left + g->pad_right, kernel_width,
                        g->stride);
}

void
mz_op_upload (MzExec *exec, const MzTensor *tensor, const float *nchw)
{
  if (!READY (OP_UPLOAD, TENSOR (tensor)))
    {
      if (exec->error == NULL && !exec->planning)
        mz_recorder_upload (exec, tensor, nchw);
      return;
    }
  RUN ("upload", tensor, exec->device->backend->upload (exec->device, tensor, nchw, &exec->error));
}

void
mz_op_download (MzExec *exec, const MzTensor *tensor, float *nchw)
{
  gboolean runs = READY (OP_DOWNLOAD, TENSOR (tensor));

  if (exec->recorder != NULL && exec->error == NULL && !exec->planning)
    mz_recorder_download (exec, tensor, nchw);
  if (runs)
    RUN ("download", tensor, exec->device->backend->download (exec->device, tensor, nchw, &exec->error));
}

void
mz_op_conv2d (MzExec *exec,
              const MzTensor *out,
              const MzTensor *in,
              const MzTensor *in2,
              const MzWeight *weight,
              const MzConvGeometry *g,
              const MzEpilogue *epilogue)
{
  int h, w;

  if (!check_inputs (exec, "a convolution", out, in, in2))
    return; /* after a failure not even the weight may be there */
  h = mz_conv_out_height (g, in->h, weight->kernel_h);
  w = mz_conv_out_width (g, in->w, weight->kernel_w);
  if (!check_epilogue (exec, "a convolution", out, weight, epilogue)
      || !check (exec, weight->kind == MZ_MATRIX_CONV && joined_channels (in, in2) == weight->in_channels,
                 "a convolution of %d channels got %d", weight->in_channels, joined_channels (in, in2))
      || !check (exec, out->n == in->n && out->h == h && out->w == w && out->c == weight->out_channels,
                 "a convolution gives [%d, %d, %d, %d], not " SHAPE, in->n, h, w, weight->out_channels,
                 SHAPE_OF (out)))
    return;
  epilogue = epilogue != NULL ? epilogue : &no_epilogue;
  if (READY (OP_CONV2D, TENSOR (out), TENSOR (in), TENSOR (in2), POINTER (weight), EPILOGUE (epilogue),
             g->stride, g->upsample, g->pad_top, g->pad_left, g->pad_bottom, g->pad_right, g->crop_bottom,
             g->crop_right))
    RUN ("conv2d", out,
         exec->device->backend->conv2d (exec, out, in, in2, weight, g, epilogue, &exec->error));
}

void
mz_op_linear (MzExec *exec,
              const MzTensor *out,
              const MzTensor *in,
              const MzTensor *in2,
              const MzWeight *weight,
              const MzEpilogue *epilogue)
{
  if (!check_inputs (exec, "a linear layer", out, in, in2)
      || !check_epilogue (exec, "a linear layer", out, weight, epilogue)
      || !check (exec,
                 weight->kernel_h == 1 && weight->kernel_w == 1
                     && joined_channels (in, in2) == weight->in_channels,
                 "a linear layer of %d channels got %d", weight->in_channels, joined_channels (in, in2))
      || !check (exec, same_pixels (out, in) && out->c == weight->out_channels,
                 "a linear layer of %d channels makes " SHAPE " of " SHAPE, weight->out_channels,
                 SHAPE_OF (out), SHAPE_OF (in)))
    return;
  epilogue = epilogue != NULL ? epilogue : &no_epilogue;
  if (READY (OP_LINEAR, TENSOR (out), TENSOR (in), TENSOR (in2), POINTER (weight), EPILOGUE (epilogue)))
    RUN ("linear", out, exec->device->backend->linear (exec, out, in, in2, weight, epilogue, &exec->error));
}

void
mz_op_group_norm (MzExec *exec,
                  const MzTensor *out,
                  const MzTensor *in,
                  const MzTensor *in2,
                  const MzWeight *norm,
                  int n_groups,
                  float epsilon,
                  MzActivation activation)
{
  int c = joined_channels (in, in2);

  if (!check_inputs (exec, "a group norm", out, in, in2)
      || !check (exec, norm->out_channels == c && n_groups > 0 && c % n_groups == 0,
                 "a group norm of %d channels in %d groups got %d channels", norm->out_channels, n_groups, c)
      || !check (exec, same_pixels (out, in) && out->c == c, "a group norm makes " SHAPE " of " SHAPE,
                 SHAPE_OF (out), SHAPE_OF (in)))
    return;
  if (READY (OP_GROUP_NORM, TENSOR (out), TENSOR (in), TENSOR (in2), POINTER (norm), n_groups,
             SMALL (epsilon), activation))
    RUN ("group_norm", out,
         exec->device->backend->group_norm (exec, out, in, in2, norm, n_groups, epsilon, activation,
                                            &exec->error));
}

void
mz_op_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments)
{
  if (!check_inputs (exec, "a group norm", in, in, NULL)
      || !check (exec, n_groups > 0 && in->c % n_groups == 0, "a group norm in %d groups got %d channels",
                 n_groups, in->c))
    return;
  if (ready_alone (exec))
    RUN ("group_moments", in,
         exec->device->backend->group_moments (exec, in, n_groups, moments, &exec->error));
}

void
mz_op_group_scale (MzExec *exec,
                   const MzTensor *out,
                   const MzTensor *in,
                   const MzMoments *moments,
                   const MzWeight *norm,
                   int n_groups,
                   float epsilon,
                   MzActivation activation)
{
  if (!check_inputs (exec, "a group norm", out, in, NULL)
      || !check (exec, norm->out_channels == in->c && n_groups > 0 && in->c % n_groups == 0,
                 "a group norm of %d channels in %d groups got %d channels", norm->out_channels, n_groups,
                 in->c)
      || !check (exec, same_pixels (out, in) && out->c == in->c, "a group norm makes " SHAPE " of " SHAPE,
                 SHAPE_OF (out), SHAPE_OF (in)))
    return;
  if (ready_alone (exec))
    RUN ("group_scale", out,
         exec->device->backend->group_scale (exec, out, in, moments, norm, n_groups, epsilon, activation,
                                             &exec->error));
}

void
mz_op_copy (MzExec *exec, const MzTensor *out, const MzTensor *in)
{
  if (!check_inputs (exec, "a copy", out, in, NULL)
      || !check (exec, same_pixels (out, in) && out->c == in->c, "a copy makes " SHAPE " of " SHAPE,
                 SHAPE_OF (out), SHAPE_OF (in)))
    return;
  if (READY (OP_COPY, TENSOR (out), TENSOR (in)))
    RUN ("copy", out, exec->device->backend->copy (exec, out, in, &exec->error));
}

void
mz_op_layer_norm (MzExec *exec, const MzTensor *out, const MzTensor *in, const MzWeight *norm, float epsilon)
{
  if (!check_inputs (exec, "a layer norm", out, in, NULL)
      || !check (exec, same_pixels (out, in) && out->c == in->c && norm->out_channels == in->c,
                 "a layer norm of %d channels makes " SHAPE " of " SHAPE, norm->out_channels, SHAPE_OF (out),
                 SHAPE_OF (in)))
    return;
  if (READY (OP_LAYER_NORM, TENSOR (out), TENSOR (in), POINTER (norm), SMALL (epsilon)))
    RUN ("layer_norm", out, exec->device->backend->layer_norm (exec, out, in, norm, epsilon, &exec->error));
}

void
mz_op_attention (MzExec *exec,
                 const MzTensor *out,
                 const MzTensor *q,
                 const MzTensor *k,
                 const MzTensor *v,
                 int n_heads,
                 gboolean causal)
{
  if (exec->error != NULL)
    return;
  if (!check (exec, n_heads > 0 && q->c > 0 && q->c % n_heads == 0,
              "attention cannot split %d channels into %d heads", q->c, n_heads)
      || !check (exec, q->h == 1 && k->h == 1 && v->h == 1 && out->h == 1,
                 "attention got pictures instead of tokens")
      || !check (exec, same_pixels (out, q) && out->c == q->c && is_dense (out),
                 "attention makes " SHAPE " of " SHAPE, SHAPE_OF (out), SHAPE_OF (q))
      || !check (exec, same_pixels (k, v) && k->n == q->n && k->c == q->c && v->c == q->c && k->w > 0,
                 "attention over " SHAPE " asked by " SHAPE, SHAPE_OF (k), SHAPE_OF (q))
      || !check (exec, !causal || k->w == q->w, "causal attention of %d tokens over %d", q->w, k->w))
    return;
  if (READY (OP_ATTENTION, TENSOR (out), TENSOR (q), TENSOR (k), TENSOR (v), n_heads, causal))
    RUN ("attention", out,
         exec->device->backend->attention (exec, out, q, k, v, n_heads, causal, &exec->error));
}

void
mz_op_embed (MzExec *exec, const MzTensor *out, const gint32 *ids, const MzWeight *embedding)
{
  if (exec->error != NULL)
    return;
  if (!check (exec,
              out->h == 1 && out->c == embedding->out_channels && out->w <= embedding->kernel_h
                  && is_dense (out),
              "an embedding of %d tokens of %d channels makes " SHAPE, embedding->kernel_h,
              embedding->out_channels, SHAPE_OF (out)))
    return;
  for (gsize i = 0; i < mz_tensor_rows (out) && !exec->planning; i++)
    if (!check (exec, ids[i] >= 0 && ids[i] < embedding->in_channels,
                "token %d is not one of the vocabulary's %d", ids[i], embedding->in_channels))
      return;
  if (ready_alone (exec))
    RUN ("embed", out, exec->device->backend->embed (exec, out, ids, embedding, &exec->error));
}
