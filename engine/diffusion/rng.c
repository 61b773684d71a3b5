/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of random generators, and a running one. */
#include <glib/gi18n-lib.h>

#include "diffusion/rng.h"

#include "core/names.h"
#include "diffusion/rng-torch-cpu.h"
#include "diffusion/rng-torch-cuda.h"

struct _MzRng
{
  const MzRngKind *kind;
  gpointer state; /* kind->state_size bytes */
};

static const MzRngKind kinds[] = {
  {
      .id = "torch-cpu",
      .label = "CPU (PyTorch)",
      .description = N_ ("The noise PyTorch makes on a CPU, the same on every machine."),
      .state_size = sizeof (MzRngTorchCpu),
      .seed = mz_rng_torch_cpu_seed,
      .fill_normal = mz_rng_torch_cpu_fill_normal,
  },
  {
      .id = "torch-cuda",
      .label = "NVIDIA GPU (PyTorch)",
      .description = N_ ("The noise PyTorch makes on an NVIDIA card, A1111’s GPU and NV."),
      .state_size = sizeof (MzRngTorchCuda),
      .seed = mz_rng_torch_cuda_seed,
      .set_gpu_threads = mz_rng_torch_cuda_set_gpu_threads,
      .fill_normal = mz_rng_torch_cuda_fill_normal,
  },
};

const MzRngKind *
mz_rng_kinds (gsize *n_kinds)
{
  *n_kinds = G_N_ELEMENTS (kinds);
  return kinds;
}

const MzRngKind *
mz_rng_kind_find (const char *name, GError **error)
{
  const char *ids[G_N_ELEMENTS (kinds)];

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (mz_names_match (name, kinds[i].id) || mz_names_match (name, kinds[i].label))
        return &kinds[i];
      ids[i] = kinds[i].id;
    }
  mz_set_unknown_name_error (error, _ ("random generator"), name, ids, G_N_ELEMENTS (ids));
  return NULL;
}

MzRng *
mz_rng_new (const MzRngKind *kind, guint64 seed)
{
  MzRng *rng = g_new (MzRng, 1);

  rng->kind = kind != NULL ? kind : &kinds[0];
  rng->state = g_malloc0 (rng->kind->state_size);
  mz_rng_reseed (rng, seed);
  return rng;
}

void
mz_rng_free (MzRng *rng)
{
  if (rng == NULL)
    return;
  g_free (rng->state);
  g_free (rng);
}

MzRng *
mz_rng_copy (const MzRng *rng)
{
  MzRng *copy = g_new (MzRng, 1);

  copy->kind = rng->kind;
  copy->state = g_memdup2 (rng->state, rng->kind->state_size);
  return copy;
}

void
mz_rng_reseed (MzRng *rng, guint64 seed)
{
  rng->kind->seed (rng->state, seed);
}

void
mz_rng_set_gpu_threads (MzRng *rng, guint threads)
{
  if (rng->kind->set_gpu_threads != NULL)
    rng->kind->set_gpu_threads (rng->state, threads);
}

void
mz_rng_fill_normal (MzRng *rng, float *dst, gsize n)
{
  rng->kind->fill_normal (rng->state, dst, n);
}
