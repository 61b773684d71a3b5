/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* CUDA's runtime for the emulation: one device, whose memory is the host's. $MZ_EMULATED_MEMORY_BYTES bounds
 * it, so that running out can be tried. */
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

static size_t n_taken;

static size_t
memory_limit (void)
{
  const char *limit = getenv ("MZ_EMULATED_MEMORY_BYTES");

  return limit != NULL ? strtoull (limit, NULL, 10) : (size_t) 8 << 30;
}

/* $MZ_EMULATED_DEVICES cards; every thread begins at the first, and what is done with memory, streams and
 * events must be done by a thread that is at their card. One is used at a time: the one that the last stream
 * was made on. */
static _Thread_local int current_device;
static int used_device;

static int
count_devices (void)
{
  const char *number = getenv ("MZ_EMULATED_DEVICES");

  return number != NULL ? atoi (number) : 1;
}

/* $MZ_EMULATED_MULTIPROCESSORS, by which work is cut. */
static int
count_multiprocessors (void)
{
  const char *number = getenv ("MZ_EMULATED_MULTIPROCESSORS");

  return number != NULL ? atoi (number) : 4;
}

static cudaError_t
check_device (void)
{
  return current_device == used_device ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t
cudaGetDeviceCount (int *count)
{
  *count = count_devices ();
  return cudaSuccess;
}

cudaError_t
cudaGetDeviceProperties (struct cudaDeviceProp *properties, int device)
{
  const char *number = getenv ("MZ_EMULATED_GENERATION"); /* 75 for Turing */
  int generation = number != NULL ? atoi (number) : 90;

  memset (properties, 0, sizeof *properties);
  strcpy (properties->name, "Emulated GPU");
  properties->totalGlobalMem = memory_limit ();
  properties->sharedMemPerBlockOptin = MZ_EMULATED_SHARED_BYTES;
  properties->major = generation / 10;
  properties->minor = generation % 10;
  properties->multiProcessorCount = count_multiprocessors ();
  return device < count_devices () ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t
cudaSetDevice (int device)
{
  if (device >= count_devices ())
    return cudaErrorInvalidValue;
  current_device = device;
  return cudaSuccess;
}

cudaError_t
cudaDriverGetVersion (int *version)
{
  *version = 13000;
  return cudaSuccess;
}

cudaError_t
cudaMemGetInfo (size_t *free_bytes, size_t *total_bytes)
{
  *total_bytes = memory_limit ();
  *free_bytes = *total_bytes > n_taken ? *total_bytes - n_taken : 0;
  return cudaSuccess;
}

/* The size stands before the memory, which is aligned as cudaMalloc's is. */
cudaError_t
cudaMalloc (void **memory, size_t n_bytes)
{
  char *block;

  *memory = NULL;
  if (check_device () != cudaSuccess)
    return cudaErrorInvalidValue;
  if (n_taken > memory_limit () || n_bytes > memory_limit () - n_taken)
    return cudaErrorMemoryAllocation;
  block = aligned_alloc (256, (n_bytes + 511) / 256 * 256);
  if (block == NULL)
    return cudaErrorMemoryAllocation;
  memcpy (block, &n_bytes, sizeof n_bytes);
  memset (block + 256, 0xff, n_bytes);
  n_taken += n_bytes;
  *memory = block + 256;
  return cudaSuccess;
}

cudaError_t
cudaFree (void *memory)
{
  size_t n_bytes;

  if (memory == NULL)
    return cudaSuccess;
  memcpy (&n_bytes, (char *) memory - 256, sizeof n_bytes);
  n_taken -= n_bytes;
  free ((char *) memory - 256);
  return cudaSuccess;
}

cudaError_t
cudaMallocHost (void **memory, size_t n_bytes)
{
  *memory = malloc (n_bytes);
  return *memory != NULL ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t
cudaFreeHost (void *memory)
{
  free (memory);
  return cudaSuccess;
}

cudaError_t
cudaMemcpyAsync (void *to, const void *from, size_t n_bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
  memcpy (to, from, n_bytes);
  return check_device ();
}

cudaError_t
cudaMemsetAsync (void *to, int byte, size_t n_bytes, cudaStream_t stream)
{
  memset (to, byte, n_bytes);
  return check_device ();
}

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags)
{
  *stream = NULL;
  used_device = current_device;
  return cudaSuccess;
}

cudaError_t
cudaStreamDestroy (cudaStream_t stream)
{
  return cudaSuccess;
}

cudaError_t
cudaStreamSynchronize (cudaStream_t stream)
{
  return check_device ();
}

cudaError_t
cudaStreamWaitEvent (cudaStream_t stream, cudaEvent_t event, unsigned flags)
{
  return cudaSuccess;
}

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags)
{
  *event = NULL;
  return cudaSuccess;
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  return cudaSuccess;
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t stream)
{
  return check_device ();
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  return cudaSuccess;
}

cudaError_t
cudaGetLastError (void)
{
  return check_device ();
}

const char *
cudaGetErrorString (cudaError_t error)
{
  return error == cudaErrorMemoryAllocation ? "out of memory" : "invalid argument";
}

cudaError_t
cudaEventQuery (cudaEvent_t event)
{
  return cudaSuccess;
}

cudaError_t
cudaEventElapsedTime (float *ms, cudaEvent_t begin, cudaEvent_t end)
{
  *ms = 0;
  return cudaErrorNotSupported;
}

cudaError_t
cudaStreamBeginCapture (cudaStream_t stream, cudaStreamCaptureMode mode)
{
  return cudaErrorNotSupported;
}

cudaError_t
cudaStreamEndCapture (cudaStream_t stream, cudaGraph_t *graph)
{
  return cudaErrorNotSupported;
}

cudaError_t
cudaGraphInstantiate (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
  return cudaErrorNotSupported;
}

cudaError_t
cudaGraphLaunch (cudaGraphExec_t exec, cudaStream_t stream)
{
  return cudaErrorNotSupported;
}

cudaError_t
cudaGraphExecDestroy (cudaGraphExec_t exec)
{
  return cudaSuccess;
}

cudaError_t
cudaGraphDestroy (cudaGraph_t graph)
{
  return cudaSuccess;
}
