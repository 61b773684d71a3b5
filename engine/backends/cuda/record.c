/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* An evaluation as one CUDA graph: its ops are captured from the stream instead of run, and each replay is
 * one launch. What goes up and comes down has pinned memory of its own, so that a replay finds it where it
 * was. */
#include <string.h>

#include "backends/cuda/cuda.h"

/* How often the cancel flag is looked at while a replay runs that takes long. */
#define LOOK_EVERY_US 500
/* So near the end of a replay, by what the last one took, it is waited for awake: a processor that slept does
 * what stands between two steps in twice the time, while the card waits for it. */
#define AWAKE_US 10000

typedef struct
{
  gpointer pinned;  /* host, float32 [n, c, pixels] */
  gpointer staging; /* device, as large */
  gsize n;          /* numbers */
} Slot;

struct _MzCudaRecording
{
  cudaGraph_t graph;
  cudaGraphExec_t ready;
  cudaEvent_t done;
  gboolean runs;      /* a replay that was cancelled may not have ended */
  gint64 duration_us; /* of the last replay */
  GArray *up, *down;  /* of Slot */
};

static void
clear_slots (MzCudaDevice *device, GArray *slots)
{
  for (guint i = 0; i < slots->len; i++)
    {
      cudaFreeHost (g_array_index (slots, Slot, i).pinned);
      mz_cuda_give (device, g_array_index (slots, Slot, i).staging);
    }
  g_array_free (slots, TRUE);
}

void
mz_cuda_recording_free (MzDevice *device, gpointer data)
{
  MzCudaRecording *recording = data;

  mz_cuda_enter ((MzCudaDevice *) device);
  cudaStreamSynchronize (((MzCudaDevice *) device)->stream); /* a cancelled replay may still run */
  if (recording->ready != NULL)
    cudaGraphExecDestroy (recording->ready);
  if (recording->graph != NULL)
    cudaGraphDestroy (recording->graph);
  if (recording->done != NULL)
    cudaEventDestroy (recording->done);
  clear_slots ((MzCudaDevice *) device, recording->up);
  clear_slots ((MzCudaDevice *) device, recording->down);
  g_free (recording);
}

gboolean
mz_cuda_record_begin (MzDevice *base, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  MzCudaRecording *recording = g_new0 (MzCudaRecording, 1);

  mz_cuda_enter (device);
  recording->up = g_array_new (FALSE, TRUE, sizeof (Slot));
  recording->down = g_array_new (FALSE, TRUE, sizeof (Slot));
  /* relaxed: the slots' memory is taken while recording */
  if (MZ_CUDA_OK (cudaEventCreateWithFlags (&recording->done, cudaEventDisableTiming), error)
      && MZ_CUDA_OK (cudaStreamBeginCapture (device->stream, cudaStreamCaptureModeRelaxed), error))
    {
      device->recording = recording;
      return TRUE;
    }
  mz_cuda_recording_free (base, recording);
  return FALSE;
}

gpointer
mz_cuda_record_end (MzDevice *base, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  MzCudaRecording *recording = g_steal_pointer (&device->recording);

  mz_cuda_enter (device);
  if (MZ_CUDA_OK (cudaStreamEndCapture (device->stream, &recording->graph), error)
      && MZ_CUDA_OK (cudaGraphInstantiate (&recording->ready, recording->graph, 0), error))
    return recording;
  cudaGetLastError ();
  mz_cuda_recording_free (base, recording);
  return NULL;
}

static Slot *
take_slot (MzCudaDevice *device, GArray *slots, const MzTensor *tensor, GError **error)
{
  Slot slot = { .n = mz_tensor_elements (tensor) };

  slot.staging = mz_cuda_take (device, slot.n * sizeof (float), error);
  if (slot.staging == NULL)
    return NULL;
  if (!MZ_CUDA_OK (cudaMallocHost (&slot.pinned, slot.n * sizeof (float)), error))
    {
      mz_cuda_give (device, slot.staging);
      return NULL;
    }
  g_array_append_val (slots, slot);
  return &g_array_index (slots, Slot, slots->len - 1);
}

gboolean
mz_cuda_record_upload (MzCudaDevice *device, const MzTensor *tensor, const float *nchw, GError **error)
{
  Slot *slot = take_slot (device, device->recording->up, tensor, error);

  if (slot == NULL)
    return FALSE;
  memcpy (slot->pinned, nchw, slot->n * sizeof (float));
  return MZ_CUDA_OK (cudaMemcpyAsync (slot->staging, slot->pinned, slot->n * sizeof (float),
                                      cudaMemcpyHostToDevice, device->stream),
                     error)
         && MZ_CUDA_OK (device->kernels->from_planes (tensor->data, slot->staging, tensor->n, tensor->c,
                                                      (int64_t) mz_tensor_pixels (tensor), device->stream),
                        error);
}

gboolean
mz_cuda_record_download (MzCudaDevice *device, const MzTensor *tensor, GError **error)
{
  Slot *slot = take_slot (device, device->recording->down, tensor, error);

  return slot != NULL
         && MZ_CUDA_OK (device->kernels->to_planes (slot->staging, tensor->data, tensor->n, tensor->c,
                                                    (int64_t) mz_tensor_pixels (tensor), device->stream),
                        error)
         && MZ_CUDA_OK (cudaMemcpyAsync (slot->pinned, slot->staging, slot->n * sizeof (float),
                                         cudaMemcpyDeviceToHost, device->stream),
                        error);
}

static Slot *
find_slot (GArray *slots, guint index, gsize n)
{
  Slot *slot = index < slots->len ? &g_array_index (slots, Slot, index) : NULL;

  return slot != NULL && slot->n == n ? slot : NULL;
}

gboolean
mz_cuda_recording_give (MzDevice *device, gpointer data, guint index, const float *nchw, gsize n)
{
  Slot *slot = find_slot (((MzCudaRecording *) data)->up, index, n);

  if (slot == NULL)
    return FALSE;
  mz_cuda_enter ((MzCudaDevice *) device);
  if (((MzCudaRecording *) data)->runs)
    cudaEventSynchronize (((MzCudaRecording *) data)->done);
  ((MzCudaRecording *) data)->runs = FALSE;
  memcpy (slot->pinned, nchw, n * sizeof (float));
  return TRUE;
}

gboolean
mz_cuda_recording_get (MzDevice *device, gpointer data, guint index, float *nchw, gsize n)
{
  Slot *slot = find_slot (((MzCudaRecording *) data)->down, index, n);

  if (slot == NULL)
    return FALSE;
  memcpy (nchw, slot->pinned, n * sizeof (float));
  return TRUE;
}

/* Asks without pause around the time that the last replay took, and between naps before and long after it. */
static gboolean
wait_for (MzCudaRecording *recording, MzCancel *cancel, GError **error)
{
  gint64 begin_us = g_get_monotonic_time ();
  cudaError_t status;

  while ((status = cudaEventQuery (recording->done)) == cudaErrorNotReady)
    {
      if (mz_cancel_set_error (cancel, error))
        return FALSE;
      if (ABS (g_get_monotonic_time () - begin_us - recording->duration_us) > AWAKE_US)
        g_usleep (LOOK_EVERY_US);
    }
  recording->duration_us = g_get_monotonic_time () - begin_us;
  return MZ_CUDA_OK (status, error);
}

gboolean
mz_cuda_recording_run (MzDevice *base, gpointer data, MzCancel *cancel, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  MzCudaRecording *recording = data;

  mz_cuda_enter (device);
  if (!MZ_CUDA_OK (cudaGraphLaunch (recording->ready, device->stream), error)
      || !MZ_CUDA_OK (cudaEventRecord (recording->done, device->stream), error))
    return FALSE;
  recording->runs = TRUE;
  if (!wait_for (recording, cancel, error))
    return FALSE;
  recording->runs = FALSE;
  return TRUE;
}
