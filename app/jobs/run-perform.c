/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a recipe to saved pictures. */
#include "app/jobs/run-perform.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/files/output.h"
#include "app/files/sheet.h"
#include "app/jobs/job.h"
#include "app/jobs/picture-clock.h"

typedef struct
{
  MezzotintRun *run;
  MezzotintEngineSlot *slot;
  void (*between_steps) (gpointer user);
  gpointer user;

  MzRequest *request; /* what the engine gets: the recipe's from picture `first` on */
  int first, count;
  gboolean goes_on;        /* where an interrupted run stood */
  MezzotintOutput *output; /* NULL: could not be written to so far */
  gboolean has_frame_problem;
  GPtrArray *frames; /* MezzotintPixels of the step in work, of the pictures that are drawn together */
  int end;           /* behind the last of them, counted as the engine does */
  MezzotintPictureClock clock;
} Work;

static void
post_note (Work *work, const char *sentence)
{
  mezzotint_run_post (work->run,
                      &(MezzotintRunEvent){ .kind = MEZZOTINT_RUN_NOTE, .text = g_strdup (sentence) });
}

/* ---- The request ---- */

/* A batch is single pictures, so the rest of one is a batch of its own. */
static void
skip_pictures (MzRequest *request, int n)
{
  MzRequest single = *request;

  mz_request_get_seeds (&single, n, &request->seed, &request->variation_seed);
  request->count -= n;
}

/* The interrupted run goes on, if model and request are still the same. */
static gboolean
try_to_resume (Work *work, const MzRequest *whole)
{
  const MezzotintRunOptions *options = mezzotint_run_get_options (work->run);
  const char *state = mezzotint_engine_slot_get_state (work->slot);
  g_autoptr (MzRequest) request = NULL;

  if (options->resume == NULL)
    return FALSE;
  request = mz_request_copy (whole);
  skip_pictures (request, options->resume_n_done);
  g_clear_pointer (&request->start, mz_snapshot_unref);
  request->start = mz_snapshot_ref (options->resume->pdata[0]);
  request->start_kind = MZ_START_RESUME;
  for (guint i = 1; i < MIN (options->resume->len, MZ_MAX_AT_ONCE); i++)
    request->start_others[i - 1] = mz_snapshot_ref (options->resume->pdata[i]);
  if ((options->model_state != NULL && g_strcmp0 (options->model_state, state) != 0)
      || !mz_request_validate (request, mezzotint_engine_slot_get_model (work->slot), NULL, NULL))
    {
      post_note (work, _ ("The interrupted picture could not go on, since the model or the program changed. "
                          "It was begun again."));
      return FALSE;
    }
  work->request = g_steal_pointer (&request);
  work->first = options->resume_n_done;
  work->goes_on = TRUE;
  return TRUE;
}

static void
post_started (Work *work, MezzotintRecipe *recipe)
{
  const MzModelInfo *info = mz_model_get_info (mezzotint_engine_slot_get_model (work->slot));
  MezzotintRunEvent started = {
    .kind = MEZZOTINT_RUN_STARTED,
    .recipe = mezzotint_recipe_ref (recipe),
    .picture = work->first,
    .goes_on = work->goes_on,
    .text = g_strdup (info->name),
    .state = g_strdup (mezzotint_engine_slot_get_state (work->slot)),
  };

  mezzotint_run_post (work->run, &started);
}

static gboolean
prepare_request (Work *work, GError **error)
{
  const MezzotintRunOptions *options = mezzotint_run_get_options (work->run);
  g_autoptr (MzRequest) whole = mz_request_copy (mezzotint_recipe_get_request (options->recipe));
  g_autoptr (MezzotintRecipe) recipe = NULL;
  g_auto (GStrv) notes = NULL;

  if (!mz_request_validate (whole, mezzotint_engine_slot_get_model (work->slot), &notes, error))
    return FALSE;
  recipe = mezzotint_recipe_new (mezzotint_recipe_get_model (options->recipe), whole);
  for (gsize i = 0; notes != NULL && notes[i] != NULL; i++)
    post_note (work, notes[i]);
  work->count = whole->count;
  whole->at_once = options->at_once;
  if (!try_to_resume (work, whole))
    {
      work->first = options->n_done;
      skip_pictures (whole, options->n_done);
      work->request = g_steal_pointer (&whole);
    }
  post_started (work, recipe);
  return TRUE;
}

/* ---- Steps ---- */

static MezzotintPixels *
make_frame (Work *work, const MzStep *step)
{
  const MezzotintRunOptions *options = mezzotint_run_get_options (work->run);
  g_autoptr (GError) error = NULL;
  MzPicture *picture = NULL;

  if (options->preview == MEZZOTINT_PREVIEW_VAE && !work->has_frame_problem)
    {
      picture = mz_step_preview (step, MZ_PREVIEW_VAE, &error);
      if (picture == NULL && !g_error_matches (error, MZ_ERROR, MZ_ERROR_CANCELLED))
        {
          work->has_frame_problem = TRUE; /* small ones from here on */
          post_note (work, error->message);
        }
    }
  if (picture == NULL)
    picture = mz_step_preview (step, MZ_PREVIEW_QUICK, NULL);
  return picture != NULL ? mezzotint_pixels_new (picture) : NULL;
}

/* Of the pictures drawn together, with the last of them: all; NULL with the others. */
static MezzotintPixels *
make_shown (Work *work, const MzStep *step, MezzotintPixels *frame)
{
  MezzotintPixels *shown = NULL;

  if (step->together == 1)
    return mezzotint_pixels_ref (frame);
  if (step->picture == step->first)
    g_ptr_array_set_size (work->frames, 0);
  g_ptr_array_add (work->frames, mezzotint_pixels_ref (frame));
  if (step->picture + 1 < step->first + step->together)
    return NULL;
  shown = mezzotint_sheet_new ((MezzotintPixels *const *) work->frames->pdata, (int) work->frames->len);
  g_ptr_array_set_size (work->frames, 0);
  return shown;
}

static void
post_frame (Work *work, const MzStep *step)
{
  MezzotintRunEvent frame = {
    .kind = MEZZOTINT_RUN_FRAME,
    .picture = work->first + step->picture,
    .seed = step->seed,
    .step = step->step,
    .steps = step->steps,
    .completes_step = step->picture + 1 == step->first + step->together,
    .pixels = make_frame (work, step),
  };

  if (frame.pixels == NULL)
    return;
  frame.shown = make_shown (work, step, frame.pixels);
  frame.snapshot = mz_step_take_snapshot (step, NULL);
  mezzotint_run_post (work->run, &frame);
}

/* Of the whole task: each picture is its steps and one more for the decoder. */
static double
get_fraction (const Work *work, const MzStep *step)
{
  int per_picture = step->steps + 1,
      n_decoded = step->phase == MZ_PHASE_DECODE ? step->picture - step->first : 0;
  int done = (work->first + step->first) * per_picture + step->step * step->together + n_decoded;

  return CLAMP ((double) done / ((double) work->count * per_picture), 0, 1);
}

static void
post_progress (Work *work, const MzStep *step)
{
  const MezzotintRunEvent progress = {
    .kind = MEZZOTINT_RUN_PROGRESS,
    .progress = {
      .phase = step->phase,
      .picture = work->first + step->picture,
      .together = step->phase == MZ_PHASE_SAMPLE ? step->together : 1,
      .step = step->step,
      .steps = step->steps,
      .fraction = get_fraction (work, step),
      .step_seconds = step->step_seconds,
      .stepped = step->together,
      .seconds_left = step->seconds_left,
    },
  };

  mezzotint_run_post (work->run, &progress);
}

static void
progress_cb (gpointer user, const MzStep *step)
{
  Work *work = user;
  gboolean is_after_step = step->phase == MZ_PHASE_SAMPLE && step->step > 0 && step->denoised != NULL;

  if (step->note != NULL)
    post_note (work, step->note);
  mezzotint_picture_clock_step (&work->clock, step);
  work->end = step->first + step->together;
  if (is_after_step)
    post_frame (work, step);
  if (!is_after_step || step->picture == step->first) /* the first stands for all that are drawn together */
    post_progress (work, step);
  if (is_after_step)
    work->between_steps (work->user);
}

/* ---- Pictures ---- */

static MezzotintOutput *
open_output (Work *work, GError **error)
{
  const MezzotintRunOptions *options = mezzotint_run_get_options (work->run);
  const MzModelInfo *info = mz_model_get_info (mezzotint_engine_slot_get_model (work->slot));
  const MzMethodInfo *sampler = mz_find_sampler (work->request->sampler, NULL);
  const MezzotintNameFacts facts = {
    .prompt = work->request->prompt,
    .model = info->name,
    .sampler = sampler != NULL ? sampler->label : NULL,
    .steps = work->request->steps,
    .width = work->request->width,
    .height = work->request->height,
    .count = work->count,
  };

  return mezzotint_output_new_with_pattern (options->folder, options->pattern, &facts, error);
}

/* Before anybody waits for a picture that cannot be kept, it is said; the disk may be well again by then. */
static void
check_output (Work *work)
{
  g_autoptr (GError) error = NULL;

  work->output = open_output (work, &error);
  if (work->output == NULL)
    post_note (work, error->message);
}

static char *
save (Work *work, int index, guint64 seed, const MzPicture *picture, const char *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;
  char *path = NULL;

  if (work->output == NULL)
    work->output = open_output (work, &error);
  if (work->output != NULL)
    path = mezzotint_output_save (work->output, index, seed, picture, parameters, &error);
  if (path != NULL)
    return path;
  message = g_strdup_printf (
      _ ("%s The picture is kept in memory until the program ends; save it elsewhere."), error->message);
  post_note (work, message);
  return NULL;
}

static MezzotintPixels *
copy_pixels (const MzPicture *picture)
{
  MzPicture *copy = g_new0 (MzPicture, 1);

  *copy = *picture;
  copy->rgb = g_memdup2 (picture->rgb, (gsize) picture->width * (gsize) picture->height * 3);
  return mezzotint_pixels_new (copy);
}

/* The text of a picture may have to wait for the model's hash; the eye need not. */
static void
post_shown (Work *work, MezzotintPixels *pixels)
{
  if (!mezzotint_model_hash_has_ended (mezzotint_engine_slot_get_hash (work->slot)))
    mezzotint_run_post (work->run, &(MezzotintRunEvent){ .kind = MEZZOTINT_RUN_SHOWN,
                                                         .pixels = mezzotint_pixels_ref (pixels),
                                                         .steps = work->request->steps });
}

static gboolean
picture_cb (gpointer user, int index, guint64 seed, const MzPicture *picture, GError **error)
{
  Work *work = user;
  MezzotintRunEvent event = {
    .kind = MEZZOTINT_RUN_PICTURE,
    .picture = work->first + index,
    .seed = seed,
    .pixels = copy_pixels (picture),
    .seconds = mezzotint_picture_clock_picture (&work->clock),
  };

  post_shown (work, event.pixels);
  event.text = mezzotint_job_describe_picture (mezzotint_engine_slot_get_model (work->slot),
                                               mezzotint_engine_slot_get_hash (work->slot), work->request,
                                               index, mezzotint_run_get_cancel (work->run));
  event.path = save (work, event.picture, seed, picture, event.text);
  mezzotint_run_post (work->run, &event);
  if (!mezzotint_run_stops_after_picture (work->run) || event.picture + 1 >= work->count
      || index + 1 < work->end)
    return TRUE;
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_CANCELLED, "Stopped after the picture.");
  return FALSE;
}

/* ---- All of it ---- */

static void
loading_cb (gpointer user, double fraction)
{
  Work *work = user;

  mezzotint_run_post (work->run, &(MezzotintRunEvent){ .kind = MEZZOTINT_RUN_LOADING, .fraction = fraction });
}

gboolean
mezzotint_run_perform (MezzotintRun *run,
                       MezzotintEngineSlot *slot,
                       void (*between_steps) (gpointer user),
                       gpointer user,
                       GError **error)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) mezzotint_pixels_unref);
  Work work = { .run = run, .slot = slot, .between_steps = between_steps, .user = user, .frames = frames };
  const MzCallbacks callbacks = { progress_cb, picture_cb, &work };
  const MezzotintRunOptions *options = mezzotint_run_get_options (run);
  const char *path = mezzotint_recipe_get_model (options->recipe);
  MzCancel *cancel = mezzotint_run_get_cancel (run);
  MzModel *model;
  g_autoptr (MzResult) result = NULL;

  if (options->n_done > 0 && options->n_done >= mezzotint_recipe_get_request (options->recipe)->count)
    return TRUE; /* nothing is left to make */
  model = mezzotint_engine_slot_load (slot, path, cancel, loading_cb, &work, error);
  if (model == NULL || !prepare_request (&work, error))
    return FALSE;
  check_output (&work);
  mezzotint_picture_clock_start (&work.clock);
  mz_model_ref (model); /* whatever the callbacks do to the slot */
  result = mz_generate (model, work.request, &callbacks, cancel, error);
  mz_model_unref (model);
  mz_request_free (work.request);
  g_clear_pointer (&work.output, mezzotint_output_free);
  return result != NULL;
}
