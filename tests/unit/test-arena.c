/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The arena's offsets against a plain model of it: random takes and gives, nothing overlaps, the marks are
 * right. */
#include "core/arena.h"

#define ALIGNMENT 64
#define MAX_LIVE 40

typedef struct
{
  gsize begin, n_bytes;
} Range;

static gsize
round_up (gsize n)
{
  return (MAX (n, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void
check_disjoint (const Range *live, int n_live, Range added)
{
  for (int i = 0; i < n_live; i++)
    g_assert_true (added.begin + round_up (added.n_bytes) <= live[i].begin
                   || live[i].begin + round_up (live[i].n_bytes) <= added.begin);
}

/* Small sizes mostly, now and then a large one or nothing. */
static gsize
random_size (GRand *random)
{
  int kind = g_rand_int_range (random, 0, 10);

  if (kind == 0)
    return 0;
  return (gsize) g_rand_int_range (random, 1, kind < 8 ? 1000 : 1 << 28);
}

static void
test_random (void)
{
  g_autoptr (MzArena) arena = mz_arena_new (ALIGNMENT);
  g_autoptr (GRand) random = g_rand_new_with_seed (2026);
  Range live[MAX_LIVE];
  int n_live = 0;
  gsize live_bytes = 0, high_water = 0;

  for (int i = 0; i < 20000; i++)
    {
      if (n_live < MAX_LIVE && (n_live == 0 || g_rand_boolean (random)))
        {
          Range range = { 0, random_size (random) };

          range.begin = mz_arena_take (arena, range.n_bytes);
          g_assert_cmpuint (range.begin % ALIGNMENT, ==, 0);
          check_disjoint (live, n_live, range);
          live[n_live++] = range;
          live_bytes += round_up (range.n_bytes);
          high_water = MAX (high_water, range.begin + round_up (range.n_bytes));
        }
      else
        {
          int at = g_rand_int_range (random, 0, n_live);

          mz_arena_give (arena, live[at].begin);
          live_bytes -= round_up (live[at].n_bytes);
          live[at] = live[--n_live];
        }
      g_assert_cmpuint (mz_arena_live_bytes (arena), ==, live_bytes);
      g_assert_cmpuint (mz_arena_high_water (arena), ==, high_water);
    }
}

/* The same sizes in the same order lie where they lay before: what is planned is what runs. */
static void
test_repeats (void)
{
  gsize offsets[2][5];
  g_autoptr (MzArena) arena = mz_arena_new (ALIGNMENT);

  for (int pass = 0; pass < 2; pass++)
    {
      offsets[pass][0] = mz_arena_take (arena, 1000);
      offsets[pass][1] = mz_arena_take (arena, 3000);
      offsets[pass][2] = mz_arena_take (arena, 10);
      mz_arena_give (arena, offsets[pass][1]);
      offsets[pass][3] = mz_arena_take (arena, 2000);
      offsets[pass][4] = mz_arena_take (arena, 5000);
      mz_arena_clear (arena);
      g_assert_cmpuint (mz_arena_live_bytes (arena), ==, 0);
    }
  g_assert_cmpmem (offsets[0], sizeof offsets[0], offsets[1], sizeof offsets[1]);
}

/* What was given back is used again, from the lowest offset on. */
static void
test_reuse (void)
{
  g_autoptr (MzArena) arena = mz_arena_new (ALIGNMENT);
  gsize a = mz_arena_take (arena, 64), b = mz_arena_take (arena, 128);

  g_assert_cmpuint (a, ==, 0);
  g_assert_cmpuint (b, ==, 64);
  g_assert_cmpuint (mz_arena_take (arena, 64), ==, 192);
  mz_arena_give (arena, a);
  mz_arena_give (arena, b); /* the two holes are one now */
  g_assert_cmpuint (mz_arena_take (arena, 192), ==, 0);
  g_assert_cmpuint (mz_arena_high_water (arena), ==, 256);
}

static void
test_high_water (void)
{
  g_autoptr (MzArena) arena = mz_arena_new (ALIGNMENT);

  mz_arena_take (arena, 1000);
  mz_arena_clear (arena);
  g_assert_cmpuint (mz_arena_high_water (arena), ==, 1024);
  mz_arena_reset_high_water (arena);
  g_assert_cmpuint (mz_arena_high_water (arena), ==, 0);
  mz_arena_take (arena, 0);
  g_assert_cmpuint (mz_arena_high_water (arena), ==, 64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arena/random", test_random);
  g_test_add_func ("/arena/repeats", test_repeats);
  g_test_add_func ("/arena/reuse", test_reuse);
  g_test_add_func ("/arena/high-water", test_high_water);
  return g_test_run ();
}
