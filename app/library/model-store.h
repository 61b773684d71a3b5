/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The models there are: Proof first, then what lies in the user's folders. A GListModel of MezzotintModel,
 * filled in the background, kept up to date with the folders. Main thread.
 *
 * A folder may be A1111's or ComfyUI's installation: their layout (models/Stable-diffusion,
 * models/checkpoints) is known. */
#pragma once

#include <gio/gio.h>

#include "app/settings.h"
#include "engine.h"

G_BEGIN_DECLS

/* Properties: path (string, NULL: built in), name, family (strings, "" until read), size (guint64, bytes),
 * problem (string: why it cannot be used, a sentence; NULL), is-builtin (bool), is-known (bool: its headers
 * were read). */
#define MEZZOTINT_TYPE_MODEL (mezzotint_model_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintModel, mezzotint_model, MEZZOTINT, MODEL, GObject)
const char *mezzotint_model_get_path (MezzotintModel *self);
const char *mezzotint_model_get_name (MezzotintModel *self);
const char *mezzotint_model_get_family (MezzotintModel *self);
const char *mezzotint_model_get_problem (MezzotintModel *self);
gboolean mezzotint_model_is_builtin (MezzotintModel *self);
/* NULL until its headers were read, or when they cannot be. Owned by the model. */
const MzModelInfo *mezzotint_model_get_info (MezzotintModel *self);
/* What suits it, prompts left alone: as mz_request_use_defaults() of the loaded model. */
void mezzotint_model_use_defaults (MezzotintModel *self, MzRequest *request);

#define MEZZOTINT_TYPE_MODEL_STORE (mezzotint_model_store_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintModelStore, mezzotint_model_store, MEZZOTINT, MODEL_STORE, GObject)

/* Properties: is-loading (bool), problem (string: a folder that cannot be read, a sentence; NULL). */
MezzotintModelStore *mezzotint_model_store_new (MezzotintSettings *settings);
/* The model with this path (NULL: built in); NULL when there is none. Owned by the store. */
MezzotintModel *mezzotint_model_store_find (MezzotintModelStore *self, const char *path);
/* The model whose file has a SHA-256 beginning with `hash`, as far as hashes are remembered, else by `name`;
 * NULL. */
MezzotintModel *mezzotint_model_store_match (MezzotintModelStore *self, const char *name, const char *hash);
/* Adds a model file or a folder of models to the settings' folders. */
gboolean mezzotint_model_store_add (MezzotintModelStore *self, GFile *file, GError **error);
/* Is it one, by its name? Looks at the disk. */
gboolean mezzotint_model_store_takes (GFile *file);
void mezzotint_model_store_remove_folder (MezzotintModelStore *self, const char *folder);

G_END_DECLS
