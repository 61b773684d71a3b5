/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Recording and replaying of evaluations, on the reference backend with a recording of the simplest kind: the
 * calls themselves. */
#include "ops/ops.h"

/* One call that was recorded; all that the little model here asks for. */
typedef struct
{
  enum
  {
    UPLOAD,
    LINEAR,
    DOWNLOAD,
  } kind;
  MzTensor out, in; /* UPLOAD, DOWNLOAD: out */
  const MzWeight *weight;
  float *slot; /* of UPLOAD and DOWNLOAD */
} Call;

typedef struct
{
  GArray *calls;
} Recording;

static Recording *recording; /* being made */
static guint n_begun, n_replays, n_linear;
static gboolean end_fails;
static const MzEpilogue no_epilogue = { NULL, MZ_ACTIVATION_NONE, NULL };

static void
recording_free (MzDevice *device, gpointer data)
{
  Recording *r = data;

  for (guint i = 0; i < r->calls->len; i++)
    g_free (g_array_index (r->calls, Call, i).slot);
  g_array_free (r->calls, TRUE);
  g_free (r);
}

static gboolean
record_begin (MzDevice *device, GError **error)
{
  n_begun++;
  recording = g_new0 (Recording, 1);
  recording->calls = g_array_new (FALSE, TRUE, sizeof (Call));
  return TRUE;
}

static gpointer
record_end (MzDevice *device, GError **error)
{
  Recording *r = g_steal_pointer (&recording);

  if (!end_fails)
    return r;
  recording_free (device, r);
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_BACKEND, "no recording today");
  return NULL;
}

static gboolean
upload (MzDevice *device, const MzTensor *tensor, const float *nchw, GError **error)
{
  Call call = { .kind = UPLOAD, .out = *tensor };

  if (recording == NULL)
    return mz_backend_reference.upload (device, tensor, nchw, error);
  call.slot = g_memdup2 (nchw, mz_tensor_elements (tensor) * sizeof *nchw);
  g_array_append_val (recording->calls, call);
  return TRUE;
}

static gboolean
download (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error)
{
  Call call = { .kind = DOWNLOAD, .out = *tensor };

  if (recording == NULL)
    return mz_backend_reference.download (device, tensor, nchw, error);
  call.slot = g_new0 (float, mz_tensor_elements (tensor));
  g_array_append_val (recording->calls, call);
  return TRUE;
}

static gboolean
linear (MzExec *exec,
        const MzTensor *out,
        const MzTensor *in,
        const MzTensor *in2,
        const MzWeight *weight,
        const MzEpilogue *epilogue,
        GError **error)
{
  Call call = { .kind = LINEAR, .out = *out, .in = *in, .weight = weight };

  if (recording == NULL)
    {
      n_linear++;
      return mz_backend_reference.linear (exec, out, in, in2, weight, epilogue, error);
    }
  g_array_append_val (recording->calls, call);
  return TRUE;
}

static Call *
find_call (gpointer data, int kind, guint index, gsize n)
{
  Recording *r = data;

  for (guint i = 0; i < r->calls->len; i++)
    {
      Call *call = &g_array_index (r->calls, Call, i);

      if ((int) call->kind == kind && index-- == 0)
        return mz_tensor_elements (&call->out) == n ? call : NULL;
    }
  return NULL;
}

static gboolean
recording_give (MzDevice *device, gpointer data, guint index, const float *nchw, gsize n)
{
  Call *call = find_call (data, UPLOAD, index, n);

  for (gsize i = 0; call != NULL && i < n; i++)
    call->slot[i] = nchw[i];
  return call != NULL;
}

static gboolean
recording_get (MzDevice *device, gpointer data, guint index, float *nchw, gsize n)
{
  Call *call = find_call (data, DOWNLOAD, index, n);

  for (gsize i = 0; call != NULL && i < n; i++)
    nchw[i] = call->slot[i];
  return call != NULL;
}

static gboolean
recording_run (MzDevice *device, gpointer data, MzCancel *cancel, GError **error)
{
  Recording *r = data;
  MzExec exec = { .device = device };
  gboolean ok = !mz_cancel_set_error (cancel, error);

  n_replays++;
  for (guint i = 0; i < r->calls->len && ok; i++)
    {
      Call *call = &g_array_index (r->calls, Call, i);

      if (call->kind == UPLOAD)
        ok = mz_backend_reference.upload (device, &call->out, call->slot, error);
      else if (call->kind == DOWNLOAD)
        ok = mz_backend_reference.download (device, &call->out, call->slot, error);
      else
        ok = mz_backend_reference.linear (&exec, &call->out, &call->in, NULL, call->weight, &no_epilogue,
                                          error);
    }
  return ok;
}

/* ---- A little network: y = weight x, over T tokens of 2 channels ---- */

typedef struct
{
  MzBackend table;
  MzDevice *device;
  MzExec *exec;
  MzWeight *weight, *embedding;
  MzCancel *cancel;
} Fixture;

static const float numbers[] = { 1, 2, 3, 4 };

static MzWeight *
new_weight (Fixture *f)
{
  MzView view = { MZ_DTYPE_F32, 2, { 2, 2 }, numbers, sizeof numbers };
  const MzView *views[] = { &view };

  return f->device->backend->prepare_matrix (f->device, MZ_MATRIX_LINEAR, 1, views, NULL, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  MzView table = { MZ_DTYPE_F32, 2, { 2, 2 }, numbers, sizeof numbers };

  f->device = mz_device_open ("reference", NULL, NULL);
  f->table = *f->device->backend;
  f->table.upload = upload;
  f->table.download = download;
  f->table.linear = linear;
  f->table.record_begin = record_begin;
  f->table.record_end = record_end;
  f->table.recording_give = recording_give;
  f->table.recording_run = recording_run;
  f->table.recording_get = recording_get;
  f->table.recording_free = recording_free;
  f->device->backend = &f->table;
  f->exec = mz_exec_new (f->device);
  f->exec->cancel = f->cancel = mz_cancel_new ();
  f->weight = new_weight (f);
  f->embedding = f->table.prepare_embedding (f->device, &table, &table, NULL);
  n_begun = n_replays = n_linear = 0;
  end_fails = FALSE;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  f->table.release_weight (f->device, f->weight);
  f->table.release_weight (f->device, f->embedding);
  mz_exec_free (f->exec);
  mz_cancel_unref (f->cancel);
  f->device->backend = &mz_backend_reference;
  mz_device_close (f->device);
}

static void
run_once (Fixture *f, int n_tokens, const float *in, float *out)
{
  MzTensor x = mz_take (f->exec, 1, 1, n_tokens, 2), y = mz_take (f->exec, 1, 1, n_tokens, 2);

  mz_op_upload (f->exec, &x, in);
  mz_op_linear (f->exec, &y, &x, NULL, f->weight, NULL);
  mz_op_download (f->exec, &y, out);
  mz_give (f->exec, &y);
  mz_give (f->exec, &x);
}

/* Evaluates with `value` in every place; returns how often it had to be run. */
static int
evaluate (Fixture *f, guint key, int n_tokens, float value)
{
  g_autofree float *in = g_new (float, 2 * (gsize) n_tokens), *out = g_new0 (float, 2 * (gsize) n_tokens);
  int n_runs = 0;
  gboolean again;

  for (int i = 0; i < 2 * n_tokens; i++)
    in[i] = value;
  do
    {
      mz_exec_begin_evaluation (f->exec, key);
      run_once (f, n_tokens, in, out);
      again = mz_exec_end_evaluation (f->exec);
      n_runs++;
    }
  while (again);
  if (!mz_exec_failed (f->exec))
    for (int t = 0; t < n_tokens; t++)
      {
        g_assert_cmpfloat (out[t], ==, 3 * value);
        g_assert_cmpfloat (out[n_tokens + t], ==, 7 * value);
      }
  return n_runs;
}

static void
plan (Fixture *f, int n_tokens)
{
  mz_exec_begin_plan (f->exec);
  run_once (f, n_tokens, NULL, NULL);
  g_assert_true (mz_exec_end_plan (f->exec, NULL));
}

static void
test_replays (Fixture *f, gconstpointer data)
{
  plan (f, 3);
  for (int i = 0; i < 5; i++)
    g_assert_cmpint (evaluate (f, 0, 3, (float) (i + 1)), ==, 1);
  g_assert_cmpuint (n_linear, ==, 1);
  g_assert_cmpuint (n_begun, ==, 1);
  g_assert_cmpuint (n_replays, ==, 4);
}

static void
test_other_shapes (Fixture *f, gconstpointer data)
{
  plan (f, 5);
  evaluate (f, 0, 3, 1);
  evaluate (f, 0, 3, 2);
  g_assert_cmpint (evaluate (f, 0, 5, 3), ==, 2); /* what is recorded does not fit */
  g_assert_cmpuint (n_linear, ==, 2);
  evaluate (f, 0, 5, 4);
  evaluate (f, 0, 5, 5);
  g_assert_cmpuint (n_linear, ==, 2);
  /* keys tell those apart that take turns */
  for (int i = 0; i < 4; i++)
    {
      evaluate (f, 1, 3, (float) i);
      evaluate (f, 2, 4, (float) i);
    }
  g_assert_cmpuint (n_linear, ==, 4);
}

static void
test_released_weight (Fixture *f, gconstpointer data)
{
  plan (f, 3);
  evaluate (f, 0, 3, 1);
  evaluate (f, 0, 3, 2);
  f->table.release_weight (f->device, f->weight);
  f->device->generation++; /* as a backend that records does itself */
  f->weight = new_weight (f);
  g_assert_cmpint (evaluate (f, 0, 3, 3), ==, 2);
  g_assert_cmpuint (n_linear, ==, 2);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  plan (f, 3);
  evaluate (f, 0, 3, 1);
  evaluate (f, 0, 3, 2);
  mz_cancel_trigger (f->cancel);
  g_assert_cmpint (evaluate (f, 0, 3, 3), ==, 1);
  {
    g_autoptr (GError) error = NULL;

    g_assert_false (mz_exec_finish (f->exec, &error));
    g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  }
  mz_cancel_reset (f->cancel);
  g_assert_cmpint (evaluate (f, 0, 3, 4), ==, 1);
  g_assert_cmpuint (n_linear, ==, 1);
}

static void
test_failed_recording (Fixture *f, gconstpointer data)
{
  plan (f, 3);
  end_fails = TRUE;
  evaluate (f, 0, 3, 1);
  g_assert_cmpint (evaluate (f, 0, 3, 2), ==, 2);
  g_assert_cmpint (evaluate (f, 0, 3, 3), ==, 1);
  g_assert_cmpuint (n_begun, ==, 1); /* it is not tried again */
  g_assert_cmpuint (n_linear, ==, 3);
  g_assert_false (mz_exec_failed (f->exec));
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  const gint32 ids[] = { 0, 1 };

  plan (f, 4);
  for (int i = 0; i < 3; i++)
    {
      MzTensor x;

      mz_exec_begin_evaluation (f->exec, 0);
      x = mz_take (f->exec, 1, 1, 2, 2);
      mz_op_embed (f->exec, &x, ids, f->embedding);
      mz_give (f->exec, &x);
      g_assert_false (mz_exec_end_evaluation (f->exec));
    }
  g_assert_cmpuint (n_begun, ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "replays", test_replays },
    { "other-shapes", test_other_shapes },
    { "released-weight", test_released_weight },
    { "cancelled", test_cancelled },
    { "failed-recording", test_failed_recording },
    { "refused", test_refused },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/recorder/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
