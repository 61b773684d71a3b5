/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of two pictures, side by side. */
#pragma once

#include "app/files/parameters.h"

G_BEGIN_DECLS

typedef struct
{
  char *key;    /* "CFG scale"; for the prompts "Prompt" and "Negative prompt", in the user's language */
  char *first;  /* NULL: not said */
  char *second; /* NULL: not said */
  gboolean differs;
} MezzotintSettingPair;

/* Every setting that either says: prompts first, then in the order of `first`, then what only `second` has.
 * Numbers are compared as numbers: "7" is "7.0". Either may be NULL. GPtrArray of MezzotintSettingPair, owned
 * by the caller. Any thread. */
GPtrArray *mezzotint_parameters_compare (const MezzotintParameters *first, const MezzotintParameters *second);

G_END_DECLS
