/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Fibers for the threads of a block, and the instructions that a warp carries out together. */
#include "cuda-emulation.h"

#include <setjmp.h>
#include <stdlib.h>
#include <ucontext.h>

#include <vector>

namespace
{

const int MAX_THREADS = 1024;
/* Bytes behind a block's shared memory that it must not touch. */
const int MARGIN = 1024;
const size_t STACK_BYTES = 64 * 1024;
const int MAX_SLOT = 24; /* bytes that a lane hands in */

struct Fiber
{
  ucontext_t start;
  jmp_buf at;
  bool is_started, is_done;
};

struct Meeting
{
  int n_here, generation;
  unsigned char slots[2]
                     [32 * MAX_SLOT]; /* two, so that a fast lane does not overwrite what a slow one reads */
};

/* 16 bytes on their way to shared memory, or zeros. */
struct Copy
{
  void *to;
  const void *from;
  int batch;
};

/* What a group's warps must agree on, the addresses of operands in shared memory; a is 0 in registers. */
struct Operands
{
  uint64_t a, b;
};

/* Products of a group that were begun. */
struct Product
{
  float *d;
  const unsigned *a; /* NULL: in shared memory */
  Operands shared;
  int columns, transposed, adds, batch;
  bool is_first; /* of those under way in d, which was */
  float before[128];
};

/* What a thread has under way. */
struct Work
{
  std::vector<Copy> copies;
  std::vector<Product> products;
  int copies_batch, products_batch;
  size_t n_products; /* begun in this block */
  bool is_published; /* what came through gates, to products */
};

/* Copies that arrived at a gate, before it opened for the time after `opened`. */
struct Arrived
{
  const void *gate;
  guint32 opened;
  Copy copy;
};

Work works[MAX_THREADS];
std::vector<Arrived> arrived;
std::vector<Operands> operands[MAX_THREADS / 128]; /* of a group's products */
int n_shared_bytes;
Fiber fibers[MAX_THREADS];
unsigned char *stacks;
Meeting warps[MAX_THREADS / 32], block_meeting;
jmp_buf scheduler;
ucontext_t scheduler_context;
int current, n_threads, n_live;
void (*run_kernel) (void *);
void *kernel_data;

void
yield (void)
{
  if (_setjmp (fibers[current].at) == 0)
    _longjmp (scheduler, 1);
}

/* Runs the thread of one block after another. */
void
fiber_main (void)
{
  for (;;)
    {
      run_kernel (kernel_data);
      if (!works[current].copies.empty () || !works[current].products.empty ())
        abort (); /* not waited for */
      fibers[current].is_done = true;
      n_live--;
      yield ();
    }
}

void
resume (int i)
{
  current = i;
  threadIdx = dim3 ((unsigned) i);
  if (_setjmp (scheduler) != 0)
    return;
  if (fibers[i].is_started)
    _longjmp (fibers[i].at, 1);
  fibers[i].is_started = true;
  getcontext (&fibers[i].start);
  fibers[i].start.uc_stack.ss_sp = stacks + (size_t) i * STACK_BYTES;
  fibers[i].start.uc_stack.ss_size = STACK_BYTES;
  fibers[i].start.uc_link = NULL;
  makecontext (&fibers[i].start, fiber_main, 0);
  swapcontext (&scheduler_context, &fibers[i].start);
}

/* Waits until `n` fibers have come to the meeting; the last one goes on at once. */
void
meet (Meeting *meeting, int n)
{
  int generation = meeting->generation;

  if (++meeting->n_here == n)
    {
      meeting->n_here = 0;
      meeting->generation++;
      return;
    }
  while (meeting->generation == generation)
    yield ();
}

void
run_block (void)
{
  n_live = n_threads;
  for (int i = 0; i < n_threads; i++)
    {
      fibers[i].is_done = false;
      works[i].copies_batch = works[i].products_batch = 0;
      works[i].n_products = 0;
      works[i].is_published = false;
    }
  for (std::vector<Operands> &all : operands)
    all.clear ();
  while (n_live > 0)
    for (int i = 0; i < n_threads; i++)
      if (!fibers[i].is_done)
        resume (i);
  if (!arrived.empty ())
    abort (); /* nobody waited at the gate */
}

/* The eight rows of four matrices, from the lanes' addresses. */
void
gather_matrices (guint16 m[4][8][8], const void *mine)
{
  const void *const *rows = (const void *const *) mz_emulated_meet_warp (&mine, sizeof mine);

  for (int i = 0; i < 32; i++)
    {
      if ((uintptr_t) rows[i] % 16 != 0)
        abort (); /* the hardware faults */
      memcpy (m[i / 8][i % 8], rows[i], 16);
    }
}

guint16
bits_at (const unsigned *pair, int which)
{
  return (guint16) (*pair >> (16 * which));
}

void
set_up (void)
{
  stacks = (unsigned char *) malloc (MAX_THREADS * STACK_BYTES);
  mz_emulated_shared = (unsigned char *) aligned_alloc (128, MZ_EMULATED_SHARED_BYTES + MARGIN);
  for (unsigned i = 0; i < G_N_ELEMENTS (mz_emulated_halves); i++)
    {
      mz_emulated_halves[i] = mz_f16_to_float ((guint16) i);
      mz_emulated_bfloats[i] = mz_bf16_to_float ((guint16) i);
    }
}

}

dim3 threadIdx, blockIdx, blockDim, gridDim;
unsigned char *mz_emulated_shared;
float mz_emulated_halves[1 << 16], mz_emulated_bfloats[1 << 16];

void
mz_emulated_meet_block (void)
{
  meet (&block_meeting, n_live);
}

const void *
mz_emulated_meet_warp (const void *mine, int n)
{
  Meeting *warp = &warps[current / 32];
  unsigned char *slots = warp->slots[warp->generation % 2];

  if (n > MAX_SLOT)
    abort ();
  if (n > 0)
    memcpy (slots + current % 32 * n, mine, (size_t) n);
  meet (warp, 32);
  return slots;
}

void
mz_emulated_launch (dim3 grid, dim3 block, int shared_bytes, void (*run) (void *), void *data)
{
  if (stacks == NULL)
    set_up ();
  if (block.x > MAX_THREADS || block.x % 32 != 0 || block.y * block.z != 1
      || shared_bytes > MZ_EMULATED_SHARED_BYTES || grid.x == 0 || grid.y == 0 || grid.z == 0
      || grid.y > 65535 || grid.z > 65535)
    abort ();
  run_kernel = run;
  kernel_data = data;
  gridDim = grid;
  blockDim = block;
  n_threads = (int) block.x;
  n_shared_bytes = shared_bytes;
  for (unsigned z = 0; z < grid.z; z++)
    for (unsigned y = 0; y < grid.y; y++)
      for (unsigned x = 0; x < grid.x; x++)
        {
          blockIdx = dim3 (x, y, z);
          /* what was there before is nobody's, and reads as NaN */
          memset (mz_emulated_shared, 0xff, (size_t) shared_bytes + MARGIN);
          run_block ();
          for (int i = shared_bytes; i < shared_bytes + MARGIN; i++)
            if (mz_emulated_shared[i] != 0xff)
              abort (); /* written past what was asked for */
        }
}

namespace
{

void
copy (const Copy &copy)
{
  if (copy.from != NULL)
    memcpy (copy.to, copy.from, 16);
  else
    memset (copy.to, 0, 16);
}

}

/* Until the copy has arrived, what is there is not a number: neither the old nor the new is read by mistake.
 */
void
mz_copy16 (void *shared, const void *global, bool is_there)
{
  Work *work = &works[current];

  if ((uintptr_t) shared % 16 != 0 || (uintptr_t) global % 16 != 0)
    abort ();
  memset (shared, 0xff, 16);
  work->copies.push_back (Copy{ shared, is_there ? global : NULL, work->copies_batch });
}

void
mz_copies_commit (void)
{
  works[current].copies_batch++;
}

void
mz_emulated_copies_wait (int n)
{
  Work *work = &works[current];
  size_t done = 0;

  while (done < work->copies.size () && work->copies[done].batch < work->copies_batch - n)
    copy (work->copies[done++]);
  work->copies.erase (work->copies.begin (), work->copies.begin () + (ptrdiff_t) done);
}

void
mz_load_matrices (unsigned d[4], const void *shared)
{
  guint16 m[4][8][8];
  int lane = current % 32;

  gather_matrices (m, shared);
  for (int i = 0; i < 4; i++)
    d[i] = (unsigned) m[i][lane / 4][lane % 4 * 2] | (unsigned) m[i][lane / 4][lane % 4 * 2 + 1] << 16;
}

void
mz_load_matrices_transposed (unsigned d[4], const void *shared)
{
  guint16 m[4][8][8];
  int lane = current % 32;

  gather_matrices (m, shared);
  for (int i = 0; i < 4; i++)
    d[i] = (unsigned) m[i][lane % 4 * 2][lane / 4] | (unsigned) m[i][lane % 4 * 2 + 1][lane / 4] << 16;
}

void
mz_emulated_multiply (float d[4],
                      const unsigned a[4],
                      unsigned b0,
                      unsigned b1,
                      const float element_values[1 << 16])
{
  struct Operands
  {
    unsigned a[4], b[2];
  } mine = { { a[0], a[1], a[2], a[3] }, { b0, b1 } };
  const Operands *all = (const Operands *) mz_emulated_meet_warp (&mine, sizeof mine);
  int lane = current % 32;

  for (int e = 0; e < 4; e++)
    {
      int row = lane / 4 + e / 2 * 8, column = lane % 4 * 2 + e % 2;
      float sum = d[e];

      for (int k = 0; k < 16; k++)
        {
          /* registers of a: rows below 8, rows from 8, each first for depths below 8, then from 8 */
          const unsigned *pa = &all[row % 8 * 4 + k % 8 / 2].a[row / 8 + k / 8 * 2];
          const unsigned *pb = &all[column * 4 + k % 8 / 2].b[k / 8];

          sum += element_values[bits_at (pa, k % 2)] * element_values[bits_at (pb, k % 2)];
        }
      d[e] = sum;
    }
}

/* Rounded after each 8 of the depth, to the nearest. What a card does inside is not written down anywhere;
 * that it rounds there at the most is what the parity tests allow. */
void
mz_multiply_to_halves (unsigned d[2], const unsigned a[4], unsigned b0, unsigned b1)
{
  const unsigned depths[2][4] = { { a[0], a[1], 0, 0 }, { a[2], a[3], 0, 0 } }, columns[2] = { b0, b1 };

  for (int k = 0; k < 2; k++)
    {
      float sums[4];

      mz_unpack (d[0], &sums[0], &sums[1]);
      mz_unpack (d[1], &sums[2], &sums[3]);
      mz_multiply (sums, depths[k], columns[k], 0);
      d[0] = mz_pack (sums[0], sums[1]);
      d[1] = mz_pack (sums[2], sums[3]);
    }
}

namespace
{

bool
is_operand (uint64_t at)
{
  return at % 16 == 0 && (at >> 7 & 7) == 0 && at >= (uintptr_t) mz_emulated_shared
         && at < (uintptr_t) mz_emulated_shared + (uintptr_t) n_shared_bytes;
}

void
begin_product (Product product)
{
  Work *work = &works[current];
  std::vector<Operands> *group = &operands[current / 128];

  if (!is_operand (product.shared.b) || (product.a == NULL && !is_operand (product.shared.a)))
    abort (); /* no place of an operand */
  if (!work->is_published)
    abort (); /* products may not see yet what was copied */
  if (work->n_products == group->size ())
    group->push_back (product.shared);
  if (memcmp (&(*group)[work->n_products++], &product.shared, sizeof product.shared) != 0)
    abort (); /* the group's warps want different things */
  product.batch = work->products_batch;
  product.is_first = true;
  for (const Product &other : work->products)
    product.is_first = product.is_first && other.d != product.d;
  if (product.is_first)
    {
      memcpy (product.before, product.d, (size_t) product.columns / 2 * sizeof (float));
      /* no NaN, which kernels look for and compute again */
      for (int i = 0; i < product.columns / 2; i++)
        product.d[i] = 1.0f;
    }
  work->products.push_back (product);
}

}

void
mz_emulated_group_multiply (float *d, const unsigned a[4], uint64_t b, int columns, int transposed, int adds)
{
  begin_product (Product{ d, a, { 0, b }, columns, transposed, adds, 0, true, {} });
}

void
mz_emulated_group_multiply_shared (float *d, uint64_t a, uint64_t b, int columns, int adds)
{
  begin_product (Product{ d, NULL, { a, b }, columns, 0, adds, 0, true, {} });
}

void
mz_group_publish (void)
{
  works[current].is_published = true;
}

void
mz_group_commit (void)
{
  works[current].products_batch++;
}

namespace
{

/* The half at (row, depth) of an operand, whose rows' chunks are in an order that comes from their address.
 */
float
half_in_tile (uint64_t operand, int row, int depth)
{
  uint64_t at = operand + (uint64_t) (row * MZ_EMULATED_ROW_BYTES + depth * 2);

  return mz_emulated_halves[*(const guint16 *) (uintptr_t) (at ^ (at >> 7 & 7) << 4)];
}

/* This lane's two rows of a, 16 deep. */
void
gather_rows (const Product &p, float rows[2][16])
{
  unsigned mine[4] = { 0 };
  const unsigned (*all)[4];
  int row = current % 32 / 4;

  if (p.a != NULL)
    memcpy (mine, p.a, sizeof mine);
  all = (const unsigned (*)[4]) mz_emulated_meet_warp (mine, sizeof mine);
  for (int r = 0; r < 2; r++)
    for (int k = 0; k < 16; k++)
      rows[r][k] = p.a != NULL ? mz_emulated_halves[bits_at (&all[row * 4 + k % 8 / 2][r + k / 8 * 2], k % 2)]
                               : half_in_tile (p.shared.a, current % 128 / 32 * 16 + row + 8 * r, k);
}

void
multiply (const Product &p)
{
  int lane = current % 32;
  float rows[2][16];

  gather_rows (p, rows);
  if (p.is_first)
    memcpy (p.d, p.before, (size_t) p.columns / 2 * sizeof (float));
  for (int i = 0; i < p.columns / 2; i++)
    {
      int column = i / 4 * 8 + lane % 4 * 2 + i % 2;
      float sum = p.adds ? p.d[i] : 0.0f;

      for (int k = 0; k < 16; k++)
        sum += rows[i / 2 % 2][k]
               * (p.transposed ? half_in_tile (p.shared.b, k, column) : half_in_tile (p.shared.b, column, k));
      p.d[i] = sum;
    }
}

}

void
mz_emulated_group_wait (int n)
{
  Work *work = &works[current];
  size_t done = 0;

  while (done < work->products.size () && work->products[done].batch < work->products_batch - n)
    multiply (work->products[done++]);
  work->products.erase (work->products.begin (), work->products.begin () + (ptrdiff_t) done);
  mz_emulated_meet_warp (NULL, 0); /* a warp's threads are done together */
}

/* A gate: threads that open it, those that have come, and how often it opened. */
struct Gate
{
  guint16 n, n_here;
  guint32 opened;
};

void
mz_gate_set (uint64_t *gate, int n)
{
  *(Gate *) gate = Gate{ (guint16) n, 0, 0 };
}

void
mz_gate_arrive (uint64_t *at)
{
  Gate *gate = (Gate *) at;

  if (++gate->n_here == gate->n)
    {
      gate->n_here = 0;
      gate->opened++;
    }
}

void
mz_gate_arrive_with_copies (uint64_t *at)
{
  for (const Copy &mine : works[current].copies)
    arrived.push_back (Arrived{ at, ((const Gate *) at)->opened, mine });
  works[current].copies.clear ();
  mz_gate_arrive (at);
}

/* The card knows only whether the time is odd, too. */
void
mz_gate_wait (uint64_t *at, int time)
{
  const volatile Gate *gate = (const Gate *) at;
  size_t n = 0;

  while (gate->opened % 2 == (guint32) time % 2)
    yield ();
  for (const Arrived &one : arrived)
    if (one.gate == at && one.opened < gate->opened)
      copy (one.copy);
    else
      arrived[n++] = one;
  arrived.resize (n, Arrived{});
  works[current].is_published = false;
}
