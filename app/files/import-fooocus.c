/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Fooocus: JSON or A1111's text under "parameters", and which of both under "fooocus_scheme". */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "app/files/import-private.h"
#include "app/files/png-file.h"

static const char *const known[] = { "prompt",
                                     "negative_prompt",
                                     "full_prompt",
                                     "full_negative_prompt",
                                     "steps",
                                     "resolution",
                                     "guidance_scale",
                                     "base_model",
                                     "base_model_hash",
                                     "sampler",
                                     "scheduler",
                                     "seed",
                                     "loras",
                                     "metadata_scheme",
                                     "version",
                                     "created_by",
                                     "clip_skip",
                                     "vae",
                                     NULL };

/* "(1152, 896)". */
static void
set_resolution (MezzotintDraft *draft, JsonObject *object)
{
  g_autofree char *text = mezzotint_json_get_text (object, "resolution");
  g_autofree char *size = NULL;
  int width, height;

  if (text == NULL || sscanf (text, "(%5d, %5d)", &width, &height) != 2)
    return;
  size = g_strdup_printf ("%dx%d", width, height);
  mezzotint_draft_set (draft, "Size", size);
}

/* Lists of name, weight, hash. */
static void
add_loras (MezzotintDraft *draft, JsonArray *loras)
{
  for (guint i = 0; loras != NULL && i < json_array_get_length (loras); i++)
    {
      JsonNode *node = json_array_get_element (loras, i);
      JsonArray *lora = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      g_autofree char *name = lora != NULL && json_array_get_length (lora) > 0
                                  ? mezzotint_json_node_to_text (json_array_get_element (lora, 0))
                                  : NULL;

      if (name != NULL)
        mezzotint_draft_add_lora (draft, name);
    }
}

/* ComfyUI's names; what computes on the card and what does not is the same here. */
static void
set_sampler (MezzotintDraft *draft, JsonObject *object)
{
  g_autofree char *name = mezzotint_json_get_text (object, "sampler");

  if (name != NULL && g_str_has_suffix (name, "_gpu"))
    name[strlen (name) - 4] = '\0';
  mezzotint_draft_set (draft, "Sampler", name);
  mezzotint_draft_copy (draft, object, "scheduler", "Schedule type");
}

static gboolean
read_json (const char *text, MezzotintDraft *draft)
{
  g_autoptr (JsonNode) node = mezzotint_json_parse_object (text);
  JsonObject *object = node != NULL ? json_node_get_object (node) : NULL;
  g_autofree char *prompt = mezzotint_json_get_text (object, "prompt");
  g_autofree char *negative = mezzotint_json_get_text (object, "negative_prompt");
  g_autofree char *model = mezzotint_json_get_text (object, "base_model"), *name = NULL;

  if (object == NULL)
    return FALSE;
  mezzotint_draft_set_prompts (draft, prompt, negative);
  mezzotint_draft_copy (draft, object, "steps", "Steps");
  set_sampler (draft, object);
  mezzotint_draft_copy (draft, object, "guidance_scale", "CFG scale");
  mezzotint_draft_copy (draft, object, "seed", "Seed");
  set_resolution (draft, object);
  mezzotint_draft_copy (draft, object, "base_model_hash", "Model hash");
  name = model != NULL ? mezzotint_model_name_of_file (model) : NULL;
  mezzotint_draft_set (draft, "Model", name);
  mezzotint_draft_copy (draft, object, "clip_skip", "Clip skip");
  add_loras (draft, mezzotint_json_get_array (object, "loras"));
  mezzotint_draft_leave_rest (draft, object, known);
  return TRUE;
}

gboolean
mezzotint_import_fooocus (const MezzotintMetadata *metadata, MezzotintDraft *draft)
{
  const char *text = mezzotint_metadata_get (metadata, MEZZOTINT_PNG_PARAMETERS);
  const char *scheme = mezzotint_metadata_get (metadata, "fooocus_scheme");

  if (text == NULL)
    { /* JPEG and WebP */
      text = mezzotint_metadata_get (metadata, "UserComment");
      scheme = mezzotint_metadata_get (metadata, "MakerNote");
    }
  if (text == NULL || scheme == NULL)
    return FALSE;
  if (*text == '{')
    {
      if (!read_json (text, draft))
        return FALSE;
      mezzotint_draft_set_conventions (draft, "comfyui", "comfyui");
    }
  else if (!mezzotint_import_a1111 (metadata, draft))
    return FALSE;
  draft->program = "Fooocus";
  mezzotint_draft_set_conventions (draft, "comfyui", "comfyui");
  mezzotint_draft_note (draft,
                        _ ("Fooocus changes prompts by styles and sharpens while it samples, which is not "
                           "done here."));
  return TRUE;
}
