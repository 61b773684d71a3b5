/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a group of four warps does in attention-group.cu: scores of its queries, weights, and their sums with
 * the values.
 *
 * Weights are 2^(score - base), and the base of a query stays as long as its weights of a step add up to no
 * more than a half holds. Only then is its highest score asked for, and the scores, which the weights have
 * replaced, are computed once more. */
#pragma once

#include "backends/cuda/simt-group.h"

#include <math.h>

namespace
{

const int VECTOR = 8;
const int STEP = 64;          /* keys that a group takes at a time, and its queries */
const float MOST = 32768.0f;  /* what a lane's weights of a step may add up to */
const float NOTHING = -1e30f; /* the base of a query that has seen no key */
const unsigned ALL = 0xffffffffu;
/* Of keys and values in shared memory. A thread that begins stage i + 1 has the card fetch stage i + 2: all
 * others have then fetched their parts of i + 1, so they are done with i - 2, whose place it takes. */
const int STAGES = 4;

template <int WIDTH_, int GROUPS_> struct Shape
{
  static const int WIDTH = WIDTH_, GROUPS = GROUPS_, THREADS = MZ_GROUP_THREADS * GROUPS,
                   QUERIES = STEP * GROUPS;
  static const int CHUNKS = WIDTH / VECTOR, DEPTHS = (WIDTH + 15) / 16;
  static const int PANELS = (WIDTH + MZ_GROUP_ROW - 1) / MZ_GROUP_ROW;  /* tiles side by side */
  static const int FIRST = WIDTH < MZ_GROUP_ROW ? WIDTH : MZ_GROUP_ROW; /* channels of the first panel */
  static const int SHARERS = THREADS / STEP;                            /* threads that copy a row */
  static const int PANEL = STEP * MZ_GROUP_ROW;                         /* halves */
  static const int STAGE = 2 * PANELS * PANEL;                          /* keys, then values */
  static const int N_BYTES = MZ_GROUP_TILE_ALIGNMENT + STAGES * (STAGE * 2 + 8);
};

template <typename S> struct Kept
{
  float base[2], sum[2], out[S::WIDTH / 2];
};

/* The group's queries, from the card's memory; zeros where there are none. */
template <typename S>
__device__ __forceinline__ void
load_queries (const MzCudaAttention &p,
              unsigned q[S::DEPTHS][4],
              const __half *head,
              int first_query,
              int lane)
{
#pragma unroll
  for (int k = 0; k < S::DEPTHS; k++)
#pragma unroll
    for (int i = 0; i < 4; i++)
      {
        int query = first_query + lane / 4 + i % 2 * 8, c = k * 16 + lane % 4 * 2 + i / 2 * 8;

        q[k][i] = k * 16 + i / 2 * 8 < S::WIDTH && query < p.queries
                      ? *(const unsigned *) (head + query * p.q_stride + c)
                      : 0;
      }
}

/* Begins the scores of a stage's keys. */
template <typename S>
__device__ __forceinline__ void
score (float scores[STEP / 2], const unsigned q[S::DEPTHS][4], const __half *keys)
{
#pragma unroll
  for (int k = 0; k < S::DEPTHS; k++)
    mz_group_multiply<STEP, 0> (scores, q[k], mz_group_operand (keys + k / 4 * S::PANEL, 0, k % 4 * 16),
                                k > 0);
}

/* The same by one warp alone, at once. */
template <typename S>
__device__ __forceinline__ void
score_again (float scores[STEP / 2], const unsigned q[S::DEPTHS][4], const __half *keys, int lane)
{
#pragma unroll
  for (int i = 0; i < STEP / 2; i++)
    scores[i] = 0.0f;
#pragma unroll
  for (int k = 0; k < S::DEPTHS; k++)
#pragma unroll
    for (int j = 0; j < STEP / 16; j++)
      {
        unsigned b[4];

        mz_load_matrices (b,
                          keys + k / 4 * S::PANEL
                              + mz_group_place (j * 16 + lane % 8 + lane / 16 * 8, k % 4 * 2 + lane / 8 % 2));
        mz_multiply (scores + j * 8, q[k], b[0], b[1]);
        mz_multiply (scores + j * 8 + 4, q[k], b[2], b[3]);
      }
}

/* Scores of keys that are not there become minus infinity. */
__device__ __forceinline__ void
mask (float scores[STEP / 2], int n_keys, int lane)
{
#pragma unroll
  for (int i = 0; i < STEP / 2; i++)
    if (i / 4 * 8 + lane % 4 * 2 + i % 2 >= n_keys)
      scores[i] = -INFINITY;
}

/* Scores become weights, whose sums of each row it adds up; `scale` is in units of log2. */
__device__ __forceinline__ void
weigh (float scores[STEP / 2], const float base[2], float scale, float sums[2])
{
  sums[0] = sums[1] = 0.0f;
#pragma unroll
  for (int i = 0; i < STEP / 2; i++)
    {
      scores[i] = mz_exp2 (fmaf (scores[i], scale, -base[i / 2 % 2]));
      sums[i / 2 % 2] += scores[i];
    }
}

/* Higher bases for these scores, and all that was summed by the old ones made smaller. */
template <typename S>
__device__ __forceinline__ void
rebase (Kept<S> &kept, const float scores[STEP / 2], float scale)
{
#pragma unroll
  for (int r = 0; r < 2; r++)
    {
      float highest = scores[2 * r], base, factor;

#pragma unroll
      for (int i = 0; i < STEP / 2; i++)
        if (i / 2 % 2 == r)
          highest = fmaxf (highest, scores[i]);
      highest = fmaxf (highest, __shfl_xor_sync (ALL, highest, 1));
      highest = fmaxf (highest, __shfl_xor_sync (ALL, highest, 2));
      base = fmaxf (kept.base[r], highest * scale);
      factor = mz_exp2 (kept.base[r] - base);
      kept.base[r] = base;
      kept.sum[r] *= factor;
#pragma unroll
      for (int i = 0; i < S::WIDTH / 2; i++)
        if (i / 2 % 2 == r)
          kept.out[i] *= factor;
    }
}

/* Begins out += weights x values. */
template <typename S>
__device__ __forceinline__ void
add_values (float out[S::WIDTH / 2], const unsigned weights[STEP / 16][4], const __half *values)
{
#pragma unroll
  for (int k = 0; k < STEP / 16; k++)
    {
      mz_group_multiply<S::FIRST, 1> (out, weights[k], mz_group_operand (values, k * 16, 0), 1);
      if constexpr (S::PANELS > 1)
        mz_group_multiply<S::WIDTH - S::FIRST, 1> (out + S::FIRST / 2, weights[k],
                                                   mz_group_operand (values + S::PANEL, k * 16, 0), 1);
    }
}

}
