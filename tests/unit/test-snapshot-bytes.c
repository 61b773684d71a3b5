/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes that are no snapshot, or one that is made up. */
#include <string.h>

#include "snapshot-fixture.h"

static void
assert_no_snapshot (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, n_bytes);
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_snapshot_new_from_bytes (bytes, &error));
  g_assert_true (g_error_matches (error, MZ_ERROR, MZ_ERROR_FORMAT)
                 || g_error_matches (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED));
}

/* Puts the checksum right, so that what it covers is looked at. */
static void
seal (guint8 *data, gsize n_bytes)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = 32;

  g_checksum_update (checksum, data, (gssize) n_bytes - 32);
  g_checksum_get_digest (checksum, data + n_bytes - 32, &length);
}

/* Cut anywhere, any bit turned over, and heads that lie under a checksum that is right. */
static void
test_damaged (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "unipc");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request);
  g_autoptr (GBytes) bytes = mz_snapshot_to_bytes (g_ptr_array_index (snapshots, 2));
  gsize n_bytes, head = 144;
  const guint8 *good = g_bytes_get_data (bytes, &n_bytes);
  g_autofree guint8 *bad = g_memdup2 (good, n_bytes);

  for (gsize n = 0; n < n_bytes; n += n < 300 ? 1 : 97)
    assert_no_snapshot (good, n);
  for (gsize i = 0; i < n_bytes; i += i < 300 ? 1 : 61)
    {
      bad[i] ^= (guint8) (1 << i % 8);
      assert_no_snapshot (bad, n_bytes);
      bad[i] = good[i];
    }
  /* The lengths and counts of the head, each too large and sealed. */
  for (gsize i = 12; i < 56; i += 4)
    {
      memset (bad + i, 0xff, 4);
      seal (bad, n_bytes);
      assert_no_snapshot (bad, n_bytes);
      memcpy (bad + i, good + i, 4);
    }
  for (gsize i = 64; i < 80; i += 8) /* sigma, and the base's length */
    {
      memset (bad + i, 0xff, 8);
      seal (bad, n_bytes);
      assert_no_snapshot (bad, n_bytes);
      memcpy (bad + i, good + i, 8);
    }
  memset (bad + head, 0xff, 4); /* not a number */
  seal (bad, n_bytes);
  assert_no_snapshot (bad, n_bytes);
}

/* The snapshot with another shape and as many of its numbers, under a checksum that is right. */
static MzSnapshot *
forge (MzSnapshot *snapshot, guint32 channels, guint32 height, guint32 width, guint32 factor)
{
  const guint32 shape[]
      = { GUINT32_TO_LE (channels), GUINT32_TO_LE (height), GUINT32_TO_LE (width), GUINT32_TO_LE (factor) };
  gsize n_bytes = 144 + (gsize) 2 * channels * height * width * sizeof (float) + 32, n_good;
  g_autoptr (GBytes) bytes = mz_snapshot_to_bytes (snapshot), changed = NULL;
  const guint8 *good = g_bytes_get_data (bytes, &n_good);
  g_autofree guint8 *data = g_malloc0 (n_bytes);
  g_autoptr (GError) error = NULL;
  MzSnapshot *forged;

  memcpy (data, good, MIN (n_bytes, n_good) - 32);
  memcpy (data + 12, shape, sizeof shape);
  seal (data, n_bytes);
  changed = g_bytes_new (data, n_bytes);
  forged = mz_snapshot_new_from_bytes (changed, &error);
  g_assert_no_error (error);
  return forged;
}

/* Files that say they are of this request and model, but hold fewer numbers or more. */
static void
test_forged_shape (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request);
  const MzModelInfo *info = mz_model_get_info (f->model);
  guint32 channels = (guint32) info->latent_channels, factor = (guint32) info->latent_factor;
  guint32 side = SIZE / factor;
  const guint32 shapes[][4] = { { 1, side, side, factor },     { channels, 1, side, factor },
                                { channels, side, 1, factor }, { channels, side, side + 1, factor },
                                { channels, side, side, 1 },   { channels, 1, 1, SIZE } };

  g_assert_cmpuint (side, >, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const guint32 *s = shapes[i];

      set_start (request, forge (snapshots->pdata[2], s[0], s[1], s[2], s[3]), MZ_START_RESUME);
      assert_refused (f, request, "does not fit");
      request->start_kind = MZ_START_BRANCH;
      assert_refused (f, request, "step");
    }
}

/* A base of another shape than what was branched from it. */
static void
test_forged_base (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "euler");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request), branched = NULL;
  g_autoptr (GBytes) bytes = NULL, base_bytes = NULL;
  g_autofree guint8 *bad = NULL;
  guint8 *base;
  gsize n_bytes, n_base;

  set_start (request, mz_snapshot_ref (snapshots->pdata[1]), MZ_START_BRANCH);
  branched = log_steps (f, request);
  bytes = mz_snapshot_to_bytes (branched->pdata[0]);
  base_bytes = mz_snapshot_to_bytes (snapshots->pdata[1]);
  n_bytes = g_bytes_get_size (bytes);
  n_base = g_bytes_get_size (base_bytes);
  bad = g_memdup2 (g_bytes_get_data (bytes, NULL), n_bytes);
  base = bad + n_bytes - 32 - n_base;
  g_assert_cmpmem (base, n_base, g_bytes_get_data (base_bytes, NULL), n_base);
  base[24] ^= 1; /* the factor */
  seal (base, n_base);
  seal (bad, n_bytes);
  assert_no_snapshot (bad, n_bytes);
}

/* Sealed heads and latents of any numbers: read or refused, but never more. */
static void
test_fuzz (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model, "dpmpp_3m_sde");
  g_autoptr (GPtrArray) snapshots = log_steps (f, request);
  g_autoptr (GBytes) bytes = mz_snapshot_to_bytes (g_ptr_array_index (snapshots, 2));
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  gsize n_bytes;
  const guint8 *good = g_bytes_get_data (bytes, &n_bytes);
  g_autofree guint8 *bad = g_memdup2 (good, n_bytes);
  int n_read = 0;

  for (int round = 0; round < 2000; round++)
    {
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (MzSnapshot) snapshot = NULL;
      int n_changes = g_rand_int_range (rand, 1, 4);

      memcpy (bad, good, n_bytes);
      for (int i = 0; i < n_changes; i++)
        bad[g_rand_int_range (rand, 8, 300)]
            = (guint8) g_rand_int_range (rand, 0, g_rand_boolean (rand) ? 8 : 256);
      seal (bad, n_bytes);
      changed = g_bytes_new (bad, n_bytes);
      snapshot = mz_snapshot_new_from_bytes (changed, NULL);
      if (snapshot == NULL)
        continue;
      n_read++;
      set_start (request, mz_snapshot_ref (snapshot), round % 2 == 0 ? MZ_START_RESUME : MZ_START_BRANCH);
      if (n_read % 10 == 0) /* what can be read can be gone on with, or is refused with a reason */
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (MzResult) result = mz_generate (f->model, request, NULL, NULL, &error);

          g_assert_true (result != NULL || error != NULL);
        }
    }
  g_assert_cmpint (n_read, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/snapshot-bytes/" name, Fixture, NULL, setup, func, teardown)
  ADD ("damaged", test_damaged);
  ADD ("forged-shape", test_forged_shape);
  ADD ("forged-base", test_forged_base);
  ADD ("fuzz", test_fuzz);
#undef ADD
  return g_test_run ();
}
