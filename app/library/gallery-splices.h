/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The difference of two lists of ids, as a GListModel tells it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Applied in order; positions are those when its turn comes. */
typedef struct
{
  guint position, n_removed, n_added;
} MezzotintSplice;

/* Beyond as many, one that replaces everything from the first to the last change says it in less time. */
#define MEZZOTINT_MAX_SPLICES 64

/* From ids `before` to ids `after` (gint64 each; no id twice in a list): array of MezzotintSplice. Ids in
 * `changed` (gint64, sorted) are taken out and put in again where they stay. */
GArray *mezzotint_splices_new (const GArray *before, const GArray *after, const GArray *changed);

G_END_DECLS
