/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Options of `mezzotint generate`: what they come to in a request. */
#include <glib/gstdio.h>
#include <string.h>

#include "app/cli/cli-generate-options.h"

/* Reads words that are separated by '|'. */
static gboolean
read_options (const char *line, CliGenerateOptions *options, GError **error)
{
  static GStrv words; /* the options point into them */
  g_autoptr (MezzotintArguments) arguments = NULL;
  gboolean reading_file, ok;

  g_strfreev (words);
  words = g_strsplit (line, "|", -1);
  arguments = mezzotint_arguments_new (cli_generate_option_table, (int) g_strv_length (words), words, error);
  if (arguments == NULL)
    return FALSE;
  ok = cli_generate_options_read (options, arguments, &reading_file, error);
  g_assert_false (reading_file);
  return ok;
}

static void
apply (const char *line, MzRequest *request)
{
  g_auto (CliGenerateOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  read_options (line, &options, &error);
  g_assert_no_error (error);
  mz_request_use_defaults (request, NULL);
  cli_generate_options_apply (&options, request);
}

static void
test_nothing_given (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT, defaults = MZ_REQUEST_INIT;

  mz_request_use_defaults (&defaults, NULL);
  apply ("a cat", &request);
  g_assert_cmpstr (request.prompt, ==, "a cat");
  g_assert_cmpint (request.width, ==, defaults.width);
  g_assert_cmpint (request.steps, ==, defaults.steps);
  g_assert_cmpstr (request.sampler, ==, defaults.sampler);
  g_assert_cmpstr (request.schedule, ==, defaults.schedule);
  g_assert_true (request.guidance == defaults.guidance);
  g_assert_cmpint (request.count, ==, 1);
}

static void
test_everything_given (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;

  apply (
      "--negative|a dog|--size|512x768|--steps|7|--sampler|Euler A|--schedule|KARRAS|--guidance|1.5|--seed|"
      "18446744073709551615|--count|3|--clip-skip|2|--eta|0.5|--|--a cat",
      &request);
  g_assert_cmpstr (request.prompt, ==, "--a cat");
  g_assert_cmpstr (request.negative_prompt, ==, "a dog");
  g_assert_cmpint (request.width, ==, 512);
  g_assert_cmpint (request.height, ==, 768);
  g_assert_cmpint (request.steps, ==, 7);
  g_assert_cmpstr (request.sampler, ==, "euler_a");
  g_assert_cmpstr (request.schedule, ==, "karras");
  g_assert_true (request.guidance == 1.5);
  g_assert_cmpuint (request.seed, ==, G_MAXUINT64);
  g_assert_cmpint (request.count, ==, 3);
  g_assert_cmpint (request.clip_skip, ==, 2);
  g_assert_true (request.eta == 0.5);
}

static void
test_sampler_brings_its_own (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  const MzMethodInfo *plms = mz_find_sampler ("plms", NULL);

  apply ("--sampler|plms|a cat|--width|640", &request);
  g_assert_cmpstr (request.schedule, ==, plms->default_schedule);
  g_assert_cmpint (request.steps, ==, plms->default_steps);
  g_assert_cmpint (request.width, ==, 640);
  g_assert_cmpint (request.height, ==, 512);
}

static void
test_noise (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT, plain = MZ_REQUEST_INIT, styled = MZ_REQUEST_INIT;

  apply ("a cat|--compatible|A1111, "
         "GPU|--gpu-threads|43008|--variation-seed|9|--variation-strength|0.25|--ensd|-31337|"
         "--guidance-rescale|0.7|--threshold|0.995|--threshold-limit|2|--zero-snr",
         &request);
  g_assert_cmpstr (request.compatibility, ==, "a1111-gpu");
  g_assert_cmpstr (mz_request_get_prompt_style (&request), ==, "a1111");
  g_assert_cmpint (request.gpu_threads, ==, 43008);
  g_assert_cmpuint (request.variation_seed, ==, 9);
  g_assert_true (request.variation_strength == 0.25);
  g_assert_cmpint (request.step_seed_delta, ==, -31337);
  g_assert_true (request.guidance_rescale == 0.7);
  g_assert_true (request.threshold_ratio == 0.995);
  g_assert_true (request.threshold_limit == 2);
  g_assert_true (request.zero_snr);
  /* a program brings how it reads prompts, unless that is given, too */
  apply ("a cat|--compatible|diffusers", &plain);
  g_assert_cmpstr (mz_request_get_prompt_style (&plain), ==, "plain");
  apply ("a cat|--compatible|diffusers|--prompt-style|comfyui", &styled);
  g_assert_cmpstr (mz_request_get_prompt_style (&styled), ==, "comfyui");
}

static void
test_random_seed (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;

  apply ("a cat|--seed|-1", &request);
  g_assert_cmpuint (request.seed, <, 4294967294u);
}

static void
assert_refused (const char *line, const char *words)
{
  g_auto (CliGenerateOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (read_options (line, &options, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refused (void)
{
  assert_refused ("--steps|5", "There is no prompt");
  assert_refused ("a|red|apple", "put quotes round it");
  assert_refused ("a cat|--prompt-file|x", "two prompts");
  assert_refused ("--prompt-file|/nonexistent/x", "/nonexistent/x");
  assert_refused ("a cat|--steps|0", "from 1 to 1000, not “0”");
  assert_refused ("a cat|--steps|12abc", "not “12abc”");
  assert_refused ("a cat|--size|0x512", "--size");
  assert_refused ("a cat|--size|512", "like 512x512");
  assert_refused ("a cat|--width|99999", "--width");
  assert_refused ("a cat|--guidance|1,5", "not “1,5”");
  assert_refused ("a cat|--guidance|nan", "--guidance");
  assert_refused ("a cat|--seed|-2", "--seed");
  assert_refused ("a cat|--seed|18446744073709551616", "--seed");
  assert_refused ("a cat|--count|0", "--count");
  assert_refused ("a cat|--eta|1.1", "--eta");
  assert_refused ("a cat|--threads|-4", "--threads");
  assert_refused ("a cat|--threads|1025", "from 1 to 1024");
  assert_refused ("a cat|--compatible|a1111-gpo", "a1111-gpu");
  assert_refused ("a cat|--prompt-style|plane", "did you mean “plain”?");
  assert_refused ("a cat|--variation-seed|x", "--variation-seed");
  assert_refused ("a cat|--variation-strength|2", "--variation-strength");
  assert_refused ("a cat|--ensd|1.5", "--ensd");
  assert_refused ("a cat|--gpu-threads|-1", "--gpu-threads");
  assert_refused ("a cat|--guidance-rescale|2", "--guidance-rescale");
  assert_refused ("a cat|--threshold|-1", "--threshold");
  assert_refused ("a cat|--threshold-limit|0.5", "--threshold-limit");
  assert_refused ("a cat|--memory-limit|lots", "like 3G or 2500M, not “lots”");
  assert_refused ("a cat|--memory-limit|0", "--memory-limit");
  assert_refused ("a cat|--preview|big", "“linear” or “vae”");
  assert_refused ("a cat|--weights|4bit", "“file” or “8bit”");
  assert_refused ("a cat|--sampler|Eulr a", "did you mean “euler_a”?");
  assert_refused ("a cat|--schedule|karas", "did you mean “karras”?");
  assert_refused ("a cat \xff", "not valid UTF-8 text (at byte 7)");
  assert_refused ("a cat|--negative|\xc3", "not valid UTF-8");
}

static void
test_prompt_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-prompt-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "prompt.txt", NULL);
  g_autofree char *line = g_strconcat ("--prompt-file|", path, NULL);
  g_autofree char *long_text = g_strnfill (MZ_MAX_PROMPT_BYTES + 1, 'a');
  g_auto (MzRequest) request = MZ_REQUEST_INIT;

  g_assert_true (g_file_set_contents (path, "two\nlines\n", -1, NULL));
  apply (line, &request);
  g_assert_cmpstr (request.prompt, ==, "two\nlines");
  g_assert_true (g_file_set_contents (path, long_text, MZ_MAX_PROMPT_BYTES, NULL));
  mz_request_clear (&request);
  apply (line, &request);
  g_assert_cmpuint (strlen (request.prompt), ==, MZ_MAX_PROMPT_BYTES);
  g_assert_true (g_file_set_contents (path, long_text, MZ_MAX_PROMPT_BYTES + 1, NULL));
  assert_refused (line, "longer than 1048576 bytes");
  g_assert_true (g_file_set_contents (path, "a\0b", 3, NULL));
  assert_refused (line, "not a text");
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-generate-options/nothing-given", test_nothing_given);
  g_test_add_func ("/cli-generate-options/everything-given", test_everything_given);
  g_test_add_func ("/cli-generate-options/sampler-brings-its-own", test_sampler_brings_its_own);
  g_test_add_func ("/cli-generate-options/noise", test_noise);
  g_test_add_func ("/cli-generate-options/random-seed", test_random_seed);
  g_test_add_func ("/cli-generate-options/refused", test_refused);
  g_test_add_func ("/cli-generate-options/prompt-file", test_prompt_file);
  return g_test_run ();
}
