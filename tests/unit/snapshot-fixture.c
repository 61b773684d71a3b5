/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A small model, requests for it, the steps of a run. */
#include "snapshot-fixture.h"

#include <string.h>

MzModel *
load (MzEngine *engine, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), name, NULL);
  MzModel *model = mz_model_load (engine, path, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return model;
}

void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->engine = mz_engine_new ("cpu", 1, &error);
  g_assert_no_error (error);
  f->model = load (f->engine, "models/sd1-mini");
}

void
teardown (Fixture *f, gconstpointer data)
{
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

MzRequest *
make_request (MzModel *model, const char *sampler)
{
  MzRequest *request = g_new0 (MzRequest, 1);

  mz_request_use_defaults (request, model);
  request->prompt = g_strdup ("a red apple");
  request->width = request->height = SIZE;
  request->steps = STEPS;
  request->seed = 5;
  if (sampler != NULL)
    {
      request->sampler = sampler;
      request->schedule = mz_find_sampler (sampler, NULL)->default_schedule;
    }
  return request;
}

/* Every step of a run. */
typedef struct
{
  GPtrArray *snapshots;
} Log;

static void
log_cb (gpointer user, const MzStep *step)
{
  g_autoptr (GError) error = NULL;
  MzSnapshot *snapshot;

  if (step->phase != MZ_PHASE_SAMPLE || step->step == 0 || step->denoised == NULL)
    return;
  snapshot = mz_step_take_snapshot (step, &error);
  g_assert_no_error (error);
  g_ptr_array_add (((Log *) user)->snapshots, snapshot);
}

MzResult *
generate (Fixture *f, const MzRequest *request, GPtrArray *snapshots)
{
  g_autoptr (GError) error = NULL;
  Log log = { snapshots };
  const MzCallbacks callbacks = { log_cb, NULL, &log };
  MzResult *result = mz_generate (f->model, request, snapshots != NULL ? &callbacks : NULL, NULL, &error);

  g_assert_no_error (error);
  return result;
}

GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) mz_snapshot_unref);
}

GPtrArray *
log_steps (Fixture *f, const MzRequest *request)
{
  GPtrArray *snapshots = new_list ();

  mz_result_unref (generate (f, request, snapshots));
  return snapshots;
}

void
check_samplers (Fixture *f, void (*check) (Fixture *f, MzRequest *request))
{
  guint n_samplers;
  const MzMethodInfo *samplers = mz_list_samplers (&n_samplers);

  for (guint s = 0; s < n_samplers; s++)
    {
      g_autoptr (MzRequest) request = make_request (f->model, samplers[s].id);

      g_test_message ("%s", samplers[s].id);
      check (f, request);
    }
}

void
check_compatibilities (Fixture *f,
                       const char *const *samplers,
                       gsize n_samplers,
                       void (*check) (Fixture *f, MzRequest *request))
{
  guint n_rows;
  const MzMethodInfo *rows = mz_list_compatibilities (&n_rows);

  for (guint r = 0; r < n_rows; r++)
    for (gsize s = 0; s < n_samplers; s++)
      {
        g_autoptr (MzRequest) request = make_request (f->model, samplers[s]);

        g_test_message ("%s, %s", rows[r].id, samplers[s]);
        request->compatibility = rows[r].id;
        request->variation_strength = r % 2 == 1 ? 0.3 : 0;
        request->step_seed_delta = r % 2 == 0 ? 31337 : 0;
        check (f, request);
      }
}

void
assert_same_picture (const MzPicture *a, const MzPicture *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->rgb, (gsize) a->width * (gsize) a->height * 3, b->rgb,
                   (gsize) b->width * (gsize) b->height * 3);
}

void
set_start (MzRequest *request, MzSnapshot *start, MzStartKind kind)
{
  g_clear_pointer (&request->start, mz_snapshot_unref);
  request->start = start;
  request->start_kind = kind;
}

void
assert_refused (Fixture *f, MzRequest *request, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_generate (f->model, request, NULL, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}
