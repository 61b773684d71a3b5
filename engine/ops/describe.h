/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What every backend does first with a weight out of a file. Errors are ends of sentences that begin with the
 * tensor's name: "holds NaN at element 3 of weight.". */
#pragma once

#include "ops/ops.h"

G_BEGIN_DECLS

/* Checks matrices that are to be stacked, and fills in kind, channels and kernel of `base`, and the rows of
 * all parts. FALSE with MZ_ERROR_FORMAT. */
gboolean mz_describe_matrix (MzMatrixKind kind,
                             int n_parts,
                             const MzView *const *weights,
                             const MzView *const *biases,
                             MzWeight *base,
                             int *n_rows,
                             GError **error);
/* The same of a norm's two vectors, and of an embedding's two tables. */
gboolean mz_describe_norm (const MzView *gamma, const MzView *beta, MzWeight *base, GError **error);
gboolean
mz_describe_embedding (const MzView *tokens, const MzView *positions, MzWeight *base, GError **error);
/* Elements first..first+n as float32; FALSE with MZ_ERROR_NONFINITE when one is NaN or infinity. `what` names
 * the view. */
gboolean
mz_read_finite (const MzView *view, gsize first, gsize n, const char *what, float *out, GError **error);

G_END_DECLS
