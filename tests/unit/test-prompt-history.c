/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The prompt history: order, repeats, search, what is kept and what is found on disk. */
#include <glib/gstdio.h>

#include "app/library/prompt-history.h"

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("mezzotint-prompts-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "prompts.json", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *aside = g_strconcat (f->path, ".damaged", NULL);

  g_remove (f->path);
  g_remove (aside);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
  g_free (f->path);
}

static void
assert_texts (MezzotintPromptHistory *history, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (history)); i++)
    {
      g_autoptr (MezzotintPrompt) prompt = g_list_model_get_item (G_LIST_MODEL (history), i);

      g_string_append_printf (text, "%s%s", i > 0 ? "|" : "", mezzotint_prompt_get_text (prompt));
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
changed_cb (GListModel *list, guint position, guint n_removed, guint n_added, gpointer n_items)
{
  *(int *) n_items += (int) n_added - (int) n_removed;
}

static void
test_order (Fixture *f, gconstpointer data)
{
  MezzotintPromptHistory *history = mezzotint_prompt_history_new (f->folder);
  g_autoptr (MezzotintPrompt) first = NULL;
  gint64 used;
  int n_items = 0;

  g_signal_connect (history, "items-changed", G_CALLBACK (changed_cb), &n_items);
  mezzotint_prompt_history_add (history, "a fox", NULL);
  mezzotint_prompt_history_add (history, "  a house\n", "blurry");
  mezzotint_prompt_history_add (history, "a fox", "");
  mezzotint_prompt_history_add (history, " \n", "nothing");
  mezzotint_prompt_history_add (history, "a house", "dark"); /* another one */
  assert_texts (history, "a house|a fox|a house");
  first = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_cmpstr (mezzotint_prompt_get_negative (first), ==, "dark");
  g_object_get (first, "used", &used, NULL);
  g_assert_cmpint (used, >, 0);
  mezzotint_prompt_history_remove (history, first);
  assert_texts (history, "a fox|a house");
  g_assert_cmpint (n_items, ==, 2);
  g_assert_finalize_object (history);
  history = mezzotint_prompt_history_new (f->folder);
  assert_texts (history, "a fox|a house");
  g_assert_finalize_object (history);
}

static void
test_search (Fixture *f, gconstpointer data)
{
  MezzotintPromptHistory *history = mezzotint_prompt_history_new (f->folder);

  mezzotint_prompt_history_add (history, "a red fox", NULL);
  mezzotint_prompt_history_add (history, "ein GRÜNES Haus", "Foxes");
  mezzotint_prompt_history_set_search (history, "fox");
  assert_texts (history, "ein GRÜNES Haus|a red fox");
  mezzotint_prompt_history_set_search (history, "  fox   RED ");
  assert_texts (history, "a red fox");
  mezzotint_prompt_history_set_search (history, "grün");
  assert_texts (history, "ein GRÜNES Haus");
  mezzotint_prompt_history_add (history, "nothing of it", NULL);
  mezzotint_prompt_history_add (history, "grün ist es", NULL);
  assert_texts (history, "grün ist es|ein GRÜNES Haus");
  mezzotint_prompt_history_set_search (history, "bad \xff bytes");
  assert_texts (history, "");
  mezzotint_prompt_history_set_search (history, NULL);
  assert_texts (history, "grün ist es|nothing of it|ein GRÜNES Haus|a red fox");
  g_assert_finalize_object (history);
}

static void
test_limit (Fixture *f, gconstpointer data)
{
  MezzotintPromptHistory *history = mezzotint_prompt_history_new (f->folder);
  g_autoptr (MezzotintPrompt) last = NULL;

  for (int i = 0; i < 2100; i++)
    {
      g_autofree char *text = g_strdup_printf ("prompt %d", i);

      mezzotint_prompt_history_add (history, text, NULL);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 2000);
  last = g_list_model_get_item (G_LIST_MODEL (history), 1999);
  g_assert_cmpstr (mezzotint_prompt_get_text (last), ==, "prompt 100");
  g_assert_finalize_object (history);
}

static void
test_odd_files (Fixture *f, gconstpointer data)
{
  static const char newer[] = "{ \"version\": 2 }";
  static const char *const damaged[] = { "", "{", "[]", "{ \"version\": 1, \"prompts\": 3 }" };
  g_autofree char *aside = g_strconcat (f->path, ".damaged", NULL), *left = NULL;
  MezzotintPromptHistory *history;

  for (gsize i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_assert_true (g_file_set_contents (f->path, damaged[i], -1, NULL));
      history = mezzotint_prompt_history_new (f->folder);
      assert_texts (history, "");
      mezzotint_prompt_history_add (history, "new", NULL);
      g_assert_finalize_object (history);
      g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
      g_remove (aside);
    }
  g_assert_true (
      g_file_set_contents (f->path,
                           "{ \"version\": 1, \"prompts\": [ 1, {}, { \"text\": 5 }, { \"text\": \"a\" },"
                           "{ \"text\": \"a\", \"negative\": \"\" }, { \"text\": \"b\", \"more\": 1 } ] }",
                           -1, NULL));
  history = mezzotint_prompt_history_new (f->folder);
  assert_texts (history, "a|b");
  g_assert_finalize_object (history);
  g_assert_true (g_file_set_contents (f->path, newer, -1, NULL));
  history = mezzotint_prompt_history_new (f->folder);
  mezzotint_prompt_history_add (history, "lost", NULL);
  g_assert_finalize_object (history);
  g_assert_true (g_file_get_contents (f->path, &left, NULL, NULL));
  g_assert_cmpstr (left, ==, newer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/prompt-history/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("order", test_order);
  ADD ("search", test_search);
  ADD ("limit", test_limit);
  ADD ("odd-files", test_odd_files);
#undef ADD
  return g_test_run ();
}
