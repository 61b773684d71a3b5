/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Recognising models that are sound but not of this engine's kind, to say what they are. */
#include <glib/gi18n-lib.h>

#include "io/family.h"

#include <string.h>

#include "core/printable.h"

#define UNET "model.diffusion_model."

typedef struct
{
  enum
  {
    IS,
    BEGINS,
    CONTAINS
  } how;
  const char *name;
  const char *what; /* completes "“x” is ..." */
} FileRow;

static const char lora[] = N_ ("a LoRA, a small change to a model and not a model itself");
static const char control[] = N_ ("a ControlNet, which guides a model and is none itself");
static const char inversion[] = N_ ("a textual inversion, a word for a model and not a model itself");
static const char sd3[] = N_ ("a Stable Diffusion 3 model");
static const char flux[] = N_ ("a Flux model");
static const char sdxl[] = N_ ("a Stable Diffusion XL model");
static const char upscaler[] = N_ ("an upscaler");
static const char dit[] = N_ ("a diffusion transformer");

/* First match wins, so that the more particular stand first. */
static const FileRow file_rows[] = {
  { CONTAINS, ".lora_down.", lora },
  { CONTAINS, ".lora_up.", lora },
  { CONTAINS, ".lora_A.", lora },
  { CONTAINS, ".lora_B.", lora },
  { CONTAINS, "lora.down.", lora },
  { CONTAINS, "lora.up.", lora },
  { CONTAINS, ".hada_w1", lora },
  { CONTAINS, ".lokr_w", lora },
  { CONTAINS, ".oft_", lora },
  { BEGINS, "lora_", lora },
  { BEGINS, "control_model.", control },
  { BEGINS, "controlnet_", control },
  { BEGINS, "input_hint_block.", control },
  { BEGINS, "ip_adapter.", N_ ("an IP-Adapter, which guides a model and is none itself") },
  { CONTAINS, "motion_modules.", N_ ("an AnimateDiff motion module") },
  { IS, "emb_params", inversion },
  { IS, "clip_l", inversion },
  { IS, "clip_g", inversion },
  { BEGINS, "string_to_param", inversion },
  { CONTAINS, "joint_blocks.", sd3 },
  { CONTAINS, "double_blocks.", flux },
  { CONTAINS, "double_layers.", N_ ("an AuraFlow model") },
  { BEGINS, "clip_txt_mapper.", N_ ("a Stable Cascade model") },
  { IS, "edm_mean", N_ ("a Playground 2.5 model") },
  { BEGINS, "conditioner.embedders.1.", sdxl },
  { BEGINS, "cond_stage_model.1.", sdxl },
  { BEGINS, "conditioner.embedders.0.model.", N_ ("a Stable Diffusion XL refiner") },
  { BEGINS, "conditioner.", sdxl },
  { BEGINS, UNET "label_emb.0.", sdxl },
  { BEGINS, "add_embedding.", "the U-Net of a Stable Diffusion XL model" },
  { BEGINS, UNET "label_emb.", upscaler },
  { BEGINS, UNET "transformer_blocks.", dit },
  { BEGINS, UNET "layers.", dit },
  { BEGINS, UNET "blocks.", dit },
  { BEGINS, "transformer_blocks.", dit },
  { BEGINS, "encoder.block.0.layer.", N_ ("a T5 text encoder") },
  { BEGINS, "model.1.sub.", N_ ("an ESRGAN upscaler") },
  { BEGINS, "body.0.rdb1.", N_ ("an ESRGAN upscaler") },
};

/* One part of a model in a file of its own. */
static const FileRow part_rows[] = {
  { BEGINS, "down_blocks.", N_ ("only the U-Net of a model") },
  { BEGINS, "input_blocks.", N_ ("only the U-Net of a model") },
  { BEGINS, "decoder.up", N_ ("only the VAE of a model") },
  { BEGINS, "encoder.down", N_ ("only the VAE of a model") },
  { BEGINS, "text_model.", N_ ("only the text encoder of a model") },
  { BEGINS, "transformer.resblocks.", N_ ("only the text encoder of a model") },
};

/* Parts of a whole model in the original naming. */
static const struct
{
  const char *prefix;
  const char *name;
} parts[] = {
  { UNET, "U-Net" },
  { "first_stage_model.", "VAE" },
  { "cond_stage_model.", N_ ("text encoder") },
};

static const struct
{
  const char *prefix; /* of the class name */
  const char *what;
} pipeline_rows[] = {
  { "StableDiffusionXL", sdxl },
  { "StableDiffusion3", sd3 },
  { "Flux", flux },
  { "StableDiffusionInpaint", N_ ("an inpainting model") },
  { "StableDiffusionInstructPix2Pix", N_ ("an InstructPix2Pix model") },
  { "StableDiffusionDepth2Img", N_ ("a depth-to-image model") },
  { "StableDiffusionUpscale", upscaler },
  { "StableDiffusionLatentUpscale", upscaler },
  { "StableVideoDiffusion", N_ ("a Stable Video Diffusion model") },
  { "StableCascade", N_ ("a Stable Cascade model") },
  { "AltDiffusion", N_ ("an AltDiffusion model") },
  { "IF", N_ ("a DeepFloyd IF model") },
  { "Kandinsky", N_ ("a Kandinsky model") },
  { "PixArt", N_ ("a PixArt model") },
  { "Sana", N_ ("a Sana model") },
  { "AuraFlow", N_ ("an AuraFlow model") },
  { "Wuerstchen", N_ ("a Würstchen model") },
  { "LDM", N_ ("a latent diffusion model of before Stable Diffusion") },
};

static const struct
{
  int channels;
  const char *what;
} input_rows[] = {
  { 9, N_ ("an inpainting model; its U-Net takes a mask and a masked picture besides the latent") },
  { 8, N_ ("an InstructPix2Pix model; its U-Net takes a second picture besides the latent") },
  { 7, N_ ("an upscaler; its U-Net takes a small picture besides the latent") },
  { 5, N_ ("a depth-to-image model; its U-Net takes a depth map besides the latent") },
};

static gboolean
set_unsupported (GError **error, const char *path, const char *what)
{
  g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
               /* Translators: a file, and what it is, such as “a Flux model”. */
               _ ("“%s” is %s; models like Stable Diffusion 1 and 2 are supported."), path, _ (what));
  return FALSE;
}

static gboolean
matches (const FileRow *row, const char *name)
{
  switch (row->how)
    {
    case IS:
      return strcmp (name, row->name) == 0;
    case BEGINS:
      return g_str_has_prefix (name, row->name);
    default:
      return strstr (name, row->name) != NULL;
    }
}

/* The first of rows [n] that any tensor matches; NULL when there is none. */
static const FileRow *
find_row (const MzSafetensors *file, const FileRow *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    for (guint t = 0; t < file->n_tensors; t++)
      if (matches (&rows[i], file->tensors[t].name))
        return &rows[i];
  return NULL;
}

static gboolean
has_part (const MzSafetensors *file, const char *prefix)
{
  for (guint t = 0; t < file->n_tensors; t++)
    if (g_str_has_prefix (file->tensors[t].name, prefix))
      return TRUE;
  return FALSE;
}

/* None of a model's parts is there: is it a lone part, or nothing known? */
static gboolean
set_stranger (const MzSafetensors *file, GError **error)
{
  const FileRow *row = find_row (file, part_rows, G_N_ELEMENTS (part_rows));

  if (row != NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING,
                 /* Translators: a file, and what it is, such as “only the U-Net of a model”. */
                 _ ("“%s” is %s; open the whole model (a folder with model_index.json, or a single file)."),
                 file->path, _ (row->what));
  else if (file->n_tensors == 0)
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” holds no tensor at all."), file->path);
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                 _ ("“%s” is not a Stable Diffusion model: none of its %u tensors is known (one is “%s”)."),
                 file->path, file->n_tensors, file->tensors[0].name);
  return FALSE;
}

gboolean
mz_check_family_of_file (const MzSafetensors *file, GError **error)
{
  const FileRow *row = find_row (file, file_rows, G_N_ELEMENTS (file_rows));
  g_autoptr (GString) found = g_string_new (NULL), missing = g_string_new (NULL);

  if (row != NULL)
    return set_unsupported (error, file->path, row->what);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      GString *list = has_part (file, parts[i].prefix) ? found : missing;

      g_string_append_printf (list, "%s%s (%s…)", list->len > 0 ? _ (" and ") : "", _ (parts[i].name),
                              parts[i].prefix);
    }
  if (found->len == 0)
    return set_stranger (file, error);
  if (missing->len > 0)
    {
      /* Translators: a file, parts that are there, parts that are missing. */
      g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, _ ("“%s” holds only a part of a model: %s without %s."),
                   file->path, found->str, missing->str);
      return FALSE;
    }
  return TRUE;
}

gboolean
mz_check_family_of_pipeline (const char *class_name, const char *path, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pipeline_rows); i++)
    if (g_str_has_prefix (class_name, pipeline_rows[i].prefix))
      return set_unsupported (error, path, pipeline_rows[i].what);
  return TRUE;
}

gboolean
mz_check_unet_input (int in_channels, int latent_channels, const char *path, GError **error)
{
  if (in_channels == latent_channels)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (input_rows); i++)
    if (latent_channels == 4 && in_channels == input_rows[i].channels)
      return set_unsupported (error, path, input_rows[i].what);
  g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
               _ ("“%s” cannot be used: its U-Net takes %d channels and its VAE makes latents of %d."), path,
               in_channels, latent_channels);
  return FALSE;
}
