/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Snapshots: going on with an interrupted picture, branching from a step, looking at one. */
#include <string.h>

#include "snapshot-fixture.h"

#define COUNT 2

/* Through bytes, as an interrupted program does. */
static MzSnapshot *
reread (MzSnapshot *snapshot)
{
  g_autoptr (GBytes) bytes = mz_snapshot_to_bytes (snapshot), again = NULL;
  g_autoptr (GError) error = NULL;
  MzSnapshot *copy = mz_snapshot_new_from_bytes (bytes, &error);

  g_assert_no_error (error);
  again = mz_snapshot_to_bytes (copy);
  g_assert_true (g_bytes_equal (bytes, again));
  return copy;
}

/* Largest difference of two pictures, of 255. */
static int
difference (const MzPicture *a, const MzPicture *b)
{
  int largest = 0;

  for (int i = 0; i < a->width * a->height * 3; i++)
    largest = MAX (largest, ABS (a->rgb[i] - b->rgb[i]));
  return largest;
}

/* ---- Going on ---- */

/* Resumes a batch of two after `n_done` steps in all, and compares what is made with `whole`. */
static void
check_resumed (Fixture *f, MzRequest *request, MzSnapshot *snapshot, MzResult *whole)
{
  int picture = mz_snapshot_get_picture (snapshot);
  g_autoptr (MzResult) rest = NULL;

  set_start (request, reread (snapshot), MZ_START_RESUME);
  rest = generate (f, request, NULL);
  g_assert_cmpint (mz_result_get_n_pictures (rest), ==, request->count - picture);
  for (int i = picture; i < request->count; i++)
    {
      g_assert_cmpuint (mz_result_get_seed (rest, i - picture), ==, mz_result_get_seed (whole, i));
      assert_same_picture (mz_result_get_picture (rest, i - picture), mz_result_get_picture (whole, i));
    }
}

/* Checks the first picture at its beginning, middle and end, and the second on its way. */
static void
check_resumable (Fixture *f, MzRequest *request)
{
  g_autoptr (GPtrArray) snapshots = new_list ();
  g_autoptr (MzResult) whole = NULL;
  int n_steps;

  request->count = COUNT;
  whole = generate (f, request, snapshots);
  n_steps = mz_snapshot_get_steps (g_ptr_array_index (snapshots, 0)); /* not always what was asked for */
  g_assert_cmpuint (snapshots->len, ==, COUNT * (guint) n_steps);
  check_resumed (f, request, g_ptr_array_index (snapshots, 0), whole);
  check_resumed (f, request, g_ptr_array_index (snapshots, n_steps / 2), whole);
  check_resumed (f, request, g_ptr_array_index (snapshots, n_steps - 1), whole);
  check_resumed (f, request, g_ptr_array_index (snapshots, n_steps + 1), whole);
}

/* The same bytes for every sampler, interrupted at the beginning, in the middle and at the end, in the first
 * picture of a batch and in the last. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  check_samplers (f, check_resumable);
}

/* The same with each program's noise: generators of the steps' own, and Brownian paths. */
static void
test_resume_compatible (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "euler_a", "dpmpp_sde", "dpmpp_3m_sde", "ddim", "unipc" };

  check_compatibilities (f, samplers, G_N_ELEMENTS (samplers), check_resumable);
}

static void
test_getters (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "dpmpp_2m");
  g_autoptr (GPtrArray) snapshots = new_list ();
  g_autoptr (MzResult) whole = NULL;
  MzSnapshot *snapshot;
  int width, height;

  request->width = SIZE + 8;
  request->count = COUNT;
  whole = generate (f, request, snapshots);
  snapshot = g_ptr_array_index (snapshots, STEPS + 2);
  g_assert_cmpint (mz_snapshot_get_step (snapshot), ==, 3);
  g_assert_cmpint (mz_snapshot_get_steps (snapshot), ==, STEPS);
  g_assert_cmpint (mz_snapshot_get_picture (snapshot), ==, 1);
  g_assert_cmpuint (mz_snapshot_get_seed (snapshot), ==, 6);
  mz_snapshot_get_size (snapshot, &width, &height);
  g_assert_cmpint (width, ==, SIZE + 8);
  g_assert_cmpint (height, ==, SIZE);
  g_assert_cmpuint (mz_snapshot_get_bytes (snapshot), >, 1000);
  g_assert_cmpfloat (mz_snapshot_get_sigma (snapshot), >, 0);
  g_assert_cmpfloat (mz_snapshot_get_sigma (g_ptr_array_index (snapshots, STEPS - 1)), ==, 0);
}

/* Another request, another model, a batch that ends before. */
static void
test_resume_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler");
  g_autoptr (GPtrArray) snapshots = new_list ();
  g_autoptr (MzResult) whole = NULL;
  g_autoptr (MzModel) other = load (f->engine, "models/odd");
  Fixture with_other = { f->engine, other };

  request->count = COUNT;
  whole = generate (f, request, snapshots);
  set_start (request, mz_snapshot_ref (g_ptr_array_index (snapshots, STEPS + 1)), MZ_START_RESUME);
  assert_refused (&with_other, request, "another kind");
  request->guidance += 1;
  assert_refused (f, request, "settings");
  request->guidance -= 1;
  request->seed++;
  assert_refused (f, request, "settings");
  request->seed--;
  request->count = 1;
  assert_refused (f, request, "number 2");
  request->count = COUNT;
  request->start_kind = (MzStartKind) 7;
  assert_refused (f, request, "branch");
}

/* ---- Branching ---- */

/* With nothing changed a branch is the picture itself for samplers without memory: also for ancestral ones,
 * whose noise goes on where it was. */
static void
test_branch_unchanged (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "euler", "ddim", "euler_a", "heun", "ddpm", "lcm", "dpm2_a" };

  for (gsize s = 0; s < G_N_ELEMENTS (samplers); s++)
    for (int step = 1; step < STEPS; step++)
      {
        g_autoptr (MzRequest) request = make_request (f->model, samplers[s]);
        g_autoptr (GPtrArray) snapshots = new_list ();
        g_autoptr (MzResult) whole = generate (f, request, snapshots), branch = NULL;

        set_start (request, reread (g_ptr_array_index (snapshots, step - 1)), MZ_START_BRANCH);
        branch = generate (f, request, NULL);
        g_assert_cmpint (difference (mz_result_get_picture (whole, 0), mz_result_get_picture (branch, 0)), <=,
                         1);
      }
}

/* Euler's state and DDIM's are one state in two scales: a branch from the one to the other is the other's own
 * picture as nearly as the two methods agree, which on the same levels is exactly. */
static void
test_branch_other_space (Fixture *f, gconstpointer data)
{
  static const char *const pairs[][2] = { { "euler", "ddim" }, { "ddim", "euler" } };

  for (gsize p = 0; p < G_N_ELEMENTS (pairs); p++)
    {
      g_autoptr (MzRequest) request = make_request (f->model, pairs[p][0]);
      g_autoptr (GPtrArray) snapshots = new_list ();
      g_autoptr (MzResult) whole = NULL, branch = NULL;

      request->schedule = "simple"; /* the same levels for both, down to 0 */
      whole = generate (f, request, snapshots);
      request->sampler = pairs[p][1];
      set_start (request, reread (g_ptr_array_index (snapshots, 2)), MZ_START_BRANCH);
      branch = generate (f, request, NULL);
      g_assert_cmpint (difference (mz_result_get_picture (whole, 0), mz_result_get_picture (branch, 0)), <=,
                       1);
    }
}

/* Any step of any sampler can go on with any other, on other levels, with other words; the number of steps
 * left is that of the levels below. */
static void
test_branch_anywhere (Fixture *f, gconstpointer data)
{
  guint n_samplers;
  const MzMethodInfo *samplers = mz_list_samplers (&n_samplers);
  g_autoptr (MzRequest) request = make_request (f->model, "euler");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request);

  for (guint s = 0; s < n_samplers; s++)
    {
      g_autoptr (MzRequest) other = make_request (f->model, samplers[s].id);
      g_autoptr (GPtrArray) steps = new_list ();
      g_autoptr (MzResult) branch = NULL;
      MzSnapshot *start = g_ptr_array_index (snapshots, s % (STEPS - 2));

      g_free (other->prompt);
      other->prompt = g_strdup ("a blue door");
      other->steps = 9;
      set_start (other, mz_snapshot_ref (start), MZ_START_BRANCH);
      branch = generate (f, other, steps);
      g_assert_cmpuint (steps->len, >, 0);
      g_assert_cmpint (mz_snapshot_get_step (g_ptr_array_index (steps, steps->len - 1)), ==, 9);
      g_assert_cmpfloat (mz_snapshot_get_sigma (g_ptr_array_index (steps, 0)), <,
                         mz_snapshot_get_sigma (start));
    }
}

/* A branch that is interrupted goes on with the branch, also in its next picture. */
static void
test_branch_resumed (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler_a");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request), steps = new_list ();
  g_autoptr (MzResult) branch = NULL;

  g_free (request->prompt);
  request->prompt = g_strdup ("a blue door");
  request->count = COUNT;
  request->seed = 99;
  set_start (request, mz_snapshot_ref (g_ptr_array_index (snapshots, 1)), MZ_START_BRANCH);
  branch = generate (f, request, steps);
  g_assert_cmpuint (steps->len, ==, COUNT * (STEPS - 2));
  g_assert_cmpint (difference (mz_result_get_picture (branch, 0), mz_result_get_picture (branch, 1)), >, 0);
  for (guint i = 0; i < steps->len; i++)
    check_resumed (f, request, g_ptr_array_index (steps, i), branch);
}

static void
test_branch_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request);

  set_start (request, mz_snapshot_ref (g_ptr_array_index (snapshots, STEPS - 1)), MZ_START_BRANCH);
  assert_refused (f, request, "finished");
  set_start (request, mz_snapshot_ref (g_ptr_array_index (snapshots, STEPS - 2)), MZ_START_BRANCH);
  request->steps = 1;
  request->schedule = "karras"; /* of one step, at full noise */
  assert_refused (f, request, "nothing is left");
  request->steps = STEPS;
  request->width += 4;
  assert_refused (f, request, "20×16");
}

/* ---- Looking at one ---- */

static void
preview_cb (gpointer user, const MzStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzPicture) expected = NULL, decoded = NULL, full = NULL, full_again = NULL;
  g_autoptr (MzSnapshot) snapshot = NULL;

  if (step->denoised == NULL)
    {
      g_assert_null (mz_step_take_snapshot (step, &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
      return;
    }
  snapshot = mz_step_take_snapshot (step, &error);
  g_assert_no_error (error);
  expected = mz_step_preview (step, MZ_PREVIEW_LINEAR, &error);
  decoded = mz_snapshot_preview (snapshot, user, &error);
  g_assert_no_error (error);
  assert_same_picture (expected, decoded);
  if (step->step == step->steps)
    return;
  full = mz_step_preview (step, MZ_PREVIEW_VAE, &error);
  g_assert_no_error (error);
  full_again = mz_snapshot_decode (snapshot, user, NULL, &error);
  g_assert_no_error (error);
  assert_same_picture (full, full_again);
}

static void
test_look (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "dpmpp_2m");
  g_autoptr (GPtrArray) snapshots = new_list ();
  g_autoptr (MzResult) whole = generate (f, request, snapshots), watched = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzPicture) last = NULL, cancelled = NULL;
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  const MzCallbacks callbacks = { preview_cb, NULL, f->model };

  watched = mz_generate (f->model, request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  assert_same_picture (mz_result_get_picture (whole, 0), mz_result_get_picture (watched, 0));
  last = mz_snapshot_decode (g_ptr_array_index (snapshots, STEPS - 1), f->model, NULL, &error);
  g_assert_no_error (error);
  assert_same_picture (mz_result_get_picture (whole, 0), last);
  mz_cancel_trigger (cancel);
  cancelled = mz_snapshot_decode (g_ptr_array_index (snapshots, 0), f->model, cancel, &error);
  g_assert_null (cancelled);
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/snapshot/" name, Fixture, NULL, setup, func, teardown)
  ADD ("resume", test_resume);
  ADD ("resume-compatible", test_resume_compatible);
  ADD ("getters", test_getters);
  ADD ("resume-refused", test_resume_refused);
  ADD ("branch-unchanged", test_branch_unchanged);
  ADD ("branch-other-space", test_branch_other_space);
  ADD ("branch-anywhere", test_branch_anywhere);
  ADD ("branch-resumed", test_branch_resumed);
  ADD ("branch-refused", test_branch_refused);
  ADD ("look", test_look);
#undef ADD
  return g_test_run ();
}
