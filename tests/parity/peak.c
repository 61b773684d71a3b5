/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the processor can do at most: multiply-adds that never leave the registers. */
#include "parity.h"

#include <time.h>

/* Of a probe: about 5 ms. */
#define ROUNDS 2500000

typedef struct
{
  const char *name;
  gboolean (*is_supported) (void);
  double (*run) (void); /* returns the operations done */
} Isa;

/* Vectors of a size are a type of the compiler; TARGET decides what instructions they become. Twelve chains
 * of dependent multiply-adds are enough for two units of a latency of four or five cycles. */
#define PEAK(NAME, TARGET, LANES)                                                                            \
  typedef float NAME##_vector __attribute__ ((vector_size (4 * LANES)));                                     \
                                                                                                             \
  TARGET static double run_##NAME (void)                                                                     \
  {                                                                                                          \
    NAME##_vector a0 = { 0 }, a1 = a0 + 1, a2 = a0 + 2, a3 = a0 + 3, a4 = a0 + 4, a5 = a0 + 5, a6 = a0 + 6,  \
                  a7 = a0 + 7, a8 = a0 + 8, a9 = a0 + 9, a10 = a0 + 10, a11 = a0 + 11, sum;                  \
    NAME##_vector m = a0 + 0.999f, s = a0 + 0.001f;                                                          \
    volatile float sink;                                                                                     \
                                                                                                             \
    for (int round = 0; round < ROUNDS; round++)                                                             \
      {                                                                                                      \
        a0 = a0 * m + s, a1 = a1 * m + s, a2 = a2 * m + s, a3 = a3 * m + s;                                  \
        a4 = a4 * m + s, a5 = a5 * m + s, a6 = a6 * m + s, a7 = a7 * m + s;                                  \
        a8 = a8 * m + s, a9 = a9 * m + s, a10 = a10 * m + s, a11 = a11 * m + s;                              \
      }                                                                                                      \
    sum = ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7)) + ((a8 + a9) + (a10 + a11));                     \
    sink = sum[0];                                                                                           \
    (void) sink;                                                                                             \
    return 2.0 * LANES * 12 * (double) ROUNDS;                                                               \
  }

#ifdef __x86_64__

PEAK (avx512, __attribute__ ((target ("avx512f"))), 16)
PEAK (avx2, __attribute__ ((target ("avx2,fma"))), 8)

static gboolean
has_avx512 (void)
{
  return __builtin_cpu_supports ("avx512f") != 0;
}

static gboolean
has_avx2 (void)
{
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
}

#endif

PEAK (baseline, , 4)

static gboolean
has_baseline (void)
{
  return TRUE;
}

/* Widest first; the names are those of $MEZZOTINT_CPU. */
static const Isa isas[] = {
#ifdef __x86_64__
  { "avx512", has_avx512, run_avx512 },
  { "avx2", has_avx2, run_avx2 },
#endif
  { "baseline", has_baseline, run_baseline },
};

static const Isa *
choose_isa (void)
{
  const char *wanted = g_getenv ("MEZZOTINT_CPU");

  for (gsize i = 0; i < G_N_ELEMENTS (isas); i++)
    if (isas[i].is_supported () && (wanted == NULL || *wanted == '\0' || g_str_equal (wanted, isas[i].name)))
      return &isas[i];
  return &isas[G_N_ELEMENTS (isas) - 1];
}

const char *
peak_isa (void)
{
  return choose_isa ()->name;
}

double
processor_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

double
wall_seconds (void)
{
  return (double) g_get_monotonic_time () * 1e-6;
}

/* Operations a second of the processor's time: *data gets them. */
static gpointer
run_thread (gpointer data)
{
  double begin = processor_seconds (), done = choose_isa ()->run ();

  *(double *) data = done / MAX (processor_seconds () - begin, 1e-9);
  return NULL;
}

/* Each thread is timed by its own processor time: the system may leave two young threads on one processor for
 * longer than a probe takes. */
double
peak_flops (int n_threads)
{
  g_autofree GThread **others = g_new (GThread *, n_threads);
  g_autofree double *rates = g_new (double, n_threads);
  double sum = 0;

  for (int t = 1; t < n_threads; t++)
    others[t] = g_thread_new ("peak", run_thread, &rates[t]);
  run_thread (&rates[0]);
  for (int t = 0; t < n_threads; t++)
    {
      if (t > 0)
        g_thread_join (others[t]);
      sum += rates[t];
    }
  return sum;
}
