/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The layers of a U-Net in the order of its evaluation: all in memory, or, where there is no room for them,
 * each read when its turn comes and let go of when the next one's has come. */
#pragma once

#include "core/config.h"
#include "models/blocks.h"

G_BEGIN_DECLS

/* A residual block, then maybe a transformer, then maybe a convolution that resamples. */
typedef struct
{
  /* What it is. */
  char *resnet_name;
  char *attention_name; /* with depth > 0 */
  char *resample_name;  /* NULL: it does not resample */
  int in_channels, channels;
  int depth, n_heads; /* of the transformer; depth 0: there is none */

  /* What was read of it; for the layer whose turn it is, where they come and go. */
  MzResnet resnet;
  MzTransformer transformer;
  const MzWeight *resample;    /* 3x3 */
  int first_shift;             /* of all shifts, its own residual block's */
  gsize n_bytes, n_file_bytes; /* on the device, when it was last read; in the file */
  MzWeightSet set;             /* of its own, where they come and go */
} MzUnetLayer;

typedef struct
{
  MzUnetLayer *list; /* [n] of at most n_max */
  int n, n_max;
  const MzUnetConfig *config; /* borrowed */
  MzWeightSet *set;           /* borrowed: where weights go that stay */
  gboolean come_and_go, reads_once;
  MzLoader loader;  /* of them, when they do; its weights are a reference of its own */
  gboolean in_8bit; /* likewise */
  int there;        /* index of the layer that is in memory; -1: none */
  gsize n_bytes;    /* the most that those that come and go take at one time */
} MzUnetLayers;

/* config and set must live as long. */
void mz_unet_layers_init (MzUnetLayers *layers, const MzUnetConfig *config, MzWeightSet *set, int n_max);
/* From now on layers come and go, as `loader`, which is copied, reads them. n_bytes: what they take at most,
 * when that is known; 0: each is read once as it is added, so that damage is known at once. */
void mz_unet_layers_let_go (MzUnetLayers *layers, const MzLoader *loader, gsize n_bytes);
/* Takes the names of `what`, and reads the rest. */
MzUnetLayer *mz_unet_layers_add (MzUnetLayers *layers, MzLoader *loader, const MzUnetLayer *what);
void mz_unet_layers_clear (MzUnetLayers *layers);

/* Before a layer's ops: has it in memory, and others no more. The failure goes to the exec. */
void mz_unet_layers_need (MzUnetLayers *layers, MzExec *exec, const MzUnetLayer *layer);
/* What stays of n_all bytes when of the layers, each of which has n_bytes or n_file_bytes (`offset` says
 * which), one is there at a time, or two that follow each other. */
gsize mz_unet_layers_find_least (const MzUnetLayers *layers, gsize n_all, glong offset, gboolean two);

G_END_DECLS
