/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding the PNG files below a folder, a folder at a time. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* More than these are passed over, and a problem says so. */
#define MEZZOTINT_GALLERY_SCAN_MAX_FILES 1000000
#define MEZZOTINT_GALLERY_SCAN_MAX_FOLDERS 10000
#define MEZZOTINT_GALLERY_SCAN_MAX_DEPTH 32

typedef struct
{
  char *root;
  GPtrArray *folders; /* char *, below the root, "" for itself; those up to n_done were read */
  guint n_done;
  GPtrArray *files; /* char *, below the root; hidden ones are left out */
  GHashTable *seen; /* device and inode of each folder: links may lead in circles */
  char *problem;    /* the first thing that could not be read, a sentence; NULL */
} MezzotintGalleryScan;

MezzotintGalleryScan *mezzotint_gallery_scan_new (const char *root);
void mezzotint_gallery_scan_free (MezzotintGalleryScan *self);
/* Reads the next folder; FALSE when there was none left. A root that is not there is an empty one. */
gboolean mezzotint_gallery_scan_step (MezzotintGalleryScan *self);

/* Is this the name of a picture, by its looks? */
gboolean mezzotint_gallery_scan_is_picture (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintGalleryScan, mezzotint_gallery_scan_free)

G_END_DECLS
