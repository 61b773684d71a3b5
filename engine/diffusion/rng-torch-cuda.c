/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* PyTorch's CUDA generator: Philox4x32-10 (Salmon et al. 2011) and cuRAND's Box-Muller transform, dealt out
 * to values as ATen launches its kernel (calc_execution_policy in DistributionTemplates.h): a grid of G
 * threads, each of which makes four normals at a time and writes them G values apart, until all are written.
 * G is the number of values rounded up to blocks of 256, but at most what the GPU holds; so up to that many
 * values each comes from its own thread's first normal, and every GPU (and A1111's NV generator) agrees. */
#include "diffusion/rng-torch-cuda.h"

#include <math.h>

#define BLOCK 256 /* threads */
#define NORMALS 4 /* a thread's, by one Philox block */

void
mz_rng_torch_cuda_seed (gpointer state, guint64 seed)
{
  MzRngTorchCuda *rng = state;

  rng->seed = seed;
  rng->n_used = 0;
}

void
mz_rng_torch_cuda_set_gpu_threads (gpointer state, guint threads)
{
  MzRngTorchCuda *rng = state;

  rng->threads = threads;
}

/* Ten rounds on the counter (position, thread), keyed with the seed. */
static void
philox (guint64 seed, guint64 position, guint64 thread, guint32 words[4])
{
  guint32 key0 = (guint32) seed, key1 = (guint32) (seed >> 32);
  guint32 c0 = (guint32) position, c1 = (guint32) (position >> 32);
  guint32 c2 = (guint32) thread, c3 = (guint32) (thread >> 32);

  for (int round = 0; round < 10; round++)
    {
      guint64 a = (guint64) 0xd2511f53U * c0, b = (guint64) 0xcd9e8d57U * c2;

      c0 = (guint32) (b >> 32) ^ c1 ^ key0;
      c1 = (guint32) b;
      c2 = (guint32) (a >> 32) ^ c3 ^ key1;
      c3 = (guint32) a;
      key0 += 0x9e3779b9U;
      key1 += 0xbb67ae85U;
    }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/* Normal `which` of 0..3 of a Philox block: two words make a sine and a cosine. In double precision, as
 * A1111's NV reckons; the GPU's own single precision is within some 1e-6 of it, rarely more. */
static float
normal (const guint32 words[4], int which)
{
  guint32 x = words[which & 2], y = words[(which & 2) + 1];
  double radius = sqrt (-2.0 * log (((double) x + 0.5) * 0x1p-32));
  double angle = ((double) y + 0.5) * 0x1p-32 * 2.0 * G_PI;

  return (float) (radius * (which & 1 ? cos (angle) : sin (angle)));
}

void
mz_rng_torch_cuda_fill_normal (gpointer state, float *dst, gsize n)
{
  MzRngTorchCuda *rng = state;
  gsize grid = (n + BLOCK - 1) / BLOCK * BLOCK;
  gsize rounds;

  if (n == 0)
    return;
  if (rng->threads >= BLOCK)
    grid = MIN (grid, rng->threads / BLOCK * BLOCK);
  rounds = (n - 1) / (grid * NORMALS) + 1;
  for (gsize round = 0; round < rounds; round++)
    for (gsize thread = 0; thread < grid; thread++)
      {
        gsize first = round * grid * NORMALS + thread;
        guint32 words[4];

        if (first >= n)
          break;
        philox (rng->seed, rng->n_used + round, thread, words);
        for (int k = 0; k < NORMALS && first + (gsize) k * grid < n; k++)
          dst[first + (gsize) k * grid] = normal (words, k);
      }
  rng->n_used += rounds;
}
