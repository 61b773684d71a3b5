/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The textures of pictures seen last, up to a number of bytes: scrolling back decodes nothing. Kept for an
 * item as long as it is the same one (a picture whose file changes gets another). Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _MezzotintTextureCache MezzotintTextureCache;

MezzotintTextureCache *mezzotint_texture_cache_new (gsize max_bytes);
/* NULL when it is not there; owned by the cache, until its next call. */
GdkTexture *mezzotint_texture_cache_get (MezzotintTextureCache *self, gpointer item);
void mezzotint_texture_cache_put (MezzotintTextureCache *self, gpointer item, GdkTexture *texture);
gsize mezzotint_texture_cache_get_bytes (MezzotintTextureCache *self);
void mezzotint_texture_cache_free (MezzotintTextureCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintTextureCache, mezzotint_texture_cache_free)

G_END_DECLS
