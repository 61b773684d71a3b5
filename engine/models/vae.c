/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Decoder and encoder: a middle with attention, and residual blocks at every resolution. */
#include "models/vae.h"

#include <math.h>
#include <string.h>

#include "models/bands.h"

#define NORM_EPSILON 1e-6f
/* diffusers' DiagonalGaussianDistribution clamps the logarithm of the variance to this. */
#define LOGVAR_MIN (-30.0f)
#define LOGVAR_MAX 20.0f

typedef struct
{
  MzResnet resnets[2];
  const MzWeight *norm, *qkv, *out; /* NULL without attention */
} Mid;

typedef struct
{
  int n_resnets;
  MzResnet *resnets;
  const MzWeight *resample; /* NULL at the last level */
} Level;

/* Encoder or decoder. */
typedef struct
{
  const MzWeight *conv_in, *norm_out, *conv_out;
  Mid mid;
  Level levels[MZ_MAX_LEVELS]; /* in the order they run */
} Half;

struct _MzVae
{
  MzVaeConfig config;
  MzWeightSet set;
  Half encoder, decoder;
  const MzWeight *quant, *post_quant;
  gsize band_bytes;
};

/* ---- Building ---- */

static void
load_mid (MzVae *vae, Mid *mid, MzLoader *loader, const char *prefix, int channels)
{
  static const char *const qkv[] = { "to_q", "to_k", "to_v" }, *const out[] = { "to_out.0" };
  g_autofree char *resnet0 = g_strconcat (prefix, ".mid_block.resnets.0", NULL);
  g_autofree char *resnet1 = g_strconcat (prefix, ".mid_block.resnets.1", NULL);
  g_autofree char *attention = g_strconcat (prefix, ".mid_block.attentions.0.", NULL);
  g_autofree char *norm = g_strconcat (attention, "group_norm", NULL);
  int groups = vae->config.norm_num_groups;

  mz_resnet_load (&mid->resnets[0], loader, &vae->set, resnet0, channels, channels, groups, NORM_EPSILON);
  mz_resnet_load (&mid->resnets[1], loader, &vae->set, resnet1, channels, channels, groups, NORM_EPSILON);
  if (!vae->config.mid_attention)
    return;
  mid->norm = mz_load_norm (loader, &vae->set, norm, channels);
  mid->qkv
      = mz_load_linear (loader, &vae->set, MZ_MATRIX_LINEAR, attention, 3, qkv, channels, channels, TRUE);
  mid->out
      = mz_load_linear (loader, &vae->set, MZ_MATRIX_LINEAR, attention, 1, out, channels, channels, TRUE);
}

/* Level i of a half, of `n_resnets` residual blocks from `in` to `out` channels. */
static void
load_level (MzVae *vae,
            Level *level,
            MzLoader *loader,
            const char *prefix,
            int n_resnets,
            int in,
            int out,
            const char *resample)
{
  level->n_resnets = n_resnets;
  level->resnets = g_new0 (MzResnet, (gsize) n_resnets);
  for (int i = 0; i < n_resnets; i++)
    {
      g_autofree char *resnet = g_strdup_printf ("%s.resnets.%d", prefix, i);
      mz_resnet_load (&level->resnets[i], loader, &vae->set, resnet, i == 0 ? in : out, out,
                      vae->config.norm_num_groups, NORM_EPSILON);
    }
  if (resample != NULL)
    {
      g_autofree char *conv = g_strconcat (prefix, resample, NULL);
      level->resample = mz_load_conv (loader, &vae->set, conv, out, out, 3);
    }
}

static void
load_encoder (MzVae *vae, MzLoader *loader)
{
  static const char *const quant[] = { "quant_conv" };
  const MzVaeConfig *config = &vae->config;
  const int *channels = config->block_out_channels;
  int n = config->n_levels, moments = 2 * config->latent_channels;
  Half *half = &vae->encoder;

  half->conv_in
      = mz_load_conv (loader, &vae->set, "vae.encoder.conv_in", channels[0], config->in_channels, 3);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("vae.encoder.down_blocks.%d", i);
      load_level (vae, &half->levels[i], loader, prefix, config->layers_per_block, channels[MAX (i - 1, 0)],
                  channels[i], i < n - 1 ? ".downsamplers.0.conv" : NULL);
    }
  load_mid (vae, &half->mid, loader, "vae.encoder", channels[n - 1]);
  half->norm_out = mz_load_norm (loader, &vae->set, "vae.encoder.conv_norm_out", channels[n - 1]);
  half->conv_out = mz_load_conv (loader, &vae->set, "vae.encoder.conv_out", moments, channels[n - 1], 3);
  if (config->has_quant_conv)
    vae->quant
        = mz_load_linear (loader, &vae->set, MZ_MATRIX_LINEAR, "vae.", 1, quant, moments, moments, TRUE);
}

static void
load_decoder (MzVae *vae, MzLoader *loader)
{
  static const char *const post_quant[] = { "post_quant_conv" };
  const MzVaeConfig *config = &vae->config;
  const int *channels = config->block_out_channels;
  int n = config->n_levels, latent = config->latent_channels;
  Half *half = &vae->decoder;

  if (config->has_post_quant_conv)
    vae->post_quant
        = mz_load_linear (loader, &vae->set, MZ_MATRIX_LINEAR, "vae.", 1, post_quant, latent, latent, TRUE);
  half->conv_in = mz_load_conv (loader, &vae->set, "vae.decoder.conv_in", channels[n - 1], latent, 3);
  load_mid (vae, &half->mid, loader, "vae.decoder", channels[n - 1]);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("vae.decoder.up_blocks.%d", i);
      load_level (vae, &half->levels[i], loader, prefix, config->layers_per_block + 1,
                  channels[MIN (n - i, n - 1)], channels[n - 1 - i], i < n - 1 ? ".upsamplers.0.conv" : NULL);
    }
  half->norm_out = mz_load_norm (loader, &vae->set, "vae.decoder.conv_norm_out", channels[0]);
  half->conv_out
      = mz_load_conv (loader, &vae->set, "vae.decoder.conv_out", config->out_channels, channels[0], 3);
}

MzVae *
mz_vae_new (const MzVaeConfig *config, MzLoader *loader)
{
  MzVae *vae = g_new0 (MzVae, 1);

  vae->config = *config;
  vae->band_bytes = MZ_VAE_BAND_BYTES;
  mz_weight_set_init (&vae->set, loader->device);
  if (config->has_encoder)
    load_encoder (vae, loader);
  load_decoder (vae, loader);
  mz_weight_set_finish (&vae->set, loader);
  return vae;
}

void
mz_vae_free (MzVae *vae)
{
  mz_weight_set_clear (&vae->set);
  for (int i = 0; i < vae->config.n_levels; i++)
    {
      g_free (vae->encoder.levels[i].resnets);
      g_free (vae->decoder.levels[i].resnets);
    }
  g_free (vae);
}

gsize
mz_vae_get_bytes (const MzVae *vae)
{
  return vae->set.n_bytes;
}

void
mz_vae_set_band_bytes (MzVae *vae, gsize band_bytes)
{
  vae->band_bytes = band_bytes;
}

int
mz_vae_factor (const MzVaeConfig *config)
{
  return 1 << (config->n_levels - 1);
}

/* ---- Running ---- */

static void
replace (MzExec *exec, MzTensor *x, MzTensor y)
{
  mz_give (exec, x);
  *x = y;
}

/* x += to_out (attention (group_norm (x))), one head as wide as the channels. */
static void
run_attention (const MzVae *vae, MzExec *exec, const Mid *mid, const MzTensor *x)
{
  int c = x->c, n_tokens = x->h * x->w;
  MzTensor tokens = mz_reshape (x, x->n, 1, n_tokens);
  MzTensor a = mz_take (exec, x->n, 1, n_tokens, c), wide = mz_take (exec, x->n, 1, n_tokens, 3 * c);
  MzTensor normed = mz_reshape (&a, x->n, x->h, x->w);
  MzTensor q = mz_slice_channels (&wide, 0, c), k = mz_slice_channels (&wide, c, c),
           v = mz_slice_channels (&wide, 2 * c, c);
  MzEpilogue add = { .residual = &tokens };

  mz_op_group_norm (exec, &normed, x, NULL, mid->norm, vae->config.norm_num_groups, NORM_EPSILON,
                    MZ_ACTIVATION_NONE);
  mz_op_linear (exec, &wide, &a, NULL, mid->qkv, NULL);
  mz_op_attention (exec, &a, &q, &k, &v, 1, FALSE);
  mz_op_linear (exec, &tokens, &a, NULL, mid->out, &add);
  mz_give (exec, &wide);
  mz_give (exec, &a);
}

static void
run_mid (const MzVae *vae, MzExec *exec, const Mid *mid, MzTensor *x)
{
  replace (exec, x, mz_resnet_run (&mid->resnets[0], exec, x, NULL, NULL));
  if (vae->config.mid_attention)
    run_attention (vae, exec, mid, x);
  replace (exec, x, mz_resnet_run (&mid->resnets[1], exec, x, NULL, NULL));
}

/* The last norm, activation and convolution; gives x. */
static MzTensor
run_out (const MzVae *vae, MzExec *exec, const Half *half, MzTensor *x, int out_channels)
{
  MzTensor normed = mz_take (exec, x->n, x->h, x->w, x->c), out;

  mz_op_group_norm (exec, &normed, x, NULL, half->norm_out, vae->config.norm_num_groups, NORM_EPSILON,
                    MZ_ACTIVATION_SILU);
  mz_give (exec, x);
  out = mz_take (exec, normed.n, normed.h, normed.w, out_channels);
  mz_op_conv2d (exec, &out, &normed, NULL, half->conv_out, &MZ_CONV_SAME, NULL);
  mz_give (exec, &normed);
  return out;
}

/* Where the decoder's bands go. */
typedef struct
{
  float *rgb; /* [out_channels, height, width] */
  int height;
  float *band; /* [out_channels, rows, width], one band on its way */
} Planes;

static void
download_band_cb (gpointer user, MzExec *exec, const MzTensor *band, int first_row)
{
  Planes *planes = user;
  gsize n = mz_tensor_pixels (band), plane = (gsize) planes->height * (gsize) band->w;

  if (exec->planning)
    return;
  if (planes->band == NULL) /* the first band is the largest */
    planes->band = g_try_new (float, n *(gsize) band->c);
  if (planes->band == NULL)
    mz_exec_fail_memory (exec, n * (gsize) band->c * sizeof (float));
  mz_op_download (exec, band, planes->band);
  for (gsize c = 0; c < (gsize) band->c && !mz_exec_failed (exec); c++)
    memcpy (planes->rgb + c * plane + (gsize) first_row * (gsize) band->w, planes->band + c * n,
            n * sizeof (float));
}

/* The latent as the decoder's first layers want it: scaling undone, [1, h, w, block_out_channels[n - 1]]. */
static MzTensor
run_decoder_in (MzVae *vae, MzExec *exec, const float *latent, int height, int width)
{
  const MzVaeConfig *config = &vae->config;
  gsize n = (gsize) config->latent_channels * (gsize) height * (gsize) width;
  g_autofree float *z = exec->planning ? NULL : g_try_new (float, n);
  MzTensor x = mz_take (exec, 1, height, width, config->latent_channels), out;

  if (!exec->planning && z == NULL)
    mz_exec_fail_memory (exec, n * sizeof *z);
  for (gsize i = 0; i < n && z != NULL; i++)
    z[i] = latent[i] / config->scaling_factor + config->shift_factor;
  mz_op_upload (exec, &x, z);
  if (vae->post_quant != NULL)
    {
      out = mz_take (exec, 1, height, width, config->latent_channels);
      mz_op_linear (exec, &out, &x, NULL, vae->post_quant, NULL);
      replace (exec, &x, out);
    }
  out = mz_take (exec, 1, height, width, config->block_out_channels[config->n_levels - 1]);
  mz_op_conv2d (exec, &out, &x, NULL, vae->decoder.conv_in, &MZ_CONV_SAME, NULL);
  replace (exec, &x, out);
  return x;
}

/* The rest of the decoder, each tensor whole. Gives x. */
static void
run_decoder_whole (const MzVae *vae, MzExec *exec, MzTensor *x, float *rgb)
{
  const Half *half = &vae->decoder;

  for (int i = 0; i < vae->config.n_levels; i++)
    {
      const Level *level = &half->levels[i];

      for (int j = 0; j < level->n_resnets; j++)
        mz_resnet_replace (&level->resnets[j], exec, x);
      if (level->resample != NULL)
        replace (exec, x, mz_upsample_run (level->resample, exec, x, 2 * x->h, 2 * x->w));
    }
  *x = run_out (vae, exec, half, x, vae->config.out_channels);
  mz_op_download (exec, x, rgb);
  mz_give (exec, x);
}

void
mz_vae_decode (MzVae *vae, MzExec *exec, const float *latent, int height, int width, float *rgb)
{
  const MzVaeConfig *config = &vae->config;
  const Half *half = &vae->decoder;
  Planes planes = { .rgb = rgb, .height = height * mz_vae_factor (config) };
  MzTensor x = run_decoder_in (vae, exec, latent, height, width);
  MzBands bands;

  run_mid (vae, exec, &half->mid, &x);
  if (vae->band_bytes == MZ_VAE_WHOLE)
    {
      run_decoder_whole (vae, exec, &x, rgb);
      return;
    }
  bands = mz_bands_split (exec, &x, vae->band_bytes);
  for (int i = 0; i < config->n_levels; i++)
    {
      const Level *level = &half->levels[i];

      for (int j = 0; j < level->n_resnets; j++)
        mz_bands_resnet (exec, &level->resnets[j], &bands);
      if (level->resample != NULL)
        mz_bands_upsample (exec, level->resample, &bands, vae->band_bytes);
    }
  mz_bands_out (exec, half->norm_out, config->norm_num_groups, NORM_EPSILON, half->conv_out,
                config->out_channels, &bands, download_band_cb, &planes);
  g_free (planes.band);
}

/* Splits [2C, n] into mean and clamped logarithm of the variance. */
static void
split_moments (const float *moments, gsize n, float *mean, float *logvar)
{
  for (gsize i = 0; i < n; i++)
    {
      mean[i] = moments[i];
      logvar[i] = CLAMP (moments[n + i], LOGVAR_MIN, LOGVAR_MAX);
    }
}

void
mz_vae_encode (MzVae *vae, MzExec *exec, const float *rgb, int height, int width, float *mean, float *logvar)
{
  const MzVaeConfig *config = &vae->config;
  const Half *half = &vae->encoder;
  int n_moments = 2 * config->latent_channels;
  MzTensor x = mz_take (exec, 1, height, width, config->in_channels), out;
  g_autofree float *moments = NULL;
  MzBands bands;

  g_return_if_fail (config->has_encoder);
  mz_op_upload (exec, &x, rgb);
  bands = mz_bands_conv (exec, half->conv_in, &x, vae->band_bytes);
  mz_give (exec, &x);
  for (int i = 0; i < config->n_levels; i++)
    {
      const Level *level = &half->levels[i];

      for (int j = 0; j < level->n_resnets; j++)
        mz_bands_resnet (exec, &level->resnets[j], &bands);
      if (level->resample != NULL)
        mz_bands_downsample (exec, level->resample, &bands, vae->band_bytes);
    }
  x = mz_bands_join (exec, &bands);
  run_mid (vae, exec, &half->mid, &x);
  x = run_out (vae, exec, half, &x, n_moments);
  if (vae->quant != NULL)
    {
      out = mz_take (exec, 1, x.h, x.w, n_moments);
      mz_op_linear (exec, &out, &x, NULL, vae->quant, NULL);
      replace (exec, &x, out);
    }
  moments = exec->planning ? NULL : g_try_new0 (float, mz_tensor_elements (&x));
  if (!exec->planning && moments == NULL)
    mz_exec_fail_memory (exec, mz_tensor_elements (&x) * sizeof *moments);
  mz_op_download (exec, &x, moments);
  if (!exec->planning && !mz_exec_failed (exec))
    split_moments (moments, mz_tensor_elements (&x) / 2, mean, logvar);
  mz_give (exec, &x);
}

void
mz_vae_sample (const MzVaeConfig *config,
               const float *mean,
               const float *logvar,
               const float *noise,
               float *latent,
               gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      float z = noise != NULL ? mean[i] + expf (0.5f * logvar[i]) * noise[i] : mean[i];
      latent[i] = config->scaling_factor * (z - config->shift_factor);
    }
}
