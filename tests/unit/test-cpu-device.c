/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The CPU device: forcing its instruction set, and memory that is not there. (Its ops: tests/parity.) */
#include "ops/ops.h"

#include <string.h>

static const char *const kernel_names[][2] = {
  { "avx512", "AVX-512" },
  { "avx2", "AVX2" },
  { "baseline", "portable code" },
};

static MzDevice *
open_forced (const char *variant, GError **error)
{
  const MzDeviceOptions options = { .n_threads = 2 };
  MzDevice *device;

  g_setenv ("MEZZOTINT_CPU", variant, TRUE);
  device = mz_device_open ("cpu", &options, error);
  g_unsetenv ("MEZZOTINT_CPU");
  return device;
}

static void
test_forced (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (kernel_names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MzDevice) device = open_forced (kernel_names[i][0], &error);

      if (device != NULL)
        {
          g_assert_nonnull (strstr (device->description, ", 2 threads, "));
          g_assert_true (g_str_has_suffix (device->description, kernel_names[i][1]));
          continue;
        }
      g_assert_cmpint (i, <, 2); /* portable code runs everywhere */
      g_assert_true (g_error_matches (error, MZ_ERROR, MZ_ERROR_BACKEND)
                     || g_error_matches (error, MZ_ERROR, MZ_ERROR_ARGUMENT));
      g_assert_nonnull (strstr (error->message, kernel_names[i][0]));
    }
}

static void
test_unknown (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_forced ("abacus", &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "abacus"));
}

static void
test_memory (void)
{
  g_autoptr (MzDevice) device = mz_device_open ("cpu", NULL, NULL);
  static const gsize sizes[] = { 0, 1, 4096, 5 << 20, (64 << 20) + 1 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint8 *memory = device->backend->alloc (device, sizes[i], NULL);

      g_assert_nonnull (memory);
      g_assert_cmpuint (GPOINTER_TO_SIZE (memory) % device->backend->alignment, ==, 0);
      memset (memory, 0xaa, sizes[i]);
      device->backend->release (device, memory);
    }
}

static void
test_memory_refused (void)
{
  g_autoptr (MzDevice) device = mz_device_open ("cpu", NULL, NULL);
  static const gsize sizes[] = { G_MAXSIZE / 2, G_MAXSIZE - 10 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (device->backend->alloc (device, sizes[i], &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu-device/forced", test_forced);
  g_test_add_func ("/cpu-device/unknown", test_unknown);
  g_test_add_func ("/cpu-device/memory", test_memory);
  g_test_add_func ("/cpu-device/memory-refused", test_memory_refused);
  return g_test_run ();
}
