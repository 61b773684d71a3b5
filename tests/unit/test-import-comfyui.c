/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* ComfyUI's graphs: plain ones, ones with detours, and ones that lead nowhere or for ever. */
#include <string.h>

#include "app/files/import-graph.h"
#include "app/files/import.h"
#include "picture-texts.h"

/* Nodes, to be put together. */
#define CHECKPOINT                                                                                           \
  "\"4\":{\"class_type\":\"CheckpointLoaderSimple\",\"inputs\":{\"ckpt_name\":\"sd\\\\base-v3."              \
  "safetensors\"}}"
#define LATENT                                                                                               \
  "\"5\":{\"class_type\":\"EmptyLatentImage\",\"inputs\":{\"width\":768,\"height\":320,\"batch_size\":1}}"
#define POSITIVE                                                                                             \
  "\"6\":{\"class_type\":\"CLIPTextEncode\",\"inputs\":{\"text\":\"a (tall:1.2) "                            \
  "tower\",\"clip\":[\"4\",1]}}"
#define NEGATIVE "\"7\":{\"class_type\":\"CLIPTextEncode\",\"inputs\":{\"text\":\"rain\",\"clip\":[\"4\",1]}}"
#define DECODE "\"8\":{\"class_type\":\"VAEDecode\",\"inputs\":{\"samples\":[\"3\",0],\"vae\":[\"4\",2]}}"
#define SAVE                                                                                                 \
  "\"9\":{\"class_type\":\"SaveImage\",\"inputs\":{\"filename_prefix\":\"x\",\"images\":[\"8\",0]}}"
#define SAMPLER(model, positive, negative, latent, seed)                                                     \
  "\"3\":{\"class_type\":\"KSampler\",\"inputs\":{\"seed\":" seed                                            \
  ",\"steps\":17,\"cfg\":5.5,\"sampler_name\":\"dpmpp_2m\",\"scheduler\":\"karras\",\"denoise\":1,"          \
  "\"model\":" model ",\"positive\":" positive ",\"negative\":" negative ",\"latent_image\":" latent "}}"
#define REST CHECKPOINT "," LATENT "," POSITIVE "," NEGATIVE "," DECODE "," SAVE
#define PLAIN                                                                                                \
  "{" SAMPLER ("[\"4\",0]", "[\"6\",0]", "[\"7\",0]", "[\"5\",0]", "18446744073709551615") "," REST "}"

static MezzotintImport *
read_graph (const char *graph)
{
  const char *const texts[] = { "prompt", graph, "workflow", "{}", NULL };
  g_autoptr (GBytes) bytes = picture_texts_png (8, 8, texts);
  g_auto (MzRequest) base = MZ_REQUEST_INIT;

  mz_request_use_defaults (&base, NULL);
  base.steps = 3;
  return mezzotint_import_read_bytes (bytes, &base, NULL);
}

/* What all graphs here say. */
static void
check_common (const MezzotintImport *import)
{
  const MzRequest *request = &import->request;

  g_assert_cmpstr (import->program, ==, "ComfyUI");
  g_assert_cmpstr (request->prompt, ==, "a (tall:1.2) tower");
  g_assert_cmpstr (request->negative_prompt, ==, "rain");
  g_assert_cmpstr (request->sampler, ==, "dpmpp_2m");
  g_assert_cmpstr (request->schedule, ==, "karras");
  g_assert_cmpint (request->steps, ==, 17);
  g_assert_cmpfloat (request->guidance, ==, 5.5);
  g_assert_cmpint (request->width, ==, 768);
  g_assert_cmpint (request->height, ==, 320);
  g_assert_cmpstr (request->compatibility, ==, "comfyui");
  g_assert_cmpstr (request->prompt_style, ==, "comfyui");
  g_assert_cmpstr (import->recall.model, ==, "base-v3");
}

static gboolean
has_note (const MezzotintImport *import, const char *part)
{
  for (gsize i = 0; import->recall.notes[i] != NULL; i++)
    if (strstr (import->recall.notes[i], part) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
leaves (const MezzotintImport *import, const char *name)
{
  return g_strv_contains ((const char *const *) import->recall.unused, name);
}

static void
test_plain (void)
{
  g_autoptr (MezzotintImport) import = read_graph (PLAIN);

  g_assert_nonnull (import);
  check_common (import);
  g_assert_cmpuint (import->request.seed, ==, G_MAXUINT64);
  g_assert_cmpint (import->request.clip_skip, ==, 1);
  g_assert_cmpuint (g_strv_length (import->loras), ==, 0);
  g_assert_true (leaves (import, "Denoising strength"));
}

/* LoRAs, reroutes, values out of nodes, clip skip, a seed of another node, nodes that are not known. */
static void
test_detours (void)
{
  g_autoptr (MezzotintImport) import = read_graph ("{" SAMPLER (
      "[\"20\",0]", "[\"30\",0]", "[\"7\",0]", "[\"31\",0]",
      "[\"40\",0]") "," LATENT "," CHECKPOINT "," DECODE "," SAVE
                    ",\"20\":{\"class_type\":\"FreeU\",\"inputs\":{\"b1\":1.1,\"model\":[\"21\",0]}},"
                    "\"21\":{\"class_type\":\"LoraLoader\",\"inputs\":{\"lora_name\":\"styles/"
                    "ink.safetensors\","
                    "\"strength_model\":0.8,\"model\":[\"22\",0],\"clip\":[\"4\",1]}},"
                    "\"22\":{\"class_type\":\"LoraLoaderModelOnly\",\"inputs\":{\"lora_name\":\"fur."
                    "safetensors\",\"model\":[\"23\","
                    "0]}},\"23\":{\"class_type\":\"RescaleCFG\",\"inputs\":{\"multiplier\":0.7,\"model\":["
                    "\"4\",0]}},"
                    "\"24\":{\"class_type\":\"CLIPSetLastLayer\",\"inputs\":{\"stop_at_clip_layer\":-2,"
                    "\"clip\":[\"21\",1]}},"
                    "\"30\":{\"class_type\":\"Reroute\",\"inputs\":{\"\":[\"32\",0]}},"
                    "\"31\":{\"class_type\":\"Reroute\",\"inputs\":{\"\":[\"5\",0]}},"
                    "\"32\":{\"class_type\":\"CLIPTextEncode\",\"inputs\":{\"text\":[\"33\",0],\"clip\":["
                    "\"24\",0]}},"
                    "\"33\":{\"class_type\":\"StringConcatenate\",\"inputs\":{\"string_a\":\"a "
                    "(tall:1.2)\",\"string_b\":[\"34\",0],"
                    "\"delimiter\":\" "
                    "\"}},\"34\":{\"class_type\":\"PrimitiveString\",\"inputs\":{\"value\":\"tower\"}},"
                    "\"7\":{\"class_type\":\"ConditioningSetTimestepRange\",\"inputs\":{\"conditioning\":["
                    "\"35\",0],\"start\":0}},"
                    "\"35\":{\"class_type\":\"CLIPTextEncode\",\"inputs\":{\"text\":\"rain\",\"clip\":[\"4\","
                    "1]}},"
                    "\"40\":{\"class_type\":\"Some Seed\",\"inputs\":{\"seed\":77}}}");

  g_assert_nonnull (import);
  check_common (import);
  g_assert_cmpuint (import->request.seed, ==, 77);
  g_assert_cmpint (import->request.clip_skip, ==, 2);
  g_assert_cmpfloat (import->request.guidance_rescale, ==, 0.7);
  g_assert_cmpuint (g_strv_length (import->loras), ==, 2);
  g_assert_cmpstr (import->loras[0], ==, "ink");
  g_assert_true (leaves (import, "FreeU"));
  g_assert_true (leaves (import, "ConditioningSetTimestepRange"));
  g_assert_true (has_note (import, "ink, fur"));
}

/* The settings in nodes of their own. */
static void
test_custom (void)
{
  g_autoptr (MezzotintImport) import
      = read_graph ("{\"3\":{\"class_type\":\"SamplerCustomAdvanced\",\"inputs\":{\"noise\":[\"10\",0],"
                    "\"guider\":[\"11\",0],"
                    "\"sampler\":[\"12\",0],\"sigmas\":[\"13\",0],\"latent_image\":[\"5\",0]}},"
                    "\"10\":{\"class_type\":\"RandomNoise\",\"inputs\":{\"noise_seed\":5}},"
                    "\"11\":{\"class_type\":\"CFGGuider\",\"inputs\":{\"cfg\":5.5,\"model\":[\"4\",0],"
                    "\"positive\":[\"6\",0],"
                    "\"negative\":[\"7\",0]}},\"12\":{\"class_type\":\"KSamplerSelect\",\"inputs\":{"
                    "\"sampler_name\":\"dpmpp_2m\"}},"
                    "\"13\":{\"class_type\":\"KarrasScheduler\",\"inputs\":{\"steps\":17,\"sigma_max\":14.6,"
                    "\"rho\":7}}," REST "}");

  g_assert_nonnull (import);
  check_common (import);
  g_assert_cmpuint (import->request.seed, ==, 5);
}

/* Two passes: the first one's settings, and a note. From a picture: a note. A batch: a note. */
static void
test_notes (void)
{
  g_autoptr (MezzotintImport) second = read_graph ("{" SAMPLER (
      "[\"4\",0]", "[\"6\",0]", "[\"7\",0]", "[\"5\",0]",
      "1") "," CHECKPOINT "," LATENT "," POSITIVE "," NEGATIVE
           ",\"50\":{\"class_type\":\"LatentUpscale\",\"inputs\":{\"samples\":[\"3\",0],\"width\":1024,"
           "\"height\":1024}},\"51\":{\"class_type\":\"KSampler\",\"inputs\":{\"seed\":9,\"steps\":8,\"cfg\":"
           "2,"
           "\"sampler_name\":\"euler\",\"scheduler\":\"simple\",\"denoise\":0.5,\"model\":[\"4\",0],"
           "\"positive\":[\"6\",0],"
           "\"negative\":[\"7\",0],\"latent_image\":[\"50\",0]}},\"8\":{\"class_type\":\"VAEDecode\","
           "\"inputs\":{"
           "\"samples\":[\"51\",0],\"vae\":[\"4\",2]}}," SAVE "}");
  g_autoptr (MezzotintImport) from_picture = read_graph ("{" SAMPLER (
      "[\"4\",0]", "[\"6\",0]", "[\"7\",0]", "[\"60\",0]",
      "1") "," CHECKPOINT "," POSITIVE "," NEGATIVE "," DECODE "," SAVE
           ",\"60\":{\"class_type\":\"VAEEncode\",\"inputs\":{\"pixels\":[\"61\",0],\"vae\":[\"4\",2]}},"
           "\"61\":{\"class_type\":\"LoadImage\",\"inputs\":{\"image\":\"x.png\"}}}");
  g_autoptr (MezzotintImport) batch = read_graph ("{" SAMPLER (
      "[\"4\",0]", "[\"6\",0]", "[\"7\",0]", "[\"5\",0]",
      "1") "," CHECKPOINT "," POSITIVE "," NEGATIVE "," DECODE "," SAVE
           ",\"5\":{\"class_type\":\"EmptyLatentImage\",\"inputs\":{\"width\":768,\"height\":320,"
           "\"batch_size\":4}}}");

  check_common (second);
  g_assert_cmpuint (second->request.seed, ==, 1);
  g_assert_true (has_note (second, "second pass"));
  g_assert_true (has_note (from_picture, "from another picture"));
  check_common (batch);
  g_assert_true (has_note (batch, "drawn at once"));
}

/* Python writes what is no number. */
static void
test_nan (void)
{
  g_autofree char *graph = g_strdup (PLAIN);
  g_autofree char *with_nan = NULL;
  g_autoptr (MezzotintImport) import = NULL;

  graph[strlen (graph) - 1] = '\0';
  with_nan = g_strconcat (
      graph, ",\"70\":{\"class_type\":\"X\",\"inputs\":{},\"is_changed\":[NaN,-Infinity]}}", NULL);
  import = read_graph (with_nan);
  g_assert_nonnull (import);
  check_common (import);
}

/* ---- Hostile graphs ---- */

static void
test_circles (void)
{
  static const char *const graphs[] = {
    /* the sampler is its own latent; everything is linked to itself */
    "{\"3\":{\"class_type\":\"KSampler\",\"inputs\":{\"seed\":[\"3\",0],\"steps\":[\"3\",0],\"cfg\":[\"3\",0]"
    ","
    "\"model\":[\"3\",0],\"positive\":[\"3\",0],\"negative\":[\"3\",0],\"latent_image\":[\"3\",0]}}}",
    /* reroutes in a ring */
    "{" SAMPLER ("[\"80\",0]", "[\"80\",0]", "[\"80\",0]", "[\"80\",0]",
                 "[\"80\",0]") ","
                               "\"80\":{\"class_type\":\"Reroute\",\"inputs\":{\"\":[\"81\",0]}},"
                               "\"81\":{\"class_type\":\"Reroute\",\"inputs\":{\"\":[\"80\",0]}}," REST "}",
    /* links to nothing, and of odd forms */
    "{" SAMPLER ("[\"99\",0]", "[[],0]", "[\"6\",\"0\"]", "[\"5\",-1]", "{}") "," REST "}",
    "{\"3\":{\"class_type\":7,\"inputs\":{}},\"4\":[],\"5\":{\"inputs\":{}},\"6\":null}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (graphs); i++)
    {
      g_autoptr (MezzotintImport) import = read_graph (graphs[i]);

      g_assert_true (import == NULL || g_utf8_validate (import->request.prompt, -1, NULL));
    }
}

/* Each node joins the next one twice: 2^60 ways, and texts that would grow as fast. */
static void
test_diamonds (void)
{
  GString *graph
      = g_string_new ("{" SAMPLER ("[\"4\",0]", "[\"c0\",0]", "[\"s\",0]", "[\"5\",0]", "1") "," REST);
  g_autoptr (MezzotintImport) import = NULL;

  for (int i = 0; i < 60; i++)
    g_string_append_printf (
        graph,
        ",\"c%d\":{\"class_type\":\"ConditioningCombine\",\"inputs\":{\"conditioning_1\":[\"c%d\",0],"
        "\"conditioning_2\":[\"c%d\",0]}}",
        i, i + 1, i + 1);
  g_string_append (graph, ",\"c60\":{\"class_type\":\"CLIPTextEncode\",\"inputs\":{\"text\":\"word\"}}");
  g_string_append (graph, ",\"s\":{\"class_type\":\"CLIPTextEncode\",\"inputs\":{\"text\":[\"t0\",0]}}");
  for (int i = 0; i < 60; i++)
    g_string_append_printf (
        graph,
        ",\"t%d\":{\"class_type\":\"StringConcatenate\",\"inputs\":{\"string_a\":[\"t%d\",0],"
        "\"string_b\":[\"t%d\",0],\"delimiter\":\"\"}}",
        i, i + 1, i + 1);
  g_string_append (graph, ",\"t60\":{\"class_type\":\"PrimitiveString\",\"inputs\":{\"value\":\"word\"}}}");
  import = read_graph (graph->str);
  g_assert_nonnull (import);
  g_string_free (graph, TRUE);
}

/* As many nodes as are let through, in a row and all linked to all before. */
static void
test_huge (void)
{
  GString *graph
      = g_string_new ("{" SAMPLER ("[\"n0\",0]", "[\"6\",0]", "[\"7\",0]", "[\"5\",0]", "1") "," REST);
  g_autoptr (MezzotintImport) import = NULL;

  for (int i = 0; i < 4000; i++)
    g_string_append_printf (
        graph,
        ",\"n%d\":{\"class_type\":\"Step %d\",\"inputs\":{\"model\":[\"n%d\",0],\"a\":[\"n%d\",1],"
        "\"b\":[\"n%d\",0]}}",
        i, i, i + 1, i / 2, i * 7 % 4000);
  g_string_append_c (graph, '}');
  import = read_graph (graph->str);
  g_assert_nonnull (import);
  g_assert_cmpuint (g_strv_length (import->recall.unused), <, 200); /* not all are named */
  g_string_free (graph, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import-comfyui/plain", test_plain);
  g_test_add_func ("/import-comfyui/detours", test_detours);
  g_test_add_func ("/import-comfyui/custom", test_custom);
  g_test_add_func ("/import-comfyui/notes", test_notes);
  g_test_add_func ("/import-comfyui/nan", test_nan);
  g_test_add_func ("/import-comfyui/circles", test_circles);
  g_test_add_func ("/import-comfyui/diamonds", test_diamonds);
  g_test_add_func ("/import-comfyui/huge", test_huge);
  return g_test_run ();
}
