/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Variation seeds: noise between that of two seeds. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* dst = the noise `strength` (0..1) of the way from `from` to `to` on the sphere (Shoemake 1985), as A1111's
 * slerp: [channels, height, width] each; angles are between the columns over height. dst may be one of the
 * others. nearly_equal_reversed: where the two are all but the same, A1111's straight line has its ends
 * swapped. */
void mz_variation_mix (double strength,
                       const float *from,
                       const float *to,
                       int channels,
                       int height,
                       int width,
                       gboolean nearly_equal_reversed,
                       float *dst);

G_END_DECLS
