/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Layer norm (Ba, Kiros and Hinton 2016), reference: each row by itself, in three passes. */
#include "backends/cpu/reference.h"

gboolean
mz_ref_layer_norm (MzExec *exec,
                   const MzTensor *out,
                   const MzTensor *in,
                   const MzWeight *norm,
                   float epsilon,
                   GError **error)
{
  const MzRefWeight *w = (const MzRefWeight *) norm;
  gsize n_rows = mz_tensor_rows (in);

  for (gsize row = 0; row < n_rows; row++)
    {
      const float *x = mz_ref_row (in, row);
      float *y = mz_ref_row (out, row);
      double mean = 0, variance = 0, scale;

      if (mz_cancel_set_error (exec->cancel, error))
        return FALSE;
      for (int c = 0; c < in->c; c++)
        mean += x[c];
      mean /= in->c;
      for (int c = 0; c < in->c; c++)
        variance += (x[c] - mean) * (x[c] - mean);
      variance /= in->c;
      scale = 1.0 / sqrt (variance + epsilon);
      for (int c = 0; c < in->c; c++)
        y[c] = (float) ((x[c] - mean) * scale * w->values[c] + w->offsets[c]);
    }
  return TRUE;
}
