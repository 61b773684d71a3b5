/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A U-Net whose layers come and go gives the numbers of one that is whole. */
#include "pipeline/parts.h"
#include "snapshot-fixture.h"

static void
cancel_cb (gpointer user, const MzStep *step)
{
  if (step->phase == MZ_PHASE_SAMPLE && step->step == 1)
    mz_cancel_trigger (user);
}

/* The decoder takes the network's place for a moment. */
static void
decode_cb (gpointer model, const MzStep *step)
{
  g_autoptr (MzSnapshot) snapshot = NULL;
  g_autoptr (MzPicture) picture = NULL;
  g_autoptr (GError) error = NULL;

  if (step->phase != MZ_PHASE_SAMPLE || step->step == 0)
    return;
  snapshot = mz_step_take_snapshot (step, &error);
  g_assert_no_error (error);
  picture = mz_snapshot_decode (snapshot, model, NULL, &error);
  g_assert_no_error (error);
}

static MzResult *
generate_decoding (Fixture *f, const MzRequest *request)
{
  const MzCallbacks callbacks = { .progress = decode_cb, .user = f->model };
  g_autoptr (GError) error = NULL;
  MzResult *result = mz_generate (f->model, request, &callbacks, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static MzEvaluation *
evaluate (Fixture *f, const MzPicture *picture)
{
  static const int timesteps[] = { 100, 700 };
  const MzEvaluationOptions options
      = { .prompt = "a red apple", .timesteps = timesteps, .n_timesteps = 2, .n_samples = 1, .seed = 3 };
  g_autoptr (GError) error = NULL;
  MzEvaluation *evaluation = mz_evaluate (f->model, picture, &options, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return evaluation;
}

/* The network's layers come and go: through a cancelled run, beside a decoder that pushes them out, in a
 * measurement, and with weights of 8 bits; always the same numbers. */
static void
check_by_layers (Fixture *f)
{
  g_autoptr (MzRequest) request = make_request (f->model, "dpmpp_2m");
  g_autoptr (MzResult) whole = generate (f, request, NULL), by_layers = NULL;
  const MzPicture *picture = mz_result_get_picture (whole, 0);
  g_autoptr (MzEvaluation) wanted = evaluate (f, picture), got = NULL;
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  const MzCallbacks callbacks = { .progress = cancel_cb, .user = cancel };
  g_autoptr (GError) error = NULL;
  MzMemoryEstimate limited;

  g_assert_true (mz_model_estimate_memory (f->model, request, &limited, NULL));
  /* the finished picture waits in the result */
  mz_engine_set_memory_limit (f->engine, limited.least_bytes + SIZE * SIZE * 3);
  g_assert_true (mz_model_estimate_memory (f->model, request, &limited, NULL));
  g_assert_cmpuint (limited.measures & MZ_MEMORY_BY_LAYERS, !=, 0);
  g_assert_null (mz_generate (f->model, request, &callbacks, cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  by_layers = generate_decoding (f, request);
  assert_same_picture (picture, mz_result_get_picture (by_layers, 0));
  mz_engine_set_memory_limit (f->engine, 0);
  g_clear_pointer (&by_layers, mz_result_unref);
  by_layers = generate (f, request, NULL);
  g_assert_false (mz_unet_is_by_layers (f->model->unet));
  /* a measurement has a block of its own, so that where its U-Net does not fit any more must be found */
  for (guint64 limit
       = mz_model_program_bytes (f->model) + mz_model_parts_bytes (f->model, MZ_PART_UNET) + (16 << 20);
       !mz_unet_is_by_layers (f->model->unet); limit -= 2 << 20)
    {
      g_clear_pointer (&got, mz_evaluation_free);
      mz_engine_set_memory_limit (f->engine, limit);
      got = evaluate (f, picture);
    }
  g_assert_true (got->mse == wanted->mse && got->mean.noise == wanted->mean.noise);
  mz_engine_set_memory_limit (f->engine, 0);
}

/* Keys and values of any text. */
static MzUnetText *
take_text (MzExec *exec, MzUnet *unet, const MzClipConfig *clip)
{
  MzTensor context = mz_take (exec, 1, 1, clip->max_position_embeddings, clip->hidden_size);
  MzUnetText *text = mz_unet_text_new (unet, exec, &context);

  mz_give (exec, &context);
  return text;
}

/* Cancelled while a layer is read, which is then read again. */
static void
test_interrupted (Fixture *f, gconstpointer data)
{
  const MzModelConfig *config = &f->model->config;
  g_autoptr (MzExec) exec = mz_exec_new (f->engine->device);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  MzLoader loader = { .weights = f->model->file->weights, .device = f->engine->device };
  g_autoptr (MzUnet) unet = mz_unet_new_by_layers (&config->unet, &loader, 0);

  g_assert_no_error (loader.error);
  mz_exec_begin_plan (exec);
  mz_unet_text_free (take_text (exec, f->model->outline_unet, &config->clip));
  g_assert_true (mz_exec_end_plan (exec, &error));
  mz_cancel_trigger (cancel);
  exec->cancel = cancel;
  mz_unet_text_free (take_text (exec, unet, &config->clip));
  g_assert_false (mz_exec_finish (exec, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_clear_error (&error);
  exec->cancel = NULL;
  mz_unet_text_free (take_text (exec, unet, &config->clip));
  g_assert_true (mz_exec_finish (exec, &error));
}

static void
test_by_layers (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_strdup (mz_model_get_info (f->model)->path);
  g_autoptr (GError) error = NULL;

  check_by_layers (f);
  mz_model_unref (f->model);
  mz_engine_set_8bit_weights (f->engine, TRUE);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  check_by_layers (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/by-layers/numbers", Fixture, NULL, setup, test_by_layers, teardown);
  g_test_add ("/by-layers/interrupted", Fixture, NULL, setup, test_interrupted, teardown);
  return g_test_run ();
}
