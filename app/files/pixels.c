/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures shared by counting. */
#include "app/files/pixels.h"

struct _MezzotintPixels
{
  gatomicrefcount ref_count;
  const MzPicture *picture; /* lives as long as `bytes` */
  GBytes *bytes;            /* may outlive the pixels: a texture keeps it */
};

G_DEFINE_BOXED_TYPE (MezzotintPixels, mezzotint_pixels, mezzotint_pixels_ref, mezzotint_pixels_unref)

static void
free_picture_cb (gpointer picture)
{
  mz_picture_free (picture);
}

MezzotintPixels *
mezzotint_pixels_new (MzPicture *picture)
{
  MezzotintPixels *self = g_new0 (MezzotintPixels, 1);
  gsize n_bytes = (gsize) picture->width * (gsize) picture->height * 3;

  g_atomic_ref_count_init (&self->ref_count);
  self->picture = picture;
  self->bytes = g_bytes_new_with_free_func (picture->rgb, n_bytes, free_picture_cb, picture);
  return self;
}

MezzotintPixels *
mezzotint_pixels_ref (MezzotintPixels *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
mezzotint_pixels_unref (MezzotintPixels *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_bytes_unref (self->bytes);
  g_free (self);
}

int
mezzotint_pixels_get_width (MezzotintPixels *self)
{
  return self->picture->width;
}

int
mezzotint_pixels_get_height (MezzotintPixels *self)
{
  return self->picture->height;
}

GBytes *
mezzotint_pixels_get_bytes (MezzotintPixels *self)
{
  return self->bytes;
}

const MzPicture *
mezzotint_pixels_get_picture (MezzotintPixels *self)
{
  return self->picture;
}
