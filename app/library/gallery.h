/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures there are. PNG files in the output folder are the truth; an SQLite index beside them makes
 * search and sorting fast, and is made again when it is missing, damaged or of another version.
 *
 * A GListModel of MezzotintGalleryItem, those that match the filters in the order asked for; items are made
 * when asked for, so that 50,000 pictures take the memory of those in view. Index and files are read on a
 * thread of its own. Main thread.
 *
 * Properties (rw): search (string: words in prompt, negative prompt, model and LoRA names), model, sampler
 * (strings, NULL: any), favourites-only (bool), after, before (gint64, Unix seconds; 0: any), sort
 * (MezzotintGallerySort). Properties (r): is-loading (bool), n-total (guint: without filters), progress
 * (double, of the indexing, 0..1), problem (string, a sentence: a folder that cannot be read and the like;
 * NULL), folder (string, its path), models, samplers (GStrv: values that occur, for the filters, most
 * frequent first).
 *
 * Changes of filters show a moment later, when the index has answered; n-items, items-changed and the
 * properties follow. */
#pragma once

#include <gio/gio.h>

#include "app/files/pixels.h"
#include "app/settings.h"

G_BEGIN_DECLS

typedef enum
{
  MEZZOTINT_SORT_NEWEST,
  MEZZOTINT_SORT_OLDEST,
  MEZZOTINT_SORT_NAME,
} MezzotintGallerySort;

#define MEZZOTINT_TYPE_GALLERY_SORT (mezzotint_gallery_sort_get_type ())
GType mezzotint_gallery_sort_get_type (void) G_GNUC_CONST;

/* Properties (r): path, prompt, negative-prompt, model, sampler, seed, parameters (the text of that name),
 * problem (what is wrong with the file, a sentence) (strings, NULL where nothing is known), width, height
 * (int, px; 0: unknown), created (gint64, Unix seconds: the file's time), is-read (bool); (rw): is-favourite.
 *
 * An item is read from the index when it is first asked for anything, which takes a moment of the main
 * thread; mezzotint_gallery_read_soon() does it beforehand.
 *
 * Very long texts are cut at 64 kB; read the file (app/files/import.h) for all of it. A picture whose file
 * changes gets another item. */
#define MEZZOTINT_TYPE_GALLERY_ITEM (mezzotint_gallery_item_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintGalleryItem, mezzotint_gallery_item, MEZZOTINT, GALLERY_ITEM, GObject)
gint64 mezzotint_gallery_item_get_id (MezzotintGalleryItem *self);
gboolean mezzotint_gallery_item_is_read (MezzotintGalleryItem *self);
const char *mezzotint_gallery_item_get_path (MezzotintGalleryItem *self);
const char *mezzotint_gallery_item_get_prompt (MezzotintGalleryItem *self);
const char *mezzotint_gallery_item_get_parameters (MezzotintGalleryItem *self);
const char *mezzotint_gallery_item_get_problem (MezzotintGalleryItem *self);
gint64 mezzotint_gallery_item_get_created (MezzotintGalleryItem *self);
gboolean mezzotint_gallery_item_is_favourite (MezzotintGalleryItem *self);

#define MEZZOTINT_TYPE_GALLERY (mezzotint_gallery_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintGallery, mezzotint_gallery, MEZZOTINT, GALLERY, GObject)

/* `index_folder`: where the index is; NULL: the user's cache folder (favourites also stand beside the
 * pictures' folder in the user's data folder, since no picture says them). */
MezzotintGallery *mezzotint_gallery_new (MezzotintSettings *settings, const char *index_folder);
/* The same of a folder that never changes. `data_folder`: where the favourites are; NULL: the user's. */
MezzotintGallery *
mezzotint_gallery_new_for_folder (const char *folder, const char *index_folder, const char *data_folder);
/* A picture just saved, so that it is there at once. */
void mezzotint_gallery_add (MezzotintGallery *self, const char *path);
/* Position of a picture among those shown; FALSE when it is not. */
gboolean mezzotint_gallery_find (MezzotintGallery *self, const char *path, guint *position);
/* Did that say FALSE only since the index is being written? Then ask again in a moment. */
gboolean mezzotint_gallery_is_busy (MezzotintGallery *self);
/* Reads what is not read of `items` (GPtrArray of MezzotintGalleryItem) beside the main thread; each then
 * notifies is-read. Items of an earlier call that were not begun are forgotten: give all that are in sight,
 * the most wanted first, and again when the list has changed. */
void mezzotint_gallery_read_soon (MezzotintGallery *self, GPtrArray *items);
void
mezzotint_gallery_set_favourite (MezzotintGallery *self, MezzotintGalleryItem *item, gboolean is_favourite);
/* As the properties; free with g_strfreev. */
GStrv mezzotint_gallery_list_models (MezzotintGallery *self);
GStrv mezzotint_gallery_list_samplers (MezzotintGallery *self);

/* The item's thumbnail, at most 256 px, from the user's thumbnail cache (freedesktop thumbnail
 * specification), made when missing. Requests made last are answered first; cancel those that scrolled out of
 * sight. */
void mezzotint_gallery_load_thumbnail_async (MezzotintGallery *self,
                                             MezzotintGalleryItem *item,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
MezzotintPixels *
mezzotint_gallery_load_thumbnail_finish (MezzotintGallery *self, GAsyncResult *result, GError **error);
/* The whole picture. */
void mezzotint_gallery_load_picture_async (MezzotintGallery *self,
                                           MezzotintGalleryItem *item,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
MezzotintPixels *
mezzotint_gallery_load_picture_finish (MezzotintGallery *self, GAsyncResult *result, GError **error);

/* Moves pictures to the trash; they leave the list at once. Undo with mezzotint_gallery_untrash_async(),
 * which takes the list that finish gave: GPtrArray of MezzotintTrashed (app/files/trash.h), what went. Where
 * there is no trash, fails and nothing is deleted. When some went and some did not, the list is the shorter,
 * and `problem` says why the first did not, else NULL; to be freed with g_free. */
void mezzotint_gallery_trash_async (MezzotintGallery *self,
                                    GPtrArray *items,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
GPtrArray *
mezzotint_gallery_trash_finish (MezzotintGallery *self, GAsyncResult *result, char **problem, GError **error);
void mezzotint_gallery_untrash_async (MezzotintGallery *self,
                                      GPtrArray *trashed,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean mezzotint_gallery_untrash_finish (MezzotintGallery *self, GAsyncResult *result, GError **error);

G_END_DECLS
