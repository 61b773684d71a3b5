/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding and opening the small decoder's file. */
#include "io/taesd-file.h"

#include "io/map-file.h"
#include "io/safetensors.h"

static const char *const places[]
    = { "taesd_decoder.safetensors", "taesd/taesd_decoder.safetensors",
        "taesd/diffusion_pytorch_model.safetensors", "../vae_approx/taesd_decoder.safetensors" };
/* So many of them are the model's own where it is a folder: the others are for Stable Diffusion's latents. */
#define N_OWN 3

/* diffusers leaves out the first layer, which has no weights, and so counts from one less. */
#define DIFFUSERS_PREFIX "decoder.layers."

/* "taesd.3.conv.0.weight" of either name, or NULL when it is none of the decoder's. */
static char *
canonical_name (const char *name)
{
  gboolean is_diffusers = g_str_has_prefix (name, DIFFUSERS_PREFIX);
  const char *number = is_diffusers ? name + sizeof DIFFUSERS_PREFIX - 1 : name;
  char *end;
  guint64 layer = g_ascii_strtoull (number, &end, 10);

  if (!g_ascii_isdigit (*number) || *end != '.' || layer > 1000)
    return NULL;
  return g_strdup_printf ("taesd.%u%s", (guint) layer + (is_diffusers ? 1 : 0), end);
}

static MzWeights *
open_file (const char *path, MzCancel *cancel, GError **error)
{
  MzSafetensors *file = mz_safetensors_open (path, cancel, error);
  MzWeights *weights;

  if (file == NULL)
    return NULL;
  weights = mz_weights_new (path);
  mz_weights_add_owner (weights, file, (GDestroyNotify) mz_safetensors_free);
  for (guint i = 0; i < file->n_tensors; i++)
    {
      g_autofree char *name = canonical_name (file->tensors[i].name);

      if (name == NULL)
        continue;
      if (!mz_safetensors_check_readable (file, &file->tensors[i], error))
        {
          mz_weights_unref (weights);
          return NULL;
        }
      mz_weights_add (weights, name, &file->tensors[i].view);
    }
  return weights;
}

MzWeights *
mz_taesd_file_find (const char *model_path, gboolean own_only, MzCancel *cancel)
{
  gboolean is_folder = g_file_test (model_path, G_FILE_TEST_IS_DIR);
  g_autofree char *folder = is_folder ? g_strdup (model_path) : g_path_get_dirname (model_path);
  gsize n = !own_only ? G_N_ELEMENTS (places) : is_folder ? N_OWN : 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], NULL);
      g_autoptr (GError) error = NULL;
      MzWeights *weights = mz_is_file (path) ? open_file (path, cancel, &error) : NULL;

      if (weights != NULL)
        return weights;
      if (error != NULL)
        g_debug ("no small decoder for previews: %s", error->message);
    }
  return NULL;
}
