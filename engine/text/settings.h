/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a tokenizer folder says besides its vocabulary: special and added tokens, number of positions. */
#pragma once

#include "core/error.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  MZ_SPECIAL_BOS,
  MZ_SPECIAL_EOS,
  MZ_SPECIAL_UNKNOWN,
  MZ_SPECIAL_PAD,
} MzSpecial;

#define MZ_N_SPECIALS 4
#define MZ_CLIP_MAX_POSITIONS 77

/* A token that is searched in the text by its name. */
typedef struct
{
  char *name;
  gint64 id;           /* as the file has it, unchecked; -1 for special tokens, whose id the vocabulary has */
  gboolean normalized; /* search after clean-up instead of before */
} MzNamedToken;

typedef struct
{
  MzNamedToken specials[MZ_N_SPECIALS];
  GArray *added; /* MzNamedToken */
  guint max_positions;
} MzSettings;

/* Returns CLIP's own settings, the caller's. */
MzSettings *mz_settings_new (void);
void mz_settings_free (MzSettings *settings);

/* Reads tokenizer_config.json, special_tokens_map.json and added_tokens.json of a folder, as far as they are
 * there, and `added_tokens` (that value of tokenizer.json, or NULL) over `settings`.
 * What overrides what is as in transformers 5: "added_tokens_decoder" in the first makes the others unread.
 * "additional_special_tokens" only repeats names from these lists and is not looked at; "lstrip" and "rstrip"
 * move white space, of which no token is made. MZ_ERROR_UNSUPPORTED if the folder is not of a CLIP tokenizer.
 */
gboolean mz_settings_load (MzSettings *settings, const char *dir, JsonNode *added_tokens, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzSettings, mz_settings_free)

G_END_DECLS
