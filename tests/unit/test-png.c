/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* PNG files: what is written reads back with libpng itself; hostile files end in an error. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <png.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>

#include "app/files/png-file.h"

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("mezzotint-png-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "a.png", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0); /* nothing else was left behind */
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
fill_picture (MzPicture *picture, guint8 *rgb, int width, int height)
{
  picture->width = width;
  picture->height = height;
  picture->rgb = rgb;
  for (int i = 0; i < width * height * 3; i++)
    rgb[i] = (guint8) (i * 37 + i / 256);
}

static void
write_picture (const char *path, const MzPicture *picture, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, &error);

  g_assert_no_error (error);
  mezzotint_png_write (file, picture, "parameters", text, &error);
  g_assert_no_error (error);
  mezzotint_atomic_file_commit (file, TRUE, &error);
  g_assert_no_error (error);
}

static gboolean
file_contains (const char *path, const char *bytes)
{
  g_autofree char *data = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &data, &n, NULL));
  return memmem (data, n, bytes, strlen (bytes)) != NULL;
}

static void
test_pixels (Fixture *fixture, gconstpointer data)
{
  guint8 rgb[33 * 17 * 3], back[33 * 17 * 3];
  MzPicture picture;
  png_image image = { .version = PNG_IMAGE_VERSION };

  fill_picture (&picture, rgb, 33, 17);
  write_picture (fixture->path, &picture, "text");
  g_assert_true (png_image_begin_read_from_file (&image, fixture->path));
  g_assert_cmpint (image.width, ==, 33);
  g_assert_cmpint (image.height, ==, 17);
  g_assert_cmpint (image.format, ==, PNG_FORMAT_RGB);
  g_assert_true (png_image_finish_read (&image, NULL, back, 0, NULL));
  g_assert_cmpmem (back, sizeof back, rgb, sizeof rgb);
}

static void
test_texts (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text, *chunk;
  } cases[] = {
    { "plain, \"quoted\"\nlines", "tEXt" },
    { "été ÿ", "tEXt" },
    { "猫 🍎", "iTXt" },
    { "Ã©", "iTXt" }, /* whose Latin-1 bytes could be taken for UTF-8 */
  };
  guint8 rgb[12];
  MzPicture picture;

  fill_picture (&picture, rgb, 2, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *back = NULL;

      write_picture (fixture->path, &picture, cases[i].text);
      g_assert_true (file_contains (fixture->path, cases[i].chunk));
      back = mezzotint_png_read_text (fixture->path, "parameters", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (back, ==, cases[i].text);
    }
}

static void
test_long_text (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1 << 20, 'x');
  g_autofree char *back = NULL;
  guint8 rgb[12];
  MzPicture picture;

  fill_picture (&picture, rgb, 2, 2);
  write_picture (fixture->path, &picture, text);
  back = mezzotint_png_read_text (fixture->path, "parameters", NULL);
  g_assert_cmpstr (back, ==, text);
}

/* The disk is full in the middle: an error, and no file. */
static void
test_disk_full (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *rgb = g_malloc (200 * 200 * 3);
  struct rlimit old, small = { 4096, RLIM_INFINITY };
  MzPicture picture;
  MezzotintAtomicFile *file;
  gboolean ok;

  fill_picture (&picture, rgb, 200, 200);
  for (int i = 0; i < 200 * 200 * 3; i++)
    rgb[i] = (guint8) g_test_rand_int (); /* does not compress */
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &old);
  small.rlim_max = old.rlim_max;
  setrlimit (RLIMIT_FSIZE, &small);
  file = mezzotint_atomic_file_new (fixture->path, &error);
  g_assert_no_error (error);
  ok = mezzotint_png_write (file, &picture, "parameters", "text", &error)
       && mezzotint_atomic_file_commit (file, TRUE, &error);
  setrlimit (RLIMIT_FSIZE, &old);
  g_assert_false (ok);
  g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (G_FILE_ERROR));
  mezzotint_atomic_file_free (file);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

/* ---- Reading what others wrote ---- */

static void
add_be32 (GByteArray *out, guint32 value)
{
  guint8 bytes[4] = { value >> 24, value >> 16, value >> 8, value };

  g_byte_array_append (out, bytes, 4);
}

static guint32
crc_of (const guint8 *data, gsize n)
{
  guint32 crc = ~0u;

  for (gsize i = 0; i < n; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        guint32 low = (crc ^ (data[i] >> bit)) & 1;

        crc = (crc >> 1) ^ (low ? 0xedb88320u : 0);
      }
  return ~crc;
}

static void
add_chunk (GByteArray *out, const char *type, const void *data, gsize n)
{
  guint start = out->len + 4;

  add_be32 (out, n);
  g_byte_array_append (out, (const guint8 *) type, 4);
  g_byte_array_append (out, data, n);
  add_be32 (out, crc_of (out->data + start, out->len - start));
}

static GByteArray *
begin_png (guint32 width, guint32 height)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GByteArray) header = g_byte_array_new ();

  g_byte_array_append (out, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  add_be32 (header, width);
  add_be32 (header, height);
  g_byte_array_append (header, (const guint8 *) "\x08\x02\0\0\0", 5);
  add_chunk (out, "IHDR", header->data, header->len);
  return out;
}

static char *
read_bytes (Fixture *fixture, GByteArray *bytes, GError **error)
{
  g_assert_true (g_file_set_contents_full (fixture->path, (const char *) bytes->data, bytes->len,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  return mezzotint_png_read_text (fixture->path, "parameters", error);
}

/* A stored (not compressed) zlib stream with its Adler-32, made without zlib. */
static GByteArray *
deflate_stored (const char *text)
{
  GByteArray *out = g_byte_array_new ();
  guint16 n = (guint16) strlen (text);
  guint8 head[7] = { 0x78, 0x01, 0x01, n & 255, n >> 8, ~n & 255, (guint8) (~n >> 8) };
  guint32 a = 1, b = 0;

  g_byte_array_append (out, head, 7);
  g_byte_array_append (out, (const guint8 *) text, n);
  for (guint i = 0; i < n; i++)
    {
      a = (a + (guint8) text[i]) % 65521;
      b = (b + a) % 65521;
    }
  add_be32 (out, b << 16 | a);
  return out;
}

static void
test_kinds (Fixture *fixture, gconstpointer data)
{
  static const char text_utf8[] = "parameters\0\0\0de\0wort\0caf\xc3\xa9";
  g_autoptr (GByteArray) packed = deflate_stored ("caf\xe9");
  g_autoptr (GByteArray) packed_utf8 = deflate_stored ("caf\xc3\xa9");
  g_autoptr (GByteArray) ztxt = g_byte_array_new (), itxt = g_byte_array_new ();
  struct
  {
    const char *type;
    const void *data;
    gsize n;
  } cases[] = {
    { "tEXt", "parameters\0caf\xe9", 15 },
    { "tEXt", "parameters\0caf\xc3\xa9", 16 }, /* UTF-8, where it should not be */
    { "iTXt", text_utf8, sizeof text_utf8 - 1 },
    { "zTXt", NULL, 0 },
    { "iTXt", NULL, 0 },
  };

  g_byte_array_append (ztxt, (const guint8 *) "parameters\0\0", 12);
  g_byte_array_append (ztxt, packed->data, packed->len);
  cases[3].data = ztxt->data;
  cases[3].n = ztxt->len;
  g_byte_array_append (itxt, (const guint8 *) "parameters\0\1\0\0\0", 15);
  g_byte_array_append (itxt, packed_utf8->data, packed_utf8->len);
  cases[4].data = itxt->data;
  cases[4].n = itxt->len;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) png = begin_png (1, 1);
      g_autoptr (GError) error = NULL;
      g_autofree char *got = NULL;

      add_chunk (png, "tEXt", "Comment\0other", 13);
      add_chunk (png, "IDAT", "whatever", 8);
      add_chunk (png, cases[i].type, cases[i].data, cases[i].n); /* behind the pixels */
      add_chunk (png, "IEND", "", 0);
      got = read_bytes (fixture, png, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (got, ==, "café");
    }
}

static void
assert_fails (Fixture *fixture, GByteArray *bytes, int code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *got = read_bytes (fixture, bytes, &error);

  g_assert_null (got);
  g_assert_error (error, MZ_ERROR, code);
  g_assert_nonnull (strstr (error->message, fixture->path));
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  static const guint8 endless[12] = { 0x7f, 0xff, 0xff, 0xff, 't', 'E', 'X', 't' };
  g_autoptr (GByteArray) whole = begin_png (1, 1);
  g_autoptr (GByteArray) no_text = begin_png (1, 1);
  g_autoptr (GByteArray) wide = begin_png (0xffffffff, 1), flat = begin_png (8, 0), huge = begin_png (1, 1);

  add_chunk (no_text, "IEND", "", 0);
  assert_fails (fixture, no_text, MZ_ERROR_MISSING);
  assert_fails (fixture, wide, MZ_ERROR_FORMAT);
  assert_fails (fixture, flat, MZ_ERROR_FORMAT);
  g_byte_array_append (huge, endless, sizeof endless);
  assert_fails (fixture, huge, MZ_ERROR_FORMAT);

  add_chunk (whole, "tEXt", "parameters\0text", 15);
  for (guint n = 0; n < whole->len; n++)
    {
      g_autoptr (GByteArray) cut = g_byte_array_new ();

      g_byte_array_append (cut, whole->data, n);
      assert_fails (fixture, cut, MZ_ERROR_FORMAT);
    }
  whole->data[whole->len - 5] ^= 1; /* a byte of the text: the checksum must notice */
  assert_fails (fixture, whole, MZ_ERROR_FORMAT);
}

/* 100 MB of zeros in 100 kB. */
static void
test_bomb (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GZlibCompressor) deflate = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (deflate));
  g_autoptr (GByteArray) png = begin_png (1, 1);
  g_autofree char *zeros = g_malloc0 (1 << 20);

  g_output_stream_write_all (memory, "parameters\0\0", 12, NULL, NULL, NULL);
  for (int i = 0; i < 100; i++)
    g_assert_true (g_output_stream_write_all (stream, zeros, 1 << 20, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  add_chunk (png, "zTXt", g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
             g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
  g_assert_cmpuint (png->len, <, 1 << 20);
  assert_fails (fixture, png, MZ_ERROR_FORMAT);
}

static void
test_random_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) whole = begin_png (1, 1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  add_chunk (whole, "iTXt", "parameters\0\0\0\0\0text", 19);
  add_chunk (whole, "zTXt", "other\0\0text", 11);
  add_chunk (whole, "IEND", "", 0);
  for (int i = 0; i < 3000; i++)
    {
      g_autoptr (GByteArray) changed = g_byte_array_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *got = NULL;

      g_byte_array_append (changed, whole->data, whole->len);
      for (int j = g_rand_int_range (rand, 1, 6); j > 0; j--)
        changed->data[g_rand_int_range (rand, 8, changed->len)] = (guint8) g_rand_int (rand);
      got = read_bytes (fixture, changed, &error);
      g_assert_true ((got == NULL) == (error != NULL));
      g_assert_true (got == NULL || g_utf8_validate (got, -1, NULL));
    }
}

static void
test_not_png (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mezzotint_png_read_text (fixture->path, "parameters", &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (mezzotint_png_read_text (fixture->folder, "parameters", &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/png/pixels", test_pixels);
  ADD ("/png/texts", test_texts);
  ADD ("/png/long-text", test_long_text);
  ADD ("/png/disk-full", test_disk_full);
  ADD ("/png/kinds", test_kinds);
  ADD ("/png/damaged", test_damaged);
  ADD ("/png/bomb", test_bomb);
  ADD ("/png/random-bytes", test_random_bytes);
  ADD ("/png/not-png", test_not_png);
  return g_test_run ();
}
