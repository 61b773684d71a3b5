/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers of other programs' settings share: each turns its program's form into A1111's pairs, which
 * parameters-request.h understands. */
#pragma once

#include <json-glib/json-glib.h>

#include "app/files/metadata.h"
#include "app/files/parameters.h"

G_BEGIN_DECLS

/* Settings on their way. */
typedef struct
{
  const char *program;             /* for people; static */
  MezzotintParameters *parameters; /* owned */
  GPtrArray *loras;                /* char *, names */
  GPtrArray *unused;               /* char *, names of settings that mean nothing here */
  GPtrArray *notes;                /* char *, sentences: what will differ */
} MezzotintDraft;

/* Fills the draft when the metadata are this program's; FALSE when they are not. What makes no sense in them
 * is left out. */
typedef gboolean (*MezzotintDraftFunc) (const MezzotintMetadata *metadata, MezzotintDraft *draft);

gboolean mezzotint_import_a1111 (const MezzotintMetadata *metadata, MezzotintDraft *draft);
gboolean mezzotint_import_comfyui (const MezzotintMetadata *metadata, MezzotintDraft *draft);
gboolean mezzotint_import_drawthings (const MezzotintMetadata *metadata, MezzotintDraft *draft);
gboolean mezzotint_import_fooocus (const MezzotintMetadata *metadata, MezzotintDraft *draft);
gboolean mezzotint_import_invokeai (const MezzotintMetadata *metadata, MezzotintDraft *draft);
gboolean mezzotint_import_novelai (const MezzotintMetadata *metadata, MezzotintDraft *draft);

void mezzotint_draft_init (MezzotintDraft *draft);
void mezzotint_draft_clear (MezzotintDraft *draft);
/* Begins the parameters; either prompt may be NULL. */
void mezzotint_draft_set_prompts (MezzotintDraft *draft, const char *prompt, const char *negative_prompt);
void mezzotint_draft_set (MezzotintDraft *draft, const char *key, const char *value);
/* Takes a pair out again. */
void mezzotint_draft_drop (MezzotintDraft *draft, const char *key);
void mezzotint_draft_set_size (MezzotintDraft *draft, const char *width, const char *height);
/* "Compatible with" and "Prompt style": ids. */
void mezzotint_draft_set_conventions (MezzotintDraft *draft, const char *compatibility, const char *style);
void mezzotint_draft_note (MezzotintDraft *draft, const char *sentence);
/* Names a setting that is not used, unless it is named already. */
void mezzotint_draft_leave (MezzotintDraft *draft, const char *name);
/* A LoRA's name, its file name's suffix left out. */
void mezzotint_draft_add_lora (MezzotintDraft *draft, const char *name);

/* A model's file name as a model's name: without folders and suffix. Free with g_free. */
char *mezzotint_model_name_of_file (const char *file);

/* ---- JSON of anybody ---- */

/* No longer text is parsed, nor deeper, nor with more members in one object: json-glib recurses, and its
 * tables are slow when somebody chose the keys for it. */
#define MEZZOTINT_JSON_MAX_BYTES (4 << 20)
#define MEZZOTINT_JSON_MAX_DEPTH 64
#define MEZZOTINT_JSON_MAX_MEMBERS 4096

/* The object that `text` is, or NULL. NaN and infinities, which Python writes, become null; whole numbers
 * that a gint64 cannot hold become strings. The caller owns the node. */
JsonNode *mezzotint_json_parse_object (const char *text);
/* A member as text: a string, a number or a bool; NULL for anything else. `object` may be NULL. Free with
 * g_free. */
char *mezzotint_json_get_text (JsonObject *object, const char *key);
/* A node likewise. */
char *mezzotint_json_node_to_text (JsonNode *node);
/* A member that is an object or an array, or NULL; owned by `object`, which may be NULL. */
JsonObject *mezzotint_json_get_object (JsonObject *object, const char *key);
JsonArray *mezzotint_json_get_array (JsonObject *object, const char *key);
/* Copies a member, where there is one, under another key. */
void mezzotint_draft_copy (MezzotintDraft *draft, JsonObject *object, const char *from, const char *to);
/* Names as not used all members but those in `known` (ended by NULL) and those that say nothing (null, "", 0,
 * false, empty lists). */
void mezzotint_draft_leave_rest (MezzotintDraft *draft, JsonObject *object, const char *const *known);

G_END_DECLS
