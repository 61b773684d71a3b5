/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of the parts below the tokenizer: HTML, NFC, clean-up, words, byte-pair encoding. */
#include "text/added.h"
#include "text/bpe.h"
#include "text/clean.h"
#include "text/html.h"
#include "text/nfc.h"
#include "text/split.h"

#include <string.h>

static MzChars *
chars_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  MzChars *chars = mz_clean_decode (text, -1, G_MAXUINT32, &error);

  g_assert_no_error (error);
  return chars;
}

static char *
text_of (MzChars *chars)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < chars->len; i++)
    g_string_append_unichar (text, mz_chars_at (chars, i)->ch);
  return g_string_free (text, FALSE);
}

static void
assert_begins_grow (MzChars *chars)
{
  for (guint i = 1; i < chars->len; i++)
    g_assert_cmpuint (mz_chars_at (chars, i - 1)->begin, <=, mz_chars_at (chars, i)->begin);
}

static void
test_html_table (void)
{
  guint n_bare = 0;

  for (guint i = 0; i < MZ_HTML_N_ENTITIES; i++)
    {
      const MzHtmlEntity *entity = &mz_html_entities[i];

      g_assert_nonnull (entity->name);
      g_assert_true (i == 0 || strcmp (mz_html_entities[i - 1].name, entity->name) < 0);
      g_assert_true (g_unichar_validate (entity->ch[0]) && g_unichar_validate (entity->ch[1]));
      n_bare += entity->bare;
    }
  /* the HTML standard's 2231 rows: 2125 with ";", 106 of them also without */
  g_assert_cmpuint (n_bare, ==, 106);
}

/* What Python's html.unescape() gives. */
static void
test_html (void)
{
  static const char *const pairs[][2] = {
    { "", "" },
    { "plain text", "plain text" },
    { "&amp;", "&" },
    { "&amp;lt;", "&lt;" },
    { "&eacute;&Eacute;", "éÉ" },
    { "&eacute&eacutes", "éés" },
    { "&notit; &notin; &not", "¬it; ∉ ¬" },
    { "&NotEqualTilde;", "≂̸" },
    { "&CounterClockwiseContourIntegral;", "∳" },
    { "&sung", "&sung" },
    { "&sung;", "♪" },
    { "&#39;&#x27;&#X27;&#39 &#039", "'''' '" },
    { "&#128;&#150;&#x9d;", "€–\xc2\x9d" },
    { "&#0;&#xd800;&#x110000;&#99999999999999999999", "����" },
    { "a&#1;b&#127;c&#xfffe;d&#xfdd0;e&#x1ffff;f", "abcdef" },
    { "&#9;&#10;&#13;&#12;", "\t\n\r\f" },
    { "&#11;&#14;", "" },
    { "&", "&" },
    { "&;", "&;" },
    { "&&amp;&", "&&&" },
    { "&#", "&#" },
    { "&#;&#x;&#xg;", "&#;&#x;&#xg;" },
    { "&a &unknown; & amp;", "&a &unknown; & amp;" },
    { "&ampé &é;", "&é &é;" },
    { "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GArray) chars = chars_of (pairs[i][0]);
      g_autoptr (GArray) unescaped = mz_html_unescape (chars);
      g_autofree char *text = text_of (unescaped);

      g_assert_cmpstr (text, ==, pairs[i][1]);
      assert_begins_grow (unescaped);
    }
}

static void
test_html_places (void)
{
  g_autoptr (GArray) chars = chars_of ("é&amp;x");
  g_autoptr (GArray) unescaped = mz_html_unescape (chars);

  g_assert_cmpuint (unescaped->len, ==, 3);
  g_assert_cmpuint (mz_chars_at (unescaped, 1)->ch, ==, '&');
  g_assert_cmpuint (mz_chars_at (unescaped, 1)->begin, ==, 2);
  g_assert_cmpuint (mz_chars_at (unescaped, 1)->end, ==, 7);
  g_assert_cmpuint (mz_chars_at (unescaped, 2)->begin, ==, 7);
}

static void
assert_nfc (const char *text)
{
  g_autoptr (GArray) chars = chars_of (text);
  g_autoptr (GArray) composed = mz_nfc ((MzChar *) chars->data, chars->len);
  g_autofree char *ours = text_of (composed);
  g_autofree char *glibs = g_utf8_normalize (text, -1, G_NORMALIZE_NFC);

  g_assert_cmpstr (ours, ==, glibs);
  assert_begins_grow (composed);
}

/* GLib's own normaliser, quadratic but right, is the reference. */
static void
test_nfc (void)
{
  static const gunichar pool[]
      = { 'a',    'e',   'q',   0x1100, 0x1161, 0x11a8, 0xac00, 0xac01, 0x300,  0x301,
          0x302,  0x307, 0x323, 0x327,  0x328,  0x338,  0x344,  0x345,  0x9c7,  0x9be,
          0x1e0b, 0xc5,  0xea,  0x212b, 0xfb2c, 0x5c1,  0x5b0,  0x93c,  0x1d15e };

  for (gunichar ch = 1; ch <= 0x10ffff; ch++)
    {
      char text[16] = "";
      if (!g_unichar_validate (ch))
        continue;
      g_unichar_to_utf8 (ch, text);
      if (ch < 0x30000)
        assert_nfc (text);
    }
  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      for (int n = g_test_rand_int_range (1, 12); n > 0; n--)
        g_string_append_unichar (text, pool[g_test_rand_int_range (0, G_N_ELEMENTS (pool))]);
      assert_nfc (text->str);
    }
}

static void
test_clean (void)
{
  static const char *const pairs[][2] = {
    { "ABC déjÀ", "abc déjà" },     { "a\t\nb\u00a0\u3000c", "a  b  c" }, { "İ", "i̇" },
    { "ΑΣ ẞ ǅ", "ασ ß ǆ" },         { "Ⅷ Ⓐ Ⓩ Ⅰ Ⅿ", "ⅷ ⓐ ⓩ ⅰ ⅿ" },         { "e\u0301", "é" },
    { "\u200b\x1c", "\u200b\x1c" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GArray) chars = chars_of (pairs[i][0]);
      g_autoptr (GArray) clean = mz_clean_normalize ((MzChar *) chars->data, chars->len);
      g_autofree char *text = text_of (clean);

      g_assert_cmpstr (text, ==, pairs[i][1]);
    }
}

/* Python: [c for c in map(chr, range(0x110000)) if regex.match(r"\p{White_Space}", c)] */
static void
test_spaces (void)
{
  guint n = 0;

  for (gunichar ch = 0; ch <= 0x10ffff; ch++)
    n += mz_clean_is_space (ch);
  g_assert_cmpuint (n, ==, 25);
}

static void
test_split (void)
{
  static const char *const pairs[][2] = {
    { "", "" },
    { "  ", "" },
    { "a red apple", "a red apple" },
    { "it's don't we're i've i'm she'll he'd", "it 's don 't we 're i 've i 'm she 'll he 'd" },
    { "'sun 'x ''s", "'s un ' x '' s" },
    { "12x3", "1 2 x 3" },
    { "a, b!!! (c:1.2)", "a , b !!! ( c : 1 . 2 )" },
    { "猫and犬。½", "猫and犬 。 ½" },
    { "e\u0331x", "e \u0331 x" },
    { "!<|endoftext|>", "!<| endoftext |>" },
    { "<|endoftext|>!!", "<| endoftext |> !!" },
    { "x<|startoftext|>'s", "x <| startoftext |> 's" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GArray) chars = chars_of (pairs[i][0]);
      g_autoptr (GString) words = g_string_new (NULL);
      MzSplitter splitter = { .chars = chars };
      guint first;

      while (mz_split_next (&splitter, &first))
        {
          if (words->len > 0)
            g_string_append_c (words, ' ');
          for (guint k = first; k < splitter.pos; k++)
            g_string_append_unichar (words, mz_chars_at (chars, k)->ch);
        }
      g_assert_cmpstr (words->str, ==, pairs[i][1]);
      g_assert_cmpuint (splitter.pos, ==, chars->len);
    }
}

static void
test_bytes (void)
{
  gboolean seen[0x144] = { FALSE };

  for (guint byte = 0; byte < 256; byte++)
    {
      gunichar ch = mz_bpe_byte_char ((guint8) byte);
      g_assert_cmpuint (ch, <, G_N_ELEMENTS (seen));
      g_assert_false (seen[ch]);
      seen[ch] = TRUE;
      g_assert_true (g_unichar_isgraph (ch));
    }
  g_assert_cmpuint (mz_bpe_byte_char ('a'), ==, 'a');
  g_assert_cmpuint (mz_bpe_byte_char (0), ==, 0x100);
  g_assert_cmpuint (mz_bpe_byte_char (' '), ==, 0x120);
  g_assert_cmpuint (mz_bpe_byte_char (0x7f), ==, 0x121);
  g_assert_cmpuint (mz_bpe_byte_char (0xa0), ==, 0x142);
  g_assert_cmpuint (mz_bpe_byte_char (0xad), ==, 0x143);
}

/* A vocabulary of the letters a..d and random merges; the merges also in order, as "left right". */
static MzBpe *
random_bpe (GPtrArray *merges)
{
  MzBpe *bpe = mz_bpe_new ();
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  for (char letter = 'a'; letter <= 'd'; letter++)
    {
      g_ptr_array_add (texts, g_strdup_printf ("%c", letter));
      g_ptr_array_add (texts, g_strdup_printf ("%c</w>", letter));
    }
  for (guint i = 0; i < texts->len; i++)
    g_assert_true (mz_bpe_add_token (bpe, texts->pdata[i], i, NULL));
  while (merges->len < 40)
    {
      const char *left = texts->pdata[g_test_rand_int_range (0, (int) texts->len)];
      const char *right = texts->pdata[g_test_rand_int_range (0, (int) texts->len)];
      g_autofree char *whole = g_strconcat (left, right, NULL);
      guint32 id;

      if (g_str_has_suffix (left, "</w>") || mz_bpe_find (bpe, whole, &id))
        continue;
      g_assert_true (mz_bpe_add_token (bpe, whole, texts->len, NULL));
      g_assert_true (mz_bpe_add_merge (bpe, left, right, NULL));
      g_ptr_array_add (merges, g_strconcat (left, " ", right, NULL));
      g_ptr_array_add (texts, g_steal_pointer (&whole));
    }
  g_ptr_array_unref (texts);
  mz_bpe_seal (bpe, 0);
  return bpe;
}

/* The definition, word for word: find the pair of lowest rank, merge its leftmost place, again. */
static char *
encode_plainly (GPtrArray *merges, const char *word)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  for (const char *p = word; *p; p++)
    g_ptr_array_add (parts, g_strdup_printf ("%c%s", *p, p[1] ? "" : "</w>"));
  for (guint rank = 0; rank < merges->len; rank++)
    for (guint i = 0; i + 1 < parts->len; i++)
      {
        g_autofree char *pair = g_strconcat (parts->pdata[i], " ", parts->pdata[i + 1], NULL);
        if (!g_str_equal (pair, merges->pdata[rank]))
          continue;
        char *whole = g_strconcat (parts->pdata[i], parts->pdata[i + 1], NULL);
        g_free (parts->pdata[i]);
        parts->pdata[i] = whole;
        g_ptr_array_remove_index (parts, i + 1);
        /* from the first rank again; the loops' own steps come on top */
        rank = G_MAXUINT;
        break;
      }
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" ", (char **) parts->pdata);
}

static void
test_bpe (void)
{
  for (int round = 0; round < 30; round++)
    {
      g_autoptr (GPtrArray) merges = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (MzBpe) bpe = random_bpe (merges);

      for (int i = 0; i < 50; i++)
        {
          char word[24] = "";
          g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (MzToken));
          g_autoptr (GString) ours = g_string_new (NULL);
          guint32 at = 0;

          for (int k = 0, n = g_test_rand_int_range (1, 23); k < n; k++)
            word[k] = (char) g_test_rand_int_range ('a', 'e');
          g_autoptr (GArray) chars = chars_of (word);
          mz_bpe_encode_word (bpe, (MzChar *) chars->data, chars->len, tokens);
          for (guint k = 0; k < tokens->len; k++)
            {
              const MzToken *token = &g_array_index (tokens, MzToken, k);
              g_assert_cmpuint (token->begin, ==, at);
              at = token->end;
              g_string_append_printf (ours, "%s%s", k ? " " : "", mz_bpe_get_text (bpe, token->id));
            }
          g_assert_cmpuint (at, ==, strlen (word));
          g_autofree char *wanted = encode_plainly (merges, word);
          g_assert_cmpstr (ours->str, ==, wanted);
        }
    }
}

static void
test_bpe_unknown (void)
{
  g_autoptr (MzBpe) bpe = mz_bpe_new ();
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (MzToken));
  g_autoptr (GArray) chars = chars_of ("xay");

  g_assert_true (mz_bpe_add_token (bpe, "a", 5, NULL));
  g_assert_true (mz_bpe_add_token (bpe, "?", 3, NULL));
  mz_bpe_seal (bpe, 3);
  g_assert_cmpuint (mz_bpe_get_vocab_size (bpe), ==, 6);
  g_assert_null (mz_bpe_get_text (bpe, 4));
  g_assert_null (mz_bpe_get_text (bpe, 6));
  mz_bpe_encode_word (bpe, (MzChar *) chars->data, chars->len, tokens);
  g_assert_cmpuint (tokens->len, ==, 3);
  g_assert_cmpuint (g_array_index (tokens, MzToken, 0).id, ==, 3);
  g_assert_cmpuint (g_array_index (tokens, MzToken, 1).id, ==, 5);
  g_assert_cmpuint (g_array_index (tokens, MzToken, 2).id, ==, 3);
}

static void
test_added (void)
{
  g_autoptr (MzAdded) added = mz_added_new ();
  g_autoptr (GArray) chars = chars_of ("xx<A><ab>");
  guint first, length;
  guint32 id;

  g_assert_true (mz_added_set (added, "<A", 1, FALSE, NULL));
  g_assert_true (mz_added_set (added, "<A>", 2, FALSE, NULL));
  g_assert_true (mz_added_set (added, "<AB>", 3, TRUE, NULL));
  mz_added_seal (added);
  g_assert_true (mz_added_find (added, FALSE, (MzChar *) chars->data, chars->len, 0, &first, &length, &id));
  g_assert_cmpuint (id, ==, 2);
  g_assert_cmpuint (first, ==, 2);
  g_assert_cmpuint (length, ==, 3);
  g_assert_false (mz_added_find (added, FALSE, (MzChar *) chars->data, chars->len, 3, &first, &length, &id));
  g_assert_true (mz_added_find (added, TRUE, (MzChar *) chars->data, chars->len, 0, &first, &length, &id));
  g_assert_cmpuint (id, ==, 3);
  g_assert_cmpuint (first, ==, 5);
  /* the same name again changes the token */
  g_assert_true (mz_added_set (added, "<A>", 9, FALSE, NULL));
  mz_added_seal (added);
  g_assert_true (mz_added_find (added, FALSE, (MzChar *) chars->data, chars->len, 0, &first, &length, &id));
  g_assert_cmpuint (id, ==, 9);
}

/* Many names of few letters against trying each of them at each place. */
static void
test_added_many (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (int round = 0; round < 400; round++)
    {
      g_autoptr (MzAdded) added = mz_added_new ();
      g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GArray) chars = NULL;

      for (int n = g_rand_int_range (rand, 1, 40); n > 0; n--)
        {
          g_autoptr (GString) name = g_string_new (NULL);

          for (int k = g_rand_int_range (rand, 1, 9); k > 0; k--)
            g_string_append_c (name, (char) g_rand_int_range (rand, 'a', 'd'));
          if (g_ptr_array_find_with_equal_func (names, name->str, g_str_equal, NULL))
            continue;
          g_assert_true (mz_added_set (added, name->str, names->len, FALSE, NULL));
          g_ptr_array_add (names, g_strdup (name->str));
        }
      mz_added_seal (added);
      for (int k = g_rand_int_range (rand, 0, 60); k > 0; k--)
        g_string_append_c (text, (char) g_rand_int_range (rand, 'a', 'e'));
      chars = chars_of (text->str);
      for (guint from = 0; from <= text->len; from++)
        {
          guint first = 0, length = 0, best = 0, at;
          guint32 id = 0, best_id = 0;
          gboolean found
              = mz_added_find (added, FALSE, (MzChar *) chars->data, chars->len, from, &first, &length, &id);

          for (at = from; at < text->len && best == 0; at++)
            for (guint i = 0; i < names->len; i++)
              if (strlen (names->pdata[i]) > best && g_str_has_prefix (text->str + at, names->pdata[i]))
                {
                  best = (guint) strlen (names->pdata[i]);
                  best_id = i;
                }
          g_assert_cmpint (found, ==, best > 0);
          if (!found)
            continue;
          g_assert_cmpuint (first, ==, at - 1);
          g_assert_cmpuint (length, ==, best);
          g_assert_cmpuint (id, ==, best_id);
        }
    }
}

/* What would be minutes, were each of the names tried at each character: a megabyte that all of them almost
 * match. And a name that cleaning leaves nothing of stands nowhere. */
static void
test_added_hostile (void)
{
  g_autoptr (MzAdded) added = mz_added_new ();
  g_autofree char *text = g_strnfill (1 << 20, 'a');
  g_autoptr (GArray) chars = chars_of (text);
  guint first, length;
  guint32 id;

  g_assert_true (mz_added_set (added, "  ", 5000, TRUE, NULL));
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *stem = g_strnfill (250, 'a'), *name = g_strdup_printf ("%sb%u", stem, i);

      g_assert_true (mz_added_set (added, name, i, i % 2 == 0, NULL));
    }
  mz_added_seal (added);
  for (gboolean kind = FALSE; kind <= TRUE; kind++)
    g_assert_false (mz_added_find (added, kind, (MzChar *) chars->data, chars->len, 0, &first, &length, &id));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/html-table", test_html_table);
  g_test_add_func ("/text/html", test_html);
  g_test_add_func ("/text/html-places", test_html_places);
  g_test_add_func ("/text/nfc", test_nfc);
  g_test_add_func ("/text/clean", test_clean);
  g_test_add_func ("/text/spaces", test_spaces);
  g_test_add_func ("/text/split", test_split);
  g_test_add_func ("/text/bytes", test_bytes);
  g_test_add_func ("/text/bpe", test_bpe);
  g_test_add_func ("/text/bpe-unknown", test_bpe_unknown);
  g_test_add_func ("/text/added", test_added);
  g_test_add_func ("/text/added-many", test_added_many);
  g_test_add_func ("/text/added-hostile", test_added_hostile);
  return g_test_run ();
}
