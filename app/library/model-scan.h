/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looking for models in folders. Bounded in depth and number, so that a whole home folder does no harm. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MEZZOTINT_SCAN_MAX_DEPTH 8
#define MEZZOTINT_SCAN_MAX_ENTRIES 100000
#define MEZZOTINT_SCAN_MAX_MODELS 5000
#define MEZZOTINT_SCAN_MAX_FOLDERS 1000

typedef struct
{
  char *path;      /* absolute; a file, or a diffusers folder */
  char *state;     /* changes when the model does */
  guint64 n_bytes; /* of a file; 0 for a folder */
} MezzotintFoundModel;

typedef struct
{
  GPtrArray *models;  /* of MezzotintFoundModel, by path */
  GPtrArray *folders; /* of char *: those looked into, at most MEZZOTINT_SCAN_MAX_FOLDERS */
  char *problem;      /* a sentence: what could not be looked at; NULL */
} MezzotintScan;

/* Looks through `places`, absolute paths of folders and single files. A folder that is A1111's or ComfyUI's
 * is looked at where they keep checkpoints. Blocks; any thread. The caller owns the result; when cancelled,
 * it is incomplete. */
MezzotintScan *mezzotint_scan_new (const char *const *places, GCancellable *cancellable);
void mezzotint_scan_free (MezzotintScan *scan);

/* Is `name` that of a file which may be a model? */
gboolean mezzotint_scan_is_model_name (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintScan, mezzotint_scan_free)

G_END_DECLS
