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
  MzCancel *cancel;
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

/* Texts as libpng takes them; what they point to belongs to `texts` and to `latin1` [n_texts]. */
static png_text *
make_chunks (const MezzotintText *texts, gsize n_texts, char **latin1)
{
  png_text *chunks = g_new0 (png_text, n_texts);

  for (gsize i = 0; i < n_texts; i++)
    {
      latin1[i] = to_latin1 (texts[i].text);
      chunks[i].key = texts[i].keyword;
      chunks[i].compression = latin1[i] != NULL ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
      chunks[i].text = latin1[i] != NULL ? latin1[i] : texts[i].text;
      chunks[i].lang = latin1[i] != NULL ? NULL : (char *) "";
      chunks[i].lang_key = latin1[i] != NULL ? NULL : (char *) "";
    }
  return chunks;
}

/* Everything between setjmp and the end; no variable here outlives a longjmp. */
static gboolean
write_all (png_structp png,
           png_infop info,
           const Writer *writer,
           const MzPicture *picture,
           const png_text *chunks,
           gsize n_chunks)
{
  if (setjmp (png_jmpbuf (png)))
    return FALSE;
  png_set_IHDR (png, info, picture->width, picture->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (n_chunks > 0)
    png_set_text (png, info, chunks, (int) n_chunks);
  png_write_info (png, info);
  for (int y = 0; y < picture->height; y++)
    {
      if (mz_cancel_is_triggered (writer->cancel))
        return FALSE;
      png_write_row (png, picture->rgb + (gsize) y * picture->width * 3);
    }
  png_write_end (png, NULL);
  return TRUE;
}

static gboolean
write_chunks (FILE *stream,
              const MzPicture *picture,
              const png_text *chunks,
              gsize n_chunks,
              MzCancel *cancel,
              GError **error)
{
  Writer writer = { .stream = stream, .cancel = cancel };
  png_structp png;
  png_infop info = NULL;
  gboolean ok;
  int saved_errno;

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
  ok = write_all (png, info, &writer, picture, chunks, n_chunks);
  saved_errno = errno;
  png_destroy_write_struct (&png, &info);
  if (!ok && mz_cancel_set_error (cancel, error))
    return FALSE;
  if (!ok && ferror (writer.stream))
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                 _ ("The picture cannot be written: %s."), g_strerror (saved_errno));
  else if (!ok)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("The picture cannot be written as PNG: %s."),
                 writer.message);
  return ok;
}

gboolean
mezzotint_png_write_stream (FILE *stream,
                            const MzPicture *picture,
                            const MezzotintText *texts,
                            gsize n_texts,
                            MzCancel *cancel,
                            GError **error)
{
  g_auto (GStrv) latin1 = g_new0 (char *, n_texts + 1);
  g_autofree png_text *chunks = make_chunks (texts, n_texts, latin1);
  gboolean ok = write_chunks (stream, picture, chunks, n_texts, cancel, error);

  for (gsize i = 0; i < n_texts; i++) /* those without would end the list early */
    if (latin1[i] == NULL)
      latin1[i] = g_strdup ("");
  return ok;
}

gboolean
mezzotint_png_write_texts (MezzotintAtomicFile *file,
                           const MzPicture *picture,
                           const MezzotintText *texts,
                           gsize n_texts,
                           GError **error)
{
  return mezzotint_png_write_stream (mezzotint_atomic_file_get_stream (file), picture, texts, n_texts, NULL,
                                     error);
}

gboolean
mezzotint_png_write (MezzotintAtomicFile *file,
                     const MzPicture *picture,
                     const char *keyword,
                     const char *text,
                     GError **error)
{
  const MezzotintText one = { (char *) keyword, (char *) text };

  return mezzotint_png_write_texts (file, picture, &one, text != NULL ? 1 : 0, error);
}
