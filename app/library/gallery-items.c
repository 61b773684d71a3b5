/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery's window on its index: items are made when asked for, and their rows are read when they are
 * looked at: beside the main thread for those in sight, at once for whoever asks for one's path. One that
 * somebody still holds is never made twice. */
#include <string.h>

#include "app/library/gallery-private.h"

/* No row is read on the main thread for so long after the index was found busy. */
#define RETRY_MS 200
/* More than a large window shows, so that scrolling back a little reads nothing. */
#define MAX_RECENT 384

static void
item_gone_cb (gpointer items, GObject *item)
{
  gint64 id = mezzotint_gallery_item_get_id ((MezzotintGalleryItem *) item);

  g_hash_table_remove (items, &id);
}

MezzotintGalleryItem *
mezzotint_gallery_make_item (MezzotintGallery *self, guint position)
{
  gint64 id = g_array_index (self->ids, gint64, position);
  MezzotintGalleryItem *item = g_hash_table_lookup (self->items, &id);

  if (item != NULL)
    return g_object_ref (item);
  item = mezzotint_gallery_item_new (self, id);
  g_hash_table_insert (self->items, g_memdup2 (&id, sizeof id), item);
  g_object_weak_ref (G_OBJECT (item), item_gone_cb, self->items);
  g_queue_push_head (&self->recent, g_object_ref (item));
  while (self->recent.length > MAX_RECENT)
    g_object_unref (g_queue_pop_tail (&self->recent));
  return item;
}

void
mezzotint_gallery_read_item (MezzotintGallery *self, MezzotintGalleryItem *item)
{
  gint64 id = mezzotint_gallery_item_get_id (item), now = g_get_monotonic_time ();
  g_auto (MezzotintIndexRow) row = { 0 };

  /* One that was left behind by another index is not to be had from this one. */
  if (self->reader != NULL && g_hash_table_lookup (self->items, &id) == item)
    {
      if (now < self->busy_until_us)
        return;
      if (!mezzotint_index_get (self->reader, id, &row) && mezzotint_index_is_busy (self->reader))
        {
          self->busy_until_us = now + RETRY_MS * 1000;
          return;
        }
    }
  mezzotint_gallery_item_take_row (item, self->folder, &row);
}

void
mezzotint_gallery_read_soon (MezzotintGallery *self, GPtrArray *items)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < items->len; i++)
    {
      gint64 id = mezzotint_gallery_item_get_id (items->pdata[i]);

      if (!mezzotint_gallery_item_is_read (items->pdata[i]))
        g_array_append_val (ids, id);
    }
  if (self->rows != NULL)
    mezzotint_rows_ask (self->rows, ids);
}

void
mezzotint_gallery_take_rows (gpointer user, MezzotintIndexRow *rows, guint n_rows)
{
  g_autoptr (MezzotintGallery) self = g_object_ref (user);

  for (guint i = 0; i < n_rows; i++)
    {
      MezzotintGalleryItem *item = g_hash_table_lookup (self->items, &rows[i].id);

      if (item != NULL && !mezzotint_gallery_item_is_read (item))
        mezzotint_gallery_item_take_row (item, self->folder, &rows[i]);
    }
}

static void
forget (MezzotintGallery *self, MezzotintGalleryItem *item)
{
  gint64 id = mezzotint_gallery_item_get_id (item);

  g_object_weak_unref (G_OBJECT (item), item_gone_cb, self->items);
  g_hash_table_remove (self->items, &id);
  if (g_queue_remove (&self->recent, item))
    g_object_unref (item);
}

void
mezzotint_gallery_forget_items (MezzotintGallery *self, const GArray *ids)
{
  if (ids == NULL)
    {
      g_autoptr (GList) items = g_hash_table_get_values (self->items);

      for (GList *link = items; link != NULL; link = link->next)
        forget (self, link->data);
      return;
    }
  for (guint i = 0; i < ids->len; i++)
    {
      MezzotintGalleryItem *item = g_hash_table_lookup (self->items, &g_array_index (ids, gint64, i));

      if (item != NULL)
        forget (self, item);
    }
}

gint64
mezzotint_gallery_find_id (MezzotintGallery *self, const char *path)
{
  gsize n = strlen (self->folder);
  gint64 mtime_ns, size, id;
  GHashTableIter iter;
  gpointer item;

  self->is_busy = FALSE;
  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    if (mezzotint_gallery_item_is_read (item) && g_str_equal (mezzotint_gallery_item_get_path (item), path))
      return mezzotint_gallery_item_get_id (item);
  if (self->reader == NULL || strncmp (path, self->folder, n) != 0 || path[n] != G_DIR_SEPARATOR)
    return 0;
  id = mezzotint_index_find (self->reader, path + n + 1, &mtime_ns, &size);
  self->is_busy = id == 0 && mezzotint_index_is_busy (self->reader);
  return id;
}
