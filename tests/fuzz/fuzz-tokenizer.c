/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* For a fuzzer that hands over files (afl-fuzz … -- fuzz-tokenizer MERGES @@), and for running its finds
 * again: reads each FILE as a prompt and as a table of merges, and fails on what no input may cause. Build
 * with -Db_sanitize=address,undefined. */
#include "text/tokenizer.h"

#include <stdlib.h>

/* Encodes and decodes; ids within the vocabulary, places within the text. */
static void
try_text (MzTokenizer *tokenizer, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzTokens) tokens
      = mz_tokenizer_tokenize (tokenizer, text, (gssize) length, MZ_TEXT_DEFAULT, &error);
  guint32 ids[77];

  if (tokens == NULL)
    {
      g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
      return;
    }
  for (guint i = 0; i < tokens->n_tokens; i++)
    {
      g_assert_cmpuint (tokens->tokens[i].id, <, mz_tokenizer_get_vocab_size (tokenizer));
      g_assert_cmpuint (tokens->tokens[i].begin, <, tokens->tokens[i].end);
      g_assert_cmpuint (tokens->tokens[i].end, <=, length);
    }
  g_assert_true (mz_tokenizer_encode (tokenizer, text, (gssize) length, MZ_TEXT_KEEP_ENTITIES,
                                      G_N_ELEMENTS (ids), ids, NULL, &error));
  g_autofree char *decoded = mz_tokenizer_decode (tokenizer, ids, G_N_ELEMENTS (ids));
  g_assert_true (g_utf8_validate (decoded, -1, NULL));
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;

  if (argc < 3)
    {
      g_printerr ("Usage: %s MERGES FILE...\n", argv[0]);
      return EXIT_FAILURE;
    }
  g_autoptr (MzTokenizer) clip = mz_tokenizer_new_clip (argv[1], &error);
  g_assert_no_error (error);
  for (int i = 2; i < argc; i++)
    {
      g_autoptr (MzTokenizer) other = mz_tokenizer_new_clip (argv[i], &error);
      g_autofree char *text = NULL;
      gsize length;

      g_assert_true (other != NULL || (error != NULL && error->domain == MZ_ERROR));
      g_clear_error (&error);
      if (!g_file_get_contents (argv[i], &text, &length, &error))
        {
          g_printerr ("%s\n", error->message);
          return EXIT_FAILURE;
        }
      try_text (clip, text, length);
      if (other != NULL)
        try_text (other, text, length);
    }
  return EXIT_SUCCESS;
}
