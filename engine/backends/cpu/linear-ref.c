/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Each row times a matrix, reference; with the gate of GEGLU (Shazeer 2020, "GLU Variants Improve
 * Transformer"). */
#include "backends/cpu/reference.h"

/* Row `r` of the matrix times the channels of `in` and `in2` at `row`, and its bias. */
static double
product (const MzRefWeight *w, int r, const MzTensor *in, const MzTensor *in2, gsize row)
{
  const float *values = w->values + (gsize) r * w->base.in_channels;
  double sum = mz_ref_dot (mz_ref_row (in, row), values, in->c);

  if (in2 != NULL)
    sum += mz_ref_dot (mz_ref_row (in2, row), values + in->c, in2->c);
  return w->offsets != NULL ? sum + w->offsets[r] : sum;
}

gboolean
mz_ref_linear (MzExec *exec,
               const MzTensor *out,
               const MzTensor *in,
               const MzTensor *in2,
               const MzWeight *weight,
               const MzEpilogue *epilogue,
               GError **error)
{
  const MzRefWeight *w = (const MzRefWeight *) weight;
  gsize n_rows = mz_tensor_rows (out), per_sample = mz_tensor_pixels (out);

  for (gsize row = 0; row < n_rows; row++)
    {
      if (mz_cancel_set_error (exec->cancel, error))
        return FALSE;
      for (int c = 0; c < out->c; c++)
        {
          double y = product (w, c, in, in2, row);

          if (weight->kind == MZ_MATRIX_GEGLU)
            y *= mz_ref_activate (product (w, out->c + c, in, in2, row), MZ_ACTIVATION_GELU);
          mz_ref_row (out, row)[c] = mz_ref_finish (y, epilogue, (int) (row / per_sample), row, c);
        }
    }
  return TRUE;
}
