/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From requests to pairs. */
#include "app/files/parameters-request-private.h"

#include "app/files/numbers.h"

/* The label, as other programs know it, unless it would make the whole text unreadable to those that take
 * plain Latin text only. */
static const char *
name_for_others (const MzMethodInfo *info)
{
  return g_str_is_ascii (info->label) ? info->label : info->id;
}

static void
set_int (MezzotintParameters *parameters, const char *key, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  mezzotint_parameters_set (parameters, key, text);
}

static void
set_double (MezzotintParameters *parameters, const char *key, double value)
{
  g_autofree char *text = mezzotint_format_double (value);

  mezzotint_parameters_set (parameters, key, text);
}

static void
set_uint64 (MezzotintParameters *parameters, const char *key, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  mezzotint_parameters_set (parameters, key, text);
}

/* A1111's name of the generator of the start noise. */
static const char *
rng_name (const char *compatibility)
{
  if (g_strcmp0 (compatibility, "a1111-gpu") == 0)
    return "GPU";
  return g_strcmp0 (compatibility, "a1111-nv") == 0 ? "NV" : "CPU";
}

/* Under A1111's keys what it has a word for, else under our own. */
static void
set_noise (MezzotintParameters *parameters, const MzRequest *request, guint64 variation_seed)
{
  mezzotint_parameters_set (parameters, "RNG", rng_name (request->compatibility));
  if (request->compatibility != NULL && !g_str_equal (request->compatibility, "diffusers"))
    mezzotint_parameters_set (parameters, MEZZOTINT_KEY_COMPATIBLE, request->compatibility);
  if (request->variation_strength > 0)
    {
      set_uint64 (parameters, "Variation seed", variation_seed);
      set_double (parameters, "Variation seed strength", request->variation_strength);
    }
  if (request->step_seed_delta != 0)
    set_int (parameters, "ENSD", request->step_seed_delta);
  if (request->gpu_threads != 0)
    set_int (parameters, MEZZOTINT_KEY_GPU_THREADS, request->gpu_threads);
  if (request->zero_snr)
    mezzotint_parameters_set (parameters, "Noise Schedule", MEZZOTINT_ZERO_SNR);
}

static void
set_guidance (MezzotintParameters *parameters, const MzRequest *request)
{
  if (request->guidance_rescale > 0)
    set_double (parameters, MEZZOTINT_KEY_RESCALE, request->guidance_rescale);
  if (request->threshold_ratio > 0)
    {
      set_double (parameters, MEZZOTINT_KEY_THRESHOLD, request->threshold_ratio);
      set_double (parameters, MEZZOTINT_KEY_THRESHOLD_LIMIT, request->threshold_limit);
    }
}

static void
set_branch (MezzotintParameters *parameters, const MzRequest *request)
{
  int step, n_steps;
  guint64 seed;
  g_autofree char *text = NULL;

  if (!mz_request_get_branch (request, &step, &n_steps, &seed))
    return;
  text = g_strdup_printf ("step %d of %d of seed %" G_GUINT64_FORMAT, step, n_steps, seed);
  mezzotint_parameters_set (parameters, MEZZOTINT_KEY_BRANCH, text);
}

static void
set_prompt_style (MezzotintParameters *parameters, const MzRequest *request)
{
  const char *style = mz_request_get_prompt_style (request);

  if (g_str_equal (style, "a1111-no-norm"))
    mezzotint_parameters_set (parameters, "Emphasis", "No norm");
  else if (!g_str_equal (style, "a1111"))
    mezzotint_parameters_set (parameters, MEZZOTINT_KEY_PROMPT_STYLE, style);
}

MezzotintParameters *
mezzotint_parameters_of_picture (const MzRequest *request,
                                 int index,
                                 const char *model_name,
                                 const char *model_sha256)
{
  MezzotintParameters *parameters = mezzotint_parameters_new (request->prompt, request->negative_prompt);
  const MzMethodInfo *sampler = mz_find_sampler (request->sampler, NULL);
  const MzMethodInfo *schedule = mz_find_schedule (request->schedule, NULL);
  g_autofree char *size = g_strdup_printf ("%dx%d", request->width, request->height);
  guint64 seed, variation_seed;
  g_autofree char *hash = g_strndup (model_sha256 != NULL ? model_sha256 : "", MEZZOTINT_MODEL_HASH_DIGITS);

  mz_request_get_seeds (request, index, &seed, &variation_seed);
  set_int (parameters, "Steps", request->steps);
  mezzotint_parameters_set (parameters, "Sampler", sampler != NULL ? name_for_others (sampler) : NULL);
  mezzotint_parameters_set (parameters, "Schedule type",
                            schedule != NULL ? name_for_others (schedule) : NULL);
  set_double (parameters, "CFG scale", request->guidance);
  set_uint64 (parameters, "Seed", seed);
  mezzotint_parameters_set (parameters, "Size", size);
  mezzotint_parameters_set (parameters, "Model hash", hash);
  mezzotint_parameters_set (parameters, "Model", model_name);
  if (request->clip_skip > 1)
    set_int (parameters, "Clip skip", request->clip_skip);
  set_prompt_style (parameters, request);
  set_noise (parameters, request, variation_seed);
  set_guidance (parameters, request);
  if (request->eta >= 0)
    set_double (parameters, g_str_equal (request->sampler, "ddim") ? "Eta DDIM" : "Eta", request->eta);
  set_branch (parameters, request);
  mezzotint_parameters_set (parameters, "Version", "Mezzotint " MEZZOTINT_VERSION);
  return parameters;
}
