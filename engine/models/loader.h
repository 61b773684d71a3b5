/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Takes tensors by name, has the backend prepare them, and remembers them for their release.
 *
 * A model is built twice with the same code: first with `device` NULL, which only checks names and shapes, so
 * that everything missing can be reported at once; then with a device. Functions return NULL when only
 * checking, and after the first failure, which stays in `error`. */
#pragma once

#include "core/weights.h"
#include "ops/ops.h"

G_BEGIN_DECLS

typedef struct
{
  MzWeights *weights; /* borrowed */
  MzDevice *device;   /* borrowed; NULL: check only */
  MzCancel *cancel;   /* borrowed, may be NULL */
  /* Told the bytes of file data that were just prepared; may be NULL. */
  void (*progress) (gpointer user, gsize n_bytes);
  gpointer user;
  GError *error; /* the first failure; the caller takes it */
} MzLoader;

/* The prepared weights of one model; released together. */
typedef struct
{
  MzDevice *device;
  GPtrArray *list;  /* MzWeight * */
  GPtrArray *names; /* of each, until the set is finished */
  gsize n_bytes;    /* on the device */
  gsize n_file_bytes;
} MzWeightSet;

void mz_weight_set_init (MzWeightSet *set, MzDevice *device);
/* When all are taken: waits for what is under way. The failure goes to the loader. */
void mz_weight_set_finish (MzWeightSet *set, MzLoader *loader);
void mz_weight_set_clear (MzWeightSet *set);

/* `prefix`.weight [out, in, k, k] and `prefix`.bias [out]. */
const MzWeight *
mz_load_conv (MzLoader *loader, MzWeightSet *set, const char *prefix, int out, int in, int kernel);
/* The same where there is no bias. */
const MzWeight *mz_load_conv_without_bias (MzLoader *loader,
                                           MzWeightSet *set,
                                           const char *prefix,
                                           int out,
                                           int in,
                                           int kernel);

/* One or more linear layers of one input as one product: `prefix` + each of the `n_parts` suffixes names a
 * layer with
 * `.weight` [out, in] and, when has_bias, `.bias` [out]. GEGLU: the layer's rows are 2 * out. */
const MzWeight *mz_load_linear (MzLoader *loader,
                                MzWeightSet *set,
                                MzMatrixKind kind,
                                const char *prefix,
                                int n_parts,
                                const char *const *suffixes,
                                int out,
                                int in,
                                gboolean has_bias);

/* `n` linear layers of one input as one product, each with rows of its own number, `.weight` [outs[i], in]
 * and
 * `.bias` [outs[i]]; `names` end without a dot. */
const MzWeight *mz_load_linears (MzLoader *loader,
                                 MzWeightSet *set,
                                 int n,
                                 const char *const *names,
                                 const int *outs,
                                 int in);

/* `prefix`.weight [c] and `prefix`.bias [c] of a norm. */
const MzWeight *mz_load_norm (MzLoader *loader, MzWeightSet *set, const char *prefix, int c);

/* Token table [n_tokens, c] and position table [n_positions, c], by their full names. */
const MzWeight *mz_load_embedding (MzLoader *loader,
                                   MzWeightSet *set,
                                   const char *tokens,
                                   const char *positions,
                                   int n_tokens,
                                   int n_positions,
                                   int c);

G_END_DECLS
