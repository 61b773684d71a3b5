/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a request may ask for, and what suits a model. */
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "pipeline/run.h"

#define DEFAULT_SIZE_PX 512
#define DEFAULT_GUIDANCE 7.0
#define DEFAULT_SAMPLER "dpmpp_2m"

/* Names that we don't know are passed over: the file may be newer than the program. */
static void
use_recommended (MzModelInfo *info, const MzModelDefaults *defaults)
{
  const MzSamplerKind *sampler = defaults->sampler != NULL ? mz_sampler_find (defaults->sampler, NULL) : NULL;
  const MzSchedule *schedule
      = defaults->schedule != NULL ? mz_schedule_find (defaults->schedule, NULL) : NULL;

  if (sampler != NULL)
    {
      info->sampler = sampler->id;
      info->schedule = sampler->default_schedule;
      info->steps = sampler->steps_default;
    }
  if (schedule != NULL)
    info->schedule = schedule->id;
  if (defaults->steps > 0)
    info->steps = defaults->steps;
  if (defaults->guidance_scale >= 0)
    info->guidance = (double) defaults->guidance_scale;
}

void
mz_model_info_set_defaults (MzModelInfo *info, const MzModelDefaults *defaults, int n_train_timesteps)
{
  const MzSamplerKind *sampler = mz_sampler_find (DEFAULT_SAMPLER, NULL);

  info->sampler = sampler->id;
  info->schedule = sampler->default_schedule;
  info->steps = sampler->steps_default;
  info->guidance = DEFAULT_GUIDANCE;
  info->max_steps = MIN (MZ_MAX_STEPS, n_train_timesteps);
  if (defaults != NULL)
    use_recommended (info, defaults);
  info->steps = MIN (info->steps, info->max_steps);
}

static void
clear_start (MzRequest *request)
{
  g_clear_pointer (&request->start, mz_snapshot_unref);
  for (gsize i = 0; i < G_N_ELEMENTS (request->start_others); i++)
    g_clear_pointer (&request->start_others[i], mz_snapshot_unref);
}

void
mz_request_use_info_defaults (MzRequest *request, const MzModelInfo *info)
{
  MzModelInfo any = { .native_width = DEFAULT_SIZE_PX, .native_height = DEFAULT_SIZE_PX };
  guint n_rows;

  if (info == NULL)
    {
      mz_model_info_set_defaults (&any, NULL, MZ_MAX_STEPS);
      info = &any;
    }
  request->width = info->native_width;
  request->height = info->native_height;
  request->sampler = info->sampler;
  request->schedule = info->schedule;
  request->steps = info->steps;
  request->guidance = info->guidance;
  request->eta = -1;
  request->seed = 0;
  request->count = 1;
  request->clip_skip = 1;
  request->compatibility = mz_list_compatibilities (&n_rows)[0].id;
  request->prompt_style = mz_list_prompt_styles (&n_rows)[0].id;
  request->variation_strength = 0;
  request->variation_seed = 0;
  request->step_seed_delta = 0;
  request->gpu_threads = 0;
  request->guidance_rescale = 0;
  request->threshold_ratio = 0;
  request->threshold_limit = MZ_MAX_THRESHOLD_LIMIT;
  request->zero_snr = FALSE;
  clear_start (request);
}

void
mz_request_use_defaults (MzRequest *request, MzModel *model)
{
  mz_request_use_info_defaults (request, model != NULL ? model->info : NULL);
}

void
mz_request_clear (MzRequest *request)
{
  g_clear_pointer (&request->prompt, g_free);
  g_clear_pointer (&request->negative_prompt, g_free);
  clear_start (request);
}

void
mz_request_get_seeds (const MzRequest *request, int index, guint64 *seed, guint64 *variation_seed)
{
  gboolean is_varied = request->variation_strength > 0;

  *seed = request->seed + (is_varied ? 0 : (guint64) index);
  if (variation_seed != NULL)
    *variation_seed = request->variation_seed + (is_varied ? (guint64) index : 0);
}

gboolean
mz_request_get_branch (const MzRequest *request, int *step, int *n_steps, guint64 *seed)
{
  MzSnapshot *start = request->start;
  MzSnapshot *base = start == NULL || request->start_kind == MZ_START_BRANCH ? start : start->base;

  if (base == NULL)
    return FALSE;
  if (step != NULL)
    *step = base->step;
  if (n_steps != NULL)
    *n_steps = base->steps;
  if (seed != NULL)
    *seed = base->seed;
  return TRUE;
}

const char *
mz_request_get_prompt_style (const MzRequest *request)
{
  const MzMethodInfo *style = NULL;
  const MzCompatibility *row;
  gsize n_rows;

  if (request->prompt_style != NULL)
    style = mz_find_prompt_style (request->prompt_style, NULL);
  if (style != NULL)
    return style->id;
  row = request->compatibility != NULL ? mz_compatibility_find (request->compatibility, NULL)
                                       : mz_compatibilities (&n_rows);
  return row != NULL ? row->prompt_style : mz_prompt_styles (&n_rows)[0].id;
}

MzRequest *
mz_request_copy (const MzRequest *request)
{
  MzRequest *copy = g_memdup2 (request, sizeof *request);

  copy->prompt = g_strdup (request->prompt);
  copy->negative_prompt = g_strdup (request->negative_prompt);
  copy->start = request->start != NULL ? mz_snapshot_ref (request->start) : NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (copy->start_others); i++)
    if (copy->start_others[i] != NULL)
      mz_snapshot_ref (copy->start_others[i]);
  return copy;
}

void
mz_request_free (MzRequest *request)
{
  mz_request_clear (request);
  g_free (request);
}

static gboolean
check_range (double value, double low, double high, const char *what, GError **error)
{
  if (isfinite (value) && value >= low && value <= high)
    return TRUE;
  /* Translators: what it is, such as “guidance scale”, and three numbers. */
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("The %s is %.10g; it must be from %.10g to %.10g."),
               what, value, low, high);
  return FALSE;
}

gboolean
mz_prompt_check (const char *text, const char *what, GError **error)
{
  const char *bad;
  gsize length = text != NULL ? strlen (text) : 0;

  if (length > MZ_MAX_PROMPT_BYTES)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   /* Translators: “prompt” or “negative prompt”. */
                   _ ("The %s has %zu bytes; the longest that is taken has %d."), what, length,
                   MZ_MAX_PROMPT_BYTES);
      return FALSE;
    }
  if (text != NULL && !g_utf8_validate (text, -1, &bad))
    {
      /* Translators: “prompt” or “negative prompt”. */
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("The %s is not valid UTF-8 at byte %zu."), what,
                   (gsize) (bad - text));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_terms (const MzRequest *request, GError **error)
{
  int n = mz_request_n_terms (request);

  if (n <= MZ_MAX_TERMS)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
               _ ("AND joins %d prompts; the most that are drawn from at once is %d."), n, MZ_MAX_TERMS);
  return FALSE;
}

/* Nearest multiple, at least one. */
static int
round_size (int size, int multiple)
{
  return MAX (1, (size + multiple / 2) / multiple) * multiple;
}

static gboolean
check_sizes (MzRequest *request, MzModel *model, GPtrArray *notes, GError **error)
{
  int multiple = model->info->size_multiple, width, height;

  if (!check_range (request->width, MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX, _ ("width in pixels"), error)
      || !check_range (request->height, MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX, _ ("height in pixels"), error))
    return FALSE;
  width = round_size (request->width, multiple);
  height = round_size (request->height, multiple);
  if (width != request->width || height != request->height)
    g_ptr_array_add (
        notes, g_strdup_printf (_ ("The size %d×%d was rounded to %d×%d, since this model makes multiples of "
                                   "%d pixels."),
                                request->width, request->height, width, height, multiple));
  request->width = width;
  request->height = height;
  return TRUE;
}

/* Names to the ids of their rows. */
static gboolean
find_rows (MzRequest *request, GError **error)
{
  const MzSamplerKind *sampler = mz_sampler_find (request->sampler != NULL ? request->sampler : "", error);
  const MzSchedule *schedule
      = sampler != NULL ? mz_schedule_find (request->schedule != NULL ? request->schedule : "", error) : NULL;
  guint n_rows;
  const MzMethodInfo *compatibility = mz_list_compatibilities (&n_rows);

  if (schedule != NULL && request->compatibility != NULL)
    compatibility = mz_find_compatibility (request->compatibility, error);
  if (schedule == NULL || compatibility == NULL
      || (request->prompt_style != NULL && mz_find_prompt_style (request->prompt_style, error) == NULL))
    return FALSE;
  request->sampler = sampler->id;
  request->schedule = schedule->id;
  request->compatibility = compatibility->id;
  request->prompt_style = mz_request_get_prompt_style (request);
  return TRUE;
}

static gboolean
check_noise (const MzRequest *request, GError **error)
{
  return check_range (request->variation_strength, 0, 1, _ ("strength of the variation"), error)
         && check_range (request->gpu_threads, 0, MZ_MAX_GPU_THREADS,
                         _ ("number of threads of the GPU imitated"), error);
}

static gboolean
check_excess (const MzRequest *request, GError **error)
{
  return check_range (request->guidance_rescale, 0, 1, _ ("guidance rescale"), error)
         && check_range (request->threshold_ratio, 0, 1, _ ("threshold ratio"), error)
         && (request->threshold_ratio == 0
             || check_range (request->threshold_limit, 1, MZ_MAX_THRESHOLD_LIMIT, _ ("threshold limit"),
                             error));
}

/* What is asked for and will not do what is hoped for. */
static void
note_useless (const MzRequest *request, const MzModel *model, GPtrArray *notes)
{
  if (request->zero_snr && model->config.scheduler.prediction_type == MZ_PREDICTION_EPSILON)
    g_ptr_array_add (notes,
                     g_strdup (_ ("Zero terminal SNR is meant for models that predict velocity; this one "
                                  "predicts noise, and its pictures may suffer.")));
  if (request->threshold_ratio > 0 && g_str_equal (request->sampler, "plms"))
    g_ptr_array_add (notes,
                     g_strdup (_ ("The sampler PLMS knows no dynamic thresholding, which is left out.")));
}

gboolean
mz_request_validate (MzRequest *request, MzModel *model, GStrv *notes, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  int n_train = model->noise->n, max_clip_skip = model->info->max_clip_skip;

  if (notes != NULL)
    *notes = NULL;
  if (!find_rows (request, error) || !mz_prompt_check (request->prompt, _ ("prompt"), error)
      || !mz_prompt_check (request->negative_prompt, _ ("negative prompt"), error)
      || !check_terms (request, error)
      || !check_range (request->steps, 1, MIN (MZ_MAX_STEPS, n_train), _ ("number of steps"), error)
      || !check_range (request->guidance, 0, MZ_MAX_GUIDANCE, _ ("guidance scale"), error)
      || (!(request->eta < 0) && !check_range (request->eta, 0, 1, _ ("eta"), error))
      || !check_range (request->count, 1, MZ_MAX_COUNT, _ ("number of pictures"), error)
      || !check_range (request->at_once, 0, MZ_MAX_AT_ONCE, _ ("number of pictures at once"), error)
      || !check_range (request->clip_skip, 1, max_clip_skip, _ ("clip skip"), error)
      || !check_noise (request, error) || !check_excess (request, error)
      || !check_sizes (request, model, list, error) || !mz_request_check_start (request, model, error))
    return FALSE;
  note_useless (request, model, list);
  if (notes != NULL && list->len > 0)
    {
      g_ptr_array_add (list, NULL);
      g_ptr_array_set_free_func (list, NULL);
      *notes = (GStrv) g_ptr_array_steal (list, NULL);
    }
  return TRUE;
}
