/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How long each picture of a request took; of pictures that are drawn together, the steps' time in equal
 * shares. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

/* All zero before the start. */
typedef struct
{
  gint64 begin_us;       /* monotonic: when the time began that no picture was told yet */
  double sample_seconds; /* one picture's share of the steps */
  int end;               /* behind the last picture whose steps are counted */
} MezzotintPictureClock;

/* When the work begins. */
void mezzotint_picture_clock_start (MezzotintPictureClock *self);
/* At each call of the request's progress. */
void mezzotint_picture_clock_step (MezzotintPictureClock *self, const MzStep *step);
/* At each finished picture: what it took, in seconds. */
double mezzotint_picture_clock_picture (MezzotintPictureClock *self);

G_END_DECLS
