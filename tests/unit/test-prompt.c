/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Grammars of prompts, and cutting them into chunks. What A1111's grammar must give for its own examples is
 * the documentation of its parser. */
#include <math.h>
#include <string.h>

#include "text/chunks.h"

/* The parts as "text|weight/text|weight", a break as "BREAK". */
static char *
describe (const char *source, MzPromptGrammar grammar)
{
  g_autoptr (MzPrompt) prompt = mz_prompt_parse (source, grammar);
  GString *s = g_string_new (NULL);

  for (guint i = 0; i < prompt->parts->len; i++)
    {
      const MzPromptPart *part = &g_array_index (prompt->parts, MzPromptPart, i);

      if (i > 0)
        g_string_append_c (s, '/');
      if (part->is_break)
        g_string_append (s, "BREAK");
      else
        g_string_append_printf (s, "%.*s|%.4g", (int) (part->end - part->start), prompt->text + part->start,
                                part->weight);
      /* Every byte of the text stands where it is said to come from. */
      for (guint k = part->start; k < part->end; k++)
        g_assert_cmpint (prompt->text[k], ==, source[prompt->origins[k]]);
    }
  return g_string_free (s, FALSE);
}

typedef struct
{
  const char *prompt, *parts;
} Example;

static void
check_examples (const Example *examples, gsize n, MzPromptGrammar grammar)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *parts = describe (examples[i].prompt, grammar);

      g_assert_cmpstr (parts, ==, examples[i].parts);
    }
}

static void
test_a1111 (void)
{
  static const Example examples[] = {
    { "normal text", "normal text|1" },
    { "an (important) word", "an |1/important|1.1/ word|1" },
    { "(unbalanced", "unbalanced|1.1" },
    { "\\(literal\\]", "(literal]|1" },
    { "(unnecessary)(parens)", "unnecessaryparens|1.1" },
    { "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
      "a |1/house|1.573/ |1.1/on|1/ a |1.1/hill|0.55/, sun, |1.1/sky|1.464/.|1.1" },
    { "", "|1" },
    { "()", "|1" },
    { "[less]", "less|0.9091" },
    { "(a:0)", "a|0" },
    { "(a:-1.5)", "a|-1.5" },
    { "(a : +2 )", "a |2" },
    { "a) b] c:1.2)", "a) b] c:1.2)|1" },
    { "time: 12:30", "time: 12:30|1" },
    { "(a:1.2.3)", "a:1.2.3|1.1" },
    { "(a:)", "a:|1.1" },
    { "C:\\dir\\\\x", "C:dir\\x|1" },
    { "one BREAK two", "one|1/BREAK/two|1" },
    { "oneBREAK BREAKFAST", "oneBREAK BREAKFAST|1" },
    { "BREAK", "BREAK" },
    { "BREAK BREAK", "BREAK/BREAK" },
    { "(one BREAK two:1.5)", "one|1.5/BREAK/two|1.5" },
    { "\xc3\xa9 (\xf0\x9f\xa6\x8a:1.2)", "\xc3\xa9 |1/\xf0\x9f\xa6\x8a|1.2" },
    { "((((a:9):9):9):9)", "a|100" },
    { "trailing \\", "trailing |1" },
  };

  check_examples (examples, G_N_ELEMENTS (examples), MZ_PROMPT_A1111);
}

static void
test_comfyui (void)
{
  static const Example examples[] = {
    { "normal text", "normal text|1" },
    { "an (important) word", "an |1/important|1.1/ word|1" },
    { "(a:1.3)", "a|1.3" },
    { "((a:1.3) b:1.2)", "a|1.3/ b|1.2" }, /* a number is the weight, whatever is around */
    { "((a))", "a|1.21" },
    { "((a) b:2)", "a|2.2/ b|2" },
    { "[a]", "[a]|1" },
    { "\\(a\\) (b)", "(a) |1/b|1.1" },
    { "(\\(a\\))", "(a)|1.1" },
    { "(unbalanced", "(unbalanced|1" },
    { "a) (b) c", "a) (b) c|1" }, /* a closing bracket too many makes the next pair text */
    { "(:1.2)", ":1.2|1.1" },
    { "(a:b)", "a:b|1.1" },
    { "one BREAK two", "one BREAK two|1" },
    { "", "|1" },
  };

  check_examples (examples, G_N_ELEMENTS (examples), MZ_PROMPT_COMFYUI);
}

static void
test_plain (void)
{
  static const Example examples[] = { { "(a:1.3) [b] BREAK \\(", "(a:1.3) [b] BREAK \\(|1" }, { "", "|1" } };

  check_examples (examples, G_N_ELEMENTS (examples), MZ_PROMPT_PLAIN);
}

/* As much nesting as fits a prompt, in linear time and without a deep stack; every weight stays finite. */
static void
test_deep (void)
{
  static const char *const patterns[]
      = { "(", "[", ")", "(a", "((a:9)", "\\", ":1.2)", "(a)", "BREAK ", "[(" };

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    for (MzPromptGrammar grammar = MZ_PROMPT_PLAIN; grammar <= MZ_PROMPT_COMFYUI; grammar++)
      {
        g_autoptr (GString) text = g_string_new (NULL);
        g_autoptr (MzPrompt) prompt = NULL;

        while (text->len < 1 << 20)
          g_string_append (text, patterns[i]);
        prompt = mz_prompt_parse (text->str, grammar);
        for (guint k = 0; k < prompt->parts->len; k++)
          {
            double weight = g_array_index (prompt->parts, MzPromptPart, k).weight;

            g_assert_true (isfinite (weight));
            g_assert_cmpfloat (fabs (weight), <=, MZ_MAX_WEIGHT);
          }
      }
}

/* Brackets beyond the limit still close the ones they opened. */
static void
test_limit_balanced (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *parts = NULL;

  for (int i = 0; i < 3 * MZ_MAX_BRACKETS; i++)
    g_string_append_c (text, '(');
  g_string_append_c (text, 'a');
  for (int i = 0; i < 3 * MZ_MAX_BRACKETS; i++)
    g_string_append_c (text, ')');
  g_string_append (text, "b");
  parts = describe (text->str, MZ_PROMPT_A1111);
  g_assert_cmpstr (parts, ==, "a|100/b|1");
}

/* Any bytes that are UTF-8: weights finite, spans in order and inside. */
static void
test_fuzz (void)
{
  static const char *const pieces[]
      = { "(", ")", "[", "]", ":", "\\", "1.2", " ", "a", "BREAK", ",", "\xc3\xa9", "-", "." };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (int round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (int n = g_rand_int_range (rand, 0, 30); n > 0; n--)
        g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
      for (MzPromptGrammar grammar = MZ_PROMPT_PLAIN; grammar <= MZ_PROMPT_COMFYUI; grammar++)
        {
          g_autofree char *parts = describe (text->str, grammar);

          g_assert_true (g_utf8_validate (parts, -1, NULL));
        }
    }
}

/* ---- Chunks ---- */

static MzTokenizer *tokenizer;

/* n words of one token each, with `separator` between. */
static char *
words (int n, const char *separator)
{
  GString *s = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    g_string_append_printf (s, "%scat", i > 0 ? separator : "");
  return g_string_free (s, FALSE);
}

static MzChunks *
cut (const char *prompt, MzPromptGrammar grammar, guint max_chunks)
{
  g_autoptr (GError) error = NULL;
  MzChunks *chunks = mz_chunks_new (tokenizer, prompt, grammar, 77, max_chunks, 49407, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (chunks->positions, ==, 77);
  for (guint c = 0; c < chunks->n_chunks; c++)
    {
      g_assert_cmpint (chunks->ids[c * 77], ==, 49406);
      g_assert_cmpint (chunks->ids[c * 77 + 76], ==, 49407);
    }
  return chunks;
}

/* Tokens between BOS and EOS. */
static int
count_in (const MzChunks *chunks, guint chunk)
{
  int n = 0;

  while (chunks->ids[chunk * 77 + 1 + (guint) n] != 49407)
    n++;
  return n;
}

static void
test_one_chunk (void)
{
  for (MzPromptGrammar grammar = MZ_PROMPT_PLAIN; grammar <= MZ_PROMPT_COMFYUI; grammar++)
    {
      g_autofree char *text = words (75, " ");
      g_autoptr (MzChunks) full = cut (text, grammar, 9), empty = cut ("", grammar, 9);
      guint32 ids[77];

      g_assert_true (mz_tokenizer_encode (tokenizer, text, -1, MZ_TEXT_DEFAULT, 77, ids, NULL, NULL));
      g_assert_cmpmem (full->ids, sizeof ids, ids, sizeof ids);
      g_assert_cmpuint (full->n_chunks, ==, 1);
      g_assert_cmpuint (full->n_tokens, ==, 75);
      g_assert_cmpuint (full->n_cut, ==, 0);
      g_assert_cmpuint (full->cut_at, ==, strlen (text));
      g_assert_cmpuint (full->ends[0], ==, strlen (text));
      g_assert_false (full->is_weighted);
      g_assert_cmpuint (empty->n_chunks, ==, 1);
      g_assert_cmpint (count_in (empty, 0), ==, 0);
      g_assert_cmpuint (empty->ends[0], ==, 0);
    }
}

static void
test_long (void)
{
  g_autofree char *text = words (160, " ");
  g_autoptr (MzChunks) plain = cut (text, MZ_PROMPT_PLAIN, 9), a1111 = cut (text, MZ_PROMPT_A1111, 9);
  g_autoptr (MzChunks) comfyui = cut (text, MZ_PROMPT_COMFYUI, 9), two = cut (text, MZ_PROMPT_A1111, 2);

  g_assert_cmpuint (plain->n_chunks, ==, 1);
  g_assert_cmpuint (plain->n_cut, ==, 85);
  g_assert_cmpuint (plain->cut_at, ==, 75 * 4);
  g_assert_cmpuint (a1111->n_chunks, ==, 3);
  g_assert_cmpuint (a1111->n_cut, ==, 0);
  g_assert_cmpint (count_in (a1111, 2), ==, 10);
  g_assert_cmpuint (a1111->ends[0], ==, 75 * 4 - 1);
  g_assert_cmpuint (a1111->ends[1], ==, 150 * 4 - 1);
  g_assert_cmpuint (a1111->ends[2], ==, 160 * 4 - 1);
  g_assert_cmpmem (comfyui->ids, 3 * 77 * 4, a1111->ids, 3 * 77 * 4);
  g_assert_cmpuint (two->n_chunks, ==, 2);
  g_assert_cmpuint (two->n_cut, ==, 10);
  g_assert_cmpuint (two->cut_at, ==, 150 * 4);
}

/* A1111 tears no list item when its comma is near. */
static void
test_comma (void)
{
  g_autofree char *near = words (60, " "), *far = words (50, " "), *rest = words (30, " ");
  g_autofree char *near_text = g_strdup_printf ("%s, %s", near, rest);
  g_autofree char *far_text = g_strdup_printf ("%s, %s", far, rest);
  g_autoptr (MzChunks) moved = cut (near_text, MZ_PROMPT_A1111, 9), torn = cut (far_text, MZ_PROMPT_A1111, 9);
  g_autoptr (MzChunks) comfyui = cut (near_text, MZ_PROMPT_COMFYUI, 9);

  g_assert_cmpint (count_in (moved, 0), ==, 61);
  g_assert_cmpint (count_in (moved, 1), ==, 30);
  g_assert_cmpuint (moved->ends[0], ==, 60 * 4);
  g_assert_cmpint (count_in (torn, 0), ==, 75);
  g_assert_cmpint (count_in (torn, 1), ==, 6);
  g_assert_cmpint (count_in (comfyui, 0), ==, 75);
}

/* ComfyUI tears no part of fewer than 8 tokens. */
static void
test_short_part (void)
{
  g_autofree char *before = words (72, " "), *seven = words (7, " "), *eight = words (8, " ");
  g_autofree char *short_text = g_strdup_printf ("%s (%s:1.2)", before, seven);
  g_autofree char *long_text = g_strdup_printf ("%s (%s:1.2)", before, eight);
  g_autoptr (MzChunks) whole = cut (short_text, MZ_PROMPT_COMFYUI, 9),
                       torn = cut (long_text, MZ_PROMPT_COMFYUI, 9);

  g_assert_cmpint (count_in (whole, 0), ==, 72);
  g_assert_cmpint (count_in (whole, 1), ==, 7);
  g_assert_cmpint (count_in (torn, 0), ==, 75);
  g_assert_cmpint (count_in (torn, 1), ==, 5);
}

static void
test_break (void)
{
  g_autoptr (MzChunks) two = cut ("a cat BREAK dogs", MZ_PROMPT_A1111, 9);
  g_autoptr (MzChunks) last = cut ("a cat BREAK", MZ_PROMPT_A1111, 9);
  g_autoptr (MzChunks) first = cut ("BREAK cats", MZ_PROMPT_A1111, 9);
  g_autoptr (MzChunks) twice = cut ("cats BREAK BREAK dogs", MZ_PROMPT_A1111, 9);

  g_assert_cmpuint (two->n_chunks, ==, 2);
  g_assert_cmpint (count_in (two, 0), ==, 2);
  g_assert_cmpint (count_in (two, 1), ==, 1);
  g_assert_cmpuint (two->ends[0], ==, 5);
  g_assert_cmpuint (two->ends[1], ==, 16);
  g_assert_cmpuint (last->n_chunks, ==, 1);
  g_assert_cmpuint (first->n_chunks, ==, 2);
  g_assert_cmpint (count_in (first, 0), ==, 0);
  g_assert_cmpuint (twice->n_chunks, ==, 3);
}

/* Weights stand beside their tokens; offsets are those of the prompt with its brackets. */
static void
test_weights (void)
{
  g_autoptr (MzChunks) chunks = cut ("a (red cat:1.5) sat", MZ_PROMPT_A1111, 9);
  static const float weights[] = { 1, 1, 1.5f, 1.5f, 1, 1 };

  g_assert_true (chunks->is_weighted);
  g_assert_cmpuint (chunks->n_tokens, ==, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (weights); i++)
    g_assert_cmpfloat (chunks->weights[i], ==, weights[i]);
  g_assert_cmpuint (chunks->ends[0], ==, strlen ("a (red cat:1.5) sat"));
}

/* A border inside brackets. */
static void
test_offsets (void)
{
  g_autofree char *text = words (80, " "), *prompt = g_strdup_printf ("((%s:1.2):1.1)!", text);
  g_autoptr (MzChunks) chunks = cut (prompt, MZ_PROMPT_A1111, 1);

  g_assert_cmpuint (chunks->ends[0], ==, 2 + 75 * 4 - 1);
  g_assert_cmpuint (chunks->cut_at, ==, 2 + 75 * 4);
  g_assert_cmpuint (chunks->n_cut, ==, 6);
}

/* Room for fewer tokens than a part has that should not be torn. */
static void
test_small_room (void)
{
  for (MzPromptGrammar grammar = MZ_PROMPT_A1111; grammar <= MZ_PROMPT_COMFYUI; grammar++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MzChunks) chunks
          = mz_chunks_new (tokenizer, "a b c (d e f g h:1.1) i, j k", grammar, 4, 99, 0, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (chunks->n_cut, ==, 0);
      g_assert_cmpuint (chunks->n_tokens, ==, 12);
      for (guint c = 0; c < chunks->n_chunks; c++)
        g_assert_cmpint (chunks->ids[c * 4], ==, 49406);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *merges = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  merges = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data/clip/merges.txt", NULL);
  tokenizer = mz_tokenizer_new_clip (merges, &error);
  g_assert_no_error (error);
  g_test_add_func ("/prompt/a1111", test_a1111);
  g_test_add_func ("/prompt/comfyui", test_comfyui);
  g_test_add_func ("/prompt/plain", test_plain);
  g_test_add_func ("/prompt/deep", test_deep);
  g_test_add_func ("/prompt/limit-balanced", test_limit_balanced);
  g_test_add_func ("/prompt/fuzz", test_fuzz);
  g_test_add_func ("/chunks/one", test_one_chunk);
  g_test_add_func ("/chunks/long", test_long);
  g_test_add_func ("/chunks/comma", test_comma);
  g_test_add_func ("/chunks/short-part", test_short_part);
  g_test_add_func ("/chunks/break", test_break);
  g_test_add_func ("/chunks/weights", test_weights);
  g_test_add_func ("/chunks/offsets", test_offsets);
  g_test_add_func ("/chunks/small-room", test_small_room);
  status = g_test_run ();
  mz_tokenizer_unref (tokenizer);
  return status;
}
