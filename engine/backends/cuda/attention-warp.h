/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What one warp of attention.cu does: scores of its queries, weights, and their sums with the values.
 *
 * Weights are 2^(score - base). The base is the highest score of a query only when it was last looked at:
 * as long as no score is more than HEADROOM above it, weights stay within what a half holds, and neither the
 * lanes of a row need to agree on a maximum nor sums to be rescaled. */
#pragma once

#include "backends/cuda/simt.h"

#include <math.h>

namespace
{

const int VECTOR = 8;
const int STEP = 32; /* keys that a warp takes at a time */
const float HEADROOM = 8.0f;
const float NOTHING = -1e30f; /* the base of a query that has seen no key */
const unsigned ALL = 0xffffffffu;

/* WIDTH channels of a head, 16 M queries of a warp, QWARPS warps for different queries times GROUPS for
 * different keys, SPAN keys of a group in a tile; BLOCKS on a multiprocessor. */
template <int WIDTH_, int M_, int QWARPS_, int GROUPS_, int SPAN_, int BLOCKS_> struct Shape
{
  static const int WIDTH = WIDTH_, M = M_, QWARPS = QWARPS_, GROUPS = GROUPS_, SPAN = SPAN_, BLOCKS = BLOCKS_;
  static const int THREADS = 32 * QWARPS * GROUPS;
  static const int QUERIES = 16 * M * QWARPS;
  static const int KEYS = SPAN * GROUPS;                  /* of a tile */
  static const int PITCH = (WIDTH / VECTOR | 1) * VECTOR; /* eight rows lie in different banks */
  static const int DEPTHS = (WIDTH + 15) / 16; /* products that make a score; the last may be a half */
  static const int STAGE_BYTES = 2 * KEYS * PITCH * (int) sizeof (MzElement);
  static const int QUERY_BYTES = QUERIES * PITCH * (int) sizeof (MzElement);
  static const int KEPT = M * (4 + WIDTH / 2); /* floats that a lane remembers */
  static const int JOIN_BYTES = (GROUPS - 1) * QWARPS * KEPT * 32 * (int) sizeof (float);
};

/* What a lane remembers of its queries: rows lane / 4 and 8 more of each 16. */
template <typename S> struct Kept
{
  float base[S::M][2], sum[S::M][2], out[S::M][S::WIDTH / 8][4];
};

template <typename S>
__device__ __forceinline__ void
clear (Kept<S> &kept)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        kept.base[m][r] = NOTHING;
        kept.sum[m][r] = 0.0f;
#pragma unroll
        for (int i = 0; i < S::WIDTH / 4; i++)
          kept.out[m][i / 2][2 * r + i % 2] = 0.0f;
      }
}

/* Highest of the four lanes that share a row. */
__device__ __forceinline__ float
max_of_row (float x)
{
  x = fmaxf (x, __shfl_xor_sync (ALL, x, 1));
  return fmaxf (x, __shfl_xor_sync (ALL, x, 2));
}

__device__ __forceinline__ float
sum_of_row (float x)
{
  x += __shfl_xor_sync (ALL, x, 1);
  return x + __shfl_xor_sync (ALL, x, 2);
}

template <typename S>
__device__ __forceinline__ void
load_queries (unsigned q[S::M][S::DEPTHS][4], const MzElement *tile, int lane)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int k = 0; k < S::DEPTHS; k++)
      /* of half a depth, the second half of the lanes only repeats addresses */
      mz_load_matrices (q[m][k], tile + (m * 16 + lane % 16) * S::PITCH + k * 16
                                     + (k * 16 + 8 < S::WIDTH ? lane / 16 * 8 : 0));
}

/* Scores of a warp's queries and STEP keys. */
template <typename S>
__device__ __forceinline__ void
score (float scores[S::M][STEP / 8][4], const unsigned q[S::M][S::DEPTHS][4], const MzElement *keys, int lane)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int j = 0; j < STEP / 8; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        scores[m][j][e] = 0.0f;
#pragma unroll
  for (int k = 0; k < S::WIDTH / 16; k++)
#pragma unroll
    for (int j = 0; j < STEP / 16; j++)
      {
        unsigned b[4];

        mz_load_matrices (b,
                          keys + (j * 16 + lane % 8 + lane / 16 * 8) * S::PITCH + k * 16 + lane / 8 % 2 * 8);
#pragma unroll
        for (int m = 0; m < S::M; m++)
          {
            mz_multiply (scores[m][2 * j], q[m][k], b[0], b[1]);
            mz_multiply (scores[m][2 * j + 1], q[m][k], b[2], b[3]);
          }
      }
  if (S::WIDTH % 16 != 0)
    {
      unsigned b[4];

      mz_load_matrices (b, keys + lane * S::PITCH + S::WIDTH - 8);
#pragma unroll
      for (int j = 0; j < STEP / 8; j++)
#pragma unroll
        for (int m = 0; m < S::M; m++)
          mz_multiply_half (scores[m][j], q[m][S::DEPTHS - 1], b[j]);
    }
}

/* Scores that do not count become minus infinity. */
template <typename S>
__device__ __forceinline__ void
mask (float scores[S::M][STEP / 8][4], const MzCudaAttention &p, int first_key, int first_query, int lane)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int j = 0; j < STEP / 8; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        {
          int key = first_key + j * 8 + lane % 4 * 2 + e % 2,
              query = first_query + m * 16 + lane / 4 + e / 2 * 8;

          if (key >= p.keys || (p.causal && key > query))
            scores[m][j][e] = -INFINITY;
        }
}

/* New bases, and all that was summed by the old ones made smaller. */
template <typename S>
__device__ __forceinline__ void
rebase (Kept<S> &kept, float highest[S::M][2], float scale)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        float base = fmaxf (kept.base[m][r], max_of_row (highest[m][r]) * scale);
        float factor = mz_exp2 (kept.base[m][r] - base);

        kept.base[m][r] = base;
        kept.sum[m][r] *= factor;
#pragma unroll
        for (int j = 0; j < S::WIDTH / 8; j++)
          {
            kept.out[m][j][2 * r] *= factor;
            kept.out[m][j][2 * r + 1] *= factor;
          }
      }
}

/* Scores become weights; `scale` is in units of log2. */
template <typename S>
__device__ __forceinline__ void
weigh (Kept<S> &kept, float scores[S::M][STEP / 8][4], float scale)
{
  float highest[S::M][2];
  bool is_above = false;

#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        highest[m][r] = scores[m][0][2 * r];
#pragma unroll
        for (int i = 1; i < STEP / 4; i++)
          highest[m][r] = fmaxf (highest[m][r], scores[m][i / 2][2 * r + i % 2]);
        is_above = is_above || mz_above (highest[m][r], scale, kept.base[m][r]) > HEADROOM;
      }
  if (__any_sync (ALL, is_above))
    rebase<S> (kept, highest, scale);
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int j = 0; j < STEP / 8; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        {
          scores[m][j][e] = mz_exp2 (mz_above (scores[m][j][e], scale, kept.base[m][e / 2]));
          kept.sum[m][e / 2] += scores[m][j][e];
        }
}

/* out += weights x values. */
template <typename S>
__device__ __forceinline__ void
add_values (Kept<S> &kept, const float weights[S::M][STEP / 8][4], const MzElement *values, int lane)
{
  unsigned a[S::M][STEP / 16][4], b[4];

#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int k = 0; k < STEP / 16; k++)
#pragma unroll
      for (int i = 0; i < 4; i++)
        a[m][k][i] = mz_pack (weights[m][2 * k + i / 2][i % 2 * 2], weights[m][2 * k + i / 2][i % 2 * 2 + 1]);
#pragma unroll
  for (int j = 0; j < S::WIDTH / 16; j++)
#pragma unroll
    for (int k = 0; k < STEP / 16; k++)
      {
        mz_load_matrices_transposed (b, values + (k * 16 + lane % 16) * S::PITCH + j * 16 + lane / 16 * 8);
#pragma unroll
        for (int m = 0; m < S::M; m++)
          {
            mz_multiply (kept.out[m][2 * j], a[m][k], b[0], b[1]);
            mz_multiply (kept.out[m][2 * j + 1], a[m][k], b[2], b[3]);
          }
      }
  if (S::WIDTH % 16 != 0)
    {
      mz_load_matrices_transposed (b, values + lane * S::PITCH + S::WIDTH - 8);
#pragma unroll
      for (int k = 0; k < STEP / 16; k++)
#pragma unroll
        for (int m = 0; m < S::M; m++)
          mz_multiply (kept.out[m][S::WIDTH / 8 - 1], a[m][k], b[2 * k], b[2 * k + 1]);
    }
}

/* A warp's part of a tile. */
template <typename S>
__device__ __forceinline__ void
take_keys (const MzCudaAttention &p,
           Kept<S> &kept,
           const unsigned q[S::M][S::DEPTHS][4],
           const MzElement *keys,
           const MzElement *values,
           int first_key,
           int first_query,
           int lane)
{
  int n_keys = p.causal ? min (p.keys, first_query + 16 * S::M) : p.keys;

#pragma unroll 1
  for (int i = 0; i < S::SPAN && first_key + i < n_keys; i += STEP)
    {
      float scores[S::M][STEP / 8][4];

      score<S> (scores, q, keys + i * S::PITCH, lane);
      if (first_key + i + STEP > p.keys || (p.causal && first_key + i + STEP > first_query))
        mask<S> (scores, p, first_key + i, first_query, lane);
      weigh<S> (kept, scores, p.scale * 1.4426950408889634f);
      add_values<S> (kept, scores, values + i * S::PITCH, lane);
    }
}

}
