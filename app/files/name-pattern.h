/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* File names by a pattern: "{date}-{seed}" becomes "2026-11-25-42".
 *
 * - {date} is 2026-11-25 and {time} is 22-43-41, local
 * - {seed} is the picture's own, {index} its number in the batch, from 1, with as many digits as the last has
 * - {prompt} is its beginning, {model} and {sampler} are names
 * - {steps}, {width} and {height} are numbers
 * - a "/" begins a sub-folder; anything else, unknown names in braces too, stays as it is
 *
 * What file systems, or other systems, do not take becomes "_"; no part begins with a dot or is longer than
 * 200 bytes. So nothing is written outside the folder, and no prompt makes a name that cannot be saved. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

/* What the names stand for. Strings may be NULL. */
typedef struct
{
  const char *prompt, *model, *sampler; /* UTF-8 */
  int steps, width, height, count;
} MezzotintNameFacts;

/* A relative path without a suffix. `when`: NULL is now. Free with g_free. */
char *mezzotint_name_pattern_expand (const char *pattern,
                                     const MezzotintNameFacts *facts,
                                     int index,
                                     guint64 seed,
                                     GDateTime *when);

G_END_DECLS
