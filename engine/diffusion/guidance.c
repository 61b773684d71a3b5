/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Classifier-free guidance. */
#include "diffusion/guidance.h"

void
mz_guidance_combine (const float *cond, const float *uncond, float scale, float *dst, gsize n)
{
  for (gsize i = 0; i < n; i++)
    dst[i] = uncond[i] + scale * (cond[i] - uncond[i]);
}
