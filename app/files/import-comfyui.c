/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* ComfyUI: the graph that made the picture, under "prompt". From where the picture comes out, the sampler is
 * looked for, and from its inputs everything else. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import-graph.h"
#include "app/files/import-private.h"
#include "app/files/numbers.h"

/* Passes of sampling, one on the other's latent. */
#define MAX_PASSES 16

/* Nodes of which all that matters is read here, or that do nothing to the picture. */
static const char *const known[] = { "KSampler",
                                     "KSamplerAdvanced",
                                     "SamplerCustom",
                                     "SamplerCustomAdvanced",
                                     "KSamplerSelect",
                                     "BasicScheduler",
                                     "KarrasScheduler",
                                     "ExponentialScheduler",
                                     "PolyexponentialScheduler",
                                     "AlignYourStepsScheduler",
                                     "BetaSamplingScheduler",
                                     "SDTurboScheduler",
                                     "RandomNoise",
                                     "CFGGuider",
                                     "BasicGuider",
                                     "CLIPTextEncode",
                                     "CLIPSetLastLayer",
                                     "CheckpointLoaderSimple",
                                     "CheckpointLoader",
                                     "EmptyLatentImage",
                                     "LoraLoader",
                                     "LoraLoaderModelOnly",
                                     "RescaleCFG",
                                     "Reroute",
                                     "PrimitiveNode",
                                     "PrimitiveInt",
                                     "PrimitiveFloat",
                                     "PrimitiveString",
                                     "PrimitiveStringMultiline",
                                     "StringConcatenate",
                                     NULL };

/* What is read of one graph. */
typedef struct
{
  MezzotintGraph *graph;
  MezzotintDraft *draft;
  MezzotintGraphNode sampler;
  MezzotintGraphNode guider; /* the sampler itself, or a node of its own that guides it */
} Comfy;

static gboolean
has_input (const MezzotintGraphNode *node, const char *input)
{
  return json_object_has_member (node->inputs, input);
}

/* ---- The sampler ---- */

static gboolean
is_sampler (const MezzotintGraphNode *node, gpointer user)
{
  return has_input (node, "latent_image") && (has_input (node, "steps") || has_input (node, "sigmas"))
         && (has_input (node, "seed") || has_input (node, "noise_seed") || has_input (node, "noise"));
}

/* The one that begins from noise, where several work one after another. */
static gboolean
find_sampler (Comfy *comfy)
{
  g_autoptr (GPtrArray) ends = mezzotint_graph_list_ends (comfy->graph);
  MezzotintGraphNode earlier;

  if (!mezzotint_graph_search (comfy->graph, ends, is_sampler, NULL, &comfy->sampler))
    return FALSE;
  for (int i = 0; i < MAX_PASSES
                  && mezzotint_graph_search_input (comfy->graph, &comfy->sampler, "latent_image", is_sampler,
                                                   NULL, &earlier);
       i++)
    {
      mezzotint_draft_note (comfy->draft,
                            _ ("The picture was worked over in a second pass, which is not done "
                               "here."));
      comfy->sampler = earlier;
    }
  if (!mezzotint_graph_follow (comfy->graph, &comfy->sampler, "guider", &comfy->guider))
    comfy->guider = comfy->sampler;
  return TRUE;
}

/* Sets a pair from an input of the sampler, or of the node that another input of it is linked to. */
static void
set_value (Comfy *comfy, const char *key, const char *input, const char *other, const char *linked)
{
  g_autofree char *value = mezzotint_graph_get_either (comfy->graph, &comfy->sampler, input, other);
  MezzotintGraphNode node;

  if (value == NULL && mezzotint_graph_follow (comfy->graph, &comfy->sampler, linked, &node))
    value = mezzotint_graph_get_either (comfy->graph, &node, input, other);
  mezzotint_draft_set (comfy->draft, key, value);
}

/* A node that makes only one schedule is named after it. */
static void
set_schedule (Comfy *comfy)
{
  static const struct
  {
    const char *klass, *schedule;
  } makers[] = {
    { "KarrasScheduler", "karras" },     { "ExponentialScheduler", "exponential" },
    { "BetaSamplingScheduler", "beta" }, { "PolyexponentialScheduler", "polyexponential" },
    { "SDTurboScheduler", "turbo" },     { "AlignYourStepsScheduler", "AlignYourStepsScheduler" },
  };
  MezzotintGraphNode node;

  set_value (comfy, "Schedule type", "scheduler", "scheduler", "sigmas");
  if (mezzotint_parameters_get (comfy->draft->parameters, "Schedule type") != NULL
      || !mezzotint_graph_follow (comfy->graph, &comfy->sampler, "sigmas", &node))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    if (strcmp (makers[i].klass, node.klass) == 0)
      mezzotint_draft_set (comfy->draft, "Schedule type", makers[i].schedule);
}

static void
set_sampler_name (Comfy *comfy)
{
  const char *name;

  set_value (comfy, "Sampler", "sampler_name", "sampler_name", "sampler");
  name = mezzotint_parameters_get (comfy->draft->parameters, "Sampler");
  if (name != NULL && g_str_has_suffix (name, "_gpu"))
    {
      g_autofree char *plain = g_strndup (name, strlen (name) - 4);

      mezzotint_draft_set (comfy->draft, "Sampler", plain);
      mezzotint_draft_note (comfy->draft,
                            _ ("Its noise between steps was drawn on a graphics card, so the same "
                               "seed gives another picture."));
    }
}

/* Steps of KSamplerAdvanced that were left out. */
static void
check_range (Comfy *comfy)
{
  g_autofree char *start = mezzotint_graph_get_value (comfy->graph, &comfy->sampler, "start_at_step");
  g_autofree char *end = mezzotint_graph_get_value (comfy->graph, &comfy->sampler, "end_at_step");
  const char *steps_text = mezzotint_parameters_get (comfy->draft->parameters, "Steps");
  int first = 0, last = G_MAXINT, steps;

  if (!mezzotint_parse_int (steps_text, 1, G_MAXINT, &steps))
    return;
  mezzotint_parse_int (start, 0, G_MAXINT, &first);
  mezzotint_parse_int (end, 0, G_MAXINT, &last);
  if (first > 0 || last < steps)
    mezzotint_draft_note (comfy->draft,
                          _ ("The picture was made by a part of its steps; all are taken here."));
}

/* ---- Prompts ---- */

/* Inputs by which nodes that change a prompt's effect take it, by the output that is asked for. */
static const char *const passed[][6]
    = { { "positive", "conditioning", "conditioning_1", "conditioning_to", "cond1", NULL },
        { "negative", "conditioning", "conditioning_1", "conditioning_to", "cond1", NULL } };

static void
add_line (GString *text, const char *line)
{
  if (line == NULL || *line == '\0')
    return;
  g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", line);
}

static void
set_clip_skip (Comfy *comfy, const MezzotintGraphNode *encoder)
{
  MezzotintGraphNode node = *encoder;
  const char *input = "clip";

  for (int depth = 0;
       depth < MEZZOTINT_GRAPH_MAX_DEPTH && mezzotint_graph_follow (comfy->graph, &node, input, &node);
       depth++)
    {
      g_autofree char *layer = mezzotint_graph_get_value (comfy->graph, &node, "stop_at_clip_layer");

      if (layer != NULL && layer[0] == '-')
        {
          mezzotint_draft_set (comfy->draft, "Clip skip", layer + 1);
          return;
        }
    }
}

/* Adds the texts that a conditioning is made of. */
static void
add_prompt (Comfy *comfy, const MezzotintGraphNode *node, GString *text, int depth)
{
  g_autofree char *line = mezzotint_graph_get_either (comfy->graph, node, "text", "text_g");
  MezzotintGraphNode next;
  const char *const *inputs = passed[node->output == 1 ? 1 : 0];

  if (line != NULL)
    {
      add_line (text, line);
      set_clip_skip (comfy, node);
      return;
    }
  if (depth == 0 || strcmp (node->klass, "ConditioningZeroOut") == 0)
    return;
  for (int i = 0; inputs[i] != NULL; i++)
    if (mezzotint_graph_follow (comfy->graph, node, inputs[i], &next))
      {
        add_prompt (comfy, &next, text, depth - 1);
        break;
      }
  if (mezzotint_graph_follow (comfy->graph, node, "conditioning_2", &next)
      || mezzotint_graph_follow (comfy->graph, node, "conditioning_from", &next))
    {
      add_prompt (comfy, &next, text, depth - 1);
      mezzotint_draft_note (comfy->draft, _ ("Its prompt was put together of parts in a way that is not done "
                                             "here."));
    }
}

static char *
read_prompt (Comfy *comfy, const char *input)
{
  GString *text = g_string_new (NULL);
  MezzotintGraphNode node;

  if (mezzotint_graph_follow (comfy->graph, &comfy->guider, input, &node))
    add_prompt (comfy, &node, text, MEZZOTINT_GRAPH_MAX_DEPTH);
  return g_string_free (text, FALSE);
}

/* ---- The model ---- */

static void
read_model_node (Comfy *comfy, const MezzotintGraphNode *node)
{
  g_autofree char *file = mezzotint_graph_get_either (comfy->graph, node, "ckpt_name", "unet_name");
  g_autofree char *lora = mezzotint_graph_get_value (comfy->graph, node, "lora_name");
  g_autofree char *multiplier
      = strcmp (node->klass, "RescaleCFG") == 0 ? mezzotint_json_get_text (node->inputs, "multiplier") : NULL;

  if (file != NULL)
    {
      g_autofree char *name = mezzotint_model_name_of_file (file);

      mezzotint_draft_set (comfy->draft, "Model", name);
    }
  if (lora != NULL)
    mezzotint_draft_add_lora (comfy->draft, lora);
  mezzotint_draft_set (comfy->draft, "CFG rescale", multiplier);
}

/* The checkpoint, and what changes it on the way. */
static void
read_model (Comfy *comfy)
{
  MezzotintGraphNode node = comfy->guider;

  for (int depth = 0;
       depth < MEZZOTINT_GRAPH_MAX_DEPTH
       && (mezzotint_graph_follow (comfy->graph, &node, "model", &node)
           || (depth == 0 && mezzotint_graph_follow (comfy->graph, &comfy->sampler, "model", &node)));
       depth++)
    read_model_node (comfy, &node);
}

/* ---- The latent ---- */

static gboolean
is_latent_source (const MezzotintGraphNode *node, gpointer user)
{
  return (has_input (node, "width") && has_input (node, "height") && strstr (node->klass, "Empty") != NULL)
         || has_input (node, "pixels");
}

static void
read_latent (Comfy *comfy)
{
  g_autofree char *width = NULL, *height = NULL, *batch = NULL;
  MezzotintGraphNode node;
  int n;

  if (!mezzotint_graph_search_input (comfy->graph, &comfy->sampler, "latent_image", is_latent_source, NULL,
                                     &node))
    return;
  if (has_input (&node, "pixels"))
    {
      mezzotint_draft_note (comfy->draft,
                            _ ("The picture was made from another picture, which is not at hand."));
      return;
    }
  width = mezzotint_graph_get_value (comfy->graph, &node, "width");
  height = mezzotint_graph_get_value (comfy->graph, &node, "height");
  batch = mezzotint_graph_get_value (comfy->graph, &node, "batch_size");
  mezzotint_draft_set_size (comfy->draft, width, height);
  if (mezzotint_parse_int (batch, 2, G_MAXINT, &n))
    mezzotint_draft_note (comfy->draft,
                          _ ("The picture is one of several whose noise was drawn at once; only the "
                             "first of them can be made again."));
}

/* ---- All ---- */

static gboolean
leave_unknown (const MezzotintGraphNode *node, gpointer user)
{
  if (!g_strv_contains (known, node->klass))
    mezzotint_draft_leave (user, node->klass);
  return FALSE;
}

static gboolean
read_graph (Comfy *comfy)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autofree char *prompt = NULL, *negative = NULL;
  MezzotintGraphNode node;

  if (!find_sampler (comfy))
    return FALSE;
  mezzotint_draft_set_prompts (comfy->draft, NULL, NULL);
  set_value (comfy, "Steps", "steps", "steps", "sigmas");
  set_sampler_name (comfy);
  set_schedule (comfy);
  set_value (comfy, "CFG scale", "cfg", "cfg", "guider");
  set_value (comfy, "Seed", "seed", "noise_seed", "noise");
  set_value (comfy, "Denoising strength", "denoise", "denoise", "sigmas");
  check_range (comfy);
  read_latent (comfy);
  read_model (comfy);
  prompt = read_prompt (comfy, has_input (&comfy->guider, "positive") ? "positive" : "conditioning");
  negative = read_prompt (comfy, "negative");
  g_free (comfy->draft->parameters->prompt);
  g_free (comfy->draft->parameters->negative_prompt);
  comfy->draft->parameters->prompt = g_steal_pointer (&prompt);
  comfy->draft->parameters->negative_prompt = g_steal_pointer (&negative);
  mezzotint_draft_set_conventions (comfy->draft, "comfyui", "comfyui");
  g_ptr_array_add (ids, (gpointer) comfy->sampler.id);
  mezzotint_graph_search (comfy->graph, ids, leave_unknown, comfy->draft, &node);
  return TRUE;
}

/* WebP files have it behind a word in EXIF's tags for the camera. */
static const char *
find_text (const MezzotintMetadata *metadata)
{
  static const char *const tags[] = { "Model", "Make" };
  const char *text = mezzotint_metadata_get (metadata, "prompt");

  for (gsize i = 0; text == NULL && i < G_N_ELEMENTS (tags); i++)
    {
      const char *value = mezzotint_metadata_get (metadata, tags[i]);

      if (value != NULL && g_str_has_prefix (value, "prompt:"))
        text = value + strlen ("prompt:");
    }
  return text;
}

gboolean
mezzotint_import_comfyui (const MezzotintMetadata *metadata, MezzotintDraft *draft)
{
  const char *text = find_text (metadata);
  g_autoptr (JsonNode) node = text != NULL ? mezzotint_json_parse_object (text) : NULL;
  g_auto (MezzotintGraph) graph = { 0 };
  Comfy comfy = { &graph, draft };

  if (node == NULL)
    return FALSE;
  mezzotint_graph_init (&graph, json_node_get_object (node));
  draft->program = "ComfyUI";
  return read_graph (&comfy);
}
