/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* APNG by putting each frame into a PNG of its own for libpng, which checks checksums and data; GIF by
 * decoding it here. */
#include "read-animation.h"

#include <png.h>
#include <string.h>
#include <zlib.h>

typedef struct
{
  const guint8 *data;
  gsize at, n;
} Reader;

static ReadAnimation *
animation_new (void)
{
  ReadAnimation *animation = g_new0 (ReadAnimation, 1);

  animation->n_loops = -1;
  animation->frames = g_array_new (FALSE, FALSE, sizeof (ReadFrame));
  return animation;
}

void
read_animation_free (ReadAnimation *animation)
{
  for (guint i = 0; i < animation->frames->len; i++)
    mz_picture_free (g_array_index (animation->frames, ReadFrame, i).picture);
  g_array_unref (animation->frames);
  g_clear_pointer (&animation->plain, mz_picture_free);
  g_free (animation);
}

static const guint8 *
take (Reader *reader, gsize n)
{
  const guint8 *data = reader->data + reader->at;

  g_assert_cmpuint (n, <=, reader->n - reader->at);
  reader->at += n;
  return data;
}

static MzPicture *
new_picture (int width, int height)
{
  MzPicture *picture = g_new0 (MzPicture, 1);

  picture->width = width;
  picture->height = height;
  picture->rgb = g_malloc0 ((gsize) (width * height * 3));
  return picture;
}

/* ---- APNG ---- */

static guint32
big_32 (const guint8 *p)
{
  return (guint32) p[0] << 24 | (guint32) p[1] << 16 | (guint32) p[2] << 8 | p[3];
}

static void
append_chunk (GByteArray *png, const char *type, const guint8 *data, gsize n)
{
  guint8 length[4] = { (guint8) (n >> 24), (guint8) (n >> 16), (guint8) (n >> 8), (guint8) n }, tail[4];
  guint32 crc
      = (guint32) crc32 (crc32 (0, (const guint8 *) type, 4), n > 0 ? data : (const guint8 *) "", (uInt) n);

  g_byte_array_append (png, length, 4);
  g_byte_array_append (png, (const guint8 *) type, 4);
  g_byte_array_append (png, data, (guint) n);
  for (int i = 0; i < 4; i++)
    tail[i] = (guint8) (crc >> (24 - 8 * i));
  g_byte_array_append (png, tail, 4);
}

/* The picture of an IHDR chunk's data and compressed rows, by libpng. */
static MzPicture *
decode (const guint8 *header, const GByteArray *rows)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  png_image image = { .version = PNG_IMAGE_VERSION };
  MzPicture *picture;

  g_byte_array_append (png, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  append_chunk (png, "IHDR", header, 13);
  append_chunk (png, "IDAT", rows->data, rows->len);
  append_chunk (png, "IEND", NULL, 0);
  g_assert_true (png_image_begin_read_from_memory (&image, png->data, png->len));
  g_assert_cmpint (image.format, ==, PNG_FORMAT_RGB);
  picture = new_picture ((int) image.width, (int) image.height);
  g_assert_true (png_image_finish_read (&image, NULL, picture->rgb, 0, NULL));
  g_assert_cmpint (image.warning_or_error, ==, 0);
  return picture;
}

static void
end_frame (ReadAnimation *animation, const guint8 *header, GByteArray *rows)
{
  if (animation->frames->len > 0)
    g_array_index (animation->frames, ReadFrame, animation->frames->len - 1).picture = decode (header, rows);
  g_byte_array_set_size (rows, 0);
}

/* fcTL: the whole picture, replacing; its time. */
static void
begin_frame (ReadAnimation *animation, const guint8 *data)
{
  ReadFrame frame = { NULL, 0 };
  int numerator = data[20] << 8 | data[21], denominator = data[22] << 8 | data[23];

  g_assert_cmpuint (big_32 (data + 4), ==, (guint) animation->width);
  g_assert_cmpuint (big_32 (data + 8), ==, (guint) animation->height);
  g_assert_cmpuint (big_32 (data + 12) | big_32 (data + 16), ==, 0);
  g_assert_cmpint (data[24] | data[25], ==, 0);
  frame.ms = numerator * 1000 / (denominator != 0 ? denominator : 100);
  g_array_append_val (animation->frames, frame);
}

ReadAnimation *
read_apng (const char *path)
{
  g_autofree char *contents = NULL;
  Reader reader = { 0 };
  ReadAnimation *animation = animation_new ();
  g_autoptr (GByteArray) rows = g_byte_array_new (), plain = g_byte_array_new ();
  const guint8 *header = NULL, *type;
  guint32 sequence = 0, n_frames = 0;

  g_assert_true (g_file_get_contents (path, &contents, &reader.n, NULL));
  reader.data = (const guint8 *) contents;
  g_assert_cmpmem (take (&reader, 8), 8, "\x89PNG\r\n\x1a\n", 8);
  do
    {
      guint32 n = big_32 (take (&reader, 4));
      const guint8 *data;

      type = take (&reader, 4);
      data = take (&reader, n);
      g_assert_cmpuint (big_32 (take (&reader, 4)), ==, crc32 (0, type, n + 4));
      if (memcmp (type, "IHDR", 4) == 0)
        {
          header = data;
          animation->width = (int) big_32 (data);
          animation->height = (int) big_32 (data + 4);
        }
      else if (memcmp (type, "acTL", 4) == 0)
        {
          g_assert_cmpuint (plain->len, ==, 0);
          n_frames = big_32 (data);
          animation->n_loops = (int) big_32 (data + 4);
        }
      else if (memcmp (type, "IDAT", 4) == 0)
        g_byte_array_append (plain, data, n);
      else if (memcmp (type, "fcTL", 4) == 0 || memcmp (type, "fdAT", 4) == 0)
        {
          g_assert_cmpuint (big_32 (data), ==, sequence++);
          if (type[1] == 'd')
            g_byte_array_append (rows, data + 4, n - 4);
          else
            {
              end_frame (animation, header, rows);
              begin_frame (animation, data);
            }
        }
    }
  while (memcmp (type, "IEND", 4) != 0);
  end_frame (animation, header, rows);
  animation->plain = decode (header, plain);
  g_assert_cmpuint (reader.at, ==, reader.n);
  g_assert_cmpuint (animation->frames->len, ==, n_frames);
  return animation;
}

/* ---- GIF ---- */

static int
little_16 (Reader *reader)
{
  const guint8 *p = take (reader, 2);

  return p[0] | p[1] << 8;
}

/* Sub-blocks up to the empty one, joined. */
static GByteArray *
take_blocks (Reader *reader)
{
  GByteArray *all = g_byte_array_new ();
  int n;

  while ((n = *take (reader, 1)) > 0)
    g_byte_array_append (all, take (reader, (gsize) n), (guint) n);
  return all;
}

static int
take_code (const GByteArray *data, gsize *at_bit, int n_bits)
{
  int code = 0;

  g_assert_cmpuint (*at_bit + (gsize) n_bits, <=, 8 * (gsize) data->len);
  for (int i = 0; i < n_bits; i++, (*at_bit)++)
    code |= (data->data[*at_bit / 8] >> *at_bit % 8 & 1) << i;
  return code;
}

/* The string of a code into out, at most n; returns its length. A string is that of `prefix` and `last`. */
static gsize
put_string (const int *prefix, const guint8 *last, int code, guint8 *out, gsize n)
{
  gsize length = 1;

  for (int c = code; prefix[c] >= 0; c = prefix[c])
    length++;
  g_assert_cmpuint (length, <=, n);
  for (gsize i = length; i-- > 0; code = prefix[code])
    out[i] = last[code];
  return length;
}

static void
inflate_gif (const GByteArray *data, int bits, guint8 *out, gsize n)
{
  int prefix[4096], clear = 1 << bits, next = 0, width = bits + 1, previous = -1;
  guint8 last[4096];
  gsize at_bit = 0, done = 0;

  for (int i = 0; i < clear; i++)
    {
      prefix[i] = -1;
      last[i] = (guint8) i;
    }
  for (;;)
    {
      int code = take_code (data, &at_bit, width);

      if (code == clear + 1)
        break;
      if (code == clear)
        {
          next = clear + 2;
          width = bits + 1;
          previous = -1;
          continue;
        }
      g_assert_cmpint (code, <, previous >= 0 ? next + 1 : clear);
      if (previous >= 0 && next < 4096)
        {
          guint8 first;

          prefix[next] = previous;
          for (int c = code == next ? previous : code;; c = prefix[c])
            if (prefix[c] < 0)
              {
                first = last[c];
                break;
              }
          last[next++] = first;
          if (next == 1 << width && width < 12)
            width++;
        }
      done += put_string (prefix, last, code, out + done, n - done);
      previous = code;
    }
  g_assert_cmpuint (done, ==, n);
  g_assert_cmpuint (8 * (gsize) data->len - at_bit, <, 8);
}

static MzPicture *
take_image (Reader *reader, const ReadAnimation *animation)
{
  MzPicture *picture = new_picture (animation->width, animation->height);
  gsize n = (gsize) (animation->width * animation->height);
  g_autofree guint8 *pixels = g_malloc (n);
  g_autoptr (GByteArray) data = NULL;
  const guint8 *colors;
  int bits;

  g_assert_cmpint (little_16 (reader) | little_16 (reader), ==, 0);
  g_assert_cmpint (little_16 (reader), ==, animation->width);
  g_assert_cmpint (little_16 (reader), ==, animation->height);
  bits = *take (reader, 1);
  g_assert_cmpint (bits & 0xf8, ==, 0x80);
  bits = (bits & 7) + 1;
  colors = take (reader, (gsize) 3 << bits);
  g_assert_cmpint (*take (reader, 1), ==, bits);
  data = take_blocks (reader);
  inflate_gif (data, bits, pixels, n);
  for (gsize i = 0; i < n; i++)
    memcpy (picture->rgb + 3 * i, colors + 3 * pixels[i], 3);
  return picture;
}

static void
take_extension (Reader *reader, ReadAnimation *animation, ReadFrame *frame)
{
  int label = *take (reader, 1);
  g_autoptr (GByteArray) data = take_blocks (reader);

  if (label == 0xf9)
    frame->ms = 10 * (data->data[1] | data->data[2] << 8);
  else if (label == 0xff && data->len == 14 && memcmp (data->data, "NETSCAPE2.0\x01", 12) == 0)
    animation->n_loops = data->data[12] | data->data[13] << 8;
  else
    g_error ("GIF: unknown extension %d", label);
}

ReadAnimation *
read_gif (const char *path)
{
  g_autofree char *contents = NULL;
  Reader reader = { 0 };
  ReadAnimation *animation = animation_new ();
  ReadFrame frame = { 0 };
  int mark;

  g_assert_true (g_file_get_contents (path, &contents, &reader.n, NULL));
  reader.data = (const guint8 *) contents;
  g_assert_cmpmem (take (&reader, 6), 6, "GIF89a", 6);
  animation->width = little_16 (&reader);
  animation->height = little_16 (&reader);
  g_assert_cmpint (take (&reader, 3)[0] & 0x80, ==, 0);
  while ((mark = *take (&reader, 1)) != 0x3b)
    if (mark == 0x21)
      take_extension (&reader, animation, &frame);
    else
      {
        g_assert_cmpint (mark, ==, 0x2c);
        frame.picture = take_image (&reader, animation);
        g_array_append_val (animation->frames, frame);
      }
  g_assert_cmpuint (reader.at, ==, reader.n);
  return animation;
}
