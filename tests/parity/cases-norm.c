/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Group norms and layer norms. */
#include "parity.h"

typedef struct
{
  int n, h, w, c, c2;
  int groups; /* 0: a layer norm */
  float epsilon;
  MzDType dtype; /* of gamma and beta */
  MzActivation activation;
  gboolean in_place;
  Fill fill;
  Use use;
  int band_rows; /* group norms: 0 for a whole picture */
} Case;

#define F32 MZ_DTYPE_F32
#define F16 MZ_DTYPE_F16
#define BF16 MZ_DTYPE_BF16
#define NONE MZ_ACTIVATION_NONE
#define SILU MZ_ACTIVATION_SILU
#define GELU MZ_ACTIVATION_GELU
#define QUICK MZ_ACTIVATION_QUICK_GELU

static const Case group_cases[] = {
  /* n, h, w, c, c2, groups, epsilon, gamma and beta, activation */
  { 1, 1, 1, 1, 0, 1, 1e-5f, F32 },
  { 1, 1, 1, 32, 0, 8, 1e-5f, F32 },
  { 1, 3, 5, 3, 0, 1, 1e-5f, F32 },
  { 1, 3, 5, 5, 0, 5, 1e-6f, F16 },
  { 2, 7, 5, 17, 0, 17, 1e-5f, F32, SILU },
  { 2, 9, 7, 32, 0, 32, 1e-5f, BF16, SILU },
  { 2, 9, 7, 32, 0, 8, 1e-5f, F32, SILU },
  { 3, 5, 7, 64, 0, 32, 1e-6f, F32 },
  { 1, 33, 31, 96, 0, 32, 1e-5f, F16, SILU },
  { 1, 17, 15, 320, 0, 32, 1e-5f, F16, SILU },
  { 1, 33, 33, 6, 0, 2, 1e-6f, F32 },
  { 1, 1, 33, 24, 0, 3, 1e-6f, F32, GELU },
  { 1, 33, 1, 24, 0, 4, 1e-6f, F32, QUICK },
  { 1, 5, 3, 1280, 0, 32, 1e-5f, F32, SILU },
  { 1, 64, 64, 32, 0, 4, 1e-6f, F32, SILU },
  { 2, 9, 7, 32, 0, 8, 1e-5f, F32, SILU, TRUE },
  { 1, 17, 15, 40, 0, 20, 1e-5f, F16, SILU, TRUE },
  { 1, 64, 64, 32, 0, 4, 1e-6f, F32, SILU, TRUE },
  /* two inputs, groups that straddle them */
  { 1, 3, 5, 1, 2, 1, 1e-5f, F32 },
  { 2, 5, 3, 5, 7, 3, 1e-5f, F32, SILU },
  { 2, 9, 7, 32, 32, 8, 1e-5f, F16, SILU },
  { 1, 7, 9, 64, 32, 32, 1e-5f, F32, SILU },
  { 1, 5, 5, 640, 320, 32, 1e-5f, F32, SILU },
  { 1, 33, 31, 80, 80, 16, 1e-5f, F32, SILU },
  { 2, 33, 31, 40, 24, 32, 1e-5f, F32, NONE },
  /* more pixels than a block holds, one slab or more */
  { 1, 33, 31, 64, 0, 4, 1e-5f, F32, SILU },
  { 1, 31, 37, 32, 0, 4, 1e-5f, F16, SILU },
  { 2, 17, 61, 40, 0, 4, 1e-5f, F32, NONE },
  { 1, 39, 37, 80, 40, 4, 1e-5f, F32, SILU },
  { 1, 65, 63, 120, 0, 12, 1e-6f, F32, SILU },
  { 1, 101, 103, 40, 0, 4, 1e-6f, F16, SILU, TRUE },
  { 1, 101, 103, 24, 16, 4, 1e-6f, F32, NONE, FALSE, FILL_OFFSET },
  { 1, 5, 7, 384, 0, 1, 1e-5f, F32, SILU },
  { 1, 11, 3, 3072, 0, 1, 1e-5f, F32, SILU },
  { 1, 3, 67, 1536, 0, 2, 1e-5f, F32, NONE, TRUE },
  { 1, 31, 37, 32, 0, 4, 1e-6f, F32, NONE, FALSE, FILL_CONSTANT },
  { 1, 31, 37, 32, 0, 4, 1e-6f, F32, SILU, FALSE, FILL_DENORMAL },
  { 1, 31, 37, 32, 0, 1, 1e-6f, F32, NONE, FALSE, FILL_LARGE },
  /* uncommon numbers */
  { 1, 9, 7, 32, 0, 8, 1e-5f, F32, NONE, FALSE, FILL_LARGE },
  { 1, 9, 7, 32, 0, 8, 1e-5f, F32, SILU, FALSE, FILL_ZERO },
  { 1, 9, 7, 32, 0, 8, 1e-5f, F32, NONE, FALSE, FILL_DENORMAL },
  { 1, 33, 31, 32, 0, 8, 1e-5f, F32, SILU, FALSE, FILL_OFFSET },
  { 1, 64, 64, 32, 0, 2, 1e-6f, F32, NONE, FALSE, FILL_OFFSET },
  { 1, 9, 7, 32, 16, 8, 1e-6f, F32, NONE, FALSE, FILL_CONSTANT },
  /* in bands: moments first, then scaled */
  { 1, 9, 7, 32, 0, 8, 1e-6f, F32, SILU, .band_rows = 1 },
  { 1, 9, 7, 32, 0, 32, 1e-6f, F16, NONE, .band_rows = 4 },
  { 1, 33, 31, 6, 0, 2, 1e-6f, F32, SILU, .band_rows = 33 },
  { 2, 5, 7, 15, 0, 3, 1e-5f, F32, SILU, .band_rows = 5 },
  { 1, 17, 15, 320, 0, 32, 1e-6f, BF16, SILU, .band_rows = 8 },
  { 1, 64, 64, 32, 0, 2, 1e-6f, F32, NONE, FALSE, FILL_OFFSET, .band_rows = 7 },
  { 1, 9, 7, 32, 0, 8, 1e-6f, F32, NONE, FALSE, FILL_CONSTANT, .band_rows = 2 },
  { 1, 9, 7, 32, 0, 8, 1e-6f, F32, SILU, FALSE, FILL_DENORMAL, .band_rows = 2 },
  { 1, 2, 1031, 64, 0, 32, 1e-6f, F32, SILU, .band_rows = 1 },
  /* the bench */
  { 2, 64, 64, 320, 0, 32, 1e-5f, F16, SILU, .use = USE_BENCH },
  { 2, 64, 64, 640, 320, 32, 1e-5f, F16, SILU, .use = USE_BENCH },
  { 2, 32, 32, 640, 0, 32, 1e-5f, F16, SILU, .use = USE_BENCH },
  { 2, 16, 16, 1280, 0, 32, 1e-5f, F16, SILU, .use = USE_BENCH },
  { 2, 16, 16, 1280, 1280, 32, 1e-5f, F16, SILU, .use = USE_BENCH },
  { 2, 8, 8, 1280, 0, 32, 1e-5f, F16, SILU, .use = USE_BENCH },
  { 1, 512, 512, 128, 0, 32, 1e-6f, F16, SILU, .use = USE_BENCH },
  { 1, 512, 512, 128, 0, 32, 1e-6f, F16, SILU, .use = USE_BENCH, .band_rows = 32 },
};

static const Case layer_cases[] = {
  { 1, 1, 1, 1, 0, 0, 1e-5f, F32 },
  { 1, 1, 3, 3, 0, 0, 1e-5f, F32 },
  { 2, 1, 9, 17, 0, 0, 1e-5f, F16 },
  { 2, 1, 77, 32, 0, 0, 1e-5f, F32 },
  { 1, 5, 7, 320, 0, 0, 1e-5f, F16 },
  { 1, 3, 5, 648, 0, 0, 1e-5f, F32 },
  { 1, 1, 3, 1288, 0, 0, 1e-5f, F32 },
  { 2, 1, 33, 768, 0, 0, 1e-5f, BF16 },
  { 1, 1, 5, 776, 0, 0, 1e-5f, F32 },
  { 2, 1, 9, 1280, 0, 0, 1e-5f, F16 },
  { 1, 1, 2, 8192, 0, 0, 1e-5f, F32 },
  { 1, 1, 2, 8200, 0, 0, 1e-5f, F32 },
  { 1, 1, 9, 1281, 0, 0, 1e-5f, F32 },
  { 2, 1, 9, 40, 0, 0, 1e-5f, F32, NONE, TRUE },
  { 1, 1, 33, 321, 0, 0, 1e-6f, F32, NONE, TRUE },
  { 1, 1, 9, 1280, 0, 0, 1e-6f, F32, NONE, TRUE },
  { 1, 1, 9, 64, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_LARGE },
  { 1, 1, 9, 64, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_ZERO },
  { 1, 1, 9, 64, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_DENORMAL },
  { 1, 1, 9, 640, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_OFFSET },
  { 1, 1, 9, 1280, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_OFFSET },
  { 1, 1, 9, 1288, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_DENORMAL },
  { 1, 1, 9, 1288, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_CONSTANT },
  { 1, 1, 9, 33, 0, 0, 1e-5f, F32, NONE, FALSE, FILL_CONSTANT },
  { 2, 1, 4096, 320, 0, 0, 1e-5f, F16, .use = USE_BENCH },
  { 2, 1, 1024, 640, 0, 0, 1e-5f, F16, .use = USE_BENCH },
  { 2, 1, 256, 1280, 0, 0, 1e-5f, F16, .use = USE_BENCH },
  { 2, 1, 77, 768, 0, 0, 1e-5f, F16, .use = USE_BENCH },
};

static char *
case_name (const Case *k)
{
  g_autofree char *second = k->c2 > 0 ? g_strdup_printf ("+%d", k->c2) : g_strdup ("");
  g_autofree char *bands = k->band_rows > 0 ? g_strdup_printf (", bands of %d", k->band_rows) : g_strdup ("");
  g_autofree char *groups = k->groups > 0 ? g_strdup_printf (" in %d groups", k->groups) : g_strdup ("");

  return g_strdup_printf ("[%d, %d, %d, %d%s]%s%s, %s%s%s%s", k->n, k->h, k->w, k->c, second, groups, bands,
                          mz_dtype_name (k->dtype), k->in_place ? ", in place" : "",
                          activation_suffix (k->activation), fill_suffix (k->fill));
}

static Problem *
make (Op op, const Case *k, guint index, MzDType dtype)
{
  Problem *p = problem_new (op, index, k->use);
  int c = k->c + k->c2;

  p->name = case_name (k);
  p->activation = k->activation;
  p->in_place = k->in_place;
  p->n_groups = k->groups;
  p->epsilon = k->epsilon;
  p->band_rows = k->band_rows;
  p->out_n = k->n;
  p->out_h = k->h;
  p->out_w = k->w;
  p->out_c = c;
  p->work = 2.0 * (double) problem_out_elements (p) * (double) mz_dtype_size (dtype);
  p->work_is_bytes = TRUE;
  p->weights[0] = problem_random_weight (p, k->dtype, 1, 1, (gint64[]){ c });
  p->biases[0] = problem_random_weight (p, k->dtype, 1, 1, (gint64[]){ c });
  problem_add_input (p, IN, k->n, k->h, k->w, k->c, k->fill, dtype);
  if (k->c2 > 0)
    problem_add_input (p, IN2, k->n, k->h, k->w, k->c2, k->fill, dtype);
  return p;
}

static Problem *
make_group (guint index, MzDType dtype)
{
  return make (OP_GROUP_NORM, &group_cases[index], index, dtype);
}

static Problem *
make_layer (guint index, MzDType dtype)
{
  return make (OP_LAYER_NORM, &layer_cases[index], index, dtype);
}

static Use
group_use (guint index)
{
  return group_cases[index].use;
}

static Use
layer_use (guint index)
{
  return layer_cases[index].use;
}

const CaseList group_norm_cases = { "group_norm", G_N_ELEMENTS (group_cases), group_use, make_group };
const CaseList layer_norm_cases = { "layer_norm", G_N_ELEMENTS (layer_cases), layer_use, make_layer };
