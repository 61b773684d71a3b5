/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Norms as the table knows it: from tensors to what the kernels are told. */
#include <glib/gi18n-lib.h>

#include "backends/cuda/cuda.h"

/* Channels that a slab has at least: the memory's sectors are read whole, and a picture that one block can
 * hold is better spread. */
#define SLAB 64
#define WHOLE_SLAB 32
/* Blocks that a multiprocessor works on at a time. */
#define BLOCKS_AT_ONCE 2
/* Chunks of a picture: more would only be joined again. */
#define MAX_CHUNKS 256

static MzCudaDevice *
device_of (MzExec *exec)
{
  return (MzCudaDevice *) exec->device;
}

/* Does no vector lie in more than two groups? Vectors of 8 begin where groups of 4 do; in groups of 6 or 7
 * the second has at least what is left. */
static gboolean
are_two_groups_at_most (int per_group)
{
  return per_group == 4 || per_group >= 6;
}

static MzCudaNorm
describe_norm (MzExec *exec,
               const MzTensor *out,
               const MzTensor *in,
               const MzTensor *in2,
               const MzWeight *weight,
               int n_groups,
               float epsilon,
               MzActivation activation)
{
  const MzCudaNormWeight *w = (const MzCudaNormWeight *) weight;
  int per_group = (in->c + (in2 != NULL ? in2->c : 0)) / n_groups;

  return (MzCudaNorm){
    .in = in->data,
    .in2 = in2 != NULL ? in2->data : NULL,
    .out = out != NULL ? out->data : NULL,
    .gamma = w != NULL ? w->gamma : NULL,
    .beta = w != NULL ? w->beta : NULL,
    .c1 = in->c,
    .c2 = in2 != NULL ? in2->c : 0,
    .n = in->n,
    .groups = n_groups,
    .per_group = per_group,
    .activation = (int) activation,
    .pixels = (int64_t) mz_tensor_pixels (in),
    .epsilon = epsilon,
    .vectors = are_two_groups_at_most (per_group) && mz_cuda_is_vectors (in) && mz_cuda_is_vectors (in2)
               && (out == NULL || mz_cuda_is_vectors (out)),
  };
}

/* Whole groups, of at least so many channels, that are whole vectors. */
static int
groups_of_slab (const MzCudaNorm *norm, int vector, int channels)
{
  int per_group = norm->per_group, unit = 1;

  while (unit * per_group % vector != 0)
    unit++;
  return MIN ((channels + unit * per_group - 1) / (unit * per_group) * unit, norm->groups);
}

/* n cut into equal parts of at most `limit`: the size of a part. */
static int64_t
even_part (int64_t n, int64_t limit)
{
  int64_t parts = (n + limit - 1) / limit;

  return (n + parts - 1) / parts;
}

/* How the picture is cut into slabs of groups, chunks of pixels and rows of threads; pixels_per_chunk 0: as
 * is best. Lays the moments into the scratch. */
static gboolean
plan_norm (MzCudaDevice *device, MzCudaNorm *norm, int64_t pixels_per_chunk, GError **error)
{
  int vector = norm->vectors ? MZ_CUDA_VECTOR : 1, vectors;
  int64_t held = (int64_t) MZ_CUDA_NORM_THREADS * MZ_CUDA_NORM_PIXELS, at_once, tile;
  gboolean is_whole;

  norm->slab_groups = groups_of_slab (norm, vector, WHOLE_SLAB);
  vectors = norm->slab_groups * norm->per_group / vector;
  is_whole = pixels_per_chunk == 0 && norm->pixels <= held / vectors;
  if (!is_whole)
    norm->slab_groups = groups_of_slab (norm, vector, SLAB);
  vectors = norm->slab_vectors = norm->slab_groups * norm->per_group / vector;
  at_once = MZ_CUDA_NORM_THREADS / vectors; /* pixels */
  if (at_once > 0 && pixels_per_chunk == 0)
    {
      int64_t n_slabs = (int64_t) norm->n * ((norm->groups + norm->slab_groups - 1) / norm->slab_groups);

      pixels_per_chunk = norm->pixels * n_slabs / (BLOCKS_AT_ONCE * (int64_t) device->n_multiprocessors) + 1;
      pixels_per_chunk = even_part (pixels_per_chunk, at_once * MZ_CUDA_NORM_PIXELS);
      pixels_per_chunk = MAX (pixels_per_chunk, (norm->pixels + MAX_CHUNKS - 1) / MAX_CHUNKS);
      pixels_per_chunk = is_whole ? norm->pixels : MIN (pixels_per_chunk, norm->pixels);
    }
  if (at_once > 0)
    {
      tile = even_part (pixels_per_chunk, at_once * MZ_CUDA_NORM_PIXELS);
      norm->rows = (int) even_part (tile, at_once);
      norm->pixels_per_chunk = (int) pixels_per_chunk;
      norm->chunks = (int) ((norm->pixels + pixels_per_chunk - 1) / pixels_per_chunk);
    }
  if (at_once == 0
      || (gsize) norm->n * (gsize) norm->groups * (gsize) (norm->chunks + 1) * 2 * sizeof (float)
             > MZ_CUDA_SCRATCH_BYTES)
    {
      g_set_error_literal (
          error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
          _ ("A norm of the model has more channels than the graphics card’s engine can take."));
      return FALSE;
    }
  norm->moments = device->scratch;
  norm->moments_pitch = norm->chunks;
  return TRUE;
}

gboolean
mz_cuda_group_norm (MzExec *exec,
                    const MzTensor *out,
                    const MzTensor *in,
                    const MzTensor *in2,
                    const MzWeight *weight,
                    int n_groups,
                    float epsilon,
                    MzActivation activation,
                    GError **error)
{
  MzCudaDevice *device = device_of (exec);
  MzCudaNorm norm = describe_norm (exec, out, in, in2, weight, n_groups, epsilon, activation);

  return mz_cuda_may_begin (exec, error) && plan_norm (device, &norm, 0, error)
         && (norm.chunks == 1
             || mz_cuda_enqueued (exec, device->kernels->group_moments (&norm, device->stream), "group norm",
                                  error))
         && mz_cuda_enqueued (exec, device->kernels->group_scale (&norm, device->stream), "group norm",
                              error);
}

/* ---- Norms of pictures in bands ---- */

/* Lays scales and moments of `serial` into its place. */
static void
lay_out_moments (MzCudaDevice *device, MzCudaNorm *norm, guint serial)
{
  gsize n_scales = (gsize) norm->n * (gsize) norm->groups * 2;
  char *place
      = (char *) device->scratch + MZ_CUDA_SCRATCH_BYTES + serial % MZ_CUDA_MOMENTS * MZ_CUDA_MOMENTS_BYTES;

  norm->scales = (float *) (gpointer) place;
  norm->moments = norm->scales + n_scales;
  norm->moments_pitch = (int) MIN (MZ_CUDA_MOMENTS_BYTES / sizeof (float) / n_scales, G_MAXINT) - 1;
}

/* The place that a caller's array tells of; what stands there is the number of the norm. */
static MzCudaMoments *
find_moments (MzCudaDevice *device, const MzMoments *moments, GError **error)
{
  guint serial = (guint) moments->n;
  MzCudaMoments *found = &device->moments[serial % MZ_CUDA_MOMENTS];

  if (found->serial == serial)
    return found;
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_BACKEND, "Too many norms of pictures in bands at a time.");
  return NULL;
}

gboolean
mz_cuda_run_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments, GError **error)
{
  MzCudaDevice *device = device_of (exec);
  MzCudaNorm norm = describe_norm (exec, NULL, in, NULL, NULL, n_groups, 0, MZ_ACTIVATION_NONE);
  MzCudaMoments *before;

  /* a chunk is a row of the picture, so that bands end where chunks do */
  if (!mz_cuda_may_begin (exec, error) || !plan_norm (device, &norm, in->w, error))
    return FALSE;
  if (moments->n == 0)
    {
      moments->n = ++device->n_moments;
      device->moments[device->n_moments % MZ_CUDA_MOMENTS]
          = (MzCudaMoments){ .serial = device->n_moments, .width = in->w };
    }
  before = find_moments (device, moments, error);
  if (before == NULL)
    return FALSE;
  lay_out_moments (device, &norm, before->serial);
  norm.first_chunk = before->rows;
  if (before->rows + norm.chunks > norm.moments_pitch)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                           _ ("The picture is too large for the graphics card."));
      return FALSE;
    }
  before->rows += norm.chunks;
  before->is_finished = FALSE;
  return mz_cuda_enqueued (exec, device->kernels->group_moments (&norm, device->stream), "group moments",
                           error);
}

/* Makes scales of the moments, unless they are there. */
static gboolean
finish_moments (MzExec *exec, const MzCudaNorm *norm, MzCudaMoments *moments, GError **error)
{
  MzCudaDevice *device = device_of (exec);
  MzCudaNorm all = *norm;

  if (moments->is_finished && moments->epsilon == norm->epsilon)
    return TRUE;
  moments->is_finished = TRUE;
  moments->epsilon = norm->epsilon;
  all.pixels_per_chunk = moments->width;
  all.chunks = moments->rows;
  all.pixels = (int64_t) moments->width * moments->rows;
  return mz_cuda_enqueued (exec, device->kernels->group_finish (&all, device->stream), "group finish", error);
}

gboolean
mz_cuda_run_group_scale (MzExec *exec,
                         const MzTensor *out,
                         const MzTensor *in,
                         const MzMoments *moments,
                         const MzWeight *weight,
                         int n_groups,
                         float epsilon,
                         MzActivation activation,
                         GError **error)
{
  MzCudaDevice *device = device_of (exec);
  MzCudaNorm norm = describe_norm (exec, out, in, NULL, weight, n_groups, epsilon, activation);
  MzCudaMoments *known;

  if (!mz_cuda_may_begin (exec, error) || !plan_norm (device, &norm, 0, error))
    return FALSE;
  known = find_moments (device, moments, error);
  if (known == NULL)
    return FALSE;
  lay_out_moments (device, &norm, known->serial);
  return finish_moments (exec, &norm, known, error)
         && mz_cuda_enqueued (exec, device->kernels->group_scale (&norm, device->stream), "group scale",
                              error);
}

gboolean
mz_cuda_run_layer_norm (MzExec *exec,
                        const MzTensor *out,
                        const MzTensor *in,
                        const MzWeight *weight,
                        float epsilon,
                        GError **error)
{
  MzCudaDevice *device = device_of (exec);
  const MzCudaNormWeight *w = (const MzCudaNormWeight *) weight;

  return mz_cuda_may_begin (exec, error)
         && mz_cuda_enqueued (exec,
                              device->kernels->layer_norm (
                                  out->data, in->data, w->gamma, w->beta, (int64_t) mz_tensor_rows (in),
                                  in->c, epsilon, mz_cuda_is_vectors (in) && mz_cuda_is_vectors (out),
                                  device->stream),
                              "layer norm", error);
}
