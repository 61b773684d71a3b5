/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* First-fit offsets over a sorted list of live ranges; a step has fewer than a hundred, so a scan is enough.
 */
#include "core/arena.h"

typedef struct
{
  gsize begin, end;
} Range;

struct _MzArena
{
  gsize alignment;
  GArray *live; /* Range, sorted by begin, disjoint */
  gsize high_water;
  gsize live_bytes;
};

MzArena *
mz_arena_new (gsize alignment)
{
  MzArena *arena = g_new0 (MzArena, 1);

  arena->alignment = alignment;
  arena->live = g_array_new (FALSE, FALSE, sizeof (Range));
  return arena;
}

void
mz_arena_free (MzArena *arena)
{
  g_array_unref (arena->live);
  g_free (arena);
}

gsize
mz_arena_take (MzArena *arena, gsize n_bytes)
{
  gsize size = (MAX (n_bytes, 1) + arena->alignment - 1) & ~(arena->alignment - 1);
  Range range = { 0, 0 };
  guint at;

  for (at = 0; at < arena->live->len; at++)
    {
      const Range *next = &g_array_index (arena->live, Range, at);

      if (next->begin - range.begin >= size)
        break;
      range.begin = next->end;
    }
  range.end = range.begin + size;
  g_array_insert_val (arena->live, at, range);
  arena->live_bytes += size;
  arena->high_water = MAX (arena->high_water, range.end);
  return range.begin;
}

void
mz_arena_give (MzArena *arena, gsize offset)
{
  for (guint i = 0; i < arena->live->len; i++)
    {
      const Range *range = &g_array_index (arena->live, Range, i);

      if (range->begin != offset)
        continue;
      arena->live_bytes -= range->end - range->begin;
      g_array_remove_index (arena->live, i);
      return;
    }
  g_return_if_reached ();
}

void
mz_arena_clear (MzArena *arena)
{
  g_array_set_size (arena->live, 0);
  arena->live_bytes = 0;
}

gsize
mz_arena_high_water (MzArena *arena)
{
  return arena->high_water;
}

gsize
mz_arena_live_bytes (MzArena *arena)
{
  return arena->live_bytes;
}

void
mz_arena_reset_high_water (MzArena *arena)
{
  g_return_if_fail (arena->live->len == 0);
  arena->high_water = 0;
}
