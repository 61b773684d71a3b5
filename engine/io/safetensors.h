/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One .safetensors file: mapped, its header read and checked, its tensors as views.
 *
 * The format: 8 bytes n (little endian), n bytes of JSON {"name": {"dtype": "F16", "shape": [..],
 * "data_offsets": [begin, end]}, ..., "__metadata__": {"key": "value"}}, then the data; offsets count from
 * the data's start. As the reference implementation does, the tensors must fill the data without gap, overlap
 * or rest.
 *
 * Beyond the format: a header has at most 100 MB and 262144 tensors, and names are printable and at most 512
 * bytes long, so that they can stand in messages. Data may be unaligned. */
#pragma once

#include "core/cancel.h"
#include "core/tensor.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  MzView view;         /* data points into the mapping */
  const char *foreign; /* the file's name of a type that MzDType lacks ("F8_E4M3"): view.dtype is then U8, and
                        * only shape and bytes mean something; NULL for every readable type */
  guint64 begin, end;  /* bytes, from the start of the data */
} MzSafetensor;

typedef struct
{
  char *path;
  GMappedFile *map;
  guint n_tensors;
  MzSafetensor *tensors; /* [n_tensors], in the order of their data */
  GStringChunk *strings; /* what `name` and `foreign` point into */
} MzSafetensors;

/* Opens and checks everything but the numbers. `cancel` may be NULL. The caller owns the result.
 * Errors: MZ_ERROR_MISSING, MZ_ERROR_IO; MZ_ERROR_FORMAT (damaged; names the tensor), MZ_ERROR_UNSUPPORTED (a
 * pickle, GGUF ... whatever its name; more than MZ_MAX_DIMS dimensions; beyond the limits above),
 * MZ_ERROR_CANCELLED. */
MzSafetensors *mz_safetensors_open (const char *path, MzCancel *cancel, GError **error);
void mz_safetensors_free (MzSafetensors *file);

/* Sets MZ_ERROR_UNSUPPORTED for a tensor of a type that cannot be read. Returns TRUE when it can. */
gboolean
mz_safetensors_check_readable (const MzSafetensors *file, const MzSafetensor *tensor, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzSafetensors, mz_safetensors_free)

G_END_DECLS
