/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What tokenizer.c and tokenizer-load.c share. */
#pragma once

#include "text/added.h"
#include "text/bpe.h"
#include "text/settings.h"
#include "text/tokenizer.h"

G_BEGIN_DECLS

struct _MzTokenizer
{
  gatomicrefcount ref_count;
  MzBpe *bpe;
  MzAdded *added;
  guint32 special_ids[MZ_N_SPECIALS];
  guint max_positions;
};

/* Puts the special and added tokens of `settings` into a filled vocabulary, seals it, and makes a tokenizer
 * of it. Takes over `bpe` also on failure, which is MZ_ERROR_FORMAT; `place` names the files for the message.
 */
MzTokenizer *mz_tokenizer_new (MzBpe *bpe, const MzSettings *settings, const char *place, GError **error);

G_END_DECLS
