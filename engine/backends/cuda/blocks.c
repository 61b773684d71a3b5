/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights' memory: cudaMalloc() takes up to a millisecond and a network has hundreds of them, so that they
 * share blocks, which grow with what is taken. Parts are handed out in order and never again. */
#include "backends/cuda/cuda.h"

#define SMALLEST_BLOCK_BYTES ((gsize) 2 << 20)
#define LARGEST_BLOCK_BYTES ((gsize) 32 << 20)

struct _MzCudaBlock
{
  guint8 *memory;
  gsize n_bytes, used;
  guint n_parts;
};

struct _MzCudaBlocks
{
  MzCudaDevice *device;
  GPtrArray *open;  /* MzCudaBlock that may have room */
  gsize open_bytes; /* of them, and of those that were given back since the last seal */
};

MzCudaBlocks *
mz_cuda_blocks_new (MzCudaDevice *device)
{
  MzCudaBlocks *blocks = g_new0 (MzCudaBlocks, 1);

  blocks->device = device;
  blocks->open = g_ptr_array_new ();
  return blocks;
}

void
mz_cuda_blocks_free (MzCudaBlocks *blocks)
{
  g_warn_if_fail (blocks->open->len == 0);
  g_ptr_array_unref (blocks->open);
  g_free (blocks);
}

void
mz_cuda_blocks_seal (MzCudaBlocks *blocks)
{
  g_ptr_array_set_size (blocks->open, 0);
  blocks->open_bytes = 0;
}

static MzCudaBlock *
find_room (MzCudaBlocks *blocks, gsize n_bytes)
{
  for (guint i = blocks->open->len; i-- > 0;)
    {
      MzCudaBlock *block = g_ptr_array_index (blocks->open, i);

      if (block->n_bytes - block->used >= n_bytes)
        return block;
    }
  return NULL;
}

static MzCudaBlock *
add_block (MzCudaBlocks *blocks, gsize n_bytes, GError **error)
{
  gsize wanted = CLAMP (blocks->open_bytes, SMALLEST_BLOCK_BYTES, LARGEST_BLOCK_BYTES);
  gpointer memory = wanted > n_bytes ? mz_cuda_take (blocks->device, wanted, NULL) : NULL;
  MzCudaBlock *block;

  if (memory == NULL)
    memory = mz_cuda_take (blocks->device, wanted = n_bytes, error);
  if (memory == NULL)
    return NULL;
  block = g_new0 (MzCudaBlock, 1);
  block->memory = memory;
  block->n_bytes = wanted;
  blocks->open_bytes += wanted;
  g_ptr_array_add (blocks->open, block);
  return block;
}

gpointer
mz_cuda_blocks_take (MzCudaBlocks *blocks, gsize *n_bytes, MzCudaBlock **block, GError **error)
{
  gsize n = (MAX (*n_bytes, 1) + MZ_CUDA_ALIGNMENT - 1) / MZ_CUDA_ALIGNMENT * MZ_CUDA_ALIGNMENT;
  gsize before = blocks->open_bytes;
  gpointer memory;

  *block = find_room (blocks, n);
  if (*block == NULL && (*block = add_block (blocks, n, error)) == NULL)
    return NULL;
  memory = (*block)->memory + (*block)->used;
  *n_bytes = blocks->open_bytes - before;
  (*block)->used += n;
  (*block)->n_parts++;
  return memory;
}

void
mz_cuda_blocks_give (MzCudaBlocks *blocks, MzCudaBlock *block)
{
  if (--block->n_parts > 0)
    return;
  g_ptr_array_remove_fast (blocks->open, block);
  mz_cuda_give (blocks->device, block->memory);
  g_free (block);
}
