/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures by prompts that change from step to step and by several at once, held against what the formulas
 * make of pictures by single prompts; and that they can be gone on with like others. */
#include <math.h>
#include <string.h>

#include "snapshot-fixture.h"

static MzRequest *
request_of (Fixture *f, const char *sampler, const char *prompt)
{
  MzRequest *request = make_request (f->model, sampler);

  g_free (request->prompt);
  request->prompt = g_strdup (prompt);
  g_free (request->negative_prompt);
  request->negative_prompt = g_strdup ("blue");
  return request;
}

static void
assert_same_pictures (MzResult *a, MzResult *b)
{
  g_assert_cmpmem (mz_result_get_picture (a, 0)->rgb, SIZE * SIZE * 3, mz_result_get_picture (b, 0)->rgb,
                   SIZE * SIZE * 3);
}

/* Euler remembers nothing: a picture whose prompt changes after step 2 is one of the first prompt up to
 * there, and goes on as a branch of the second. */
static void
test_change (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) changing = request_of (f, "euler", "a [red:green:2] apple");
  g_autoptr (MzRequest) first = request_of (f, "euler", "a red apple"),
                        second = request_of (f, "euler", "a green apple");
  g_autoptr (GPtrArray) steps = log_steps (f, first);
  g_autoptr (MzResult) got = generate (f, changing, NULL), expected = NULL, other = NULL;
  int step, n_steps;
  guint64 seed;

  /* steps 0, 1 and 2 are red: after three, the third of the list */
  g_assert_false (mz_request_get_branch (second, NULL, NULL, NULL));
  set_start (second, mz_snapshot_ref (g_ptr_array_index (steps, 2)), MZ_START_BRANCH);
  g_assert_true (mz_request_get_branch (second, &step, &n_steps, &seed));
  g_assert_cmpint (step, ==, 3);
  g_assert_cmpint (n_steps, ==, STEPS);
  g_assert_cmpuint (seed, ==, first->seed);
  expected = generate (f, second, NULL);
  assert_same_pictures (got, expected);
  other = generate (f, first, NULL);
  g_assert_cmpint (
      memcmp (mz_result_get_picture (got, 0)->rgb, mz_result_get_picture (other, 0)->rgb, SIZE * SIZE * 3),
      !=, 0);
}

/* A prompt that changes, but not within these steps, is a plain one, to the byte. */
static void
test_no_change (Fixture *f, gconstpointer data)
{
  static const char *const same[]
      = { "a [red:green:99] apple", "a [green:red:0] apple", "a [red|red] apple" };
  g_autoptr (MzRequest) plain = request_of (f, NULL, "a red apple");
  g_autoptr (MzResult) expected = generate (f, plain, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autoptr (MzRequest) request = request_of (f, NULL, same[i]);
      g_autoptr (MzResult) got = generate (f, request, NULL);

      assert_same_pictures (got, expected);
    }
}

/* ---- AND ---- */

typedef struct
{
  float *denoised; /* after the first step */
  int n_latent;
} First;

static void
first_cb (gpointer user, const MzStep *step)
{
  First *first = user;

  if (step->denoised == NULL || step->step != 1 || first->denoised != NULL)
    return;
  first->n_latent = step->latent_channels * step->latent_height * step->latent_width;
  first->denoised = g_memdup2 (step->denoised, (gsize) first->n_latent * sizeof (float));
}

/* What the first step predicts. */
static float *
predict (Fixture *f, const char *prompt, double guidance, int *n)
{
  g_autoptr (MzRequest) request = request_of (f, "euler", prompt);
  First first = { 0 };
  const MzCallbacks callbacks = { first_cb, NULL, &first };
  g_autoptr (GError) error = NULL;
  MzResult *result;

  request->guidance = guidance;
  result = mz_generate (f->model, request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  mz_result_unref (result);
  *n = first.n_latent;
  return first.denoised;
}

/* Predictions of the clean picture are linear in the network's outputs: u + g (w1 (a - u) + w2 (b - u)). */
static void
check_and (Fixture *f, const char *prompt, double guidance, double w1, double w2)
{
  int n;
  g_autofree float *u = predict (f, "blue", 1, &n), *a = predict (f, "a red apple", 1, &n);
  g_autofree float *b = predict (f, "a dog", 1, &n), *got = predict (f, prompt, guidance, &n);
  double largest = 0, distance = 0;

  g_assert_cmpint (n, >, 0);
  for (int i = 0; i < n; i++)
    {
      double x = (double) u[i];
      double expected = x + guidance * (w1 * ((double) a[i] - x) + w2 * ((double) b[i] - x));

      distance = MAX (distance, fabs ((double) got[i] - expected));
      largest = MAX (largest, fabs (expected));
    }
  g_test_message ("%s: off by %g of %g", prompt, distance, largest);
  g_assert_cmpfloat (distance, <, 2e-5 * largest);
}

static void
test_and (Fixture *f, gconstpointer data)
{
  check_and (f, "a red apple AND a dog", 7, 1, 1);
  check_and (f, "a red apple :0.5 AND a dog:1.5", 4, 0.5, 1.5);
  check_and (f, "a red apple AND a dog:-0.5", 1, 1, -0.5);
  check_and (f, "a red apple AND a dog:0", 7, 1, 0);
}

/* In other grammars it is a word. */
static void
test_styles (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) a = request_of (f, NULL, "a red apple AND a dog"),
                        b = request_of (f, NULL, "[a|dog]");
  g_autoptr (MzResult) plain = NULL, a1111 = generate (f, a, NULL), other = NULL;

  a->prompt_style = "plain";
  plain = generate (f, a, NULL);
  g_assert_cmpint (
      memcmp (mz_result_get_picture (plain, 0)->rgb, mz_result_get_picture (a1111, 0)->rgb, SIZE * SIZE * 3),
      !=, 0);
  b->prompt_style = "comfyui";
  other = generate (f, b, NULL);
  g_assert_nonnull (mz_result_get_picture (other, 0));
}

/* ---- All of it at once, and going on ---- */

#define ALL "a [red|green] apple BREAK here AND [a dog:(a cat:1.3):3] :0.7"

static void
test_resume (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "dpmpp_2m", "euler_a", "heun" };

  for (gsize k = 0; k < G_N_ELEMENTS (samplers); k++)
    {
      g_autoptr (MzRequest) request = request_of (f, samplers[k], ALL);
      g_autoptr (GPtrArray) steps = new_list ();
      g_autoptr (MzResult) whole = generate (f, request, steps);

      g_assert_cmpuint (steps->len, >=, STEPS - 1);
      for (guint i = 0; i < steps->len; i++)
        {
          g_autoptr (MzResult) resumed = NULL;

          set_start (request, mz_snapshot_ref (g_ptr_array_index (steps, i)), MZ_START_RESUME);
          resumed = generate (f, request, NULL);
          assert_same_pictures (resumed, whole);
        }
      /* under other words it is another picture */
      g_free (request->prompt);
      request->prompt = g_strdup ("a [red|green] apple");
      assert_refused (f, request, "not those");
    }
}

/* Each picture begins with the first step's words. */
static void
test_batch (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = request_of (f, "dpmpp_2m", ALL);
  g_autoptr (MzResult) both = NULL, second = NULL;

  request->count = 2;
  both = generate (f, request, NULL);
  request->count = 1;
  request->seed++;
  second = generate (f, request, NULL);
  g_assert_cmpmem (mz_result_get_picture (both, 1)->rgb, SIZE * SIZE * 3,
                   mz_result_get_picture (second, 0)->rgb, SIZE * SIZE * 3);
}

/* The same bytes under the lowest limit, which an estimate names. */
static void
test_limit (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = request_of (f, "dpmpp_2m", ALL);
  g_autoptr (MzResult) whole = generate (f, request, NULL), limited = NULL;
  g_autoptr (GError) error = NULL;
  MzMemoryEstimate estimate;

  g_assert_true (mz_model_estimate_memory (f->model, request, &estimate, &error));
  g_assert_no_error (error);
  /* the finished picture waits in the result */
  mz_engine_set_memory_limit (f->engine, estimate.least_bytes + SIZE * SIZE * 3);
  limited = generate (f, request, NULL);
  mz_engine_set_memory_limit (f->engine, 0);
  assert_same_pictures (limited, whole);
}

static void
cancel_at_step_cb (gpointer user, const MzStep *step)
{
  if (step->phase == MZ_PHASE_SAMPLE && step->step == 3)
    mz_cancel_trigger (user);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = request_of (f, "dpmpp_2m", ALL);
  g_autoptr (MzResult) before = generate (f, request, NULL), after = NULL;
  g_autoptr (GError) error = NULL;
  MzCancel *cancel = mz_cancel_new ();
  const MzCallbacks callbacks = { cancel_at_step_cb, NULL, cancel };

  g_assert_null (mz_generate (f->model, request, &callbacks, cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  mz_cancel_unref (cancel);
  after = generate (f, request, NULL);
  assert_same_pictures (after, before);
}

/* ---- Too much ---- */

static void
test_too_much (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = request_of (f, NULL, "");
  g_autoptr (GString) prompt = g_string_new ("a");

  for (int i = 0; i < 16; i++)
    g_string_append (prompt, " AND b");
  g_free (request->prompt);
  request->prompt = g_strdup (prompt->str);
  assert_refused (f, request, "joins 17 prompts");
  g_string_assign (prompt, "[a");
  for (int i = 0; i < 30; i++)
    g_string_append_printf (prompt, "|%d", i);
  g_string_append_c (prompt, ']');
  for (int i = 0; i < 30; i++)
    g_string_append (prompt, " BREAK a");
  g_free (request->prompt);
  request->prompt = g_strdup (prompt->str);
  request->steps = 30;
  assert_refused (f, request, "more than 512 pieces");
}

static void
test_count (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) ends = NULL;
  const char *prompt = "a [red|green] dog AND two";

  g_assert_cmpint (mz_model_count_tokens (f->model, prompt, NULL, &ends, NULL), ==,
                   mz_model_count_tokens (f->model, "a red dog two", NULL, NULL, NULL));
  g_assert_cmpuint (ends->len, ==, 2);
  g_assert_cmpuint (g_array_index (ends, gsize, 0), ==, strlen ("a [red|green] dog"));
  g_assert_cmpuint (g_array_index (ends, gsize, 1), ==, strlen (prompt));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/prompt-steps/" name, Fixture, NULL, setup, func, teardown)
  ADD ("change", test_change);
  ADD ("no-change", test_no_change);
  ADD ("and", test_and);
  ADD ("styles", test_styles);
  ADD ("resume", test_resume);
  ADD ("batch", test_batch);
  ADD ("limit", test_limit);
  ADD ("cancel", test_cancel);
  ADD ("too-much", test_too_much);
  ADD ("count", test_count);
#undef ADD
  return g_test_run ();
}
