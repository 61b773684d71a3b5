/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a program does on the card and when, kernel by kernel, also of those that a graph launches: a library
 * that CUDA loads into it. gpu_timeline.py builds and uses it.
 *
 *   cc -O2 -shared -fPIC -I$CUDA/include cuda-timeline.c -o timeline.so -L$CUDA/lib64 -lcupti
 *   CUDA_INJECTION64_PATH=$PWD/timeline.so TIMELINE=out.tsv PROGRAM ...
 *
 * Each line of the file: begin and end in nanoseconds, grid and block as products of their three numbers,
 * registers of a thread, bytes of shared memory, name; a copy has its bytes in the place of the grid. Written
 * at the program's end. */
#include <cupti.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER_BYTES ((size_t) 4 << 20)
#define ALIGNMENT 8

int InitializeInjection (void);

static FILE *file;

static void CUPTIAPI
give_buffer (uint8_t **buffer, size_t *n_bytes, size_t *n_records)
{
  *buffer = aligned_alloc (ALIGNMENT, BUFFER_BYTES);
  *n_bytes = *buffer != NULL ? BUFFER_BYTES : 0;
  *n_records = 0;
}

static void
write_record (const CUpti_Activity *record)
{
  if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)
    {
      const CUpti_ActivityKernel10 *k = (const CUpti_ActivityKernel10 *) record;

      fprintf (file, "%llu\t%llu\t%lld\t%d\t%d\t%d\t%s\n", (unsigned long long) k->start,
               (unsigned long long) k->end, (long long) k->gridX * k->gridY * k->gridZ,
               k->blockX * k->blockY * k->blockZ, k->registersPerThread,
               k->staticSharedMemory + k->dynamicSharedMemory, k->name);
    }
  else if (record->kind == CUPTI_ACTIVITY_KIND_MEMCPY)
    {
      const CUpti_ActivityMemcpy6 *m = (const CUpti_ActivityMemcpy6 *) record;

      fprintf (file, "%llu\t%llu\t%llu\t0\t0\t0\tcopy %s\n", (unsigned long long) m->start,
               (unsigned long long) m->end, (unsigned long long) m->bytes,
               m->copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_HTOD   ? "up"
               : m->copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOH ? "down"
                                                                : "within");
    }
  else if (record->kind == CUPTI_ACTIVITY_KIND_RUNTIME)
    {
      const CUpti_ActivityAPI *call = (const CUpti_ActivityAPI *) record;

      fprintf (file, "%llu\t%llu\t0\t0\t0\t0\tlaunch\n", (unsigned long long) call->start,
               (unsigned long long) call->end);
    }
  else if (record->kind == CUPTI_ACTIVITY_KIND_MEMSET)
    {
      const CUpti_ActivityMemset4 *m = (const CUpti_ActivityMemset4 *) record;

      fprintf (file, "%llu\t%llu\t%llu\t0\t0\t0\tmemset\n", (unsigned long long) m->start,
               (unsigned long long) m->end, (unsigned long long) m->bytes);
    }
}

static void CUPTIAPI
take_buffer (CUcontext context, uint32_t stream, uint8_t *buffer, size_t n_bytes, size_t n_valid)
{
  CUpti_Activity *record = NULL;

  (void) context;
  (void) stream;
  (void) n_bytes;
  while (n_valid > 0 && cuptiActivityGetNextRecord (buffer, n_valid, &record) == CUPTI_SUCCESS)
    write_record (record);
  free (buffer);
}

static void
finish (void)
{
  cuptiActivityFlushAll (1);
  fclose (file);
}

int
InitializeInjection (void)
{
  const char *path = getenv ("TIMELINE");

  if (path == NULL || (file = fopen (path, "w")) == NULL)
    return 0;
  if (cuptiActivityRegisterCallbacks (give_buffer, take_buffer) != CUPTI_SUCCESS
      || cuptiActivityEnable (CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) != CUPTI_SUCCESS
      || cuptiActivityEnable (CUPTI_ACTIVITY_KIND_MEMCPY) != CUPTI_SUCCESS
      || cuptiActivityEnable (CUPTI_ACTIVITY_KIND_MEMSET) != CUPTI_SUCCESS
      || cuptiActivityEnableRuntimeApi (CUPTI_RUNTIME_TRACE_CBID_cudaGraphLaunch_v10000, 1) != CUPTI_SUCCESS)
    {
      fprintf (stderr, "cuda-timeline: CUPTI does not record\n");
      return 0;
    }
  atexit (finish);
  return 1;
}
