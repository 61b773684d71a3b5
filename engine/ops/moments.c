/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Mean and variance of what comes in parts; for backends, also those in modules. */
#include "ops/ops.h"

void
mz_moments_join (MzMoments *a, const MzMoments *b)
{
  double n = a->n + b->n, delta = b->mean - a->mean;

  if (b->n == 0)
    return;
  a->mean += delta * (b->n / n);
  a->m2 += b->m2 + delta * delta * (a->n * (b->n / n));
  a->n = n;
}
