/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Token and position embeddings, reference. */
#include "backends/cpu/reference.h"

gboolean
mz_ref_embed (MzExec *exec, const MzTensor *out, const gint32 *ids, const MzWeight *embedding, GError **error)
{
  const MzRefWeight *w = (const MzRefWeight *) embedding;
  gsize n_rows = mz_tensor_rows (out), per_sample = mz_tensor_pixels (out);

  for (gsize row = 0; row < n_rows; row++)
    {
      const float *token = w->values + (gsize) ids[row] * out->c;
      const float *position = w->offsets + (row % per_sample) * out->c;

      if (mz_cancel_set_error (exec->cancel, error))
        return FALSE;
      for (int c = 0; c < out->c; c++)
        mz_ref_row (out, row)[c] = token[c] + position[c];
    }
  return TRUE;
}
