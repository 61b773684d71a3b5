/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing PNG through libpng. */
#include "app/files/png-file.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <png.h>
#include <setjmp.h>

/* What libpng's callbacks share with the writer. */
typedef struct
{
  FILE *stream;
  char message[128]; /* libpng's own words, for what is not an error of the stream */
} Writer;

static void
write_cb (png_structp png, png_bytep data, size_t n)
{
  Writer *writer = png_get_io_ptr (png);

  if (fwrite (data, 1, n, writer->stream) != n)
    png_error (png, "write failed");
}

static void
flush_cb (png_structp png)
{
}

static void
error_cb (png_structp png, png_const_charp message)
{
  Writer *writer = png_get_error_ptr (png);

  g_strlcpy (writer->message, message, sizeof writer->message);
  png_longjmp (png, 1);
}

static void
warning_cb (png_structp png, png_const_charp message)
{
  g_debug ("libpng: %s", message);
}

static void
set_text (png_structp png, png_infop info, const char *keyword, const char *text, const char *latin1)
{
  png_text chunk = { 0 };

  chunk.key = (char *) keyword;
  if (latin1 != NULL)
    {
      chunk.compression = PNG_TEXT_COMPRESSION_NONE;
      chunk.text = (char *) latin1;
    }
  else
    {
      chunk.compression = PNG_ITXT_COMPRESSION_NONE;
      chunk.text = (char *) text;
      chunk.lang = (char *) "";
      chunk.lang_key = (char *) "";
    }
  png_set_text (png, info, &chunk, 1);
}

/* `text` in Latin-1; NULL when that cannot hold it, or when a reader might take the bytes for UTF-8, as some
 * programs write it there. */
static char *
to_latin1 (const char *text)
{
  g_autofree char *latin1 = g_convert (text, -1, "ISO-8859-1", "UTF-8", NULL, NULL, NULL);

  if (latin1 == NULL || (!g_str_is_ascii (latin1) && g_utf8_validate (latin1, -1, NULL)))
    return NULL;
  return g_steal_pointer (&latin1);
}

/* Everything between setjmp and the end; no variable here outlives a longjmp. */
static gboolean
write_all (png_structp png,
           png_infop info,
           const MzPicture *picture,
           const char *keyword,
           const char *text,
           const char *latin1)
{
  if (setjmp (png_jmpbuf (png)))
    return FALSE;
  png_set_IHDR (png, info, picture->width, picture->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (text != NULL)
    set_text (png, info, keyword, text, latin1);
  png_write_info (png, info);
  for (int y = 0; y < picture->height; y++)
    png_write_row (png, picture->rgb + (gsize) y * picture->width * 3);
  png_write_end (png, NULL);
  return TRUE;
}

gboolean
mezzotint_png_write (MezzotintAtomicFile *file,
                     const MzPicture *picture,
                     const char *keyword,
                     const char *text,
                     GError **error)
{
  Writer writer = { .stream = mezzotint_atomic_file_get_stream (file) };
  g_autofree char *latin1 = NULL;
  png_structp png;
  png_infop info = NULL;
  gboolean ok;
  int saved_errno;

  if (text != NULL)
    latin1 = to_latin1 (text);
  png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &writer, error_cb, warning_cb);
  if (png != NULL)
    info = png_create_info_struct (png);
  if (info == NULL)
    {
      png_destroy_write_struct (&png, NULL);
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                           _ ("There is not enough memory to write a picture."));
      return FALSE;
    }
  png_set_write_fn (png, &writer, write_cb, flush_cb);
  errno = 0;
  ok = write_all (png, info, picture, keyword, text, latin1);
  saved_errno = errno;
  png_destroy_write_struct (&png, &info);
  if (!ok && ferror (writer.stream))
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                 _ ("The picture cannot be written: %s."), g_strerror (saved_errno));
  else if (!ok)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("The picture cannot be written as PNG: %s."),
                 writer.message);
  return ok;
}
