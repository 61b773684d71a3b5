/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Animated PNG, by the third edition of the PNG standard: each frame is encoded as a PNG of its own, and its
 * image data goes into the animation's chunks. The plain picture that other programs show is the last frame,
 * and no part of the animation. */
#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "app/files/animation-private.h"
#include "app/files/png-file.h"

#define SIGNATURE_BYTES 8
/* Length and type before a chunk's data, checksum behind it. */
#define HEAD_BYTES 8
#define TAIL_BYTES 4

typedef struct
{
  MezzotintAnimation *animation;
  guint32 sequence; /* of the next chunk of the animation */
} Writer;

static void
put_32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, sizeof value);
}

static guint32
get_32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

/* Writes bytes and takes them into the checksum. */
static void
write_bytes (FILE *stream, const guint8 *bytes, gsize n, uLong *crc)
{
  if (n == 0)
    return; /* zlib takes no bytes at NULL for "start anew" */
  fwrite (bytes, 1, n, stream);
  *crc = crc32 (*crc, bytes, (uInt) n);
}

/* A chunk whose data is `head` [n_head] followed by `data` [n_data]; either may be none. */
static void
write_chunk (FILE *stream,
             const char *type,
             const guint8 *head,
             gsize n_head,
             const guint8 *data,
             gsize n_data)
{
  guint8 number[4];
  uLong crc = crc32 (0, NULL, 0);

  put_32 (number, (guint32) (n_head + n_data));
  fwrite (number, 1, sizeof number, stream);
  write_bytes (stream, (const guint8 *) type, 4, &crc);
  write_bytes (stream, head, n_head, &crc);
  write_bytes (stream, data, n_data, &crc);
  put_32 (number, (guint32) crc);
  fwrite (number, 1, sizeof number, stream);
}

/* How many frames there are, and how often they play. */
static void
write_control (Writer *writer)
{
  guint8 data[8];

  put_32 (data, writer->animation->n_frames);
  put_32 (data + 4, (guint32) writer->animation->options->n_loops);
  write_chunk (writer->animation->stream, "acTL", data, sizeof data, NULL, 0);
}

/* Where a frame goes and how long it stays: the whole picture, replacing the one before. */
static void
write_frame_control (Writer *writer, int duration_ms)
{
  guint8 data[26] = { 0 };
  int ms = CLAMP (duration_ms, 0, MEZZOTINT_ANIMATION_MAX_MS);

  put_32 (data, writer->sequence++);
  put_32 (data + 4, (guint32) writer->animation->width);
  put_32 (data + 8, (guint32) writer->animation->height);
  data[20] = (guint8) (ms >> 8);
  data[21] = (guint8) ms;
  data[22] = 1000 >> 8;
  data[23] = 1000 & 0xff;
  write_chunk (writer->animation->stream, "fcTL", data, sizeof data, NULL, 0);
}

static void
write_frame_data (Writer *writer, const guint8 *data, gsize n)
{
  guint8 sequence[4];

  put_32 (sequence, writer->sequence++);
  write_chunk (writer->animation->stream, "fdAT", sequence, sizeof sequence, data, n);
}

static gboolean
set_no_memory (GError **error)
{
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                       _ ("There is not enough memory to write a picture."));
  return FALSE;
}

/* The frame as a PNG in memory; free with free(). */
static guint8 *
encode_frame (Writer *writer, guint index, const char *parameters, gsize *n, GError **error)
{
  g_autoptr (MzPicture) scaled = NULL;
  const MzPicture *picture = mezzotint_animation_get_frame (writer->animation, index, &scaled, error);
  const MezzotintText text = { (char *) MEZZOTINT_PNG_PARAMETERS, (char *) parameters };
  char *bytes = NULL;
  FILE *memory;
  gboolean ok;

  if (picture == NULL)
    return NULL;
  memory = open_memstream (&bytes, n);
  if (memory == NULL)
    {
      set_no_memory (error);
      return NULL;
    }
  ok = mezzotint_png_write_stream (memory, picture, &text, parameters != NULL ? 1 : 0,
                                   writer->animation->cancel, error);
  if (fclose (memory) != 0 && ok)
    ok = set_no_memory (error);
  if (ok)
    return (guint8 *) bytes;
  free (bytes);
  return NULL;
}

/* The picture that programs without APNG show: all of its chunks but the end, and the animation's beginning
 * behind its header. */
static gboolean
write_plain_picture (Writer *writer, GError **error)
{
  FILE *stream = writer->animation->stream;
  gsize n, chunk_bytes;
  guint8 *png = encode_frame (writer, writer->animation->n_frames - 1, writer->animation->options->parameters,
                              &n, error);

  if (png == NULL)
    return FALSE;
  fwrite (png, 1, SIGNATURE_BYTES, stream);
  for (gsize at = SIGNATURE_BYTES; memcmp (png + at + 4, "IEND", 4) != 0; at += chunk_bytes)
    {
      chunk_bytes = HEAD_BYTES + get_32 (png + at) + TAIL_BYTES;
      fwrite (png + at, 1, chunk_bytes, stream);
      if (memcmp (png + at + 4, "IHDR", 4) == 0)
        write_control (writer);
    }
  free (png);
  return TRUE;
}

static gboolean
write_frame (Writer *writer, guint index, GError **error)
{
  gsize n;
  guint8 *png = encode_frame (writer, index, NULL, &n, error);

  if (png == NULL)
    return FALSE;
  write_frame_control (writer, writer->animation->frames[index].duration_ms);
  for (gsize at = SIGNATURE_BYTES; memcmp (png + at + 4, "IEND", 4) != 0;
       at += HEAD_BYTES + get_32 (png + at) + TAIL_BYTES)
    if (memcmp (png + at + 4, "IDAT", 4) == 0)
      write_frame_data (writer, png + at + HEAD_BYTES, get_32 (png + at));
  free (png);
  return TRUE;
}

gboolean
mezzotint_animation_write_apng (MezzotintAnimation *animation, GError **error)
{
  const MezzotintAnimationOptions *options = animation->options;
  Writer writer = { animation, 0 };

  if (!write_plain_picture (&writer, error))
    return FALSE;
  for (guint i = 0; i < animation->n_frames; i++)
    {
      if (!write_frame (&writer, i, error))
        return FALSE;
      if (options->progress != NULL)
        options->progress (options->user, i + 1, animation->n_frames);
    }
  write_chunk (animation->stream, "IEND", NULL, 0, NULL, 0);
  return TRUE;
}
