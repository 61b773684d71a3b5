/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What bpe.c and bpe-encode.c share. */
#pragma once

#include "text/bpe.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 pair; /* mz_bpe_pair of the two halves */
  guint32 rank; /* lower ones merge first */
  guint32 id;   /* the whole */
} MzBpeMerge;

struct _MzBpe
{
  GHashTable *ids;  /* text (owned) -> id */
  GPtrArray *texts; /* id -> text (borrowed), NULL where an id is not in use */
  GArray *merges;   /* MzBpeMerge, until sealed */

  MzBpeMerge *pairs; /* [pairs_mask + 1], open addressing, half empty or more */
  guint pairs_mask;

  guint32 byte_ids[256];      /* a byte inside a word */
  guint32 last_byte_ids[256]; /* the byte that ends it */
};

static inline guint64
mz_bpe_pair (guint32 left, guint32 right)
{
  return (guint64) left << 32 | right;
}

/* Returns the merge of two tokens, or NULL if they do not merge. */
const MzBpeMerge *mz_bpe_find_merge (const MzBpe *bpe, guint32 left, guint32 right);

G_END_DECLS
