/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The autoencoder in bands: the same bits whatever the bands' height, no seams, and little memory. */
#include <string.h>

#include "io/model-file.h"
#include "models/vae.h"

#define ONE_BAND ((gsize) 1 << 40)

typedef struct
{
  MzModelFile *file;
  MzDevice *device;
  MzVae *vae;
  MzExec *exec;
  int h, w; /* of the latent */
} Fixture;

typedef void (*Half) (Fixture *f, const float *in, float *out);

static gsize
n_latent (const Fixture *f)
{
  return (gsize) f->file->config.vae.latent_channels * (gsize) f->h * (gsize) f->w;
}

static gsize
n_rgb (const Fixture *f)
{
  gsize factor = (gsize) mz_vae_factor (&f->file->config.vae);

  return 3 * (gsize) f->h * (gsize) f->w * factor * factor;
}

static void
decode (Fixture *f, const float *in, float *out)
{
  mz_vae_decode (f->vae, f->exec, in, f->h, f->w, out);
}

/* Mean, then logarithm of the variance. */
static void
encode (Fixture *f, const float *in, float *out)
{
  int factor = mz_vae_factor (&f->file->config.vae);

  mz_vae_encode (f->vae, f->exec, in, f->h * factor, f->w * factor, out,
                 out != NULL ? out + n_latent (f) : NULL);
}

/* Runs one way in bands of `band_bytes`; returns the block's bytes. */
static gsize
run (Fixture *f, Half half, gsize band_bytes, const float *in, float *out)
{
  g_autoptr (GError) error = NULL;

  mz_vae_set_band_bytes (f->vae, band_bytes);
  mz_exec_release (f->exec);
  mz_exec_begin_plan (f->exec);
  half (f, NULL, NULL);
  mz_exec_end_plan (f->exec, &error);
  g_assert_no_error (error);
  half (f, in, out);
  mz_exec_finish (f->exec, &error);
  g_assert_no_error (error);
  return mz_exec_block_bytes (f->exec);
}

/* Bands of 8 rows, of some more, and one band: to the bit the same. */
static void
check_half (Fixture *f, Half half, gsize n_in, gsize n_out)
{
  static const gsize bands[] = { 1, 3000, 20000, MZ_VAE_BAND_BYTES };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autofree float *in = g_new (float, n_in), *whole = g_new (float, n_out), *banded = g_new (float, n_out);

  for (gsize i = 0; i < n_in; i++)
    in[i] = (float) g_rand_double_range (rand, -1, 1);
  run (f, half, ONE_BAND, in, whole);
  for (gsize i = 0; i < G_N_ELEMENTS (bands); i++)
    {
      memset (banded, 0xff, n_out * sizeof *banded);
      run (f, half, bands[i], in, banded);
      g_assert_cmpmem (banded, n_out * sizeof *banded, whole, n_out * sizeof *whole);
    }
}

static void
set_up (Fixture *f, const char *path)
{
  g_autoptr (GError) error = NULL;
  MzLoader loader = { NULL };

  f->file = mz_model_file_open (path, NULL, &error);
  g_assert_no_error (error);
  f->device = mz_device_open (NULL, NULL, &error);
  g_assert_no_error (error);
  loader = (MzLoader){ .weights = f->file->weights, .device = f->device };
  f->vae = mz_vae_new (&f->file->config.vae, &loader);
  g_assert_no_error (loader.error);
  f->exec = mz_exec_new (f->device);
}

static void
tear_down (Fixture *f)
{
  mz_exec_free (f->exec);
  mz_vae_free (f->vae);
  mz_device_close (f->device);
  mz_model_file_free (f->file);
}

/* Sizes that no band divides, taller and wider ones. */
static void
check_model (const char *path)
{
  static const int sizes[][2] = { { 1, 1 }, { 5, 3 }, { 13, 9 }, { 3, 17 } };
  Fixture f;

  set_up (&f, path);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      f.h = sizes[i][0];
      f.w = sizes[i][1];
      check_half (&f, decode, n_latent (&f), n_rgb (&f));
      if (f.file->config.vae.has_encoder)
        check_half (&f, encode, n_rgb (&f), 2 * n_latent (&f));
    }
  tear_down (&f);
}

static void
test_golden_model (gconstpointer name)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models", name, NULL);

  check_model (path);
}

static void
test_proof (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "models", "proof", NULL);

  check_model (path);
}

/* The arithmetic of the README: of the last level, two tensors of its channels or one of the level below's,
 * whichever is more, and a few bands. */
static void
check_memory (Fixture *f, Half half)
{
  const int *channels = f->file->config.vae.block_out_channels;
  gsize n_pixels = n_rgb (f) / 3, per_pixel = (gsize) MAX (2 * channels[0], channels[1]) * sizeof (float);
  g_autofree float *in = g_new0 (float, n_rgb (f)), *out = g_new (float, n_rgb (f));
  gsize whole = run (f, half, ONE_BAND, in, out), banded = run (f, half, 1, in, out);

  g_assert_cmpuint (banded, >=, n_pixels * per_pixel);
  g_assert_cmpuint (banded, <=, n_pixels * per_pixel * 5 / 4);
  g_assert_cmpuint (banded, <, whole / 3 * 2);
}

static void
test_memory (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "models", "proof", NULL);
  Fixture f;

  set_up (&f, path);
  f.h = 96;
  f.w = 16;
  check_memory (&f, decode);
  if (f.file->config.vae.has_encoder)
    check_memory (&f, encode);
  tear_down (&f);
}

/* A flag raised before a band stops the run with the arena in balance: the next run gives the same bytes. */
static void
test_cancel (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models", "sd1-mini", NULL);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  g_autofree float *in = NULL, *first = NULL, *second = NULL;
  Fixture f;

  set_up (&f, path);
  f.h = f.w = 5;
  in = g_new0 (float, n_latent (&f));
  first = g_new (float, n_rgb (&f));
  second = g_new0 (float, n_rgb (&f));
  run (&f, decode, 1, in, first);
  f.exec->cancel = cancel;
  mz_cancel_trigger (cancel);
  decode (&f, in, second);
  g_assert_false (mz_exec_finish (f.exec, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  f.exec->cancel = NULL;
  decode (&f, in, second);
  g_assert_true (mz_exec_finish (f.exec, NULL));
  g_assert_cmpmem (first, n_rgb (&f) * sizeof *first, second, n_rgb (&f) * sizeof *second);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  static const char *const models[] = { "bare", "odd", "proof-mini", "sd1-mini" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *name = g_strconcat ("/vae-bands/", models[i], NULL);
      g_test_add_data_func (name, models[i], test_golden_model);
    }
  g_test_add_func ("/vae-bands/proof", test_proof);
  g_test_add_func ("/vae-bands/memory", test_memory);
  g_test_add_func ("/vae-bands/cancel", test_cancel);
  return g_test_run ();
}
