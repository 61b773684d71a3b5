/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The hash for tables whose keys come from files: SipHash with one round a word and three at the end. */
#include "core/hash.h"

#include <string.h>

/* The secret; `is_ready` is set once it stands. */
static guint64 secret[2];

static void
draw_secret (void)
{
  static gsize is_ready = 0;

  if (!g_once_init_enter (&is_ready))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (secret); i++)
    secret[i] = (guint64) g_random_int () << 32 | g_random_int ();
  g_once_init_leave (&is_ready, 1);
}

static inline guint64
rotate (guint64 x, int bits)
{
  return x << bits | x >> (64 - bits);
}

static inline void
sip_round (guint64 v[4])
{
  v[0] += v[1];
  v[2] += v[3];
  v[1] = rotate (v[1], 13) ^ v[0];
  v[3] = rotate (v[3], 16) ^ v[2];
  v[0] = rotate (v[0], 32);
  v[2] += v[1];
  v[0] += v[3];
  v[1] = rotate (v[1], 17) ^ v[2];
  v[3] = rotate (v[3], 21) ^ v[0];
  v[2] = rotate (v[2], 32);
}

static inline void
take_word (guint64 v[4], guint64 word)
{
  v[3] ^= word;
  sip_round (v);
  v[0] ^= word;
}

guint64
mz_hash_bytes (gconstpointer bytes, gsize n)
{
  const guint8 *p = bytes;
  guint64 v[4], word;
  gsize at = 0;

  draw_secret ();
  /* the constants spell "somepseudorandomlygeneratedbytes" */
  v[0] = secret[0] ^ G_GUINT64_CONSTANT (0x736f6d6570736575);
  v[1] = secret[1] ^ G_GUINT64_CONSTANT (0x646f72616e646f6d);
  v[2] = secret[0] ^ G_GUINT64_CONSTANT (0x6c7967656e657261);
  v[3] = secret[1] ^ G_GUINT64_CONSTANT (0x7465646279746573);
  for (; n - at >= sizeof word; at += sizeof word)
    {
      memcpy (&word, p + at, sizeof word);
      take_word (v, word);
    }
  word = (guint64) n << 56;
  for (gsize i = at; i < n; i++)
    word |= (guint64) p[i] << (8 * (i - at));
  take_word (v, word);
  v[2] ^= 0xff;
  for (int i = 0; i < 3; i++)
    sip_round (v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

guint
mz_str_hash (gconstpointer text)
{
  return (guint) mz_hash_bytes (text, strlen (text));
}
