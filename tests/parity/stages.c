/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The stages of a whole model (text states, residual blocks, transformers, the U-Net, both ways of the VAE)
 * against PyTorch's, on the backend that $MEZZOTINT_BACKEND names. The goldens are made and described by
 * tests/reference/stage_goldens.py. */
#include <math.h>
#include <string.h>

#include "io/model-file.h"
#include "models/blocks.h"
#include "models/clip.h"
#include "models/unet.h"
#include "models/vae.h"
#include "unit/golden.h"

/* The project's bar for single precision: relative to the largest value of a stage, since a sum's rounding
 * errors are in proportion to its terms and not to what is left of them. */
#define BAR 1e-5

typedef struct
{
  const char *name;
  MzModelFile *file;
  Golden *golden;
  MzDevice *device;
  MzExec *exec;
} Fixture;

static double worst_share; /* of the bar, over all stages */

static const MzView *
stage (Fixture *f, const char *name)
{
  return golden_lookup (f->golden, name);
}

static void
setup (Fixture *f, const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models", model, NULL);
  g_autofree char *golden = g_strdup_printf ("stages-%s.safetensors", model);

  f->name = model;
  f->file = mz_model_file_open (path, NULL, &error);
  g_assert_no_error (error);
  f->golden = golden_open (golden);
  f->device = mz_device_open (NULL, NULL, &error);
  g_assert_no_error (error);
  f->exec = mz_exec_new (f->device);
}

static void
teardown (Fixture *f)
{
  mz_exec_free (f->exec);
  mz_device_close (f->device);
  golden_free (f->golden);
  mz_model_file_free (f->file);
}

/* Every value within BAR of the golden one, in units of the largest. Where the stage was also computed in
 * float64, the true answer is that, and PyTorch's own distance from it is shown beside ours. */
static void
check (Fixture *f, const char *name, const float *got, gsize n)
{
  const MzView *view = stage (f, name);
  g_autofree char *exact_name = g_strconcat (name, "/f64", NULL);
  const MzView *exact_view = stage (f, exact_name);
  g_autofree float *want = NULL, *exact = NULL;
  double largest = 0, ours = 0, theirs = 0;

  g_assert_nonnull (view);
  g_assert_cmpuint (mz_view_elements (view), ==, n);
  want = golden_floats (view);
  exact = golden_floats (exact_view != NULL ? exact_view : view);
  for (gsize i = 0; i < n; i++)
    {
      g_assert_true (isfinite (got[i]));
      largest = fmax (largest, fabs (exact[i]));
      ours = fmax (ours, fabs ((double) got[i] - exact[i]));
      theirs = fmax (theirs, fabs ((double) want[i] - exact[i]));
    }
  worst_share = fmax (worst_share, ours / largest / BAR);
  g_test_message ("%s %s: %.2g of the largest value (PyTorch: %.2g)", f->name, name, ours / largest,
                  theirs / largest);
  g_assert_cmpfloat (ours, <=, BAR * largest);
}

/* Runs `func` once to plan and once for good. */
static void
run (Fixture *f, void (*func) (Fixture *f, gpointer data), gpointer data)
{
  g_autoptr (GError) error = NULL;

  mz_exec_begin_plan (f->exec);
  func (f, data);
  mz_exec_end_plan (f->exec, &error);
  g_assert_no_error (error);
  func (f, data);
  mz_exec_finish (f->exec, &error);
  g_assert_no_error (error);
}

static MzLoader
begin_loading (Fixture *f)
{
  return (MzLoader){ .weights = f->file->weights, .device = f->device };
}

static void
end_loading (Fixture *f, MzLoader *loader)
{
  g_autoptr (GError) error = NULL;

  mz_weights_check (f->file->weights, &error);
  g_assert_no_error (error);
  g_assert_no_error (loader->error);
}

/* ---- Text ---- */

typedef struct
{
  MzClip *clip;
  int n, clip_skip;
  gint32 *ids;
  float *states;
} Text;

static void
run_text (Fixture *f, gpointer data)
{
  Text *text = data;
  const MzClipConfig *clip = &f->file->config.clip;
  MzTensor context = mz_take (f->exec, text->n, 1, clip->max_position_embeddings, clip->hidden_size);
  MzTensor planes = mz_reshape (&context, text->n, 1, clip->max_position_embeddings);

  mz_clip_encode (text->clip, f->exec, text->ids, text->clip_skip, &context);
  mz_op_download (f->exec, &planes, text->states);
  mz_give (f->exec, &context);
}

/* A download is [N, C, T]; goldens of tokens are [N, T, C]. */
static float *
transpose (const float *planes, gsize n, gsize t, gsize c)
{
  float *rows = g_new (float, n *t *c);

  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < t; j++)
      for (gsize k = 0; k < c; k++)
        rows[(i * t + j) * c + k] = planes[(i * c + k) * t + j];
  return rows;
}

static void
test_text (gconstpointer model)
{
  Fixture f;
  const MzClipConfig *clip;
  const MzView *ids;
  gsize n, t, c;
  Text text;
  MzLoader loader;

  setup (&f, model);
  clip = &f.file->config.clip;
  ids = stage (&f, "text.ids");
  n = (gsize) ids->shape[0];
  t = (gsize) clip->max_position_embeddings;
  c = (gsize) clip->hidden_size;
  loader = begin_loading (&f);
  text = (Text){ mz_clip_new (clip, &loader), (int) n, 1, g_new (gint32, n * t), g_new (float, n *t *c) };
  end_loading (&f, &loader);
  for (gsize i = 0; i < n * t; i++)
    text.ids[i] = (gint32) ((const gint64 *) ids->data)[i];
  for (text.clip_skip = 1; text.clip_skip <= 2; text.clip_skip++)
    {
      g_autofree float *rows = NULL;

      run (&f, run_text, &text);
      rows = transpose (text.states, n, t, c);
      check (&f, text.clip_skip == 1 ? "text.last" : "text.skip2", rows, n * t * c);
    }
  mz_clip_free (text.clip);
  g_free (text.ids);
  g_free (text.states);
  teardown (&f);
}

/* ---- U-Net ---- */

typedef struct
{
  MzUnet *unet;
  const float *sample, *context; /* [2, C, H, W], [2, T, D] */
  int n_tokens, height, width;
  float timestep;
  float *output;
} Unet;

/* [N, T, C] of the host to the device; upload wants [N, C, T]. */
static MzTensor
take_tokens (Fixture *f, const float *rows, int n, int t, int c)
{
  MzTensor tokens = mz_take (f->exec, n, 1, t, c);
  g_autofree float *planes = g_new (float, (gsize) n *(gsize) t *(gsize) c);

  for (int i = 0; i < n; i++)
    for (int j = 0; j < t; j++)
      for (int k = 0; k < c; k++)
        planes[(i * c + k) * t + j] = rows[(i * t + j) * c + k];
  mz_op_upload (f->exec, &tokens, planes);
  return tokens;
}

static void
run_unet (Fixture *f, gpointer data)
{
  Unet *u = data;
  MzTensor context = take_tokens (f, u->context, 2, u->n_tokens, f->file->config.unet.cross_attention_dim);
  MzUnetText *text = mz_unet_text_new (u->unet, f->exec, &context);

  mz_give (f->exec, &context);
  mz_unet_run (u->unet, f->exec, text, u->sample, 2, u->height, u->width, u->timestep, u->output);
  mz_unet_text_free (text);
}

static void
test_unet (gconstpointer model)
{
  Fixture f;
  MzLoader loader;
  const MzView *sample, *context;
  g_autofree float *samples = NULL, *contexts = NULL, *timesteps = NULL, *output = NULL;
  Unet u;

  setup (&f, model);
  sample = stage (&f, "unet.sample");
  context = stage (&f, "unet.context");
  samples = golden_floats (sample);
  contexts = golden_floats (context);
  timesteps = golden_floats (stage (&f, "unet.timesteps"));
  output = g_new (float, mz_view_elements (sample));
  loader = begin_loading (&f);
  u = (Unet){ mz_unet_new (&f.file->config.unet, &loader),
              samples,
              contexts,
              (int) context->shape[1],
              (int) sample->shape[2],
              (int) sample->shape[3],
              0,
              output };
  end_loading (&f, &loader);
  for (gsize k = 0; k < mz_view_elements (stage (&f, "unet.timesteps")); k++)
    {
      g_autofree char *name = g_strdup_printf ("unet.%" G_GSIZE_FORMAT, k);

      u.timestep = timesteps[k];
      run (&f, run_unet, &u);
      check (&f, name, output, mz_view_elements (sample));
    }
  mz_unet_free (u.unet);
  teardown (&f);
}

/* ---- Blocks of the U-Net ---- */

typedef struct
{
  MzResnet resnet;
  const MzWeight *shifts;    /* its projection of the time embedding */
  MzTransformer transformer; /* depth 0: a residual block */
  const MzView *in;
  const float *sample, *temb, *context;
  int n_tokens, temb_channels;
  float *output;
} Block;

static void
run_block (Fixture *f, gpointer data)
{
  Block *b = data;
  int n = (int) b->in->shape[0], c = (int) b->in->shape[1], h = (int) b->in->shape[2],
      w = (int) b->in->shape[3];
  MzTensor x = mz_take (f->exec, n, h, w, c), out;

  mz_op_upload (f->exec, &x, b->sample);
  if (b->transformer.depth > 0)
    {
      MzTensor context
          = take_tokens (f, b->context, n, b->n_tokens, f->file->config.unet.cross_attention_dim);
      g_autofree MzTensor *kv = g_new0 (MzTensor, (gsize) b->transformer.depth);

      mz_transformer_take_kv (&b->transformer, f->exec, &context, kv);
      mz_transformer_run (&b->transformer, f->exec, &x, kv);
      for (int i = 0; i < b->transformer.depth; i++)
        mz_give (f->exec, &kv[i]);
      mz_give (f->exec, &context);
      mz_op_download (f->exec, &x, b->output);
    }
  else
    {
      MzTensor temb = mz_take (f->exec, n, 1, 1, b->temb_channels);
      MzTensor shifts = mz_take (f->exec, n, 1, 1, b->resnet.out_channels);

      mz_op_upload (f->exec, &temb, b->temb);
      mz_op_linear (f->exec, &shifts, &temb, NULL, b->shifts, NULL);
      out = mz_resnet_run (&b->resnet, f->exec, &x, NULL, &shifts);
      mz_op_download (f->exec, &out, b->output);
      mz_give (f->exec, &out);
      mz_give (f->exec, &shifts);
      mz_give (f->exec, &temb);
    }
  mz_give (f->exec, &x);
}

/* silu of the golden time embedding, which is stored before its activation. */
static float *
read_silu_temb (Fixture *f, int *n_channels)
{
  const MzView *view = stage (f, "unet.time_embedding");
  float *temb = golden_floats (view);

  *n_channels = (int) view->shape[1];
  for (gsize i = 0; i < mz_view_elements (view); i++)
    temb[i] = (float) ((double) temb[i] / (1.0 + exp (-(double) temb[i])));
  return temb;
}

/* The level that a module of the U-Net belongs to, for its number of heads. */
static int
level_of (const MzUnetConfig *config, const char *module)
{
  if (g_str_has_prefix (module, "down_blocks."))
    return module[strlen ("down_blocks.")] - '0';
  if (g_str_has_prefix (module, "up_blocks."))
    return config->n_levels - 1 - (module[strlen ("up_blocks.")] - '0');
  return config->n_levels - 1;
}

static int
depth_of (Fixture *f, const char *module)
{
  int depth = 0;

  for (;; depth++)
    {
      g_autofree char *prefix = g_strdup_printf ("unet.%s.transformer_blocks.%d.", module, depth);
      if (!mz_weights_has_prefix (f->file->weights, prefix))
        return depth;
    }
}

static void
check_block (Fixture *f, const char *module, Block *shared)
{
  const MzUnetConfig *config = &f->file->config.unet;
  g_autofree char *name = g_strconcat ("unet.", module, NULL), *in_name = g_strconcat (name, "/in", NULL);
  const MzView *in = stage (f, in_name), *out = stage (f, name);
  MzLoader loader = begin_loading (f);
  MzWeightSet set;
  Block b = *shared;
  g_autofree float *sample = golden_floats (in), *output = g_new (float, mz_view_elements (out));

  mz_weight_set_init (&set, f->device);
  b.in = in;
  b.sample = sample;
  b.output = output;
  if (strstr (module, "attentions") != NULL)
    mz_transformer_load (&b.transformer, &loader, &set, name, (int) in->shape[1], depth_of (f, module),
                         config->n_heads[level_of (config, module)], config->cross_attention_dim,
                         config->norm_num_groups);
  else
    {
      g_autofree char *projection = g_strconcat (name, ".time_emb_proj", NULL);
      int n_channels = (int) out->shape[1];

      mz_resnet_load (&b.resnet, &loader, &set, name, (int) in->shape[1], n_channels, config->norm_num_groups,
                      config->norm_eps);
      b.shifts = mz_load_linears (&loader, &set, 1, (const char *const[]){ projection }, &n_channels,
                                  b.temb_channels);
    }
  mz_weight_set_finish (&set, &loader);
  end_loading (f, &loader);
  run (f, run_block, &b);
  check (f, name, output, mz_view_elements (out));
  mz_transformer_clear (&b.transformer);
  mz_weight_set_clear (&set);
}

static void
test_blocks (gconstpointer model)
{
  static const char *const parts[] = { "down_blocks", "up_blocks" };
  Fixture f;
  Block shared = { 0 };
  g_autofree float *temb = NULL, *context = NULL;
  int n_checked = 0;

  setup (&f, model);
  shared.temb = temb = read_silu_temb (&f, &shared.temb_channels);
  shared.context = context = golden_floats (stage (&f, "unet.context"));
  shared.n_tokens = (int) stage (&f, "unet.context")->shape[1];
  for (gsize p = 0; p < G_N_ELEMENTS (parts); p++)
    for (int i = 0; i < f.file->config.unet.n_levels * 8; i++)
      {
        g_autofree char *module
            = g_strdup_printf ("%s.%d.%s.%d", parts[p], i / 8, i % 8 < 4 ? "resnets" : "attentions", i % 4);
        g_autofree char *in = g_strdup_printf ("unet.%s/in", module);

        if (stage (&f, in) == NULL)
          continue;
        check_block (&f, module, &shared);
        n_checked++;
      }
  g_assert_cmpint (n_checked, >=, 2 * f.file->config.unet.n_levels);
  teardown (&f);
}

/* ---- VAE ---- */

typedef struct
{
  MzVae *vae;
  const float *latent, *picture;
  int latent_h, latent_w, height, width;
  float *rgb, *mean, *logvar;
} Vae;

static void
run_vae (Fixture *f, gpointer data)
{
  Vae *v = data;

  mz_vae_decode (v->vae, f->exec, v->latent, v->latent_h, v->latent_w, v->rgb);
  mz_vae_encode (v->vae, f->exec, v->picture, v->height, v->width, v->mean, v->logvar);
}

static void
test_vae (gconstpointer model)
{
  Fixture f;
  MzLoader loader;
  const MzView *latent, *picture;
  gsize n_latent, n_rgb;
  g_autofree float *latents = NULL, *pictures = NULL, *noise = NULL, *rgb = NULL, *mean = NULL,
                   *logvar = NULL;
  const MzVaeConfig *config;
  Vae v;

  setup (&f, model);
  config = &f.file->config.vae;
  latent = stage (&f, "vae.latent");
  picture = stage (&f, "vae.picture");
  n_latent = mz_view_elements (stage (&f, "vae.mean"));
  n_rgb = mz_view_elements (stage (&f, "vae.decode"));
  latents = golden_floats (latent);
  pictures = golden_floats (picture);
  noise = golden_floats (stage (&f, "vae.noise"));
  rgb = g_new (float, n_rgb);
  mean = g_new (float, n_latent);
  logvar = g_new (float, n_latent);
  loader = begin_loading (&f);
  v = (Vae){ mz_vae_new (config, &loader),
             latents,
             pictures,
             (int) latent->shape[2],
             (int) latent->shape[3],
             (int) picture->shape[2],
             (int) picture->shape[3],
             rgb,
             mean,
             logvar };
  end_loading (&f, &loader);
  run (&f, run_vae, &v);
  check (&f, "vae.decode", rgb, n_rgb);
  check (&f, "vae.mean", mean, n_latent);
  check (&f, "vae.logvar", logvar, n_latent);
  mz_vae_sample (config, mean, logvar, noise, latents, n_latent);
  check (&f, "vae.encoded", latents, n_latent);
  mz_vae_free (v.vae);
  teardown (&f);
}

int
main (int argc, char **argv)
{
  static const char *const models[] = { "sd1-mini", "proof-mini", "odd", "bare" };
  int status;

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *text = g_strconcat ("/stages/text/", models[i], NULL);
      g_autofree char *unet = g_strconcat ("/stages/unet/", models[i], NULL);
      g_autofree char *blocks = g_strconcat ("/stages/blocks/", models[i], NULL);
      g_autofree char *vae = g_strconcat ("/stages/vae/", models[i], NULL);

      g_test_add_data_func (text, models[i], test_text);
      g_test_add_data_func (unet, models[i], test_unet);
      g_test_add_data_func (blocks, models[i], test_blocks);
      g_test_add_data_func (vae, models[i], test_vae);
    }
  status = g_test_run ();
  g_test_message ("largest share of the bar used: %.2f", worst_share);
  return status;
}
