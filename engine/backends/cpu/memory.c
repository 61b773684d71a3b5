/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory for weights and activations: in huge pages, and an error instead of an abort when there is none. */
#include <glib/gi18n-lib.h>

#include "backends/cpu/cpu.h"

#include <string.h>
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

/* From so many bytes on it is asked first whether they are there: the system lends more than it has, and ends
 * the process when that is used. */
#define ASK_FROM_BYTES ((gsize) 256 << 20)

/* The number in a file of the system that holds just one, or G_MAXUINT64. */
static guint64
read_number (const char *path)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_ascii_isdigit (*text))
    return G_MAXUINT64;
  return g_ascii_strtoull (text, NULL, 10);
}

/* What this process may still take without swapping, by the machine and by its control group; G_MAXUINT64
 * where nobody tells. */
static guint64
available_bytes (void)
{
  static const char key[] = "MemAvailable:";
  g_autofree char *text = NULL;
  guint64 available = G_MAXUINT64, limit = read_number ("/sys/fs/cgroup/memory.max");
  const char *line;

  if (g_file_get_contents ("/proc/meminfo", &text, NULL, NULL) && (line = strstr (text, key)) != NULL)
    available = g_ascii_strtoull (line + strlen (key), NULL, 10) * 1024;
  if (limit != G_MAXUINT64)
    {
      guint64 used = read_number ("/sys/fs/cgroup/memory.current");

      if (used != G_MAXUINT64)
        available = MIN (available, limit > used ? limit - used : 0);
    }
  return available;
}

gpointer
mz_cpu_take_pages (gsize n_bytes, GError **error)
{
  gboolean large = n_bytes >= 2 * HUGE_PAGE;
  gboolean fits = n_bytes < ASK_FROM_BYTES || n_bytes <= available_bytes ();
  gsize wanted = n_bytes + HEADER_BYTES + (large ? HUGE_PAGE : 0);
  guint8 *mapping = MAP_FAILED, *start;
  Header *header;

  if (fits && wanted > n_bytes)
    mapping = mmap (NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    {
      g_autofree char *size = g_format_size (n_bytes);

      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("%s of memory are needed at once and are not free."),
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
