/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* 16-bit floats: all 65536 of each kind, and every place where rounding turns. */
#include "core/half.h"

#include <math.h>

/* Gives the value of a 16-bit float from its definition: sign, exponent bits, fraction bits. */
static double
value_of (guint16 bits, int exponent_bits, int fraction_bits)
{
  int exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1), bias = (1 << (exponent_bits - 1)) - 1;
  int fraction = bits & ((1 << fraction_bits) - 1);
  double sign = bits & 0x8000 ? -1.0 : 1.0;

  if (exponent == (1 << exponent_bits) - 1)
    return fraction != 0 ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexp (fraction, 1 - bias - fraction_bits);
  return sign * ldexp (fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
}

typedef struct
{
  int exponent_bits, fraction_bits;
  guint16 infinity;
  float (*widen) (guint16);
  guint16 (*narrow) (float);
} Kind;

static const Kind kinds[] = {
  { 5, 10, 0x7c00, mz_f16_to_float, mz_float_to_f16 },
  { 8, 7, 0x7f80, mz_bf16_to_float, mz_float_to_bf16 },
};

static void
test_widen (gconstpointer data)
{
  const Kind *k = data;

  for (guint bits = 0; bits <= 0xffff; bits++)
    {
      double wanted = value_of ((guint16) bits, k->exponent_bits, k->fraction_bits);
      float got = k->widen ((guint16) bits);

      if (isnan (wanted))
        g_assert_true (isnan (got));
      else
        g_assert_cmpfloat (got, ==, wanted);
      g_assert_cmpint (signbit (got) != 0, ==, bits >> 15);
    }
}

/* What can be held comes back as it was; a NaN stays one. */
static void
test_round_trip (gconstpointer data)
{
  const Kind *k = data;

  for (guint bits = 0; bits <= 0xffff; bits++)
    {
      float value = k->widen ((guint16) bits);

      if (isnan (value))
        g_assert_true (isnan (k->widen (k->narrow (value))));
      else
        g_assert_cmphex (k->narrow (value), ==, bits);
    }
}

/* Half way between two neighbours goes to the even one, anything beyond to the nearer. Rounding is monotonic,
 * so this says what becomes of every float32. */
static void
test_turning_points (gconstpointer data)
{
  const Kind *k = data;

  for (guint sign = 0; sign <= 0x8000; sign += 0x8000)
    for (guint low = 0; low < k->infinity; low++)
      {
        double a = fabs (value_of ((guint16) low, k->exponent_bits, k->fraction_bits));
        /* Above the largest number lies, for rounding, the one that would come next, and it is written
         * infinity. */
        double b = low + 1u < k->infinity
                       ? value_of ((guint16) (low + 1), k->exponent_bits, k->fraction_bits)
                       : a + (a - value_of ((guint16) (low - 1), k->exponent_bits, k->fraction_bits));
        float middle = (float) ((a + b) / 2), s = sign != 0 ? -1.0f : 1.0f;

        if (middle == (a + b) / 2)
          g_assert_cmphex (k->narrow (s * middle), ==, sign | (low % 2 == 0 ? low : low + 1));
        g_assert_cmphex (k->narrow (s * nextafterf (middle, 0)), ==, sign | low);
        g_assert_cmphex (k->narrow (s * nextafterf (middle, INFINITY)), ==, sign | (low + 1));
      }
}

static void
test_monotonic (gconstpointer data)
{
  const Kind *k = data;
  guint16 last = 0;

  /* A stride that is prime to powers of two meets every exponent and all kinds of fractions. */
  for (guint32 bits = 0; bits < 0x7f800000u; bits += 1021)
    {
      guint16 now = k->narrow (mz_bits_to_float (bits));

      g_assert_cmphex (now, >=, last);
      last = now;
    }
  g_assert_cmphex (k->narrow (INFINITY), ==, k->infinity);
  g_assert_cmphex (k->narrow (-INFINITY), ==, k->infinity | 0x8000);
}

#if defined __FLT16_MAX__ && !defined __clang__
/* The compiler's own conversion, where it has the type without help from a library. */
static void
test_compiler (void)
{
  for (guint64 bits = 0; bits <= 0xffffffffu; bits += 1021)
    {
      float value = mz_bits_to_float ((guint32) bits);
      _Float16 half = (_Float16) value;
      guint16 wanted;

      memcpy (&wanted, &half, sizeof wanted);
      if (!isnan (value))
        g_assert_cmphex (mz_float_to_f16 (value), ==, wanted);
    }
}
#endif

int
main (int argc, char **argv)
{
  static const char *const names[] = { "f16", "bf16" };

  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *widen = g_strdup_printf ("/half/%s/widen", names[i]);
      g_autofree char *trip = g_strdup_printf ("/half/%s/round-trip", names[i]);
      g_autofree char *turn = g_strdup_printf ("/half/%s/turning-points", names[i]);
      g_autofree char *monotonic = g_strdup_printf ("/half/%s/monotonic", names[i]);

      g_test_add_data_func (widen, &kinds[i], test_widen);
      g_test_add_data_func (trip, &kinds[i], test_round_trip);
      g_test_add_data_func (turn, &kinds[i], test_turning_points);
      g_test_add_data_func (monotonic, &kinds[i], test_monotonic);
    }
#if defined __FLT16_MAX__ && !defined __clang__
  g_test_add_func ("/half/f16/compiler", test_compiler);
#endif
  return g_test_run ();
}
