/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* *.safetensors.index.json: which of several files holds which tensor. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

typedef struct
{
  char *path;
  GPtrArray *shards;      /* char *: each file name once, plain names in the index's own folder */
  GHashTable *weight_map; /* char * tensor -> const char * shard */
} MzShardIndex;

/* Reads an index of at most 64 MiB. Names of shards that lead out of the folder, or are not printable,
 * are refused. The caller owns
 * the result; NULL with MZ_ERROR_MISSING, MZ_ERROR_IO, MZ_ERROR_FORMAT, or MZ_ERROR_UNSUPPORTED (more than
 * 1000 shards). */
MzShardIndex *mz_shard_index_open (const char *path, GError **error);
void mz_shard_index_free (MzShardIndex *index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzShardIndex, mz_shard_index_free)

G_END_DECLS
