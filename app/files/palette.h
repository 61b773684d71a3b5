/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture in at most 256 colours. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

typedef struct
{
  int n; /* 1..256 */
  guint8 rgb[256][3];
} MezzotintPalette;

/* Chooses colours for the picture and gives each pixel one: fills the palette and indices [height, width].
 *
 * Up to 256 colours stay as they are. More are chosen by cutting the cloud of colours, always the box with
 * the largest square error, at its mean (after Heckbert 1982 and Wu 1991); what lies between them is mixed by
 * an ordered 8x8 pattern (Bayer 1973), which does not crawl from one frame of an animation to the next. Fails
 * with MZ_ERROR_MEMORY or CANCELLED. Any thread. */
gboolean mezzotint_palette_apply (MezzotintPalette *palette,
                                  const MzPicture *picture,
                                  guint8 *indices,
                                  MzCancel *cancel,
                                  GError **error);

G_END_DECLS
