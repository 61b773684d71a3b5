/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Running a request and saving what it makes. */
#include "app/jobs/job.h"

#include "app/files/parameters-request.h"

typedef struct
{
  const MezzotintJob *job;
  MzCancel *cancel;
  gboolean no_previews; /* one failed; say it once */
} Run;

static void
warn_about_preview (Run *run, const GError *error)
{
  run->no_previews = TRUE;
  if (run->job->listener.warning != NULL && !g_error_matches (error, MZ_ERROR, MZ_ERROR_CANCELLED))
    run->job->listener.warning (run->job->listener.user, error->message);
}

static void
save_preview (Run *run, const MzStep *step)
{
  const MezzotintJobListener *listener = &run->job->listener;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzPicture) preview = mz_step_preview (step, run->job->preview_kind, &error);
  g_autofree char *path = NULL;

  if (preview != NULL)
    path = mezzotint_output_save_preview (
        run->job->output, mezzotint_output_get_path (run->job->output, step->picture, step->seed), step->step,
        step->steps, preview, &error);
  if (path == NULL)
    warn_about_preview (run, error);
  else if (listener->preview_saved != NULL)
    listener->preview_saved (listener->user, step, path);
}

static void
progress_cb (gpointer user, const MzStep *step)
{
  Run *run = user;
  const MezzotintJobListener *listener = &run->job->listener;

  if (listener->step != NULL)
    listener->step (listener->user, step);
  if (run->job->preview_every > 0 && !run->no_previews && step->phase == MZ_PHASE_SAMPLE && step->step > 0
      && step->step % run->job->preview_every == 0)
    save_preview (run, step);
}

char *
mezzotint_job_describe_picture (MzModel *model,
                                MezzotintModelHash *model_hash,
                                const MzRequest *request,
                                int index,
                                MzCancel *cancel)
{
  const MzModelInfo *info = mz_model_get_info (model);
  const char *sha256 = mezzotint_model_hash_wait (model_hash, cancel, NULL);
  g_autoptr (MezzotintParameters) parameters
      = mezzotint_parameters_of_picture (request, index, info->name, sha256);

  if (mz_model_has_8bit_weights (model))
    mezzotint_parameters_set (parameters, MEZZOTINT_KEY_WEIGHTS, MEZZOTINT_WEIGHTS_8BIT);
  if (mz_model_has_half_sums (model))
    mezzotint_parameters_set (parameters, MEZZOTINT_KEY_SUMS, MEZZOTINT_SUMS_HALF);
  return mezzotint_parameters_to_text (parameters);
}

static gboolean
picture_cb (gpointer user, int index, guint64 seed, const MzPicture *picture, GError **error)
{
  Run *run = user;
  const MezzotintJobListener *listener = &run->job->listener;
  g_autofree char *text = mezzotint_job_describe_picture (run->job->model, run->job->model_hash,
                                                          run->job->request, index, run->cancel);
  g_autofree char *path = mezzotint_output_save (run->job->output, index, seed, picture, text, error);

  if (path == NULL)
    return FALSE;
  if (listener->picture_saved != NULL)
    listener->picture_saved (listener->user, index, seed, picture, path);
  return TRUE;
}

gboolean
mezzotint_job_run (const MezzotintJob *job, MzCancel *cancel, MzResult **result, GError **error)
{
  Run run = { .job = job, .cancel = cancel };
  MzCallbacks callbacks = { progress_cb, picture_cb, &run };
  g_autoptr (MzResult) made = NULL;

  made = mz_generate (job->model, job->request, &callbacks, cancel, error);
  if (made == NULL)
    return FALSE;
  if (result != NULL)
    *result = g_steal_pointer (&made);
  return TRUE;
}

guint64
mezzotint_random_seed (void)
{
  guint32 seed;

  do
    seed = g_random_int ();
  while (seed >= 4294967294u);
  return seed;
}
