/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The small decoder: PyTorch's picture from the same weights, which both make by one formula; and finding its
 * file under the names that people give it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "golden.h"
#include "io/taesd-file.h"
#include "models/taesd.h"

#define HEIGHT 5
#define WIDTH 6

/* TAESD's own form, and a small one for latent positions of four pixels. */
typedef struct
{
  const char *golden;
  int channels, levels;
  const char *backend;
} Form;

static const Form usual = { "picture", 64, 4, "cpu" };
static const Form usual_reference = { "picture", 64, 4, "reference" };
static const Form small = { "small", 16, 3, "cpu" };

static int
factor_of (const Form *form)
{
  return 1 << (form->levels - 1);
}

static int
count_picture (const Form *form)
{
  return 3 * factor_of (form) * HEIGHT * factor_of (form) * WIDTH;
}

/* tests/reference/taesd_goldens.py's numbers(). */
static void
fill (guint32 stream, gsize n, double scale, float *to)
{
  for (gsize i = 0; i < n; i++)
    {
      guint32 v = (guint32) i * 2654435761u + stream * 40503u + 12345u;

      v ^= v >> 15;
      v *= 2246822519u;
      v ^= v >> 13;
      to[i] = (float) (((double) (v >> 8) / 8388608.0 - 1) * scale);
    }
}

/* ---- Its file ---- */

typedef struct
{
  char *name; /* "3.conv.0.weight" */
  int shape[4], n_dims;
} Tensor;

static void
add_layer (GArray *tensors, const char *prefix, int out, int in, gboolean has_bias)
{
  Tensor weight = { g_strconcat (prefix, ".weight", NULL), { out, in, 3, 3 }, 4 };
  Tensor bias = { g_strconcat (prefix, ".bias", NULL), { out }, 1 };

  g_array_append_val (tensors, weight);
  if (has_bias)
    g_array_append_val (tensors, bias);
  else
    g_free (bias.name);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Tensor *) a)->name, ((const Tensor *) b)->name);
}

static void
clear_tensor (gpointer tensor)
{
  g_free (((Tensor *) tensor)->name);
}

static GArray *
list_tensors (const Form *form)
{
  GArray *tensors = g_array_new (FALSE, FALSE, sizeof (Tensor));
  g_autofree char *last = NULL;
  int number = 3, c = form->channels;

  g_array_set_clear_func (tensors, clear_tensor);
  add_layer (tensors, "1", c, 4, TRUE);
  for (int level = 0; level < form->levels; level++)
    {
      if (level > 0)
        {
          g_autofree char *prefix = g_strdup_printf ("%d", number + 1);

          add_layer (tensors, prefix, c, c, FALSE);
          number += 2;
        }
      for (int b = 0; b < (level < form->levels - 1 ? 3 : 1); b++, number++)
        for (int k = 0; k < 5; k += 2)
          {
            g_autofree char *prefix = g_strdup_printf ("%d.conv.%d", number, k);

            add_layer (tensors, prefix, c, c, TRUE);
          }
    }
  last = g_strdup_printf ("%d", number);
  add_layer (tensors, last, 3, c, TRUE);
  g_array_sort (tensors, compare_names);
  return tensors;
}

/* In diffusers' names the layers count from one less. */
static char *
name_in_file (const char *name, gboolean as_diffusers)
{
  char *end;
  guint64 number = g_ascii_strtoull (name, &end, 10);

  return as_diffusers ? g_strdup_printf ("decoder.layers.%u%s", (guint) number - 1, end) : g_strdup (name);
}

/* n_left_out: tensors at the end that are missing. */
static void
write_file (const Form *form, const char *path, gboolean as_diffusers, guint n_left_out)
{
  g_autoptr (GArray) tensors = list_tensors (form);
  g_autoptr (GString) header = g_string_new ("{"), data = g_string_new (NULL);
  guint64 length;

  for (guint t = 0; t < tensors->len - n_left_out; t++)
    {
      const Tensor *tensor = &g_array_index (tensors, Tensor, t);
      g_autofree char *name = name_in_file (tensor->name, as_diffusers);
      gsize n = 1, begin = data->len;
      g_autofree float *values = NULL;

      g_string_append_printf (header, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[", t > 0 ? "," : "", name);
      for (int d = 0; d < tensor->n_dims; d++)
        {
          n *= (gsize) tensor->shape[d];
          g_string_append_printf (header, "%s%d", d > 0 ? "," : "", tensor->shape[d]);
        }
      values = g_new (float, n);
      fill (t, n, tensor->n_dims == 1 ? 0.1 : 0.08, values);
      g_string_append_len (data, (const char *) values, (gssize) (n * sizeof (float)));
      g_string_append_printf (header, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}", begin,
                              data->len);
    }
  g_string_append_c (header, '}');
  length = GUINT64_TO_LE ((guint64) header->len);
  g_string_prepend_len (header, (const char *) &length, sizeof length);
  g_string_append_len (header, data->str, (gssize) data->len);
  g_assert_true (g_file_set_contents (path, header->str, (gssize) header->len, NULL));
}

/* ---- Decoding ---- */

static float *
decode (const Form *form, const char *model_path)
{
  MzWeights *weights = mz_taesd_file_find (model_path, FALSE, NULL);
  g_autoptr (GError) error = NULL;
  MzDevice *device = mz_device_open (form->backend, &(MzDeviceOptions){ 2 }, &error);
  MzLoader loader = { .weights = weights, .device = device };
  MzExec *exec = mz_exec_new (device);
  float *picture = g_new (float, (gsize) count_picture (form)), latent[4 * HEIGHT * WIDTH];
  MzTaesd *taesd;

  g_assert_no_error (error);
  g_assert_nonnull (weights);
  taesd = mz_taesd_new (&loader, 4, factor_of (form));
  g_assert_no_error (loader.error);
  g_assert_true (mz_weights_check (weights, NULL));
  g_assert_cmpuint (mz_taesd_get_bytes (taesd), >, form->channels == 64 ? 4000000 : 200000);
  fill (1000, G_N_ELEMENTS (latent), 4, latent);
  mz_exec_begin_plan (exec);
  mz_taesd_decode (taesd, exec, NULL, HEIGHT, WIDTH, NULL);
  g_assert_true (mz_exec_end_plan (exec, &error));
  mz_taesd_decode (taesd, exec, latent, HEIGHT, WIDTH, picture);
  g_assert_true (mz_exec_finish (exec, &error));
  mz_exec_free (exec);
  mz_taesd_free (taesd);
  mz_device_close (device);
  mz_weights_unref (weights);
  return picture;
}

static void
check_picture (const Form *form, const float *picture)
{
  g_autoptr (Golden) golden = golden_open ("taesd.safetensors");
  g_autofree float *expected = golden_floats (golden_get (golden, "decode", form->golden));
  double largest = 0;

  for (int i = 0; i < count_picture (form); i++)
    largest = MAX (largest, fabs (((double) picture[i] + 1) / 2 - (double) expected[i]));
  g_test_message ("off by %g at most, of pictures from -2.2 to 1.3", largest);
  g_assert_cmpfloat (largest, <, 1e-5);
}

static char *
make_folder (const char *inside)
{
  char *folder = g_dir_make_tmp ("taesd-XXXXXX", NULL);
  g_autofree char *below = g_build_filename (folder, inside, NULL);

  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  return folder;
}

static void
remove_folder (const char *folder, const char *file, const char *inside)
{
  g_autofree char *path = g_build_filename (folder, file, NULL),
                  *below = g_build_filename (folder, inside, NULL);

  g_remove (path);
  if (*inside != '\0')
    g_rmdir (below);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_golden (gconstpointer data)
{
  const Form *form = data;
  g_autofree char *folder = make_folder (""),
                  *path = g_build_filename (folder, "taesd_decoder.safetensors", NULL);
  g_autofree char *model = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree float *picture = NULL;

  write_file (form, path, FALSE, 0);
  picture = decode (form, model);
  check_picture (form, picture);
  remove_folder (folder, "taesd_decoder.safetensors", "");
}

static void
test_diffusers_names (void)
{
  static const char file[] = "taesd/diffusion_pytorch_model.safetensors";
  g_autofree char *folder = make_folder ("taesd"), *path = g_build_filename (folder, file, NULL);
  g_autofree float *picture = NULL;

  write_file (&usual, path, TRUE, 0);
  picture = decode (&usual, folder);
  check_picture (&usual, picture);
  remove_folder (folder, file, "taesd");
}

/* None, no file of its kind, and one that lacks a layer. */
static void
test_none (void)
{
  static const char file[] = "taesd_decoder.safetensors";
  g_autofree char *folder = make_folder (""), *path = g_build_filename (folder, file, NULL);
  MzDevice *device = mz_device_open ("cpu", &(MzDeviceOptions){ 1 }, NULL);
  MzLoader loader = { .device = device };

  g_assert_null (mz_taesd_file_find (folder, FALSE, NULL));
  g_assert_true (g_file_set_contents (path, "no tensors", -1, NULL));
  g_assert_null (mz_taesd_file_find (folder, FALSE, NULL));
  write_file (&usual, path, FALSE, 2);
  loader.weights = mz_taesd_file_find (folder, FALSE, NULL);
  g_assert_nonnull (loader.weights);
  mz_taesd_free (mz_taesd_new (&loader, 4, 8));
  g_assert_false (mz_weights_check (loader.weights, &loader.error));
  g_assert_nonnull (loader.error);
  g_clear_error (&loader.error);
  mz_weights_unref (loader.weights);
  mz_device_close (device);
  remove_folder (folder, file, "");
}

/* What lies among other programs' files is for Stable Diffusion's latents. */
static void
test_own (void)
{
  static const char file[] = "vae_approx/taesd_decoder.safetensors";
  g_autofree char *folder = make_folder ("vae_approx"), *path = g_build_filename (folder, file, NULL);
  g_autofree char *model = g_build_filename (folder, "model", NULL);
  MzWeights *weights;

  g_assert_cmpint (g_mkdir (model, 0700), ==, 0);
  write_file (&usual, path, FALSE, 0);
  weights = mz_taesd_file_find (model, FALSE, NULL);
  g_assert_nonnull (weights);
  mz_weights_unref (weights);
  g_assert_null (mz_taesd_file_find (model, TRUE, NULL));
  g_assert_cmpint (g_rmdir (model), ==, 0);
  remove_folder (folder, file, "vae_approx");
}

/* One that enlarges more often than the model does is not taken for its own. */
static void
test_other_factor (void)
{
  static const char file[] = "taesd_decoder.safetensors";
  g_autofree char *folder = make_folder (""), *path = g_build_filename (folder, file, NULL);
  MzDevice *device = mz_device_open ("cpu", &(MzDeviceOptions){ 1 }, NULL);
  MzLoader loader = { .device = device };

  write_file (&usual, path, FALSE, 0);
  loader.weights = mz_taesd_file_find (folder, TRUE, NULL);
  g_assert_nonnull (loader.weights);
  mz_taesd_free (mz_taesd_new (&loader, 4, 4));
  g_assert_false (loader.error == NULL && mz_weights_check (loader.weights, &loader.error));
  g_clear_error (&loader.error);
  g_assert_false (mz_taesd_has_factor (0) || mz_taesd_has_factor (6) || mz_taesd_has_factor (64));
  mz_weights_unref (loader.weights);
  mz_device_close (device);
  remove_folder (folder, file, "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/taesd/golden/cpu", &usual, test_golden);
  g_test_add_data_func ("/taesd/golden/reference", &usual_reference, test_golden);
  g_test_add_data_func ("/taesd/golden/small", &small, test_golden);
  g_test_add_func ("/taesd/own", test_own);
  g_test_add_func ("/taesd/other-factor", test_other_factor);
  g_test_add_func ("/taesd/diffusers-names", test_diffusers_names);
  g_test_add_func ("/taesd/none", test_none);
  return g_test_run ();
}
