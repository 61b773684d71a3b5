/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Ops that move numbers: embedding, copying, and the way to the device and back. */
#include "parity.h"

typedef struct
{
  int batch, length, vocabulary, positions, c;
  MzDType dtype;
  Use use;
} EmbedCase;

static const EmbedCase embeds[] = {
  { 1, 1, 1, 1, 1, MZ_DTYPE_F32 },       { 1, 5, 19, 7, 3, MZ_DTYPE_F32 },
  { 2, 77, 1000, 77, 32, MZ_DTYPE_F16 }, { 3, 77, 199, 77, 65, MZ_DTYPE_BF16 },
  { 2, 9, 501, 77, 768, MZ_DTYPE_F32 },  { 2, 77, 49408, 77, 768, MZ_DTYPE_F16, USE_BENCH },
};

static Problem *
make_embed (guint index, MzDType dtype)
{
  const EmbedCase *k = &embeds[index];
  Problem *p = problem_new (OP_EMBED, index, k->use);
  gsize n_ids = (gsize) (k->batch * k->length);

  p->name = g_strdup_printf ("%d x %d of %d tokens, %d positions, %d channels, %s", k->batch, k->length,
                             k->vocabulary, k->positions, k->c, mz_dtype_name (k->dtype));
  p->out_n = k->batch;
  p->out_h = 1;
  p->out_w = k->length;
  p->out_c = k->c;
  p->work = (double) problem_out_elements (p) * (double) mz_dtype_size (dtype) * 2;
  p->work_is_bytes = TRUE;
  p->weights[0] = problem_random_weight (p, k->dtype, 1, 2, (gint64[]){ k->vocabulary, k->c });
  p->biases[0] = problem_random_weight (p, k->dtype, 1, 2, (gint64[]){ k->positions, k->c });
  p->ids = g_new (gint32, n_ids);
  for (gsize i = 0; i < n_ids; i++)
    p->ids[i] = (gint32) problem_random_below (p, (guint) k->vocabulary);
  p->ids[0] = k->vocabulary - 1;
  return p;
}

static Use
embed_use (guint index)
{
  return embeds[index].use;
}

static const struct
{
  int n, h, w, c;
  Fill fill;
} transfers[] = {
  { 1, 1, 1, 1, FILL_CONSTANT }, { 1, 3, 5, 1, FILL_ZERO },     { 2, 7, 5, 3, FILL_NORMAL },
  { 1, 33, 31, 4, FILL_LARGE },  { 3, 1, 77, 32, FILL_NORMAL }, { 1, 5, 9, 321, FILL_DENORMAL },
};

static Problem *
make_transfer (guint index, MzDType dtype)
{
  Problem *p = problem_new (OP_TRANSFER, index, USE_CHECK);

  p->name = g_strdup_printf ("[%d, %d, %d, %d]", transfers[index].n, transfers[index].h, transfers[index].w,
                             transfers[index].c);
  problem_add_input (p, IN, transfers[index].n, transfers[index].h, transfers[index].w, transfers[index].c,
                     transfers[index].fill, dtype);
  problem_round_inputs (p, dtype);
  return p;
}

static Use
transfer_use (guint index)
{
  return USE_CHECK;
}

/* The same shapes; and what a copy costs. */
static Problem *
make_copy (guint index, MzDType dtype)
{
  gboolean is_bench = index == G_N_ELEMENTS (transfers);
  Problem *p = problem_new (OP_COPY, index, is_bench ? USE_BENCH : USE_CHECK);

  p->out_n = is_bench ? 1 : transfers[index].n;
  p->out_h = is_bench ? 66 : transfers[index].h;
  p->out_w = is_bench ? 256 : transfers[index].w;
  p->out_c = is_bench ? 256 : transfers[index].c;
  p->name = g_strdup_printf ("[%d, %d, %d, %d]", p->out_n, p->out_h, p->out_w, p->out_c);
  p->work = 2.0 * (double) problem_out_elements (p) * (double) mz_dtype_size (dtype);
  p->work_is_bytes = TRUE;
  problem_add_input (p, IN, p->out_n, p->out_h, p->out_w, p->out_c,
                     is_bench ? FILL_NORMAL : transfers[index].fill, dtype);
  return p;
}

static Use
copy_use (guint index)
{
  return index == G_N_ELEMENTS (transfers) ? USE_BENCH : USE_CHECK;
}

const CaseList embed_cases = { "embed", G_N_ELEMENTS (embeds), embed_use, make_embed };
const CaseList transfer_cases = { "transfer", G_N_ELEMENTS (transfers), transfer_use, make_transfer };
const CaseList copy_cases = { "copy", G_N_ELEMENTS (transfers) + 1, copy_use, make_copy };
