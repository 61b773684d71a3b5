/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A U-Net by layers on the emulated card, which has two of them at a time: small models never come to it by
 * themselves, as they take less than reading does. */
#include "pipeline/parts.h"

#define SIDE 4 /* of the latent */

typedef struct
{
  MzModel *model;
  MzExec *exec;
  gsize n_latent;
  float *latent, *context;
} Fixture;

static void
fill (float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float) (i * 37 % 101) / 50.0f - 1.0f;
}

/* Two evaluations, as of two steps: out [2, n_latent]. */
static void
run (Fixture *f, MzUnet *unet, gboolean plans, float *out)
{
  const MzClipConfig *clip = &f->model->config.clip;
  MzTensor context = mz_take (f->exec, 2, 1, clip->max_position_embeddings, clip->hidden_size);
  MzUnetText *text;

  if (!plans)
    mz_op_upload (f->exec, &context, f->context);
  text = mz_unet_text_new (unet, f->exec, &context);
  mz_give (f->exec, &context);
  for (int i = 0; i < 2; i++)
    mz_unet_run (unet, f->exec, text, f->latent, 2, SIDE, SIDE, 500.0f, out);
  mz_unet_text_free (text);
}

static void
evaluate (Fixture *f, MzUnet *unet, float *out)
{
  g_autoptr (GError) error = NULL;

  mz_exec_begin_plan (f->exec);
  run (f, f->model->outline_unet, TRUE, NULL);
  g_assert_true (mz_exec_end_plan (f->exec, &error));
  run (f, unet, FALSE, out);
  g_assert_true (mz_exec_finish (f->exec, &error));
}

static void
test_layers (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "tiny-diffusers", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzEngine) engine = mz_engine_new ("cuda", 0, &error);
  g_autoptr (MzModel) model = mz_model_load (engine, path, NULL, NULL, NULL, &error);
  Fixture f = { .model = model };
  MzLoader loader = { 0 };
  g_autofree float *whole = NULL, *by_layers = NULL;
  gsize n_context;

  g_assert_no_error (error);
  f.exec = mz_exec_new (engine->device);
  f.n_latent = (gsize) model->config.unet.in_channels * SIDE * SIDE;
  n_context = 2 * (gsize) model->config.clip.max_position_embeddings * (gsize) model->config.clip.hidden_size;
  f.latent = g_new (float, 2 * f.n_latent);
  f.context = g_new (float, n_context);
  fill (f.latent, 2 * f.n_latent);
  fill (f.context, n_context);
  whole = g_new0 (float, 2 * f.n_latent);
  by_layers = g_new0 (float, 2 * f.n_latent);
  evaluate (&f, model->unet, whole);

  for (int i = 0; i < 2; i++) /* with layers read once before, and without */
    {
      MzUnet *unet;

      loader = (MzLoader){ .weights = model->file->weights, .device = engine->device };
      unet = mz_unet_new_by_layers (&model->config.unet, &loader, model->layer_bytes);
      g_assert_no_error (loader.error);
      model->layer_bytes = mz_unet_get_layer_bytes (unet);
      g_assert_cmpuint (model->layer_bytes, >, 0);
      evaluate (&f, unet, by_layers);
      g_assert_cmpmem (whole, 2 * f.n_latent * sizeof (float), by_layers, 2 * f.n_latent * sizeof (float));
      mz_unet_free (unet);
    }
  mz_exec_free (f.exec);
  g_free (f.latent);
  g_free (f.context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/card-layers", test_layers);
  return g_test_run ();
}
