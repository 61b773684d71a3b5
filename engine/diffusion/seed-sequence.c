/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* numpy's SeedSequence (numpy/random/bit_generator.pyx, after O'Neill's randutils): a pool of words into
 * which all words of entropy are hashed and mixed, and hashed out of again. */
#include "diffusion/seed-sequence.h"

#define POOL 24 /* torchsde's pool_size */
#define MAX_WORDS (POOL + 4)

static guint32
hash (guint32 value, guint32 *constant, guint32 multiplier)
{
  value ^= *constant;
  *constant *= multiplier;
  value *= *constant;
  return value ^ (value >> 16);
}

static guint32
hash_in (guint32 value, guint32 *constant)
{
  return hash (value, constant, 0x931e8875U);
}

static guint32
mix (guint32 x, guint32 y)
{
  guint32 mixed = 0xca01f9ddU * x - 0x4973f715U * y;

  return mixed ^ (mixed >> 16);
}

/* Appends a number's words, the low one first; 0 has one. Returns the new count. */
static int
append (guint64 number, guint32 *words, int n)
{
  words[n++] = (guint32) number;
  if (number >> 32 != 0)
    words[n++] = (guint32) (number >> 32);
  return n;
}

void
mz_seed_sequence (guint64 entropy, const guint64 *spawn_key, int n_spawn_key, guint32 *out, int n_out)
{
  guint32 words[MAX_WORDS] = { 0 }, pool[POOL];
  guint32 constant = 0x43b0d7e5U;
  int n = append (entropy, words, 0);

  g_return_if_fail (n_spawn_key <= 2);
  if (n_spawn_key > 0)
    n = POOL; /* the zeros up to there count */
  for (int i = 0; i < n_spawn_key; i++)
    n = append (spawn_key[i], words, n);

  for (int i = 0; i < POOL; i++)
    pool[i] = hash_in (words[i], &constant);
  for (int from = 0; from < POOL; from++)
    for (int to = 0; to < POOL; to++)
      if (from != to)
        pool[to] = mix (pool[to], hash_in (pool[from], &constant));
  for (int from = POOL; from < n; from++)
    for (int to = 0; to < POOL; to++)
      pool[to] = mix (pool[to], hash_in (words[from], &constant));

  constant = 0x8b51f9ddU;
  for (int i = 0; i < n_out; i++)
    out[i] = hash (pool[i % POOL], &constant, 0x58f38dedU);
}
