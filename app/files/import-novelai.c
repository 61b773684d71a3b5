/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* NovelAI: a JSON object as the comment of a picture whose software it says it is, and the prompt as its
 * description. Its model is its own; the rest is taken as A1111 takes it: clip skip 2 and ENSD 31337. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import-private.h"

static const char *const known[]
    = { "prompt",         "uc",           "steps",   "sampler",     "scale",     "seed", "width", "height",
        "noise_schedule", "request_type", "version", "signed_hash", "n_samples", NULL };

static void
set_sampler (MezzotintDraft *draft, JsonObject *object)
{
  g_autofree char *name = mezzotint_json_get_text (object, "sampler");

  if (name != NULL)
    mezzotint_draft_set (draft, "Sampler", g_str_has_prefix (name, "k_") ? name + 2 : name);
  mezzotint_draft_copy (draft, object, "noise_schedule", "Schedule type");
}

gboolean
mezzotint_import_novelai (const MezzotintMetadata *metadata, MezzotintDraft *draft)
{
  const char *text = mezzotint_metadata_get (metadata, "Comment");
  const char *description = mezzotint_metadata_get (metadata, "Description");
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *prompt = NULL, *negative = NULL, *width = NULL, *height = NULL;
  JsonObject *object;

  if (text == NULL || g_strcmp0 (mezzotint_metadata_get (metadata, "Software"), "NovelAI") != 0)
    return FALSE;
  node = mezzotint_json_parse_object (text);
  if (node == NULL)
    return FALSE;
  object = json_node_get_object (node);
  prompt = description != NULL ? g_strdup (description) : mezzotint_json_get_text (object, "prompt");
  negative = mezzotint_json_get_text (object, "uc");
  width = mezzotint_json_get_text (object, "width");
  height = mezzotint_json_get_text (object, "height");
  draft->program = "NovelAI";
  mezzotint_draft_set_prompts (draft, prompt, negative);
  mezzotint_draft_copy (draft, object, "steps", "Steps");
  set_sampler (draft, object);
  mezzotint_draft_copy (draft, object, "scale", "CFG scale");
  mezzotint_draft_copy (draft, object, "seed", "Seed");
  mezzotint_draft_set_size (draft, width, height);
  mezzotint_draft_set (draft, "Clip skip", "2");
  mezzotint_draft_set (draft, "ENSD", "31337");
  mezzotint_draft_set_conventions (draft, "a1111-gpu", "a1111");
  if (prompt != NULL && strpbrk (prompt, "{}") != NULL)
    mezzotint_draft_note (draft, _ ("Weights in braces are NovelAI’s and are read as ordinary text."));
  mezzotint_draft_leave_rest (draft, object, known);
  return TRUE;
}
