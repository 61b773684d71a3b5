/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A thread that writes files. */
#include "app/files/file-saver.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app/files/atomic-file.h"
#include "app/files/main-thread.h"

/* How long a disk that refused is left in peace. */
#define RETRY_US (5 * G_USEC_PER_SEC)

/* A change to one file. */
typedef struct
{
  char *path;
  gpointer data; /* this and the functions are NULL: the file is removed */
  GBytes *(*to_bytes) (gpointer data);
  GDestroyNotify free_data;
} Change;

/* What messages to the main thread hold; they may arrive after the saver's end. */
typedef struct
{
  gatomicrefcount ref_count;
  MezzotintFileSaverFunc func; /* main thread; NULL: closed */
  gpointer user;
} Listener;

struct _MezzotintFileSaver
{
  Listener *listener;
  GThread *thread; /* NULL: nothing was to be written yet */

  GMutex mutex; /* of the rest */
  GCond wake;
  gboolean quits, is_new; /* something was put since the thread last looked */
  GQueue changes;         /* of Change; no path twice */
};

static void
free_change (Change *change)
{
  if (change->free_data != NULL)
    change->free_data (change->data);
  g_free (change->path);
  g_free (change);
}

static void
unref_listener (Listener *listener)
{
  if (g_atomic_ref_count_dec (&listener->ref_count))
    g_free (listener);
}

/* ---- The thread ---- */

typedef struct
{
  Listener *listener;
  char *problem;
} Report;

static void
report_cb (gpointer data)
{
  Report *report = data;

  if (report->listener->func != NULL)
    report->listener->func (report->listener->user, report->problem);
}

static void
free_report_cb (gpointer data)
{
  Report *report = data;

  unref_listener (report->listener);
  g_free (report->problem);
  g_free (report);
}

static void
report_result (MezzotintFileSaver *saver, const GError *error)
{
  Report *report = g_new0 (Report, 1);

  g_atomic_ref_count_inc (&saver->listener->ref_count);
  report->listener = saver->listener;
  report->problem = error != NULL ? g_strdup (error->message) : NULL;
  mezzotint_call_on_main (report_cb, report, free_report_cb);
}

static gboolean
make (const Change *change, GError **error)
{
  g_autoptr (MezzotintAtomicFile) file = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gconstpointer data;
  gsize n_bytes;

  if (change->to_bytes == NULL)
    {
      g_unlink (change->path);
      return TRUE;
    }
  bytes = change->to_bytes (change->data);
  data = g_bytes_get_data (bytes, &n_bytes);
  file = mezzotint_atomic_file_new (change->path, error);
  if (file == NULL)
    return FALSE;
  fwrite (data, 1, n_bytes, mezzotint_atomic_file_get_stream (file)); /* the commit tells what went wrong */
  return mezzotint_atomic_file_commit (file, TRUE, error);
}

static gboolean
is_same_file (const Change *a, const Change *b)
{
  return g_str_equal (a->path, b->path);
}

/* Under the mutex. NULL: there is none. */
static GList *
find_change (MezzotintFileSaver *saver, const Change *change)
{
  for (GList *link = saver->changes.head; link != NULL; link = link->next)
    if (is_same_file (link->data, change))
      return link;
  return NULL;
}

/* Under the mutex: the next one, not before `not_before_us` unless the end has come or something new has.
 * NULL: it is the end, and nothing is left. */
static Change *
take_change (MezzotintFileSaver *saver, gint64 not_before_us)
{
  while (!saver->quits && saver->changes.head == NULL)
    g_cond_wait (&saver->wake, &saver->mutex);
  while (!saver->quits && !saver->is_new && g_get_monotonic_time () < not_before_us)
    g_cond_wait_until (&saver->wake, &saver->mutex, not_before_us);
  saver->is_new = FALSE;
  return g_queue_pop_head (&saver->changes);
}

/* Under the mutex: what could not be written stays the next to be written, unless there is something newer.
 */
static void
put_back (MezzotintFileSaver *saver, Change *change)
{
  if (find_change (saver, change) != NULL)
    free_change (change);
  else
    g_queue_push_head (&saver->changes, change);
}

static gpointer
thread_main (gpointer data)
{
  MezzotintFileSaver *saver = data;
  gboolean had_problem = FALSE, is_last = FALSE;
  gint64 not_before_us = 0;
  Change *change;

  g_mutex_lock (&saver->mutex);
  while (!(is_last && had_problem) && (change = take_change (saver, not_before_us)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      is_last = saver->quits;
      g_mutex_unlock (&saver->mutex);
      make (change, &error);
      if (error != NULL || had_problem)
        report_result (saver, error);
      had_problem = error != NULL;
      not_before_us = had_problem ? g_get_monotonic_time () + RETRY_US : 0;
      g_mutex_lock (&saver->mutex);
      if (had_problem)
        put_back (saver, change);
      else
        free_change (change);
    }
  g_mutex_unlock (&saver->mutex);
  return NULL;
}

/* ---- The main thread's side ---- */

MezzotintFileSaver *
mezzotint_file_saver_new (MezzotintFileSaverFunc func, gpointer user)
{
  MezzotintFileSaver *saver = g_new0 (MezzotintFileSaver, 1);

  saver->listener = g_new0 (Listener, 1);
  g_atomic_ref_count_init (&saver->listener->ref_count);
  saver->listener->func = func;
  saver->listener->user = user;
  g_mutex_init (&saver->mutex);
  g_cond_init (&saver->wake);
  g_queue_init (&saver->changes);
  return saver;
}

void
mezzotint_file_saver_free (MezzotintFileSaver *saver)
{
  Change *change;

  saver->listener->func = NULL;
  g_mutex_lock (&saver->mutex);
  saver->quits = TRUE;
  g_cond_signal (&saver->wake);
  g_mutex_unlock (&saver->mutex);
  if (saver->thread != NULL)
    g_thread_join (saver->thread);
  while ((change = g_queue_pop_head (&saver->changes)) != NULL)
    free_change (change); /* the disk refused to the last */
  unref_listener (saver->listener);
  g_mutex_clear (&saver->mutex);
  g_cond_clear (&saver->wake);
  g_free (saver);
}

/* Takes `change` over; it replaces an older one of the same file. */
static void
put (MezzotintFileSaver *saver, Change *change)
{
  GList *link;

  g_mutex_lock (&saver->mutex);
  link = find_change (saver, change);
  if (link != NULL)
    {
      free_change (link->data);
      g_queue_delete_link (&saver->changes, link);
    }
  g_queue_push_tail (&saver->changes, change);
  saver->is_new = TRUE;
  if (saver->thread == NULL)
    saver->thread = g_thread_new ("file-saver", thread_main, saver);
  g_cond_signal (&saver->wake);
  g_mutex_unlock (&saver->mutex);
}

void
mezzotint_file_saver_put (MezzotintFileSaver *saver,
                          const char *path,
                          gpointer data,
                          GBytes *(*to_bytes) (gpointer data),
                          GDestroyNotify free_data)
{
  Change *change = g_new0 (Change, 1);

  *change = (Change){ g_strdup (path), data, to_bytes, free_data };
  put (saver, change);
}

static GBytes *
text_to_bytes (gpointer text)
{
  return g_bytes_new (text, strlen (text));
}

void
mezzotint_file_saver_put_text (MezzotintFileSaver *saver, const char *path, char *text)
{
  mezzotint_file_saver_put (saver, path, text, text_to_bytes, g_free);
}

void
mezzotint_file_saver_remove (MezzotintFileSaver *saver, const char *path)
{
  mezzotint_file_saver_put (saver, path, NULL, NULL, NULL);
}
