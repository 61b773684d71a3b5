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
  parameters = mezzotint_parameters_from_request (&request, G_MAXUINT64, "v1-5, pruned", "0123456789abcdef");
  text = mezzotint_parameters_to_text (parameters);
  g_assert_cmpstr (
      text, ==,
      "a cat\nNegative prompt: dog\n"
      "Steps: 12, Sampler: Euler a, Schedule type: Karras, CFG scale: 6.5, Seed: 18446744073709551615, "
      "Size: 512x768, Model hash: 0123456789, Model: \"v1-5, pruned\", Clip skip: 2, RNG: CPU, "
      "Version: Mezzotint " MEZZOTINT_VERSION);
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
      written = mezzotint_parameters_from_request (&request, request.seed, "m", "ABCDEF0123456789");
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
  g_assert_cmpuint (g_strv_length (recall.notes), ==, 3);
  g_assert_nonnull (strstr (recall.notes[0], "Frobnicate"));
  g_assert_nonnull (strstr (recall.notes[1], "Wobbly"));
  g_assert_nonnull (strstr (recall.notes[2], "NV"));
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
  g_test_add_func ("/parameters-request/round-trip", test_round_trip);
  g_test_add_func ("/parameters-request/schedules", test_schedules);
  g_test_add_func ("/parameters-request/foreign", test_foreign);
  g_test_add_func ("/parameters-request/bad-values", test_bad_values);
  return g_test_run ();
}
