/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Scalar conversions between float32 and the 16-bit floats (IEEE 754 binary16 and bfloat16), round to nearest
 * even. */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

static inline float
mz_bits_to_float (guint32 bits)
{
  float f;

  memcpy (&f, &bits, sizeof f);
  return f;
}

static inline guint32
mz_float_to_bits (float f)
{
  guint32 bits;

  memcpy (&bits, &f, sizeof bits);
  return bits;
}

static inline float
mz_bf16_to_float (guint16 b)
{
  return mz_bits_to_float ((guint32) b << 16);
}

static inline guint16
mz_float_to_bf16 (float f)
{
  guint32 x = mz_float_to_bits (f);

  if ((x & 0x7fffffffu) > 0x7f800000u)
    return (guint16) ((x >> 16) | 0x40u); /* keep NaN a quiet NaN */
  return (guint16) ((x + 0x7fffu + ((x >> 16) & 1u)) >> 16);
}

static inline float
mz_f16_to_float (guint16 h)
{
  guint32 sign = (guint32) (h & 0x8000u) << 16;
  guint32 exponent = (h >> 10) & 0x1fu;
  guint32 mantissa = h & 0x3ffu;

  if (exponent == 0)
    { /* zero and subnormals: mantissa * 2^-24 is exact in float32 */
      float f = (float) mantissa * 0x1p-24f;
      return sign ? -f : f;
    }
  if (exponent == 31)
    return mz_bits_to_float (sign | 0x7f800000u | (mantissa << 13));
  return mz_bits_to_float (sign | ((exponent + 112u) << 23) | (mantissa << 13));
}

static inline guint16
mz_float_to_f16 (float f)
{
  guint32 x = mz_float_to_bits (f);
  guint16 sign = (guint16) ((x >> 16) & 0x8000u);
  guint32 a = x & 0x7fffffffu;
  guint32 shift, mantissa, half, rest;

  if (a > 0x7f800000u)
    return (guint16) (sign | 0x7e00u);
  if (a >= 0x477ff000u) /* rounds to 65536 or more */
    return (guint16) (sign | 0x7c00u);
  if (a >= 0x38800000u)
    { /* normal: rebias, then round the 13 bits that fall off */
      a -= 112u << 23;
      return (guint16) (sign | ((a + 0xfffu + ((a >> 13) & 1u)) >> 13));
    }
  if (a < 0x33000000u)
    return sign; /* below half of the smallest subnormal */
  shift = 126u - (a >> 23);
  mantissa = (a & 0x7fffffu) | 0x800000u;
  half = mantissa >> shift;
  rest = mantissa & ((1u << shift) - 1u);
  if (rest > (1u << (shift - 1)) || (rest == (1u << (shift - 1)) && (half & 1u)))
    half++;
  return (guint16) (sign | half);
}

G_END_DECLS
