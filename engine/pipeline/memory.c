/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The memory of a request: what each phase takes, how it is made to fit under the limit, and the blocks. */
#include <glib/gi18n-lib.h>

#include "pipeline/run.h"

/* Bands of the autoencoder where memory is short. */
#define SMALL_BAND_BYTES ((gsize) 4 << 20)
/* Smaller pictures of the same shape that are tried for the advice, in parts of the size asked for. */
#define ADVICE_PARTS 16
/* Latents on the host that any sampler needs at most, the picture's own included. */
#define SAMPLER_LATENTS 12

static MzParts
parts_of_phase (const MzMemoryPlan *plan, MzPhase phase)
{
  if (phase == MZ_PHASE_SAMPLE)
    return plan->by_layers ? MZ_PART_LAYERS : MZ_PART_UNET;
  return phase == MZ_PHASE_TEXT ? MZ_PART_TEXT : MZ_PART_VAE;
}

/* ---- Planning one phase ---- */

/* The prompts' states, and the keys and values made of them: what stays in run->text_exec. */
static void
plan_text (const MzModel *model, const MzMemoryPlan *plan, MzExec *exec)
{
  g_autofree float *kept = NULL;
  MzTensor context = mz_prompts_encode (plan->prompts, model->outline_clip, exec, plan->clip_skip, &kept);
  MzUnetText *text = mz_unet_text_new (model->outline_unet, exec, &context);

  mz_give (exec, &context);
  mz_unet_text_free (text);
}

/* One evaluation of n pictures. Keys and values are the text's, elsewhere: here they are taken for their
 * shape alone. */
static void
plan_pictures (const MzModel *model, const MzMemoryPlan *plan, int n, MzExec *exec)
{
  g_autoptr (MzExec) elsewhere = mz_exec_new (model->outline_device);
  MzTensor context;
  MzUnetText *text;

  mz_exec_begin_plan (elsewhere);
  context = mz_prompts_take_context (plan->prompts, elsewhere, plan->n_at_once,
                                     mz_clip_get_width (model->outline_clip));
  text = mz_unet_text_new (model->outline_unet, elsewhere, &context);
  mz_unet_run (model->outline_unet, exec, text, NULL, plan->n_at_once * n, plan->latent_h, plan->latent_w, 0,
               NULL);
  mz_unet_text_free (text);
  mz_give (elsewhere, &context);
}

/* The last pictures of a request may be fewer, and so may those be that are resumed. */
static void
plan_sample (const MzModel *model, const MzMemoryPlan *plan, MzExec *exec)
{
  for (int n = 1; n <= plan->n_pictures; n++)
    plan_pictures (model, plan, n, exec);
}

static void
plan_decode (const MzModel *model, const MzMemoryPlan *plan, MzExec *exec)
{
  mz_vae_set_band_bytes (model->outline_vae, plan->band_bytes);
  mz_vae_decode (model->outline_vae, exec, NULL, plan->latent_h, plan->latent_w, NULL);
}

static void
plan_phase (const MzModel *model, const MzMemoryPlan *plan, MzPhase phase, MzExec *exec)
{
  static void (*const plans[]) (const MzModel *model, const MzMemoryPlan *plan, MzExec *exec)
      = { [MZ_PHASE_TEXT] = plan_text, [MZ_PHASE_SAMPLE] = plan_sample, [MZ_PHASE_DECODE] = plan_decode };

  plans[phase](model, plan, exec);
}

/* Fills in the block's size of one phase. */
static gboolean
estimate_phase (const MzModel *model, MzMemoryPlan *plan, MzPhase phase, GError **error)
{
  g_autoptr (MzExec) exec = mz_exec_new (model->outline_device);
  gsize n_bytes = 0;
  gboolean ok;

  mz_exec_begin_plan (exec);
  plan_phase (model, plan, phase, exec);
  ok = mz_exec_end_estimate (exec, &n_bytes, error);
  plan->block_bytes[phase] = n_bytes;
  return ok;
}

/* ---- Planning all of it ---- */

guint64
mz_memory_plan_other_bytes (const MzMemoryPlan *plan, MzPhase phase)
{
  guint64 n_bytes = plan->program_bytes + plan->host_bytes + plan->block_bytes[MZ_PHASE_TEXT];

  if (phase != MZ_PHASE_TEXT)
    n_bytes += plan->block_bytes[phase];
  if (phase == MZ_PHASE_DECODE)
    n_bytes += plan->picture_bytes;
  return n_bytes;
}

/* Of all phases: the text's block stays beside that of the phase. */
static gsize
activation_bytes (const MzMemoryPlan *plan)
{
  return plan->block_bytes[MZ_PHASE_TEXT]
         + MAX (plan->block_bytes[MZ_PHASE_SAMPLE], plan->block_bytes[MZ_PHASE_DECODE]);
}

/* The least that a phase works with: nothing in memory but its own network. */
static guint64
least_bytes (const MzModel *model, const MzMemoryPlan *plan, MzPhase phase)
{
  return mz_model_parts_bytes (model, parts_of_phase (plan, phase))
         + MAX (mz_memory_plan_other_bytes (plan, phase), mz_model_reading_bytes (model));
}

static gboolean
fits (const MzModel *model, const MzMemoryPlan *plan, MzPhase phase, MzParts with)
{
  return plan->limit == 0
         || mz_model_parts_bytes (model, parts_of_phase (plan, phase) | with)
                    + mz_memory_plan_other_bytes (plan, phase)
                <= plan->limit;
}

/* x, denoised, what the sampler remembers; the network's input and output. On a card they are not there. */
static guint64
count_host_bytes (const MzModel *model, const MzMemoryPlan *plan)
{
  const MzPrompts *prompts = plan->prompts;
  guint64 n_bytes = (guint64) model->info->latent_channels * (guint64) plan->latent_h
                    * (guint64) plan->latent_w * sizeof (float) * (guint64) plan->n_pictures
                    * (SAMPLER_LATENTS + 2 * (guint64) plan->n_samples);

  if (mz_engine_computes_on_card (model->engine))
    return 0;
  if (prompts->n_steps > 1) /* all that is read, and one step's */
    n_bytes += (guint64) prompts->positions * (guint64) mz_clip_get_width (model->outline_clip)
               * sizeof (float) * (guint64) (prompts->n_sequences + plan->n_samples * prompts->n_chunks);
  return n_bytes;
}

/* As many pictures together as fit without a network being let go of; one sample at a time only where two do
 * not fit. */
static gboolean
plan_evaluation (const MzModel *model, MzMemoryPlan *plan, GError **error)
{
  plan->n_at_once = plan->n_samples;
  for (;; plan->n_pictures--)
    {
      plan->host_bytes = count_host_bytes (model, plan);
      if (!estimate_phase (model, plan, MZ_PHASE_SAMPLE, error))
        return FALSE;
      if (plan->n_pictures == 1)
        break;
      if (fits (model, plan, MZ_PHASE_SAMPLE, plan->by_layers ? 0 : MZ_PARTS_ALL))
        return TRUE;
    }
  if (plan->n_samples == 1 || fits (model, plan, MZ_PHASE_SAMPLE, 0))
    return TRUE;
  plan->n_at_once = 1;
  return estimate_phase (model, plan, MZ_PHASE_SAMPLE, error);
}

/* Small bands cost little time, and reading the U-Net again for each picture costs more. Where nothing fits,
 * what needs least. */
static gboolean
plan_decoding (const MzModel *model, MzMemoryPlan *plan, GError **error)
{
  static const struct
  {
    gsize band_bytes;
    MzParts with;
  } ways[] = { { MZ_VAE_WHOLE, MZ_PART_UNET },     { MZ_VAE_BAND_BYTES, MZ_PART_UNET },
               { SMALL_BAND_BYTES, MZ_PART_UNET }, { MZ_VAE_WHOLE, 0 },
               { MZ_VAE_BAND_BYTES, 0 },           { SMALL_BAND_BYTES, 0 } };
  MzMemoryPlan least = { .block_bytes = { [MZ_PHASE_DECODE] = G_MAXUINT64 } };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      if (ways[i].band_bytes == MZ_VAE_WHOLE && !mz_engine_computes_on_card (model->engine))
        continue; /* nothing is faster for it */
      plan->band_bytes = ways[i].band_bytes;
      if (!estimate_phase (model, plan, MZ_PHASE_DECODE, error))
        return FALSE;
      if (fits (model, plan, MZ_PHASE_DECODE, ways[i].with))
        return TRUE;
      if (plan->block_bytes[MZ_PHASE_DECODE] < least.block_bytes[MZ_PHASE_DECODE])
        least = *plan;
    }
  *plan = least;
  return TRUE;
}

/* Fills in what follows from the blocks: what is kept in each phase, and the peak. */
static void
sum_up (const MzModel *model, MzMemoryPlan *plan)
{
  plan->peak_bytes = plan->least_bytes = 0;
  for (MzPhase phase = MZ_PHASE_TEXT; phase <= MZ_PHASE_DECODE; phase++)
    {
      guint64 other = mz_memory_plan_other_bytes (plan, phase);

      plan->parts[phase] = mz_model_choose_parts (model, parts_of_phase (plan, phase), other, plan->limit);
      plan->peak_bytes = MAX (plan->peak_bytes, mz_model_parts_bytes (model, plan->parts[phase]) + other);
      plan->least_bytes = MAX (plan->least_bytes, least_bytes (model, plan, phase));
    }
  if (mz_engine_computes_on_card (model->engine))
    plan->peak_bytes = MAX (plan->peak_bytes, plan->least_bytes); /* of a small model: its loading */
}

/* Does everything stay in memory all the time, with one block for both U-Net and autoencoder? */
static gboolean
is_roomy (const MzModel *model, const MzMemoryPlan *plan)
{
  return plan->n_at_once == plan->n_samples && plan->band_bytes == MZ_VAE_WHOLE
         && mz_model_parts_bytes (model, MZ_PARTS_ALL) + plan->program_bytes + plan->picture_bytes
                    + activation_bytes (plan)
                <= plan->limit;
}

/* The U-Net's layers one after the other, if that takes less: not so with small models on a card. */
static gboolean
try_by_layers (const MzModel *model, MzMemoryPlan *plan, int n_wanted, GError **error)
{
  MzMemoryPlan by_layers = *plan;

  by_layers.by_layers = TRUE;
  for (by_layers.n_pictures = n_wanted;; by_layers.n_pictures = 1)
    {
      if (!plan_evaluation (model, &by_layers, error) || !plan_decoding (model, &by_layers, error))
        return FALSE;
      sum_up (model, &by_layers);
      if (by_layers.n_pictures == 1 || by_layers.least_bytes <= by_layers.limit)
        break;
    }
  if (by_layers.least_bytes < plan->least_bytes)
    *plan = by_layers;
  return TRUE;
}

/* `plan` with everything but n_samples, clip_skip and the latent's size filled in. */
static gboolean
make_plan (const MzModel *model, MzMemoryPlan *plan, int n_kept, GError **error)
{
  gsize factor = (gsize) model->info->latent_factor,
        n_cells = (gsize) plan->latent_h * (gsize) plan->latent_w;
  gsize n_pixels = n_cells * factor * factor;
  int n_wanted = plan->n_pictures;

  /* float32 planes and their 8-bit picture; those finished before */
  plan->picture_bytes = n_pixels * 3 * (sizeof (float) + 1 + (gsize) n_kept);
  if (mz_engine_computes_on_card (model->engine)) /* only the planes are there, on their way */
    plan->picture_bytes = n_pixels * 3 * sizeof (float);
  plan->by_layers = FALSE;
  if (!estimate_phase (model, plan, MZ_PHASE_TEXT, error) || !plan_evaluation (model, plan, error)
      || !plan_decoding (model, plan, error))
    return FALSE;
  sum_up (model, plan);
  if (plan->limit > 0 && plan->least_bytes > plan->limit && !try_by_layers (model, plan, n_wanted, error))
    return FALSE;
  plan->has_one_block
      = plan->limit == 0 || (mz_engine_computes_on_card (model->engine) && is_roomy (model, plan));
  return TRUE;
}

/* ---- Under the limit ---- */

/* The largest picture of about the same shape that fits. */
static gboolean
find_smaller (const MzModel *model, const MzMemoryPlan *plan, int n_kept, int *width, int *height)
{
  int factor = model->info->latent_factor, least = (MZ_MIN_SIZE_PX + factor - 1) / factor;

  for (int part = ADVICE_PARTS - 1; part > 0; part--)
    {
      MzMemoryPlan smaller = *plan;

      smaller.n_pictures = 1;
      smaller.latent_h = MAX (least, plan->latent_h * part / ADVICE_PARTS);
      smaller.latent_w = MAX (least, plan->latent_w * part / ADVICE_PARTS);
      if (!make_plan (model, &smaller, n_kept, NULL))
        return FALSE;
      if (smaller.least_bytes > plan->limit)
        continue;
      *width = smaller.latent_w * factor;
      *height = smaller.latent_h * factor;
      return TRUE;
    }
  return FALSE;
}

static void
set_too_large (const MzModel *model, const MzMemoryPlan *plan, int n_kept, GError **error)
{
  int factor = model->info->latent_factor, width, height;
  g_autofree char *needed = g_format_size (plan->least_bytes);
  g_autofree char *limit = g_format_size (plan->limit);

  if (mz_engine_computes_on_card (model->engine))
    {
      if (find_smaller (model, plan, n_kept, &width, &height))
        g_set_error (
            error, MZ_ERROR, MZ_ERROR_MEMORY,
            _ ("A picture of %d×%d needs %s of the graphics card’s memory with this model, of which %s may "
               "be used; %d×%d would fit."),
            plan->latent_w * factor, plan->latent_h * factor, needed, limit, width, height);
      else
        g_set_error (
            error, MZ_ERROR, MZ_ERROR_MEMORY,
            _ ("A picture of %d×%d needs %s of the graphics card’s memory with this model, of which %s may "
               "be used; no smaller picture would fit either. The processor can draw it (--backend cpu)."),
            plan->latent_w * factor, plan->latent_h * factor, needed, limit);
    }
  else if (find_smaller (model, plan, n_kept, &width, &height))
    g_set_error (
        error, MZ_ERROR, MZ_ERROR_MEMORY,
        _ ("A picture of %d×%d needs %s with this model, and the memory limit is %s; %d×%d would fit."),
        plan->latent_w * factor, plan->latent_h * factor, needed, limit, width, height);
  else
    g_set_error (
        error, MZ_ERROR, MZ_ERROR_MEMORY,
        _ ("A picture of %d×%d needs %s with this model, and the memory limit is %s; no smaller picture "
           "would fit either, only a higher limit."),
        plan->latent_w * factor, plan->latent_h * factor, needed, limit);
}

gboolean
mz_memory_plan_make (const MzModel *model,
                     const MzRequest *request,
                     const MzPrompts *prompts,
                     int n_kept,
                     MzMemoryPlan *plan,
                     GError **error)
{
  *plan = (MzMemoryPlan){ .prompts = prompts,
                          .n_samples = prompts->n_samples,
                          .n_pictures = CLAMP (request->at_once, 1, request->count),
                          .clip_skip = request->clip_skip,
                          .limit = mz_engine_get_usable_bytes (model->engine),
                          .program_bytes = mz_model_program_bytes (model),
                          .latent_h = request->height / model->info->latent_factor,
                          .latent_w = request->width / model->info->latent_factor };
  if (!make_plan (model, plan, n_kept, error))
    return FALSE;
  if (plan->limit == 0 || plan->least_bytes <= plan->limit)
    return TRUE;
  set_too_large (model, plan, n_kept, error);
  return FALSE;
}

static MzMemoryMeasures
measures_of (const MzMemoryPlan *plan, const MzRequest *request)
{
  gboolean has_fewer = plan->n_pictures < MIN (request->at_once, request->count);
  MzParts kept = plan->parts[MZ_PHASE_SAMPLE] & plan->parts[MZ_PHASE_DECODE];

  return (has_fewer ? MZ_MEMORY_FEWER_AT_ONCE : 0)
         | ((kept & MZ_PART_TEXT) == 0 ? MZ_MEMORY_RELEASE_TEXT_ENCODER : 0)
         | (plan->band_bytes < MZ_VAE_BAND_BYTES ? MZ_MEMORY_SMALL_BANDS : 0)
         | (plan->n_at_once != plan->n_samples ? MZ_MEMORY_ONE_BY_ONE : 0)
         | ((!plan->by_layers && (kept & MZ_PART_UNET) == 0) || (kept & MZ_PART_VAE) == 0
                ? MZ_MEMORY_TAKE_TURNS
                : 0)
         | (plan->by_layers ? MZ_MEMORY_BY_LAYERS : 0);
}

gboolean
mz_model_estimate_memory (MzModel *model,
                          const MzRequest *request,
                          MzMemoryEstimate *estimate,
                          GError **error)
{
  g_autoptr (MzRequest) checked = mz_request_copy (request);
  MzPrompts *prompts;
  MzMemoryPlan plan, smallest;
  MzPromptCut report;
  gboolean ok;

  *estimate = (MzMemoryEstimate){ 0 };
  if (!mz_request_validate (checked, model, NULL, error)
      || (prompts = mz_request_cut_prompts (checked, model, &report, NULL, error)) == NULL)
    return FALSE;
  g_free (report.text);
  ok = mz_memory_plan_make (model, checked, prompts, 0, &plan, error);
  smallest = plan;
  smallest.limit = smallest.n_pictures = 1;
  if (!make_plan (model, &smallest, 0, NULL))
    ok = FALSE; /* and so did the plan */
  mz_prompts_free (prompts);
  estimate->text_encoder_bytes = mz_model_parts_bytes (model, MZ_PART_TEXT);
  estimate->unet_bytes = mz_model_parts_bytes (model, MZ_PART_UNET);
  estimate->autoencoder_bytes = mz_model_parts_bytes (model, MZ_PART_VAE);
  estimate->activation_bytes = activation_bytes (&plan);
  estimate->peak_bytes = plan.peak_bytes;
  estimate->least_bytes = smallest.least_bytes;
  estimate->measures = measures_of (&plan, checked);
  estimate->at_once = plan.n_pictures;
  return ok;
}

/* ---- In a run ---- */

/* Plans `phases` on an exec of the real device and takes the block. */
static gboolean
take_block (MzRun *run, MzExec *exec, guint phases, GError **error)
{
  mz_exec_begin_plan (exec);
  for (MzPhase phase = MZ_PHASE_TEXT; phase <= MZ_PHASE_DECODE; phase++)
    if (phases & (1u << phase))
      plan_phase (run->model, &run->plan, phase, exec);
  return mz_exec_end_plan (exec, error);
}

gboolean
mz_run_plan_memory (MzRun *run, GError **error)
{
  gboolean keeps = run->callbacks == NULL || run->callbacks->picture == NULL;

  if (!mz_memory_plan_make (run->model, run->request, run->prompts, keeps ? run->request->count : 0,
                            &run->plan, error))
    return FALSE;
  run->result->activation_bytes = activation_bytes (&run->plan);
  /* before anything is computed, so that what cannot be had is known at once */
  return take_block (run, run->text_exec, 1u << MZ_PHASE_TEXT, error)
         && (!run->plan.has_one_block
             || take_block (run, run->exec, 1u << MZ_PHASE_SAMPLE | 1u << MZ_PHASE_DECODE, error));
}

gboolean
mz_run_enter (MzRun *run, MzPhase phase, GError **error)
{
  MzModel *model = run->model;
  gboolean is_limited = !run->plan.has_one_block, is_there = run->entered == (int) phase + 1;

  run->entered = 0;
  if (is_limited && !is_there)
    mz_exec_release (run->exec);
  /* also where the phase goes on: a callback may have had a snapshot decoded, and the U-Net let go of for it;
   * but a card is not asked at every step what it has left */
  if (!(is_there && !is_limited && mz_model_has_parts (model, parts_of_phase (&run->plan, phase)))
      && !mz_model_hold (model, parts_of_phase (&run->plan, phase),
                         mz_memory_plan_other_bytes (&run->plan, phase), run->cancel, error))
    return FALSE;
  if (phase == MZ_PHASE_DECODE)
    mz_vae_set_band_bytes (model->vae, run->plan.band_bytes);
  if (is_limited && !is_there && phase != MZ_PHASE_TEXT && !take_block (run, run->exec, 1u << phase, error))
    return FALSE;
  run->entered = (int) phase + 1;
  return TRUE;
}

gboolean
mz_run_can_preview (const MzRun *run)
{
  return (run->plan.parts[MZ_PHASE_DECODE] & MZ_PART_UNET) != 0
         && !mz_model_is_crowded (run->model, MZ_PART_VAE,
                                  mz_memory_plan_other_bytes (&run->plan, MZ_PHASE_DECODE));
}

gboolean
mz_run_take_latents (MzRun *run, GError **error)
{
  gsize n_samples = (gsize) run->n_samples, n = run->n_latent * (gsize) run->plan.n_pictures;

  run->x = g_try_new0 (float, n);
  run->denoised = g_try_new0 (float, n);
  run->in = g_try_new0 (float, n *n_samples);
  run->out = g_try_new0 (float, n *n_samples);
  if (run->x != NULL && run->denoised != NULL && run->in != NULL && run->out != NULL)
    return TRUE;
  mz_exec_fail_memory (run->exec, 2 * n * (1 + n_samples) * sizeof (float));
  return mz_exec_finish (run->exec, error);
}
