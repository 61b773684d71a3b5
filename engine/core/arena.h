/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where each activation lies inside one block of memory: offsets handed out and taken back, first fit.
 *
 * It hands out numbers, not memory: a model runs once without computing to learn the high-water mark, the
 * block is taken, and the real run, which asks for the same sizes in the same order, gets the same offsets.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MzArena MzArena;

/* Every offset and size is rounded up to `alignment` bytes, a power of two. */
MzArena *mz_arena_new (gsize alignment);
void mz_arena_free (MzArena *arena);

/* Returns the offset of a range of `n_bytes` that overlaps no live range; ranges of 0 bytes are legal. */
gsize mz_arena_take (MzArena *arena, gsize n_bytes);
/* Gives back the range that begins at `offset`. */
void mz_arena_give (MzArena *arena, gsize offset);
/* Gives back everything; the high-water mark stays. */
void mz_arena_clear (MzArena *arena);

/* Highest end of any range so far, and bytes live now. */
gsize mz_arena_high_water (MzArena *arena);
gsize mz_arena_live_bytes (MzArena *arena);
/* Forgets the high-water mark; nothing may be live. */
void mz_arena_reset_high_water (MzArena *arena);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzArena, mz_arena_free)

G_END_DECLS
