/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a sampler remembers between two steps, taken out and put back, and moving a state to another one. */
#include <math.h>
#include <string.h>

#include "diffusion/sampler-private.h"

G_STATIC_ASSERT (MZ_SAMPLER_MAX_MEMORY == MZ_MAX_HISTORY + 1);

gboolean
mz_sampler_kind_is_sigma_space (const MzSamplerKind *kind)
{
  return kind->klass->sigma_space;
}

double
mz_sampler_get_sigma (const MzSampler *sampler, int i)
{
  double abar;

  g_return_val_if_fail (i >= 0 && i <= sampler->steps->n_steps, 0);
  if (sampler->kind->klass->sigma_space || i == sampler->steps->n_steps)
    return (double) sampler->steps->sigmas[i];
  abar = MAX (mz_sampler_alpha_bar (sampler, i), MZ_ALPHA_BAR_FLOOR);
  return sqrt ((1.0 - abar) / abar);
}

/* The spare vector, of the classes that have one, lasts as long as history does. */
static int
count_spare (const MzSampler *sampler, int n_history)
{
  return sampler->kind->klass->has_spare && n_history > 0 ? 1 : 0;
}

int
mz_sampler_count_memory (const MzSampler *sampler)
{
  return sampler->n_history + count_spare (sampler, sampler->n_history);
}

void
mz_sampler_save_memory (const MzSampler *sampler, gsize first, gsize n_part, float *memory)
{
  g_return_if_fail (first + n_part <= sampler->n);

  for (int k = 0; k < sampler->n_history; k++)
    memcpy (memory + (gsize) k * n_part, sampler->history[k] + first, n_part * sizeof (float));
  if (count_spare (sampler, sampler->n_history) > 0)
    memcpy (memory + (gsize) sampler->n_history * n_part, sampler->spare + first, n_part * sizeof (float));
}

gboolean
mz_sampler_restore_memory (MzSampler *sampler,
                           int i,
                           gsize first,
                           gsize n_part,
                           const float *memory,
                           int n_vectors)
{
  const MzSamplerClass *klass = sampler->kind->klass;
  int n_history = n_vectors - (klass->has_spare && n_vectors > 0 ? 1 : 0);

  g_return_val_if_fail (first + n_part <= sampler->n, FALSE);
  /* A vector a step: more than there were steps, or a spare one alone, was not saved by such a sampler. */
  if (n_history < 0 || n_history > MIN (klass->n_history, i) || (n_vectors > 0 && n_history == 0))
    return FALSE;
  for (int k = 0; k < n_history; k++)
    memcpy (sampler->history[k] + first, memory + (gsize) k * n_part, n_part * sizeof (float));
  if (count_spare (sampler, n_history) > 0)
    memcpy (sampler->spare + first, memory + (gsize) n_history * n_part, n_part * sizeof (float));
  sampler->n_history = n_history;
  sampler->expected_step = i;
  return TRUE;
}

void
mz_sampler_move_state (float *x,
                       const float *clean,
                       gsize n,
                       double from_sigma,
                       gboolean from_sigma_space,
                       double to_sigma,
                       gboolean to_sigma_space)
{
  double enlarge = from_sigma_space ? 1.0 : sqrt (1.0 + from_sigma * from_sigma);
  double shrink = to_sigma_space ? 1.0 : 1.0 / sqrt (1.0 + to_sigma * to_sigma);
  double ratio = from_sigma > 0 ? to_sigma / from_sigma : 0.0;

  if (ratio == 1.0 && from_sigma_space == to_sigma_space)
    return;
  for (gsize k = 0; k < n; k++)
    {
      double x0 = (double) clean[k];

      x[k] = (float) (shrink * (x0 + ratio * (enlarge * (double) x[k] - x0)));
    }
}
