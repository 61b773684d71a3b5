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

#include "app/files/file-saver.h"

#define TEXT_FILE "queue.json"
#define LOCK_FILE "lock"
#define SNAPSHOT_SUFFIX ".snapshot"
/* Nobody's queue is longer; a larger file is damaged. */
#define MAX_TEXT_BYTES (256 << 20)

struct _MezzotintQueueStore
{
  char *folder; /* NULL: nothing is kept */
  int lock_fd;  /* -1: none */
  MezzotintFileSaver *saver;
};

/* ---- Opening ---- */

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
                            MezzotintFileSaverFunc func,
                            gpointer user,
                            char **text,
                            char **problem)
{
  MezzotintQueueStore *store = g_new0 (MezzotintQueueStore, 1);

  *text = *problem = NULL;
  store->lock_fd = -1;
  store->saver = mezzotint_file_saver_new (func, user);
  store->folder = g_strdup (folder);
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

void
mezzotint_queue_store_free (MezzotintQueueStore *store)
{
  mezzotint_file_saver_free (store->saver);
  mezzotint_queue_store_leave_alone (store);
  g_free (store);
}

/* ---- What there is to write and to read ---- */

void
mezzotint_queue_store_save (MezzotintQueueStore *store, char *text)
{
  g_autofree char *path = NULL;

  if (store->folder == NULL)
    {
      g_free (text);
      return;
    }
  path = path_of (store, TEXT_FILE, "");
  mezzotint_file_saver_put_text (store->saver, path, text);
}

static GBytes *
to_bytes_cb (gpointer snapshot)
{
  return mz_snapshot_to_bytes (snapshot);
}

static void
unref_snapshot_cb (gpointer snapshot)
{
  mz_snapshot_unref (snapshot);
}

void
mezzotint_queue_store_put (MezzotintQueueStore *store, const char *name, MzSnapshot *snapshot)
{
  g_autofree char *path = NULL;

  if (store->folder == NULL)
    return;
  path = path_of (store, name, SNAPSHOT_SUFFIX);
  if (snapshot != NULL)
    mezzotint_file_saver_put (store->saver, path, mz_snapshot_ref (snapshot), to_bytes_cb, unref_snapshot_cb);
  else
    mezzotint_file_saver_remove (store->saver, path);
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
