/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Renaming tensors by tables of patterns. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MZ_MAX_PLACES 256

/* One pattern and what it becomes.
 * In `from`: '#' matches a decimal number below 256 (at most four of them), '*' at the end matches any rest
 * that is not empty; everything else matches itself. In `to`: '$0' is the first number, '~0' the first number
 * counted from the other end (n_levels - 1 - number), '@0' and
 * '&0' the block and the layer where the first number's place is; '*' is the rest. */
typedef struct
{
  const char *from;
  const char *to;
} MzNameRule;

typedef struct
{
  int block; /* -1: there is no such place */
  int layer;
} MzPlace;

/* What '~', '@' and '&' stand for. */
typedef struct
{
  int n_levels;
  MzPlace places[MZ_MAX_PLACES];
} MzNameContext;

/* Applies the first of rules [n_rules] whose pattern matches all of `name`; `context` may be NULL when no
 * rule asks for it. Returns the new name, free with g_free; NULL when no rule matches or a number has no
 * place. */
char *
mz_name_rules_apply (const MzNameRule *rules, gsize n_rules, const MzNameContext *context, const char *name);

G_END_DECLS
