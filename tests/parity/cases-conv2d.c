/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Convolutions: every kind of the family scaled down, odd sizes, and what joins them. */
#include "parity.h"

#include <math.h>

/* What hangs on a convolution besides its numbers. */
enum
{
  BIAS = 1 << 0,
  ADD = 1 << 1,      /* channel_add */
  RES = 1 << 2,      /* residual */
  IN_PLACE = 1 << 3, /* the residual is the result */
  EIGHT = 1 << 4,    /* the matrix in 8 bits */
  SHARED = 1 << 5,   /* one channel_add for all samples */
};

typedef struct
{
  int n, h, w, c, c2, out; /* c2: channels of the second input, 0 = none */
  int kernel;
  MzConvGeometry geometry;
  MzDType dtype; /* of the weights */
  int flags;
  MzActivation activation;
  Fill fill;
  Use use;
} Case;

#define SAME                                                                                                 \
  {                                                                                                          \
    1, 1, 1, 1, 1, 1, 0, 0                                                                                   \
  }
#define ONE                                                                                                  \
  {                                                                                                          \
    1, 1, 0, 0, 0, 0, 0, 0                                                                                   \
  } /* 1x1 */
#define DOWN                                                                                                 \
  {                                                                                                          \
    2, 1, 1, 1, 1, 1, 0, 0                                                                                   \
  } /* the U-Net's */
#define DOWN_VAE                                                                                             \
  {                                                                                                          \
    2, 1, 0, 0, 1, 1, 0, 0                                                                                   \
  } /* the encoder's: one row below, one column to the right */
#define UP                                                                                                   \
  {                                                                                                          \
    1, 2, 1, 1, 1, 1, 0, 0                                                                                   \
  }
#define UP_CROP(BOTTOM, RIGHT)                                                                               \
  {                                                                                                          \
    1, 2, 1, 1, 1, 1, BOTTOM, RIGHT                                                                          \
  }
#define PAD(T, L, B, R)                                                                                      \
  {                                                                                                          \
    1, 1, T, L, B, R, 0, 0                                                                                   \
  }
#define F32 MZ_DTYPE_F32
#define F16 MZ_DTYPE_F16
#define BF16 MZ_DTYPE_BF16
#define SILU MZ_ACTIVATION_SILU
#define GELU MZ_ACTIVATION_GELU
#define QUICK MZ_ACTIVATION_QUICK_GELU
#define RELU MZ_ACTIVATION_RELU

static const Case cases[] = {
  /* n, h, w, c, c2, out, kernel, geometry, weights */
  { 1, 1, 1, 1, 0, 1, 3, SAME, F32, BIAS },
  { 1, 1, 1, 3, 0, 5, 1, ONE, F32 },
  { 1, 3, 3, 1, 0, 1, 3, SAME, F32 },
  { 1, 5, 7, 3, 0, 5, 3, SAME, F32, BIAS },
  { 2, 7, 5, 5, 0, 3, 3, SAME, F16, BIAS },
  { 1, 33, 31, 17, 0, 17, 3, SAME, BF16, BIAS },
  { 1, 1, 33, 4, 0, 16, 3, SAME, F32, BIAS },
  { 2, 5, 6, 12, 4, 20, 3, SAME, F16, BIAS },
  { 1, 33, 1, 16, 0, 4, 3, SAME, F32, BIAS },
  { 2, 8, 8, 32, 0, 32, 3, SAME, F32, BIAS },
  { 3, 9, 11, 33, 0, 47, 3, SAME, F32, BIAS },
  { 2, 16, 16, 64, 0, 48, 3, SAME, F16, BIAS },
  { 1, 13, 9, 320, 0, 321, 3, SAME, F32, BIAS },
  { 1, 5, 5, 640, 0, 64, 3, SAME, F16, BIAS },
  { 1, 2, 2, 1280, 0, 40, 3, SAME, BF16, BIAS },
  /* more tiles, columns and channels than a block of Winograd's holds, and sides that are no multiple of 4 */
  { 2, 42, 37, 20, 0, 24, 3, SAME, F16, BIAS | RES },
  { 1, 6, 50, 100, 44, 350, 3, SAME, F16, BIAS | ADD, SILU },
  { 1, 21, 23, 24, 0, 18, 3, UP_CROP (1, 1), F16, BIAS },
  /* as libraries take them: whole vectors, all that may hang on one */
  { 2, 12, 10, 64, 0, 48, 3, SAME, F16, BIAS | ADD | SHARED },
  { 3, 9, 7, 17, 0, 19, 3, SAME, F32, BIAS | ADD | SHARED, SILU },
  { 2, 12, 10, 64, 0, 64, 3, SAME, F16, BIAS | RES | IN_PLACE },
  { 2, 12, 10, 64, 0, 64, 3, SAME, F16, BIAS | ADD | SHARED | RES },
  { 2, 12, 10, 64, 0, 64, 3, DOWN, F16, BIAS },
  { 1, 12, 10, 64, 0, 64, 3, DOWN_VAE, F16, BIAS },
  { 2, 6, 5, 64, 0, 64, 3, UP, F16, BIAS },
  { 2, 6, 5, 64, 0, 64, 3, UP_CROP (1, 1), F16, BIAS },
  /* the same with little work, for emulated cards */
  { 1, 12, 11, 8, 0, 160, 3, SAME, F16, BIAS | ADD | SHARED },
  { 2, 11, 6, 8, 8, 232, 3, SAME, F16, BIAS | ADD },
  { 2, 6, 5, 32, 0, 40, 3, SAME, F16, BIAS | ADD | SHARED | RES },
  { 2, 6, 5, 24, 0, 40, 3, SAME, F16, BIAS | RES | IN_PLACE, RELU },
  { 2, 5, 4, 16, 0, 24, 3, UP_CROP (1, 1), F16, BIAS },
  /* first and last of U-Net and autoencoder */
  { 2, 17, 15, 4, 0, 64, 3, SAME, F16, BIAS },
  { 2, 15, 17, 64, 0, 4, 3, SAME, F16, BIAS },
  { 1, 24, 24, 32, 0, 3, 3, SAME, F32, BIAS },
  { 1, 24, 24, 3, 0, 32, 3, SAME, F32, BIAS },
  { 1, 9, 9, 9, 0, 32, 3, SAME, F32, BIAS },
  { 1, 7, 9, 4, 0, 4, 1, ONE, F32, BIAS },
  { 1, 7, 9, 8, 0, 8, 1, ONE, BF16, BIAS },
  /* 1x1, stride 2, enlarging, padding */
  { 2, 9, 7, 65, 0, 33, 1, ONE, F32, BIAS },
  { 2, 9, 7, 40, 24, 33, 1, ONE, F16, BIAS },
  { 1, 7, 9, 8, 0, 8, 1, { 2, 1, 0, 0, 0, 0, 0, 0 }, F32, BIAS },
  { 1, 8, 8, 32, 0, 32, 3, DOWN, F32, BIAS },
  { 2, 9, 7, 17, 0, 19, 3, DOWN, F16, BIAS },
  { 1, 33, 31, 5, 0, 3, 3, DOWN, BF16, BIAS },
  { 1, 8, 8, 32, 0, 32, 3, DOWN_VAE, F32, BIAS },
  { 2, 9, 11, 17, 0, 5, 3, DOWN_VAE, F32, BIAS },
  { 1, 4, 4, 32, 0, 32, 3, UP, F32, BIAS },
  { 2, 5, 3, 17, 0, 19, 3, UP, F16, BIAS },
  { 1, 1, 1, 7, 0, 7, 3, UP, F32, BIAS },
  { 1, 5, 4, 16, 0, 16, 3, UP_CROP (1, 0), F32, BIAS },
  { 1, 4, 5, 16, 0, 16, 3, UP_CROP (0, 1), F32, BIAS },
  { 2, 3, 3, 5, 0, 6, 3, UP_CROP (1, 1), F16, BIAS },
  { 1, 6, 5, 7, 0, 9, 3, PAD (0, 0, 0, 0), F32, BIAS },
  { 1, 6, 5, 7, 0, 9, 3, PAD (2, 0, 1, 3), F32, BIAS },
  { 1, 6, 7, 5, 0, 6, 5, PAD (2, 2, 2, 2), F32, BIAS },
  { 1, 11, 10, 6, 0, 9, 4, { 2, 1, 1, 2, 0, 1, 0, 0 }, F32, BIAS },
  /* bands: first, middle and last of an enlarged picture, and of a halved one */
  { 1, 5, 7, 16, 0, 16, 3, { 1, 2, 1, 1, -1, 1, 0, 0 }, F32, BIAS },
  { 1, 6, 7, 16, 0, 16, 3, { 1, 2, -1, 1, -1, 1, 0, 0 }, F16, BIAS },
  { 1, 4, 9, 33, 0, 17, 3, { 1, 2, -1, 1, 1, 1, 0, 0 }, F32, BIAS },
  { 1, 10, 9, 17, 0, 19, 3, PAD (1, 1, 0, 1), F16, BIAS },
  { 1, 10, 9, 17, 0, 19, 3, PAD (0, 1, 0, 1), F32, BIAS | RES | IN_PLACE },
  { 1, 9, 8, 16, 0, 16, 3, { 2, 1, 0, 0, 0, 1, 0, 0 }, F32, BIAS },
  /* two inputs */
  { 1, 5, 7, 3, 1, 5, 3, SAME, F32, BIAS },
  { 2, 9, 7, 17, 15, 20, 3, SAME, F32, BIAS },
  { 2, 8, 8, 32, 64, 32, 3, SAME, F16, BIAS },
  { 1, 5, 5, 320, 320, 33, 3, SAME, F32, BIAS },
  { 1, 3, 3, 5, 6, 7, 3, UP, F32, BIAS },
  { 1, 7, 6, 5, 6, 7, 3, DOWN, F32, BIAS },
  /* what follows the sum */
  { 2, 7, 5, 17, 0, 19, 3, SAME, F32, 0, SILU },
  { 2, 7, 5, 17, 0, 19, 3, SAME, F32, BIAS, GELU },
  { 2, 7, 5, 17, 0, 19, 3, SAME, F32, BIAS, QUICK },
  { 2, 7, 5, 17, 0, 19, 3, SAME, F32, BIAS, RELU },
  { 1, 10, 9, 64, 0, 64, 3, SAME, F16, BIAS | RES | IN_PLACE, RELU },
  { 1, 40, 36, 64, 0, 64, 3, SAME, F32, BIAS | RES, RELU },
  { 2, 7, 5, 17, 0, 19, 3, SAME, F32, BIAS | ADD },
  { 2, 7, 5, 17, 0, 19, 3, SAME, F32, BIAS | RES },
  { 2, 7, 5, 17, 0, 19, 3, SAME, F32, BIAS | RES | IN_PLACE },
  { 3, 9, 7, 32, 0, 32, 3, SAME, F16, BIAS | ADD | RES, SILU },
  { 3, 9, 7, 32, 16, 33, 3, SAME, F16, ADD | RES | IN_PLACE, GELU },
  { 2, 9, 7, 24, 0, 31, 1, ONE, F32, BIAS | ADD | RES | IN_PLACE, SILU },
  /* 8 bits */
  { 2, 9, 7, 40, 24, 70, 3, SAME, F16, EIGHT | BIAS | ADD, SILU },
  { 1, 9, 7, 33, 0, 64, 3, DOWN, BF16, EIGHT | BIAS },
  { 2, 9, 7, 65, 0, 64, 1, ONE, F32, EIGHT | BIAS | RES },
  /* uncommon numbers */
  { 1, 9, 7, 32, 0, 33, 3, SAME, F32, BIAS, MZ_ACTIVATION_NONE, FILL_LARGE },
  { 1, 9, 7, 32, 0, 33, 3, SAME, F32, BIAS, SILU, FILL_LARGE },
  { 1, 9, 7, 32, 0, 33, 3, SAME, F32, BIAS, MZ_ACTIVATION_NONE, FILL_ZERO },
  { 1, 9, 7, 32, 0, 33, 3, SAME, F32, 0, GELU, FILL_ZERO },
  { 1, 9, 7, 32, 0, 33, 3, SAME, F32, BIAS, MZ_ACTIVATION_NONE, FILL_DENORMAL },
  { 1, 9, 7, 32, 0, 33, 3, SAME, F32, BIAS, SILU, FILL_OFFSET },
  /* the bench: U-Net levels, joined and not, then the autoencoder */
  { 2, 64, 64, 4, 0, 320, 3, SAME, F16, BIAS, .use = USE_BENCH },
  { 2, 64, 64, 320, 0, 320, 3, SAME, F16, BIAS | ADD, .use = USE_BENCH },
  { 2, 64, 64, 640, 320, 320, 3, SAME, F16, BIAS | ADD, .use = USE_BENCH },
  { 2, 32, 32, 640, 0, 640, 3, SAME, F16, BIAS, .use = USE_BENCH },
  { 2, 16, 16, 1280, 0, 1280, 3, SAME, F16, BIAS, .use = USE_BENCH },
  { 2, 8, 8, 1280, 0, 1280, 3, SAME, F16, BIAS, .use = USE_BENCH },
  { 2, 8, 8, 1280, 0, 1280, 3, SAME, F16, EIGHT | BIAS, .use = USE_BENCH },
  { 2, 64, 64, 320, 0, 320, 3, DOWN, F16, BIAS, .use = USE_BENCH },
  { 2, 16, 16, 1280, 0, 1280, 3, UP, F16, BIAS, .use = USE_BENCH },
  { 2, 64, 64, 640, 320, 320, 1, ONE, F16, BIAS, .use = USE_BENCH },
  { 1, 64, 64, 512, 0, 512, 3, SAME, F16, BIAS | RES, .use = USE_BENCH },
  { 1, 256, 256, 256, 0, 256, 3, SAME, F16, BIAS, .use = USE_BENCH },
  { 1, 512, 512, 128, 0, 128, 3, SAME, F16, BIAS, .use = USE_BENCH },
  { 1, 512, 512, 128, 0, 3, 3, SAME, F16, BIAS, .use = USE_BENCH },
};

static char *
case_name (const Case *k)
{
  const MzConvGeometry *g = &k->geometry;
  g_autofree char *second = k->c2 > 0 ? g_strdup_printf ("+%d", k->c2) : g_strdup ("");

  return g_strdup_printf ("[%d, %d, %d, %d%s] to %d, %dx%d/%d%s, pad %d %d %d %d, crop %d %d, %s%s%s%s%s%s",
                          k->n, k->h, k->w, k->c, second, k->out, k->kernel, k->kernel, g->stride,
                          g->upsample > 1 ? ", enlarged" : "", g->pad_top, g->pad_left, g->pad_bottom,
                          g->pad_right, g->crop_bottom, g->crop_right, mz_dtype_name (k->dtype),
                          k->flags & BIAS ? ", bias" : "",
                          k->flags & SHARED ? ", shared channel_add"
                          : k->flags & ADD  ? ", channel_add"
                                            : "",
                          k->flags & IN_PLACE ? ", residual in place"
                          : k->flags & RES    ? ", residual"
                                              : "",
                          activation_suffix (k->activation), fill_suffix (k->fill));
}

static Problem *
make (guint index, MzDType dtype)
{
  const Case *k = &cases[index];
  Problem *p = problem_new (OP_CONV2D, index, k->use);
  double terms = (double) (k->c + k->c2) * k->kernel * k->kernel;

  p->name = case_name (k);
  p->kind = MZ_MATRIX_CONV;
  p->n_parts = 1;
  p->geometry = k->geometry;
  p->activation = k->activation;
  p->in_place = (k->flags & IN_PLACE) != 0;
  p->out_n = k->n;
  p->out_h = mz_conv_out_height (&k->geometry, k->h, k->kernel);
  p->out_w = mz_conv_out_width (&k->geometry, k->w, k->kernel);
  p->out_c = k->out;
  p->work = 2.0 * (double) problem_out_elements (p) * terms;
  p->weights[0] = problem_random_weight (p, k->dtype, 1 / sqrt (terms), 4,
                                         (gint64[]){ k->out, k->c + k->c2, k->kernel, k->kernel });
  if (k->flags & BIAS)
    p->biases[0] = problem_random_weight (p, k->dtype, 1, 1, (gint64[]){ k->out });
  problem_add_input (p, IN, k->n, k->h, k->w, k->c, k->fill, dtype);
  if (k->c2 > 0)
    problem_add_input (p, IN2, k->n, k->h, k->w, k->c2, k->fill, dtype);
  if (k->flags & ADD)
    problem_add_input (p, CHANNEL_ADD, k->flags & SHARED ? 1 : k->n, 1, 1, k->out, FILL_NORMAL, dtype);
  if (k->flags & RES)
    problem_add_input (p, RESIDUAL, p->out_n, p->out_h, p->out_w, p->out_c, FILL_NORMAL, dtype);
  if (k->flags & EIGHT)
    problem_use_8bit (p);
  return p;
}

static Use
use (guint index)
{
  return cases[index].use;
}

const CaseList conv2d_cases = { "conv2d", G_N_ELEMENTS (cases), use, make };
