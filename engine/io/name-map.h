/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From the tensor names of model files to the canonical ones of core/weights.h. */
#pragma once

#include "io/name-rules.h"

G_BEGIN_DECLS

/* The names of one single file in the original (LDM) naming: what numbered blocks stand for depends on which
 * of them have down- and up-samplers, so all names are looked at first. */
typedef struct _MzLdmNames MzLdmNames;

/* names [n_names]: every tensor name of the file; only read during the call. */
MzLdmNames *mz_ldm_names_new (const char *const *names, guint n_names);
void mz_ldm_names_free (MzLdmNames *ldm);

typedef enum
{
  MZ_LDM_TENSOR, /* has a canonical name */
  MZ_LDM_QKV, /* its first dimension is three tensors one after the other: in the canonical name, the '?' is
               * to be replaced by 'q', 'k' and 'v' (OpenCLIP's in_proj) */
  MZ_LDM_IGNORED, /* an EMA copy or a training leftover */
  MZ_LDM_UNKNOWN, /* none of these */
} MzLdmKind;

/* Sets `canonical` (free with g_free) for the first two kinds, NULL for the others. */
MzLdmKind mz_ldm_names_map (const MzLdmNames *ldm, const char *name, char **canonical);

/* The names in a diffusers folder: `component` is "unet", "vae" or "text_encoder". Returns the canonical name
 * (the component in front, the VAE attention of old folders renamed, "text_model." put back where
 * transformers 5.6 and later leave it out), free with g_free; NULL for what is to be ignored. */
char *mz_diffusers_name_map (const char *component, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzLdmNames, mz_ldm_names_free)

G_END_DECLS
