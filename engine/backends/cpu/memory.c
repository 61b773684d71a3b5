/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory for weights and activations: in huge pages, and an error instead of an abort when there is none. */
#include "backends/cpu/cpu.h"

#include <sys/mman.h>

#define HUGE_PAGE ((gsize) 2 << 20)

/* Stands in the 64 bytes before the memory handed out. */
typedef struct
{
  gpointer mapping;
  gsize n_bytes;
} Header;

#define HEADER_BYTES 64
G_STATIC_ASSERT (sizeof (Header) <= HEADER_BYTES);

gpointer
mz_cpu_take_pages (gsize n_bytes, GError **error)
{
  gboolean large = n_bytes >= 2 * HUGE_PAGE;
  gsize wanted = n_bytes + HEADER_BYTES + (large ? HUGE_PAGE : 0);
  guint8 *mapping = MAP_FAILED, *start;
  Header *header;

  if (wanted > n_bytes)
    mapping = mmap (NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    {
      g_autofree char *size = g_format_size (n_bytes);

      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, "%s of memory are needed at once and are not free.",
                   size);
      return NULL;
    }
  start = mapping;
#ifdef MADV_HUGEPAGE
  if (large)
    {
      /* Only what lies within aligned 2 MB can become a huge page. A refusal costs speed alone. */
      start = (guint8 *) (((gsize) mapping + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
      (void) madvise (start, n_bytes + HEADER_BYTES, MADV_HUGEPAGE);
    }
#endif
  header = (Header *) start;
  header->mapping = mapping;
  header->n_bytes = wanted;
  return start + HEADER_BYTES;
}

void
mz_cpu_give_pages (gpointer memory)
{
  Header *header;

  if (memory == NULL)
    return;
  header = (Header *) ((guint8 *) memory - HEADER_BYTES);
  munmap (header->mapping, header->n_bytes);
}
