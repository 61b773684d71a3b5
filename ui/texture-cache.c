/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Least recently used textures go first. */
#include "ui/texture-cache.h"

struct _MezzotintTextureCache
{
  gsize n_bytes, max_bytes;
  GQueue entries;    /* of Entry, newest first */
  GHashTable *links; /* item -> its link in `entries` */
};

typedef struct
{
  GObject *item; /* a reference: its address means nothing without */
  GdkTexture *texture;
  gsize n_bytes;
} Entry;

MezzotintTextureCache *
mezzotint_texture_cache_new (gsize max_bytes)
{
  MezzotintTextureCache *self = g_new0 (MezzotintTextureCache, 1);

  self->max_bytes = max_bytes;
  g_queue_init (&self->entries);
  self->links = g_hash_table_new (NULL, NULL);
  return self;
}

static void
drop (MezzotintTextureCache *self, GList *link)
{
  Entry *entry = link->data;

  g_hash_table_remove (self->links, entry->item);
  g_queue_delete_link (&self->entries, link);
  self->n_bytes -= entry->n_bytes;
  g_object_unref (entry->item);
  g_object_unref (entry->texture);
  g_free (entry);
}

GdkTexture *
mezzotint_texture_cache_get (MezzotintTextureCache *self, gpointer item)
{
  GList *link = g_hash_table_lookup (self->links, item);

  if (link == NULL)
    return NULL;
  g_queue_unlink (&self->entries, link);
  g_queue_push_head_link (&self->entries, link);
  return ((Entry *) link->data)->texture;
}

void
mezzotint_texture_cache_put (MezzotintTextureCache *self, gpointer item, GdkTexture *texture)
{
  GList *link = g_hash_table_lookup (self->links, item);
  Entry *entry = g_new0 (Entry, 1);

  entry->item = g_object_ref (item);
  entry->texture = g_object_ref (texture);
  entry->n_bytes = (gsize) gdk_texture_get_width (texture) * (gsize) gdk_texture_get_height (texture) * 4;
  if (link != NULL)
    drop (self, link);
  g_queue_push_head (&self->entries, entry);
  g_hash_table_insert (self->links, item, self->entries.head);
  self->n_bytes += entry->n_bytes;
  while (self->n_bytes > self->max_bytes && self->entries.length > 0)
    drop (self, self->entries.tail);
}

gsize
mezzotint_texture_cache_get_bytes (MezzotintTextureCache *self)
{
  return self->n_bytes;
}

void
mezzotint_texture_cache_free (MezzotintTextureCache *self)
{
  while (self->entries.length > 0)
    drop (self, self->entries.tail);
  g_hash_table_unref (self->links);
  g_free (self);
}
