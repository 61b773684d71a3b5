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
      g_assert_cmpuint (mz_result_get_seed (a, i), ==, mz_result_get_seed (b, i));
      assert_same_picture (mz_result_get_picture (a, i), mz_result_get_picture (b, i));
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
  check_samplers (f, check_same);
}

/* Each program's noise, generators of the steps' own, and Brownian paths. */
static void
test_noise (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "euler_a", "dpmpp_3m_sde" };

  check_compatibilities (f, samplers, G_N_ELEMENTS (samplers), check_same);
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
        assert_same_picture (mz_result_get_picture (rest, i - 1), mz_result_get_picture (whole, i));
    }
}

/* How pictures went through their steps: "first+together@step " of each group's first step. */
static void
log_groups_cb (gpointer log, const MzStep *step)
{
  if (step->phase == MZ_PHASE_SAMPLE && step->denoised == NULL)
    g_string_append_printf (log, "%d+%d@%d ", step->first, step->together, step->step);
}

/* From picture 1 on, which stood at its third step, and those behind it at `steps`, 0 where they were not
 * begun. What is made must be `whole`; how must be `groups`. */
static void
check_goes_on (Fixture *f,
               const MzRequest *whole_request,
               MzResult *whole,
               GPtrArray *snapshots,
               const int *steps,
               const char *groups)
{
  g_autoptr (MzRequest) request = mz_request_copy (whole_request);
  g_autoptr (GString) log = g_string_new (NULL);
  const MzCallbacks callbacks = { .progress = log_groups_cb, .user = log };
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) rest = NULL;

  set_start (request, mz_snapshot_ref (find (snapshots, 1, 3)), MZ_START_RESUME);
  for (int i = 0; steps[i] != 0; i++)
    request->start_others[i] = mz_snapshot_ref (find (snapshots, 2 + i, steps[i]));
  rest = mz_generate (f->model, request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (log->str, ==, groups);
  g_assert_cmpint (mz_result_get_n_pictures (rest), ==, COUNT - 1);
  for (int i = 1; i < COUNT; i++)
    assert_same_picture (mz_result_get_picture (rest, i - 1), mz_result_get_picture (whole, i));
}

/* Those that stand at the same step go on together, as far as they may, and each from its own. */
static void
check_resumed_together (Fixture *f, MzRequest *request)
{
  static const int same[] = { 3, 3, 0 }, other_step[] = { 3, 2, 0 }, none[] = { 0 };
  g_autoptr (GPtrArray) snapshots = new_list ();
  g_autoptr (MzResult) whole = NULL;

  request->count = COUNT;
  request->at_once = COUNT;
  whole = generate (f, request, snapshots);
  if (mz_snapshot_get_steps (snapshots->pdata[0]) != STEPS)
    return; /* a schedule of fewer */
  check_goes_on (f, request, whole, snapshots, same, "1+3@3 4+1@0 ");
  check_goes_on (f, request, whole, snapshots, other_step, "1+2@3 3+1@2 4+1@0 ");
  check_goes_on (f, request, whole, snapshots, none, "1+1@3 2+3@0 ");
  request->at_once = 2;
  check_goes_on (f, request, whole, snapshots, same, "1+2@3 3+1@3 4+1@0 ");
}

static void
test_resume_together (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "euler_a", "dpmpp_3m_sde" };

  check_samplers (f, check_resumed_together);
  check_compatibilities (f, samplers, G_N_ELEMENTS (samplers), check_resumed_together);
}

/* Also of a batch of branches. */
static void
test_branch_together (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler_a");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request), steps = new_list ();
  g_autoptr (MzResult) whole = NULL, rest = NULL;

  request->count = request->at_once = 2;
  set_start (request, mz_snapshot_ref (snapshots->pdata[1]), MZ_START_BRANCH);
  whole = generate (f, request, steps);
  set_start (request, mz_snapshot_ref (find (steps, 0, 4)), MZ_START_RESUME);
  request->start_others[0] = mz_snapshot_ref (find (steps, 1, 4));
  rest = generate (f, request, NULL);
  assert_same_results (whole, rest);
}

static void
test_resume_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler"), other = NULL;
  g_autoptr (GPtrArray) snapshots = new_list (), others = new_list ();
  g_autoptr (MzResult) whole = NULL, other_whole = NULL;

  request->count = 3;
  whole = generate (f, request, snapshots);
  other = mz_request_copy (request);
  other->guidance++;
  other_whole = generate (f, other, others);
  set_start (request, mz_snapshot_ref (find (snapshots, 0, 3)), MZ_START_RESUME);
  request->start_others[0] = mz_snapshot_ref (find (snapshots, 2, 3)); /* not the next */
  assert_refused (f, request, "does not fit");
  mz_snapshot_unref (request->start_others[0]);
  request->start_others[0] = mz_snapshot_ref (find (others, 1, 3));
  assert_refused (f, request, "settings");
  g_clear_pointer (&request->start_others[0], mz_snapshot_unref);
  request->start_others[1] = mz_snapshot_ref (find (snapshots, 2, 3)); /* one is missing before it */
  assert_refused (f, request, "does not fit");
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
  ADD ("resume-together", test_resume_together);
  ADD ("resume-refused", test_resume_refused);
  ADD ("branch", test_branch);
  ADD ("branch-together", test_branch_together);
  ADD ("told", test_told);
  ADD ("cancel", test_cancel);
  ADD ("refused", test_refused);
  return g_test_run ();
}
