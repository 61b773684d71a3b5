/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One recipe being made on the engine's thread, and what it tells the main thread. */
#pragma once

#include "app/jobs/recipe.h"
#include "app/jobs/task-private.h"

G_BEGIN_DECLS

typedef enum
{
  MEZZOTINT_PREVIEW_LINEAR, /* a pixel a latent cell */
  MEZZOTINT_PREVIEW_VAE,    /* in full size */
} MezzotintPreview;

/* What to make and where to keep it. */
typedef struct
{
  MezzotintRecipe *recipe;
  int n_done;        /* pictures of it that were made before */
  GPtrArray *resume; /* of MzSnapshot: where pictures of an interrupted run stood, from its first unfinished
                        one on; NULL: none. At most MZ_MAX_AT_ONCE count. */
  int resume_n_done; /* n_done of that run */
  char *model_state; /* of the model file of that run, see hash-cache.h; NULL: any */
  MezzotintPreview preview;
  int at_once;            /* pictures that are drawn together; see MzRequest */
  char *folder, *pattern; /* of the pictures */
} MezzotintRunOptions;

void mezzotint_run_options_clear (MezzotintRunOptions *options);

typedef enum
{
  MEZZOTINT_RUN_LOADING,  /* fraction */
  MEZZOTINT_RUN_STARTED,  /* recipe (as it is run), picture (the first), text (name of the model), state (of
                             its  file) */
  MEZZOTINT_RUN_NOTE,     /* text: a sentence */
  MEZZOTINT_RUN_PROGRESS, /* progress */
  MEZZOTINT_RUN_FRAME,    /* picture, seed, step, steps, pixels, snapshot (NULL when memory is short); shown:
                             what    is to be seen of all that are drawn together, with the last of them */
  MEZZOTINT_RUN_SHOWN,    /* pixels, steps: the picture that is done, while it waits to be saved */
  MEZZOTINT_RUN_PICTURE,  /* picture, seed, pixels, path (NULL: not saved), text (parameters), seconds */
  MEZZOTINT_RUN_ENDED,    /* error, NULL when all was made */
} MezzotintRunEventKind;

/* Everything belongs to the event. Pictures count in the recipe, those made before included. */
typedef struct
{
  MezzotintRunEventKind kind;
  double fraction, seconds;
  MezzotintTaskProgress progress;
  MezzotintRecipe *recipe;
  char *text, *state, *path;
  int picture, step, steps;
  gboolean completes_step; /* FRAME: of the last of those that are drawn together */
  gboolean goes_on;        /* STARTED: where the interrupted run stood */
  guint64 seed;
  MezzotintPixels *pixels, *shown;
  MzSnapshot *snapshot;
  GError *error;
} MezzotintRunEvent;

typedef struct _MezzotintRun MezzotintRun;

typedef void (*MezzotintRunFunc) (gpointer user, const MezzotintRunEvent *event);

/* Main thread: a run to be given to the engine's thread. Takes what `options` holds. `func` is called on the
 * main thread, in the order of events; of several steps between two calls only the newest progress is told,
 * but every frame. The caller owns the reference. */
MezzotintRun *mezzotint_run_new (MezzotintRunOptions *options, MezzotintRunFunc func, gpointer user);
MezzotintRun *mezzotint_run_ref (MezzotintRun *run);
void mezzotint_run_unref (MezzotintRun *run);
/* Main thread: no call comes any more. */
void mezzotint_run_close (MezzotintRun *run);
/* Any thread: ends it, CANCELLED, within one operation of the engine. */
void mezzotint_run_cancel (MezzotintRun *run);
/* Any thread: should it end, CANCELLED, after the picture in work, if that is not the last one? */
void mezzotint_run_set_stop_after_picture (MezzotintRun *run, gboolean stop);

/* ---- For the engine's thread ---- */

const MezzotintRunOptions *mezzotint_run_get_options (MezzotintRun *run);
MzCancel *mezzotint_run_get_cancel (MezzotintRun *run);
gboolean mezzotint_run_stops_after_picture (MezzotintRun *run);
/* Takes what `event` holds. */
void mezzotint_run_post (MezzotintRun *run, const MezzotintRunEvent *event);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintRun, mezzotint_run_unref)

G_END_DECLS
