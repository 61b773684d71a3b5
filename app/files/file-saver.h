/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Small files that change often, written on a thread of their own, so that nobody waits for the disk. Each is
 * replaced in one step; of several changes to one in a row only the last is written. What is put first is
 * written first; while the disk refuses that, nothing behind it is written, and it is tried again with the
 * next change, after a few seconds, and at the end. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MezzotintFileSaver MezzotintFileSaver;

/* Called on the main thread when writing fails, with a sentence, and with NULL when it works again. */
typedef void (*MezzotintFileSaverFunc) (gpointer user, const char *problem);

/* `func` may be NULL. All functions are for the main thread. The caller owns the result. */
MezzotintFileSaver *mezzotint_file_saver_new (MezzotintFileSaverFunc func, gpointer user);
/* Writes what is still to be written. */
void mezzotint_file_saver_free (MezzotintFileSaver *saver);

/* `data` is taken over: to_bytes (data) is called on the thread and gives what to write, free_data (data) on
 * any thread. */
void mezzotint_file_saver_put (MezzotintFileSaver *saver,
                               const char *path,
                               gpointer data,
                               GBytes *(*to_bytes) (gpointer data),
                               GDestroyNotify free_data);
/* Takes `text` over. */
void mezzotint_file_saver_put_text (MezzotintFileSaver *saver, const char *path, char *text);
void mezzotint_file_saver_remove (MezzotintFileSaver *saver, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintFileSaver, mezzotint_file_saver_free)

G_END_DECLS
