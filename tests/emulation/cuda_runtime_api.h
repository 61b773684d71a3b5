/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The part of CUDA's runtime interface that backends/cuda calls, for cuda-emulation.h: device memory is the
 * host's, streams run at once. Names and meanings are those of the CUDA Runtime API's manual. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

/* What an H100 lets a block have. */
#define MZ_EMULATED_SHARED_BYTES (227 * 1024)

  typedef enum
  {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100,
    cudaErrorNotReady = 600,
    cudaErrorNotSupported = 801,
  } cudaError_t;

  typedef enum
  {
    cudaMemcpyHostToDevice = 1,
    cudaMemcpyDeviceToHost = 2,
    cudaMemcpyDeviceToDevice = 3,
  } cudaMemcpyKind;

  typedef struct CUstream_st *cudaStream_t;
  typedef struct CUevent_st *cudaEvent_t;
  typedef struct CUgraph_st *cudaGraph_t;
  typedef struct CUgraphExec_st *cudaGraphExec_t;

  typedef enum
  {
    cudaStreamCaptureModeRelaxed = 2,
  } cudaStreamCaptureMode;

  struct cudaDeviceProp
  {
    char name[256];
    size_t totalGlobalMem;
    size_t sharedMemPerBlockOptin;
    int major, minor;
    int multiProcessorCount;
  };

#define cudaStreamNonBlocking 1
#define cudaEventDefault 0
#define cudaEventDisableTiming 2

  cudaError_t cudaGetDeviceCount (int *count);
  cudaError_t cudaGetDeviceProperties (struct cudaDeviceProp *properties, int device);
  cudaError_t cudaSetDevice (int device);
  cudaError_t cudaDriverGetVersion (int *version);
  cudaError_t cudaMemGetInfo (size_t *free_bytes, size_t *total_bytes);
  cudaError_t cudaMalloc (void **memory, size_t n_bytes);
  cudaError_t cudaFree (void *memory);
  cudaError_t cudaMallocHost (void **memory, size_t n_bytes);
  cudaError_t cudaFreeHost (void *memory);
  cudaError_t
  cudaMemcpyAsync (void *to, const void *from, size_t n_bytes, cudaMemcpyKind kind, cudaStream_t stream);
  cudaError_t cudaMemsetAsync (void *to, int byte, size_t n_bytes, cudaStream_t stream);
  cudaError_t cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags);
  cudaError_t cudaStreamDestroy (cudaStream_t stream);
  cudaError_t cudaStreamSynchronize (cudaStream_t stream);
  cudaError_t cudaStreamWaitEvent (cudaStream_t stream, cudaEvent_t event, unsigned flags);
  cudaError_t cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags);
  cudaError_t cudaEventDestroy (cudaEvent_t event);
  cudaError_t cudaEventRecord (cudaEvent_t event, cudaStream_t stream);
  cudaError_t cudaEventSynchronize (cudaEvent_t event);
  cudaError_t cudaEventQuery (cudaEvent_t event);
  cudaError_t cudaEventElapsedTime (float *ms, cudaEvent_t begin, cudaEvent_t end);
  /* Graphs are not emulated: capturing fails, and evaluations go op by op. */
  cudaError_t cudaStreamBeginCapture (cudaStream_t stream, cudaStreamCaptureMode mode);
  cudaError_t cudaStreamEndCapture (cudaStream_t stream, cudaGraph_t *graph);
  cudaError_t cudaGraphInstantiate (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags);
  cudaError_t cudaGraphLaunch (cudaGraphExec_t exec, cudaStream_t stream);
  cudaError_t cudaGraphExecDestroy (cudaGraphExec_t exec);
  cudaError_t cudaGraphDestroy (cudaGraph_t graph);
  cudaError_t cudaGetLastError (void);
  const char *cudaGetErrorString (cudaError_t error);

#ifdef __cplusplus
}
#endif
