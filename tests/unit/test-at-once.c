/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures that go through their steps together: each is, step by step, the picture that it is alone. */
#include <string.h>

#include "snapshot-fixture.h"

#define COUNT 5
#define AT_ONCE 3 /* so that the last ones are fewer */

/* ---- The same pictures ---- */

static gboolean
is_same_snapshot (MzSnapshot *a, MzSnapshot *b)
{
  g_autoptr (GBytes) a_bytes = mz_snapshot_to_bytes (a), b_bytes = mz_snapshot_to_bytes (b);

  return g_bytes_equal (a_bytes, b_bytes);
}

/* Step `step` of picture `picture`. */
static MzSnapshot *
find (GPtrArray *snapshots, int picture, int step)
{
  for (guint i = 0; i < snapshots->len; i++)
    if (mz_snapshot_get_picture (snapshots->pdata[i]) == picture
        && mz_snapshot_get_step (snapshots->pdata[i]) == step)
      return snapshots->pdata[i];
  g_assert_not_reached ();
}

static void
assert_same_results (MzResult *a, MzResult *b)
{
  g_assert_cmpint (mz_result_get_n_pictures (a), ==, mz_result_get_n_pictures (b));
  for (int i = 0; i < mz_result_get_n_pictures (a); i++)
    {
      const MzPicture *p = mz_result_get_picture (a, i), *q = mz_result_get_picture (b, i);
      gsize n = (gsize) p->width * (gsize) p->height * 3;

      g_assert_cmpuint (mz_result_get_seed (a, i), ==, mz_result_get_seed (b, i));
      g_assert_cmpmem (p->rgb, n, q->rgb, n);
    }
}

/* One by one, then together, every step and what its sampler remembers included. */
static void
check_same (Fixture *f, MzRequest *request)
{
  g_autoptr (GPtrArray) alone = new_list (), together = new_list ();
  g_autoptr (MzResult) alone_result = NULL, together_result = NULL;

  request->count = COUNT;
  alone_result = generate (f, request, alone);
  request->at_once = AT_ONCE;
  together_result = generate (f, request, together);
  assert_same_results (alone_result, together_result);
  g_assert_cmpuint (alone->len, ==, together->len);
  for (guint i = 0; i < alone->len; i++)
    {
      MzSnapshot *each = alone->pdata[i];

      g_assert_true (is_same_snapshot (
          each, find (together, mz_snapshot_get_picture (each), mz_snapshot_get_step (each))));
    }
  request->at_once = 0;
}

static void
test_samplers (Fixture *f, gconstpointer data)
{
  guint n_samplers;
  const MzMethodInfo *samplers = mz_list_samplers (&n_samplers);

  for (guint s = 0; s < n_samplers; s++)
    {
      g_autoptr (MzRequest) request = make_request (f->model, samplers[s].id);

      g_test_message ("%s", samplers[s].id);
      check_same (f, request);
    }
}

/* Each program's noise, generators of the steps' own, and Brownian paths. */
static void
test_noise (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "euler_a", "dpmpp_3m_sde" };
  guint n_rows;
  const MzMethodInfo *rows = mz_list_compatibilities (&n_rows);

  for (guint r = 0; r < n_rows; r++)
    for (gsize s = 0; s < G_N_ELEMENTS (samplers); s++)
      {
        g_autoptr (MzRequest) request = make_request (f->model, samplers[s]);

        g_test_message ("%s, %s", rows[r].id, samplers[s]);
        request->compatibility = rows[r].id;
        request->variation_strength = r % 2 == 1 ? 0.3 : 0;
        request->step_seed_delta = r % 2 == 0 ? 31337 : 0;
        check_same (f, request);
      }
}

/* What looks at a picture as a whole must not look at its neighbours. */
static void
test_guidance (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "ddim");

  request->guidance = 1;
  check_same (f, request);
  request->guidance = 9;
  request->guidance_rescale = 0.7;
  check_same (f, request);
  request->threshold_ratio = 0.95;
  request->threshold_limit = 2;
  check_same (f, request);
}

/* Three samples a picture, of chunks that are joined, and others from the third step on. */
static void
test_prompts (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler");

  request->prompt_style = "a1111";
  g_free (request->prompt);
  request->prompt = g_strdup ("a red apple AND a (green:1.2) [pear:plum:2]");
  check_same (f, request);
}

static void
test_other_model (Fixture *f, gconstpointer data)
{
  g_autoptr (MzModel) other = load (f->engine, "models/odd");
  Fixture with_other = { f->engine, other };
  g_autoptr (MzRequest) request = make_request (other, "dpmpp_2m");

  request->width = SIZE + 24;
  check_same (&with_other, request);
}

/* ---- Going on ---- */

/* The second of a group goes on alone, then the others together; the same when a batch of branches does. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "dpmpp_2m", "euler_a" };

  for (gsize s = 0; s < G_N_ELEMENTS (samplers); s++)
    {
      g_autoptr (MzRequest) request = make_request (f->model, samplers[s]);
      g_autoptr (GPtrArray) snapshots = new_list ();
      g_autoptr (MzResult) whole = NULL, rest = NULL;

      request->count = COUNT;
      request->at_once = AT_ONCE;
      whole = generate (f, request, snapshots);
      set_start (request, mz_snapshot_ref (find (snapshots, 1, 3)), MZ_START_RESUME);
      rest = generate (f, request, NULL);
      g_assert_cmpint (mz_result_get_n_pictures (rest), ==, COUNT - 1);
      for (int i = 1; i < COUNT; i++)
        g_assert_cmpmem (mz_result_get_picture (rest, i - 1)->rgb, SIZE * SIZE * 3,
                         mz_result_get_picture (whole, i)->rgb, SIZE * SIZE * 3);
    }
}

static void
test_branch (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler_a");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request);

  set_start (request, mz_snapshot_ref (snapshots->pdata[2]), MZ_START_BRANCH);
  check_same (f, request);
}

/* ---- What is told ---- */

typedef struct
{
  MzCancel *cancel; /* raised at the second picture's third step; NULL: not */
  GString *log;     /* "picture.step ", "[picture] " */
  double seconds_left;
  float first_value; /* of the last picture told of */
} Told;

static void
progress_cb (gpointer user, const MzStep *step)
{
  Told *told = user;
  guint64 seed;

  if (step->phase == MZ_PHASE_DECODE)
    g_string_append_printf (told->log, "[%d] ", step->picture);
  if (step->phase != MZ_PHASE_SAMPLE || step->denoised == NULL)
    return;
  g_string_append_printf (told->log, "%d.%d ", step->picture, step->step);
  g_assert_cmpint (step->first, ==, step->picture < 2 ? 0 : 2);
  g_assert_cmpint (step->together, ==, step->picture < 2 ? 2 : 1);
  seed = 5 + (guint64) step->picture;
  g_assert_cmpuint (step->seed, ==, seed);
  g_assert_cmpfloat (step->seconds_left, >=, 0);
  g_assert_cmpfloat (step->latent[0], !=, told->first_value);
  told->first_value = step->latent[0];
  if (told->cancel != NULL && step->picture == 1 && step->step == 3)
    mz_cancel_trigger (told->cancel);
}

static gboolean
picture_cb (gpointer user, int index, guint64 seed, const MzPicture *picture, GError **error)
{
  Told *told = user;

  g_string_append_printf (told->log, "%d! ", index);
  return TRUE;
}

static MzRequest *
make_small_request (Fixture *f)
{
  MzRequest *request = make_request (f->model, "euler");

  request->steps = 3;
  request->count = 3;
  request->at_once = 2;
  return request;
}

static void
test_told (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_small_request (f);
  g_autoptr (GString) log = g_string_new (NULL);
  Told told = { .log = log };
  const MzCallbacks callbacks = { progress_cb, picture_cb, &told };
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = mz_generate (f->model, request, &callbacks, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (result);
  g_assert_cmpstr (log->str, ==, "0.1 1.1 0.2 1.2 0.3 1.3 [0] 0! [1] 1! 2.1 2.2 2.3 [2] 2! ");
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_small_request (f);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  Told told = { .log = log, .cancel = cancel };
  const MzCallbacks callbacks = { progress_cb, picture_cb, &told };
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = mz_generate (f->model, request, &callbacks, cancel, &error);

  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_assert_null (result);
  g_assert_cmpstr (log->str, ==, "0.1 1.1 0.2 1.2 0.3 1.3 ");
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler");

  request->at_once = MZ_MAX_AT_ONCE + 1;
  assert_refused (f, request, "at once");
  request->at_once = -1;
  assert_refused (f, request, "at once");
}

#define ADD(name, func) g_test_add ("/at-once/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("samplers", test_samplers);
  ADD ("noise", test_noise);
  ADD ("guidance", test_guidance);
  ADD ("prompts", test_prompts);
  ADD ("other-model", test_other_model);
  ADD ("resume", test_resume);
  ADD ("branch", test_branch);
  ADD ("told", test_told);
  ADD ("cancel", test_cancel);
  ADD ("refused", test_refused);
  return g_test_run ();
}
