/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Draw Things: a JSON object as the comment of a picture whose software it says it is. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import-private.h"
#include "app/files/numbers.h"

static const char *const known[] = { "c",     "uc",       "steps",     "sampler", "scale", "seed", "size",
                                     "model", "strength", "seed_mode", "v2",      "lora",  NULL };

/* Names end in the schedule. */
static void
set_sampler (MezzotintDraft *draft, JsonObject *object)
{
  static const struct
  {
    const char *suffix, *schedule;
  } suffixes[] = {
    { " Karras", "karras" },
    { " Trailing", "sgm_uniform" },
    { " AYS", "Align Your Steps" },
  };
  g_autofree char *name = mezzotint_json_get_text (object, "sampler");

  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i].suffix))
      {
        name[strlen (name) - strlen (suffixes[i].suffix)] = '\0';
        mezzotint_draft_set (draft, "Schedule type", suffixes[i].schedule);
        break;
      }
  mezzotint_draft_set (draft, "Sampler", name);
}

static void
set_noise (MezzotintDraft *draft, JsonObject *object)
{
  g_autofree char *mode = mezzotint_json_get_text (object, "seed_mode");
  const char *compatibility = NULL;

  if (g_strcmp0 (mode, "Torch CPU Compatible") == 0)
    compatibility = "a1111-cpu";
  else if (g_strcmp0 (mode, "Nvidia GPU Compatible") == 0)
    compatibility = "a1111-nv";
  else
    mezzotint_draft_note (draft,
                          _ ("Its noise is Draw Things’ own, so the same seed gives another picture."));
  mezzotint_draft_set_conventions (draft, compatibility != NULL ? compatibility : "a1111-cpu", "a1111");
}

static void
read_second_version (MezzotintDraft *draft, JsonObject *object)
{
  JsonArray *loras = mezzotint_json_get_array (object, "loras");
  g_autofree char *clip_skip = mezzotint_json_get_text (object, "clipSkip");
  int layer;

  if (mezzotint_parse_int (clip_skip, 2, 100, &layer))
    mezzotint_draft_set (draft, "Clip skip", clip_skip);
  for (guint i = 0; loras != NULL && i < json_array_get_length (loras); i++)
    {
      JsonNode *node = json_array_get_element (loras, i);
      g_autofree char *file = JSON_NODE_HOLDS_OBJECT (node)
                                  ? mezzotint_json_get_text (json_node_get_object (node), "file")
                                  : NULL;

      if (file != NULL)
        mezzotint_draft_add_lora (draft, file);
    }
}

gboolean
mezzotint_import_drawthings (const MezzotintMetadata *metadata, MezzotintDraft *draft)
{
  const char *text = mezzotint_metadata_get (metadata, "Comment");
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *prompt = NULL, *negative = NULL, *model = NULL, *name = NULL;
  JsonObject *object;

  if (text == NULL || g_strcmp0 (mezzotint_metadata_get (metadata, "Software"), "Draw Things") != 0)
    return FALSE;
  node = mezzotint_json_parse_object (text);
  if (node == NULL)
    return FALSE;
  object = json_node_get_object (node);
  prompt = mezzotint_json_get_text (object, "c");
  negative = mezzotint_json_get_text (object, "uc");
  model = mezzotint_json_get_text (object, "model");
  draft->program = "Draw Things";
  mezzotint_draft_set_prompts (draft, prompt, negative);
  mezzotint_draft_copy (draft, object, "steps", "Steps");
  set_sampler (draft, object);
  mezzotint_draft_copy (draft, object, "scale", "CFG scale");
  mezzotint_draft_copy (draft, object, "seed", "Seed");
  mezzotint_draft_copy (draft, object, "size", "Size");
  name = model != NULL ? mezzotint_model_name_of_file (model) : NULL;
  mezzotint_draft_set (draft, "Model", name);
  set_noise (draft, object);
  read_second_version (draft, mezzotint_json_get_object (object, "v2"));
  mezzotint_draft_leave_rest (draft, object, known);
  return TRUE;
}
