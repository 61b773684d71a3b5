/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598). */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* dst [n] = uncond + scale (cond - uncond). dst may be cond or uncond. scale 1 gives cond: callers then need
 * not evaluate uncond at all. */
void mz_guidance_combine (const float *cond, const float *uncond, float scale, float *dst, gsize n);

G_END_DECLS
