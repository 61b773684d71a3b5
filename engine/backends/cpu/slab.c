/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory for weights, many of them in one stretch of huge pages, so that the small ones get such, too.
 *
 * A stretch only grows; of what was given back, every huge page that no weight touches any more returns to
 * the system at once, and the stretch when nothing is left of it. */
#include "backends/cpu/cpu.h"

#include <sys/mman.h>

#define HUGE_PAGE ((gsize) 2 << 20)
/* Only what is written to takes memory. */
#define STRETCH_BYTES ((gsize) 64 << 20)
#define ALIGNMENT ((gsize) 64)

struct _MzCpuStretch
{
  gpointer memory; /* of mz_cpu_take_pages() */
  gsize base;      /* the multiple of HUGE_PAGE at or before `memory` */
  gsize end;       /* address behind the last byte */
  gsize next;      /* address of the first byte that nobody has */
  guint n_weights;
  guint users[]; /* of each huge page from `base` on */
};

static gsize
page_of (const MzCpuStretch *stretch, gsize address)
{
  return (address - stretch->base) / HUGE_PAGE;
}

static MzCpuStretch *
stretch_new (gsize n_bytes, GError **error)
{
  gpointer memory = mz_cpu_take_pages (n_bytes, error);
  gsize at = (gsize) memory, base = at & ~(HUGE_PAGE - 1);
  MzCpuStretch *stretch;

  if (memory == NULL)
    return NULL;
  stretch = g_malloc0 (sizeof *stretch + ((at + n_bytes - base) / HUGE_PAGE + 1) * sizeof stretch->users[0]);
  stretch->memory = memory;
  stretch->base = base;
  stretch->end = at + n_bytes;
  stretch->next = at;
  return stretch;
}

gboolean
mz_cpu_take_weight (MzCpuDevice *device, MzCpuWeight *weight, GError **error)
{
  gsize n_bytes = MAX (weight->base.n_bytes, 1);
  MzCpuStretch *stretch = device->stretch;

  if (stretch == NULL || n_bytes > stretch->end - stretch->next)
    {
      stretch = stretch_new (MAX (n_bytes, STRETCH_BYTES), error);
      if (stretch == NULL)
        return FALSE;
      device->stretch = stretch;
    }
  weight->stretch = stretch;
  weight->pages = (guint8 *) stretch->next;
  stretch->n_weights++;
  for (gsize i = page_of (stretch, stretch->next); i <= page_of (stretch, stretch->next + n_bytes - 1); i++)
    stretch->users[i]++;
  stretch->next = MIN (stretch->end, (stretch->next + n_bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
  return TRUE;
}

void
mz_cpu_give_weight (MzCpuDevice *device, MzCpuWeight *weight)
{
  MzCpuStretch *stretch = weight->stretch;
  gsize at = (gsize) weight->pages, last = at + MAX (weight->base.n_bytes, 1) - 1;

  if (stretch == NULL)
    return;
  for (gsize i = page_of (stretch, at); i <= page_of (stretch, last); i++)
    {
      gsize begin = stretch->base + i * HUGE_PAGE;

      /* The first page also holds what stands before the memory; what is next may go into the one it is in.
       */
      if (--stretch->users[i] == 0 && begin >= (gsize) stretch->memory && begin + HUGE_PAGE <= stretch->next)
        (void) madvise ((gpointer) begin, HUGE_PAGE, MADV_DONTNEED);
    }
  weight->stretch = NULL;
  if (--stretch->n_weights > 0)
    return;
  if (device->stretch == stretch)
    device->stretch = NULL;
  mz_cpu_give_pages (stretch->memory);
  g_free (stretch);
}
