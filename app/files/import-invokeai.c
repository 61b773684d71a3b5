/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* InvokeAI: a flat JSON object under "invokeai_metadata". */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import-private.h"
#include "app/files/numbers.h"

/* Its names where they are not ComfyUI's, and without "_k", which stands for Karras' schedule. */
static const struct
{
  const char *theirs, *ours;
} samplers[] = {
  { "euler_a", "Euler a" }, { "pndm", "PLMS" },   { "kdpm_2", "DPM2" },
  { "kdpm_2_a", "DPM2 a" }, { "unipc", "UniPC" }, { "dpmpp_sde", "DPM++ SDE" },
};

static const char *const known[] = { "positive_prompt",
                                     "negative_prompt",
                                     "width",
                                     "height",
                                     "seed",
                                     "rand_device",
                                     "cfg_scale",
                                     "steps",
                                     "scheduler",
                                     "clip_skip",
                                     "model",
                                     "loras",
                                     "app_version",
                                     "generation_mode",
                                     "canvas_v2_metadata",
                                     "vae",
                                     "strength",
                                     NULL };

static void
set_sampler (MezzotintDraft *draft, JsonObject *object)
{
  g_autofree char *name = mezzotint_json_get_text (object, "scheduler");
  const char *sampler = name;
  gboolean is_karras;

  if (name == NULL)
    return;
  is_karras = g_str_has_suffix (name, "_k");
  if (is_karras)
    name[strlen (name) - 2] = '\0';
  for (gsize i = 0; i < G_N_ELEMENTS (samplers); i++)
    if (strcmp (samplers[i].theirs, name) == 0)
      sampler = samplers[i].ours;
  mezzotint_draft_set (draft, "Sampler", sampler);
  mezzotint_draft_set (draft, "Schedule type", is_karras ? "karras" : "model");
}

/* {"name": ...}, in older versions {"model_name": ...}, or the name itself. */
static char *
get_model_name (JsonObject *object, const char *key)
{
  JsonObject *model = mezzotint_json_get_object (object, key);
  char *name = mezzotint_json_get_text (object, key);

  if (name == NULL)
    name = mezzotint_json_get_text (model, "name");
  return name != NULL ? name : mezzotint_json_get_text (model, "model_name");
}

static void
add_loras (MezzotintDraft *draft, JsonArray *loras)
{
  for (guint i = 0; loras != NULL && i < json_array_get_length (loras); i++)
    {
      JsonNode *node = json_array_get_element (loras, i);
      JsonObject *lora = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      g_autofree char *name = lora != NULL ? get_model_name (lora, "model") : NULL;

      if (name == NULL && lora != NULL)
        name = get_model_name (lora, "lora");
      if (name != NULL)
        mezzotint_draft_add_lora (draft, name);
    }
}

/* It counts the layers that are skipped, A1111 those from the end. */
static void
set_clip_skip (MezzotintDraft *draft, JsonObject *object)
{
  g_autofree char *text = mezzotint_json_get_text (object, "clip_skip"), *value = NULL;
  int n_skipped;

  if (!mezzotint_parse_int (text, 1, 100, &n_skipped))
    return;
  value = g_strdup_printf ("%d", n_skipped + 1);
  mezzotint_draft_set (draft, "Clip skip", value);
}

/* Compel's weights: "word++", "(some words)1.3". */
static gboolean
has_weights (const char *prompt)
{
  return prompt != NULL
         && (strstr (prompt, "++") != NULL || strstr (prompt, "--") != NULL || strstr (prompt, ").") != NULL
             || g_regex_match_simple ("\\)[0-9.+-]", prompt, 0, 0));
}

gboolean
mezzotint_import_invokeai (const MezzotintMetadata *metadata, MezzotintDraft *draft)
{
  const char *text = mezzotint_metadata_get (metadata, "invokeai_metadata");
  g_autoptr (JsonNode) node = text != NULL ? mezzotint_json_parse_object (text) : NULL;
  JsonObject *object = node != NULL ? json_node_get_object (node) : NULL;
  g_autofree char *prompt = mezzotint_json_get_text (object, "positive_prompt");
  g_autofree char *negative = mezzotint_json_get_text (object, "negative_prompt");
  g_autofree char *width = mezzotint_json_get_text (object, "width");
  g_autofree char *height = mezzotint_json_get_text (object, "height");
  g_autofree char *device = mezzotint_json_get_text (object, "rand_device"), *model = NULL;

  if (object == NULL)
    return FALSE;
  draft->program = "InvokeAI";
  mezzotint_draft_set_prompts (draft, prompt, negative);
  mezzotint_draft_copy (draft, object, "steps", "Steps");
  set_sampler (draft, object);
  mezzotint_draft_copy (draft, object, "cfg_scale", "CFG scale");
  mezzotint_draft_copy (draft, object, "seed", "Seed");
  mezzotint_draft_set_size (draft, width, height);
  model = get_model_name (object, "model");
  mezzotint_draft_set (draft, "Model", model);
  set_clip_skip (draft, object);
  mezzotint_draft_copy (draft, object, "strength", "Denoising strength");
  add_loras (draft, mezzotint_json_get_array (object, "loras"));
  mezzotint_draft_set_conventions (draft, "diffusers", "plain");
  if (device != NULL && strcmp (device, "cpu") != 0)
    mezzotint_draft_note (draft, _ ("Its noise was drawn on a graphics card, so the same seed gives another "
                                    "picture."));
  if (has_weights (prompt) || has_weights (negative))
    mezzotint_draft_note (draft, _ ("Weights in the prompt are written in InvokeAI’s way and are read as "
                                    "ordinary text."));
  mezzotint_draft_leave_rest (draft, object, known);
  return TRUE;
}
