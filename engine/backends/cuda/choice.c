/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Choosing by measuring. */
#include "backends/cuda/choice.h"

#include <string.h>

#include "backends/cuda/choice-file.h"

/* A way is timed over so many runs, so often; the best counts. */
#define RUNS_PER_ROUND 3
#define ROUNDS 3
/* One run this many times as slow as the best of those before settles it. */
#define HOPELESS 2
/* A product that may be summed in halves is another shape, and so is one of bfloat16: beside the values of
 * MzCudaVectors. */
#define HALF_SUMS 4
#define BFLOAT16 8

struct _MzCudaChooser
{
  const MzCudaKernels *kernels;
  MzCudaLibraries *libraries;
  gboolean tunes;
  int n_multiprocessors;
  gboolean has_groups;
  GHashTable *choices;    /* MzCudaShape -> Choice */
  MzCudaChoiceFile *file; /* NULL: none */
  MzCudaEngine forced;    /* taken wherever it can: $MEZZOTINT_CUDA_PRODUCT */
  gboolean is_forced;
};

typedef struct
{
  MzCudaShape shape; /* first: the table's key */
  MzCudaWay way;
  MzCudaWays *ways; /* of a library; NULL with our own kernel */
} Choice;

static void
free_choice (gpointer data)
{
  Choice *choice = data;

  mz_cuda_ways_free (choice->ways);
  g_free (choice);
}

static guint
hash_shape (gconstpointer key)
{
  guint hash = 2166136261u;
  const guint8 *bytes = key;

  for (gsize i = 0; i < sizeof (MzCudaShape); i++)
    hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

static gboolean
same_shape (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (MzCudaShape)) == 0;
}

MzCudaChooser *
mz_cuda_chooser_new (const MzCudaKernels *kernels,
                     MzCudaLibraries *libraries,
                     gboolean tunes,
                     const char *card,
                     const char *versions,
                     int n_multiprocessors,
                     gboolean has_groups)
{
  MzCudaChooser *chooser = g_new0 (MzCudaChooser, 1);
  const char *wish = g_getenv ("MEZZOTINT_CUDA_PRODUCT");

  chooser->kernels = kernels;
  chooser->libraries = libraries;
  chooser->tunes = tunes;
  chooser->n_multiprocessors = n_multiprocessors;
  chooser->has_groups = has_groups;
  chooser->choices = g_hash_table_new_full (hash_shape, same_shape, NULL, free_choice);
  chooser->is_forced = wish != NULL && mz_cuda_engine_from_name (wish, &chooser->forced);
  if (tunes && !chooser->is_forced)
    chooser->file = mz_cuda_choice_file_open (card, versions);
  return chooser;
}

void
mz_cuda_chooser_free (MzCudaChooser *chooser)
{
  if (chooser == NULL)
    return;
  g_hash_table_unref (chooser->choices);
  g_free (chooser);
}

static MzCudaShape
shape_of (const MzCudaChooser *chooser, const MzCudaProduct *p, MzCudaVectors vectors)
{
  return (MzCudaShape){ { p->m,
                          p->c1,
                          p->c2,
                          p->in_h,
                          p->in_w,
                          p->large_h,
                          p->large_w,
                          p->out_h,
                          p->out_w,
                          p->kernel_h,
                          p->kernel_w,
                          p->stride,
                          p->upsample,
                          p->pad_top,
                          p->pad_left,
                          p->columns,
                          p->depth_padded,
                          p->activation,
                          p->geglu,
                          p->add == NULL     ? 0
                          : p->add_is_shared ? 1
                                             : 2,
                          p->residual == NULL     ? 0
                          : p->residual == p->out ? 1
                                                  : 2,
                          (gint32) vectors | (p->half_sums ? HALF_SUMS : 0)
                              | (chooser->kernels->is_bfloat16 ? BFLOAT16 : 0) } };
}

/* ---- Our kernel's forms ---- */

static MzCudaForm
form_of (MzCudaEngine engine)
{
  return engine == MZ_CUDA_OWN_GROUP ? MZ_CUDA_BY_GROUPS : MZ_CUDA_BY_WARPS;
}

static gboolean
own_may (const MzCudaChooser *chooser, MzCudaEngine engine, const MzCudaProduct *p, MzCudaVectors vectors)
{
  switch (engine)
    {
    case MZ_CUDA_OWN:
      return TRUE;
    case MZ_CUDA_OWN_HALF:
      return p->half_sums && vectors != MZ_CUDA_NO_VECTORS;
    case MZ_CUDA_OWN_GROUP:
      return chooser->has_groups && vectors != MZ_CUDA_NO_VECTORS && mz_cuda_product_fits_groups (p);
    case MZ_CUDA_CUBLASLT:
    case MZ_CUDA_CUDNN:
    default:
      return FALSE;
    }
}

/* ---- Running one way ---- */

static const char *
run_own (const MzCudaChooser *chooser,
         const MzCudaProduct *product,
         const MzCudaWay *way,
         MzCudaVectors vectors,
         const MzCudaScratch *scratch,
         cudaStream_t stream)
{
  MzCudaProduct p = *product;
  const MzCudaTile *tile = &way->tile;
  cudaError_t status;

  p.half_sums = way->engine == MZ_CUDA_OWN_HALF;
  p.splits = tile->splits;
  p.blocks_per_split = tile->blocks_per_split;
  p.partial = scratch->memory;
  if (way->engine == MZ_CUDA_OWN_GROUP)
    status = mz_cuda_product_by_groups (&p, tile->rows, tile->columns, chooser->n_multiprocessors, stream);
  else
    status = chooser->kernels->product (&p, tile->rows, tile->columns, vectors != MZ_CUDA_NO_VECTORS, stream);
  return status == cudaSuccess ? NULL : "a product could not be launched";
}

static const char *
run_way (const MzCudaChooser *chooser,
         const MzCudaProduct *product,
         const MzCudaWay *way,
         MzCudaWays *ways,
         MzCudaVectors vectors,
         const MzCudaScratch *scratch,
         gpointer bias_sum,
         cudaStream_t stream)
{
  MzCudaProduct p = *product;

  if (ways == NULL)
    return run_own (chooser, product, way, vectors, scratch, stream);
  if (p.add != NULL)
    {
      if (chooser->kernels->round_bias (bias_sum, p.bias, p.add, p.columns, stream) != cudaSuccess)
        return "a kernel could not be launched";
      p.bias_rounded = bias_sum;
    }
  return mz_cuda_ways_run (ways, way->index, &p, scratch, stream);
}

/* ---- Measuring ---- */

typedef struct
{
  MzCudaChooser *chooser;
  MzCudaProduct product; /* its result goes elsewhere, since it may be its own residual */
  MzCudaVectors vectors;
  const MzCudaScratch *scratch;
  gpointer bias_sum;
  cudaStream_t stream;
  cudaEvent_t begin, end;
  float best_ms;
  MzCudaWay best;
  MzCudaWays *best_ways, *ways; /* ways: of the engine that is being measured */
} Search;

/* Milliseconds of `n` runs; G_MAXFLOAT when they failed. */
static float
time_runs (Search *s, const MzCudaWay *way, int n)
{
  float ms = 0;

  cudaEventRecord (s->begin, s->stream);
  for (int i = 0; i < n; i++)
    if (run_way (s->chooser, &s->product, way, s->ways, s->vectors, s->scratch, s->bias_sum, s->stream)
        != NULL)
      {
        cudaGetLastError (); /* a launch that was refused must not be taken for the next one's */
        return G_MAXFLOAT;
      }
  cudaEventRecord (s->end, s->stream);
  if (cudaEventSynchronize (s->end) != cudaSuccess
      || cudaEventElapsedTime (&ms, s->begin, s->end) != cudaSuccess)
    return G_MAXFLOAT;
  return ms;
}

/* The first run may have to bring the kernel to the card, which takes far longer than it runs; the second
 * tells whether more are worth the time. */
static float
time_way (Search *s, const MzCudaWay *way)
{
  float best;

  if (time_runs (s, way, 1) == G_MAXFLOAT)
    return G_MAXFLOAT;
  best = time_runs (s, way, 1);
  if (best > HOPELESS * s->best_ms)
    return best;
  best = G_MAXFLOAT;
  for (int round = 0; round < ROUNDS; round++)
    best = MIN (best, time_runs (s, way, RUNS_PER_ROUND) / RUNS_PER_ROUND);
  return best;
}

static void
try_way (Search *s, const MzCudaWay *way)
{
  float ms = time_way (s, way);

  if (ms >= s->best_ms)
    return;
  s->best_ms = ms;
  s->best = *way;
  s->best_ways = s->ways;
}

static void
try_own (Search *s, MzCudaEngine engine)
{
  const MzCudaProduct *p = &s->product;
  MzCudaTile tiles[MZ_CUDA_MAX_TILES];
  guint n;

  if (!own_may (s->chooser, engine, p, s->vectors))
    return;
  s->ways = NULL;
  n = mz_cuda_list_tiles (form_of (engine), p->m, p->columns, p->depth_padded / MZ_CUDA_DEPTH,
                          s->chooser->n_multiprocessors, s->scratch->n_bytes, tiles);
  for (guint i = 0; i < n; i++)
    try_way (s, &(MzCudaWay){ .engine = engine, .tile = tiles[i] });
}

static void
try_library (Search *s, MzCudaEngine engine)
{
  MzCudaWays *ways = mz_cuda_ways_new (s->chooser->libraries, engine, &s->product, s->scratch->n_bytes);

  if (ways == NULL)
    return;
  s->ways = ways;
  for (guint i = 0; i < mz_cuda_ways_count (ways); i++)
    try_way (s, &(MzCudaWay){ .engine = engine, .index = i });
  if (s->best_ways != ways)
    mz_cuda_ways_free (ways);
}

static gboolean
library_may (const MzCudaProduct *p, MzCudaVectors vectors)
{
  return vectors == MZ_CUDA_ALL_VECTORS
         && (p->add == NULL || (p->add_is_shared && p->columns <= MZ_CUDA_MAX_BIAS));
}

/* The fastest way, into choice; FALSE when there is no memory to find out. */
static gboolean
measure (MzCudaChooser *chooser,
         Choice *choice,
         const MzCudaProduct *p,
         MzCudaVectors vectors,
         const MzCudaScratch *scratch,
         gpointer bias_sum,
         cudaStream_t stream)
{
  Search s = { .chooser = chooser,
               .product = *p,
               .vectors = vectors,
               .scratch = scratch,
               .bias_sum = bias_sum,
               .stream = stream,
               .best_ms = G_MAXFLOAT };
  gsize width = (gsize) (p->geglu ? p->columns / 2 : p->columns);
  gboolean ok;

  if (cudaMalloc (&s.product.out, (gsize) p->m * width * sizeof (guint16)) != cudaSuccess)
    {
      cudaGetLastError ();
      return FALSE;
    }
  if (p->residual == p->out)
    s.product.residual = s.product.out;
  ok = cudaEventCreateWithFlags (&s.begin, cudaEventDefault) == cudaSuccess
       && cudaEventCreateWithFlags (&s.end, cudaEventDefault) == cudaSuccess;
  if (ok)
    {
      try_own (&s, MZ_CUDA_OWN);
      try_own (&s, MZ_CUDA_OWN_HALF);
      try_own (&s, MZ_CUDA_OWN_GROUP);
      if (library_may (p, vectors))
        for (MzCudaEngine e = MZ_CUDA_CUBLASLT; e <= MZ_CUDA_CUDNN; e++)
          try_library (&s, e);
      choice->way = s.best;
      choice->ways = s.best_ways;
    }
  g_clear_pointer (&s.begin, cudaEventDestroy);
  g_clear_pointer (&s.end, cudaEventDestroy);
  cudaFree (s.product.out);
  return ok && s.best_ms < G_MAXFLOAT;
}

/* ---- Choosing ---- */

/* A library's way as the file or a wish names it; FALSE when it is not there (any more). */
static gboolean
take_library (MzCudaChooser *chooser,
              Choice *choice,
              const MzCudaProduct *p,
              MzCudaVectors vectors,
              gsize scratch_bytes)
{
  if (!library_may (p, vectors))
    return FALSE;
  choice->ways = mz_cuda_ways_new (chooser->libraries, choice->way.engine, p, scratch_bytes);
  if (choice->ways != NULL && choice->way.index < mz_cuda_ways_count (choice->ways))
    return TRUE;
  g_clear_pointer (&choice->ways, mz_cuda_ways_free);
  return FALSE;
}

static gboolean
recall (MzCudaChooser *chooser,
        Choice *choice,
        const MzCudaProduct *p,
        MzCudaVectors vectors,
        gsize scratch_bytes)
{
  if (chooser->file == NULL || !mz_cuda_choice_file_find (chooser->file, &choice->shape, &choice->way))
    return FALSE;
  if (!mz_cuda_engine_is_own (choice->way.engine))
    return take_library (chooser, choice, p, vectors, scratch_bytes);
  return own_may (chooser, choice->way.engine, p, vectors)
         && mz_cuda_tile_is_possible (form_of (choice->way.engine), &choice->way.tile, p->m, p->columns,
                                      p->depth_padded / MZ_CUDA_DEPTH, scratch_bytes);
}

static Choice *
choose (MzCudaChooser *chooser,
        const MzCudaShape *shape,
        const MzCudaProduct *p,
        MzCudaVectors vectors,
        gboolean is_recorded,
        const MzCudaScratch *scratch,
        gpointer bias_sum,
        cudaStream_t stream)
{
  Choice *choice = g_new0 (Choice, 1);
  MzCudaEngine engine;

  choice->shape = *shape;
  if (chooser->is_forced)
    {
      choice->way.engine = chooser->forced;
      if (!mz_cuda_engine_is_own (chooser->forced)
          && take_library (chooser, choice, p, vectors, scratch->n_bytes))
        return choice;
    }
  else if (recall (chooser, choice, p, vectors, scratch->n_bytes))
    return choice;
  else if (chooser->tunes && !is_recorded && measure (chooser, choice, p, vectors, scratch, bias_sum, stream))
    {
      mz_cuda_choice_file_add (chooser->file, &choice->shape, &choice->way);
      return choice;
    }
  /* by groups, or in halves, only where that was measured to be faster, or is wished for */
  engine
      = chooser->is_forced && own_may (chooser, chooser->forced, p, vectors) ? chooser->forced : MZ_CUDA_OWN;
  choice->way = (MzCudaWay){
    .engine = engine,
    .tile = mz_cuda_plan_product (form_of (engine), p->m, p->columns, p->depth_padded / MZ_CUDA_DEPTH,
                                  chooser->n_multiprocessors, scratch->n_bytes),
  };
  return choice;
}

const char *
mz_cuda_chooser_run (MzCudaChooser *chooser,
                     MzCudaProduct *product,
                     MzCudaVectors vectors,
                     gboolean is_recorded,
                     const MzCudaScratch *scratch,
                     gpointer bias_sum,
                     cudaStream_t stream)
{
  MzCudaShape shape = shape_of (chooser, product, vectors);
  Choice *choice = g_hash_table_lookup (chooser->choices, &shape);

  if (choice == NULL)
    {
      choice = choose (chooser, &shape, product, vectors, is_recorded, scratch, bias_sum, stream);
      g_hash_table_insert (chooser->choices, &choice->shape, choice);
    }
  return run_way (chooser, product, &choice->way, choice->ways, vectors, scratch, bias_sum, stream);
}
