/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Matrices: one row to many, odd widths, stacked parts, GEGLU, what follows the sum. */
#include "parity.h"

#include <math.h>

enum
{
  BIAS = 1 << 0,
  ADD = 1 << 1,
  RES = 1 << 2,
  IN_PLACE = 1 << 3,
  GEGLU = 1 << 4,
  SOME_BIAS = 1 << 5, /* the second part has none */
  EIGHT = 1 << 6,     /* the matrix in 8 bits */
};

typedef struct
{
  int n, h, w, c, c2;
  int out[MAX_PARTS]; /* rows of each part; 0 = no such part */
  MzDType dtype;
  int flags;
  MzActivation activation;
  Fill fill;
  Use use;
} Case;

#define F32 MZ_DTYPE_F32
#define F16 MZ_DTYPE_F16
#define BF16 MZ_DTYPE_BF16
#define NONE MZ_ACTIVATION_NONE
#define SILU MZ_ACTIVATION_SILU
#define GELU MZ_ACTIVATION_GELU
#define QUICK MZ_ACTIVATION_QUICK_GELU

static const Case cases[] = {
  /* n, h, w, c, c2, rows of the parts, weights */
  { 1, 1, 1, 1, 0, { 1 }, F32 },
  { 1, 1, 1, 3, 0, { 5 }, F32, BIAS },
  { 1, 1, 3, 5, 0, { 17 }, F16, BIAS },
  { 2, 1, 1, 32, 0, { 128 }, F32, BIAS, SILU }, /* time embedding */
  { 2, 1, 1, 320, 0, { 1280 }, F16, BIAS, SILU },
  { 1, 1, 1, 1280, 0, { 320 }, BF16, BIAS },
  { 2, 5, 7, 17, 0, { 19 }, F32, BIAS },
  { 1, 9, 7, 64, 0, { 64 }, F32 },
  { 3, 1, 33, 31, 0, { 33 }, BF16 },
  { 1, 1, 65, 96, 0, { 97 }, F16, BIAS },
  { 1, 1, 77, 768, 0, { 64 }, F16, BIAS },
  { 1, 1, 9, 1280, 0, { 321 }, F32, BIAS },
  { 1, 1, 5, 5120, 0, { 33 }, F32, BIAS },
  /* two inputs */
  { 1, 3, 5, 3, 1, { 5 }, F32, BIAS },
  { 2, 5, 3, 33, 31, { 40 }, F16, BIAS },
  { 1, 4, 4, 320, 640, { 17 }, F32, BIAS },
  /* stacked parts */
  { 1, 1, 9, 32, 0, { 32, 32, 32 }, F32 },
  { 2, 1, 77, 64, 0, { 40, 40 }, F16 },
  { 1, 1, 7, 17, 0, { 5, 3, 9 }, F32, BIAS },
  { 1, 1, 33, 48, 0, { 17, 16, 1 }, BF16, BIAS | SOME_BIAS },
  { 1, 1, 5, 16, 0, { 16, 33 }, F32, BIAS | SOME_BIAS },
  /* GEGLU */
  { 1, 1, 1, 3, 0, { 1 }, F32, GEGLU | BIAS },
  { 1, 1, 9, 17, 0, { 5 }, F32, GEGLU },
  { 2, 1, 16, 32, 0, { 128 }, F16, GEGLU | BIAS },
  { 1, 5, 7, 40, 0, { 161 }, F32, GEGLU | BIAS },
  { 1, 1, 33, 320, 0, { 63 }, BF16, GEGLU | BIAS | RES },
  { 1, 1, 9, 32, 0, { 32 }, F32, GEGLU | BIAS | RES | IN_PLACE },
  { 1, 1, 9, 32, 0, { 33 }, F32, GEGLU | BIAS, NONE, FILL_OFFSET },
  { 1, 1, 9, 32, 0, { 33 }, F32, GEGLU, NONE, FILL_ZERO },
  { 1, 1, 9, 32, 0, { 33 }, F32, GEGLU | BIAS, NONE, FILL_DENORMAL },
  /* tiles of groups of warps: wide ones, several of them, more stages of depth than fit, the depth in parts
   */
  { 1, 1, 150, 48, 0, { 160 }, F16, BIAS | RES },
  { 1, 1, 65, 288, 0, { 128 }, F16, GEGLU | BIAS | RES | IN_PLACE },
  { 1, 1, 129, 352, 0, { 128 }, F16, BIAS },
  { 1, 1, 9, 1056, 0, { 24 }, F16, GEGLU | BIAS | RES },
  { 1, 1, 9, 1056, 0, { 21 }, F16, GEGLU | BIAS },
  { 1, 48, 44, 8, 0, { 200 }, F16, BIAS },
  /* what follows the sum */
  { 2, 3, 5, 17, 0, { 19 }, F32, BIAS, SILU },
  { 2, 3, 5, 17, 0, { 19 }, F32, BIAS, GELU },
  { 2, 1, 77, 32, 0, { 37 }, F32, BIAS, QUICK },
  { 2, 3, 5, 17, 0, { 19 }, F32, BIAS | ADD },
  { 2, 3, 5, 17, 0, { 19 }, F32, RES },
  { 2, 3, 5, 17, 0, { 19 }, F32, BIAS | RES | IN_PLACE },
  { 2, 3, 5, 32, 8, { 33 }, F16, BIAS | ADD | RES | IN_PLACE, GELU },
  { 3, 1, 7, 33, 0, { 16, 17 }, F32, BIAS | ADD | RES, SILU },
  /* 8 bits */
  { 2, 5, 7, 96, 0, { 97 }, F16, EIGHT | BIAS | RES, SILU },
  { 1, 1, 37, 330, 320, { 64 }, F32, EIGHT | BIAS },
  { 1, 1, 9, 70, 0, { 65, 3, 70 }, BF16, EIGHT },
  { 2, 1, 16, 65, 0, { 70 }, F16, EIGHT | GEGLU | BIAS | RES },
  { 2, 1, 16, 1030, 0, { 1 }, F16, EIGHT | BIAS },
  { 1, 1, 17, 64, 0, { 64 }, F32, EIGHT | BIAS, GELU, FILL_LARGE },
  /* uncommon numbers */
  { 1, 1, 17, 64, 0, { 33 }, F32, BIAS, NONE, FILL_LARGE },
  { 1, 1, 17, 64, 0, { 33 }, F32, BIAS, SILU, FILL_LARGE },
  { 1, 1, 17, 64, 0, { 33 }, F32, BIAS, GELU, FILL_LARGE },
  { 1, 1, 17, 64, 0, { 33 }, F32, BIAS, QUICK, FILL_LARGE },
  { 1, 1, 17, 64, 0, { 33 }, F32, BIAS, QUICK, FILL_ZERO },
  { 1, 1, 17, 64, 0, { 33 }, F32, BIAS, GELU, FILL_DENORMAL },
  { 1, 1, 17, 64, 0, { 33 }, F32, 0, NONE, FILL_OFFSET },
  /* the bench: U-Net levels 0 to 2, then the text encoder */
  { 2, 1, 4096, 320, 0, { 320 }, F16, BIAS | RES, .use = USE_BENCH },
  { 2, 1, 4096, 320, 0, { 320, 320, 320 }, F16, .use = USE_BENCH },
  { 2, 1, 4096, 320, 0, { 1280 }, F16, GEGLU | BIAS, .use = USE_BENCH },
  { 2, 1, 4096, 1280, 0, { 320 }, F16, BIAS | RES, .use = USE_BENCH },
  { 2, 1, 1024, 640, 0, { 640, 640, 640 }, F16, .use = USE_BENCH },
  { 2, 1, 256, 1280, 0, { 5120 }, F16, GEGLU | BIAS, .use = USE_BENCH },
  { 2, 1, 256, 5120, 0, { 1280 }, F16, BIAS | RES, .use = USE_BENCH },
  { 2, 1, 256, 5120, 0, { 1280 }, F16, EIGHT | BIAS | RES, .use = USE_BENCH },
  { 2, 1, 77, 768, 0, { 3072 }, F16, BIAS, QUICK, .use = USE_BENCH },
  { 2, 1, 1, 1280, 0, { 1280 }, F16, BIAS, SILU, .use = USE_BENCH },
};

static char *
case_name (const Case *k)
{
  g_autoptr (GString) s = g_string_new (NULL);

  g_string_append_printf (s, "[%d, %d, %d, %d", k->n, k->h, k->w, k->c);
  if (k->c2 > 0)
    g_string_append_printf (s, "+%d", k->c2);
  g_string_append_printf (s, "] to %d", k->out[0]);
  for (int i = 1; i < MAX_PARTS && k->out[i] > 0; i++)
    g_string_append_printf (s, "|%d", k->out[i]);
  g_string_append_printf (s, "%s, %s%s%s%s%s%s", k->flags & GEGLU ? " GEGLU" : "", mz_dtype_name (k->dtype),
                          k->flags & SOME_BIAS ? ", some bias"
                          : k->flags & BIAS    ? ", bias"
                                               : "",
                          k->flags & ADD ? ", channel_add" : "",
                          k->flags & IN_PLACE ? ", residual in place"
                          : k->flags & RES    ? ", residual"
                                              : "",
                          activation_suffix (k->activation), fill_suffix (k->fill));
  return g_strdup (s->str);
}

static void
add_weights (Problem *p, const Case *k)
{
  int c = k->c + k->c2, factor = k->flags & GEGLU ? 2 : 1;

  p->kind = k->flags & GEGLU ? MZ_MATRIX_GEGLU : MZ_MATRIX_LINEAR;
  while (p->n_parts < MAX_PARTS && k->out[p->n_parts] > 0)
    {
      int i = p->n_parts++, rows = k->out[i] * factor;

      /* Every other part looks like a 1x1 convolution, as some files have it. */
      p->weights[i] = problem_random_weight (p, k->dtype, 1 / sqrt (c), i % 2 == 0 ? 2 : 4,
                                             (gint64[]){ rows, c, 1, 1 });
      if (k->flags & BIAS && !(k->flags & SOME_BIAS && i == 1))
        p->biases[i] = problem_random_weight (p, k->dtype, 1, 1, (gint64[]){ rows });
      p->out_c += k->out[i];
    }
}

static Problem *
make (guint index, MzDType dtype)
{
  const Case *k = &cases[index];
  Problem *p = problem_new (OP_LINEAR, index, k->use);

  p->name = case_name (k);
  p->activation = k->activation;
  p->in_place = (k->flags & IN_PLACE) != 0;
  p->out_n = k->n;
  p->out_h = k->h;
  p->out_w = k->w;
  add_weights (p, k);
  p->work = 2.0 * (double) problem_out_elements (p) * (k->c + k->c2) * (k->flags & GEGLU ? 2 : 1);
  problem_add_input (p, IN, k->n, k->h, k->w, k->c, k->fill, dtype);
  if (k->c2 > 0)
    problem_add_input (p, IN2, k->n, k->h, k->w, k->c2, k->fill, dtype);
  if (k->flags & ADD)
    problem_add_input (p, CHANNEL_ADD, k->n, 1, 1, p->out_c, FILL_NORMAL, dtype);
  if (k->flags & RES)
    problem_add_input (p, RESIDUAL, k->n, k->h, k->w, p->out_c, FILL_NORMAL, dtype);
  if (k->flags & EIGHT)
    problem_use_8bit (p);
  return p;
}

static Use
use (guint index)
{
  return cases[index].use;
}

const CaseList linear_cases = { "linear", G_N_ELEMENTS (cases), use, make };
