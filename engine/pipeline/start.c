/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a picture begins: at noise, at the step that a snapshot was taken of, or on a branch from it. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pipeline/run.h"

/* Levels nearer to each other than this are one level: float32 tables differ so between schedules. */
#define SAME_SIGMA 1e-6

/* ---- Fingerprints ---- */

static void
add_text (GChecksum *checksum, const char *text)
{
  g_checksum_update (checksum, (const guchar *) (text != NULL ? text : ""),
                     text != NULL ? (gssize) strlen (text) + 1 : 1);
}

static void
add_number (GChecksum *checksum, double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  add_text (checksum, g_ascii_dtostr (digits, sizeof digits, number));
}

static void
add_seed (GChecksum *checksum, guint64 seed)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);

  add_text (checksum, digits);
}

static void
finish_print (GChecksum *checksum, guint8 print[MZ_PRINT_BYTES])
{
  gsize length = MZ_PRINT_BYTES;

  g_checksum_get_digest (checksum, print, &length);
}

void
mz_request_print (const MzRequest *request, guint8 print[MZ_PRINT_BYTES])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  add_text (checksum, request->prompt);
  add_text (checksum,
            request->guidance == 1.0 && mz_request_n_terms (request) == 1 ? NULL : request->negative_prompt);
  add_number (checksum, request->width);
  add_number (checksum, request->height);
  add_number (checksum, request->steps);
  add_text (checksum, request->sampler);
  add_text (checksum, request->schedule);
  add_number (checksum, request->guidance);
  add_number (checksum, request->eta);
  add_seed (checksum, request->seed);
  add_number (checksum, request->clip_skip);
  add_text (checksum, request->compatibility);
  add_text (checksum, mz_request_get_prompt_style (request));
  add_number (checksum, request->variation_strength);
  if (request->variation_strength > 0)
    add_seed (checksum, request->variation_seed);
  add_seed (checksum, (guint64) request->step_seed_delta);
  add_number (checksum, request->gpu_threads);
  add_number (checksum, request->guidance_rescale);
  add_number (checksum, request->threshold_ratio);
  add_number (checksum, request->threshold_ratio > 0 ? request->threshold_limit : 0);
  add_number (checksum, request->zero_snr ? 1 : 0);
  finish_print (checksum, print);
}

void
mz_model_print (const MzModel *model, guint8 print[MZ_PRINT_BYTES])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  MzModelConfig config = model->config;

  config.vae.has_encoder = FALSE; /* no part of how a picture is made */
  /* int, float and enum only, so without padding. */
  g_checksum_update (checksum, (const guchar *) &config, sizeof config);
  finish_print (checksum, print);
}

/* ---- What fits ---- */

static gboolean
refuse (const char *message, GError **error)
{
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_ARGUMENT, message);
  return FALSE;
}

static gboolean
has_shape_of_request (const MzSnapshot *start, const MzRequest *request)
{
  return start->width * start->factor == request->width && start->height * start->factor == request->height;
}

/* Where `picture` stood when it was interrupted; NULL: it was not. */
static const MzSnapshot *
find_interrupted (const MzRequest *request, int picture)
{
  int i;

  if (request->start == NULL || request->start_kind != MZ_START_RESUME)
    return NULL;
  i = picture - request->start->picture;
  if (i <= 0)
    return i == 0 ? request->start : NULL;
  return i <= (int) G_N_ELEMENTS (request->start_others) ? request->start_others[i - 1] : NULL;
}

/* `picture`: the index that it must have. */
static gboolean
check_resumed (const MzRequest *request,
               const MzModel *model,
               const MzSnapshot *start,
               int picture,
               GError **error)
{
  guint8 print[MZ_PRINT_BYTES];

  mz_model_print (model, print);
  if (memcmp (print, start->model_print, MZ_PRINT_BYTES) != 0)
    {
      g_set_error (
          error, MZ_ERROR, MZ_ERROR_ARGUMENT,
          _ ("The picture was begun with a model of another kind than “%s”, which cannot go on with it."),
          model->info->name);
      return FALSE;
    }
  mz_request_print (request, print);
  if (memcmp (print, start->request_print, MZ_PRINT_BYTES) != 0)
    return refuse (
        _ ("The settings are not those that the picture was begun with, so it cannot go on with them."),
        error);
  if (start->picture >= request->count)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The picture to go on with is number %d, but only %d are asked for."),
                   start->picture + 1, request->count);
      return FALSE;
    }
  /* The prints say so already, unless somebody made them up. */
  if (start->channels != model->info->latent_channels || start->factor != model->info->latent_factor
      || !has_shape_of_request (start, request) || start->picture != picture
      || (start->base != NULL) != (request->start->base != NULL))
    return refuse (_ ("The kept step does not fit the picture."), error);
  return TRUE;
}

static gboolean
check_resume (const MzRequest *request, const MzModel *model, GError **error)
{
  int first = request->start->picture, picture = first;
  const MzSnapshot *start;

  for (; (start = find_interrupted (request, picture)) != NULL; picture++)
    if (!check_resumed (request, model, start, picture, error))
      return FALSE;
  for (gsize i = (gsize) (picture - first); i < G_N_ELEMENTS (request->start_others); i++)
    if (request->start_others[i] != NULL) /* one between them is missing */
      return refuse (_ ("The kept step does not fit the picture."), error);
  return TRUE;
}

static gboolean
check_branch (const MzRequest *request, const MzModel *model, GError **error)
{
  const MzSnapshot *start = request->start;
  int width = start->width * start->factor, height = start->height * start->factor;

  if (start->channels != model->info->latent_channels || start->factor != model->info->latent_factor)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The step was made by a model of another kind than “%s”, which cannot go on from it."),
                   model->info->name);
      return FALSE;
    }
  if (!has_shape_of_request (start, request))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The step is of a picture of %d×%d, so a branch of it cannot have %d×%d."), width,
                   height, request->width, request->height);
      return FALSE;
    }
  if (start->step == start->steps)
    return refuse (_ ("The picture is finished at that step; a branch must begin at an earlier one."), error);
  return TRUE;
}

gboolean
mz_request_check_start (const MzRequest *request, const MzModel *model, GError **error)
{
  if (request->start == NULL)
    return TRUE;
  switch (request->start_kind)
    {
    case MZ_START_RESUME:
      return check_resume (request, model, error);
    case MZ_START_BRANCH:
      return check_branch (request, model, error);
    default:
      return refuse (_ ("A request can only go on with a picture or branch from it."), error);
    }
}

/* ---- Beginning ---- */

static gsize
count_elements (const MzRun *run)
{
  return run->n_latent * (gsize) run->n_pictures;
}

static void
begin_with_noise (MzRun *run)
{
  mz_noise_source_fill_start (run->noise, run->x);
  mz_sampler_start (run->sampler, 0, NULL, run->x, run->x);
}

/* The streams of step noise stand behind the start's and what is in the latent already. */
static void
skip_noise (MzRun *run, const MzSnapshot *start)
{
  mz_noise_source_fill_start (run->noise, run->x);
  mz_noise_source_skip (run->noise, start->n_draws);
}

/* The latents of picture `i` of those in work. */
static void
take_latents (MzRun *run, int i, const MzSnapshot *start)
{
  gsize n = run->n_latent, first = n * (gsize) i;

  memcpy (run->x + first, start->latents, n * sizeof (float));
  memcpy (run->denoised + first, start->latents + n, n * sizeof (float));
}

static gboolean
begin_resumed (MzRun *run, int *first_step, GError **error)
{
  const MzSnapshot *start = find_interrupted (run->request, run->first);

  skip_noise (run, start);
  *first_step = start->step;
  for (int i = 0; i < run->n_pictures; i++)
    {
      const MzSnapshot *each = find_interrupted (run->request, run->first + i);

      take_latents (run, i, each);
      run->overflow[i] = each->overflow;
      if (each->steps != mz_sampler_get_steps (run->sampler)->n_steps
          || !mz_sampler_restore_memory (run->sampler, each->step, run->n_latent * (gsize) i, run->n_latent,
                                         each->latents + 2 * run->n_latent, each->n_memory))
        return refuse (
            _ ("The picture was begun by another version of the program, and cannot go on in this one."),
            error);
    }
  return TRUE;
}

static gboolean
begin_branch (MzRun *run, const MzSnapshot *start, int *first_step, GError **error)
{
  int n_steps = mz_sampler_get_steps (run->sampler)->n_steps, i = 0;

  while (i < n_steps && mz_sampler_get_sigma (run->sampler, i) > start->sigma * (1 + SAME_SIGMA))
    i++;
  if (i == n_steps)
    return refuse (
        _ ("With these steps nothing is left to draw from there; take more steps, or branch earlier."),
        error);
  skip_noise (run, start);
  for (int k = 0; k < run->n_pictures; k++)
    take_latents (run, k, start);
  mz_sampler_move_state (run->x, run->denoised, count_elements (run), start->sigma, start->sigma_space,
                         mz_sampler_get_sigma (run->sampler, i), mz_sampler_kind_is_sigma_space (run->kind));
  *first_step = i;
  return TRUE;
}

/* Can they go through their steps together from here on? */
static gboolean
is_alike (const MzSnapshot *a, const MzSnapshot *b)
{
  return a->step == b->step && a->steps == b->steps && a->n_draws == b->n_draws && a->n_memory == b->n_memory;
}

int
mz_run_count_alike (const MzRun *run, int first, int n)
{
  const MzSnapshot *start = find_interrupted (run->request, first), *next;
  int n_alike = 1;

  if (start == NULL) /* and so is none behind it: the interrupted ones come first */
    return n;
  while (n_alike < n && (next = find_interrupted (run->request, first + n_alike)) != NULL
         && is_alike (start, next))
    n_alike++;
  return n_alike;
}

gboolean
mz_run_begin_pictures (MzRun *run, int *first_step, GError **error)
{
  *first_step = 0;
  for (int i = 0; i < run->n_pictures; i++)
    run->overflow[i] = MZ_OVERFLOW_NONE;
  if (find_interrupted (run->request, run->first) != NULL)
    return begin_resumed (run, first_step, error);
  if (run->base != NULL)
    return begin_branch (run, run->base, first_step, error);
  begin_with_noise (run);
  return TRUE;
}
