/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* All the noise of one picture. */
#include <glib/gi18n-lib.h>

#include "diffusion/noise-source.h"

#include "diffusion/brownian.h"
#include "diffusion/rng.h"
#include "diffusion/variation.h"

struct _MzNoiseSource
{
  const MzCompatibility *compatibility;
  MzSeeds seeds;
  int channels, height, width;
  gsize n;
  MzRng *start;
  MzRng *steps; /* may be `start` */
  MzBrownian *path;
  guint n_draws; /* by steps */
};

static MzRng *
new_rng (const MzNoiseSource *self, const char *id, guint64 seed)
{
  MzRng *rng = mz_rng_new (mz_rng_kind_find (id, NULL), seed);

  mz_rng_set_gpu_threads (rng, self->seeds.gpu_threads);
  return rng;
}

MzNoiseSource *
mz_noise_source_new (const MzCompatibility *compatibility,
                     const MzSeeds *seeds,
                     int channels,
                     int height,
                     int width,
                     GError **error)
{
  MzNoiseSource *self;
  gsize n_rows;

  if (!(seeds->variation_strength >= 0 && seeds->variation_strength <= 1))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The strength of the variation is %g, and should be from 0 to 1."),
                   seeds->variation_strength);
      return NULL;
    }
  self = g_new0 (MzNoiseSource, 1);
  self->compatibility = compatibility != NULL ? compatibility : mz_compatibilities (&n_rows);
  self->seeds = *seeds;
  if (!self->compatibility->gpu_size_matters)
    self->seeds.gpu_threads = 0;
  self->channels = channels;
  self->height = height;
  self->width = width;
  self->n = (gsize) channels * (gsize) height * (gsize) width;
  self->start = new_rng (self, self->compatibility->rng, seeds->seed);
  self->steps = self->start;
  if (self->compatibility->step_rng != NULL || seeds->step_seed_delta != 0)
    {
      const char *id = self->compatibility->step_rng;

      self->steps = new_rng (self, id != NULL ? id : self->compatibility->rng,
                             seeds->seed + (guint64) seeds->step_seed_delta);
    }
  return self;
}

void
mz_noise_source_free (MzNoiseSource *source)
{
  if (source == NULL)
    return;
  if (source->steps != source->start)
    mz_rng_free (source->steps);
  mz_rng_free (source->start);
  mz_brownian_free (source->path);
  g_free (source);
}

void
mz_noise_source_fill_start (MzNoiseSource *source, float *x)
{
  const MzSeeds *seeds = &source->seeds;

  mz_rng_fill_normal (source->start, x, source->n);
  if (seeds->variation_strength > 0)
    {
      g_autoptr (MzRng) rng = new_rng (source, source->compatibility->rng, seeds->variation_seed);
      g_autofree float *variation = g_new (float, source->n);

      mz_rng_fill_normal (rng, variation, source->n);
      mz_variation_mix (seeds->variation_strength, x, variation, source->channels, source->height,
                        source->width, source->compatibility->dialect == MZ_DIALECT_A1111, x);
    }
}

static void
noise_cb (gpointer user_data, float *dst, gsize n)
{
  MzNoiseSource *self = user_data;

  mz_rng_fill_normal (self->steps, dst, n);
  self->n_draws++;
}

guint
mz_noise_source_count_draws (const MzNoiseSource *source)
{
  return source->n_draws;
}

/* The streams depend on how they are cut, so going past is drawing. */
void
mz_noise_source_skip (MzNoiseSource *source, guint n_draws)
{
  g_autofree float *unused = n_draws > 0 ? g_new (float, source->n) : NULL;

  for (guint i = 0; i < n_draws; i++)
    noise_cb (source, unused, source->n);
}

static void
noise_between_cb (gpointer user_data, double from, double to, float *dst, gsize n)
{
  MzNoiseSource *self = user_data;

  mz_brownian_fill (self->path, from, to, dst);
}

gboolean
mz_noise_source_connect (MzNoiseSource *source,
                         const MzSteps *steps,
                         int first_step,
                         MzSamplerCalls *calls,
                         GError **error)
{
  const char *id = source->compatibility->path_rng;
  int last = steps->n_steps;
  MzBrownian *path = NULL;

  if (steps->sigmas[last] == 0)
    last--;
  if (id != NULL)
    {
      path = mz_brownian_new (mz_rng_kind_find (id, NULL), source->seeds.seed, source->seeds.gpu_threads,
                              source->n, (double) steps->sigmas[last], (double) steps->sigmas[first_step],
                              error);
      if (path == NULL)
        return FALSE;
    }
  mz_brownian_free (source->path);
  source->path = path;
  calls->noise = noise_cb;
  calls->noise_data = source;
  calls->noise_between = path != NULL ? noise_between_cb : NULL;
  calls->noise_between_data = source;
  return TRUE;
}
