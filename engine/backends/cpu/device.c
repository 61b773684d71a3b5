/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The fast CPU backend: which kernels this processor runs, and the table.
 *
 * MEZZOTINT_CPU=avx512|avx2|baseline forces a variant. */
#include <glib/gi18n-lib.h>

#include "backends/cpu/cpu.h"
#include "backends/cpu/reference.h"

#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

typedef struct
{
  const char *name;
  const MzCpuKernels *kernels;
  gboolean (*is_supported) (void);
} Variant;

#ifdef __x86_64__
static gboolean
has_avx512 (void)
{
  /* __builtin_cpu_supports() also asks whether the system saves the registers. */
  return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq")
         && __builtin_cpu_supports ("avx512vl") && __builtin_cpu_supports ("avx512bw");
}

static gboolean
has_avx2 (void)
{
  guint a, b, c = 0, d;

  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") && __get_cpuid (1, &a, &b, &c, &d)
         && (c & bit_F16C) != 0;
}
#endif

static gboolean
has_baseline (void)
{
  return TRUE;
}

/* Best first. */
static const Variant variants[] = {
#ifdef __x86_64__
  { "avx512", &mz_cpu_kernels_avx512, has_avx512 },
  { "avx2", &mz_cpu_kernels_avx2, has_avx2 },
#endif
  { "baseline", &mz_cpu_kernels_baseline, has_baseline },
};

static const MzCpuKernels *
choose_kernels (GError **error)
{
  const char *forced = g_getenv ("MEZZOTINT_CPU");
  gboolean any = forced == NULL || *forced == '\0';

#ifdef __x86_64__
  __builtin_cpu_init ();
#endif
  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      if (!any && !g_str_equal (forced, variants[i].name))
        continue;
      if (variants[i].is_supported ())
        return variants[i].kernels;
      if (any)
        continue;
      g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND,
                   _ ("MEZZOTINT_CPU asks for “%s”, which this processor does not support."), forced);
      return NULL;
    }
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
               _ ("MEZZOTINT_CPU is “%s”; this build knows avx512 and avx2 (on x86-64) and baseline."),
               forced);
  return NULL;
}

/* "AMD EPYC 9454 48-Core Processor", or "CPU" where the processor does not say. */
static char *
processor_name (void)
{
#ifdef __x86_64__
  guint words[13] = { 0 };

  if ((guint) __get_cpuid_max (0x80000000u, NULL) >= 0x80000004u)
    {
      for (guint i = 0; i < 3; i++)
        __get_cpuid (0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3]);
      return g_strstrip (g_strdup ((const char *) words));
    }
#endif
  return g_strdup ("CPU");
}

static MzDevice *
open_device (const MzDeviceOptions *options, GError **error)
{
  const MzCpuKernels *kernels = choose_kernels (error);
  g_autofree char *name = NULL;
  MzCpuDevice *device;
  int n_threads;

  if (kernels == NULL)
    return NULL;
  name = processor_name ();
  device = g_new0 (MzCpuDevice, 1);
  device->kernels = kernels;
  device->pool = mz_pool_new (options->n_threads);
  n_threads = mz_pool_n_threads (device->pool);
  device->base.backend = &mz_backend_cpu;
  device->base.scratch_bytes = (gsize) n_threads * mz_cpu_winograd_scratch (kernels);
  /* Translators: a processor's name, its threads, and the name of its vector instructions. */
  device->base.description = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%s, %d thread, %s", "%s, %d threads, %s", (gulong) n_threads), name,
      n_threads, kernels->name);
  return &device->base;
}

static void
close_device (MzDevice *device)
{
  mz_pool_free (((MzCpuDevice *) device)->pool);
  g_free (device);
}

static gpointer
take_memory (MzDevice *device, gsize n_bytes, GError **error)
{
  return mz_cpu_take_pages (n_bytes, error);
}

static void
release_memory (MzDevice *device, gpointer memory)
{
  mz_cpu_give_pages (memory);
}

const MzBackend mz_backend_cpu = {
  .name = "cpu",
  .activation_dtype = MZ_DTYPE_F32,
  .alignment = MZ_CPU_ALIGNMENT,
  .has_8bit = TRUE,
  .open = open_device,
  .close = close_device,
  .alloc = take_memory,
  .release = release_memory,
  .upload = mz_cpu_upload,
  .download = mz_cpu_download,
  .prepare_matrix = mz_cpu_prepare_matrix,
  .prepare_norm = mz_cpu_prepare_norm,
  .prepare_embedding = mz_cpu_prepare_embedding,
  .release_weight = mz_cpu_release_weight,
  .conv2d = mz_cpu_conv2d,
  .linear = mz_cpu_linear,
  .group_norm = mz_cpu_group_norm,
  .group_moments = mz_cpu_group_moments,
  .group_scale = mz_cpu_group_scale,
  .copy = mz_cpu_copy,
  .layer_norm = mz_cpu_layer_norm,
  .attention = mz_cpu_attention,
  .embed = mz_cpu_embed,
};
