/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Measuring pictures. */
#include "app/jobs/picture-clock.h"

/* Seconds since the last call, or since the start. */
static double
take_seconds (MezzotintPictureClock *self)
{
  gint64 begin_us = self->begin_us;

  self->begin_us = g_get_monotonic_time ();
  return (double) (self->begin_us - begin_us) * 1e-6;
}

void
mezzotint_picture_clock_start (MezzotintPictureClock *self)
{
  *self = (MezzotintPictureClock){ .begin_us = g_get_monotonic_time () };
}

/* The first picture that is decoded has the steps of all behind it. */
void
mezzotint_picture_clock_step (MezzotintPictureClock *self, const MzStep *step)
{
  if (step->phase != MZ_PHASE_DECODE || step->first < self->end)
    return;
  self->end = step->first + step->together;
  self->sample_seconds = take_seconds (self) / step->together;
}

double
mezzotint_picture_clock_picture (MezzotintPictureClock *self)
{
  return self->sample_seconds + take_seconds (self);
}
