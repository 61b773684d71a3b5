/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Decoding JPEG pictures through libjpeg. */
#include <errno.h>
#include <glib/gi18n.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "app/files/picture-private.h"

/* After stdio.h, which it needs. */
#include <jerror.h>
#include <jpeglib.h>

typedef struct
{
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr monitor;
  jmp_buf jump;
  MezzotintPictureSource *source;
  char message[JMSG_LENGTH_MAX]; /* libjpeg's own words */
  MzPicture *picture;
  int orientation;
  guint8 *cmyk;  /* a row of four colours; NULL when libjpeg makes red, green and blue of it */
  GError *error; /* ours: too large, no memory, cancelled */
} Reader;

static void G_GNUC_NORETURN
error_exit_cb (j_common_ptr common)
{
  Reader *reader = common->client_data;

  common->err->format_message (common, reader->message);
  longjmp (reader->jump, 1);
}

/* libjpeg would fill up what is missing with grey. Other oddities, like stray bytes, do no harm. */
static void
emit_message_cb (j_common_ptr common, int level)
{
  if (level < 0 && (common->err->msg_code == JWRN_JPEG_EOF || common->err->msg_code == JWRN_HIT_MARKER))
    error_exit_cb (common);
}

/* Progressive pictures are decoded pass by pass before the first row comes out. */
static void
monitor_cb (j_common_ptr common)
{
  Reader *reader = common->client_data;

  if (mz_cancel_set_error (reader->source->cancel, &reader->error))
    longjmp (reader->jump, 1);
  if (reader->jpeg.input_scan_number > MEZZOTINT_PICTURE_MAX_SCANS)
    {
      g_strlcpy (reader->message, "too many scans", sizeof reader->message);
      longjmp (reader->jump, 1);
    }
}

static void
set_callbacks (Reader *reader)
{
  reader->jpeg.err = jpeg_std_error (&reader->errors);
  reader->errors.error_exit = error_exit_cb;
  reader->errors.emit_message = emit_message_cb;
  reader->monitor.progress_monitor = monitor_cb;
  reader->jpeg.client_data = reader;
}

static gboolean
take_memory (Reader *reader)
{
  const struct jpeg_decompress_struct *jpeg = &reader->jpeg;

  reader->picture
      = mezzotint_picture_source_take (reader->source, jpeg->image_width, jpeg->image_height, &reader->error);
  if (reader->picture == NULL || jpeg->out_color_space != JCS_CMYK)
    return reader->picture != NULL;
  reader->cmyk = g_try_malloc_n (jpeg->image_width, 4);
  if (reader->cmyk == NULL)
    g_set_error (&reader->error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory for “%s”."),
                 reader->source->shown);
  return reader->cmyk != NULL;
}

/* n pixels; `inverted`: 255 is no ink, as Adobe's programs write it. */
static void
cmyk_to_rgb (const guint8 *cmyk, gsize n, gboolean inverted, guint8 *rgb)
{
  guint flip = inverted ? 0 : 255;

  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < 3; c++)
      rgb[3 * i + c] = (guint8) (((cmyk[4 * i + c] ^ flip) * (cmyk[4 * i + 3] ^ flip) + 127) / 255);
}

static void
read_rows (Reader *reader)
{
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;
  gsize width = jpeg->output_width;

  while (jpeg->output_scanline < jpeg->output_height)
    {
      guint8 *rgb = reader->picture->rgb + 3 * (gsize) jpeg->output_scanline * width;
      JSAMPROW row = reader->cmyk != NULL ? reader->cmyk : rgb;

      jpeg_read_scanlines (jpeg, &row, 1);
      if (reader->cmyk != NULL)
        cmyk_to_rgb (reader->cmyk, width, jpeg->saw_Adobe_marker, rgb);
    }
}

/* Other data, like XMP, may stand in a marker of the same kind in front of EXIF's. */
static int
find_orientation (const Reader *reader)
{
  for (jpeg_saved_marker_ptr marker = reader->jpeg.marker_list; marker != NULL; marker = marker->next)
    if (marker->marker == JPEG_APP0 + 1 && marker->data_length >= 6
        && memcmp (marker->data, "Exif\0\0", 6) == 0)
      return mezzotint_exif_orientation (marker->data, marker->data_length);
  return 1;
}

/* Everything between setjmp and the end; no variable here outlives a longjmp. */
static gboolean
read_all (Reader *reader)
{
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;

  if (setjmp (reader->jump))
    return FALSE;
  jpeg_create_decompress (jpeg);
  jpeg->progress = &reader->monitor;
  jpeg_stdio_src (jpeg, reader->source->stream);
  jpeg_save_markers (jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header (jpeg, TRUE);
  reader->orientation = find_orientation (reader);
  jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
  if (!take_memory (reader))
    return FALSE;
  jpeg_start_decompress (jpeg);
  read_rows (reader);
  jpeg_finish_decompress (jpeg);
  return TRUE;
}

MzPicture *
mezzotint_picture_read_jpeg (MezzotintPictureSource *source, GError **error)
{
  g_autofree Reader *reader = g_new0 (Reader, 1);
  gboolean ok;
  int saved_errno;

  reader->source = source;
  set_callbacks (reader);
  ok = read_all (reader);
  saved_errno = errno;
  jpeg_destroy_decompress (&reader->jpeg);
  g_free (reader->cmyk);
  if (ok)
    return mezzotint_picture_orient (reader->picture, reader->orientation, error);
  g_clear_pointer (&reader->picture, mz_picture_free);
  if (reader->error != NULL)
    g_propagate_error (error, reader->error);
  else
    mezzotint_picture_source_fail (source, reader->message, saved_errno, error);
  return NULL;
}
