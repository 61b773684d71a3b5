/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading layers, once or whenever their turn comes. */
#include "models/unet-layers.h"

void
mz_unet_layers_init (MzUnetLayers *layers, const MzUnetConfig *config, MzWeightSet *set, int n_max)
{
  *layers = (MzUnetLayers){ .list = g_new0 (MzUnetLayer, (gsize) MAX (n_max, 1)),
                            .n_max = n_max,
                            .config = config,
                            .set = set,
                            .there = -1 };
}

void
mz_unet_layers_let_go (MzUnetLayers *layers, const MzLoader *loader, gsize n_bytes)
{
  layers->come_and_go = TRUE;
  layers->loader = (MzLoader){ .weights = mz_weights_ref (loader->weights), .device = loader->device };
  layers->in_8bit = loader->device->prefers_8bit;
  layers->n_bytes = n_bytes;
  layers->reads_once = n_bytes == 0;
}

/* ---- One layer ---- */

static void
read_layer (const MzUnetLayers *layers, MzUnetLayer *layer, MzLoader *loader, MzWeightSet *set)
{
  const MzUnetConfig *config = layers->config;
  gsize n_bytes = set->n_bytes, n_file_bytes = set->n_file_bytes;

  mz_resnet_load (&layer->resnet, loader, set, layer->resnet_name, layer->in_channels, layer->channels,
                  config->norm_num_groups, config->norm_eps);
  layer->resnet.first_shift = layer->first_shift;
  if (layer->depth > 0)
    mz_transformer_load (&layer->transformer, loader, set, layer->attention_name, layer->channels,
                         layer->depth, layer->n_heads, config->cross_attention_dim, config->norm_num_groups);
  if (layer->resample_name != NULL)
    layer->resample = mz_load_conv (loader, set, layer->resample_name, layer->channels, layer->channels, 3);
  layer->n_bytes = set->n_bytes - n_bytes;
  layer->n_file_bytes = set->n_file_bytes - n_file_bytes;
}

/* Its shapes alone. */
static void
outline_layer (const MzUnetLayers *layers, MzUnetLayer *layer, const MzLoader *like)
{
  MzLoader check = { .weights = like->weights };

  read_layer (layers, layer, &check, layers->set);
}

/* Into a set of its own. */
static void
bring (MzUnetLayers *layers, MzUnetLayer *layer, MzLoader *loader)
{
  MzDevice *device = layers->loader.device;

  mz_transformer_clear (&layer->transformer);
  mz_weight_set_init (&layer->set, device);
  device->prefers_8bit = layers->in_8bit;
  device->cancel = loader->cancel;
  read_layer (layers, layer, loader, &layer->set);
  mz_weight_set_finish (&layer->set, loader);
  device->cancel = NULL;
  device->prefers_8bit = FALSE;
}

/* ---- All of them ---- */

/* A card computes with one while the next is read. */
static gboolean
overlap (const MzUnetLayers *layers)
{
  return layers->loader.device->backend->count_usable_bytes != NULL;
}

static void
read_once (MzUnetLayers *layers, MzUnetLayer *layer, MzLoader *loader)
{
  gsize before = layers->n > 1 && overlap (layers) ? layers->list[layers->n - 2].set.n_bytes : 0;
  gboolean in_8bit = loader->device->prefers_8bit;
  MzCancel *cancel = loader->device->cancel;

  bring (layers, layer, loader);
  loader->device->prefers_8bit = in_8bit; /* the caller's */
  loader->device->cancel = cancel;
  layers->n_bytes = MAX (layers->n_bytes, before + layer->set.n_bytes);
  mz_weight_set_clear (&layer->set);
}

MzUnetLayer *
mz_unet_layers_add (MzUnetLayers *layers, MzLoader *loader, const MzUnetLayer *what)
{
  MzUnetLayer *layer = &layers->list[layers->n++];

  g_return_val_if_fail (layers->n <= layers->n_max, NULL);
  *layer = *what;
  if (!layers->come_and_go)
    read_layer (layers, layer, loader, layers->set);
  else
    {
      outline_layer (layers, layer, loader);
      if (layers->reads_once)
        read_once (layers, layer, loader);
    }
  return layer;
}

void
mz_unet_layers_clear (MzUnetLayers *layers)
{
  for (int i = 0; i < layers->n; i++)
    {
      MzUnetLayer *layer = &layers->list[i];

      mz_weight_set_clear (&layer->set);
      mz_transformer_clear (&layer->transformer);
      g_free (layer->resnet_name);
      g_free (layer->attention_name);
      g_free (layer->resample_name);
    }
  g_free (layers->list);
  g_clear_pointer (&layers->loader.weights, mz_weights_unref);
}

void
mz_unet_layers_need (MzUnetLayers *layers, MzExec *exec, const MzUnetLayer *layer)
{
  int index = (int) (layer - layers->list), before = layers->there;
  MzLoader loader = layers->loader;

  if (!layers->come_and_go || index == before || mz_exec_failed (exec))
    return;
  loader.cancel = exec->cancel;
  layers->there = -1;
  if (before >= 0 && !overlap (layers))
    mz_weight_set_clear (&layers->list[before].set);
  bring (layers, &layers->list[index], &loader);
  if (before >= 0)
    mz_weight_set_clear (&layers->list[before].set);
  if (loader.error == NULL)
    layers->there = index;
  else
    {
      mz_weight_set_clear (&layers->list[index].set); /* what is of it is of no use */
      mz_exec_fail (exec, loader.error);
    }
}

gsize
mz_unet_layers_find_least (const MzUnetLayers *layers, gsize n_all, glong offset, gboolean two)
{
  gsize most = 0, sum = 0, before = 0;

  for (int i = 0; i < layers->n; i++)
    {
      gsize own = G_STRUCT_MEMBER (gsize, &layers->list[i], offset);

      sum += own;
      most = MAX (most, own + (two ? before : 0));
      before = own;
    }
  return n_all - sum + most;
}
