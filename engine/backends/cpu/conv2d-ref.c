/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Convolution, reference: for each result the sum over taps and input channels, nothing rearranged. */
#include "backends/cpu/reference.h"

/* One tap: the weights of input pixel `pixel` times its channels, first those of `in`, then those of `in2`.
 */
static double
tap (const MzTensor *in, const MzTensor *in2, gsize pixel, const float *weights)
{
  double sum = mz_ref_dot (mz_ref_row (in, pixel), weights, in->c);

  if (in2 != NULL)
    sum += mz_ref_dot (mz_ref_row (in2, pixel), weights + in->c, in2->c);
  return sum;
}

/* Sum of all taps that fall on the picture; `top` and `left` are where the window begins on the enlarged and
 * cropped input, and `weights` is [kh, kw, Cin]. */
static double
window (const MzTensor *in,
        const MzTensor *in2,
        int n,
        int top,
        int left,
        const MzConvGeometry *g,
        const MzWeight *weight,
        const float *weights)
{
  int height = in->h * g->upsample - g->crop_bottom, width = in->w * g->upsample - g->crop_right;
  double sum = 0;

  for (int ky = 0; ky < weight->kernel_h; ky++)
    for (int kx = 0; kx < weight->kernel_w; kx++)
      {
        int y = top + ky, x = left + kx;

        if (y < 0 || y >= height || x < 0 || x >= width)
          continue;
        sum += tap (in, in2, ((gsize) n * in->h + y / g->upsample) * in->w + x / g->upsample,
                    weights + (gsize) (ky * weight->kernel_w + kx) * weight->in_channels);
      }
  return sum;
}

gboolean
mz_ref_conv2d (MzExec *exec,
               const MzTensor *out,
               const MzTensor *in,
               const MzTensor *in2,
               const MzWeight *weight,
               const MzConvGeometry *geometry,
               const MzEpilogue *epilogue,
               GError **error)
{
  const MzRefWeight *w = (const MzRefWeight *) weight;
  gsize n_taps = (gsize) weight->kernel_h * weight->kernel_w * weight->in_channels;

  for (int n = 0; n < out->n; n++)
    for (int y = 0; y < out->h; y++)
      for (int c = 0; c < out->c; c++)
        {
          if (mz_cancel_set_error (exec->cancel, error))
            return FALSE;
          for (int x = 0; x < out->w; x++)
            {
              gsize row = ((gsize) n * out->h + y) * out->w + x;
              double sum = window (in, in2, n, y * geometry->stride - geometry->pad_top,
                                   x * geometry->stride - geometry->pad_left, geometry, weight,
                                   w->values + c * n_taps);

              if (w->offsets != NULL)
                sum += w->offsets[c];
              mz_ref_row (out, row)[c] = mz_ref_finish (sum, epilogue, n, row, c);
            }
        }
  return TRUE;
}
