/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Products of four warps together, a group (Hopper's wgmma): they run beside the group's other instructions,
 * and read b, or a and b, from shared memory by themselves. tests/emulation has them for a processor. */
#pragma once

#include "backends/cuda/simt.h"

/* a and b lie in tiles of 64 halves a row, 128 bytes, that begin at a multiple of 1024 bytes. The 16-byte
 * chunks of each row are in an order of its own, so that neighbouring rows are in different banks. */
#define MZ_GROUP_ROW 64
#define MZ_GROUP_TILE_ALIGNMENT 1024
#define MZ_GROUP_THREADS 128

/* Where a chunk of a row stands, in halves from the tile's begin. */
__device__ __forceinline__ int
mz_group_place (int row, int chunk)
{
  return row * MZ_GROUP_ROW + ((chunk ^ (row % 8)) * 8);
}

#ifdef MZ_CUDA_EMULATED
static_assert (MZ_EMULATED_ROW_BYTES == MZ_GROUP_ROW * 2, "the same tiles");
#else

/* The block's shared memory from the first multiple of `alignment` on. */
__device__ __forceinline__ unsigned char *
mz_align_shared (unsigned char *shared, unsigned alignment)
{
  return shared + ((0u - (unsigned) __cvta_generic_to_shared (shared)) & (alignment - 1));
}

/* Products exist for the one generation that has them; elsewhere kernels leave them out. (The compiler for
 * the host reads kernels, too.) */
#if defined(__CUDA_ARCH_FEAT_SM90_ALL) || !defined(__CUDA_ARCH__)
#define MZ_HAS_GROUPS 1
#endif

/* a or b for products, at `halves` halves of its tile's first row, from row `row` on (a multiple of 8). */
__device__ __forceinline__ uint64_t
mz_group_operand (const __half *tile, int row, int halves)
{
  /* the tile's form: 128-byte rows in changing order, 1024 bytes from eight rows to the next */
  const uint64_t form = 1ull << 62 | 1024ull >> 4 << 32 | 1ull << 16;
  unsigned at = (unsigned) __cvta_generic_to_shared (tile + row * MZ_GROUP_ROW + halves);

  return form | (uint64_t) ((at & 0x3ffff) >> 4);
}

/* The same operand so many halves on, a multiple of 8. */
__device__ __forceinline__ uint64_t
mz_group_move (uint64_t operand, int halves)
{
  return operand + (uint64_t) (unsigned) (halves / 8);
}

#ifdef MZ_HAS_GROUPS

/* What other instructions of this thread wrote to shared memory is seen by products once the threads have
 * met; what copies of others brought, after their gate. */
__device__ __forceinline__ void
mz_group_publish (void)
{
  asm volatile("fence.proxy.async.shared::cta;\n" ::: "memory");
}

/* Before products, when other instructions have written the registers they take. */
__device__ __forceinline__ void
mz_group_begin (void)
{
  asm volatile("wgmma.fence.sync.aligned;\n" ::: "memory");
}

/* Products so far become one batch. */
__device__ __forceinline__ void
mz_group_commit (void)
{
  asm volatile("wgmma.commit_group.sync.aligned;\n" ::: "memory");
}

/* Waits until no more than N batches are under way. */
template <int N>
__device__ __forceinline__ void
mz_group_wait (void)
{
  asm volatile("wgmma.wait_group.sync.aligned %0;\n" ::"n"(N) : "memory");
}

/* A gate opens when `n` threads or their copies have arrived, and then begins anew; whoever waits says which
 * time it waits for, the first being 0. One thread sets it, before the block meets. */
__device__ __forceinline__ void
mz_gate_set (uint64_t *gate, int n)
{
  unsigned at = (unsigned) __cvta_generic_to_shared (gate);

  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;\n" ::"r"(at), "r"(n) : "memory");
}

/* This thread arrives once its copies so far are there; it need not wait for that. */
__device__ __forceinline__ void
mz_gate_arrive_with_copies (uint64_t *gate)
{
  unsigned at = (unsigned) __cvta_generic_to_shared (gate);

  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];\n" ::"r"(at) : "memory");
}

/* This thread arrives at once, and all it waited for before. */
__device__ __forceinline__ void
mz_gate_arrive (uint64_t *gate)
{
  unsigned at = (unsigned) __cvta_generic_to_shared (gate);

  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];\n" ::"r"(at) : "memory");
}

__device__ __forceinline__ void
mz_gate_wait (uint64_t *gate, int time)
{
  unsigned at = (unsigned) __cvta_generic_to_shared (gate), parity = (unsigned) time & 1;

  asm volatile("{\n.reg .pred p;\n"
               "again:\n"
               "mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n"
               "@!p bra again;\n}\n" ::"r"(at),
               "r"(parity)
               : "memory");
}

namespace
{

#define MZ_GROUP_4(I) "+f"(d[I]), "+f"(d[I + 1]), "+f"(d[I + 2]), "+f"(d[I + 3])
#define MZ_GROUP_16(I) MZ_GROUP_4 (I), MZ_GROUP_4 (I + 4), MZ_GROUP_4 (I + 8), MZ_GROUP_4 (I + 12)
#define MZ_GROUP_32(I) MZ_GROUP_16 (I), MZ_GROUP_16 (I + 16)

/* clang-format off */
/* d [64, 16] += a [64, 16] b [16, 16] */
template <int TRANSPOSED>
__device__ __forceinline__ void
group_multiply_16 (float *d, const unsigned a[4], uint64_t b, int adds)
{
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %13, 0;\n"
               "wgmma.mma_async.sync.aligned.m64n16k16.f32.f16.f16 {"
               "%0, %1, %2, %3, %4, %5, %6, %7}, "
               "{%8, %9, %10, %11}, %12, p, 1, 1, %14;\n}\n"
               : MZ_GROUP_4 (0), MZ_GROUP_4 (4)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds), "n"(TRANSPOSED));
}

/* d [64, 40] += a [64, 16] b [16, 40] */
template <int TRANSPOSED>
__device__ __forceinline__ void
group_multiply_40 (float *d, const unsigned a[4], uint64_t b, int adds)
{
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %25, 0;\n"
               "wgmma.mma_async.sync.aligned.m64n40k16.f32.f16.f16 {"
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
               "%16, %17, %18, %19}, "
               "{%20, %21, %22, %23}, %24, p, 1, 1, %26;\n}\n"
               : MZ_GROUP_4 (0), MZ_GROUP_4 (4), MZ_GROUP_4 (8), MZ_GROUP_4 (12), MZ_GROUP_4 (16)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds), "n"(TRANSPOSED));
}

/* d [64, 64] += a [64, 16] b [16, 64] */
template <int TRANSPOSED>
__device__ __forceinline__ void
group_multiply_64 (float *d, const unsigned a[4], uint64_t b, int adds)
{
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %37, 0;\n"
               "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {"
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
               "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
               "{%32, %33, %34, %35}, %36, p, 1, 1, %38;\n}\n"
               : MZ_GROUP_4 (0), MZ_GROUP_4 (4), MZ_GROUP_4 (8), MZ_GROUP_4 (12), MZ_GROUP_4 (16), MZ_GROUP_4 (20), MZ_GROUP_4 (24), MZ_GROUP_4 (28)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds), "n"(TRANSPOSED));
}

/* d [64, 64] += a [64, 16] b [16, 64] */
__device__ __forceinline__ void
group_multiply_shared_64 (float *d, uint64_t a, uint64_t b, int adds)
{
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %34, 0;\n"
               "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {"
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
               "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
               "}, %32, %33, p, 1, 1, 0, 0;\n}\n"
               : MZ_GROUP_32 (0)
               : "l"(a), "l"(b), "r"(adds));
}

/* d [64, 128] += a [64, 16] b [16, 128] */
__device__ __forceinline__ void
group_multiply_shared_128 (float *d, uint64_t a, uint64_t b, int adds)
{
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
               "wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {"
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
               "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
               "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
               "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
               "}, %64, %65, p, 1, 1, 0, 0;\n}\n"
               : MZ_GROUP_32 (0), MZ_GROUP_32 (32)
               : "l"(a), "l"(b), "r"(adds));
}

/* d [64, 160] += a [64, 16] b [16, 160] */
__device__ __forceinline__ void
group_multiply_shared_160 (float *d, uint64_t a, uint64_t b, int adds)
{
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %82, 0;\n"
               "wgmma.mma_async.sync.aligned.m64n160k16.f32.f16.f16 {"
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
               "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
               "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
               "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
               "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79"
               "}, %80, %81, p, 1, 1, 0, 0;\n}\n"
               : MZ_GROUP_32 (0), MZ_GROUP_32 (32), MZ_GROUP_16 (64)
               : "l"(a), "l"(b), "r"(adds));
}

/* d [64, 256] += a [64, 16] b [16, 256] */
__device__ __forceinline__ void
group_multiply_shared_256 (float *d, uint64_t a, uint64_t b, int adds)
{
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
               "wgmma.mma_async.sync.aligned.m64n256k16.f32.f16.f16 {"
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
               "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
               "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
               "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
               "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
               "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
               "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
               "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
               "}, %128, %129, p, 1, 1, 0, 0;\n}\n"
               : MZ_GROUP_32 (0), MZ_GROUP_32 (32), MZ_GROUP_32 (64), MZ_GROUP_32 (96)
               : "l"(a), "l"(b), "r"(adds));
}

/* clang-format on */

#undef MZ_GROUP_32
#undef MZ_GROUP_16
#undef MZ_GROUP_4

}

/* d [64, COLUMNS] = a [64, 16] b [16, COLUMNS], and d itself if it `adds`. Warp w of the group has rows 16 w
 * .. 16 w + 15 of d and a; its lanes hold of d[4 j .. 4 j + 3] what mz_multiply()'s d is for columns 8 j .. 8
 * j + 7, and a as there. b's rows in memory are its columns; with TRANSPOSED, its rows. */
template <int COLUMNS, int TRANSPOSED>
__device__ __forceinline__ void
mz_group_multiply (float *d, const unsigned a[4], uint64_t b, int adds)
{
  static_assert (COLUMNS == 16 || COLUMNS == 40 || COLUMNS == 64, "the shapes that are written out above");
  if constexpr (COLUMNS == 16)
    group_multiply_16<TRANSPOSED> (d, a, b, adds);
  else if constexpr (COLUMNS == 40)
    group_multiply_40<TRANSPOSED> (d, a, b, adds);
  else
    group_multiply_64<TRANSPOSED> (d, a, b, adds);
}

/* The same with a in shared memory, too; the rows of both in memory are rows of a and columns of b. */
template <int COLUMNS>
__device__ __forceinline__ void
mz_group_multiply_shared (float *d, uint64_t a, uint64_t b, int adds)
{
  static_assert (COLUMNS == 64 || COLUMNS == 128 || COLUMNS == 160 || COLUMNS == 256,
                 "the shapes that are written out above");
  if constexpr (COLUMNS == 64)
    group_multiply_shared_64 (d, a, b, adds);
  else if constexpr (COLUMNS == 128)
    group_multiply_shared_128 (d, a, b, adds);
  else if constexpr (COLUMNS == 160)
    group_multiply_shared_160 (d, a, b, adds);
  else
    group_multiply_shared_256 (d, a, b, adds);
}

#endif /* MZ_HAS_GROUPS */
#endif /* !MZ_CUDA_EMULATED */
