/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Animated GIF (GIF89a), with colours chosen for each frame. */
#include <glib/gi18n.h>

#include "app/files/animation-private.h"
#include "app/files/palette.h"

/* Players take less for a mistake and wait longer. */
#define MIN_HUNDREDTHS 2

static void
put_16 (FILE *stream, int value)
{
  const guint8 bytes[2] = { (guint8) value, (guint8) (value >> 8) };

  fwrite (bytes, 1, sizeof bytes, stream);
}

/* The smallest power of two with room for n colours, from 2^2, as the code size has it. */
static int
bits_for (int n)
{
  int bits = 2;

  while (1 << bits < n)
    bits++;
  return bits;
}

static void
write_start (const MezzotintAnimation *animation)
{
  FILE *stream = animation->stream;

  fwrite ("GIF89a", 1, 6, stream);
  put_16 (stream, animation->width);
  put_16 (stream, animation->height);
  fwrite ("\x70\0\0", 1, 3, stream); /* 8 bits a channel, no colours for all frames, square pixels */
  if (animation->n_frames > 1 && animation->options->n_loops != 1)
    { /* plays once, and then so many times more */
      fwrite ("\x21\xff\x0bNETSCAPE2.0\x03\x01", 1, 16, stream);
      put_16 (stream, animation->options->n_loops > 0 ? MIN (animation->options->n_loops - 1, 65535) : 0);
      fputc (0, stream);
    }
}

static void
write_frame_head (const MezzotintAnimation *animation, int duration_ms, int bits)
{
  FILE *stream = animation->stream;

  fwrite ("\x21\xf9\x04\x04", 1, 4, stream); /* stays until the next covers it */
  put_16 (stream, MAX ((CLAMP (duration_ms, 0, MEZZOTINT_ANIMATION_MAX_MS) + 5) / 10, MIN_HUNDREDTHS));
  fwrite ("\0\0\x2c\0\0\0\0", 1, 7, stream);
  put_16 (stream, animation->width);
  put_16 (stream, animation->height);
  fputc (0x80 | (bits - 1), stream); /* colours of its own follow */
}

static void
write_palette (FILE *stream, const MezzotintPalette *palette, int bits)
{
  static const guint8 black[3] = { 0 };

  for (int i = 0; i < 1 << bits; i++)
    fwrite (i < palette->n ? palette->rgb[i] : black, 1, 3, stream);
}

/* pixels: [height, width], scratch. */
static gboolean
write_frame (const MezzotintAnimation *animation, guint index, guint8 *pixels, GError **error)
{
  g_autoptr (MzPicture) scaled = NULL;
  const MzPicture *picture = mezzotint_animation_get_frame (animation, index, &scaled, error);
  MezzotintPalette palette;
  int bits;

  if (picture == NULL || !mezzotint_palette_apply (&palette, picture, pixels, animation->cancel, error))
    return FALSE;
  bits = bits_for (palette.n);
  write_frame_head (animation, animation->frames[index].duration_ms, bits);
  write_palette (animation->stream, &palette, bits);
  return mezzotint_gif_write_pixels (animation->stream, pixels,
                                     (gsize) animation->width * (gsize) animation->height, bits,
                                     animation->cancel, error);
}

gboolean
mezzotint_animation_write_gif (MezzotintAnimation *animation, GError **error)
{
  const MezzotintAnimationOptions *options = animation->options;
  g_autofree guint8 *pixels = g_try_malloc_n ((gsize) animation->width, (gsize) animation->height);

  if (pixels == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                           _ ("There is not enough memory to write an animation."));
      return FALSE;
    }
  write_start (animation);
  for (guint i = 0; i < animation->n_frames; i++)
    {
      if (!write_frame (animation, i, pixels, error))
        return FALSE;
      if (options->progress != NULL)
        options->progress (options->user, i + 1, animation->n_frames);
    }
  fputc (0x3b, animation->stream);
  return TRUE;
}
