/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the writers of animations share. */
#pragma once

#include <stdio.h>

#include "app/files/animation.h"

G_BEGIN_DECLS

/* An animation while it is written. */
typedef struct
{
  FILE *stream; /* errors of writing are left to the commit */
  const MezzotintAnimationFrame *frames;
  guint n_frames;
  int width, height; /* px */
  const MezzotintAnimationOptions *options;
  MzCancel *cancel;
} MezzotintAnimation;

gboolean mezzotint_animation_write_apng (MezzotintAnimation *animation, GError **error);
gboolean mezzotint_animation_write_gif (MezzotintAnimation *animation, GError **error);

/* Frame `index` at the animation's size; *scaled receives what must be freed, or NULL. NULL on failure. */
const MzPicture *mezzotint_animation_get_frame (const MezzotintAnimation *animation,
                                                guint index,
                                                MzPicture **scaled,
                                                GError **error);

/* gif-lzw.c: pixels [n] of a palette of 2^bits colours (bits 2..8) as a GIF's image data, sub-blocks and
 * their end included. FALSE with MZ_ERROR_MEMORY or CANCELLED. */
gboolean mezzotint_gif_write_pixels (FILE *stream,
                                     const guint8 *pixels,
                                     gsize n,
                                     int bits,
                                     MzCancel *cancel,
                                     GError **error);

G_END_DECLS
