/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The parity harness from inside. One case list per op (cases-*.c) is used to check, to report and to bench
 * every backend. The way of a case:
 *
 *   a row of a case table ──► Problem: operands on the host, random but always the same        problem.c
 *        ──► Run: operands on a device between guards, weights prepared, the op called         run.c
 *        ──► expected result from the reference backend, and how far each element may be off   tolerance*.c
 *        ──► checks (check.c) or clock (bench.c, peak.c) */
#pragma once

#include "ops/ops.h"

G_BEGIN_DECLS

typedef enum
{
  OP_TRANSFER, /* upload and download */
  OP_CONV2D,
  OP_LINEAR,
  OP_GROUP_NORM,
  OP_LAYER_NORM,
  OP_ATTENTION,
  OP_EMBED,
  OP_COPY,
  N_OPS
} Op;

/* What the inputs look like. */
typedef enum
{
  FILL_NORMAL, /* mean 0, deviation 1 */
  FILL_LARGE,  /* as normal, far up in the range of the backend's type */
  FILL_ZERO,
  FILL_DENORMAL, /* half of them below the smallest normal float32, the other half normal */
  FILL_OFFSET,   /* mean 100, deviation 1: sums of squares lose digits */
  FILL_CONSTANT, /* all the same: variance 0 */
} Fill;

/* Where a case is used. The bench's shapes are those of Stable Diffusion 1.5 at 512x512, too slow for a
 * check. */
typedef enum
{
  USE_CHECK,
  USE_BENCH,
} Use;

/* Which channels attention gets as slices of a wider tensor. */
typedef enum
{
  SLICE_NONE,
  SLICE_KV,  /* keys and values in one */
  SLICE_QKV, /* queries as well */
} Slices;

/* float32 numbers on the host, [N, C, H, W]. */
typedef struct
{
  int n, h, w, c;
  float *values; /* NULL: there is no such operand */
} HostTensor;

/* A weight as a file has it: any dtype, and on an odd address. */
typedef struct
{
  MzView view; /* data NULL: there is no such weight */
  guint8 *bytes;
} HostWeight;

#define MAX_PARTS 3

/* The operands' places. Attention has q, k, v in the first three. */
enum
{
  IN,
  IN2,
  CHANNEL_ADD,
  RESIDUAL,
  N_INPUTS
};

/* An op's arguments, on the host. Unused ones are zero. */
typedef struct
{
  Op op;
  Use use;
  char *name;
  HostTensor inputs[N_INPUTS];
  int out_n, out_h, out_w, out_c;
  gboolean in_place; /* out is the residual's memory (a layer norm's: the input's) */
  double work;       /* floating-point operations, or bytes moved for ops that only move */
  gboolean work_is_bytes;

  MzMatrixKind kind;
  gboolean in_8bit; /* the device is asked to hold the matrix so */
  int n_parts;
  HostWeight weights[MAX_PARTS]; /* matrices; gamma; tokens */
  HostWeight biases[MAX_PARTS];  /* biases; beta; positions */
  MzConvGeometry geometry;
  MzActivation activation;
  int n_groups;
  float epsilon;
  int band_rows; /* a group norm of a picture in bands of so many rows; 0: of a whole one */
  int n_heads;
  gboolean causal;
  Slices slices;
  gint32 *ids; /* [N, W] */
} Problem;

/* ---- cases-*.c --------------------------------------------------------------------------------------- */

/* One op's case list. `dtype` is the backend's activation type, which limits how large a number may be. */
typedef struct
{
  const char *name;
  guint n_cases;
  Use (*use) (guint index);
  Problem *(*make) (guint index, MzDType dtype);
} CaseList;

extern const CaseList transfer_cases, conv2d_cases, linear_cases, group_norm_cases, layer_norm_cases,
    attention_cases, embed_cases, copy_cases;

/* ---- problem.c --------------------------------------------------------------------------------------- */

/* A problem whose random numbers depend on nothing but `op` and `index`. */
Problem *problem_new (Op op, guint index, Use use);
void problem_free (Problem *problem);
/* Adds an input of the shape, filled. */
void problem_add_input (Problem *problem, int which, int n, int h, int w, int c, Fill fill, MzDType dtype);
/* Rounds every input to what the type can hold. */
void problem_round_inputs (Problem *problem, MzDType dtype);
/* A random weight, each number of about `scale`, in the dtype. */
HostWeight
problem_random_weight (Problem *problem, MzDType dtype, double scale, int n_dims, const gint64 *shape);
/* Random integer 0..limit-1. */
guint problem_random_below (Problem *problem, guint limit);
Problem *problem_copy (const Problem *problem);
/* Asks for 8 bits, and moves each row of the weights to numbers that 8 bits hold exactly: 127, and others
 * from -127 to 127, times a power of two. So what is computed is bound as ever. */
void problem_use_8bit (Problem *problem);
/* A copy without activation and residual; a GEGLU matrix becomes a plain one of twice the rows. */
Problem *problem_linear_part (const Problem *problem);
/* Makes every number of inputs and weights positive: what comes out of a linear part then is the sum of
 * |weight| |input| (+ |bias| + |channel_add|). */
void problem_make_absolute (Problem *problem);
void host_tensor_make_absolute (HostTensor *tensor);
/* ", SiLU", ", large" and so on, for names; empty for the usual. */
const char *activation_suffix (MzActivation activation);
const char *fill_suffix (Fill fill);
/* As a view's data for prepare_*(): arrays of pointers, biases NULL when there is none. */
void
problem_views (const Problem *problem, const MzView **weights, const MzView **biases, gboolean *any_bias);
gsize host_tensor_elements (const HostTensor *tensor);
gsize problem_out_elements (const Problem *problem);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Problem, problem_free)

/* ---- run.c ------------------------------------------------------------------------------------------- */

/* A tensor in the device's memory with guards before and behind it. */
typedef struct
{
  gpointer memory;
  MzTensor tensor; /* the tensor itself */
  MzTensor whole;  /* guards and all, as one flat row */
  float *before;   /* whole as it was after placing, on the host */
} Placed;

typedef struct
{
  const Problem *problem;
  MzDevice *device;
  MzExec
      exec; /* only its device and cancel flag are set: the harness calls the table, not the checked front */
  Placed inputs[N_INPUTS];
  Placed out;
  MzTensor args[N_INPUTS]; /* as given to the op: slices of what was placed */
  MzWeight *weight;
} Run;

/* Places everything and prepares the weights (whose host copies may go afterwards). NULL with error. */
Run *run_new (const Problem *problem, MzDevice *device, GError **error);
void run_free (Run *run);
/* Fills the output with NaN (unless it holds an input) and restores the inputs that the op may overwrite. */
gboolean run_reset (Run *run, GError **error);
gboolean run_call (Run *run, GError **error);
/* The result [N, C, H, W]; free with g_free. */
float *run_result (Run *run, GError **error);
/* The inputs as the device holds them (rounded to its type), written over those of `problem`. */
gboolean run_read_inputs (Run *run, Problem *problem, GError **error);
/* Guards intact, inputs unchanged? Otherwise says which in *complaint. */
gboolean run_is_clean (Run *run, char **complaint);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

/* ---- tolerance.c ------------------------------------------------------------------------------------- */

/* Fills bounds [N, C, H, W]: how far a device may be from `expected`. NULL `error` is not allowed. */
gboolean tolerance_bounds (const Problem *problem,
                           const MzDevice *device,
                           MzDevice *reference,
                           const float *expected,
                           double *bounds,
                           GError **error);

/* ---- tolerance-winograd.c ---------------------------------------------------------------------------- */

/* Adds to the bounds of a 3x3 convolution of stride 1 what computing it by Winograd's way may cost. */
void tolerance_add_winograd (const Problem *problem, double *bounds);

/* ---- check.c, check-prepare.c, bench.c, peak.c
 * ------------------------------------------------------------------------ */

typedef struct
{
  MzDevice *devices[3]; /* one, two and three threads; only the first with --small */
  MzDevice *reference;
  gboolean report;
} Checker;

/* What was seen: the worst error as a share of its bound, and the normalised mean square error. */
typedef struct
{
  double worst;
  double nmse;
} Outcome;

/* Returns NULL when all is well, else what is not; free with g_free. */
char *check_case (Checker *checker, const Problem *problem, Outcome *outcome);
/* Raises the flag in the middle of a large op; NULL when it answers in time. */
char *check_cancel_latency (Checker *checker, const Problem *problem, double *latency_ms);
/* Errors of preparing weights: NaN, infinity, shapes that do not fit together. */
char *check_prepare (Checker *checker);

/* Prints one line. */
void bench_case (MzDevice *single, MzDevice *multi, int n_threads, const Problem *problem);

/* Floating-point operations a second of a loop of multiply-adds that stays in registers, in `n_threads`
 * threads, with the widest vectors that $MEZZOTINT_CPU allows. Takes a few milliseconds. */
double peak_flops (int n_threads);
/* The calling thread's processor time, and the time on the wall. */
double processor_seconds (void);
double wall_seconds (void);
const char *peak_isa (void);

G_END_DECLS
