/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine's half of tests/reference/compare_full_size.py: runs a model's stages on the inputs that script
 * drew, and writes what comes out for it to compare.
 *
 *   MZ_GOLDEN_DIR=WORK_FOLDER dump-stages MODEL OURS.safetensors
 *
 * A program and not a test: its model has 2 GB. The backend is the one that $MEZZOTINT_BACKEND names. */
#include <string.h>

#include "io/model-file.h"
#include "models/clip.h"
#include "models/unet.h"
#include "models/vae.h"
#include "unit/golden.h"

typedef struct
{
  MzModelFile *file;
  MzLoader loader;
  MzExec *exec;
  Golden *inputs;
  GString *header, *data; /* of the file to write */
} Dump;

/* ---- The file ---- */

static void
append_tensor (Dump *dump, const char *name, const float *values, int n_dims, const gint64 *shape)
{
  gsize begin = dump->data->len, n = 1;

  g_string_append_printf (dump->header, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[",
                          dump->header->len > 1 ? "," : "", name);
  for (int i = 0; i < n_dims; i++)
    {
      n *= (gsize) shape[i];
      g_string_append_printf (dump->header, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", shape[i]);
    }
  g_string_append_len (dump->data, (const char *) values, (gssize) (n * sizeof (float)));
  g_string_append_printf (dump->header, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}",
                          begin, dump->data->len);
}

static gboolean
write_file (Dump *dump, const char *path, GError **error)
{
  g_autoptr (GString) file = g_string_new (NULL);
  guint64 header_bytes;

  g_string_append_c (dump->header, '}');
  while (dump->header->len % 8 != 0)
    g_string_append_c (dump->header, ' ');
  header_bytes = GUINT64_TO_LE ((guint64) dump->header->len);
  g_string_append_len (file, (const char *) &header_bytes, sizeof header_bytes);
  g_string_append_len (file, dump->header->str, (gssize) dump->header->len);
  g_string_append_len (file, dump->data->str, (gssize) dump->data->len);
  return g_file_set_contents (path, file->str, (gssize) file->len, error);
}

/* ---- Running ---- */

/* Plans, then computes, and says how long the second took. */
static gboolean
run (Dump *dump, const char *name, void (*func) (Dump *dump, gpointer data), gpointer data, GError **error)
{
  gint64 begin_us;

  if (dump->loader.error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&dump->loader.error));
      return FALSE;
    }
  mz_exec_begin_plan (dump->exec);
  func (dump, data);
  if (!mz_exec_end_plan (dump->exec, error))
    return FALSE;
  begin_us = g_get_monotonic_time ();
  func (dump, data);
  g_print ("%s: %.2f s, %.0f MiB of activations\n", name,
           (double) (g_get_monotonic_time () - begin_us) * 1e-6,
           (double) mz_exec_block_bytes (dump->exec) / (1 << 20));
  return mz_exec_finish (dump->exec, error);
}

/* Swaps the last two of [n, rows, columns]: the engine's borders are [N, C, T], the files' tokens [N, T, C].
 */
static float *
transpose (const float *from, gsize n, gsize rows, gsize columns)
{
  float *to = g_new (float, n *rows *columns);

  for (gsize i = 0; i < n; i++)
    for (gsize r = 0; r < rows; r++)
      for (gsize c = 0; c < columns; c++)
        to[(i * columns + c) * rows + r] = from[(i * rows + r) * columns + c];
  return to;
}

/* ---- Text ---- */

typedef struct
{
  MzClip *clip;
  int n, n_tokens;
  gint32 *ids;
  float *planes; /* [n, C, n_tokens] */
} Text;

static void
run_text (Dump *dump, gpointer data)
{
  Text *text = data;
  MzTensor context = mz_take (dump->exec, text->n, 1, text->n_tokens, dump->file->config.clip.hidden_size);

  mz_clip_encode (text->clip, dump->exec, text->ids, 1, &context);
  mz_op_download (dump->exec, &context, text->planes);
  mz_give (dump->exec, &context);
}

static gboolean
dump_text (Dump *dump, GError **error)
{
  const MzView *ids = golden_lookup (dump->inputs, "text.ids");
  gint64 shape[3] = { ids->shape[0], ids->shape[1], dump->file->config.clip.hidden_size };
  gsize n_ids = mz_view_elements (ids);
  g_autofree gint32 *narrow = g_new (gint32, n_ids);
  g_autofree float *planes = g_new (float, n_ids *(gsize) shape[2]);
  g_autoptr (MzClip) clip = mz_clip_new (&dump->file->config.clip, &dump->loader);
  Text text = { clip, (int) shape[0], (int) shape[1], narrow, planes };
  g_autofree float *rows = NULL;

  for (gsize i = 0; i < n_ids; i++)
    narrow[i] = (gint32) ((const gint64 *) ids->data)[i];
  if (!run (dump, "text.last", run_text, &text, error))
    return FALSE;
  rows = transpose (planes, (gsize) shape[0], (gsize) shape[2], (gsize) shape[1]);
  append_tensor (dump, "text.last", rows, 3, shape);
  return TRUE;
}

/* ---- U-Net ---- */

typedef struct
{
  MzUnet *unet;
  const MzView *sample, *context;
  const float *samples, *planes; /* [N, C, H, W]; context as [N, D, T] */
  float timestep;
  float *output;
} Unet;

static void
run_unet (Dump *dump, gpointer data)
{
  Unet *u = data;
  const gint64 *shape = u->sample->shape;
  MzTensor context = mz_take (dump->exec, (int) shape[0], 1, (int) u->context->shape[1],
                              dump->file->config.unet.cross_attention_dim);
  MzUnetText *text;

  mz_op_upload (dump->exec, &context, u->planes);
  text = mz_unet_text_new (u->unet, dump->exec, &context);
  mz_give (dump->exec, &context);
  mz_unet_run (u->unet, dump->exec, text, u->samples, (int) shape[0], (int) shape[2], (int) shape[3],
               u->timestep, u->output);
  mz_unet_text_free (text);
}

static gboolean
dump_unet (Dump *dump, MzUnet *unet, const char *name, GError **error)
{
  const MzView *sample = golden_get (dump->inputs, name, "sample");
  const MzView *context = golden_get (dump->inputs, name, "context");
  g_autofree float *samples = golden_floats (sample), *contexts = golden_floats (context);
  g_autofree float *timestep = golden_floats (golden_get (dump->inputs, name, "timestep"));
  g_autofree float *planes
      = transpose (contexts, (gsize) context->shape[0], (gsize) context->shape[1], (gsize) context->shape[2]);
  g_autofree float *output = g_new (float, mz_view_elements (sample));
  g_autofree char *out = g_strconcat (name, ".out", NULL);
  Unet u = { unet, sample, context, samples, planes, timestep[0], output };

  if (!run (dump, out, run_unet, &u, error))
    return FALSE;
  append_tensor (dump, out, output, 4, sample->shape);
  return TRUE;
}

/* ---- VAE ---- */

typedef struct
{
  MzVae *vae;
  const MzView *latent, *picture;
  const float *latents, *pictures;
  float *rgb, *mean, *logvar;
} Vae;

static void
run_decode (Dump *dump, gpointer data)
{
  Vae *v = data;

  mz_vae_decode (v->vae, dump->exec, v->latents, (int) v->latent->shape[2], (int) v->latent->shape[3],
                 v->rgb);
}

static void
run_encode (Dump *dump, gpointer data)
{
  Vae *v = data;

  mz_vae_encode (v->vae, dump->exec, v->pictures, (int) v->picture->shape[2], (int) v->picture->shape[3],
                 v->mean, v->logvar);
}

static gboolean
dump_vae (Dump *dump, GError **error)
{
  const MzView *latent = golden_lookup (dump->inputs, "vae.latent");
  const MzView *picture = golden_lookup (dump->inputs, "vae.picture");
  g_autoptr (MzVae) vae = mz_vae_new (&dump->file->config.vae, &dump->loader);
  g_autofree float *latents = golden_floats (latent), *pictures = golden_floats (picture);
  g_autofree float *rgb = g_new (float, mz_view_elements (picture));
  g_autofree float *mean = g_new (float, mz_view_elements (latent));
  g_autofree float *logvar = g_new (float, mz_view_elements (latent));
  Vae v = { vae, latent, picture, latents, pictures, rgb, mean, logvar };

  if (!run (dump, "vae.decode", run_decode, &v, error) || !run (dump, "vae.encode", run_encode, &v, error))
    return FALSE;
  append_tensor (dump, "vae.decode", rgb, 4, picture->shape);
  append_tensor (dump, "vae.mean", mean, 4, latent->shape);
  append_tensor (dump, "vae.logvar", logvar, 4, latent->shape);
  return TRUE;
}

/* One model at a time, so that memory holds only the largest. */
static gboolean
dump_all (Dump *dump, GError **error)
{
  g_autoptr (MzUnet) unet = NULL;

  if (!dump_text (dump, error) || !dump_vae (dump, error))
    return FALSE;
  unet = mz_unet_new (&dump->file->config.unet, &dump->loader);
  return dump_unet (dump, unet, "unet32", error) && dump_unet (dump, unet, "unet64", error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzModelFile) file = NULL;
  g_autoptr (MzDevice) device = NULL;
  g_autoptr (MzExec) exec = NULL;
  g_autoptr (Golden) inputs = NULL;
  g_autoptr (GString) header = g_string_new ("{"), data = g_string_new (NULL);
  Dump dump;

  if (argc != 3 || g_getenv ("MZ_GOLDEN_DIR") == NULL)
    {
      g_printerr ("usage: MZ_GOLDEN_DIR=WORK_FOLDER dump-stages MODEL OURS.safetensors\n");
      return 2;
    }
  file = mz_model_file_open (argv[1], NULL, &error);
  if (file != NULL)
    device = mz_device_open (NULL, NULL, &error);
  if (device == NULL)
    {
      g_printerr ("dump-stages: %s\n", error->message);
      return 1;
    }
  exec = mz_exec_new (device);
  inputs = golden_open ("inputs.safetensors");
  dump = (Dump){ file, { .weights = file->weights, .device = device }, exec, inputs, header, data };
  if (!dump_all (&dump, &error) || !mz_weights_check (file->weights, &error)
      || !write_file (&dump, argv[2], &error))
    {
      g_printerr ("dump-stages: %s\n", error->message);
      return 1;
    }
  return 0;
}
