/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* PyTorch's CPU generator, exactly: mt19937 (Matsumoto & Nishimura 1998) and the two normal transforms that
 * torch.randn chooses between by size (ATen's DistributionTemplates.h and DistributionsHelper.h). */
#include "diffusion/rng-torch-cpu.h"

#include <math.h>

#define MT_SHIFT 397
#define MT_MATRIX 0x9908b0dfU
#define BLOCK 16 /* the wide transform's unit: 8 uniform pairs to 16 normals */

void
mz_rng_torch_cpu_seed (gpointer state, guint64 seed)
{
  MzRngTorchCpu *rng = state;

  rng->words[0] = (guint32) seed;
  for (guint32 i = 1; i < MZ_MT19937_WORDS; i++)
    {
      guint32 last = rng->words[i - 1];

      rng->words[i] = 1812433253U * (last ^ (last >> 30)) + i;
    }
  rng->n_used = MZ_MT19937_WORDS;
  rng->has_kept = FALSE;
  rng->kept = 0;
}

/* Makes the next round of words. */
static void
refill (MzRngTorchCpu *rng)
{
  guint32 *w = rng->words;

  for (int i = 0; i < MZ_MT19937_WORDS; i++)
    {
      guint32 mixed = (w[i] & 0x80000000U) | (w[(i + 1) % MZ_MT19937_WORDS] & 0x7fffffffU);

      w[i] = w[(i + MT_SHIFT) % MZ_MT19937_WORDS] ^ (mixed >> 1) ^ ((mixed & 1) ? MT_MATRIX : 0);
    }
  rng->n_used = 0;
}

static guint32
next_word (MzRngTorchCpu *rng)
{
  guint32 y;

  if (rng->n_used == MZ_MT19937_WORDS)
    refill (rng);
  y = rng->words[rng->n_used++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680U;
  y ^= (y << 15) & 0xefc60000U;
  return y ^ (y >> 18);
}

/* 24 bits in [0, 1). */
static float
next_uniform_float (MzRngTorchCpu *rng)
{
  return (float) (next_word (rng) & 0xffffffU) * 0x1p-24f;
}

/* 53 bits in [0, 1); the first word is the upper half. */
static double
next_uniform_double (MzRngTorchCpu *rng)
{
  guint64 high = next_word (rng);
  guint64 low = next_word (rng);

  return (double) (((high << 32) | low) & ((G_GUINT64_CONSTANT (1) << 53) - 1)) * 0x1p-53;
}

/* Box-Muller in double precision; the second value of a pair waits for the next small draw. */
static float
next_normal (MzRngTorchCpu *rng)
{
  double angle, radius;

  if (rng->has_kept)
    {
      rng->has_kept = FALSE;
      return (float) rng->kept;
    }
  angle = 2.0 * G_PI * next_uniform_double (rng);
  radius = sqrt (-2.0 * log1p (-next_uniform_double (rng)));
  rng->kept = radius * sin (angle);
  rng->has_kept = TRUE;
  return (float) (radius * cos (angle));
}

/* Draws BLOCK uniforms into dst and turns value j and value j + 8 into a pair of normals.
 * The angle is rounded to single precision as torch's is: at 2 pi that rounding alone would cost 1e-6. The
 * functions are taken in double, so that the result does not hang on the C library's single precision ones.
 */
static void
fill_block (MzRngTorchCpu *rng, float dst[BLOCK])
{
  const float two_pi = (float) (2.0 * G_PI);

  for (int j = 0; j < BLOCK; j++)
    dst[j] = next_uniform_float (rng);
  for (int j = 0; j < BLOCK / 2; j++)
    {
      double radius = sqrt (-2.0 * log (1.0 - (double) dst[j]));
      double angle = (double) (two_pi * dst[j + BLOCK / 2]);

      dst[j] = (float) (radius * cos (angle));
      dst[j + BLOCK / 2] = (float) (radius * sin (angle));
    }
}

void
mz_rng_torch_cpu_fill_normal (gpointer state, float *dst, gsize n)
{
  MzRngTorchCpu *rng = state;
  gsize whole = n - n % BLOCK;

  if (n < BLOCK)
    {
      for (gsize i = 0; i < n; i++)
        dst[i] = next_normal (rng);
      return;
    }

  /* torch draws all uniforms of the call first and the blocks' transforms do not draw, so block by block is
   * the same, but a ragged end has been drawn once before its last 16 values are drawn again. */
  for (gsize i = 0; i < whole; i += BLOCK)
    fill_block (rng, dst + i);
  if (whole < n)
    {
      for (gsize i = whole; i < n; i++)
        next_word (rng);
      fill_block (rng, dst + n - BLOCK);
    }
}
