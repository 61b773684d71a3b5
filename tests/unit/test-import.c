/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Settings out of pictures of each program, written here by its rules, and out of hostile ones. */
#include "app/files/import.h"

#include <glib/gstdio.h>
#include <string.h>

#include "picture-texts.h"

/* What a picture should give; NULL and 0: what was there before stays. */
typedef struct
{
  const char *texts[9]; /* keywords and texts */
  const char *program;
  const char *prompt, *negative;
  const char *sampler, *schedule; /* ids */
  int steps;
  double guidance;
  guint64 seed;
  int width, height;
  int clip_skip;
  const char *compatibility;
  const char *model;
  const char *loras;  /* parted by commas */
  const char *unused; /* likewise, in any order */
} Case;

#define A1111 "oil painting of a lighthouse\nNegative prompt: blurry\n"

static const Case cases[] = {
  /* A1111 before 1.9, with the schedule in the sampler's name, and after, with the sampler's own schedule */
  { .texts = { "parameters", A1111 "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 3141592653, "
                                   "Size: 640x512, Model hash: 0123456789, Model: example-v1, Clip skip: 2, "
                                   "Version: v1.6.0, Hires upscale: 2" },
    .program = "A1111",
    .prompt = "oil painting of a lighthouse",
    .negative = "blurry",
    .sampler = "dpmpp_2m",
    .schedule = "karras",
    .steps = 28,
    .guidance = 6.5,
    .seed = 3141592653,
    .width = 640,
    .height = 512,
    .clip_skip = 2,
    .compatibility = "a1111-gpu",
    .model = "example-v1",
    .unused = "Hires upscale" },
  { .texts
    = { "parameters", A1111 "Steps: 20, Sampler: DPM++ 2M SDE, Schedule type: Automatic, CFG scale: 7, "
                            "Seed: 5, Size: 512x512, RNG: NV, Version: v1.10.1" },
    .program = "A1111",
    .prompt = "oil painting of a lighthouse",
    .negative = "blurry",
    .sampler = "dpmpp_2m_sde",
    .schedule = "exponential",
    .steps = 20,
    .guidance = 7,
    .seed = 5,
    .width = 512,
    .height = 512,
    .compatibility = "a1111-nv" },
  { .texts = { "parameters", "two foxes <lora:fur:0.8> <lora:b/ink.safetensors:1>\nSteps: 9, Sampler: Euler, "
                             "Schedule type: Beta, CFG scale: 1, Seed: 1, Size: 64x64, "
                             "Lora hashes: \"fur: 0011\", Version: f2.0.1v1.10.1" },
    .program = "Forge",
    .prompt = "two foxes <lora:fur:0.8> <lora:b/ink.safetensors:1>",
    .sampler = "euler",
    .schedule = "beta",
    .steps = 9,
    .guidance = 1,
    .seed = 1,
    .width = 64,
    .height = 64,
    .compatibility = "a1111-gpu",
    .loras = "fur,ink",
    .unused = "Lora hashes" },
  { .texts
    = { "parameters", "a well\nSteps: 12, CFG scale: 7.000000, Guidance: 3.500000, Eta: 0.000000, Seed: 42, "
                      "Size: 512x384, Model: sd15.safetensors, RNG: cuda, Sampler: euler_a karras, "
                      "Version: stable-diffusion.cpp, SDCPP: {\"prompt\": \"x, Steps: 1\"}" },
    .program = "stable-diffusion.cpp",
    .prompt = "a well",
    .sampler = "euler_a",
    .schedule = "karras",
    .steps = 12,
    .guidance = 7,
    .seed = 42,
    .width = 512,
    .height = 384,
    .compatibility = "a1111-nv",
    .model = "sd15",
    .unused = "Guidance" },
  { .texts
    = { "parameters", "a fen\nSteps: 20, Sampler: Default - DPM++ 2M, CFG scale: 7, Seed: 8, Size: 512x512, "
                      "Model hash: unknown, Model: dream" },
    .program = "Krita",
    .prompt = "a fen",
    .sampler = "dpmpp_2m",
    .schedule = "karras",
    .steps = 20,
    .guidance = 7,
    .seed = 8,
    .width = 512,
    .height = 512,
    .compatibility = "comfyui",
    .model = "dream" },
  { .texts
    = { "parameters", "a red apple\nSteps: 20, Sampler: UniPC, Schedule type: model, CFG scale: 7, Seed: "
                      "18446744073709551615, Size: 64x64, Model: Proof, RNG: CPU, Version: Mezzotint 0.1.0" },
    .program = "Mezzotint",
    .prompt = "a red apple",
    .sampler = "unipc",
    .schedule = "model",
    .steps = 20,
    .guidance = 7,
    .seed = G_MAXUINT64,
    .width = 64,
    .height = 64,
    .compatibility = "diffusers",
    .model = "Proof" },
  { .texts
    = { "invokeai_metadata",
        "{\"positive_prompt\":\"a mill\",\"negative_prompt\":\"fog\",\"width\":640,\"height\":448,"
        "\"seed\":4294967295,\"rand_device\":\"cpu\",\"cfg_scale\":6.5,\"steps\":22,\"scheduler\":"
        "\"kdpm_2_a_k\",\"clip_skip\":1,\"model\":{\"hash\":\"blake3:0\",\"name\":\"mill-v2\"},"
        "\"loras\":[{\"model\":{\"name\":\"impasto\"},\"weight\":0.5},{\"lora\":{\"model_name\":\"old\"}}],"
        "\"seamless_x\":true,\"hrf_enabled\":false,\"app_version\":\"5.6.0\"}" },
    .program = "InvokeAI",
    .prompt = "a mill",
    .negative = "fog",
    .sampler = "dpm2_a",
    .schedule = "karras",
    .steps = 22,
    .guidance = 6.5,
    .seed = 4294967295,
    .width = 640,
    .height = 448,
    .clip_skip = 2,
    .compatibility = "diffusers",
    .model = "mill-v2",
    .loras = "impasto,old",
    .unused = "seamless_x" },
  { .texts
    = { "parameters",
        "{\"base_model\": \"juggler.safetensors\", \"base_model_hash\": \"AABBCCDDEE\", \"guidance_scale\": "
        "4.0, \"loras\": [[\"offset.safetensors\", 0.1, \"00\"]], \"metadata_scheme\": \"fooocus\", "
        "\"negative_prompt\": \"\", \"performance\": \"Speed\", \"prompt\": \"a kite\", \"resolution\": "
        "\"(1152, 896)\", \"sampler\": \"dpmpp_2m_sde_gpu\", \"scheduler\": \"karras\", \"seed\": "
        "\"6543210\", \"sharpness\": 2.0, \"steps\": 30, \"styles\": \"['Sharp']\", \"version\": \"2.5\"}",
        "fooocus_scheme", "fooocus" },
    .program = "Fooocus",
    .prompt = "a kite",
    .sampler = "dpmpp_2m_sde",
    .schedule = "karras",
    .steps = 30,
    .guidance = 4,
    .seed = 6543210,
    .width = 1152,
    .height = 896,
    .compatibility = "comfyui",
    .model = "juggler",
    .loras = "offset",
    .unused = "performance,sharpness,styles" },
  { .texts = { "parameters",
               "a kite\nSteps: 30, Sampler: DPM++ 2M, Schedule type: karras, CFG scale: 4, Seed: 9, "
               "Size: 1152x896, Version: Fooocus v2.5.5",
               "fooocus_scheme", "a1111" },
    .program = "Fooocus",
    .prompt = "a kite",
    .sampler = "dpmpp_2m",
    .schedule = "karras",
    .steps = 30,
    .guidance = 4,
    .seed = 9,
    .width = 1152,
    .height = 896,
    .compatibility = "comfyui" },
  { .texts
    = { "Software", "Draw Things", "Comment",
        "{\"c\":\"a boat\",\"uc\":\"people\",\"steps\":18,\"sampler\":\"DPM++ 2M Karras\",\"scale\":5.5,"
        "\"seed\":77,\"size\":\"512x768\",\"model\":\"sd_v1.5_f16.ckpt\",\"strength\":1,\"seed_mode\":"
        "\"Nvidia GPU Compatible\",\"v2\":{\"clipSkip\":2,\"loras\":[{\"file\":\"ink_f16.ckpt\"}]},"
        "\"mask_blur\":2.5}" },
    .program = "Draw Things",
    .prompt = "a boat",
    .negative = "people",
    .sampler = "dpmpp_2m",
    .schedule = "karras",
    .steps = 18,
    .guidance = 5.5,
    .seed = 77,
    .width = 512,
    .height = 768,
    .clip_skip = 2,
    .compatibility = "a1111-nv",
    .model = "sd_v1.5_f16",
    .loras = "ink_f16",
    .unused = "mask_blur" },
  { .texts
    = { "Software", "NovelAI", "Description", "a {bright} moth", "Comment",
        "{\"steps\": 28, \"sampler\": \"k_euler_ancestral\", \"seed\": 1234, \"strength\": 0.7, \"scale\": "
        "11.0, \"uc\": \"text\", \"width\": 512, \"height\": 768, \"noise_schedule\": \"karras\"}" },
    .program = "NovelAI",
    .prompt = "a {bright} moth",
    .negative = "text",
    .sampler = "euler_a",
    .schedule = "karras",
    .steps = 28,
    .guidance = 11,
    .seed = 1234,
    .width = 512,
    .height = 768,
    .clip_skip = 2,
    .compatibility = "a1111-gpu",
    .unused = "strength" },
};

static void
init_base (MzRequest *base)
{
  mz_request_use_defaults (base, NULL);
  base->width = 96;
  base->height = 112;
  base->steps = 3;
  base->guidance = 2.25;
  base->seed = 12;
}

static MezzotintImport *
read_png (const char *const *texts, GError **error)
{
  g_autoptr (GBytes) bytes = picture_texts_png (8, 8, texts);
  g_auto (MzRequest) base = MZ_REQUEST_INIT;

  init_base (&base);
  return mezzotint_import_read_bytes (bytes, &base, error);
}

static void
assert_names (const GStrv names, const char *expected)
{
  g_auto (GStrv) wanted = g_strsplit (expected != NULL ? expected : "", ",", -1);

  for (gsize i = 0; wanted[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) names, wanted[i]))
      g_test_message ("%s is missing", wanted[i]);
  for (gsize i = 0; names[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) wanted, names[i]))
      g_test_message ("%s is too much", names[i]);
  g_assert_true (g_strv_length (names) == g_strv_length (wanted));
  for (gsize i = 0; wanted[i] != NULL; i++)
    g_assert_true (g_strv_contains ((const char *const *) names, wanted[i]));
}

static void
check_import (const MezzotintImport *import, const Case *expected)
{
  const MzRequest *request = &import->request;

  g_assert_cmpstr (import->program, ==, expected->program);
  g_assert_cmpstr (request->prompt, ==, expected->prompt);
  g_assert_cmpstr (request->negative_prompt, ==, expected->negative != NULL ? expected->negative : "");
  g_assert_cmpstr (request->sampler, ==, expected->sampler);
  g_assert_cmpstr (request->schedule, ==, expected->schedule);
  g_assert_cmpint (request->steps, ==, expected->steps);
  g_assert_cmpfloat (request->guidance, ==, expected->guidance);
  g_assert_cmpuint (request->seed, ==, expected->seed);
  g_assert_cmpint (request->width, ==, expected->width);
  g_assert_cmpint (request->height, ==, expected->height);
  g_assert_cmpint (request->clip_skip, ==, MAX (expected->clip_skip, 1));
  g_assert_cmpstr (request->compatibility, ==, expected->compatibility);
  g_assert_cmpstr (import->recall.model, ==, expected->model);
  assert_names (import->loras, expected->loras);
  assert_names (import->recall.unused, expected->unused);
}

static void
test_programs (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MezzotintImport) import = read_png (cases[i].texts, &error);

      g_assert_no_error (error);
      g_test_message ("case %" G_GSIZE_FORMAT ": %s", i, cases[i].program);
      check_import (import, &cases[i]);
    }
}

/* What is said to people. */
static void
test_lines (void)
{
  g_autoptr (MezzotintImport) import = read_png (cases[2].texts, NULL);
  g_autofree char *lines = g_strjoinv ("|", import->understood);
  g_autofree char *notes = g_strjoinv ("|", import->recall.notes);

  g_assert_cmpstr (lines, ==,
                   "Steps: 9|Sampler: Euler|Schedule type: Beta|CFG scale: 1|Seed: 1|Size: 64x64|"
                   "Version: f2.0.1v1.10.1");
  g_assert_nonnull (strstr (notes, "fur, ink"));
}

/* JPEG and WebP. */
static void
test_exif (void)
{
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) exif = picture_texts_exif (cases[0].texts[1], "UTF-16BE", NULL, i == 0);
      g_autoptr (GBytes) bytes = i == 0 ? picture_texts_jpeg (exif) : picture_texts_webp (exif);
      g_autoptr (GError) error = NULL;
      g_auto (MzRequest) base = MZ_REQUEST_INIT;
      g_autoptr (MezzotintImport) import = NULL;

      init_base (&base);
      import = mezzotint_import_read_bytes (bytes, &base, &error);
      g_assert_no_error (error);
      check_import (import, &cases[0]);
    }
}

/* ---- Nothing to read ---- */

static void
test_missing (void)
{
  static const char *const none[][5] = {
    { NULL },
    { "Comment", "made by hand", NULL },
    { "workflow", "{\"nodes\": []}", NULL },
    { "prompt", "{\"1\": {\"class_type\": \"LoadImage\", \"inputs\": {}}}", NULL },
    { "prompt", "[1]", NULL },
    { "invokeai_metadata", "{", NULL },
    { "Software", "NovelAI", "Comment", "no JSON", NULL },
    { "parameters", "{\"not\": \"Fooocus\"}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MezzotintImport) import = read_png (none[i], &error);

      g_assert_null (import);
      g_assert_error (error, MZ_ERROR, MZ_ERROR_MISSING);
    }
}

/* Values out of range leave what was there, are said, and the request stays legal. */
static void
test_nonsense (void)
{
  static const char *const texts[] = {
    "invokeai_metadata",
    "{\"positive_prompt\": 7, \"negative_prompt\": [\"x\"], \"steps\": -4, \"cfg_scale\": 1e300, \"seed\": "
    "-1, \"width\": NaN, \"height\": 64, \"scheduler\": \"no such\", \"clip_skip\": 99999999999999999999, "
    "\"model\": {\"name\": {\"name\": 1}}, \"loras\": {\"a\": 1}}",
    NULL
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintImport) import = read_png (texts, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (import->request.prompt, ==, "7");
  g_assert_cmpstr (import->request.negative_prompt, ==, "");
  g_assert_cmpint (import->request.steps, ==, 3);
  g_assert_cmpfloat (import->request.guidance, ==, 2.25);
  g_assert_cmpuint (import->request.seed, ==, 12);
  g_assert_cmpint (import->request.width, ==, 96);
  g_assert_cmpint (import->request.clip_skip, ==, 1);
  g_assert_cmpuint (g_strv_length (import->recall.notes), >=, 4);
}

static char *
nest (const char *begin, const char *core, const char *end, int depth)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < depth; i++)
    g_string_append (text, begin);
  g_string_append (text, core);
  for (int i = 0; i < depth; i++)
    g_string_append (text, end);
  return g_string_free (text, FALSE);
}

/* JSON that is deep, long or full of names: refused, in little time and stack. */
static void
test_hostile_json (void)
{
  static const char *const keywords[] = { "prompt", "invokeai_metadata" };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) many = g_string_new ("{");

  g_ptr_array_add (texts, nest ("[", "", "]", 1000000));
  g_ptr_array_add (texts, nest ("{\"a\":", "1", "}", 100000));
  g_ptr_array_add (texts, nest ("{\"inputs\":[", "", "", 5000));
  for (int i = 0; i < 100000; i++)
    g_string_append_printf (many, "%s\"%d\": 1", i > 0 ? "," : "", i);
  g_string_append_c (many, '}');
  g_ptr_array_add (texts, g_strdup (many->str));
  for (guint i = 0; i < texts->len; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (keywords); k++)
      {
        const char *const pair[] = { keywords[k], texts->pdata[i], NULL };
        g_autoptr (GError) error = NULL;
        g_autoptr (MezzotintImport) import = read_png (pair, &error);

        g_assert_null (import);
        g_assert_error (error, MZ_ERROR, MZ_ERROR_MISSING);
      }
}

static void
assert_legal (const MzRequest *request)
{
  g_assert_true (g_utf8_validate (request->prompt, -1, NULL));
  g_assert_true (g_utf8_validate (request->negative_prompt, -1, NULL));
  g_assert_nonnull (mz_find_sampler (request->sampler, NULL));
  g_assert_nonnull (mz_find_schedule (request->schedule, NULL));
  g_assert_true (request->steps >= 1 && request->steps <= MZ_MAX_STEPS);
  g_assert_true (request->guidance >= 0 && request->guidance <= MZ_MAX_GUIDANCE);
  g_assert_true (MIN (request->width, request->height) >= MZ_MIN_SIZE_PX);
  g_assert_true (MAX (request->width, request->height) <= MZ_MAX_SIZE_PX);
  g_assert_true (request->clip_skip >= 1 && request->clip_skip <= 100);
}

/* Any bytes changed anywhere: an error or a legal request. */
static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);

  for (int i = 0; i < 6000; i++)
    {
      const Case *which = &cases[g_rand_int_range (rand, 0, G_N_ELEMENTS (cases))];
      g_autofree char *changed = g_strdup (which->texts[1]);
      const char *texts[9];
      g_autoptr (GError) error = NULL;
      g_autoptr (MezzotintImport) import = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_auto (MzRequest) base = MZ_REQUEST_INIT;
      int last = 0;

      memcpy (texts, which->texts, sizeof texts);
      while (texts[last + 2] != NULL)
        last += 2;
      if (strlen (which->texts[last + 1]) > strlen (changed))
        {
          g_free (changed);
          changed = g_strdup (which->texts[last + 1]);
          texts[last + 1] = changed;
        }
      else
        texts[1] = changed;
      for (int j = g_rand_int_range (rand, 1, 8); j > 0; j--)
        {
          static const char signs[] = "{}[]\",:0123456789-e.nx\\ \n()";

          changed[g_rand_int_range (rand, 0, (int) strlen (changed))]
              = signs[g_rand_int_range (rand, 0, sizeof signs - 1)];
        }
      bytes = picture_texts_png (8, 8, texts);
      init_base (&base);
      import = mezzotint_import_read_bytes (bytes, &base, &error);
      g_assert_true ((import == NULL) == (error != NULL));
      if (import != NULL)
        assert_legal (&import->request);
    }
}

/* ---- In the background ---- */

static void
result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
test_async (void)
{
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-import-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.png", NULL);
  g_autoptr (GBytes) bytes = picture_texts_png (8, 8, cases[0].texts);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_auto (MzRequest) base = MZ_REQUEST_INIT;

  init_base (&base);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (MezzotintImport) import = NULL;

      if (i == 1)
        g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                            (gssize) g_bytes_get_size (bytes), NULL));
      mezzotint_import_read_async (file, &base, NULL, result_cb, &result);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      import = mezzotint_import_read_finish (result, &error);
      if (i == 0)
        g_assert_error (error, MZ_ERROR, MZ_ERROR_IO);
      else
        check_import (import, &cases[0]);
    }
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/programs", test_programs);
  g_test_add_func ("/import/lines", test_lines);
  g_test_add_func ("/import/exif", test_exif);
  g_test_add_func ("/import/missing", test_missing);
  g_test_add_func ("/import/nonsense", test_nonsense);
  g_test_add_func ("/import/hostile-json", test_hostile_json);
  g_test_add_func ("/import/random", test_random);
  g_test_add_func ("/import/async", test_async);
  return g_test_run ();
}
