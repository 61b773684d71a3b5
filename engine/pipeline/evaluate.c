/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The method's own measures on a real picture: what the autoencoder loses of it, and how well the network
 * tells noise from it (Ho et al. 2020, arXiv:2006.11239, the simple objective; Kingma & Welling 2013,
 * arXiv:1312.6114, appendix B for the divergence). */
#include <glib/gi18n-lib.h>
#include <math.h>

#include "diffusion/prediction.h"
#include "diffusion/rng.h"
#include "pipeline/parts.h"

/* Far below what float32 arithmetic leaves: keeps the PSNR of a perfect reconstruction a number. */
#define SMALLEST_MSE 1e-20

/* Everything that one measurement needs while it runs. */
typedef struct
{
  MzModel *model;
  const MzPicture *picture;
  const MzEvaluationOptions *options;
  MzEvaluateFunc progress;
  gpointer user;
  MzExec *exec;
  MzUnetText *text;
  MzEvaluation *result;

  int height, width; /* of the latent */
  gsize n_latent;    /* its values */
  gsize n_pixels;    /* of the picture, all channels */
  gint32 *ids;       /* [max_positions] */
  float *rgb, *back; /* [3, H, W] -1..1: the picture, and what the decoder makes of it */
  float *mean, *logvar, *clean, *noise, *noisy, *output; /* [n_latent] */
} Run;

void
mz_evaluation_free (MzEvaluation *evaluation)
{
  g_free (evaluation->timesteps);
  g_free (evaluation->losses);
  g_free (evaluation);
}

void
mz_evaluation_spread (MzModel *model, int n, int *timesteps)
{
  gint64 n_train = model->noise->n;

  g_return_if_fail (n >= 1 && n <= MZ_MAX_EVALUATION_TIMESTEPS);

  for (gint64 i = 0; i < n; i++)
    timesteps[i] = (int) ((2 * i + 1) * n_train / (2 * n));
}

/* ---- What is asked for ---- */

static gboolean
check_options (MzModel *model, const MzEvaluationOptions *options, GError **error)
{
  int last = model->noise->n - 1;

  if (options->n_timesteps < 1 || options->n_timesteps > MZ_MAX_EVALUATION_TIMESTEPS)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The number of timesteps is %d; it must be from 1 to %d."), options->n_timesteps,
                   MZ_MAX_EVALUATION_TIMESTEPS);
      return FALSE;
    }
  if (options->n_samples < 1 || options->n_samples > MZ_MAX_EVALUATION_SAMPLES)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The number of samples is %d; it must be from 1 to %d."), options->n_samples,
                   MZ_MAX_EVALUATION_SAMPLES);
      return FALSE;
    }
  for (int i = 0; i < options->n_timesteps; i++)
    if (options->timesteps[i] < 0 || options->timesteps[i] > last)
      {
        g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                     _ ("The timestep %d is not one of this model's, which go from 0 to %d."),
                     options->timesteps[i], last);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_picture (MzModel *model, const MzPicture *picture, GError **error)
{
  int multiple = model->info->size_multiple;

  if (!model->config.vae.has_encoder)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                           _ ("This model has no encoder for pictures, so nothing can be measured."));
      return FALSE;
    }
  if (MIN (picture->width, picture->height) >= MZ_MIN_SIZE_PX
      && MAX (picture->width, picture->height) <= MZ_MAX_SIZE_PX && picture->width % multiple == 0
      && picture->height % multiple == 0)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
               _ ("The picture is of %d×%d pixels; this model takes multiples of %d from %d to %d."),
               picture->width, picture->height, multiple, MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX);
  return FALSE;
}

/* ---- Memory ---- */

/* Runs every network once without computing, so that the block is large enough for all of it. */
static gboolean
plan_memory (Run *run, GError **error)
{
  MzModel *model = run->model;
  const MzClipConfig *clip = &model->config.clip;
  MzTensor context;
  MzUnetText *text;

  mz_exec_begin_plan (run->exec);
  mz_vae_set_band_bytes (model->outline_vae, MZ_VAE_BAND_BYTES);
  mz_vae_encode (model->outline_vae, run->exec, NULL, run->picture->height, run->picture->width, NULL, NULL);
  mz_vae_decode (model->outline_vae, run->exec, NULL, run->height, run->width, NULL);
  context = mz_take (run->exec, 1, 1, clip->max_position_embeddings, clip->hidden_size);
  mz_clip_encode (model->outline_clip, run->exec, run->ids, 1, &context);
  text = mz_unet_text_new (model->outline_unet, run->exec, &context);
  mz_give (run->exec, &context);
  mz_unet_run (model->outline_unet, run->exec, text, NULL, 1, run->height, run->width, 0, NULL);
  mz_unet_text_free (text);
  return mz_exec_end_plan (run->exec, error);
}

/* Brings networks into memory; under the engine's limit others go. */
static gboolean
hold (Run *run, MzParts parts, GError **error)
{
  gsize host_bytes = mz_engine_computes_on_card (run->model->engine)
                         ? 0
                         : (2 * run->n_pixels + 6 * run->n_latent) * sizeof (float);
  guint64 other = mz_model_program_bytes (run->model) + mz_exec_block_bytes (run->exec) + host_bytes;

  if (parts == MZ_PART_UNET)
    parts = mz_model_choose_unet (run->model, other);
  return mz_model_hold (run->model, parts, other, run->exec->cancel, error);
}

static gboolean
take_host_memory (Run *run, GError **error)
{
  float **pictures[] = { &run->rgb, &run->back };
  float **latents[] = { &run->mean, &run->logvar, &run->clean, &run->noise, &run->noisy, &run->output };
  gboolean ok = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (pictures); i++)
    ok = ok && (*pictures[i] = g_try_new (float, run->n_pixels)) != NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (latents); i++)
    ok = ok && (*latents[i] = g_try_new (float, run->n_latent)) != NULL;
  if (ok)
    return TRUE;
  mz_exec_fail_memory (run->exec, (2 * run->n_pixels + 6 * run->n_latent) * sizeof (float));
  return mz_exec_finish (run->exec, error);
}

/* ---- The autoencoder ---- */

/* Mean over n values of (a - b)^2. */
static double
mean_square_difference (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      double difference = (double) a[i] - (double) b[i];
      sum += difference * difference;
    }
  return sum / (double) n;
}

/* KL (N (mean, e^logvar) || N (0, 1)) in nats, summed over the n values. */
static double
divergence (const float *mean, const float *logvar, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) mean[i] * (double) mean[i] + exp ((double) logvar[i]) - 1.0 - (double) logvar[i];
  return 0.5 * sum;
}

static void
picture_to_planes (const MzPicture *picture, float *rgb)
{
  gsize n = (gsize) picture->width * (gsize) picture->height;

  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < 3; c++)
      rgb[c * n + i] = (float) picture->rgb[3 * i + c] / 127.5f - 1.0f;
}

static gboolean
check_finite (double value, const char *message, GError **error)
{
  if (isfinite (value))
    return TRUE;
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_NONFINITE, message);
  return FALSE;
}

/* Fills mean and logvar, and what the result says of the autoencoder. */
static gboolean
measure_autoencoder (Run *run, GError **error)
{
  MzModel *model = run->model;
  MzEvaluation *result = run->result;

  picture_to_planes (run->picture, run->rgb);
  if (!hold (run, MZ_PART_VAE, error))
    return FALSE;
  mz_vae_set_band_bytes (model->vae, MZ_VAE_BAND_BYTES);
  mz_vae_encode (model->vae, run->exec, run->rgb, run->picture->height, run->picture->width, run->mean,
                 run->logvar);
  if (!mz_exec_finish (run->exec, error))
    return FALSE;
  result->kl = divergence (run->mean, run->logvar, run->n_latent);
  result->kl_per_value = result->kl / (double) run->n_latent;
  if (!check_finite (
          result->kl,
          _ ("The encoder gave values that are not numbers; the model's autoencoder may be damaged."), error))
    return FALSE;
  mz_vae_sample (&model->config.vae, run->mean, NULL, NULL, run->clean, run->n_latent);
  mz_vae_decode (model->vae, run->exec, run->clean, run->height, run->width, run->back);
  if (!mz_exec_finish (run->exec, error))
    return FALSE;
  for (gsize i = 0; i < run->n_pixels; i++)
    run->back[i] = CLAMP (run->back[i], -1.0f, 1.0f);
  result->mse = mean_square_difference (run->rgb, run->back, run->n_pixels) / 4.0; /* -1..1 is twice 0..1 */
  result->psnr = -10.0 * log10 (MAX (result->mse, SMALLEST_MSE));
  return check_finite (
      result->mse,
      _ ("The decoder gave values that are not numbers; the model's autoencoder may be damaged."), error);
}

/* ---- The denoising network ---- */

/* The caption to keys and values, once for all timesteps. */
static gboolean
encode_text (Run *run, GError **error)
{
  const MzClipConfig *clip = &run->model->config.clip;
  MzTensor context;

  if (!hold (run, MZ_PART_TEXT, error))
    return FALSE;
  context = mz_take (run->exec, 1, 1, clip->max_position_embeddings, clip->hidden_size);
  mz_clip_encode (run->model->clip, run->exec, run->ids, 1, &context);
  if (!mz_exec_finish (run->exec, error) || !hold (run, MZ_PART_UNET, error))
    return FALSE;
  run->text = mz_unet_text_new (run->model->unet, run->exec, &context);
  mz_give (run->exec, &context);
  return mz_exec_finish (run->exec, error);
}

/* What the network should have answered, as a share of the clean latent and one of the noise. */
static void
target_weights (MzPredictionType type, double alpha_bar, double *of_clean, double *of_noise)
{
  *of_clean = type == MZ_PREDICTION_V ? -sqrt (1.0 - alpha_bar) : type == MZ_PREDICTION_SAMPLE ? 1.0 : 0.0;
  *of_noise = type == MZ_PREDICTION_V ? sqrt (alpha_bar) : type == MZ_PREDICTION_SAMPLE ? 0.0 : 1.0;
}

/* Adds one sample's errors at one timestep, as means over the latent's values. */
static void
add_losses (const Run *run, int timestep, MzLoss *loss)
{
  MzPredictionType type = run->model->config.scheduler.prediction_type;
  double alpha_bar = mz_noise_schedule_alpha_bar (run->model->noise, timestep);
  MzPredictionWeights weights = mz_prediction_noise_weights (type, alpha_bar, 1.0);
  double of_clean, of_noise, noise_sum = 0, own_sum = 0;

  target_weights (type, alpha_bar, &of_clean, &of_noise);
  for (gsize i = 0; i < run->n_latent; i++)
    {
      double clean = (double) run->clean[i], noise = (double) run->noise[i], output = (double) run->output[i];
      double noise_error = weights.cx * (double) run->noisy[i] + weights.cout * output - noise;
      double own_error = output - (of_clean * clean + of_noise * noise);

      noise_sum += noise_error * noise_error;
      own_sum += own_error * own_error;
    }
  loss->noise += noise_sum / (double) run->n_latent;
  loss->own += own_sum / (double) run->n_latent;
}

static gboolean
measure_timestep (Run *run, MzRng *rng, int index, GError **error)
{
  int timestep = run->options->timesteps[index];
  MzLoss *loss = &run->result->losses[index];

  mz_rng_fill_normal (rng, run->noise, run->n_latent);
  mz_noise_schedule_add_noise (run->model->noise, timestep, run->clean, run->noise, run->noisy,
                               run->n_latent);
  mz_unet_run (run->model->unet, run->exec, run->text, run->noisy, 1, run->height, run->width,
               (float) timestep, run->output);
  if (!mz_exec_finish (run->exec, error))
    return FALSE;
  add_losses (run, timestep, loss);
  if (isfinite (loss->noise) && isfinite (loss->own))
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_NONFINITE,
               _ ("At timestep %d the network gave values that are not numbers; the model may be damaged."),
               timestep);
  return FALSE;
}

static void
report (Run *run, int n_done)
{
  if (run->progress != NULL)
    run->progress (run->user, n_done, run->options->n_samples * run->options->n_timesteps);
}

static gboolean
measure_network (Run *run, GError **error)
{
  const MzEvaluationOptions *options = run->options;

  if (!encode_text (run, error))
    return FALSE;
  for (int s = 0; s < options->n_samples; s++)
    {
      g_autoptr (MzRng) rng = mz_rng_new (NULL, options->seed + (guint64) s);

      mz_rng_fill_normal (rng, run->noise, run->n_latent);
      mz_vae_sample (&run->model->config.vae, run->mean, run->logvar, run->noise, run->clean, run->n_latent);
      for (int i = 0; i < options->n_timesteps; i++)
        {
          if (!measure_timestep (run, rng, i, error))
            return FALSE;
          report (run, s * options->n_timesteps + i + 1);
        }
    }
  return TRUE;
}

/* Sums to means. */
static void
finish_losses (MzEvaluation *result, int n_samples)
{
  for (int i = 0; i < result->n_timesteps; i++)
    {
      result->losses[i].noise /= n_samples;
      result->losses[i].own /= n_samples;
      result->mean.noise += result->losses[i].noise / result->n_timesteps;
      result->mean.own += result->losses[i].own / result->n_timesteps;
    }
}

/* ---- All of it ---- */

static void
begin_run (Run *run, MzCancel *cancel)
{
  MzModel *model = run->model;
  const MzEvaluationOptions *options = run->options;

  run->exec = mz_exec_new (model->engine->device);
  run->exec->cancel = cancel;
  run->height = run->picture->height / model->info->latent_factor;
  run->width = run->picture->width / model->info->latent_factor;
  run->n_latent = (gsize) model->info->latent_channels * (gsize) run->height * (gsize) run->width;
  run->n_pixels = (gsize) run->picture->width * (gsize) run->picture->height * 3;
  run->ids = g_new0 (gint32, (gsize) model->config.clip.max_position_embeddings);
  run->result = g_new0 (MzEvaluation, 1);
  run->result->n_train_timesteps = model->noise->n;
  run->result->n_timesteps = options->n_timesteps;
  run->result->timesteps
      = g_memdup2 (options->timesteps, (gsize) options->n_timesteps * sizeof *options->timesteps);
  run->result->losses = g_new0 (MzLoss, (gsize) options->n_timesteps);
}

static void
end_run (Run *run)
{
  g_clear_pointer (&run->text, mz_unet_text_free);
  g_clear_pointer (&run->exec, mz_exec_free);
  g_clear_pointer (&run->result, mz_evaluation_free);
  g_free (run->ids);
  g_free (run->rgb);
  g_free (run->back);
  g_free (run->mean);
  g_free (run->logvar);
  g_free (run->clean);
  g_free (run->noise);
  g_free (run->noisy);
  g_free (run->output);
}

MzEvaluation *
mz_evaluate (MzModel *model,
             const MzPicture *picture,
             const MzEvaluationOptions *options,
             MzEvaluateFunc progress,
             gpointer user,
             MzCancel *cancel,
             GError **error)
{
  Run run = { .model = model, .picture = picture, .options = options, .progress = progress, .user = user };
  MzEvaluation *result = NULL;
  MzTokenCount count;

  if (!check_options (model, options, error) || !check_picture (model, picture, error))
    return NULL;
  begin_run (&run, cancel);
  report (&run, 0);
  if (mz_model_tokenize (model, options->prompt, run.ids, &count, error) && plan_memory (&run, error)
      && take_host_memory (&run, error) && measure_autoencoder (&run, error) && measure_network (&run, error))
    {
      finish_losses (run.result, options->n_samples);
      run.result->n_cut_tokens = (int) (count.n_tokens - count.n_kept);
      result = g_steal_pointer (&run.result);
    }
  end_run (&run);
  return result;
}
