/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading pictures: every kind of PNG, JPEG turned and in four colours, and files made to do harm. */
#include "app/files/picture-read.h"

#include <glib/gstdio.h>
#include <jpeglib.h>
#include <png.h>
#include <string.h>
#include <sys/stat.h>

#include "app/files/png-file.h"

#define W 11
#define H 6

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("mezzotint-picture-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "picture", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->path);
  g_free (f->folder);
}

static MzPicture *
read_picture (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  MzPicture *picture = mezzotint_picture_read (f->path, NULL, &error);

  g_assert_no_error (error);
  return picture;
}

/* ---- PNG of every kind ---- */

/* Channel c of pixel x, y, of `max` levels. */
static guint
sample (int x, int y, int c, guint max)
{
  return (guint) (x * 7 + y * 13 + c * 29 + x * y * c) * 37 % (max + 1);
}

static int
channels_of (int color_type)
{
  return color_type == PNG_COLOR_TYPE_RGBA         ? 4
         : color_type == PNG_COLOR_TYPE_RGB        ? 3
         : color_type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                   : 1;
}

/* Row y, packed as PNG wants it. */
static void
pack_row (guint8 *row, int y, int n_channels, int depth)
{
  guint max = (1u << depth) - 1;

  memset (row, 0, W * 8);
  for (int i = 0; i < W * n_channels; i++)
    {
      guint value = sample (i / n_channels, y, i % n_channels, max);

      if (depth == 16)
        {
          row[2 * i] = (guint8) (value >> 8);
          row[2 * i + 1] = (guint8) value;
        }
      else
        row[i * depth / 8] |= (guint8) (value << (8 - depth - i * depth % 8));
    }
}

static void
set_palette (png_structp png, png_infop info, int depth, png_color *palette, png_byte *alphas)
{
  int n = 1 << depth;

  for (int i = 0; i < n; i++)
    {
      palette[i] = (png_color){ (png_byte) (i * 5), (png_byte) (255 - i), (png_byte) (i * 91) };
      alphas[i] = (png_byte) (i * 50);
    }
  png_set_PLTE (png, info, palette, n);
  png_set_tRNS (png, info, alphas, n, NULL);
}

static void
write_png (const char *path, int color_type, int depth, int interlace, png_color *palette, png_byte *alphas)
{
  FILE *stream = g_fopen (path, "wb");
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  guint8 rows[H][W * 8], *pointers[H];

  for (int y = 0; y < H; y++)
    {
      pack_row (rows[y], y, channels_of (color_type), depth);
      pointers[y] = rows[y];
    }
  png_init_io (png, stream);
  png_set_IHDR (png, info, W, H, depth, color_type, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  if (color_type == PNG_COLOR_TYPE_PALETTE)
    set_palette (png, info, depth, palette, alphas);
  png_write_info (png, info);
  png_write_image (png, pointers);
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  fclose (stream);
}

/* v of 0..max in 8 bits, rounded to nearest. */
static guint
to_8_bits (guint v, guint max)
{
  return (v * 255 + max / 2) / max;
}

/* What the pixel is on white. */
static guint
expected (int x, int y, int c, int color_type, int depth, const png_color *palette, const png_byte *alphas)
{
  guint max = (1u << depth) - 1, value, alpha = 255;

  if (color_type == PNG_COLOR_TYPE_PALETTE)
    {
      guint i = sample (x, y, 0, max);

      value = c == 0 ? palette[i].red : c == 1 ? palette[i].green : palette[i].blue;
      alpha = alphas[i];
    }
  else
    value = to_8_bits (sample (x, y, (color_type & PNG_COLOR_MASK_COLOR) != 0 ? c : 0, max), max);
  if ((color_type & PNG_COLOR_MASK_ALPHA) != 0)
    alpha = to_8_bits (sample (x, y, channels_of (color_type) - 1, max), max);
  return (value * alpha + 255 * (255 - alpha) + 127) / 255;
}

static void
check_png (Fixture *f, int color_type, int depth, int interlace)
{
  png_color palette[256];
  png_byte alphas[256];
  g_autoptr (MzPicture) picture = NULL;

  write_png (f->path, color_type, depth, interlace, palette, alphas);
  picture = read_picture (f);
  g_assert_cmpint (picture->width, ==, W);
  g_assert_cmpint (picture->height, ==, H);
  for (int i = 0; i < W * H * 3; i++)
    g_assert_cmpint (picture->rgb[i], ==,
                     expected (i / 3 % W, i / 3 / W, i % 3, color_type, depth, palette, alphas));
}

static void
test_png_kinds (Fixture *f, gconstpointer data)
{
  static const struct
  {
    int color_type, depths[6];
  } kinds[] = { { PNG_COLOR_TYPE_GRAY, { 1, 2, 4, 8, 16 } },
                { PNG_COLOR_TYPE_PALETTE, { 1, 2, 4, 8 } },
                { PNG_COLOR_TYPE_RGB, { 8, 16 } },
                { PNG_COLOR_TYPE_GRAY_ALPHA, { 8, 16 } },
                { PNG_COLOR_TYPE_RGBA, { 8, 16 } } };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (const int *depth = kinds[i].depths; *depth != 0; depth++)
      for (int interlace = PNG_INTERLACE_NONE; interlace <= PNG_INTERLACE_ADAM7; interlace++)
        check_png (f, kinds[i].color_type, *depth, interlace);
}

/* ---- JPEG ---- */

/* Four quarters, of 8x8 blocks so that each comes through nearly whole: red, green; blue, white. */
#define JPEG_W 32
#define JPEG_H 16

static const guint8 quarters[4][3] = { { 250, 5, 5 }, { 5, 250, 5 }, { 5, 5, 250 }, { 250, 250, 250 } };

static void
fill_jpeg_row (guint8 *row, int y, int n_channels)
{
  for (int x = 0; x < JPEG_W; x++)
    {
      const guint8 *colour = quarters[(y >= JPEG_H / 2) * 2 + (x >= JPEG_W / 2)];

      for (int c = 0; c < n_channels; c++)
        row[x * n_channels + c] = n_channels == 1 ? (guint8) (8 * x) : c == 3 ? 255 : colour[c];
    }
}

/* orientation 0: no EXIF data. Four channels are written as Adobe's inverted CMYK. */
static void
write_jpeg (const char *path, int n_channels, gboolean progressive, int orientation, gboolean big_endian)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  FILE *stream = g_fopen (path, "wb");
  guint8 row[JPEG_W * 4];
  JSAMPROW pointer = row;
  guint8 little[] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0";
  guint8 big[] = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0?\0\0\0\0\0";

  little[24] = big[25] = (guint8) orientation;
  jpeg.err = jpeg_std_error (&errors);
  jpeg_create_compress (&jpeg);
  jpeg_stdio_dest (&jpeg, stream);
  jpeg.image_width = JPEG_W;
  jpeg.image_height = JPEG_H;
  jpeg.input_components = n_channels;
  jpeg.in_color_space = n_channels == 4 ? JCS_CMYK : n_channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults (&jpeg);
  jpeg_set_quality (&jpeg, 95, TRUE);
  if (n_channels == 4)
    jpeg.write_Adobe_marker = TRUE;
  if (progressive)
    jpeg_simple_progression (&jpeg);
  jpeg_start_compress (&jpeg, TRUE);
  if (big_endian) /* as some programs do, XMP first */
    jpeg_write_marker (&jpeg, JPEG_APP0 + 1, (const guint8 *) "http://ns.adobe.com/xap/1.0/", 29);
  if (orientation > 0 && big_endian)
    jpeg_write_marker (&jpeg, JPEG_APP0 + 1, big, sizeof big - 1);
  else if (orientation > 0)
    jpeg_write_marker (&jpeg, JPEG_APP0 + 1, little, sizeof little - 1);
  while (jpeg.next_scanline < jpeg.image_height)
    {
      fill_jpeg_row (row, (int) jpeg.next_scanline, n_channels);
      jpeg_write_scanlines (&jpeg, &pointer, 1);
    }
  jpeg_finish_compress (&jpeg);
  jpeg_destroy_compress (&jpeg);
  fclose (stream);
}

/* The quarter whose colour the middle of each quarter of the picture has, as "0123". */
static void
assert_quarters (const MzPicture *picture, const char *order)
{
  for (int q = 0; q < 4; q++)
    {
      int x = picture->width * (q % 2 * 2 + 1) / 4, y = picture->height * (q / 2 * 2 + 1) / 4;
      const guint8 *pixel = picture->rgb + 3 * (y * picture->width + x), *colour = quarters[order[q] - '0'];

      for (int c = 0; c < 3; c++)
        g_assert_cmpint (ABS (pixel[c] - colour[c]), <, 40);
    }
}

/* Which quarters of what the camera stored are to be seen where, by the EXIF standard. */
static void
test_jpeg_orientations (Fixture *f, gconstpointer data)
{
  static const char *const orders[]
      = { "0123", "0123", "1032", "3210", "2301", "0213", "2031", "3120", "1302" };

  for (int orientation = 0; orientation <= 8; orientation++)
    for (int big_endian = 0; big_endian <= 1; big_endian++)
      {
        g_autoptr (MzPicture) picture = NULL;

        write_jpeg (f->path, 3, big_endian, orientation, big_endian);
        picture = read_picture (f);
        g_assert_cmpint (picture->width, ==, orientation >= 5 ? JPEG_H : JPEG_W);
        g_assert_cmpint (picture->height, ==, orientation >= 5 ? JPEG_W : JPEG_H);
        assert_quarters (picture, orders[orientation]);
      }
  write_jpeg (f->path, 3, FALSE, 9, FALSE);
  {
    g_autoptr (MzPicture) picture = read_picture (f);

    assert_quarters (picture, "0123");
  }
}

static void
test_jpeg_colours (Fixture *f, gconstpointer data)
{
  g_autoptr (MzPicture) cmyk = NULL, grey = NULL;

  write_jpeg (f->path, 4, FALSE, 0, FALSE);
  cmyk = read_picture (f);
  assert_quarters (cmyk, "0123");
  write_jpeg (f->path, 1, FALSE, 0, FALSE);
  grey = read_picture (f);
  for (int x = 0; x < JPEG_W; x++)
    for (int c = 0; c < 3; c++)
      g_assert_cmpint (ABS (grey->rgb[3 * x + c] - 8 * x), <, 12);
}

/* ---- Hostile files ---- */

/* Without the sync to disk that g_file_set_contents() does. */
static void
set_contents (Fixture *f, const guint8 *bytes, gsize n)
{
  FILE *stream = g_fopen (f->path, "wb");

  g_assert_cmpuint (fwrite (bytes, 1, n, stream), ==, n);
  g_assert_cmpint (fclose (stream), ==, 0);
}

static void
refuse (Fixture *f, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mezzotint_picture_read (f->path, NULL, &error));
  g_assert_error (error, MZ_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_nonnull (strstr (error->message, f->path));
}

/* Cut off anywhere. */
static void
check_prefixes (Fixture *f)
{
  g_autofree char *whole = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (f->path, &whole, &n, NULL));
  for (gsize i = 0; i < n; i++)
    {
      set_contents (f, (guint8 *) whole, i);
      refuse (f, MZ_ERROR_FORMAT, i < 3 ? "no picture" : i < 8 ? "" : "cut off");
    }
}

static void
test_cut_off (Fixture *f, gconstpointer data)
{
  png_color palette[256];
  png_byte alphas[256];

  write_png (f->path, PNG_COLOR_TYPE_PALETTE, 4, PNG_INTERLACE_ADAM7, palette, alphas);
  check_prefixes (f);
  write_jpeg (f->path, 3, FALSE, 6, FALSE);
  check_prefixes (f);
  write_jpeg (f->path, 4, TRUE, 6, TRUE);
  check_prefixes (f);
}

/* Damaged anywhere: a picture or an error, never a crash. */
static void
check_flips (Fixture *f)
{
  g_autofree char *whole = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (f->path, &whole, &n, NULL));
  for (int i = 0; i < 400; i++)
    {
      g_autofree guint8 *bytes = g_memdup2 (whole, n);
      g_autoptr (GError) error = NULL;
      g_autoptr (MzPicture) picture = NULL;

      for (int k = g_test_rand_int_range (1, 5); k > 0; k--)
        bytes[g_test_rand_int_range (0, (int) n)] = (guint8) g_test_rand_int ();
      set_contents (f, bytes, n);
      picture = mezzotint_picture_read (f->path, NULL, &error);
      g_assert_true ((picture != NULL) == (error == NULL));
    }
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  png_color palette[256];
  png_byte alphas[256];

  write_png (f->path, PNG_COLOR_TYPE_RGBA, 8, PNG_INTERLACE_ADAM7, palette, alphas);
  check_flips (f);
  write_jpeg (f->path, 3, TRUE, 6, FALSE);
  check_flips (f);
}

/* A PNG of one pixel's width. */
static void
write_line (Fixture *f, int height)
{
  g_autofree guint8 *rgb = g_malloc0_n ((gsize) height, 3);
  const MzPicture line = { 1, height, rgb };
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (f->path, &error);

  g_assert_true (mezzotint_png_write (file, &line, NULL, NULL, &error));
  g_assert_true (mezzotint_atomic_file_commit (file, TRUE, &error));
}

/* A file of a few bytes that claims to be enormous costs nothing. */
static void
test_bombs (Fixture *f, gconstpointer data)
{
  static const guint8 png[]
      = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\0\0\0\xc2\x4d\xcb\xb5"
        "\0\0\0\x01IDAT\0\0\0\0\0";
  g_autofree char *whole = NULL;
  gsize n;
  guint8 *size;

  set_contents (f, png, sizeof png - 1);
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (mezzotint_picture_read (f->path, NULL, &error));
    g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (MZ_ERROR));
  }
  write_jpeg (f->path, 3, FALSE, 0, FALSE);
  g_assert_true (g_file_get_contents (f->path, &whole, &n, NULL));
  size = memmem (whole, n, "\xff\xc0", 2);
  memcpy (size + 5, "\xfd\xe8\xfd\xe8", 4); /* libjpeg itself takes up to 65500 */
  set_contents (f, (guint8 *) whole, n);
  refuse (f, MZ_ERROR_UNSUPPORTED, "65000×65000");
  write_line (f, MEZZOTINT_PICTURE_MAX_SIDE + 1);
  refuse (f, MZ_ERROR_UNSUPPORTED, "1×65536");
}

static void
test_other_files (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  set_contents (f, (const guint8 *) "", 0);
  refuse (f, MZ_ERROR_FORMAT, "no picture");
  set_contents (f, (const guint8 *) "a text, not a picture", 21);
  refuse (f, MZ_ERROR_FORMAT, "no picture");
  set_contents (f, (const guint8 *) "RIFF\x10\0\0\0WEBPVP8 ", 16);
  refuse (f, MZ_ERROR_UNSUPPORTED, "WebP");
  set_contents (f,
                (const guint8 *) "\0\0\0\x20"
                                 "ftypavif",
                12);
  refuse (f, MZ_ERROR_UNSUPPORTED, "AVIF");
  g_unlink (f->path);
  refuse (f, MZ_ERROR_IO, "No such file");
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  refuse (f, MZ_ERROR_FORMAT, "no ordinary file");
  g_assert_null (mezzotint_picture_read (f->folder, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (mezzotint_picture_read ("/dev/zero", NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  png_color palette[256];
  png_byte alphas[256];
  g_autoptr (MzCancel) cancel = mz_cancel_new ();

  mz_cancel_trigger (cancel);
  for (int progressive = -1; progressive <= 1; progressive++)
    {
      g_autoptr (GError) error = NULL;

      if (progressive < 0)
        write_png (f->path, PNG_COLOR_TYPE_RGBA, 8, PNG_INTERLACE_NONE, palette, alphas);
      else
        write_jpeg (f->path, 3, progressive, 0, FALSE);
      g_assert_null (mezzotint_picture_read (f->path, cancel, &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/picture-read/png-kinds", Fixture, NULL, set_up, test_png_kinds, tear_down);
  g_test_add ("/picture-read/jpeg-orientations", Fixture, NULL, set_up, test_jpeg_orientations, tear_down);
  g_test_add ("/picture-read/jpeg-colours", Fixture, NULL, set_up, test_jpeg_colours, tear_down);
  g_test_add ("/picture-read/cut-off", Fixture, NULL, set_up, test_cut_off, tear_down);
  g_test_add ("/picture-read/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/picture-read/bombs", Fixture, NULL, set_up, test_bombs, tear_down);
  g_test_add ("/picture-read/other-files", Fixture, NULL, set_up, test_other_files, tear_down);
  g_test_add ("/picture-read/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  return g_test_run ();
}
