/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Measured times. */
#include "app/jobs/queue-speed.h"

/* Weight of the newest measurement in the running means. */
#define NEW_WEIGHT 0.3

typedef struct
{
  double evaluation_seconds; /* of one sample by the network; 0: not measured */
  double rest_seconds;       /* of a picture beside its steps: text, decoder, saving */
} Speed;

struct _MezzotintQueueSpeed
{
  GHashTable *speeds; /* "MODEL WIDTHxHEIGHT" to Speed */
};

MezzotintQueueSpeed *
mezzotint_queue_speed_new (void)
{
  MezzotintQueueSpeed *speed = g_new0 (MezzotintQueueSpeed, 1);

  speed->speeds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return speed;
}

void
mezzotint_queue_speed_free (MezzotintQueueSpeed *speed)
{
  g_hash_table_unref (speed->speeds);
  g_free (speed);
}

static char *
key_of (MezzotintRecipe *recipe)
{
  const MzRequest *request = mezzotint_recipe_get_request (recipe);
  const char *model = mezzotint_recipe_get_model (recipe);

  return g_strdup_printf ("%dx%d %s", request->width, request->height, model != NULL ? model : "");
}

static Speed *
look_up (MezzotintQueueSpeed *speed, MezzotintRecipe *recipe)
{
  g_autofree char *key = key_of (recipe);

  return g_hash_table_lookup (speed->speeds, key);
}

static Speed *
get_speed (MezzotintQueueSpeed *speed, MezzotintRecipe *recipe)
{
  Speed *known = look_up (speed, recipe);

  if (known == NULL)
    {
      known = g_new0 (Speed, 1);
      g_hash_table_insert (speed->speeds, key_of (recipe), known);
    }
  return known;
}

/* Samples that the network looks at in a step. */
static double
samples_per_step (MezzotintRecipe *recipe)
{
  const MzRequest *request = mezzotint_recipe_get_request (recipe);
  const MzMethodInfo *sampler = request->sampler != NULL ? mz_find_sampler (request->sampler, NULL) : NULL;
  int evaluations = sampler != NULL ? MAX (1, sampler->evaluations_per_step) : 1;

  return evaluations * (request->guidance == 1.0 ? 1 : 2);
}

static void
update_mean (double *mean, double value)
{
  *mean = *mean > 0 ? *mean + NEW_WEIGHT * (value - *mean) : value;
}

void
mezzotint_queue_speed_add_step (MezzotintQueueSpeed *speed, MezzotintRecipe *recipe, double seconds)
{
  if (seconds > 0)
    update_mean (&get_speed (speed, recipe)->evaluation_seconds, seconds / samples_per_step (recipe));
}

void
mezzotint_queue_speed_add_picture (MezzotintQueueSpeed *speed,
                                   MezzotintRecipe *recipe,
                                   int n_steps,
                                   double seconds)
{
  Speed *known = get_speed (speed, recipe);
  double rest = seconds - n_steps * known->evaluation_seconds * samples_per_step (recipe);

  if (rest > 0)
    update_mean (&known->rest_seconds, rest);
}

double
mezzotint_queue_speed_estimate (MezzotintQueueSpeed *speed, MezzotintRecipe *recipe)
{
  const Speed *known = look_up (speed, recipe);
  const MzRequest *request = mezzotint_recipe_get_request (recipe);

  if (known == NULL || known->evaluation_seconds <= 0)
    return -1;
  return request->steps * known->evaluation_seconds * samples_per_step (recipe) + known->rest_seconds;
}
