/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention: self and cross, causal, every head width of the family, slices of wider tensors. */
#include "parity.h"

typedef struct
{
  int batch, queries, keys, heads, width;
  gboolean causal;
  Slices slices;
  Fill fill; /* of queries, keys and values */
  Use use;
} Case;

static const Case cases[] = {
  /* batch, queries, keys, heads, width of a head */
  { 1, 1, 1, 1, 1 },
  { 1, 1, 1, 1, 4 },
  { 1, 1, 5, 3, 4 },
  { 1, 9, 9, 3, 5 },
  { 2, 33, 33, 4, 8 },
  { 2, 31, 77, 4, 8 },
  { 1, 17, 17, 2, 17 },
  { 2, 65, 65, 8, 40 },
  { 1, 64, 77, 8, 40 },
  { 1, 63, 129, 5, 64 },
  { 1, 25, 77, 8, 80 },
  { 1, 9, 77, 8, 160 },
  { 1, 100, 100, 1, 512 },
  { 1, 7, 300, 2, 40 },
  { 1, 1025, 33, 1, 8 },
  { 1, 35, 150, 3, 40 },
  { 1, 20, 150, 1, 80 },
  { 1, 17, 150, 1, 160 },
  { 1, 39, 70, 3, 64 },
  { 1, 70, 70, 3, 40, TRUE },
  { 1, 257, 65, 2, 40 },
  { 2, 128, 512, 2, 40 },
  { 1, 66, 448, 1, 64 },
  { 1, 129, 321, 1, 80 },
  { 1, 64, 64, 3, 80, FALSE, SLICE_QKV },
  /* enough queries that a card with 132 multiprocessors takes its largest blocks */
  { 2, 1100, 130, 16, 40 },
  { 2, 1100, 130, 16, 64 },
  { 1, 33, 385, 1, 40, FALSE, SLICE_NONE, FILL_OFFSET },
  { 1, 33, 257, 1, 64, FALSE, SLICE_NONE, FILL_LARGE },
  { 1, 33, 257, 1, 80, FALSE, SLICE_NONE, FILL_LARGE },
  { 1, 70, 70, 1, 80, TRUE },
  { 1, 40, 72, 1, 512 },
  { 3, 5, 1, 2, 8 },
  { 1, 1, 1, 2, 8, TRUE },
  { 1, 13, 13, 2, 8, TRUE },
  { 2, 77, 77, 4, 8, TRUE },
  { 1, 77, 77, 12, 64, TRUE },
  { 1, 129, 129, 1, 17, TRUE },
  { 2, 33, 33, 4, 8, FALSE, SLICE_QKV },
  { 2, 77, 77, 3, 64, TRUE, SLICE_QKV },
  { 1, 33, 77, 3, 5, FALSE, SLICE_KV },
  { 2, 65, 77, 8, 40, FALSE, SLICE_KV },
  { 1, 17, 17, 1, 512, FALSE, SLICE_QKV },
  { 1, 33, 65, 2, 40, FALSE, SLICE_NONE, FILL_OFFSET }, /* scores of tens of thousands */
  { 1, 33, 65, 2, 40, FALSE, SLICE_NONE, FILL_ZERO },
  { 1, 33, 33, 2, 40, TRUE, SLICE_NONE, FILL_ZERO },
  { 1, 33, 65, 2, 40, FALSE, SLICE_NONE, FILL_DENORMAL },
  { 1, 33, 65, 2, 40, FALSE, SLICE_NONE, FILL_LARGE }, /* one key wins alone */
  { 1, 33, 65, 2, 40, FALSE, SLICE_NONE, FILL_CONSTANT },
  /* the bench: U-Net levels, text encoder, middle of the autoencoder */
  { 2, 4096, 4096, 8, 40, FALSE, SLICE_QKV, .use = USE_BENCH },
  { 2, 4096, 77, 8, 40, FALSE, SLICE_KV, .use = USE_BENCH },
  { 2, 1024, 1024, 8, 80, FALSE, SLICE_QKV, .use = USE_BENCH },
  { 2, 256, 256, 8, 160, FALSE, SLICE_QKV, .use = USE_BENCH },
  { 2, 77, 77, 12, 64, TRUE, SLICE_QKV, .use = USE_BENCH },
  { 1, 4096, 4096, 1, 512, FALSE, SLICE_QKV, .use = USE_BENCH },
};

static Problem *
make (guint index, MzDType dtype)
{
  static const char *const slices[] = { "", ", keys and values as slices", ", all as slices" };
  const Case *k = &cases[index];
  Problem *p = problem_new (OP_ATTENTION, index, k->use);
  int c = k->heads * k->width;

  p->name = g_strdup_printf ("%d x %d queries, %d keys, %d heads of %d%s%s%s", k->batch, k->queries, k->keys,
                             k->heads, k->width, k->causal ? ", causal" : "", slices[k->slices],
                             fill_suffix (k->fill));
  p->n_heads = k->heads;
  p->causal = k->causal;
  p->slices = k->slices;
  p->out_n = k->batch;
  p->out_h = 1;
  p->out_w = k->queries;
  p->out_c = c;
  p->work = 4.0 * (double) problem_out_elements (p) * k->keys * (k->causal ? 0.5 : 1.0);
  problem_add_input (p, 0, k->batch, 1, k->queries, c, k->fill, dtype);
  problem_add_input (p, 1, k->batch, 1, k->keys, c, k->fill, dtype);
  problem_add_input (p, 2, k->batch, 1, k->keys, c, k->fill, dtype);
  return p;
}

static Use
use (guint index)
{
  return cases[index].use;
}

const CaseList attention_cases = { "attention", G_N_ELEMENTS (cases), use, make };
