/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* An opened GPU: which one, its stream and memory, and the sentences for when there is none. */
#include <glib/gi18n-lib.h>

#include "backends/cuda/cuda.h"

#include <string.h>

#include "ops/module.h"

/* Turing: the first with the matrix instructions that the kernels are made of. */
#define MIN_MAJOR 7
#define MIN_MINOR 5
/* Ampere: the first that multiplies bfloat16. */
#define BFLOAT16_MAJOR 8
/* What is left of the card to everybody else: a twentieth, but so much. */
#define LEAST_RESERVE_BYTES ((gsize) 128 << 20)
#define MOST_RESERVE_BYTES ((gsize) 512 << 20)

gboolean
mz_cuda_check (cudaError_t status, const char *call, const char *file, int line, GError **error)
{
  if (status == cudaSuccess)
    return TRUE;
  if (status == cudaErrorMemoryAllocation)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
                 _ ("The graphics card has not enough free memory (%s, %s:%d)."), call, file, line);
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND, _ ("The graphics card failed: %s (%s, %s:%d)."),
                 cudaGetErrorString (status), call, file, line);
  return FALSE;
}

void
mz_cuda_enter (const MzCudaDevice *device)
{
  /* what fails here fails again, and is told, in the call that follows */
  cudaSetDevice (device->index);
}

gpointer
mz_cuda_take (MzCudaDevice *device, gsize n_bytes, GError **error)
{
  gpointer memory = NULL;
  cudaError_t status = cudaMalloc (&memory, MAX (n_bytes, 1));
  gsize n_free = 0, n_total = 0;

  if (status == cudaSuccess)
    {
      g_hash_table_insert (device->sizes, memory, GSIZE_TO_POINTER (n_bytes));
      device->base.taken_bytes += n_bytes;
      return memory;
    }
  cudaGetLastError (); /* it was answered here; the next call must not see it */
  if (status != cudaErrorMemoryAllocation)
    mz_cuda_check (status, "cudaMalloc", __FILE__, __LINE__, error);
  else if (cudaMemGetInfo (&n_free, &n_total) == cudaSuccess)
    {
      g_autofree char *wanted = g_format_size (n_bytes), *there = g_format_size (n_free);

      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
                   _ ("%s of the graphics card’s memory are needed at once, and %s are free."), wanted,
                   there);
    }
  else
    g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                         _ ("The graphics card has not enough free memory."));
  return NULL;
}

void
mz_cuda_give (MzCudaDevice *device, gpointer memory)
{
  if (memory == NULL)
    return;
  device->base.taken_bytes -= GPOINTER_TO_SIZE (g_hash_table_lookup (device->sizes, memory));
  g_hash_table_remove (device->sizes, memory);
  cudaFree (memory); /* which waits for what still uses it */
}

gboolean
mz_cuda_stage (MzCudaDevice *device, gsize n_bytes, GError **error)
{
  if (n_bytes <= device->staging_bytes)
    return TRUE;
  mz_cuda_give (device, device->staging);
  cudaFreeHost (device->pinned);
  device->pinned = NULL;
  device->staging_bytes = 0;
  device->staging = mz_cuda_take (device, n_bytes, error);
  if (device->staging == NULL || !MZ_CUDA_OK (cudaMallocHost (&device->pinned, n_bytes), error))
    return FALSE;
  device->staging_bytes = n_bytes;
  return TRUE;
}

gboolean
mz_cuda_may_begin (MzExec *exec, GError **error)
{
  mz_cuda_enter ((MzCudaDevice *) exec->device);
  return !mz_cancel_set_error (exec->cancel, error)
         && mz_cuda_await_weights ((MzCudaDevice *) exec->device, error);
}

gboolean
mz_cuda_enqueued (MzExec *exec, cudaError_t status, const char *op, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) exec->device;

  if (!mz_cuda_check (status, op, __FILE__, __LINE__, error))
    return FALSE;
  if (device->recording == NULL && ++device->n_ops % MZ_CUDA_OPS_AHEAD == 0)
    {
      cudaEvent_t *mark = &device->marks[device->n_ops / MZ_CUDA_OPS_AHEAD % 2];

      /* the mark that was set two rounds ago is set anew once it was passed */
      if (!MZ_CUDA_OK (cudaEventSynchronize (*mark), error)
          || !MZ_CUDA_OK (cudaEventRecord (*mark, device->stream), error))
        return FALSE;
    }
  return TRUE;
}

/* ---- Opening ---- */

static gboolean
no_device (cudaError_t status, GError **error)
{
  int version = 0;

  if (status == cudaErrorInsufficientDriver && cudaDriverGetVersion (&version) == cudaSuccess && version == 0)
    g_set_error_literal (error, MZ_ERROR, MZ_ERROR_BACKEND, _ ("No NVIDIA driver is installed."));
  else if (status == cudaErrorInsufficientDriver)
    g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND,
                 _ ("The NVIDIA driver is too old: it knows CUDA %d.%d, and this program needs a newer one."),
                 version / 1000, version % 1000 / 10);
  else if (status == cudaErrorNoDevice || status == cudaSuccess)
    g_set_error_literal (error, MZ_ERROR, MZ_ERROR_BACKEND, _ ("There is no NVIDIA graphics card."));
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND,
                 _ ("The NVIDIA driver does not start: %s. (Is the kernel module nvidia_uvm loaded?)"),
                 cudaGetErrorString (status));
  return FALSE;
}

/* The card that $MEZZOTINT_CUDA_DEVICE names by its number, else the one with the most multiprocessors. */
static gboolean
choose_device (int *index, int *n_all, struct cudaDeviceProp *chosen, GError **error)
{
  const char *wished = g_getenv ("MEZZOTINT_CUDA_DEVICE");
  guint64 number = 0;
  int n_devices = 0;
  cudaError_t status = cudaGetDeviceCount (&n_devices);

  if (status != cudaSuccess || n_devices == 0)
    return no_device (status, error);
  *n_all = n_devices;
  if (wished != NULL && *wished != '\0')
    {
      if (!g_ascii_string_to_unsigned (wished, 10, 0, (guint64) n_devices - 1, &number, NULL))
        {
          g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                       _ ("MEZZOTINT_CUDA_DEVICE is “%s”; the graphics cards have the numbers 0 to %d."),
                       wished, n_devices - 1);
          return FALSE;
        }
      *index = (int) number;
      return MZ_CUDA_OK (cudaGetDeviceProperties (chosen, *index), error);
    }
  *index = -1;
  for (int i = 0; i < n_devices; i++)
    {
      struct cudaDeviceProp properties;

      if (!MZ_CUDA_OK (cudaGetDeviceProperties (&properties, i), error))
        return FALSE;
      if (*index >= 0 && properties.multiProcessorCount <= chosen->multiProcessorCount)
        continue;
      *index = i;
      *chosen = properties;
    }
  return TRUE;
}

static void
close_device (MzDevice *base)
{
  MzCudaDevice *device = (MzCudaDevice *) base;

  mz_cuda_enter (device);
  for (guint i = 0; i < G_N_ELEMENTS (device->marks); i++)
    if (device->marks[i] != NULL)
      cudaEventDestroy (device->marks[i]);
  mz_cuda_chooser_free (device->chooser);
  mz_cuda_libraries_close (device->libraries);
  mz_cuda_give (device, device->bias_sum);
  mz_cuda_sender_free (device, device->sender);
  mz_cuda_blocks_free (device->blocks);
  mz_cuda_give (device, device->scratch);
  mz_cuda_give (device, device->staging);
  g_hash_table_unref (device->sizes);
  cudaFreeHost (device->pinned);
  if (device->stream != NULL)
    cudaStreamDestroy (device->stream);
  g_free (device);
}

static void
open_libraries (MzCudaDevice *device, const struct cudaDeviceProp *properties)
{
  g_autofree char *card = g_strdup_printf ("%s %d.%d %d", properties->name, properties->major,
                                           properties->minor, properties->multiProcessorCount);
  const char *versions;

  device->libraries = mz_cuda_libraries_open (device->kernels);
  versions = mz_cuda_libraries_describe (device->libraries);
  device->chooser = mz_cuda_chooser_new (device->kernels, device->libraries, device->libraries != NULL, card,
                                         versions, device->n_multiprocessors, device->has_groups);
}

static gboolean
check_card (const struct cudaDeviceProp *properties, GError **error)
{
  if (properties->major > MIN_MAJOR || (properties->major == MIN_MAJOR && properties->minor >= MIN_MINOR))
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND,
               _ ("The graphics card %s is too old: the Turing generation (GeForce RTX 20, GTX 16) is "
                  "the first that "
                  "can be used."),
               properties->name);
  return FALSE;
}

static MzDevice *
open_device (const MzBackend *backend, const MzCudaKernels *kernels, GError **error)
{
  struct cudaDeviceProp properties = { { 0 } };
  g_autofree char *memory = NULL;
  MzCudaDevice *device;
  gboolean ok = TRUE;
  int index, n_devices;

  if (!choose_device (&index, &n_devices, &properties, error) || !check_card (&properties, error)
      || !MZ_CUDA_OK (cudaSetDevice (index), error))
    return NULL;
  device = g_new0 (MzCudaDevice, 1);
  device->base.backend = backend;
  device->kernels = kernels;
  if (!kernels->is_bfloat16 && mz_cuda_kernels_bfloat16.is_bfloat16 && properties.major >= BFLOAT16_MAJOR)
    device->base.wider = &mz_backend_cuda_bfloat16;
  device->sizes = g_hash_table_new (NULL, NULL);
  device->sender = mz_cuda_sender_new ();
  device->blocks = mz_cuda_blocks_new (device);
  device->base.scratch_bytes = MZ_CUDA_SCRATCH_BYTES + MZ_CUDA_MOMENTS * MZ_CUDA_MOMENTS_BYTES;
  device->base.preparing_bytes = MZ_CUDA_SENDING_BYTES;
  device->index = index;
  device->n_multiprocessors = properties.multiProcessorCount;
  device->shared_bytes = properties.sharedMemPerBlockOptin;
  device->has_groups = !kernels->is_bfloat16 && mz_cuda_has_groups () && properties.major == 9;
  device->attends_by_groups
      = device->has_groups && g_strcmp0 (g_getenv ("MEZZOTINT_CUDA_ATTENTION"), "warps") != 0;
  ok = MZ_CUDA_OK (cudaStreamCreateWithFlags (&device->stream, cudaStreamNonBlocking), error);
  for (guint i = 0; i < G_N_ELEMENTS (device->marks) && ok; i++)
    ok = MZ_CUDA_OK (cudaEventCreateWithFlags (&device->marks[i], cudaEventDisableTiming), error);
  if (!ok
      || (device->scratch
          = mz_cuda_take (device, MZ_CUDA_SCRATCH_BYTES + MZ_CUDA_MOMENTS * MZ_CUDA_MOMENTS_BYTES, error))
             == NULL
      || (device->bias_sum = mz_cuda_take (device, MZ_CUDA_MAX_BIAS * sizeof (guint16), error)) == NULL)
    {
      close_device (&device->base);
      return NULL;
    }
  memory = g_format_size_full (properties.totalGlobalMem, G_FORMAT_SIZE_IEC_UNITS);
  open_libraries (device, &properties);
  device->base.description = g_strdup_printf ("%s, %s, %s", properties.name, memory,
                                              mz_cuda_libraries_describe (device->libraries));
  if (n_devices > 1)
    {
      g_autofree char *description = device->base.description;

      device->base.description
          = g_strdup_printf ("%s, number %d of 0 to %d", description, index, n_devices - 1);
    }
  return &device->base;
}

static MzDevice *
open_float16 (const MzDeviceOptions *options, GError **error)
{
  return open_device (&mz_backend_cuda, &mz_cuda_kernels_float16, error);
}

static MzDevice *
open_bfloat16 (const MzDeviceOptions *options, GError **error)
{
  return open_device (&mz_backend_cuda_bfloat16, &mz_cuda_kernels_bfloat16, error);
}

static gpointer
take_memory (MzDevice *device, gsize n_bytes, GError **error)
{
  mz_cuda_enter ((MzCudaDevice *) device);
  return mz_cuda_take ((MzCudaDevice *) device, n_bytes, error);
}

static void
release_memory (MzDevice *device, gpointer memory)
{
  mz_cuda_enter ((MzCudaDevice *) device);
  mz_cuda_give ((MzCudaDevice *) device, memory);
}

static guint64
count_usable_bytes (MzDevice *base)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  gsize n_free = 0, n_total = 0, reserve;

  mz_cuda_enter (device);
  if (cudaMemGetInfo (&n_free, &n_total) != cudaSuccess)
    return 0;
  reserve = CLAMP (n_total / 20, LEAST_RESERVE_BYTES, MOST_RESERVE_BYTES);
  return device->base.taken_bytes + (n_free > reserve ? n_free - reserve : 0);
}

/* What both tables share. */
/* clang-format off */
#define SHARED_ROWS \
  .name = "cuda", \
  .alignment = MZ_CUDA_ALIGNMENT, \
  .close = close_device, \
  .alloc = take_memory, \
  .release = release_memory, \
  .count_usable_bytes = count_usable_bytes, \
  .upload = mz_cuda_upload, \
  .download = mz_cuda_download, \
  .prepare_matrix = mz_cuda_prepare_matrix, \
  .prepare_norm = mz_cuda_prepare_norm, \
  .prepare_embedding = mz_cuda_prepare_embedding, \
  .finish_weights = mz_cuda_finish_weights, \
  .release_weight = mz_cuda_release_weight, \
  .conv2d = mz_cuda_conv2d, \
  .linear = mz_cuda_linear, \
  .group_norm = mz_cuda_group_norm, \
  .group_moments = mz_cuda_run_group_moments, \
  .group_scale = mz_cuda_run_group_scale, \
  .copy = mz_cuda_copy, \
  .layer_norm = mz_cuda_run_layer_norm, \
  .attention = mz_cuda_run_attention, \
  .embed = mz_cuda_run_embed, \
  .record_begin = mz_cuda_record_begin, \
  .record_end = mz_cuda_record_end, \
  .recording_give = mz_cuda_recording_give, \
  .recording_run = mz_cuda_recording_run, \
  .recording_get = mz_cuda_recording_get, \
  .recording_free = mz_cuda_recording_free
/* clang-format on */

/* Opened where a device of the other says so. */
const MzBackend mz_backend_cuda_bfloat16
    = { .activation_dtype = MZ_DTYPE_BF16, .open = open_bfloat16, SHARED_ROWS };

const MzBackend mz_backend_cuda
    = { .activation_dtype = MZ_DTYPE_F16, .has_half_sums = TRUE, .open = open_float16, SHARED_ROWS };

const MzBackendModule mz_backend_module = { MZ_BACKEND_MODULE_VERSION, &mz_backend_cuda };
