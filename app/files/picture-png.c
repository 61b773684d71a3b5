/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Decoding PNG pictures through libpng. */
#include <errno.h>
#include <glib/gi18n.h>
#include <png.h>
#include <setjmp.h>

#include "app/files/picture-private.h"

typedef struct
{
  MezzotintPictureSource *source;
  char message[128]; /* libpng's own words */
  MzPicture *picture;
  guint8 *rgba;  /* rows of a picture with transparency: all of them when interlaced, else one */
  GError *error; /* ours: too large, no memory, cancelled */
} Reader;

static void
error_cb (png_structp png, png_const_charp message)
{
  Reader *reader = png_get_error_ptr (png);

  g_strlcpy (reader->message, message, sizeof reader->message);
  png_longjmp (png, 1);
}

static void
warning_cb (png_structp png, png_const_charp message)
{
  g_debug ("libpng: %s", message);
}

/* Texts, profiles and the like can be large when inflated, and say nothing here. */
static void
skip_ancillary_chunks (png_structp png)
{
  static const png_byte names[] = "iCCP\0iTXt\0tEXt\0zTXt\0eXIf\0sPLT\0hIST\0pCAL\0sCAL\0";

  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_NEVER, names, (sizeof names - 1) / 5);
}

/* Asks for 8 bits a channel, red, green and blue, and alpha where there is any. */
static void
set_transformations (png_structp png)
{
  png_set_scale_16 (png);
  png_set_expand (png);
  png_set_gray_to_rgb (png);
}

/* n pixels on white. */
static void
lay_on_white (const guint8 *rgba, gsize n, guint8 *rgb)
{
  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < 3; c++)
      {
        guint alpha = rgba[4 * i + 3];

        rgb[3 * i + c] = (guint8) ((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
      }
}

static gboolean
take_memory (Reader *reader, guint32 width, guint32 height, gboolean has_alpha, gboolean interlaced)
{
  reader->picture = mezzotint_picture_source_take (reader->source, width, height, &reader->error);
  if (reader->picture == NULL || !has_alpha)
    return reader->picture != NULL;
  reader->rgba = g_try_malloc_n ((gsize) width * (interlaced ? height : 1), 4);
  if (reader->rgba == NULL)
    g_set_error (&reader->error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory for “%s”."),
                 reader->source->shown);
  return reader->rgba != NULL;
}

static gboolean
read_rows (png_structp png, Reader *reader, int n_passes)
{
  MzPicture *picture = reader->picture;
  gsize width = (gsize) picture->width;

  for (int pass = 0; pass < n_passes; pass++)
    for (gsize y = 0; y < (gsize) picture->height; y++)
      {
        guint8 *rgb = picture->rgb + 3 * y * width;
        guint8 *rgba = reader->rgba != NULL ? reader->rgba + (n_passes > 1 ? 4 * y * width : 0) : NULL;

        if (mz_cancel_set_error (reader->source->cancel, &reader->error))
          return FALSE;
        png_read_row (png, rgba != NULL ? rgba : rgb, NULL);
        if (rgba != NULL && pass == n_passes - 1)
          lay_on_white (rgba, width, rgb);
      }
  return TRUE;
}

/* Everything between setjmp and the end; no variable here outlives a longjmp. */
static gboolean
read_all (png_structp png, png_infop info, Reader *reader)
{
  int n_passes;

  if (setjmp (png_jmpbuf (png)))
    return FALSE;
  png_init_io (png, reader->source->stream);
  png_set_user_limits (png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours are in pixels */
  skip_ancillary_chunks (png);
  png_read_info (png, info);
  set_transformations (png);
  n_passes = png_set_interlace_handling (png);
  png_read_update_info (png, info);
  if (!take_memory (reader, png_get_image_width (png, info), png_get_image_height (png, info),
                    (png_get_color_type (png, info) & PNG_COLOR_MASK_ALPHA) != 0, n_passes > 1))
    return FALSE;
  if (!read_rows (png, reader, n_passes))
    return FALSE;
  png_read_end (png, NULL);
  return TRUE;
}

MzPicture *
mezzotint_picture_read_png (MezzotintPictureSource *source, GError **error)
{
  Reader reader = { .source = source };
  png_structp png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &reader, error_cb, warning_cb);
  png_infop info = png != NULL ? png_create_info_struct (png) : NULL;
  gboolean ok;
  int saved_errno;

  if (info == NULL)
    {
      png_destroy_read_struct (&png, NULL, NULL);
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory for “%s”."),
                   source->shown);
      return NULL;
    }
  ok = read_all (png, info, &reader);
  saved_errno = errno;
  png_destroy_read_struct (&png, &info, NULL);
  g_free (reader.rgba);
  if (ok)
    return reader.picture;
  g_clear_pointer (&reader.picture, mz_picture_free);
  if (reader.error != NULL)
    g_propagate_error (error, reader.error);
  else
    mezzotint_picture_source_fail (source, reader.message, saved_errno, error);
  return NULL;
}
