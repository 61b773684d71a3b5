/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* All the noise of one picture, or of several. */
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
  guint n_draws;       /* by steps */
  MzNoiseSource *next; /* of the picture behind it; NULL: the last */
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
  while (source != NULL)
    {
      MzNoiseSource *next = source->next;

      if (source->steps != source->start)
        mz_rng_free (source->steps);
      mz_rng_free (source->start);
      mz_brownian_free (source->path);
      g_free (source);
      source = next;
    }
}

void
mz_noise_source_append (MzNoiseSource *source, MzNoiseSource *next)
{
  g_return_if_fail (next->n == source->n && next->compatibility == source->compatibility);

  while (source->next != NULL)
    source = source->next;
  source->next = next;
}

static void
fill_start (MzNoiseSource *source, float *x)
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

void
mz_noise_source_fill_start (MzNoiseSource *source, float *x)
{
  for (; source != NULL; x += source->n, source = source->next)
    fill_start (source, x);
}

/* n: of all pictures. */
static void
noise_cb (gpointer user_data, float *dst, gsize n)
{
  for (MzNoiseSource *self = user_data; self != NULL; dst += self->n, self = self->next)
    {
      mz_rng_fill_normal (self->steps, dst, self->n);
      self->n_draws++;
    }
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

  for (; source != NULL; source = source->next)
    for (guint i = 0; i < n_draws; i++, source->n_draws++)
      mz_rng_fill_normal (source->steps, unused, source->n);
}

static void
noise_between_cb (gpointer user_data, double from, double to, float *dst, gsize n)
{
  for (MzNoiseSource *self = user_data; self != NULL; dst += self->n, self = self->next)
    mz_brownian_fill (self->path, from, to, dst);
}

/* A path of each source's own into `paths`, in their order. */
static gboolean
new_paths (MzNoiseSource *source, double sigma_min, double sigma_max, GPtrArray *paths, GError **error)
{
  const MzRngKind *kind = mz_rng_kind_find (source->compatibility->path_rng, NULL);

  for (; source != NULL; source = source->next)
    {
      MzBrownian *path = mz_brownian_new (kind, source->seeds.seed, source->seeds.gpu_threads, source->n,
                                          sigma_min, sigma_max, error);

      if (path == NULL)
        return FALSE;
      g_ptr_array_add (paths, path);
    }
  return TRUE;
}

gboolean
mz_noise_source_connect (MzNoiseSource *source,
                         const MzSteps *steps,
                         int first_step,
                         MzSamplerCalls *calls,
                         GError **error)
{
  gboolean has_path = source->compatibility->path_rng != NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_brownian_free);
  int last = steps->n_steps;

  if (steps->sigmas[last] == 0)
    last--;
  if (has_path
      && !new_paths (source, (double) steps->sigmas[last], (double) steps->sigmas[first_step], paths, error))
    return FALSE;
  for (MzNoiseSource *each = source; each != NULL; each = each->next)
    {
      mz_brownian_free (each->path);
      each->path = has_path ? g_ptr_array_steal_index (paths, 0) : NULL;
    }
  calls->noise = noise_cb;
  calls->noise_data = source;
  calls->noise_between = has_path ? noise_between_cb : NULL;
  calls->noise_between_data = source;
  return TRUE;
}
