/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of the tokenizer as a whole: ids against transformers' (tests/reference/text_goldens.py), the border
 * of what fits, decoding, and texts that are refused. */
#include "text/tokenizer.h"

#include <json-glib/json-glib.h>
#include <string.h>

static char *
golden_path (const char *name)
{
  return g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), name, NULL);
}

static MzTokenizer *
open_clip (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data", "clip", "merges.txt", NULL);
  g_autoptr (GError) error = NULL;
  MzTokenizer *tokenizer = mz_tokenizer_new_clip (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static MzTokenizer *
open_folder (const char *name)
{
  g_autofree char *path = golden_path (name);
  g_autoptr (GError) error = NULL;
  MzTokenizer *tokenizer = mz_tokenizer_new_from_dir (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static JsonArray *
open_cases (JsonParser *parser)
{
  g_autofree char *path = golden_path ("tokens.json");
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "cases");
}

static void
assert_ids (const MzTokens *tokens, JsonArray *wanted, const char *text)
{
  g_autofree char *shown = g_strescape (text, NULL);

  g_test_message ("“%s”", shown);
  g_assert_cmpuint (tokens->n_tokens, ==, json_array_get_length (wanted));
  for (guint i = 0; i < tokens->n_tokens; i++)
    g_assert_cmpint (tokens->tokens[i].id, ==, json_array_get_int_element (wanted, i));
}

/* Checks the ids of all texts that a case lists under `key`. */
static void
check_all (MzTokenizer *tokenizer, const char *key, MzTextFlags flags)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases = open_cases (parser);
  guint n_checked = 0;

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      const char *text = json_object_get_string_member (one, "text");
      g_autoptr (GError) error = NULL;

      if (!json_object_has_member (one, key))
        continue;
      g_autoptr (MzTokens) tokens = mz_tokenizer_tokenize (tokenizer, text, -1, flags, &error);
      g_assert_no_error (error);
      assert_ids (tokens, json_object_get_array_member (one, key), text);
      n_checked++;
    }
  g_assert_cmpuint (n_checked, >=, 20);
}

static void
test_clip (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();

  g_assert_cmpuint (mz_tokenizer_get_vocab_size (clip), ==, 49408);
  g_assert_cmpuint (mz_tokenizer_get_bos_id (clip), ==, 49406);
  g_assert_cmpuint (mz_tokenizer_get_eos_id (clip), ==, 49407);
  g_assert_cmpuint (mz_tokenizer_get_pad_id (clip), ==, 49407);
  g_assert_cmpuint (mz_tokenizer_get_max_positions (clip), ==, 77);
  check_all (clip, "clip", MZ_TEXT_KEEP_ENTITIES);
  check_all (clip, "clip_html", MZ_TEXT_DEFAULT);
}

static void
test_folders (void)
{
  g_autoptr (MzTokenizer) small = open_folder ("tokenizer-small");
  g_autoptr (MzTokenizer) json = open_folder ("tokenizer-json");
  g_autoptr (MzTokenizer) sd2 = open_folder ("tokenizer-sd2");

  g_assert_cmpuint (mz_tokenizer_get_vocab_size (small), ==, 600);
  g_assert_cmpuint (mz_tokenizer_get_bos_id (small), ==, 598);
  g_assert_cmpuint (mz_tokenizer_get_pad_id (small), ==, 599);
  g_assert_cmpuint (mz_tokenizer_get_vocab_size (sd2), ==, 592);
  g_assert_cmpuint (mz_tokenizer_get_pad_id (sd2), ==, 0);
  g_assert_cmpuint (mz_tokenizer_get_max_positions (sd2), ==, 16);
  check_all (small, "small", MZ_TEXT_KEEP_ENTITIES);
  check_all (json, "json", MZ_TEXT_KEEP_ENTITIES);
  check_all (sd2, "sd2", MZ_TEXT_KEEP_ENTITIES);
}

/* Text without any entity must come out the same with and without them. */
static void
test_default_flags (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases = open_cases (parser);

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      const char *text = json_object_get_string_member (one, "text");

      if (json_object_has_member (one, "html"))
        continue;
      g_autoptr (MzTokens) tokens = mz_tokenizer_tokenize (clip, text, -1, MZ_TEXT_DEFAULT, NULL);
      assert_ids (tokens, json_object_get_array_member (one, "clip"), text);
    }
}

static void
test_begins (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases = open_cases (parser);

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      const char *text = json_object_get_string_member (one, "text");
      g_autoptr (MzTokens) tokens = mz_tokenizer_tokenize (clip, text, -1, MZ_TEXT_KEEP_ENTITIES, NULL);

      if (json_object_get_null_member (one, "begin"))
        continue;
      JsonArray *wanted = json_object_get_array_member (one, "begin");
      g_test_message ("“%s”", text);
      g_assert_cmpuint (tokens->n_tokens, ==, json_array_get_length (wanted));
      for (guint k = 0; k < tokens->n_tokens; k++)
        {
          g_assert_cmpint (tokens->tokens[k].begin, ==, json_array_get_int_element (wanted, k));
          g_assert_cmpuint (tokens->tokens[k].begin, <, tokens->tokens[k].end);
          g_assert_cmpuint (tokens->tokens[k].end, <=, strlen (text));
        }
    }
}

static void
check_padded (MzTokenizer *tokenizer, const char *key, guint max_positions)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases = open_cases (parser);
  guint32 ids[77];

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      JsonObject *padded = json_object_get_object_member (one, "padded");
      JsonArray *wanted = json_object_get_array_member (padded, key);
      guint n_all = json_array_get_length (json_object_get_array_member (one, key));
      const char *text = json_object_get_string_member (one, "text");
      MzTokenCount count, counted;
      g_autoptr (GError) error = NULL;

      mz_tokenizer_encode (tokenizer, text, -1, MZ_TEXT_KEEP_ENTITIES, max_positions, ids, &count, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (json_array_get_length (wanted), ==, max_positions);
      for (guint k = 0; k < max_positions; k++)
        g_assert_cmpint (ids[k], ==, json_array_get_int_element (wanted, k));
      g_assert_cmpuint (count.n_tokens, ==, n_all);
      g_assert_cmpuint (count.n_kept, ==, MIN (n_all, max_positions - 2));
      g_assert_cmpint (count.truncated, ==, n_all > max_positions - 2);
      g_assert_true (
          mz_tokenizer_count (tokenizer, text, -1, MZ_TEXT_KEEP_ENTITIES, max_positions, &counted, NULL));
      g_assert_cmpuint (counted.n_tokens, ==, count.n_tokens);
      g_assert_cmpuint (counted.cut_at, ==, count.cut_at);
    }
}

static void
test_padding (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();
  g_autoptr (MzTokenizer) sd2 = open_folder ("tokenizer-sd2");

  check_padded (clip, "clip", 77);
  check_padded (sd2, "sd2", 16);
}

static void
test_border (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();
  g_autoptr (GString) text = g_string_new ("  ");
  MzTokenCount count;
  guint32 ids[77];

  for (int i = 0; i < 75; i++)
    g_string_append (text, "é&amp;");
  /* "é" and "&" by turns: 150 tokens, 8 bytes a pair; the 76th token is the "&" of the 38th pair */
  g_assert_true (mz_tokenizer_encode (clip, text->str, -1, MZ_TEXT_DEFAULT, 77, ids, &count, NULL));
  g_assert_cmpuint (count.n_tokens, ==, 150);
  g_assert_cmpuint (count.n_kept, ==, 75);
  g_assert_true (count.truncated);
  g_assert_cmpuint (count.cut_at, ==, 2 + 37 * 7 + 2);

  /* only the first bytes are looked at; all fits, so the border is their end */
  g_assert_true (mz_tokenizer_count (clip, text->str, 2 + 7, MZ_TEXT_DEFAULT, 77, &count, NULL));
  g_assert_cmpuint (count.n_tokens, ==, 2);
  g_assert_false (count.truncated);
  g_assert_cmpuint (count.cut_at, ==, 9);

  /* the smallest frame holds nothing but BOS and EOS */
  g_assert_true (mz_tokenizer_encode (clip, "a cat", -1, MZ_TEXT_DEFAULT, 2, ids, &count, NULL));
  g_assert_cmpuint (ids[0], ==, 49406);
  g_assert_cmpuint (ids[1], ==, 49407);
  g_assert_cmpuint (count.n_tokens, ==, 2);
  g_assert_cmpuint (count.cut_at, ==, 0);
}

static void
assert_refused (MzTokenizer *tokenizer,
                const char *text,
                gssize length,
                guint max_positions,
                const char *wanted)
{
  g_autoptr (GError) error = NULL;
  guint32 ids[77] = { 7, 8, 9 };
  MzTokenCount count = { .n_tokens = 1234 };

  g_assert_false (
      mz_tokenizer_encode (tokenizer, text, length, MZ_TEXT_DEFAULT, max_positions, ids, &count, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_cmpstr (error->message, ==, wanted);
  g_assert_cmpuint (ids[0], ==, 7);
  g_assert_cmpuint (count.n_tokens, ==, 1234);
}

static void
test_refused (void)
{
  g_autoptr (MzTokenizer) small = open_folder ("tokenizer-small");
  g_autofree char *huge = g_strnfill (MZ_TEXT_MAX_BYTES + 1, 'a');

  assert_refused (small, "a b\xff c", -1, 77, "The text is not valid UTF-8 at byte 3.");
  assert_refused (small, "caf\xc3", -1, 77, "The text is not valid UTF-8 at byte 3.");
  assert_refused (small, "\xed\xa0\x80", -1, 77, "The text is not valid UTF-8 at byte 0.");
  assert_refused (small, "\xf4\x90\x80\x80", -1, 77, "The text is not valid UTF-8 at byte 0.");
  assert_refused (small, "ab\0c", 4, 77, "The text has a NUL at byte 2.");
  assert_refused (small, "a", -1, 1, "A text needs at least 2 positions, not 1.");
  assert_refused (small, huge, -1, 77, "The text has 4194305 bytes, more than the 4194304 that are read.");
}

/* Bad ways to measure a long text would take minutes here: one huge word, one huge run of marks, one of "&".
 */
static void
test_megabyte (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();
  const char *const units[] = { "a", "ab ", "\u0301\u0323", "&", "<|" };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      guint32 ids[77];
      MzTokenCount count;
      gint64 start = g_get_monotonic_time ();

      while (text->len < 1000000)
        g_string_append (text, units[i]);
      mz_tokenizer_encode (clip, text->str, -1, MZ_TEXT_DEFAULT, 77, ids, &count, &error);
      g_assert_no_error (error);
      g_assert_true (count.truncated);
      g_assert_cmpuint (count.n_tokens, >, 10000);
      g_assert_cmpuint (ids[76], ==, 49407);
      g_test_message ("1 MB of “%s”: %u tokens in %.0f ms", units[i], count.n_tokens,
                      (double) (g_get_monotonic_time () - start) / 1000);
    }
}

static void
test_decode (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();
  guint32 ids[77];
  const guint32 odd[] = { 0, 1000000, 188 };

  g_assert_true (mz_tokenizer_encode (clip, "A  Café, 猫 <b>!!", -1, MZ_TEXT_DEFAULT, 77, ids, NULL, NULL));
  g_autofree char *text = mz_tokenizer_decode (clip, ids, 77);
  g_assert_cmpstr (text, ==, "a café , 猫 < b >!!");
  /* "!" inside a word, no token at all, the lone byte 0xad */
  g_autofree char *broken = mz_tokenizer_decode (clip, odd, G_N_ELEMENTS (odd));
  g_assert_true (g_utf8_validate (broken, -1, NULL));
  g_assert_true (g_str_has_prefix (broken, "!\357\277\275"));
  g_autofree char *nothing = mz_tokenizer_decode (clip, NULL, 0);
  g_assert_cmpstr (nothing, ==, "");
}

static gpointer
encode_often_cb (gpointer tokenizer)
{
  guint32 ids[77];
  guint n_right = 0;

  for (int i = 0; i < 500; i++)
    {
      mz_tokenizer_encode (tokenizer, "a photo of a cat", -1, MZ_TEXT_DEFAULT, 77, ids, NULL, NULL);
      n_right += ids[1] == 320 && ids[5] == 2368;
    }
  mz_tokenizer_unref (tokenizer);
  return GUINT_TO_POINTER (n_right);
}

static void
test_threads (void)
{
  g_autoptr (MzTokenizer) clip = open_clip ();
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("encode", encode_often_cb, mz_tokenizer_ref (clip));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (threads[i])), ==, 500);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tokenizer/clip", test_clip);
  g_test_add_func ("/tokenizer/folders", test_folders);
  g_test_add_func ("/tokenizer/default-flags", test_default_flags);
  g_test_add_func ("/tokenizer/begins", test_begins);
  g_test_add_func ("/tokenizer/padding", test_padding);
  g_test_add_func ("/tokenizer/border", test_border);
  g_test_add_func ("/tokenizer/refused", test_refused);
  g_test_add_func ("/tokenizer/megabyte", test_megabyte);
  g_test_add_func ("/tokenizer/decode", test_decode);
  g_test_add_func ("/tokenizer/threads", test_threads);
  return g_test_run ();
}
