/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening NVIDIA's libraries, and handing products to them. */
#include "backends/cuda/library-private.h"

struct _MzCudaLibraries
{
  MzCublasLt *lt;
  MzCudnn *cudnn;
  char *description;
};

gboolean
mz_cuda_library_open (const char *file, const MzCudaSymbol *symbols, guint n_symbols, char **reason)
{
  GModule *module = g_module_open (file, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);

  if (module == NULL)
    {
      *reason = g_strdup_printf ("%s cannot be opened (%s)", file, g_module_error ());
      return FALSE;
    }
  for (guint i = 0; i < n_symbols; i++)
    if (!g_module_symbol (module, symbols[i].name, symbols[i].address))
      {
        *reason = g_strdup_printf ("%s has no %s", file, symbols[i].name);
        g_module_close (module);
        return FALSE;
      }
  g_module_make_resident (module);
  return TRUE;
}

char *
mz_cuda_library_version (gsize number)
{
  return g_strdup_printf ("%" G_GSIZE_FORMAT ".%" G_GSIZE_FORMAT, number / 10000, number / 100 % 100);
}

/* "cuDNN 9.19" or "no cuDNN: libcudnn.so.9 cannot be opened (…)". */
static char *
describe (const char *name, char *version, char *reason)
{
  g_autofree char *owned_version = version, *owned_reason = reason;

  return version != NULL ? g_strconcat (name, " ", version, NULL)
                         : g_strconcat ("no ", name, ": ", reason, NULL);
}

MzCudaLibraries *
mz_cuda_libraries_open (const MzCudaKernels *kernels)
{
  MzCudaLibraries *libraries = g_new0 (MzCudaLibraries, 1);
  const char *wish = g_getenv ("MEZZOTINT_CUDA_LIBRARIES");
  char *version = NULL, *reason = NULL;
  g_autofree char *lt = NULL, *cudnn = NULL;

  if (g_strcmp0 (wish, "none") == 0)
    {
      libraries->description = g_strdup ("own kernels only");
      return libraries;
    }
  libraries->lt = mz_cublaslt_open (kernels, &version, &reason);
  lt = describe ("cuBLASLt", g_steal_pointer (&version), g_steal_pointer (&reason));
  libraries->cudnn = mz_cudnn_open (kernels, &version, &reason);
  cudnn = describe ("cuDNN", g_steal_pointer (&version), g_steal_pointer (&reason));
  libraries->description = g_strdup_printf ("%s, %s", lt, cudnn);
  return libraries;
}

void
mz_cuda_libraries_close (MzCudaLibraries *libraries)
{
  if (libraries == NULL)
    return;
  g_clear_pointer (&libraries->lt, mz_cublaslt_close);
  g_clear_pointer (&libraries->cudnn, mz_cudnn_close);
  g_free (libraries->description);
  g_free (libraries);
}

const char *
mz_cuda_libraries_describe (const MzCudaLibraries *libraries)
{
  return libraries->description;
}

MzCudaWays *
mz_cuda_ways_new (MzCudaLibraries *libraries,
                  MzCudaEngine engine,
                  const MzCudaProduct *product,
                  gsize scratch_bytes)
{
  MzCudaWays *ways = NULL;

  if (libraries == NULL)
    return NULL;
  if (engine == MZ_CUDA_CUBLASLT && libraries->lt != NULL)
    ways = mz_cublaslt_ways (libraries->lt, product, scratch_bytes);
  else if (engine == MZ_CUDA_CUDNN && libraries->cudnn != NULL)
    ways = mz_cudnn_ways (libraries->cudnn, product, scratch_bytes);
  if (ways != NULL && ways->n == 0)
    g_clear_pointer (&ways, mz_cuda_ways_free);
  return ways;
}

void
mz_cuda_ways_free (MzCudaWays *ways)
{
  if (ways != NULL)
    ways->free (ways);
}

guint
mz_cuda_ways_count (const MzCudaWays *ways)
{
  return ways->n;
}

const char *
mz_cuda_ways_run (MzCudaWays *ways,
                  guint index,
                  const MzCudaProduct *product,
                  const MzCudaScratch *scratch,
                  cudaStream_t stream)
{
  return ways->run (ways, index, product, scratch, stream);
}
