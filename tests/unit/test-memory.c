/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The memory limit: the same bytes under every one that is high enough, estimates that hold, advice where
 * nothing fits, and a full-size model's numbers. */
#include <stdio.h>
#include <string.h>

#include "io-fixture.h"
#include "pipeline/run.h"

#define MEGABYTE 1000000.0

typedef struct
{
  MzEngine *engine;
  MzModel *model;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, data != NULL ? data : (gpointer) "data/models/proof", NULL);

  f->engine = mz_engine_new (NULL, 2, &error);
  g_assert_no_error (error);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->model, mz_model_unref);
  mz_engine_unref (f->engine);
}

static MzRequest *
new_request (MzModel *model, int width, int height)
{
  MzRequest *request = g_new0 (MzRequest, 1);

  mz_request_use_defaults (request, model);
  request->prompt = g_strdup ("a red apple");
  request->width = width;
  request->height = height;
  request->steps = 2;
  request->count = 2;
  request->seed = 5;
  request->guidance = 3;
  return request;
}

static MzResult *
generate (Fixture *f, const MzRequest *request)
{
  g_autoptr (GError) error = NULL;
  MzResult *result = mz_generate (f->model, request, NULL, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static MzMemoryEstimate
estimate (Fixture *f, const MzRequest *request)
{
  g_autoptr (GError) error = NULL;
  MzMemoryEstimate result;

  mz_model_estimate_memory (f->model, request, &result, &error);
  g_assert_no_error (error);
  return result;
}

/* As mz_memory_plan_make(), with two prompts that fit: all that matters of them. */
static gboolean
make_plan (const MzModel *model, const MzRequest *request, int n_kept, MzMemoryPlan *plan, GError **error)
{
  static MzPrompts prompts = { .n_samples = 2, .n_chunks = 1, .n_sequences = 2, .is_plain = TRUE };

  prompts.positions = model->config.clip.max_position_embeddings;
  return mz_memory_plan_make (model, request, &prompts, n_kept, plan, error);
}

static void
assert_same (MzResult *a, MzResult *b)
{
  g_assert_cmpint (mz_result_get_n_pictures (a), ==, mz_result_get_n_pictures (b));
  for (int i = 0; i < mz_result_get_n_pictures (a); i++)
    {
      const MzPicture *p = mz_result_get_picture (a, i), *q = mz_result_get_picture (b, i);
      gsize n = (gsize) p->width * (gsize) p->height * 3;

      g_assert_cmpmem (p->rgb, n, q->rgb, n);
    }
}

/* From no limit down to the lowest, every measure is taken at some of them. */
static void
test_same_bytes (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = new_request (f->model, 48, 64);
  g_autoptr (MzResult) free_result = generate (f, request);
  MzMemoryEstimate unlimited = estimate (f, request);
  /* two finished pictures wait in the result, which an estimate of the pictures one by one leaves out */
  guint64 kept = 2 * 48 * 64 * 3, least = unlimited.least_bytes + kept, seen = 0;

  g_assert_cmpuint (unlimited.measures, ==, 0);
  g_assert_cmpuint (unlimited.activation_bytes, ==, mz_result_get_activation_bytes (free_result));
  for (int i = 0; i <= 3; i++)
    {
      guint64 limit = least + (unlimited.peak_bytes - unlimited.least_bytes) * (guint64) i / 3;
      g_autoptr (MzResult) result = NULL;
      MzMemoryEstimate limited;

      mz_engine_set_memory_limit (f->engine, limit);
      limited = estimate (f, request);
      g_assert_cmpuint (limited.peak_bytes, <=, limit);
      g_assert_cmpuint (limited.least_bytes, ==, unlimited.least_bytes);
      seen |= limited.measures;
      result = generate (f, request);
      assert_same (result, free_result);
    }
  g_test_message ("measures seen: %x", (guint) seen);
  g_assert_cmpuint (seen & MZ_MEMORY_RELEASE_TEXT_ENCODER, !=, 0);
  g_assert_cmpuint (seen & MZ_MEMORY_TAKE_TURNS, !=, 0);
  g_assert_cmpuint (seen & MZ_MEMORY_BY_LAYERS, !=, 0);
  mz_engine_set_memory_limit (f->engine, 0);
  g_clear_pointer (&free_result, mz_result_unref);
  free_result = generate (f, request); /* what was let go of comes back */
}

/* Pictures together take a multiple of one's memory, of which a limit makes fewer; never is a network let go
 * of for it. */
static void
test_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = new_request (f->model, 48, 64);
  g_autoptr (MzResult) one_by_one = NULL, together = NULL, limited = NULL;
  MzMemoryEstimate one, four, fewer;

  request->count = 5;
  one = estimate (f, request);
  one_by_one = generate (f, request);
  request->at_once = 4;
  four = estimate (f, request);
  together = generate (f, request);
  assert_same (one_by_one, together);
  g_assert_cmpint (one.at_once, ==, 1);
  g_assert_cmpint (four.at_once, ==, 4);
  g_assert_cmpuint (four.measures, ==, 0);
  g_assert_cmpuint (four.activation_bytes, ==, mz_result_get_activation_bytes (together));
  g_assert_cmpuint (four.activation_bytes, >, one.activation_bytes);
  g_assert_cmpuint (four.least_bytes, ==, one.least_bytes);
  mz_engine_set_memory_limit (f->engine,
                              (one.peak_bytes + four.peak_bytes) / 2 + (guint64) (5 * 48 * 64 * 3));
  fewer = estimate (f, request);
  g_assert_cmpint (fewer.at_once, >, 1);
  g_assert_cmpint (fewer.at_once, <, 4);
  g_assert_cmpuint (fewer.measures, ==, MZ_MEMORY_FEWER_AT_ONCE);
  limited = generate (f, request);
  assert_same (one_by_one, limited);
}

/* Guided evaluations one sample after the other; a model without levels has the larger U-Net. */
static void
test_one_by_one (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = new_request (f->model, 64, 64);
  MzMemoryPlan two, one;
  guint64 limit;

  request->count = 1;
  g_assert_true (make_plan (f->model, request, 0, &two, NULL));
  g_assert_cmpint (two.n_at_once, ==, 2);
  limit = mz_model_parts_bytes (f->model, MZ_PART_UNET) + mz_memory_plan_other_bytes (&two, MZ_PHASE_SAMPLE);
  mz_engine_set_memory_limit (f->engine, limit - 1);
  g_assert_true (make_plan (f->model, request, 0, &one, NULL));
  g_assert_cmpint (one.n_at_once, ==, 1);
  g_assert_cmpuint (one.block_bytes[MZ_PHASE_SAMPLE], <, two.block_bytes[MZ_PHASE_SAMPLE] * 6 / 10);
  {
    g_autoptr (MzResult) limited = generate (f, request), whole = NULL;

    mz_engine_set_memory_limit (f->engine, 0);
    whole = generate (f, request);
    assert_same (limited, whole);
  }
}

/* Below the least, the error says what would fit, and nothing is lost. */
static void
test_too_little (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = new_request (f->model, 1024, 1024),
                        small = new_request (f->model, 128, 128);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = NULL;
  MzMemoryEstimate asked = estimate (f, request);
  int width = 0, height = 0;
  const char *advice;

  mz_engine_set_memory_limit (f->engine, asked.least_bytes - 1);
  g_assert_null (mz_generate (f->model, request, NULL, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_test_message ("%s", error->message);
  advice = strstr (error->message, "; ");
  g_assert_nonnull (advice);
  g_assert_cmpint (sscanf (advice, "; %d×%d would fit", &width, &height), ==, 2);
  g_assert_cmpint (width, >=, 896);
  g_assert_cmpint (width, <, 1024);
  g_assert_cmpint (width, ==, height);
  request->width = width;
  request->height = height;
  g_assert_cmpuint (estimate (f, request).peak_bytes, <=, asked.least_bytes - 1);
  g_clear_error (&error);

  mz_engine_set_memory_limit (f->engine, 1000);
  g_assert_null (mz_generate (f->model, small, NULL, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "only a higher limit"));
  mz_engine_set_memory_limit (f->engine, 0);
  result = generate (f, small);
}

/* Loading under a limit that holds the largest network but not all three. */
static void
test_load (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "models", "proof", NULL);
  guint64 unet = mz_model_parts_bytes (f->model, MZ_PART_UNET), all, program;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzRequest) request = NULL;
  g_autoptr (MzResult) result = NULL;

  program = mz_model_reading_bytes (f->model);
  all = mz_model_parts_bytes (f->model, MZ_PARTS_ALL);
  g_clear_pointer (&f->model, mz_model_unref);
  mz_engine_set_memory_limit (f->engine, program + unet + (all - unet) / 2);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (f->model->unet);
  g_assert_null (f->model->clip);
  request = new_request (f->model, 64, 64);
  result = generate (f, request);
  g_clear_pointer (&f->model, mz_model_unref);

  mz_engine_set_memory_limit (f->engine, program + unet / 2);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (mz_unet_is_by_layers (f->model->unet));
  g_assert_cmpuint (mz_model_parts_bytes (f->model, MZ_PART_LAYERS), <, unet / 2);
  g_clear_pointer (&f->model, mz_model_unref);

  mz_engine_set_memory_limit (f->engine, program + unet / 20);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_assert_null (f->model);
}

static void
preview_cb (gpointer user, const MzStep *step)
{
  g_autoptr (MzPicture) picture = NULL;
  int *width = user;

  if (step->phase != MZ_PHASE_SAMPLE || step->step == 0)
    return;
  picture = mz_step_preview (step, MZ_PREVIEW_VAE, NULL);
  g_assert_nonnull (picture);
  *width = picture->width;
}

/* The real decoder where it fits beside the U-Net, else the linear preview; the picture is the same. */
static void
test_preview (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = new_request (f->model, 64, 64);
  int width = 0;
  const MzCallbacks callbacks = { .progress = preview_cb, .user = &width };
  g_autoptr (MzResult) plain = NULL, roomy = NULL, tight = NULL;
  MzMemoryPlan plan;

  request->count = 1;
  plain = generate (f, request);
  roomy = mz_generate (f->model, request, &callbacks, NULL, NULL);
  g_assert_cmpint (width, ==, 64);
  assert_same (plain, roomy);

  g_assert_true (make_plan (f->model, request, 0, &plan, NULL));
  mz_engine_set_memory_limit (f->engine, plan.least_bytes + 2 * 64 * 64 * 3);
  tight = mz_generate (f->model, request, &callbacks, NULL, NULL);
  g_assert_nonnull (tight);
  g_assert_cmpint (width, ==, 16); /* of the latent: the linear preview */
  assert_same (plain, tight);
}

static void
snapshot_cb (gpointer user, const MzStep *step)
{
  g_autoptr (MzSnapshot) snapshot = NULL;
  g_autoptr (MzPicture) picture = NULL;
  g_autoptr (GError) error = NULL;

  if (step->latent == NULL)
    return;
  snapshot = mz_step_take_snapshot (step, &error);
  g_assert_no_error (error);
  picture = mz_snapshot_decode (snapshot, user, NULL, &error);
  g_assert_no_error (error);
}

/* A callback that decodes takes the U-Net's place; the run goes on all the same. */
static void
test_snapshot (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = new_request (f->model, 48, 64);
  const MzCallbacks callbacks = { .progress = snapshot_cb, .user = f->model };
  g_autoptr (MzResult) plain = generate (f, request), decoded = NULL;
  g_autoptr (GError) error = NULL;

  mz_engine_set_memory_limit (f->engine, estimate (f, request).least_bytes + 2 * 48 * 64 * 3);
  decoded = mz_generate (f->model, request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  assert_same (plain, decoded);
}

/* "VmRSS:" and such, bytes; 0 where the system does not tell. */
static guint64
read_status (const char *key)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL) || (line = strstr (text, key)) == NULL)
    return 0;
  return g_ascii_strtoull (line + strlen (key) + strspn (line + strlen (key), " \t"), NULL, 10) * 1024;
}

/* What the system sees: from 70 % of the estimate (not every page of a block is touched) to 4 MB above it. */
static void
test_resident (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = new_request (f->model, 512, 256);
  g_autoptr (MzResult) result = NULL;
  FILE *reset = fopen ("/proc/self/clear_refs", "we");
  guint64 before, peak;
  MzMemoryPlan plan;

  if (g_getenv ("ASAN_OPTIONS") != NULL || reset == NULL || read_status ("VmHWM:") == 0)
    {
      g_test_skip ("resident memory cannot be measured here");
      g_clear_pointer (&reset, fclose);
      return;
    }
  g_assert_true (make_plan (f->model, request, 1, &plan, NULL));
  request->count = request->steps = 1;
  before = read_status ("VmRSS:");
  fputs ("5", reset);
  fclose (reset);
  result = generate (f, request);
  peak = read_status ("VmHWM:") - before;
  g_test_message ("estimated %.1f MB, resident %.1f MB",
                  (double) (mz_memory_plan_other_bytes (&plan, MZ_PHASE_DECODE) - plan.program_bytes
                            + f->engine->device->scratch_bytes)
                      / MEGABYTE,
                  (double) peak / MEGABYTE);
  g_assert_cmpuint (peak, <=,
                    mz_memory_plan_other_bytes (&plan, MZ_PHASE_DECODE) - plan.program_bytes
                        + f->engine->device->scratch_bytes + (guint64) (4 * MEGABYTE));
  g_assert_cmpuint (peak * 10, >=,
                    (mz_memory_plan_other_bytes (&plan, MZ_PHASE_DECODE) - plan.program_bytes
                     + f->engine->device->scratch_bytes)
                        * 7);
}

/* ---- A full-size model, from its names and shapes alone ---- */

static char *
write_sd1 (const char *folder)
{
  FixtureTensors *tensors = fixture_tensors_new ();
  g_autofree char *path = fixture_golden ("names-sd1.txt"), *text = NULL, *last = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL && lines[i][0] != 0; i++)
    {
      g_auto (GStrv) row = g_strsplit (lines[i], "\t", -1);

      if (g_strcmp0 (row[0], last) != 0) /* a tensor of several parts stands once for each */
        fixture_tensors_add (tensors, row[0], "F16", row[2]);
      g_free (last);
      last = g_strdup (row[0]);
    }
  return fixture_tensors_write (tensors, folder, "sd1.safetensors");
}

/* As mz_model_load() does, but for the numbers. */
static MzModel *
outline_model (MzEngine *engine, const char *path)
{
  MzModel *model = g_new0 (MzModel, 1);
  MzLoader loader = { NULL };

  g_atomic_ref_count_init (&model->ref_count);
  model->engine = mz_engine_ref (engine);
  model->file = mz_model_file_open (path, NULL, NULL);
  model->config = model->file->config;
  model->info = mz_model_info_new (model->file, FALSE);
  model->noise = mz_noise_schedule_new (&model->config.scheduler, NULL);
  loader.weights = model->file->weights;
  loader.device = model->outline_device = mz_device_new_outline (engine->device->backend);
  mz_build_models (model->file, &loader, &model->outline_clip, &model->outline_unet, &model->outline_vae);
  g_assert_no_error (loader.error);
  model->part_bytes[0] = model->file->components[MZ_COMPONENT_TEXT_ENCODER].n_bytes;
  model->part_bytes[1] = model->file->components[MZ_COMPONENT_VAE].n_bytes;
  model->part_bytes[2] = model->file->components[MZ_COMPONENT_UNET].n_bytes;
  model->part_bytes[3]
      = mz_unet_get_least_file_bytes (model->outline_unet, mz_engine_computes_on_card (engine));
  return model;
}

/* The goal, an SD 1.5 picture of 512x512 in 3 GB, with room to spare; and what the README says of others. */
static void
test_full_size (Fixture *f, gconstpointer data)
{
  static const struct
  {
    int size;
    guint64 limit;       /* 0: none */
    double peak, decode; /* MB, at most */
  } rows[] = {
    { 512, 0, 2520, 320 },
    { 512, 1900000000, 1900, 320 },
    { 768, 0, 2850, 650 },
    { 512, 800000000, 800, 320 },
    { 1024, 0, 3350, 1130 },
    { 1024, 2500000000, 2500, 1130 },
    { 2048, 5500000000, 5500, 4400 },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = write_sd1 (folder);
  MzModel *model = outline_model (f->engine, path);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (MzRequest) request = new_request (model, rows[i].size, rows[i].size);
      g_autoptr (GError) error = NULL;
      MzMemoryPlan plan;

      mz_engine_set_memory_limit (f->engine, rows[i].limit);
      make_plan (model, request, 0, &plan, &error);
      g_assert_no_error (error);
      g_test_message ("%d, limit %.0f: peak %.0f MB, text %.0f, sample %.0f, decode %.0f, least %.0f",
                      rows[i].size, (double) rows[i].limit / MEGABYTE, (double) plan.peak_bytes / MEGABYTE,
                      (double) plan.block_bytes[MZ_PHASE_TEXT] / MEGABYTE,
                      (double) plan.block_bytes[MZ_PHASE_SAMPLE] / MEGABYTE,
                      (double) plan.block_bytes[MZ_PHASE_DECODE] / MEGABYTE,
                      (double) plan.least_bytes / MEGABYTE);
      g_assert_cmpfloat ((double) plan.peak_bytes / MEGABYTE, <=, rows[i].peak);
      g_assert_cmpfloat ((double) plan.block_bytes[MZ_PHASE_DECODE] / MEGABYTE, <=, rows[i].decode);
    }
  mz_model_unref (model);
}

static guint64 usable_bytes;

static guint64
count_usable_bytes (MzDevice *device)
{
  return usable_bytes;
}

/* The same on a graphics card: weights and activations in halves, the goals about 2.5 GB and, with a budget,
 * 2 GB.
 */
static void
test_full_size_card (Fixture *f, gconstpointer data)
{
  static const struct
  {
    int size;
    guint64 usable;
    double peak; /* MB, at most */
    gboolean has_one_block;
  } rows[] = {
    { 512, 80000000000, 2510, TRUE },  { 512, 2000000000, 2000, FALSE },  { 512, 800000000, 800, FALSE },
    { 1024, 80000000000, 3500, TRUE }, { 1024, 2500000000, 2500, FALSE },
  };
  const MzBackend *cpu = f->engine->device->backend;
  gsize scratch = f->engine->device->scratch_bytes;
  MzBackend card = *cpu;
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = write_sd1 (folder);
  MzModel *model;

  card.activation_dtype = MZ_DTYPE_F16;
  card.alignment = 256;
  card.count_usable_bytes = count_usable_bytes;
  f->engine->device->backend = &card;
  f->engine->device->scratch_bytes = (gsize) 32 << 20;
  f->engine->device->preparing_bytes = (gsize) 25 << 20;
  model = outline_model (f->engine, path);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (MzRequest) request = new_request (model, rows[i].size, rows[i].size);
      g_autoptr (GError) error = NULL;
      MzMemoryPlan plan;

      usable_bytes = rows[i].usable;
      make_plan (model, request, 0, &plan, &error);
      g_assert_no_error (error);
      g_test_message ("%d, %.0f usable: peak %.0f MB, text %.0f, sample %.0f, decode %.0f, least %.0f",
                      rows[i].size, (double) rows[i].usable / MEGABYTE, (double) plan.peak_bytes / MEGABYTE,
                      (double) plan.block_bytes[MZ_PHASE_TEXT] / MEGABYTE,
                      (double) plan.block_bytes[MZ_PHASE_SAMPLE] / MEGABYTE,
                      (double) plan.block_bytes[MZ_PHASE_DECODE] / MEGABYTE,
                      (double) plan.least_bytes / MEGABYTE);
      g_assert_cmpfloat ((double) plan.peak_bytes / MEGABYTE, <=, rows[i].peak);
      g_assert_cmpint (plan.has_one_block, ==, rows[i].has_one_block);
    }
  mz_model_unref (model);
  f->engine->device->backend = cpu;
  f->engine->device->scratch_bytes = scratch;
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *f, gconstpointer data);
    const char *model; /* NULL: Proof */
  } tests[] = {
    { "/memory/same-bytes", test_same_bytes },
    { "/memory/at-once", test_at_once },
    { "/memory/one-by-one", test_one_by_one, "tests/golden/models/bare" },
    { "/memory/too-little", test_too_little },
    { "/memory/load", test_load },
    { "/memory/preview", test_preview },
    { "/memory/snapshot", test_snapshot },
    { "/memory/resident", test_resident },
    { "/memory/full-size", test_full_size },
    { "/memory/full-size-card", test_full_size_card },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].model, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
