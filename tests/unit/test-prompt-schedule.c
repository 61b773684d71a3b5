/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts that change from step to step, and AND: what A1111 documents for its own parser, and its rules
 * applied by hand. */
#include "text/prompt-schedule.h"

#include <string.h>

#include "text/prompt.h"

/* The texts of all steps, "2*text, 8*other"; every byte must be where it is said to be from. */
static char *
describe (const char *prompt, int n_steps)
{
  g_autoptr (MzPromptSchedule) schedule = mz_prompt_schedule_new (prompt, strlen (prompt), n_steps);
  g_autoptr (GString) s = g_string_new (NULL);
  g_autofree char *last = NULL;
  int n = 0;

  for (int step = 0; step <= n_steps; step++)
    {
      g_autoptr (GArray) origins = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_autofree char *text = step < n_steps ? mz_prompt_schedule_at (schedule, step, origins) : NULL;

      for (guint i = 0; i < origins->len; i++)
        g_assert_cmpint (text[i], ==, prompt[g_array_index (origins, guint32, i)]);
      if (n > 0 && g_strcmp0 (text, last) != 0)
        {
          g_string_append_printf (s, "%s%d*%s", s->len > 0 ? ", " : "", n, last);
          n = 0;
        }
      n++;
      g_free (last);
      last = g_steal_pointer (&text);
    }
  return g_strdup (s->str);
}

/* Ten steps. Where A1111 says [[3, x], [10, y]], x is for steps 0 to 3. */
static void
test_examples (void)
{
  static const struct
  {
    const char *prompt, *texts;
  } examples[] = {
    { "", "10*" },
    { "test", "10*test" },
    { "a [b:3]", "4*a , 6*a b" },
    { "a [b: 3 ]", "4*a , 6*a b" },
    { "a [[[b]]:2]", "3*a , 7*a [[b]]" },
    { "[(a:2):3]", "4*, 6*(a:2)" },
    { "a [b : c : 1] d", "2*a b  d, 8*a  c  d" },
    { "a[b:[c:d:2]:1]e", "2*abe, 1*ace, 7*ade" },
    { "a [unbalanced", "10*a [unbalanced" },
    { "a [b:.5] c", "6*a  c, 4*a b c" },
    { "((a][:b:c [d:3]", "4*((a][:b:c , 6*((a][:b:c d" },
    { "[a|(b:1.1)]", "2*a, 1*(b:1.1), 1*a, 1*(b:1.1), 1*a, 1*(b:1.1), 1*a, 1*(b:1.1), 1*a" },
    { "[a|b|]c", "2*ac, 1*bc, 1*c, 1*ac, 1*bc, 1*c, 1*ac, 1*bc, 1*c" },
    /* brackets and colons that are something else */
    { "[a] (b:1.2) [c:d] 12:30", "10*[a] (b:1.2) [c:d] 12:30" },
    { "[a:b:c:4]", "10*[a:b:c:4]" },
    { "a | b (c|d)", "10*a | b (c|d)" },
    { "[[a|b]", "2*[a, 1*[b, 1*[a, 1*[b, 1*[a, 1*[b, 1*[a, 1*[b, 1*[a" },
    /* from, to and nothing */
    { "x[a::4]", "5*xa, 5*x" },
    { "x[:a:4]", "5*x, 5*xa" },
    { "x[:4]", "10*x" },
    { "[a:b:0]", "10*b" },
    { "[a:b:-3]", "10*b" },
    { "[a:b:99]", "10*a" },
    { "[a:b:1.0]", "10*a" },
    { "[a:b:0.09]", "10*b" },
    { "[a:b:0.29]", "3*a, 7*b" },
    { "[[a|b]:c:4]", "2*a, 1*b, 1*a, 1*b, 5*c" },
    { "[a:[b|c]:4]d", "5*ad, 1*bd, 1*cd, 1*bd, 1*cd, 1*bd" },
    { "[a [b:6] c|d]", "2*a  c, 1*d, 1*a  c, 1*d, 1*a  c, 1*d, 1*a b c, 1*d, 1*a b c" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autofree char *texts = describe (examples[i].prompt, 10);

      g_assert_cmpstr (texts, ==, examples[i].texts);
    }
}

/* A backslash takes the meaning of what follows, and stays for the grammar of weights. */
static void
test_escapes (void)
{
  g_autofree char *none = describe ("\\[a|b\\] \\", 3), *inside = describe ("[\\|c|d\\]]", 4);

  g_assert_cmpstr (none, ==, "3*\\[a|b\\] \\");
  g_assert_cmpstr (inside, ==, "2*\\|c, 1*d\\], 1*\\|c");
}

static void
test_constant (void)
{
  static const char *const constant[] = { "", "a [b] (c:1.1)", "a:b:3", "[a:b]" };
  static const char *const changing[] = { "[a|b]", "[a:3]" };

  for (gsize i = 0; i < G_N_ELEMENTS (constant); i++)
    {
      g_autoptr (MzPromptSchedule) s = mz_prompt_schedule_new (constant[i], strlen (constant[i]), 9);

      g_assert_true (mz_prompt_schedule_is_constant (s));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (changing); i++)
    {
      g_autoptr (MzPromptSchedule) s = mz_prompt_schedule_new (changing[i], strlen (changing[i]), 9);

      g_assert_false (mz_prompt_schedule_is_constant (s));
    }
}

/* ---- AND ---- */

static void
check_terms (const char *prompt, const char *expected)
{
  g_autoptr (GArray) terms = mz_prompt_split (prompt);
  g_autoptr (GString) s = g_string_new (NULL);

  for (guint i = 0; i < terms->len; i++)
    {
      const MzPromptTerm *term = &g_array_index (terms, MzPromptTerm, i);

      g_string_append_printf (s, "<%.*s|%g>", (int) term->length, prompt + term->start,
                              (double) term->weight);
    }
  g_assert_cmpstr (s->str, ==, expected);
}

static void
test_and (void)
{
  check_terms ("", "<|1>");
  check_terms ("a cat at 12:30 ", "<a cat at 12:30 |1>"); /* alone, all of it is text */
  check_terms ("a AND b", "<a|1>< b|1>");
  check_terms ("a :1.5 AND b : -0.25 \n", "<a|1.5>< b|-0.25>");
  check_terms ("a:.5 AND b:2. AND", "<a|0.5>< b|2><|1>");
  check_terms ("SAND AND ANDY and_AND", "<SAND|1>< ANDY and_AND|1>");
  check_terms ("ä AND ö:3ANDx", "<ä|1>< ö:3ANDx|1>");
  check_terms ("(a:1.2) AND b:1e9", "<(a:1.2)|1>< b:1e9|1>");
  check_terms ("a:5000 AND 7", "<a|100>< 7|1>");
  check_terms ("AND", "<|1><|1>");
}

/* ---- What nobody writes ---- */

static void
test_deep (void)
{
  g_autoptr (GString) prompt = g_string_new (NULL);
  g_autoptr (MzPromptSchedule) schedule = NULL;
  g_autofree char *text = NULL;

  for (int i = 0; i < 100000; i++)
    g_string_append (prompt, "[a|");
  for (int i = 0; i < 100000; i++)
    g_string_append_c (prompt, ']');
  schedule = mz_prompt_schedule_new (prompt->str, prompt->len, 20);
  for (int step = 0; step < 20; step++)
    {
      g_free (text);
      text = mz_prompt_schedule_at (schedule, step, NULL);
      g_assert_cmpuint (strlen (text), <=, prompt->len);
    }
}

static void
test_fuzz (void)
{
  static const char *const pieces[]
      = { "[", "]", "(", ")", "|", ":", ":3]", ":.5]", "\\", " ", "a", "ä", "AND", " AND ", ":1.2)", ":-1" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (int i = 0; i < 20000; i++)
    {
      g_autoptr (GString) prompt = g_string_new (NULL);
      int n = g_rand_int_range (rand, 0, 24);
      g_autofree char *texts = NULL;
      g_autoptr (GArray) terms = NULL;

      for (int k = 0; k < n; k++)
        g_string_append (prompt, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
      texts = describe (prompt->str, 7);
      g_assert_true (g_utf8_validate (texts, -1, NULL));
      terms = mz_prompt_split (prompt->str);
      for (guint k = 0; k < terms->len; k++)
        {
          const MzPromptTerm *term = &g_array_index (terms, MzPromptTerm, k);

          g_assert_cmpuint (term->start + term->length, <=, prompt->len);
          g_assert_true (g_utf8_validate (prompt->str + term->start, (gssize) term->length, NULL));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt-schedule/examples", test_examples);
  g_test_add_func ("/prompt-schedule/escapes", test_escapes);
  g_test_add_func ("/prompt-schedule/constant", test_constant);
  g_test_add_func ("/prompt-schedule/and", test_and);
  g_test_add_func ("/prompt-schedule/deep", test_deep);
  g_test_add_func ("/prompt-schedule/fuzz", test_fuzz);
  return g_test_run ();
}
