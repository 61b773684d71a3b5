/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What Winograd's way may be off by, more than a direct sum.
 *
 * F(4x4, 3x3) computes A^T [sum over channels of (G g G^T) (B^T d B)] A, where A, B, G hold powers of the
 * points 0, p, -p, q, -q and infinity. An error made in the middle is not measured by the result but by what
 * cancels on the way to it. With every matrix and number replaced by its absolute value that is W = |A|^T
 * [sum (|G| |g| |G|^T) (|B|^T |d| |B|)] |A|, and each of its terms passes through at most 18 roundings of the
 * three transforms and their constants besides those of the product and of the sum over C channels, so with
 * tolerance.c's notation e = 2 sqrt (C + 20) u W. With p = 5/8, q = 3/2 and numbers of the usual kind W is
 * some 25 M; what was seen is below 0.1 of e. */
#include "parity.h"

#include <math.h>
#include <string.h>

#define LAMBDA 2.0
#define U 0x1p-24
#define ROUNDINGS 20
#define P 0.625
#define Q 1.5
#define P2 (P * P)
#define Q2 (Q * Q)

static const double abs_bt[6][6] = {
  { P2 * Q2, 0, P2 + Q2, 0, 1, 0 }, { 0, P *Q2, Q2, P, 1, 0 }, { 0, P *Q2, Q2, P, 1, 0 },
  { 0, Q *P2, P2, Q, 1, 0 },        { 0, Q *P2, P2, Q, 1, 0 }, { 0, P2 *Q2, 0, P2 + Q2, 0, 1 },
};
static const double abs_g[6][3] = {
  { 1 / (P2 * Q2), 0, 0 },
  { 1 / (2 * P2 * (Q2 - P2)), 1 / (2 * P * (Q2 - P2)), 1 / (2 * (Q2 - P2)) },
  { 1 / (2 * P2 * (Q2 - P2)), 1 / (2 * P * (Q2 - P2)), 1 / (2 * (Q2 - P2)) },
  { 1 / (2 * Q2 * (Q2 - P2)), 1 / (2 * Q * (Q2 - P2)), 1 / (2 * (Q2 - P2)) },
  { 1 / (2 * Q2 * (Q2 - P2)), 1 / (2 * Q * (Q2 - P2)), 1 / (2 * (Q2 - P2)) },
  { 0, 0, 1 },
};
static const double abs_at[4][6] = {
  { 1, 1, 1, 1, 1, 0 },
  { 0, P, P, Q, Q, 0 },
  { 0, P2, P2, Q2, Q2, 0 },
  { 0, P2 *P, P2 *P, Q2 *Q, Q2 *Q, 1 },
};

/* out [m, m] = t [m, n] in [n, n] t^T */
static void
transform (int m, int n, const double *t, const double *in, double *out)
{
  double half[36] = { 0 };

  memset (out, 0, (gsize) (m * m) * sizeof *out);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++)
      for (int k = 0; k < n; k++)
        half[i * n + j] += t[i * n + k] * in[k * n + j];
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++)
      for (int k = 0; k < n; k++)
        out[i * m + j] += half[i * n + k] * t[j * n + k];
}

/* |B|^T |d| |B| of channel `c` of the tile whose first result is (y, x) of sample n. */
static void
transform_input (const Problem *p, int n, int c, int y, int x, double *out)
{
  const MzConvGeometry *g = &p->geometry;
  const HostTensor *t = &p->inputs[c < p->inputs[IN].c ? IN : IN2];
  int h = t->h * g->upsample - g->crop_bottom, w = t->w * g->upsample - g->crop_right;
  double d[36] = { 0 };

  if (t == &p->inputs[IN2])
    c -= p->inputs[IN].c;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      {
        int row = y - g->pad_top + i, column = x - g->pad_left + j;

        if (row >= 0 && row < h && column >= 0 && column < w)
          d[i * 6 + j] = fabs (
              t->values[(((gsize) n * t->c + c) * t->h + row / g->upsample) * t->w + column / g->upsample]);
      }
  transform (6, 6, abs_bt[0], d, out);
}

/* |G| |g| |G|^T of every pair of channels: [Cout, Cin, 36] */
static double *
transform_weights (const Problem *p)
{
  const MzView *view = &p->weights[0].view;
  gsize n = (gsize) view->shape[0] * view->shape[1];
  double *all = g_new (double, n * 36);

  for (gsize i = 0; i < n; i++)
    {
      float taps[9];
      double g[9];

      mz_view_read_f32 (view, i * 9, 9, taps);
      for (int j = 0; j < 9; j++)
        g[j] = fabs (taps[j]);
      transform (6, 3, abs_g[0], g, all + i * 36);
    }
  return all;
}

/* Adds e to the bounds of one tile's results in all channels. `inputs` is [Cin, 36]. */
static void
add_tile (const Problem *p, int n, int y, int x, const double *inputs, const double *weights, double *bounds)
{
  int n_in = p->inputs[IN].c + p->inputs[IN2].c;
  double factor = LAMBDA * sqrt (n_in + ROUNDINGS) * U;

  for (int c = 0; c < p->out_c; c++)
    {
      double sums[36] = { 0 }, w[16];

      for (int k = 0; k < n_in; k++)
        for (int i = 0; i < 36; i++)
          sums[i] += inputs[k * 36 + i] * weights[((gsize) c * n_in + k) * 36 + i];
      transform (4, 6, abs_at[0], sums, w);
      for (int i = 0; i < 16; i++)
        if (y + i / 4 < p->out_h && x + i % 4 < p->out_w)
          bounds[(((gsize) n * p->out_c + c) * p->out_h + y + i / 4) * p->out_w + x + i % 4] += factor * w[i];
    }
}

void
tolerance_add_winograd (const Problem *p, double *bounds)
{
  g_autofree double *weights = NULL, *inputs = NULL;
  const MzView *view = &p->weights[0].view;

  if (p->op != OP_CONV2D || view->shape[2] != 3 || view->shape[3] != 3 || p->geometry.stride != 1)
    return;
  weights = transform_weights (p);
  inputs = g_new (double, (gsize) view->shape[1] * 36);
  for (int n = 0; n < p->out_n; n++)
    for (int y = 0; y < p->out_h; y += 4)
      for (int x = 0; x < p->out_w; x += 4)
        {
          for (int c = 0; c < view->shape[1]; c++)
            transform_input (p, n, c, y, x, inputs + c * 36);
          add_tile (p, n, y, x, inputs, weights, bounds);
        }
}
