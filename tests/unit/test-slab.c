/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory for weights: nobody's bytes change while others come and go, and what is given back leaves. */
#include "backends/cpu/cpu.h"

#include <string.h>

#define N_WEIGHTS 60
#define MB ((gsize) 1 << 20)

static void
fill (MzCpuWeight *weight, guint8 value)
{
  memset (weight->pages, value, weight->base.n_bytes);
}

static void
assert_filled (const MzCpuWeight *weight, guint8 value)
{
  const guint8 *bytes = weight->pages;

  g_assert_cmpuint ((gsize) bytes % 64, ==, 0);
  for (gsize i = 0; i < weight->base.n_bytes; i++)
    if (bytes[i] != value)
      g_error ("byte %" G_GSIZE_FORMAT " is %d, not %d", i, bytes[i], value);
}

/* Sizes from a byte to more than a stretch; every third leaves before the others come to an end. */
static void
test_come_and_go (void)
{
  MzCpuDevice device = { 0 };
  MzCpuWeight weights[N_WEIGHTS] = { 0 };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < N_WEIGHTS; i++)
    {
      weights[i].base.n_bytes = i == 30 ? 70 * MB : i % 4 == 0 ? 3 * MB + (gsize) i : 1 + (gsize) i * 1000;
      g_assert_true (mz_cpu_take_weight (&device, &weights[i], &error));
      g_assert_no_error (error);
      fill (&weights[i], (guint8) i);
      if (i % 3 == 2)
        mz_cpu_give_weight (&device, &weights[i - 1]);
    }
  for (int i = 0; i < N_WEIGHTS; i++)
    if (i % 3 != 1)
      assert_filled (&weights[i], (guint8) i);
  for (int i = N_WEIGHTS - 1; i >= 0; i--)
    {
      mz_cpu_give_weight (&device, &weights[i]); /* of those that are gone: nothing happens */
      if (i % 3 == 2)
        assert_filled (&weights[i - 2], (guint8) (i - 2));
    }
  g_assert_null (device.stretch);
}

static gsize
resident_bytes (void)
{
  g_autofree char *text = NULL;
  gsize n_pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    n_pages = g_ascii_strtoull (strchr (text, ' '), NULL, 10);
  return n_pages * 4096;
}

/* A large weight leaves the memory although a small one beside it stays. */
static void
test_leaves (void)
{
  MzCpuDevice device = { 0 };
  MzCpuWeight large = { .base.n_bytes = 40 * MB }, small = { .base.n_bytes = 100 };
  gsize before = resident_bytes ();

  if (before == 0)
    {
      g_test_skip ("The system does not tell what is resident.");
      return;
    }
  g_assert_true (mz_cpu_take_weight (&device, &large, NULL));
  g_assert_true (mz_cpu_take_weight (&device, &small, NULL));
  fill (&large, 1);
  fill (&small, 2);
  g_assert_cmpuint (resident_bytes (), >=, before + 40 * MB);
  mz_cpu_give_weight (&device, &large);
  g_assert_cmpuint (resident_bytes (), <, before + 10 * MB);
  assert_filled (&small, 2);
  mz_cpu_give_weight (&device, &small);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slab/come-and-go", test_come_and_go);
  g_test_add_func ("/slab/leaves", test_leaves);
  return g_test_run ();
}
