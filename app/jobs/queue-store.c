/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue on disk. */
#include "app/jobs/queue-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/files/atomic-file.h"
#include "app/files/main-thread.h"

#define TEXT_FILE "queue.json"
#define LOCK_FILE "lock"
#define SNAPSHOT_SUFFIX ".snapshot"
/* Nobody's queue is longer; a larger file is damaged. */
#define MAX_TEXT_BYTES (256 << 20)
/* How long a disk that refused is left in peace. */
#define RETRY_US (5 * G_USEC_PER_SEC)

/* What messages to the main thread hold. */
typedef struct
{
  gatomicrefcount ref_count;
  MezzotintQueueStoreFunc func; /* main thread; NULL: closed */
  gpointer user;
} Listener;

struct _MezzotintQueueStore
{
  char *folder; /* NULL: nothing is kept */
  int lock_fd;  /* -1: none */
  Listener *listener;
  GThread *worker; /* NULL: nothing was written yet */

  GMutex mutex; /* of the rest */
  GCond wake;
  gboolean quits;
  char *text;            /* to be written; NULL */
  GHashTable *snapshots; /* name to MzSnapshot to be written; NULL to be removed */
};

/* ---- Opening ---- */

static Listener *
new_listener (MezzotintQueueStoreFunc func, gpointer user)
{
  Listener *listener = g_new0 (Listener, 1);

  g_atomic_ref_count_init (&listener->ref_count);
  listener->func = func;
  listener->user = user;
  return listener;
}

static void
unref_listener (Listener *listener)
{
  if (g_atomic_ref_count_dec (&listener->ref_count))
    g_free (listener);
}

static void
unref_snapshot_cb (gpointer snapshot)
{
  if (snapshot != NULL)
    mz_snapshot_unref (snapshot);
}

static char *
path_of (MezzotintQueueStore *store, const char *name, const char *suffix)
{
  g_autofree char *full = g_strconcat (name, suffix, NULL);

  return g_build_filename (store->folder, full, NULL);
}

/* Another instance of the program has it while it runs; the system lets go of it also when one is killed. */
static gboolean
lock (MezzotintQueueStore *store, char **problem)
{
  g_autofree char *path = path_of (store, LOCK_FILE, "");

  store->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (store->lock_fd < 0)
    *problem = g_strdup_printf (_ ("The queue is forgotten when the program ends: its folder cannot be "
                                   "written (%s)."),
                                g_strerror (errno));
  else if (flock (store->lock_fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    *problem = g_strdup (_ ("The queue is forgotten when this window is closed, since another one keeps its "
                            "own already."));
  return *problem == NULL;
}

static char *
read_text (MezzotintQueueStore *store)
{
  g_autofree char *path = path_of (store, TEXT_FILE, "");
  GStatBuf info;
  char *text = NULL;

  if (g_stat (path, &info) != 0)
    return NULL;
  if (info.st_size <= MAX_TEXT_BYTES && S_ISREG (info.st_mode))
    g_file_get_contents (path, &text, NULL, NULL);
  return text != NULL ? text : g_strdup (""); /* which is damaged */
}

MezzotintQueueStore *
mezzotint_queue_store_open (const char *folder,
                            MezzotintQueueStoreFunc func,
                            gpointer user,
                            char **text,
                            char **problem)
{
  MezzotintQueueStore *store = g_new0 (MezzotintQueueStore, 1);

  *text = *problem = NULL;
  store->lock_fd = -1;
  store->listener = new_listener (func, user);
  store->folder = g_strdup (folder);
  store->snapshots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_snapshot_cb);
  g_mutex_init (&store->mutex);
  g_cond_init (&store->wake);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    *problem = g_strdup_printf (
        _ ("The queue is forgotten when the program ends: its folder cannot be made (%s)."),
        g_strerror (errno));
  if (*problem != NULL || !lock (store, problem))
    mezzotint_queue_store_leave_alone (store);
  else
    *text = read_text (store);
  return store;
}

void
mezzotint_queue_store_leave_alone (MezzotintQueueStore *store)
{
  g_clear_pointer (&store->folder, g_free);
  if (store->lock_fd >= 0)
    close (store->lock_fd);
  store->lock_fd = -1;
}

/* A name for the text that nothing has; NULL: there are too many already. */
static char *
find_aside (MezzotintQueueStore *store)
{
  for (int i = 1; i < 1000; i++)
    {
      g_autofree char *suffix = g_strdup_printf (".damaged-%d", i);
      g_autofree char *aside = path_of (store, TEXT_FILE, suffix);

      if (!g_file_test (aside, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&aside);
    }
  return NULL;
}

char *
mezzotint_queue_store_set_aside (MezzotintQueueStore *store)
{
  g_autofree char *path = path_of (store, TEXT_FILE, ""), *aside = find_aside (store);
  g_autofree char *shown = aside != NULL ? g_filename_display_name (aside) : NULL;

  if (aside != NULL && g_rename (path, aside) == 0)
    return g_strdup_printf (_ ("The queue of the last time could not be read; its file was kept as “%s”."),
                            shown);
  mezzotint_queue_store_leave_alone (store);
  return g_strdup (_ ("The queue of the last time could not be read, and is left as it is."));
}

char *
mezzotint_queue_store_copy_aside (MezzotintQueueStore *store, const char *text)
{
  g_autofree char *aside = find_aside (store);
  g_autofree char *shown = aside != NULL ? g_filename_display_name (aside) : NULL;

  if (aside != NULL && g_file_set_contents_full (aside, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL))
    return g_strdup_printf (_ ("Some of the queue of the last time could not be read; its file was kept as "
                               "“%s”."),
                            shown);
  return g_strdup (_ ("Some of the queue of the last time could not be read."));
}

/* ---- The worker ---- */

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
report_result (MezzotintQueueStore *store, const GError *error)
{
  Report *report = g_new0 (Report, 1);

  g_atomic_ref_count_inc (&store->listener->ref_count);
  report->listener = store->listener;
  if (error != NULL)
    report->problem = g_strdup_printf (_ ("The queue cannot be kept: %s"), error->message);
  mezzotint_call_on_main (report_cb, report, free_report_cb);
}

static gboolean
write_file (const char *path, const void *data, gsize n_bytes, GError **error)
{
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, error);

  if (file == NULL)
    return FALSE;
  fwrite (data, 1, n_bytes, mezzotint_atomic_file_get_stream (file));
  return mezzotint_atomic_file_commit (file, TRUE, error);
}

/* In the order that leaves no text without its snapshots, whenever the power goes. */
static gboolean
write_all (MezzotintQueueStore *store, const char *text, GHashTable *snapshots, GError **error)
{
  GHashTableIter iter;
  gpointer name, snapshot;
  gboolean ok = TRUE;

  g_hash_table_iter_init (&iter, snapshots);
  while (ok && g_hash_table_iter_next (&iter, &name, &snapshot))
    if (snapshot != NULL)
      {
        g_autofree char *path = path_of (store, name, SNAPSHOT_SUFFIX);
        g_autoptr (GBytes) bytes = mz_snapshot_to_bytes (snapshot);
        gsize n_bytes;
        gconstpointer data = g_bytes_get_data (bytes, &n_bytes);

        ok = write_file (path, data, n_bytes, error);
      }
  if (ok && text != NULL)
    {
      g_autofree char *path = path_of (store, TEXT_FILE, "");

      ok = write_file (path, text, strlen (text), error);
    }
  g_hash_table_iter_init (&iter, snapshots);
  while (ok && g_hash_table_iter_next (&iter, &name, &snapshot))
    if (snapshot == NULL)
      {
        g_autofree char *path = path_of (store, name, SNAPSHOT_SUFFIX);

        g_unlink (path);
      }
  return ok;
}

static GHashTable *
new_snapshots (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_snapshot_cb);
}

/* Under the mutex: what could not be written is to be written still, where nothing newer is. */
static void
put_back (MezzotintQueueStore *store, char **text, GHashTable *snapshots)
{
  GHashTableIter iter;
  gpointer name, snapshot;

  if (store->text == NULL)
    store->text = g_steal_pointer (text);
  g_hash_table_iter_init (&iter, snapshots);
  while (g_hash_table_iter_next (&iter, &name, &snapshot))
    if (!g_hash_table_contains (store->snapshots, name))
      {
        g_hash_table_iter_steal (&iter);
        g_hash_table_insert (store->snapshots, name, snapshot);
      }
}

/* Under the mutex: until there is something to write, not before `not_before_us`, or the end has come. FALSE:
 * nothing is left. */
static gboolean
wait_for_work (MezzotintQueueStore *store, gint64 not_before_us)
{
  gboolean has_work;

  while (has_work = store->text != NULL || g_hash_table_size (store->snapshots) > 0,
         !store->quits && (!has_work || g_get_monotonic_time () < not_before_us))
    if (has_work)
      g_cond_wait_until (&store->wake, &store->mutex, not_before_us);
    else
      g_cond_wait (&store->wake, &store->mutex);
  return has_work;
}

static gpointer
worker_main (gpointer data)
{
  MezzotintQueueStore *store = data;
  gboolean had_problem = FALSE, is_last = FALSE;
  gint64 not_before_us = 0;

  g_mutex_lock (&store->mutex);
  while (!is_last && wait_for_work (store, not_before_us))
    {
      g_autoptr (GHashTable) snapshots = NULL;
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      is_last = store->quits;
      text = g_steal_pointer (&store->text);
      snapshots = store->snapshots;
      store->snapshots = new_snapshots ();
      g_mutex_unlock (&store->mutex);
      write_all (store, text, snapshots, &error);
      if (error != NULL || had_problem)
        report_result (store, error);
      had_problem = error != NULL;
      g_mutex_lock (&store->mutex);
      if (had_problem)
        {
          put_back (store, &text, snapshots);
          not_before_us = g_get_monotonic_time () + RETRY_US;
        }
    }
  g_mutex_unlock (&store->mutex);
  return NULL;
}

/* Under the mutex. */
static void
wake (MezzotintQueueStore *store)
{
  if (store->worker == NULL)
    store->worker = g_thread_new ("queue-store", worker_main, store);
  g_cond_signal (&store->wake);
}

void
mezzotint_queue_store_free (MezzotintQueueStore *store)
{
  store->listener->func = NULL;
  g_mutex_lock (&store->mutex);
  store->quits = TRUE;
  g_cond_signal (&store->wake);
  g_mutex_unlock (&store->mutex);
  if (store->worker != NULL)
    g_thread_join (store->worker);
  mezzotint_queue_store_leave_alone (store);
  unref_listener (store->listener);
  g_hash_table_unref (store->snapshots);
  g_mutex_clear (&store->mutex);
  g_cond_clear (&store->wake);
  g_free (store->text);
  g_free (store);
}

/* ---- What there is to write and to read ---- */

void
mezzotint_queue_store_save (MezzotintQueueStore *store, char *text)
{
  if (store->folder == NULL)
    {
      g_free (text);
      return;
    }
  g_mutex_lock (&store->mutex);
  g_free (store->text);
  store->text = text;
  wake (store);
  g_mutex_unlock (&store->mutex);
}

void
mezzotint_queue_store_put (MezzotintQueueStore *store, const char *name, MzSnapshot *snapshot)
{
  if (store->folder == NULL)
    return;
  g_mutex_lock (&store->mutex);
  g_hash_table_replace (store->snapshots, g_strdup (name),
                        snapshot != NULL ? mz_snapshot_ref (snapshot) : NULL);
  wake (store);
  g_mutex_unlock (&store->mutex);
}

MzSnapshot *
mezzotint_queue_store_get (MezzotintQueueStore *store, const char *name, GError **error)
{
  g_autofree char *path = NULL, *data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) io_error = NULL;
  gsize n_bytes;

  path = path_of (store, name, SNAPSHOT_SUFFIX);
  if (!g_file_get_contents (path, &data, &n_bytes, &io_error))
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_IO, io_error->message);
      return NULL;
    }
  bytes = g_bytes_new_take (g_steal_pointer (&data), n_bytes);
  return mz_snapshot_new_from_bytes (bytes, error);
}

GStrv
mezzotint_queue_store_list (MezzotintQueueStore *store)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GDir) dir = store->folder != NULL ? g_dir_open (store->folder, 0, NULL) : NULL;
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, SNAPSHOT_SUFFIX))
      {
        g_autofree char *name = g_strndup (file, strlen (file) - strlen (SNAPSHOT_SUFFIX));

        g_strv_builder_add (names, name);
      }
  return g_strv_builder_end (names);
}
