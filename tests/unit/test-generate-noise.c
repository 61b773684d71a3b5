/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a request says about its noise and its guidance, through the public header: that each field does what
 * it says, nothing where it is off, and is refused where it is out of range. What the numbers must be is
 * tested in the room of diffusion (test-noise-source.c, test-guidance.c) and against diffusers
 * (tests/parity/pictures.c). */
#include <string.h>

#include "engine.h"

#define SIZE 64 /* a latent of more values than 256 threads of a GPU draw at once */

typedef struct
{
  MzEngine *engine;
  MzModel *model;
} Fixture;

static void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models/sd1-mini", NULL);

  f->engine = mz_engine_new ("cpu", 1, &error);
  g_assert_no_error (error);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static MzRequest *
make_request (Fixture *f, const char *sampler, const char *compatibility)
{
  MzRequest *request = g_new0 (MzRequest, 1);

  mz_request_use_defaults (request, f->model);
  request->prompt = g_strdup ("a red apple");
  request->width = request->height = SIZE;
  request->steps = 3;
  request->seed = 77;
  request->sampler = sampler;
  request->schedule = "uniform";
  request->compatibility = compatibility;
  return request;
}

/* The pixels of the first picture. */
static GBytes *
draw (Fixture *f, const MzRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = mz_generate (f->model, request, NULL, NULL, &error);
  const MzPicture *picture;

  g_assert_no_error (error);
  picture = mz_result_get_picture (result, 0);
  return g_bytes_new (picture->rgb, (gsize) picture->width * (gsize) picture->height * 3);
}

/* Does `change` change the picture? */
#define CHANGES(request, change)                                                                             \
  ({                                                                                                         \
    g_autoptr (GBytes) before = draw (f, request);                                                           \
    g_autoptr (GBytes) after = NULL;                                                                         \
    change;                                                                                                  \
    after = draw (f, request);                                                                               \
    !g_bytes_equal (before, after);                                                                          \
  })

/* ---- Compatibility ---- */

/* Every program's way gives a picture of its own; none given is diffusers'. */
static void
test_compatibilities (Fixture *f, gconstpointer data)
{
  guint n_rows;
  const MzMethodInfo *rows = mz_list_compatibilities (&n_rows);
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (MzRequest) request = make_request (f, "dpmpp_2m_sde", NULL);
  g_autoptr (GBytes) plain = draw (f, request);

  g_assert_cmpuint (n_rows, ==, 5);
  g_assert_cmpstr (rows[0].id, ==, "diffusers");
  for (guint i = 0; i < n_rows; i++)
    {
      request->compatibility = rows[i].id;
      g_hash_table_add (seen, draw (f, request));
      g_assert_nonnull (rows[i].label);
      g_assert_nonnull (rows[i].description);
    }
  g_assert_true (g_hash_table_contains (seen, plain));
  /* A1111 on a card that is large enough is its NV */
  g_assert_cmpuint (g_hash_table_size (seen), ==, n_rows - 1);
}

/* A small card draws otherwise than a large one, where cards draw. */
static void
test_gpu_threads (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) gpu = make_request (f, "euler", "a1111-gpu");
  g_autoptr (MzRequest) nv = make_request (f, "euler", "a1111-nv");
  g_autoptr (MzRequest) cpu = make_request (f, "euler", NULL);

  g_assert_true (CHANGES (gpu, gpu->gpu_threads = 256));
  g_assert_false (CHANGES (nv, nv->gpu_threads = 256));
  g_assert_false (CHANGES (cpu, cpu->gpu_threads = 256));
}

/* ENSD is about the steps' noise only. */
static void
test_step_seed (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) plain = make_request (f, "euler", "a1111-nv");
  g_autoptr (MzRequest) ancestral = make_request (f, "euler_a", "a1111-nv");

  g_assert_false (CHANGES (plain, plain->step_seed_delta = 31337));
  g_assert_true (CHANGES (ancestral, ancestral->step_seed_delta = 31337));
  g_assert_true (CHANGES (ancestral, ancestral->step_seed_delta = -31337));
}

/* ---- Variations ---- */

/* From the one seed's picture to the other's. */
static void
test_variation_ends (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f, "euler", NULL);
  g_autoptr (GBytes) one = draw (f, request), between = NULL, other = NULL, end = NULL;

  request->variation_seed = 1234;
  g_assert_false (CHANGES (request, request->variation_seed = 1235));
  request->variation_strength = 0.5;
  between = draw (f, request);
  request->variation_strength = 1;
  end = draw (f, request);
  request->variation_strength = 0;
  request->seed = 1235;
  other = draw (f, request);
  g_assert_false (g_bytes_equal (between, one));
  g_assert_false (g_bytes_equal (between, other));
  g_assert_true (g_bytes_equal (end, other));
}

/* A batch keeps the seed and counts the variation's; each can be made again alone. */
static void
test_variation_batch (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f, "euler_a", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) batch = NULL;

  request->variation_seed = 1234;
  request->variation_strength = 0.2;
  request->count = 3;
  batch = mz_generate (f->model, request, NULL, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3; i++)
    {
      const MzPicture *picture = mz_result_get_picture (batch, i);
      g_autoptr (MzRequest) alone = mz_request_copy (request);
      g_autoptr (GBytes) again = NULL;

      alone->count = 1;
      mz_request_get_seeds (request, i, &alone->seed, &alone->variation_seed);
      g_assert_cmpuint (alone->seed, ==, 77);
      g_assert_cmpuint (alone->seed, ==, mz_result_get_seed (batch, i));
      g_assert_cmpuint (alone->variation_seed, ==, (guint64) (1234 + i));
      again = draw (f, alone);
      g_assert_cmpmem (picture->rgb, SIZE * SIZE * 3, g_bytes_get_data (again, NULL),
                       g_bytes_get_size (again));
    }
}

/* ---- Guidance ---- */

static void
test_guidance (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f, "dpmpp_2m", NULL);
  g_autoptr (MzRequest) unguided = make_request (f, "dpmpp_2m", NULL);

  g_assert_true (CHANGES (request, request->guidance_rescale = 0.7));
  request->guidance_rescale = 0;
  g_assert_false (CHANGES (request, request->threshold_limit = 2));
  g_assert_true (CHANGES (request, request->threshold_ratio = 0.9));
  unguided->guidance = 1;
  g_assert_false (CHANGES (unguided, unguided->guidance_rescale = 0.7));
}

/* Each program's last level is one of its own, and all give a picture. */
static void
test_zero_snr (Fixture *f, gconstpointer data)
{
  static const char *const rows[] = { "diffusers", "a1111-cpu", "comfyui" };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (MzRequest) request = make_request (f, "euler", rows[i]);
      g_auto (GStrv) notes = NULL;

      g_assert_true (CHANGES (request, request->zero_snr = TRUE));
      g_assert_true (mz_request_validate (request, f->model, &notes, NULL));
      g_assert_nonnull (strstr (notes[0], "velocity")); /* this model predicts noise */
    }
}

/* ---- What is refused, and what is noted ---- */

static void
test_refused (Fixture *f, gconstpointer data)
{
#define REFUSE(change, words)                                                                                \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autoptr (MzRequest) request = make_request (f, "euler", NULL);                                         \
    g_autoptr (GError) error = NULL;                                                                         \
    change;                                                                                                  \
    g_assert_false (mz_request_validate (request, f->model, NULL, &error));                                  \
    g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);                                                     \
    g_test_message ("%s", error->message);                                                                   \
    g_assert_nonnull (strstr (error->message, words));                                                       \
  }                                                                                                          \
  G_STMT_END
  REFUSE (request->compatibility = "a1111-gpo", "a1111-gpu");
  REFUSE (request->variation_strength = -0.1, "variation");
  REFUSE (request->variation_strength = 0.0 / 0.0, "variation");
  REFUSE (request->gpu_threads = -1, "GPU");
  REFUSE (request->gpu_threads = MZ_MAX_GPU_THREADS + 1, "GPU");
  REFUSE (request->guidance_rescale = 1.1, "rescale");
  REFUSE (request->threshold_ratio = 2, "threshold ratio");
  REFUSE (request->threshold_ratio = 0.9; request->threshold_limit = 0.5, "threshold limit");
#undef REFUSE
}

static void
test_notes (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f, "plms", NULL);
  g_auto (GStrv) notes = NULL;

  request->threshold_ratio = 0.9;
  g_assert_true (mz_request_validate (request, f->model, &notes, NULL));
  g_assert_nonnull (strstr (notes[0], "PLMS"));
}

/* ---- The tables ---- */

static void
test_rows (Fixture *f, gconstpointer data)
{
  guint n;
  const MzMethodInfo *samplers = mz_list_samplers (&n);

  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (samplers[i].steps_min, <=, samplers[i].default_steps);
      g_assert_cmpint (samplers[i].steps_max, >=, samplers[i].default_steps);
      g_assert_cmpint (samplers[i].evaluations_per_step, >=, 1);
      g_assert_nonnull (mz_find_schedule (samplers[i].default_schedule, NULL));
      if (samplers[i].a1111 != NULL)
        g_assert_true (mz_find_sampler (samplers[i].a1111, NULL) == &samplers[i]);
    }
  g_assert_true (mz_find_compatibility ("A1111, NV", NULL) == mz_find_compatibility ("a1111-nv", NULL));
  g_assert_true (mz_find_sampler ("heun", NULL)->evaluations_per_step == 2);
  g_assert_true (mz_find_sampler ("euler_cfgpp", NULL)->wants_small_guidance);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/generate-noise/" name, Fixture, NULL, setup, func, teardown)
  ADD ("compatibilities", test_compatibilities);
  ADD ("gpu-threads", test_gpu_threads);
  ADD ("step-seed", test_step_seed);
  ADD ("variation-ends", test_variation_ends);
  ADD ("variation-batch", test_variation_batch);
  ADD ("guidance", test_guidance);
  ADD ("zero-snr", test_zero_snr);
  ADD ("refused", test_refused);
  ADD ("notes", test_notes);
  ADD ("rows", test_rows);
#undef ADD
  return g_test_run ();
}
