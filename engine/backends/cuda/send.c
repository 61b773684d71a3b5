/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The way of weights to the card. Threads copy a file's bytes into one of a few page-locked slots, the card
 * fetches them from there while the next slot is filled, and a kernel lays them out (lay.cu). Nothing is
 * waited for but a slot that is still being read, so that all of it runs as fast as its slowest part. What a
 * tensor holds that cannot be used is noted on the card and looked at once, at the end. */
#include <glib/gi18n-lib.h>

#include "backends/cuda/cuda.h"

#include <math.h>
#include <string.h>

#define SLOT_BYTES ((gsize) 8 << 20)
#define N_SLOTS 3
/* Views that may be under way between two looks at their faults. */
#define MAX_VIEWS 4096
/* Threads that copy; more do not make memory faster. */
#define MAX_COPIERS 4
/* Less is not worth another thread. */
#define LEAST_COPY_BYTES ((gsize) 256 << 10)

typedef struct
{
  const MzWeight *weight; /* NULL: let go of meanwhile */
  char what[24];
} SentView;

typedef struct
{
  guint8 *pinned; /* [SLOT_BYTES] of host memory, page-locked */
  guint8 *staged; /* the same on the card; NULL between loads */
  cudaEvent_t was_read;
  gsize used;
} Slot;

G_STATIC_ASSERT (N_SLOTS *SLOT_BYTES + MAX_VIEWS * sizeof (guint64) <= MZ_CUDA_SENDING_BYTES);

struct _MzCudaSender
{
  cudaStream_t stream;
  cudaEvent_t begin;
  Slot slots[N_SLOTS];
  int slot;            /* the one being filled */
  guint64 *faults;     /* [MAX_VIEWS] on the card; NULL between loads */
  guint64 *seen;       /* [MAX_VIEWS] host, page-locked */
  SentView *views;     /* [MAX_VIEWS] */
  int n_views;         /* sent since the last look */
  gboolean is_waited;  /* everything sent has arrived */
  const MzWeight *bad; /* the first weight that turned out to be of no use */
  GError *error;       /* and why */
  GThreadPool *copiers;
};

/* ---- Copying by several threads ---- */

typedef struct
{
  GMutex mutex;
  GCond done;
  int n_left;
} Copying;

typedef struct
{
  Copying *copying;
  guint8 *to;
  const guint8 *from;
  gsize n_bytes;
} CopyPart;

static void
copy_part_cb (gpointer data, gpointer user)
{
  CopyPart *part = data;
  Copying *copying = part->copying;

  memcpy (part->to, part->from, part->n_bytes);
  g_mutex_lock (&copying->mutex);
  if (--copying->n_left == 0)
    g_cond_signal (&copying->done);
  g_mutex_unlock (&copying->mutex);
}

static void
copy_bytes (MzCudaSender *sender, guint8 *to, const guint8 *from, gsize n_bytes)
{
  int n = (int) MIN ((gsize) g_thread_pool_get_max_threads (sender->copiers) + 1, n_bytes / LEAST_COPY_BYTES);
  gsize each = n > 1 ? (n_bytes / (gsize) n + 4095) & ~(gsize) 4095 : n_bytes;
  Copying copying = { .n_left = 0 };
  CopyPart parts[MAX_COPIERS];

  if (n <= 1)
    {
      memcpy (to, from, n_bytes);
      return;
    }
  g_mutex_init (&copying.mutex);
  g_cond_init (&copying.done);
  copying.n_left = n - 1;
  for (int i = 0; i < n - 1; i++)
    {
      parts[i] = (CopyPart){ &copying, to + (gsize) i * each, from + (gsize) i * each, each };
      g_thread_pool_push (sender->copiers, &parts[i], NULL);
    }
  memcpy (to + (gsize) (n - 1) * each, from + (gsize) (n - 1) * each, n_bytes - (gsize) (n - 1) * each);
  g_mutex_lock (&copying.mutex);
  while (copying.n_left > 0)
    g_cond_wait (&copying.done, &copying.mutex);
  g_mutex_unlock (&copying.mutex);
  g_mutex_clear (&copying.mutex);
  g_cond_clear (&copying.done);
}

/* ---- Beginning and ending ---- */

MzCudaSender *
mz_cuda_sender_new (void)
{
  MzCudaSender *sender = g_new0 (MzCudaSender, 1);

  sender->views = g_new0 (SentView, MAX_VIEWS);
  sender->is_waited = TRUE;
  sender->copiers
      = g_thread_pool_new (copy_part_cb, NULL, MIN (MAX_COPIERS, (int) g_get_num_processors ()), FALSE, NULL);
  return sender;
}

static void
give_card_memory (MzCudaDevice *device, MzCudaSender *sender)
{
  for (int i = 0; i < N_SLOTS; i++)
    {
      mz_cuda_give (device, sender->slots[i].staged);
      sender->slots[i].staged = NULL;
      sender->slots[i].used = 0;
    }
  mz_cuda_give (device, sender->faults);
  sender->faults = NULL;
}

void
mz_cuda_sender_free (MzCudaDevice *device, MzCudaSender *sender)
{
  give_card_memory (device, sender);
  for (int i = 0; i < N_SLOTS; i++)
    {
      if (sender->slots[i].was_read != NULL)
        cudaEventDestroy (sender->slots[i].was_read);
      cudaFreeHost (sender->slots[i].pinned);
    }
  cudaFreeHost (sender->seen);
  if (sender->begin != NULL)
    cudaEventDestroy (sender->begin);
  if (sender->stream != NULL)
    cudaStreamDestroy (sender->stream);
  g_thread_pool_free (sender->copiers, FALSE, TRUE);
  g_clear_error (&sender->error);
  g_free (sender->views);
  g_free (sender);
}

/* What stays for the next load: stream, events, page-locked memory. */
static gboolean
take_host_memory (MzCudaSender *sender, GError **error)
{
  if (sender->stream == NULL
      && (!MZ_CUDA_OK (cudaStreamCreateWithFlags (&sender->stream, cudaStreamNonBlocking), error)
          || !MZ_CUDA_OK (cudaEventCreateWithFlags (&sender->begin, cudaEventDisableTiming), error)))
    return FALSE;
  for (int i = 0; i < N_SLOTS; i++)
    {
      Slot *slot = &sender->slots[i];

      if (slot->was_read == NULL
          && !MZ_CUDA_OK (cudaEventCreateWithFlags (&slot->was_read, cudaEventDisableTiming), error))
        return FALSE;
      if (slot->pinned == NULL && !MZ_CUDA_OK (cudaMallocHost ((void **) &slot->pinned, SLOT_BYTES), error))
        return FALSE;
    }
  return sender->seen != NULL
         || MZ_CUDA_OK (cudaMallocHost ((void **) &sender->seen, MAX_VIEWS * sizeof *sender->seen), error);
}

static gboolean
begin_views (MzCudaSender *sender, GError **error)
{
  return MZ_CUDA_OK (
      cudaMemsetAsync (sender->faults, 0xff, MAX_VIEWS * sizeof *sender->faults, sender->stream), error);
}

/* Before the first view after a wait: staging memory; the stream begins behind what is computed now, since
 * the memory of weights may have been read by it. */
static gboolean
begin (MzCudaDevice *device, GError **error)
{
  MzCudaSender *sender = device->sender;

  if (!take_host_memory (sender, error))
    return FALSE;
  for (int i = 0; i < N_SLOTS; i++)
    if (sender->slots[i].staged == NULL
        && (sender->slots[i].staged = mz_cuda_take (device, SLOT_BYTES, error)) == NULL)
      return FALSE;
  if (sender->is_waited
      && (!MZ_CUDA_OK (cudaEventRecord (sender->begin, device->stream), error)
          || !MZ_CUDA_OK (cudaStreamWaitEvent (sender->stream, sender->begin, 0), error)))
    return FALSE;
  if (sender->faults == NULL
      && ((sender->faults = mz_cuda_take (device, MAX_VIEWS * sizeof *sender->faults, error)) == NULL
          || !begin_views (sender, error)))
    return FALSE;
  sender->is_waited = FALSE;
  return TRUE;
}

/* ---- What is wrong with a tensor ---- */

static void
set_fault (GError **error, const SentView *view, guint64 fault)
{
  guint32 bits = (guint32) fault;
  gsize element = (gsize) (fault >> 32);
  float value;

  memcpy (&value, &bits, sizeof value);
  if (isfinite (value))
    g_set_error (
        error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
        _ ("holds %g at element %zu of %s, which is too large for the graphics card’s half precision."),
        (double) value, element, view->what);
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_NONFINITE, _ ("holds %s at element %zu of %s."),
                 isnan (value) ? "NaN" : _ ("infinity"), element, view->what);
}

/* Waits for what was sent, and notes the first fault. */
static gboolean
look (MzCudaSender *sender, GError **error)
{
  gsize n_bytes = (gsize) sender->n_views * sizeof *sender->seen;
  gboolean ok = n_bytes == 0
                || MZ_CUDA_OK (cudaMemcpyAsync (sender->seen, sender->faults, n_bytes, cudaMemcpyDeviceToHost,
                                                sender->stream),
                               error);

  if (!MZ_CUDA_OK (cudaStreamSynchronize (sender->stream), ok ? error : NULL) || !ok)
    return FALSE;
  for (int i = 0; i < sender->n_views && sender->bad == NULL; i++)
    if (sender->views[i].weight != NULL && sender->seen[i] != MZ_CUDA_NO_FAULT)
      {
        sender->bad = sender->views[i].weight;
        set_fault (&sender->error, &sender->views[i], sender->seen[i]);
      }
  sender->n_views = 0;
  return TRUE;
}

gboolean
mz_cuda_finish_weights (MzDevice *base, const MzWeight **bad, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  MzCudaSender *sender = device->sender;
  gboolean ok;

  mz_cuda_enter (device);
  *bad = NULL;
  mz_cuda_blocks_seal (device->blocks);
  if (sender->faults == NULL)
    return TRUE;
  ok = look (sender, error);
  sender->is_waited = TRUE;
  give_card_memory (device, sender);
  if (!ok || sender->error == NULL)
    return ok;
  *bad = g_steal_pointer (&sender->bad);
  g_propagate_error (error, g_steal_pointer (&sender->error));
  return FALSE;
}

gboolean
mz_cuda_await_weights (MzCudaDevice *device, GError **error)
{
  MzCudaSender *sender = device->sender;

  if (sender->is_waited)
    return TRUE;
  sender->is_waited = TRUE;
  return MZ_CUDA_OK (cudaStreamSynchronize (sender->stream), error);
}

void
mz_cuda_forget_weight (MzCudaDevice *device, const MzWeight *weight)
{
  MzCudaSender *sender = device->sender;

  for (int i = 0; i < sender->n_views; i++)
    if (sender->views[i].weight == weight)
      sender->views[i].weight = NULL;
  if (sender->bad != weight)
    return;
  sender->bad = NULL;
  g_clear_error (&sender->error);
}

/* ---- Sending ---- */

/* Room for `least` bytes or more in the slot being filled, or in the next, once that was read. */
static Slot *
find_room (MzCudaSender *sender, gsize least, GError **error)
{
  Slot *slot = &sender->slots[sender->slot];

  if (SLOT_BYTES - slot->used >= least)
    return slot;
  if (!MZ_CUDA_OK (cudaEventRecord (slot->was_read, sender->stream), error))
    return NULL;
  sender->slot = (sender->slot + 1) % N_SLOTS;
  slot = &sender->slots[sender->slot];
  slot->used = 0;
  return MZ_CUDA_OK (cudaEventSynchronize (slot->was_read), error) ? slot : NULL;
}

/* How elements travel: as they are, or made float32 here where the kernel does not know them. */
static int
dtype_on_the_way (const MzView *view)
{
  return view->dtype == MZ_DTYPE_F16    ? MZ_CUDA_FROM_F16
         : view->dtype == MZ_DTYPE_BF16 ? MZ_CUDA_FROM_BF16
                                        : MZ_CUDA_FROM_F32;
}

static gboolean
send_piece (MzCudaDevice *device, const MzView *view, MzCudaLaying *laying, gsize size, GError **error)
{
  MzCudaSender *sender = device->sender;
  gsize left = mz_view_elements (view) - (gsize) laying->first;
  Slot *slot = find_room (sender, MIN (left * size, LEAST_COPY_BYTES), error);
  gsize n, n_bytes;
  guint8 *pinned, *staged;

  if (slot == NULL)
    return FALSE;
  n = MIN (left, (SLOT_BYTES - slot->used) / size);
  n_bytes = n * size;
  pinned = slot->pinned + slot->used;
  staged = slot->staged + slot->used;
  if (mz_dtype_size (view->dtype) == size && view->dtype != MZ_DTYPE_I32)
    copy_bytes (sender, pinned, (const guint8 *) view->data + (gsize) laying->first * size, n_bytes);
  else
    mz_view_read_f32 (view, (gsize) laying->first, n, (float *) pinned);
  slot->used
      = MIN (SLOT_BYTES, (slot->used + n_bytes + MZ_CUDA_ALIGNMENT - 1) & ~(gsize) (MZ_CUDA_ALIGNMENT - 1));
  laying->from = staged;
  laying->n = (gint64) n;
  return MZ_CUDA_OK (cudaMemcpyAsync (staged, pinned, n_bytes, cudaMemcpyHostToDevice, sender->stream), error)
         && MZ_CUDA_OK (device->kernels->lay (laying, sender->stream), error);
}

gboolean
mz_cuda_send (MzCudaDevice *device,
              const MzView *view,
              const MzWeight *weight,
              const char *what,
              const MzCudaLaying *laying,
              GError **error)
{
  MzCudaSender *sender = device->sender;
  MzCudaLaying piece = *laying;
  gsize n = mz_view_elements (view);
  SentView *sent;

  if (n > G_MAXUINT32)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED, _ ("is too large a tensor."));
      return FALSE;
    }
  if (!begin (device, error))
    return FALSE;
  if (sender->n_views == MAX_VIEWS && (!look (sender, error) || !begin_views (sender, error)))
    return FALSE;
  sent = &sender->views[sender->n_views];
  sent->weight = weight;
  g_strlcpy (sent->what, what, sizeof sent->what);
  piece.fault = sender->faults + sender->n_views++;
  piece.dtype = dtype_on_the_way (view);
  for (piece.first = 0; (gsize) piece.first < n; piece.first += piece.n)
    if (mz_cancel_set_error (device->base.cancel, error)
        || !send_piece (device, view, &piece, piece.dtype == MZ_CUDA_FROM_F32 ? 4 : 2, error))
      return FALSE;
  return TRUE;
}

gboolean
mz_cuda_send_rounded_bias (MzCudaDevice *device, gpointer to, const float *bias, int n, GError **error)
{
  return MZ_CUDA_OK (device->kernels->round_bias (to, bias, NULL, n, device->sender->stream), error);
}

gboolean
mz_cuda_send_zeros (MzCudaDevice *device, gpointer to, gsize n_bytes, GError **error)
{
  return begin (device, error)
         && MZ_CUDA_OK (cudaMemsetAsync (to, 0, n_bytes, device->sender->stream), error);
}
