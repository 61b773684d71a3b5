/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A folder of small pictures, and a gallery of it. */
#pragma once

#include "app/library/gallery.h"

typedef struct
{
  char *root;     /* holds the rest, and is gone at the end */
  char *pictures; /* the gallery's folder */
  char *index, *data;
  MezzotintGallery *gallery; /* NULL until opened */
  GPtrArray *mirror;         /* paths, kept by what items-changed says */
} GalleryFixture;

/* Like g_test_run(), in a home, cache and data folder that are made for it and are gone afterwards; to be
 * prepared before anything asks for those. (GLib's own isolation leaks.) */
void gallery_fixture_isolate (void);
int gallery_fixture_run (void);

void gallery_fixture_set_up (GalleryFixture *fixture, gconstpointer data);
void gallery_fixture_tear_down (GalleryFixture *fixture, gconstpointer data);

/* A name in the folder of pictures; free with g_free. */
char *gallery_fixture_path (GalleryFixture *fixture, const char *name);
/* Writes a picture of 8x4 px with `text` as parameters (NULL: none), `age` seconds before a fixed day. */
void gallery_fixture_write (GalleryFixture *fixture, const char *name, const char *text, int age);
void
gallery_fixture_write_bytes (GalleryFixture *fixture, const char *name, const void *bytes, gsize n, int age);

/* Opens the gallery and waits until it has read everything. */
void gallery_fixture_open (GalleryFixture *fixture);
void gallery_fixture_close (GalleryFixture *fixture);
/* Runs the main loop until the names shown are these, parted by spaces; fails after a while. */
void gallery_fixture_wait_for (GalleryFixture *fixture, const char *names);
/* Until `is_so` says yes. */
void gallery_fixture_wait (gboolean (*is_so) (gpointer data), gpointer data);
/* The names shown; free with g_free. */
char *gallery_fixture_names (GalleryFixture *fixture);
/* Removes a file, or a folder with all in it; nothing happens where there is none. */
void gallery_fixture_remove (const char *path);
/* The item at a position; the caller owns the reference. */
MezzotintGalleryItem *gallery_fixture_item (GalleryFixture *fixture, guint position);
