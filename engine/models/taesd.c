/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* TAESD's decoder. A latent limited to +-3 (3 tanh (x / 3)), a convolution, then levels, four for a latent
 * position of 8 pixels: blocks relu (conv (relu (conv (relu (conv (x))))) + x), three or in the last level
 * one, and between levels an enlarging to twice the size with a convolution that has no bias. A convolution
 * to colours, 0..1, ends it. */
#include "models/taesd.h"

#include <math.h>

#include "models/blocks.h"

#define MOST_CHANNELS 1024
#define MOST_LEVELS 6 /* a factor of 32 */
#define MOST_BLOCKS 3
#define CONVS 3 /* of a block */

typedef struct
{
  const MzWeight *enlarge; /* before the blocks; NULL in the first */
  int n_blocks;
  const MzWeight *blocks[MOST_BLOCKS][CONVS];
} Level;

struct _MzTaesd
{
  MzWeightSet set;
  int latent_channels, channels, n_levels;
  const MzWeight *conv_in, *conv_out;
  Level levels[MOST_LEVELS];
};

/* Layer `number` of the original's sequence. */
static const MzWeight *
load_layer (MzTaesd *taesd, MzLoader *loader, int number, int out, int in, gboolean has_bias)
{
  g_autofree char *prefix = g_strdup_printf ("taesd.%d", number);

  return has_bias ? mz_load_conv (loader, &taesd->set, prefix, out, in, 3)
                  : mz_load_conv_without_bias (loader, &taesd->set, prefix, out, in, 3);
}

/* The original counts every layer: limit 0, first convolution 1, its activation 2, blocks from 3 on, and
 * before each further level an enlarging without weights and its convolution. */
static void
load_levels (MzTaesd *taesd, MzLoader *loader)
{
  int c = taesd->channels, number = 3;

  taesd->conv_in = load_layer (taesd, loader, 1, c, taesd->latent_channels, TRUE);
  for (int i = 0; i < taesd->n_levels; i++)
    {
      Level *level = &taesd->levels[i];

      if (i > 0)
        {
          level->enlarge = load_layer (taesd, loader, number + 1, c, c, FALSE);
          number += 2;
        }
      level->n_blocks = i < taesd->n_levels - 1 ? MOST_BLOCKS : 1;
      for (int b = 0; b < level->n_blocks; b++, number++)
        for (int k = 0; k < CONVS; k++)
          {
            g_autofree char *prefix = g_strdup_printf ("taesd.%d.conv.%d", number, 2 * k);

            level->blocks[b][k] = mz_load_conv (loader, &taesd->set, prefix, c, c, 3);
          }
    }
  taesd->conv_out = load_layer (taesd, loader, number, 3, c, TRUE);
}

/* How wide it is, as its first layer says. */
static int
count_channels (MzWeights *weights)
{
  const MzView *first = mz_weights_lookup (weights, "taesd.1.weight");

  return first != NULL && first->n_dims == 4 ? (int) CLAMP (first->shape[0], 1, MOST_CHANNELS) : 64;
}

gboolean
mz_taesd_has_factor (int factor)
{
  return factor >= 1 && factor < 1 << MOST_LEVELS && (factor & (factor - 1)) == 0;
}

MzTaesd *
mz_taesd_new (MzLoader *loader, int latent_channels, int factor)
{
  MzTaesd *taesd = g_new0 (MzTaesd, 1);

  g_return_val_if_fail (mz_taesd_has_factor (factor), taesd);
  taesd->latent_channels = latent_channels;
  taesd->channels = count_channels (loader->weights);
  for (taesd->n_levels = 1; 1 << (taesd->n_levels - 1) < factor;)
    taesd->n_levels++;
  mz_weight_set_init (&taesd->set, loader->device);
  load_levels (taesd, loader);
  mz_weight_set_finish (&taesd->set, loader);
  return taesd;
}

void
mz_taesd_free (MzTaesd *taesd)
{
  mz_weight_set_clear (&taesd->set);
  g_free (taesd);
}

gsize
mz_taesd_get_bytes (const MzTaesd *taesd)
{
  return taesd->set.n_bytes;
}

/* ---- Running ---- */

static void
run_block (MzExec *exec, const MzWeight *const convs[CONVS], const MzTensor *x)
{
  MzTensor a = mz_take (exec, 1, x->h, x->w, x->c), b = mz_take (exec, 1, x->h, x->w, x->c);
  MzEpilogue relu = { .activation = MZ_ACTIVATION_RELU };
  MzEpilogue add = { .activation = MZ_ACTIVATION_RELU, .residual = x };

  mz_op_conv2d (exec, &a, x, NULL, convs[0], &MZ_CONV_SAME, &relu);
  mz_op_conv2d (exec, &b, &a, NULL, convs[1], &MZ_CONV_SAME, &relu);
  mz_op_conv2d (exec, x, &b, NULL, convs[2], &MZ_CONV_SAME, &add);
  mz_give (exec, &b);
  mz_give (exec, &a);
}

static void
enlarge (MzExec *exec, const MzWeight *conv, MzTensor *x)
{
  MzTensor larger = mz_upsample_run (conv, exec, x, 2 * x->h, 2 * x->w);

  mz_give (exec, x);
  *x = larger;
}

/* The limited latent on the device. */
static MzTensor
take_latent (MzTaesd *taesd, MzExec *exec, const float *latent, int height, int width)
{
  MzTensor z = mz_take (exec, 1, height, width, taesd->latent_channels);
  gsize n = mz_tensor_elements (&z);
  g_autofree float *limited = latent != NULL ? g_try_new (float, n) : NULL;

  if (latent != NULL && limited == NULL)
    mz_exec_fail_memory (exec, n * sizeof (float));
  for (gsize i = 0; limited != NULL && i < n; i++)
    limited[i] = 3 * tanhf (latent[i] / 3);
  mz_op_upload (exec, &z, limited);
  return z;
}

void
mz_taesd_decode (MzTaesd *taesd, MzExec *exec, const float *latent, int height, int width, float *rgb)
{
  MzTensor z = take_latent (taesd, exec, latent, height, width), x, colours;
  MzEpilogue relu = { .activation = MZ_ACTIVATION_RELU };
  gsize n;

  x = mz_take (exec, 1, height, width, taesd->channels);
  mz_op_conv2d (exec, &x, &z, NULL, taesd->conv_in, &MZ_CONV_SAME, &relu);
  mz_give (exec, &z);
  for (int i = 0; i < taesd->n_levels; i++)
    {
      const Level *level = &taesd->levels[i];

      if (level->enlarge != NULL)
        enlarge (exec, level->enlarge, &x);
      for (int b = 0; b < level->n_blocks; b++)
        run_block (exec, level->blocks[b], &x);
    }
  colours = mz_take (exec, 1, x.h, x.w, 3);
  mz_op_conv2d (exec, &colours, &x, NULL, taesd->conv_out, &MZ_CONV_SAME, NULL);
  mz_op_download (exec, &colours, rgb);
  n = mz_tensor_elements (&colours);
  for (gsize i = 0; rgb != NULL && !mz_exec_failed (exec) && i < n; i++)
    rgb[i] = 2 * rgb[i] - 1;
  mz_give (exec, &colours);
  mz_give (exec, &x);
}
