/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of a tokenizer's files, sound, damaged and hostile: each failure must be an MzError that names the
 * file, never a crash (run these under AddressSanitizer). */
#include "text/tokenizer.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const file_names[]
    = { "vocab.json",        "merges.txt",    "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "tokenizer.json" };

static char *
make_dir (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("mezzotint-text-XXXXXX", &error);

  g_assert_no_error (error);
  return dir;
}

static void
remove_dir (const char *dir)
{
  for (guint i = 0; i < G_N_ELEMENTS (file_names); i++)
    {
      g_autofree char *path = g_build_filename (dir, file_names[i], NULL);
      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

static void
put (const char *dir, const char *name, const char *text, gssize length)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  /* not the plain function, which waits for the disk; this one does not cut an old file short */
  g_remove (path);
  g_assert_true (g_file_set_contents_full (path, text, length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* Copies a folder of the goldens, as far as the files are there. */
static void
copy_golden (const char *golden, const char *dir)
{
  for (guint i = 0; i < G_N_ELEMENTS (file_names); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), golden, file_names[i], NULL);
      g_autofree char *text = NULL;
      gsize length;

      if (g_file_get_contents (path, &text, &length, NULL))
        put (dir, file_names[i], text, (gssize) length);
    }
}

typedef struct
{
  const char *golden; /* folder to start from */
  const char *file;   /* replaced by `text`; NULL text: removed */
  const char *text;
  MzError code;
  const char *wanted; /* in the message */
} BadFile;

static void
check_bad (const BadFile *bad)
{
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, bad->file, NULL);
  g_autoptr (GError) error = NULL;

  copy_golden (bad->golden, dir);
  g_remove (path);
  if (bad->text)
    put (dir, bad->file, bad->text, -1);
  g_autoptr (MzTokenizer) tokenizer = mz_tokenizer_new_from_dir (dir, &error);
  g_assert_null (tokenizer);
  g_test_message ("%s", error->message);
  g_assert_error (error, MZ_ERROR, (int) bad->code);
  g_assert_nonnull (strstr (error->message, bad->wanted));
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_assert_null (strpbrk (error->message, "\x1b\a"));
  remove_dir (dir);
}

static void
test_bad_files (void)
{
  static const char small[] = "tokenizer-small", json[] = "tokenizer-json", sd2[] = "tokenizer-sd2";
  static const BadFile table[] = {
    { small, "vocab.json", NULL, MZ_ERROR_MISSING, "vocab.json” is not there" },
    { small, "merges.txt", NULL, MZ_ERROR_MISSING, "merges.txt” is not there" },
    { small, "vocab.json", "", MZ_ERROR_FORMAT, "vocab.json”: it is not JSON" },
    { small, "vocab.json", "{\n\"a\":\n1,,}", MZ_ERROR_FORMAT, "line 3" },
    { small, "vocab.json", "[1]", MZ_ERROR_FORMAT, "no object where one should be" },
    { small, "vocab.json", "{\"a\": }", MZ_ERROR_FORMAT, "line 1 has something that is no value" },
    { small, "vocab.json", "{\"a\": 1} 2", MZ_ERROR_FORMAT, "goes on after its end" },
    { small, "vocab.json", "{\"a\": 1, \"a\": 2}", MZ_ERROR_FORMAT, "the token “a” is there twice" },
    { small, "special_tokens_map.json", "[1]", MZ_ERROR_FORMAT, "is not a JSON object" },
    { small, "vocab.json", "{\"a\": \"b\"}", MZ_ERROR_FORMAT, "the token “a” has no number" },
    { small, "vocab.json", "{\"a\": -1}", MZ_ERROR_FORMAT, "the token “a” has no number" },
    { small, "vocab.json", "{\"a\": 1.5}", MZ_ERROR_FORMAT, "the token “a” has no number" },
    { small, "vocab.json", "{\"a\": {\"b\": 1}}", MZ_ERROR_FORMAT, "the token “a” has no number" },
    { small, "vocab.json", "{\"a\": 1048576}", MZ_ERROR_FORMAT, "not below 1048576" },
    { small, "vocab.json", "{\"a\": 9223372036854775807}", MZ_ERROR_FORMAT, "not below" },
    { small, "vocab.json", "{\"a\": 1, \"b\": 1}", MZ_ERROR_FORMAT, "same id, 1" },
    { small, "vocab.json", "{\"a\": 1}", MZ_ERROR_FORMAT, "is not a token of the vocabulary" },
    { small, "merges.txt", "#version: 0.2\na b\n\xff\n", MZ_ERROR_FORMAT, "line 3" },
    { small, "merges.txt", "#version: 0.2\ni n\nab\n", MZ_ERROR_FORMAT, "line 3: a merge is" },
    { small, "merges.txt", "i n\na b c\n", MZ_ERROR_FORMAT, "line 2: a merge is" },
    { small, "merges.txt", " n\n", MZ_ERROR_FORMAT, "line 1: a merge is" },
    { small, "merges.txt", "i \n", MZ_ERROR_FORMAT, "line 1: a merge is" },
    { small, "merges.txt", "i  n\n", MZ_ERROR_FORMAT, "line 1: a merge is" },
    { small, "merges.txt", "zz q\n", MZ_ERROR_FORMAT, "line 1: “zz” is not a token" },
    { small, "merges.txt", "z q\n", MZ_ERROR_FORMAT, "line 1: “zq” is not a token" },
    { small, "tokenizer_config.json", "{", MZ_ERROR_FORMAT, "tokenizer_config.json” is not JSON" },
    { small, "tokenizer_config.json", "{\"tokenizer_class\": \"T5Tokenizer\"}", MZ_ERROR_UNSUPPORTED,
      "T5Tokenizer" },
    { small, "tokenizer_config.json", "{\"bos_token\": 3}", MZ_ERROR_FORMAT, "bos_token" },
    { small, "tokenizer_config.json", "{\"bos_token\": \"<none>\"}", MZ_ERROR_FORMAT,
      "“<none>” is not in the" },
    { small, "tokenizer_config.json", "{\"pad_token\": {\"content\": []}}", MZ_ERROR_FORMAT, "pad_token" },
    { small, "tokenizer_config.json", "{\"added_tokens_decoder\": []}", MZ_ERROR_FORMAT,
      "added_tokens_decoder" },
    { small, "tokenizer_config.json", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"y\"}}}",
      MZ_ERROR_FORMAT, "“x”" },
    { small, "tokenizer_config.json", "{\"added_tokens_decoder\": {\"1\": \"y\"}}", MZ_ERROR_FORMAT, "“1”" },
    { small, "tokenizer_config.json", "{\"added_tokens_decoder\": {\"700\": {\"content\": \"\"}}}",
      MZ_ERROR_FORMAT, "name has 0 bytes" },
    { small, "tokenizer_config.json", "{\"added_tokens_decoder\": {\"1\": {\"content\": \"new\"}}}",
      MZ_ERROR_FORMAT, "same id, 1" },
    { sd2, "special_tokens_map.json", "{\"eos_token\": false}", MZ_ERROR_FORMAT, "special_tokens_map.json" },
    { sd2, "added_tokens.json", "{\"x\": \"y\"}", MZ_ERROR_FORMAT, "added_tokens.json" },
    { sd2, "added_tokens.json", "{\"xyz\": -7}", MZ_ERROR_FORMAT, "not below" },
    { json, "tokenizer.json", NULL, MZ_ERROR_MISSING, "is not there" },
    { json, "tokenizer.json", "{}", MZ_ERROR_UNSUPPORTED, "tokenizer.json" },
    { json, "tokenizer.json", "{\"model\": {\"type\": \"Unigram\"}}", MZ_ERROR_UNSUPPORTED, "CLIP" },
    { json, "tokenizer.json",
      "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": {\"a\": 0}, \"merges\": "
      "[\"a a a\"]}}",
      MZ_ERROR_FORMAT, "merge 1: a merge is two tokens" },
    { json, "tokenizer.json",
      "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": {\"a\": 0}, \"merges\": "
      "[[\"a\", 1]]}}",
      MZ_ERROR_FORMAT, "merge 1" },
    { json, "tokenizer.json",
      "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": {\"a\": 0}, \"merges\": "
      "[]}, "
      "\"added_tokens\": [{\"content\": \"x\"}]}",
      MZ_ERROR_FORMAT, "added_tokens" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    check_bad (&table[i]);
}

static void
test_deep_json (void)
{
  g_autofree char *deep = g_strnfill (1000000, '[');
  g_autofree char *commas = g_strnfill (3000000, ',');
  /* brackets in a string are no depth */
  g_autofree char *many = g_strconcat ("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"", commas, NULL);
  BadFile bad = { "tokenizer-small", "tokenizer_config.json", deep, MZ_ERROR_FORMAT, "nested deeper" };

  check_bad (&bad);
  bad = (BadFile){ "tokenizer-small", "tokenizer_config.json", many, MZ_ERROR_FORMAT, "more elements" };
  check_bad (&bad);
}

/* Control characters in the files do not reach the message, and so nobody's terminal. */
static void
test_control_characters (void)
{
#define C "\\u001b]0;x\\u0007"
#define MODEL(vocab, merges)                                                                                 \
  "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": {" vocab                     \
  "}, \"merges\": [" merges "]}}"
  static const char small[] = "tokenizer-small", json[] = "tokenizer-json", sd2[] = "tokenizer-sd2";
  static const BadFile table[] = {
    { small, "vocab.json", "{\"" C "\": \"b\"}", MZ_ERROR_FORMAT, "has no number" },
    { small, "vocab.json", "{\"" C "\": 1048576}", MZ_ERROR_FORMAT, "not below 1048576" },
    { small, "vocab.json", "{\"" C "\": 1, \"" C "b\": 1}", MZ_ERROR_FORMAT, "same id, 1" },
    { small, "vocab.json", "{\"" C "\": 1, \"" C "\": 2}", MZ_ERROR_FORMAT, "there twice" },
    { small, "merges.txt", "\x1b]0;x\a b\n", MZ_ERROR_FORMAT, "is not a token of the vocabulary" },
    { json, "tokenizer.json", MODEL ("\"" C "\": -1", ""), MZ_ERROR_FORMAT, "has no number" },
    { json, "tokenizer.json", MODEL ("\"a\": 1", "\"" C " a\""), MZ_ERROR_FORMAT, "merge 1" },
    { small, "tokenizer_config.json", "{\"tokenizer_class\": \"" C "\"}", MZ_ERROR_UNSUPPORTED,
      "of the class" },
    { small, "tokenizer_config.json", "{\"bos_token\": \"" C "\"}", MZ_ERROR_FORMAT,
      "is not in the vocabulary" },
    { small, "tokenizer_config.json", "{\"added_tokens_decoder\": {\"" C "\": {\"content\": \"y\"}}}",
      MZ_ERROR_FORMAT, "does not describe a token" },
    { sd2, "added_tokens.json", "{\"" C "\": \"y\"}", MZ_ERROR_FORMAT, "does not describe a token" },
    { sd2, "added_tokens.json", "{\"" C "\": -7}", MZ_ERROR_FORMAT, "not below" },
  };
#undef C
#undef MODEL

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    check_bad (&table[i]);
}

static void
test_many_added (void)
{
  g_autoptr (GString) text = g_string_new ("{");

  for (guint i = 0; i < 1100; i++)
    g_string_append_printf (text, "%s\"tok%u\": %u", i ? "," : "", i, 1000 + i);
  g_string_append_c (text, '}');
  BadFile bad
      = { "tokenizer-sd2", "added_tokens.json", text->str, MZ_ERROR_FORMAT, "more than 1024 added tokens" };
  check_bad (&bad);
}

static void
test_odd_files (void)
{
  g_autofree char *dir = make_dir ();
  g_autofree char *pipe_path = g_build_filename (dir, "merges.txt", NULL);
  g_autofree char *inside = g_build_filename (dir, "merges.txt", "vocab.json", NULL);
  g_autofree char *big = g_strnfill (17 * 1024 * 1024, '\n');
  g_autoptr (GError) error = NULL;

  /* a folder, a pipe that nobody writes to, a file that is too big, a NUL */
  g_assert_null (mz_tokenizer_new_clip (dir, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_IO);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_assert_null (mz_tokenizer_new_clip (pipe_path, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_IO);
  g_clear_error (&error);
  g_remove (pipe_path);
  put (dir, "merges.txt", big, -1);
  g_assert_null (mz_tokenizer_new_clip (pipe_path, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
  g_clear_error (&error);
  put (dir, "merges.txt", "i n\na\0b c\n", 10);
  g_assert_null (mz_tokenizer_new_clip (pipe_path, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "line 2"));
  g_clear_error (&error);
  g_assert_null (mz_tokenizer_new_clip (inside, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MISSING);
  remove_dir (dir);
}

static void
test_clip_merges (void)
{
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "merges.txt", NULL);
  g_autoptr (GError) error = NULL;

  /* line ends of any system, an empty line, no headline */
  put (dir, "merges.txt", "a b\r\nab c</w>\n\n", -1);
  g_autoptr (MzTokenizer) tokenizer = mz_tokenizer_new_clip (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mz_tokenizer_get_vocab_size (tokenizer), ==, 512 + 2 + 2);
  g_autoptr (MzTokens) tokens = mz_tokenizer_tokenize (tokenizer, "ABC", -1, MZ_TEXT_DEFAULT, NULL);
  g_assert_cmpuint (tokens->n_tokens, ==, 1);
  g_assert_cmpuint (tokens->tokens[0].id, ==, 513);

  /* a merge twice would make a token twice */
  put (dir, "merges.txt", "a b\na b\n", -1);
  g_assert_null (mz_tokenizer_new_clip (path, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "line 2: the token “ab” is there twice"));
  remove_dir (dir);
}

/* Opens what may be damaged: either it works, and then for any text, or there is an error of ours with a
 * message. */
static void
try_folder (const char *dir)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzTokenizer) tokenizer = mz_tokenizer_new_from_dir (dir, &error);
  guint32 ids[77];

  if (!tokenizer)
    {
      g_assert_cmpuint (error->domain, ==, MZ_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }
  g_assert_no_error (error);
  g_assert_true (
      mz_tokenizer_encode (tokenizer, "a <my-cat>'s 12 &amp; 猫!", -1, MZ_TEXT_DEFAULT, 77, ids, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_assert_cmpuint (ids[i], <, mz_tokenizer_get_vocab_size (tokenizer));
}

/* Damages one file of a sound folder, tries it, and puts the file back. */
static void
damage_file (const char *dir, const char *file)
{
  g_autofree char *path = g_build_filename (dir, file, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL) || length == 0)
    return;
  g_autofree char *damaged = g_memdup2 (text, length);
  gsize n_left = length;
  if (g_test_rand_bit ())
    n_left = (gsize) g_test_rand_int_range (0, (int) length);
  else
    for (int n = g_test_rand_int_range (1, 8); n > 0; n--)
      damaged[g_test_rand_int_range (0, (int) length)] = (char) g_test_rand_int_range (0, 256);
  put (dir, file, damaged, (gssize) n_left);
  try_folder (dir);
  put (dir, file, text, (gssize) length);
}

static void
test_damage (void)
{
  static const char *const goldens[] = { "tokenizer-small", "tokenizer-sd2", "tokenizer-json" };

  for (guint i = 0; i < G_N_ELEMENTS (goldens); i++)
    {
      g_autofree char *dir = make_dir ();

      copy_golden (goldens[i], dir);
      for (guint round = 0; round < 200; round++)
        damage_file (dir, file_names[g_test_rand_int_range (0, G_N_ELEMENTS (file_names))]);
      remove_dir (dir);
    }
}

/* Random bytes, and random characters with a bent for the interesting ones. */
static void
test_random_texts (void)
{
  static const char *const bits[] = { "&",
                                      "&amp",
                                      "&#",
                                      "x;",
                                      "<|endoftext|>",
                                      "<|ENDOFTEXT|>",
                                      "'",
                                      "'s",
                                      "\u0301",
                                      "\u0323",
                                      "İ",
                                      "Σ",
                                      "\u1100\u1161",
                                      "1",
                                      "!",
                                      " ",
                                      "\u3000",
                                      "👩‍👧",
                                      "<my-cat>",
                                      "ſ" };
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "tokenizer-sd2", NULL);
  g_autoptr (MzTokenizer) tokenizer = mz_tokenizer_new_from_dir (path, NULL);

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      gboolean raw = round % 4 == 0;
      g_autoptr (GError) error = NULL;

      for (int n = g_test_rand_int_range (0, 60); n > 0; n--)
        {
          gunichar ch = (gunichar) g_test_rand_int_range (1, 0x110000);
          if (raw)
            g_string_append_c (text, (char) g_test_rand_int_range (0, 256));
          else if (g_test_rand_bit ())
            g_string_append (text, bits[g_test_rand_int_range (0, G_N_ELEMENTS (bits))]);
          else if (g_unichar_validate (ch))
            g_string_append_unichar (text, ch);
        }
      g_autoptr (MzTokens) tokens = mz_tokenizer_tokenize (tokenizer, text->str, (gssize) text->len,
                                                           (MzTextFlags) (round & 1), &error);
      gboolean valid = g_utf8_validate_len (text->str, text->len, NULL);
      g_assert_cmpint (tokens != NULL, ==, valid);
      if (!valid)
        {
          g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
          continue;
        }
      for (guint i = 0; i < tokens->n_tokens; i++)
        {
          g_assert_cmpuint (tokens->tokens[i].id, <, mz_tokenizer_get_vocab_size (tokenizer));
          g_assert_cmpuint (tokens->tokens[i].begin, <, tokens->tokens[i].end);
          g_assert_cmpuint (tokens->tokens[i].end, <=, text->len);
          g_assert_true (i == 0 || tokens->tokens[i - 1].begin <= tokens->tokens[i].begin);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tokenizer-files/bad", test_bad_files);
  g_test_add_func ("/tokenizer-files/deep-json", test_deep_json);
  g_test_add_func ("/tokenizer-files/control-characters", test_control_characters);
  g_test_add_func ("/tokenizer-files/many-added", test_many_added);
  g_test_add_func ("/tokenizer-files/odd", test_odd_files);
  g_test_add_func ("/tokenizer-files/clip-merges", test_clip_merges);
  g_test_add_func ("/tokenizer-files/damage", test_damage);
  g_test_add_func ("/tokenizer-files/random-texts", test_random_texts);
  return g_test_run ();
}
