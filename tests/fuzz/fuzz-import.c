/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a picture, and as each program's settings in a picture: a request or an error.
 *
 *   fuzz-import FILE...
 *
 * An ordinary program, for a fuzzer that changes files, and for those that are known. */
#include <stdlib.h>
#include <string.h>

#include "app/files/import.h"
#include "picture-texts.h"

static void
try_bytes (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_auto (MzRequest) base = MZ_REQUEST_INIT;
  g_autoptr (MezzotintImport) import = NULL;

  mz_request_use_defaults (&base, NULL);
  import = mezzotint_import_read_bytes (bytes, &base, &error);
  g_assert_true ((import == NULL) == (error != NULL));
  if (import == NULL)
    return;
  g_assert_true (g_utf8_validate (import->request.prompt, -1, NULL));
  g_assert_nonnull (mz_find_sampler (import->request.sampler, NULL));
  g_assert_true (import->request.steps >= 1 && import->request.steps <= MZ_MAX_STEPS);
}

static void
try_text (const char *text)
{
  const char *const forms[][5] = {
    { "parameters", text },
    { "prompt", text },
    { "invokeai_metadata", text },
    { "parameters", text, "fooocus_scheme", "fooocus" },
    { "Software", "Draw Things", "Comment", text },
    { "Software", "NovelAI", "Comment", text },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GBytes) bytes = picture_texts_png (8, 8, forms[i]);

      try_bytes (bytes);
    }
}

int
main (int argc, char *argv[])
{
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = NULL, exif = NULL, jpeg = NULL, webp = NULL;
      g_autofree char *data = NULL, *text = NULL;
      gsize n;

      if (!g_file_get_contents (argv[i], &data, &n, &error))
        {
          g_printerr ("%s\n", error->message);
          return EXIT_FAILURE;
        }
      bytes = g_bytes_new (data, n);
      try_bytes (bytes);
      text = g_strndup (data, n);
      try_text (text);
      exif = g_bytes_new (data, MIN (n, 60000));
      jpeg = picture_texts_jpeg (exif);
      try_bytes (jpeg);
      webp = picture_texts_webp (exif);
      try_bytes (webp);
    }
  return EXIT_SUCCESS;
}
