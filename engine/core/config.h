/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a model of the family is made of: plain numbers, read from configs or inferred from tensors
 * by io/, used by models/ and diffusion/. The names are those of diffusers' config.json. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MZ_MAX_LEVELS 8
/* Limits that hold whatever the layout of the file. */
#define MZ_MAX_LATENT_CHANNELS 64
#define MZ_MAX_SAMPLE_SIZE 4096
#define MZ_MIN_POSITIONS 3 /* begin, one token, end */
#define MZ_MAX_POSITIONS 4096

/* UNet2DConditionModel. Level 0 is the finest. */
typedef struct
{
  int in_channels;                       /* 4; latent channels in */
  int out_channels;                      /* 4 */
  int n_levels;                          /* length of the arrays below, 1..MZ_MAX_LEVELS */
  int block_out_channels[MZ_MAX_LEVELS]; /* 320, 640, 1280, 1280 */
  int layers_per_block[MZ_MAX_LEVELS];   /* residual blocks going down; one more going up */
  int down_depth[MZ_MAX_LEVELS];         /* transformer blocks per attention, 0 = level without attention */
  int up_depth[MZ_MAX_LEVELS];           /* the same going up, indexed by LEVEL (0 = finest) */
  gboolean has_mid_block;                /* FALSE: no middle block at all */
  int mid_depth;                         /* transformer blocks in the middle, 0 = residual blocks only */
  int n_heads[MZ_MAX_LEVELS];            /* attention heads at each level (the middle uses the last) */
  int cross_attention_dim;               /* 768 */
  gboolean use_linear_projection;        /* proj_in/proj_out are linear (SD 2) instead of 1x1 convolutions */
  int norm_num_groups;                   /* 32 */
  float norm_eps;                        /* 1e-5; the transformers' group norm has 1e-6 always */
  gboolean flip_sin_to_cos;              /* TRUE: cos first */
  float freq_shift;                      /* 0 */
  gboolean upcast_attention;             /* half-precision backends must compute scores in float32 */
  int sample_size;                       /* native latent size: > 0 in every model that io/ has opened */
} MzUnetConfig;

/* AutoencoderKL. */
typedef struct
{
  int in_channels;                       /* 3 */
  int out_channels;                      /* 3 */
  int latent_channels;                   /* 4; at most MZ_MAX_LATENT_CHANNELS */
  int n_levels;                          /* down-sampling factor is 2^(n_levels-1) */
  int block_out_channels[MZ_MAX_LEVELS]; /* 128, 256, 512, 512 */
  int layers_per_block;                  /* 2; one more in the decoder */
  int norm_num_groups;                   /* 32; epsilon is 1e-6 always */
  gboolean mid_attention;                /* attention in the middle blocks */
  gboolean has_quant_conv;               /* 1x1 convolution after the encoder */
  gboolean has_post_quant_conv;          /* 1x1 convolution before the decoder */
  gboolean has_encoder;                  /* FALSE for decoder-only files */
  float scaling_factor;                  /* 0.18215: latent = scaling_factor * (z - shift_factor) */
  float shift_factor;                    /* 0 */
  gboolean force_upcast;                 /* overflows half precision */
} MzVaeConfig;

typedef enum
{
  MZ_CLIP_QUICK_GELU, /* x * sigmoid(1.702 x) */
  MZ_CLIP_GELU,       /* erf form */
} MzClipActivation;

/* CLIPTextModel. */
typedef struct
{
  int vocab_size;              /* 49408 */
  int hidden_size;             /* 768 */
  int intermediate_size;       /* 3072 */
  int num_hidden_layers;       /* 12 */
  int num_attention_heads;     /* 12 */
  int max_position_embeddings; /* 77; MZ_MIN_POSITIONS..MZ_MAX_POSITIONS */
  float layer_norm_eps;        /* 1e-5 */
  MzClipActivation hidden_act;
  int bos_token_id; /* 49406 */
  int eos_token_id; /* 49407 */
  int pad_token_id; /* 49407 in SD 1, 0 in SD 2 */
} MzClipConfig;

typedef enum
{
  MZ_BETA_LINEAR,
  MZ_BETA_SCALED_LINEAR,
  MZ_BETA_SQUARED_COSINE, /* squaredcos_cap_v2 */
} MzBetaSchedule;

typedef enum
{
  MZ_PREDICTION_EPSILON,
  MZ_PREDICTION_V,
  MZ_PREDICTION_SAMPLE,
} MzPredictionType;

/* The names of MzPredictionType's values, as configs write them: [3]. */
extern const char *const mz_prediction_names[3];

typedef enum
{
  MZ_SPACING_LEADING,
  MZ_SPACING_LINSPACE,
  MZ_SPACING_TRAILING,
} MzTimestepSpacing;

/* scheduler_config.json. */
typedef struct
{
  int num_train_timesteps; /* 1000 */
  float beta_start;        /* .00085 */
  float beta_end;          /* .012 */
  MzBetaSchedule beta_schedule;
  MzPredictionType prediction_type;
  MzTimestepSpacing timestep_spacing;
  int steps_offset;          /* 1 in SD 1.x */
  gboolean set_alpha_to_one; /* FALSE in SD 1.x: the last step goes to alphas_cumprod[0] */
  gboolean clip_sample;
  float clip_sample_range; /* 1 */
  gboolean rescale_betas_zero_snr;
} MzSchedulerConfig;

typedef struct
{
  MzUnetConfig unet;
  MzVaeConfig vae;
  MzClipConfig clip;
  MzSchedulerConfig scheduler;
} MzModelConfig;

G_END_DECLS
