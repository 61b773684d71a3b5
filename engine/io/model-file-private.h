/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers of the two layouts share while a model file is opened. */
#pragma once

#include "io/model-file.h"
#include "io/safetensors.h"

G_BEGIN_DECLS

typedef struct
{
  MzModelFile *file; /* being filled */
  GPtrArray *files;  /* char *: becomes file->files */
  MzCancel *cancel;  /* may be NULL */
} MzModelBuilder;

/* Maps a weight file, which from then on belongs to the weights; notes its path. NULL on
 * failure. */
const MzSafetensors *mz_model_builder_map (MzModelBuilder *builder, const char *path, GError **error);
/* Adds a tensor of `source` under its canonical name; `view` may be a slice of it. */
gboolean mz_model_builder_add (MzModelBuilder *builder,
                               const MzSafetensors *source,
                               const MzSafetensor *tensor,
                               const char *canonical,
                               const MzView *view,
                               GError **error);

/* Each fills in the config, the weights, the tokenizer and what else its layout knows. */
gboolean mz_read_single_file (MzModelBuilder *builder, GError **error);
gboolean mz_read_diffusers_folder (MzModelBuilder *builder, const char *folder, GError **error);

G_END_DECLS
