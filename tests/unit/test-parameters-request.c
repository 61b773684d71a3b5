/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What pairs mean: there and back, and other programs' pictures. */
#include <string.h>

#include "app/files/parameters-request.h"

static void
test_write (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MezzotintParameters) parameters = NULL;
  g_autofree char *text = NULL;

  mz_request_use_defaults (&request, NULL);
  request.prompt = g_strdup ("a cat");
  request.negative_prompt = g_strdup ("dog");
  request.sampler = "euler_a";
  request.schedule = "karras";
  request.steps = 12;
  request.guidance = 6.5;
  request.width = 512;
  request.height = 768;
  request.clip_skip = 2;
  request.seed = G_MAXUINT64 - 3;
  parameters = mezzotint_parameters_of_picture (&request, 3, "v1-5, pruned", "0123456789abcdef");
  text = mezzotint_parameters_to_text (parameters);
  g_assert_cmpstr (
      text, ==,
      "a cat\nNegative prompt: dog\n"
      "Steps: 12, Sampler: Euler a, Schedule type: Karras, CFG scale: 6.5, Seed: 18446744073709551615, "
      "Size: 512x768, Model hash: 0123456789, Model: \"v1-5, pruned\", Clip skip: 2, RNG: CPU, "
      "Version: Mezzotint " MEZZOTINT_VERSION);
}

/* Prompts that change from step to step, and several at once, come back as they are. */
static void
test_prompt_grammar (void)
{
  static const char *const prompts[] = { "a [red|green] apple", "[a:b:0.5] [c::3] [:d:4], e",
                                         "a cat :0.5 AND a dog : 1.5", "a AND\nNegative: [b|c]" };

  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    {
      g_auto (MzRequest) request = MZ_REQUEST_INIT, back = MZ_REQUEST_INIT;
      g_auto (MezzotintRecall) recall = { 0 };
      g_autoptr (MezzotintParameters) written = NULL, read = NULL;
      g_autofree char *text = NULL;

      mz_request_use_defaults (&request, NULL);
      mz_request_use_defaults (&back, NULL);
      request.prompt = g_strdup (prompts[i]);
      request.negative_prompt = g_strdup (prompts[i]);
      written = mezzotint_parameters_of_picture (&request, 0, "m", NULL);
      text = mezzotint_parameters_to_text (written);
      read = mezzotint_parameters_parse (text, NULL);
      mezzotint_parameters_apply (read, &back, &recall);
      g_assert_cmpstr (back.prompt, ==, prompts[i]);
      g_assert_cmpstr (back.negative_prompt, ==, prompts[i]);
      g_assert_cmpuint (g_strv_length (recall.notes), ==, 0);
    }
}

/* What settings alone do not make again is said. */
static void
test_not_alone (void)
{
  static const char *const texts[]
      = { "Steps: 2, Seed: 1, Size: 64x64, Version: Mezzotint 0, Branched from: step 2 of 9 of seed 5",
          "Steps: 2, Seed: 1, Size: 64x64, Version: Mezzotint 0, Weights: 8bit",
          "Steps: 2, Seed: 1, Size: 64x64, Version: Mezzotint 0, Sums: half" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (MzRequest) request = MZ_REQUEST_INIT;
      g_auto (MezzotintRecall) recall = { 0 };
      g_autoptr (MezzotintParameters) read = mezzotint_parameters_parse (texts[i], NULL);

      mz_request_use_defaults (&request, NULL);
      mezzotint_parameters_apply (read, &request, &recall);
      g_assert_cmpstr (recall.notes[0], !=, NULL);
      g_test_message ("%s", recall.notes[0]);
      g_assert_null (recall.notes[1]);
      g_assert_cmpuint (g_strv_length (recall.unused), ==, 0);
    }
}

static void
assert_same_request (const MzRequest *a, const MzRequest *b)
{
  g_assert_cmpstr (a->prompt, ==, b->prompt);
  g_assert_cmpstr (a->negative_prompt, ==, b->negative_prompt);
  g_assert_cmpstr (a->sampler, ==, b->sampler);
  g_assert_cmpstr (a->schedule, ==, b->schedule);
  g_assert_cmpint (a->steps, ==, b->steps);
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpint (a->clip_skip, ==, b->clip_skip);
  g_assert_cmpuint (a->seed, ==, b->seed);
  g_assert_true (a->guidance == b->guidance);
  g_assert_true (a->eta == b->eta);
  g_assert_cmpstr (a->compatibility, ==, b->compatibility);
  g_assert_cmpstr (a->prompt_style, ==, b->prompt_style);
  g_assert_true (a->variation_strength == b->variation_strength);
  g_assert_cmpuint (a->variation_seed, ==, b->variation_seed);
  g_assert_cmpint (a->step_seed_delta, ==, b->step_seed_delta);
  g_assert_cmpint (a->gpu_threads, ==, b->gpu_threads);
  g_assert_true (a->guidance_rescale == b->guidance_rescale);
  g_assert_true (a->threshold_ratio == b->threshold_ratio);
  g_assert_true (a->threshold_limit == b->threshold_limit);
  g_assert_cmpint (a->zero_snr, ==, b->zero_snr);
}

/* Every sampler with every schedule comes back. */
static void
test_round_trip (void)
{
  guint n_samplers, n_schedules;
  const MzMethodInfo *samplers = mz_list_samplers (&n_samplers);
  const MzMethodInfo *schedules = mz_list_schedules (&n_schedules);

  for (guint i = 0; i < n_samplers * n_schedules; i++)
    {
      g_auto (MzRequest) request = MZ_REQUEST_INIT, back = MZ_REQUEST_INIT;
      g_auto (MezzotintRecall) recall = { 0 };
      g_autoptr (MezzotintParameters) written = NULL, parameters = NULL;
      g_autofree char *text = NULL;

      mz_request_use_defaults (&request, NULL);
      mz_request_use_defaults (&back, NULL);
      request.prompt = g_strdup ("猫: \"x\", y\nSteps: 3");
      request.negative_prompt = g_strdup ("");
      request.sampler = samplers[i / n_schedules].id;
      request.schedule = schedules[i % n_schedules].id;
      request.seed = i * G_GUINT64_CONSTANT (0x123456789abcdef);
      request.steps = 1 + (int) i;
      request.guidance = 0.1 * i;
      request.eta = i % 3 == 0 ? -1 : 0.25 * (i % 5);
      request.clip_skip = 1 + (int) i % 3;
      written = mezzotint_parameters_of_picture (&request, 0, "m", "ABCDEF0123456789");
      text = mezzotint_parameters_to_text (written);
      g_test_message ("%s", text);
      parameters = mezzotint_parameters_parse (text, NULL);
      mezzotint_parameters_apply (parameters, &back, &recall);
      assert_same_request (&request, &back);
      g_assert_cmpstr (recall.model, ==, "m");
      g_assert_cmpstr (recall.model_hash, ==, "abcdef0123");
      g_assert_cmpuint (g_strv_length (recall.notes), ==, 0);
      g_assert_cmpuint (g_strv_length (recall.unused), ==, 0);
    }
}

/* So does everything about noise, guidance and prompts, in every mix of on and off. */
static void
test_noise_round_trip (void)
{
  guint n_rows, n_styles;
  const MzMethodInfo *rows = mz_list_compatibilities (&n_rows);
  const MzMethodInfo *styles = mz_list_prompt_styles (&n_styles);

  for (guint i = 0; i < n_rows * n_styles * 16; i++)
    {
      g_auto (MzRequest) request = MZ_REQUEST_INIT, back = MZ_REQUEST_INIT;
      g_auto (MezzotintRecall) recall = { 0 };
      g_autoptr (MezzotintParameters) written = NULL, parameters = NULL;
      g_autofree char *text = NULL;

      mz_request_use_defaults (&request, NULL);
      mz_request_use_defaults (&back, NULL);
      back.compatibility = "comfyui"; /* what is not said must not come from here */
      back.variation_strength = 0.9;
      back.zero_snr = TRUE;
      back.guidance_rescale = 0.9;
      request.prompt = g_strdup ("a (cat:1.2)");
      request.negative_prompt = g_strdup ("");
      request.compatibility = rows[i / 16 % n_rows].id;
      request.prompt_style = styles[i / 16 / n_rows].id;
      request.variation_strength = i & 1 ? 0.15 : 0;
      request.variation_seed = i & 1 ? G_MAXUINT64 : 0;
      request.step_seed_delta = i & 2 ? G_MININT64 + i : 0;
      request.gpu_threads = i & 2 ? 43008 : 0;
      request.guidance_rescale = i & 4 ? 0.7 : 0;
      request.threshold_ratio = i & 8 ? 0.995 : 0;
      request.threshold_limit = i & 8 ? 1.5 : request.threshold_limit;
      request.zero_snr = (i & 8) != 0;
      written = mezzotint_parameters_of_picture (&request, 0, "m", NULL);
      text = mezzotint_parameters_to_text (written);
      g_test_message ("%s", text);
      parameters = mezzotint_parameters_parse (text, NULL);
      mezzotint_parameters_apply (parameters, &back, &recall);
      assert_same_request (&request, &back);
      g_assert_cmpuint (g_strv_length (recall.notes), ==, 0);
      g_assert_cmpuint (g_strv_length (recall.unused), ==, 0);
    }
}

/* A varied batch counts the variation's seed, as A1111's keys say it. */
static void
test_variation (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MezzotintParameters) parameters = NULL;

  mz_request_use_defaults (&request, NULL);
  request.seed = 5;
  request.variation_seed = 70;
  request.variation_strength = 0.25;
  parameters = mezzotint_parameters_of_picture (&request, 2, "m", NULL);
  g_assert_cmpstr (mezzotint_parameters_get (parameters, "Seed"), ==, "5");
  g_assert_cmpstr (mezzotint_parameters_get (parameters, "Variation seed"), ==, "72");
  g_assert_cmpstr (mezzotint_parameters_get (parameters, "Variation seed strength"), ==, "0.25");
}

static void
read_text (const char *text, MzRequest *request, MezzotintRecall *recall)
{
  g_autoptr (MezzotintParameters) parameters = mezzotint_parameters_parse (text, NULL);

  mz_request_use_defaults (request, NULL);
  mezzotint_parameters_apply (parameters, request, recall);
}

static void
test_schedules (void)
{
  static const struct
  {
    const char *pairs, *sampler, *schedule;
  } cases[] = {
    { "Sampler: DPM++ 2M Karras", "dpmpp_2m", "karras" },
    { "Sampler: DPM++ 2M", "dpmpp_2m", "uniform" }, /* before 1.9, no name meant uniform */
    { "Sampler: DPM++ 2M, Version: v1.8.0", "dpmpp_2m", "uniform" },
    { "Sampler: DPM++ 2M, Version: v1.10.1", "dpmpp_2m", "karras" },
    { "Sampler: DPM++ 2M, Schedule type: Automatic", "dpmpp_2m", "karras" },
    { "Sampler: DPM++ 2M, Schedule type: Uniform", "dpmpp_2m", "uniform" },
    { "Schedule type: Karras, Sampler: Euler", "euler", "karras" },
    { "Sampler: Euler a", "euler_a", "uniform" },
    { "Sampler: euler_a karras, Version: stable-diffusion.cpp", "euler_a", "karras" },
    { "Sampler: PLMS", "plms", "model" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (MzRequest) request = MZ_REQUEST_INIT;
      g_auto (MezzotintRecall) recall = { 0 };
      g_autofree char *text = g_strdup_printf ("p\nSteps: 9, Seed: 1, RNG: CPU, %s", cases[i].pairs);

      g_test_message ("%s", text);
      read_text (text, &request, &recall);
      g_assert_cmpstr (request.sampler, ==, cases[i].sampler);
      g_assert_cmpstr (request.schedule, ==, cases[i].schedule);
      g_assert_cmpuint (g_strv_length (recall.notes), ==, 0);
    }
}

/* Whose noise it is. */
static void
test_programs (void)
{
  static const struct
  {
    const char *pairs, *compatibility;
    int n_notes;
  } cases[] = {
    { "Version: v1.10.1", "a1111-gpu", 0 },
    { "Version: v1.10.1, RNG: CPU", "a1111-cpu", 0 },
    { "Version: v1.10.1, RNG: NV", "a1111-nv", 0 },
    { "RNG: NV", "a1111-nv", 0 },
    { "Version: f2.0.1v1.10.1-previous-1-g1", "a1111-gpu", 0 },
    { "Version: stable-diffusion.cpp", "a1111-nv", 0 },
    { "Version: stable-diffusion.cpp, RNG: cuda", "a1111-nv", 0 },
    { "Version: stable-diffusion.cpp master-1, RNG: cpu", "a1111-cpu", 0 },
    { "Version: Mezzotint 0.1, RNG: CPU", "diffusers", 0 },
    { "Version: Mezzotint 9.9, RNG: CPU, Compatible with: comfyui", "comfyui", 0 },
    { "Version: Mezzotint 9.9, RNG: CPU, Compatible with: teapot", "diffusers", 1 },
    { "Version: Fooocus v2.3", "diffusers", 1 },
    { "Version: v1.10.1, RNG: std", "diffusers", 1 },
    { "Model: x", "diffusers", 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (MzRequest) request = MZ_REQUEST_INIT;
      g_auto (MezzotintRecall) recall = { 0 };
      g_autofree char *text = g_strdup_printf ("p\nSteps: 9, Seed: 1, Sampler: Euler, %s", cases[i].pairs);

      g_test_message ("%s", text);
      read_text (text, &request, &recall);
      g_assert_cmpstr (request.compatibility, ==, cases[i].compatibility);
      g_assert_cmpstr (request.prompt_style, ==, "a1111");
      g_assert_cmpuint (g_strv_length (recall.notes), ==, (guint) cases[i].n_notes);
    }
}

/* A1111's settings around seeds and prompts. */
static void
test_a1111_settings (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_auto (MezzotintRecall) recall = { 0 };

  read_text ("p\nSteps: 9, Sampler: Euler a, Seed: 1, Size: 512x512, Variation seed: 3, Variation seed "
             "strength: 0.2, "
             "ENSD: 31337, Emphasis: No norm, Noise Schedule: Zero Terminal SNR, Eta: 0.67, Version: v1.10.1",
             &request, &recall);
  g_assert_cmpuint (request.variation_seed, ==, 3);
  g_assert_true (request.variation_strength == 0.2);
  g_assert_cmpint (request.step_seed_delta, ==, 31337);
  g_assert_cmpstr (request.prompt_style, ==, "a1111-no-norm");
  g_assert_true (request.zero_snr);
  g_assert_true (request.eta == 0.67);
  g_assert_cmpuint (g_strv_length (recall.notes), ==, 0);
  g_assert_cmpuint (g_strv_length (recall.unused), ==, 0);
}

/* What a terminal could take for a command does not get into a sentence, nor more than one line. */
static void
test_printable (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_auto (MezzotintRecall) recall = { 0 };

  read_text ("p\nSteps: 9, Sampler: \"\\u001b[2Jred\\nblue\", RNG: \"\\u202ex\", Seed: \"\\u0007\", "
             "Emphasis: \"\\u001b\"",
             &request, &recall);
  g_assert_cmpuint (g_strv_length (recall.notes), ==, 4);
  for (gsize i = 0; recall.notes[i] != NULL; i++)
    {
      g_test_message ("%s", recall.notes[i]);
      for (const char *p = recall.notes[i]; *p != '\0'; p = g_utf8_next_char (p))
        g_assert_true (g_unichar_isprint (g_utf8_get_char (p)) && g_utf8_get_char (p) != 0x202e);
    }
}

/* What a model cannot do is brought to what it can. */
static void
test_fit (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_auto (MezzotintRecall) recall = { 0 };
  const MzModelInfo info = { .max_steps = 100, .max_clip_skip = 4 };

  read_text ("p\nSteps: 500, Sampler: Euler, Clip skip: 12, RNG: CPU", &request, &recall);
  mezzotint_recall_fit (&recall, &request, &info);
  g_assert_cmpint (request.steps, ==, 100);
  g_assert_cmpint (request.clip_skip, ==, 4);
  g_assert_cmpuint (g_strv_length (recall.notes), ==, 2);
  mezzotint_recall_fit (&recall, &request, &info);
  g_assert_cmpuint (g_strv_length (recall.notes), ==, 2);
}

static void
test_foreign (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_auto (MezzotintRecall) recall = { 0 };

  read_text (
      "p\nSteps: 28, Sampler: Frobnicate, Schedule type: Wobbly, CFG scale: 6.5, Seed: 5, Size: 640x512, "
      "Clip skip: 2, "
      "RNG: NV, Hires upscale: 1.5, Lora hashes: \"impasto: 0123456789ab\"",
      &request, &recall);
  g_assert_cmpint (request.steps, ==, 28);
  g_assert_cmpint (request.width, ==, 640);
  g_assert_cmpint (request.clip_skip, ==, 2);
  g_assert_cmpstr (request.sampler, ==, "dpmpp_2m"); /* as it was */
  g_assert_cmpuint (g_strv_length (recall.notes), ==, 2);
  g_assert_cmpstr (request.compatibility, ==, "a1111-nv");
  g_assert_nonnull (strstr (recall.notes[0], "Frobnicate"));
  g_assert_nonnull (strstr (recall.notes[1], "Wobbly"));
  g_assert_cmpuint (g_strv_length (recall.unused), ==, 2);
  g_assert_cmpstr (recall.unused[1], ==, "Lora hashes");
}

static void
test_bad_values (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT, defaults = MZ_REQUEST_INIT;
  g_auto (MezzotintRecall) recall = { 0 };

  mz_request_use_defaults (&defaults, NULL);
  read_text ("p\nSteps: 0, CFG scale: nan, Seed: -5, Size: 1x1, Clip skip: 99999999999, Eta DDIM: 9, RNG: "
             "CPU, Sampler: DDIM",
             &request, &recall);
  g_assert_cmpint (request.steps, ==, defaults.steps);
  g_assert_true (request.guidance == defaults.guidance);
  g_assert_cmpuint (request.seed, ==, defaults.seed);
  g_assert_cmpint (request.width, ==, defaults.width);
  g_assert_cmpint (request.clip_skip, ==, 1);
  g_assert_true (request.eta == -1);
  g_assert_cmpuint (g_strv_length (recall.notes), ==, 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parameters-request/write", test_write);
  g_test_add_func ("/parameters-request/prompt-grammar", test_prompt_grammar);
  g_test_add_func ("/parameters-request/not-alone", test_not_alone);
  g_test_add_func ("/parameters-request/round-trip", test_round_trip);
  g_test_add_func ("/parameters-request/noise-round-trip", test_noise_round_trip);
  g_test_add_func ("/parameters-request/variation", test_variation);
  g_test_add_func ("/parameters-request/programs", test_programs);
  g_test_add_func ("/parameters-request/a1111-settings", test_a1111_settings);
  g_test_add_func ("/parameters-request/printable", test_printable);
  g_test_add_func ("/parameters-request/fit", test_fit);
  g_test_add_func ("/parameters-request/schedules", test_schedules);
  g_test_add_func ("/parameters-request/foreign", test_foreign);
  g_test_add_func ("/parameters-request/bad-values", test_bad_values);
  return g_test_run ();
}
