/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Watching folders of pictures. Events come on the thread-default context of its maker, gathered for a moment
 * so that a file in writing is not read at every piece. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Beyond as many, changes are seen at the next start only: the system has a limit for all programs. */
#define MEZZOTINT_WATCH_MAX_FOLDERS 1024

typedef struct _MezzotintGalleryWatch MezzotintGalleryWatch;

typedef struct
{
  /* A file or folder has another path now; told at once, before what follows. */
  void (*moved) (gpointer user, const char *from, const char *to);
  /* Files (absolute paths) that came, changed or went. */
  void (*files) (gpointer user, GPtrArray *paths);
  /* Folders came or went: everything should be looked at again. */
  void (*folders) (gpointer user);
} MezzotintGalleryWatchFuncs;

MezzotintGalleryWatch *mezzotint_gallery_watch_new (const MezzotintGalleryWatchFuncs *funcs, gpointer user);
void mezzotint_gallery_watch_free (MezzotintGalleryWatch *self);
/* Watches a folder too; nothing happens when it is watched already. */
void mezzotint_gallery_watch_add (MezzotintGalleryWatch *self, const char *folder);

G_END_DECLS
