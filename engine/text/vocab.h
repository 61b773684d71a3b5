/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a vocabulary out of JSON without building a tree: vocab.json, and "model" of tokenizer.json. */
#pragma once

#include "text/bpe.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Fills `bpe` from an object of tokens and their ids. FALSE with MZ_ERROR_MISSING, MZ_ERROR_IO or
 * MZ_ERROR_FORMAT; every message names the file. */
gboolean mz_vocab_read (const char *path, MzBpe *bpe, GError **error);

/* Fills `bpe` with the tokens and merges of tokenizer.json, and hands out its "added_tokens", the caller's;
 * NULL where there are none. Errors as above, and MZ_ERROR_UNSUPPORTED if it is not a CLIP tokenizer's. */
gboolean mz_vocab_read_model (const char *path, MzBpe *bpe, JsonNode **added_tokens, GError **error);

G_END_DECLS
