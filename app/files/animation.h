/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures one after another as a file that plays: APNG, which loses nothing, or GIF, which everything
 * plays. */
#pragma once

#include <gio/gio.h>

#include "app/files/pixels.h"

G_BEGIN_DECLS

typedef enum
{
  MEZZOTINT_ANIMATION_APNG,
  MEZZOTINT_ANIMATION_GIF, /* 256 colours a frame; times are rounded to 10 ms, and 20 at least */
} MezzotintAnimationKind;

#define MEZZOTINT_ANIMATION_MAX_FRAMES 10000
#define MEZZOTINT_ANIMATION_MAX_MS 65535

typedef struct
{
  const MzPicture *picture; /* borrowed; any size */
  int duration_ms;          /* how long it is shown, 0..MEZZOTINT_ANIMATION_MAX_MS */
} MezzotintAnimationFrame;

typedef struct
{
  MezzotintAnimationKind kind;
  int width, height;      /* px, up to 65535; smaller frames are scaled. 0: those of the largest frame */
  int n_loops;            /* 0: for ever */
  const char *parameters; /* settings as UTF-8 text, for APNG; NULL: none */
  /* Called after each frame, on the thread that saves. May be NULL. */
  void (*progress) (gpointer user, guint n_done, guint n_frames);
  gpointer user;
} MezzotintAnimationOptions;

/* What a file of this name is to be: ".gif", or ".png" and ".apng". FALSE: neither. */
gboolean mezzotint_animation_kind_from_name (const char *name, MezzotintAnimationKind *kind);

/* Writes the frames [n_frames], 1..MEZZOTINT_ANIMATION_MAX_FRAMES, to `path` in one step, replacing what was
 * there. A program that plays no APNG shows the last frame. Needs the memory of about two frames. Blocks; any
 * thread. Fails with G_FILE_ERROR, MZ_ERROR_MEMORY, ARGUMENT (no frame, too many, too large) or CANCELLED,
 * and leaves nothing behind then. */
gboolean mezzotint_animation_save (const char *path,
                                   const MezzotintAnimationFrame *frames,
                                   guint n_frames,
                                   const MezzotintAnimationOptions *options,
                                   MzCancel *cancel,
                                   GError **error);

/* The same on a thread of its own. pixels: MezzotintPixels, at least one, a reference to each is kept while
 * it runs; each is shown for frame_ms, the last one for hold_ms. `parameters` is copied; `cancellable` may be
 * NULL. */
void mezzotint_animation_save_async (const char *path,
                                     MezzotintAnimationKind kind,
                                     GPtrArray *pixels,
                                     int frame_ms,
                                     int hold_ms,
                                     const char *parameters,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* As above; or G_IO_ERROR_CANCELLED. */
gboolean mezzotint_animation_save_finish (GAsyncResult *result, GError **error);

G_END_DECLS
