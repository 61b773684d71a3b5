/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery's window on its index: items are made when asked for, a block at a time, and those asked for
 * last are kept. One that somebody still holds is never made twice. */
#include <glib/gi18n.h>

#include "app/library/gallery-private.h"

/* Rows read at once: a grid asks for neighbours next. */
#define BLOCK 32
/* Until items are asked for again whose rows could not be read, the index being written. */
#define RETRY_MS 200
/* More than a large window shows, so that scrolling back a little reads nothing. */
#define MAX_RECENT 384

static void
item_gone_cb (gpointer items, GObject *item)
{
  gint64 id = mezzotint_gallery_item_get_id ((MezzotintGalleryItem *) item);

  g_hash_table_remove (items, &id);
}

static void forget (MezzotintGallery *self, MezzotintGalleryItem *item);

/* Those without a path are asked for again. */
static gboolean
retry_cb (gpointer data)
{
  MezzotintGallery *self = data;

  self->retry_source = 0;
  for (guint i = 0; i < self->ids->len; i++)
    {
      MezzotintGalleryItem *item = g_hash_table_lookup (self->items, &g_array_index (self->ids, gint64, i));

      if (item == NULL || *mezzotint_gallery_item_get_path (item) != '\0')
        continue;
      forget (self, item);
      g_list_model_items_changed (G_LIST_MODEL (self), i, 1, 1);
    }
  return G_SOURCE_REMOVE;
}

/* While a retry is due nothing is read, so that a busy index holds up the drawing once and not for each item.
 */
static gboolean
read_row (MezzotintGallery *self, gint64 id, MezzotintIndexRow *row)
{
  if (self->reader == NULL || self->retry_source != 0)
    return FALSE;
  if (mezzotint_index_get (self->reader, id, row))
    return TRUE;
  if (mezzotint_index_is_busy (self->reader))
    self->retry_source = g_timeout_add (RETRY_MS, retry_cb, self);
  return FALSE;
}

/* Makes the item and puts it among the recent ones. */
static MezzotintGalleryItem *
make_item (MezzotintGallery *self, gint64 id)
{
  g_auto (MezzotintIndexRow) row = { 0 };
  MezzotintGalleryItem *item;

  if (!read_row (self, id, &row))
    { /* to be asked for again; or it went a moment ago, and its removal from the list is under way */
      row.id = id;
      row.path = g_strdup ("");
      row.problem = g_strdup (self->retry_source != 0 ? _ ("The picture is about to be read.")
                                                      : _ ("The picture is no longer there."));
    }
  item = mezzotint_gallery_item_new (self, self->folder, &row);
  g_hash_table_insert (self->items, g_memdup2 (&id, sizeof id), item);
  g_object_weak_ref (G_OBJECT (item), item_gone_cb, self->items);
  g_queue_push_head (&self->recent, item);
  return item;
}

static void
make_block (MezzotintGallery *self, guint position)
{
  guint start = position - position % BLOCK, end = MIN (start + BLOCK, self->ids->len);

  for (guint i = start; i < end; i++)
    {
      gint64 id = g_array_index (self->ids, gint64, i);

      if (!g_hash_table_contains (self->items, &id))
        make_item (self, id);
    }
}

MezzotintGalleryItem *
mezzotint_gallery_make_item (MezzotintGallery *self, guint position)
{
  gint64 id = g_array_index (self->ids, gint64, position);
  MezzotintGalleryItem *item = g_hash_table_lookup (self->items, &id);

  if (item == NULL)
    {
      make_block (self, position);
      item = g_hash_table_lookup (self->items, &id);
    }
  g_object_ref (item);
  while (self->recent.length > MAX_RECENT)
    g_object_unref (g_queue_pop_tail (&self->recent));
  return item;
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
