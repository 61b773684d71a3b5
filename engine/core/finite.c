/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A vectorised look at the bits of exponents. */
#include "core/finite.h"

#include <string.h>

/* All bits of the exponent are 1. */
#define EXPONENT 0x7f800000u

gboolean
mz_all_finite (const float *values, gsize n)
{
  guint32 found = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;

      memcpy (&bits, values + i, sizeof bits);
      found |= (guint32) ((bits & EXPONENT) == EXPONENT);
    }
  return found == 0;
}
