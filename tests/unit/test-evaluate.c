/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Measuring models on pictures: the numbers are diffusers', mean what they should, and bad questions are
 * refused. */
#include <json-glib/json-glib.h>
#include <math.h>

#include "engine.h"
#include "golden.h"

/* Relative; see the table of tolerances in tests/golden/README.md. */
#define BAR 1e-5

typedef struct
{
  MzEngine *engine;
  MzModel *model;
} Fixture;

static MzModel *
load (MzEngine *engine, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  MzModel *model = mz_model_load (engine, path, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->engine = mz_engine_new (NULL, 2, &error);
  g_assert_no_error (error);
  f->model = load (f->engine, g_getenv ("MZ_GOLDEN_DIR"), "models/sd1-mini");
}

static void
teardown (Fixture *f, gconstpointer data)
{
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static MzEvaluation *
evaluate (MzModel *model, const MzPicture *picture, const MzEvaluationOptions *options)
{
  g_autoptr (GError) error = NULL;
  MzEvaluation *evaluation = mz_evaluate (model, picture, options, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return evaluation;
}

/* ---- Against diffusers ---- */

static void
assert_near (const char *what, double value, double expected)
{
  double error = fabs (value - expected) / fabs (expected);

  g_test_message ("%s: %.7g, expected %.7g, off by %.1e", what, value, expected, error);
  g_assert_cmpfloat (error, <=, BAR);
}

static void
check_numbers (Golden *golden, const char *name, const MzEvaluation *evaluation)
{
  g_autofree char *prefix = g_strconcat (name, "/", NULL);
  const char *const keys[] = { "autoencoder", "noise", "own", "means" };
  float *expected[G_N_ELEMENTS (keys)];

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *key = g_strconcat (prefix, keys[i], NULL);

      expected[i] = golden_floats (golden_lookup (golden, key));
    }
  assert_near ("mse", evaluation->mse, (double) expected[0][0]);
  assert_near ("psnr", evaluation->psnr, (double) expected[0][1]);
  assert_near ("kl", evaluation->kl, (double) expected[0][2]);
  assert_near ("kl per value", evaluation->kl_per_value, (double) expected[0][3]);
  for (int i = 0; i < evaluation->n_timesteps; i++)
    {
      assert_near ("noise", evaluation->losses[i].noise, (double) expected[1][i]);
      assert_near ("own", evaluation->losses[i].own, (double) expected[2][i]);
    }
  assert_near ("mean noise", evaluation->mean.noise, (double) expected[3][0]);
  assert_near ("mean own", evaluation->mean.own, (double) expected[3][1]);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    g_free (expected[i]);
}

static void
check_case (Fixture *f, Golden *golden, const char *name, JsonObject *entry)
{
  g_autofree char *picture_key = g_strconcat (name, "/picture", NULL);
  g_autofree char *timesteps_key = g_strconcat (name, "/timesteps", NULL);
  g_autofree char *folder = g_strconcat ("models/", json_object_get_string_member (entry, "model"), NULL);
  const MzView *view = golden_lookup (golden, picture_key);
  const MzView *timesteps_view = golden_lookup (golden, timesteps_key);
  g_autofree float *timesteps = golden_floats (timesteps_view);
  int n = (int) mz_view_elements (timesteps_view);
  g_autofree int *whole = g_new (int, (gsize) n);
  const MzPicture picture = { (int) view->shape[1], (int) view->shape[0], (guint8 *) view->data };
  const MzEvaluationOptions options = {
    .prompt = json_object_get_string_member (entry, "prompt"),
    .timesteps = whole,
    .n_timesteps = n,
    .n_samples = (int) json_object_get_int_member (entry, "samples"),
    .seed = (guint64) json_object_get_int_member (entry, "seed"),
  };
  g_autoptr (MzModel) model = load (f->engine, g_getenv ("MZ_GOLDEN_DIR"), folder);
  g_autoptr (MzEvaluation) evaluation = NULL;

  for (int i = 0; i < n; i++)
    whole[i] = (int) timesteps[i];
  g_test_message ("case %s", name);
  evaluation = evaluate (model, &picture, &options);
  check_numbers (golden, name, evaluation);
}

static void
test_golden (Fixture *f, gconstpointer data)
{
  g_autoptr (Golden) golden = golden_open ("evaluations.safetensors");
  g_autoptr (JsonNode) cases = json_from_string (golden_metadata (golden, "cases"), NULL);
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (cases));

  g_assert_cmpuint (g_list_length (names), ==, 5);
  for (GList *l = names; l != NULL; l = l->next)
    check_case (f, golden, l->data, json_object_get_object_member (json_node_get_object (cases), l->data));
}

/* ---- What the numbers mean ---- */

static void
fill_with_noise (MzPicture *picture)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (int i = 0; i < 3 * picture->width * picture->height; i++)
    picture->rgb[i] = (guint8) g_rand_int (rand);
}

/* A picture of the kind that Proof learnt tells it more than grain does, and comes back better. */
static void
test_own_picture_against_noise (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data", NULL);
  g_autoptr (MzModel) proof = load (f->engine, folder, "models/proof");
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MzResult) result = NULL;
  g_autoptr (MzEvaluation) own = NULL, grain = NULL;
  g_autoptr (GError) error = NULL;
  int timesteps[5];
  g_autofree guint8 *rgb = g_malloc (3 * 128 * 128);
  MzPicture noise = { 128, 128, rgb };
  MzEvaluationOptions options = { .timesteps = timesteps, .n_timesteps = 5, .n_samples = 1 };

  mz_request_use_defaults (&request, proof);
  request.prompt = g_strdup ("a red apple");
  request.steps = 8;
  request.seed = 11;
  result = mz_generate (proof, &request, NULL, NULL, &error);
  g_assert_no_error (error);
  fill_with_noise (&noise);
  mz_evaluation_spread (proof, 5, timesteps);
  own = evaluate (proof, mz_result_get_picture (result, 0), &options);
  grain = evaluate (proof, &noise, &options);
  g_test_message ("own %.4f, grain %.4f; psnr %.1f, %.1f dB", own->mean.noise, grain->mean.noise, own->psnr,
                  grain->psnr);
  g_assert_cmpfloat (own->mean.noise, <, 0.5 * grain->mean.noise);
  g_assert_cmpfloat (own->mean.own, <, 0.5 * grain->mean.own);
  g_assert_cmpfloat (own->psnr, >, grain->psnr + 10);
  for (int i = 0; i < own->n_timesteps; i++)
    g_assert_cmpfloat (own->losses[i].noise, <, 1.0);
}

/* Means of samples are means: two together are each alone, and the picture's neighbours are no part of it. */
static void
test_samples (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *rgb = g_malloc (3 * 32 * 32);
  MzPicture picture = { 32, 32, rgb };
  const int timesteps[] = { 700, 100 };
  MzEvaluationOptions options = { .timesteps = timesteps, .n_timesteps = 2, .n_samples = 2, .seed = 8 };
  g_autoptr (MzEvaluation) both = NULL, first = NULL, second = NULL;

  fill_with_noise (&picture);
  both = evaluate (f->model, &picture, &options);
  options.n_samples = 1;
  first = evaluate (f->model, &picture, &options);
  options.seed++;
  second = evaluate (f->model, &picture, &options);
  for (int i = 0; i < 2; i++)
    {
      double mean = (first->losses[i].noise + second->losses[i].noise) / 2;

      g_assert_cmpint (both->timesteps[i], ==, timesteps[i]);
      g_assert_cmpfloat (first->losses[i].noise, !=, second->losses[i].noise);
      g_assert_cmpfloat (fabs (both->losses[i].noise - mean), <=, 1e-12);
    }
  g_assert_cmpint (both->n_train_timesteps, ==, 1000);
}

static void
test_spread (Fixture *f, gconstpointer data)
{
  int timesteps[1000];

  mz_evaluation_spread (f->model, 1, timesteps);
  g_assert_cmpint (timesteps[0], ==, 500);
  mz_evaluation_spread (f->model, 4, timesteps);
  g_assert_cmpint (timesteps[0], ==, 125);
  g_assert_cmpint (timesteps[3], ==, 875);
  mz_evaluation_spread (f->model, 1000, timesteps);
  for (int i = 0; i < 1000; i++)
    g_assert_cmpint (timesteps[i], ==, i);
}

/* ---- Progress, cancelling, refusals ---- */

typedef struct
{
  MzCancel *cancel;
  int trigger_at; /* done, -1: never */
  int n_calls;
} Watch;

static void
watch_cb (gpointer user, int done, int total)
{
  Watch *watch = user;

  g_assert_false (mz_cancel_is_triggered (watch->cancel)); /* nothing is told after it */
  g_assert_cmpint (done, ==, watch->n_calls);
  g_assert_cmpint (total, ==, 6);
  watch->n_calls++;
  if (done == watch->trigger_at)
    mz_cancel_trigger (watch->cancel);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *rgb = g_malloc (3 * 32 * 32);
  MzPicture picture = { 32, 32, rgb };
  const int timesteps[] = { 100, 500, 900 };
  const MzEvaluationOptions options = { .timesteps = timesteps, .n_timesteps = 3, .n_samples = 2 };
  g_autoptr (MzEvaluation) whole = NULL;

  fill_with_noise (&picture);
  whole = evaluate (f->model, &picture, &options);
  for (int at = -1; at < 6; at++)
    {
      g_autoptr (MzCancel) cancel = mz_cancel_new ();
      g_autoptr (GError) error = NULL;
      Watch watch = { cancel, at, 0 };
      g_autoptr (MzEvaluation) result
          = mz_evaluate (f->model, &picture, &options, watch_cb, &watch, cancel, &error);

      if (at >= 0)
        {
          g_assert_null (result);
          g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (watch.n_calls, ==, 7);
      g_assert_cmpfloat (result->mean.noise, ==, whole->mean.noise);
    }
}

static void
refuse (MzModel *model,
        int width,
        int height,
        const MzEvaluationOptions *options,
        int code,
        const char *words)
{
  g_autofree guint8 *rgb = g_malloc0 ((gsize) (3 * width * height));
  const MzPicture picture = { width, height, rgb };
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_evaluate (model, &picture, options, NULL, NULL, NULL, &error));
  g_assert_error (error, MZ_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refusals (Fixture *f, gconstpointer data)
{
  const int good[] = { 10 }, negative[] = { 10, -1 }, beyond[] = { 1000 };
  MzEvaluationOptions options = { .timesteps = good, .n_timesteps = 1, .n_samples = 1 };

  refuse (f->model, 30, 32, &options, MZ_ERROR_ARGUMENT, "multiples of 4");
  refuse (f->model, 32, 8, &options, MZ_ERROR_ARGUMENT, "32×8");
  options.prompt = "\xff";
  refuse (f->model, 32, 32, &options, MZ_ERROR_ARGUMENT, "UTF-8");
  options.prompt = NULL;
  options.n_samples = 0;
  refuse (f->model, 32, 32, &options, MZ_ERROR_ARGUMENT, "samples");
  options.n_samples = 1;
  options.n_timesteps = 0;
  refuse (f->model, 32, 32, &options, MZ_ERROR_ARGUMENT, "timesteps");
  options.n_timesteps = 1;
  options.timesteps = beyond;
  refuse (f->model, 32, 32, &options, MZ_ERROR_ARGUMENT, "from 0 to 999");
  options.timesteps = negative;
  options.n_timesteps = 2;
  refuse (f->model, 32, 32, &options, MZ_ERROR_ARGUMENT, "timestep -1");
}

/* A caption longer than the text encoder is measured all the same, and said to be cut. */
static void
test_long_caption (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *rgb = g_malloc0 (3 * 32 * 32);
  MzPicture picture = { 32, 32, rgb };
  const int timesteps[] = { 10 };
  MzEvaluationOptions options = { .timesteps = timesteps, .n_timesteps = 1, .n_samples = 1 };
  g_autofree char *caption = g_strnfill (500, '.');
  g_autoptr (MzEvaluation) none = evaluate (f->model, &picture, &options), some = NULL;

  g_assert_cmpint (none->n_cut_tokens, ==, 0);
  options.prompt = caption;
  some = evaluate (f->model, &picture, &options);
  g_assert_cmpint (some->n_cut_tokens, >, 0);
  g_assert_cmpfloat (some->mean.noise, !=, none->mean.noise);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/evaluate/golden", Fixture, NULL, setup, test_golden, teardown);
  g_test_add ("/evaluate/own-picture-against-noise", Fixture, NULL, setup, test_own_picture_against_noise,
              teardown);
  g_test_add ("/evaluate/samples", Fixture, NULL, setup, test_samples, teardown);
  g_test_add ("/evaluate/spread", Fixture, NULL, setup, test_spread, teardown);
  g_test_add ("/evaluate/cancel", Fixture, NULL, setup, test_cancel, teardown);
  g_test_add ("/evaluate/refusals", Fixture, NULL, setup, test_refusals, teardown);
  g_test_add ("/evaluate/long-caption", Fixture, NULL, setup, test_long_caption, teardown);
  return g_test_run ();
}
