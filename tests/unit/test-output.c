/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where pictures go: names, what is replaced and what never is, what is noticed before work begins. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files/output.h"
#include "app/files/png-file.h"

typedef struct
{
  char *folder, *before;
} Fixture;

static guint8 black[3];
static const MzPicture picture = { 1, 1, black };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->before = g_get_current_dir ();
  fixture->folder = g_dir_make_tmp ("mezzotint out-XXXXXX", NULL);
  g_assert_cmpint (g_chdir (fixture->folder), ==, 0);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The files of the current folder, sorted, in one string; removes them. */
static char *
take_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (".", 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    g_remove (names->pdata[i]);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (GStrv) names->pdata);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (take_files ());
  g_assert_cmpint (g_chdir (fixture->before), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->before);
}

static void
save (const char *where, int count, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintOutput) output = mezzotint_output_new (where, count, &error);
  g_autofree char *files = NULL;

  g_assert_no_error (error);
  for (int i = 0; i < count; i++)
    {
      g_autofree char *path = mezzotint_output_save (output, i, 7 + (guint64) i, &picture, NULL, &error);

      g_assert_no_error (error);
      g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
    }
  if (expected == NULL)
    return;
  files = take_files ();
  g_assert_cmpstr (files, ==, expected);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  save (NULL, 2, "mezzotint-7.png mezzotint-8.png");
  save (".", 1, "mezzotint-7.png");
  save ("apple.png", 1, "apple.png");
  save ("apple.PNG", 1, "apple.PNG");
  save ("apple", 1, "apple.png");
  save ("v1.5", 1, "v1.5.png");
  save ("apple.png", 3, "apple-1.png apple-2.png apple-3.png");
  save ("apple", 10,
        "apple-01.png apple-02.png apple-03.png apple-04.png apple-05.png apple-06.png apple-07.png "
        "apple-08.png apple-09.png apple-10.png");
}

static void
test_nothing_is_lost (Fixture *fixture, gconstpointer data)
{
  g_autofree char *content = NULL;

  g_assert_true (g_file_set_contents ("mezzotint-7.png", "precious", -1, NULL));
  save (NULL, 1, NULL);
  save (NULL, 1, NULL);
  g_assert_true (g_file_get_contents ("mezzotint-7.png", &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "precious");
  g_free (content);
  content = take_files ();
  g_assert_cmpstr (content, ==, "mezzotint-7-2.png mezzotint-7-3.png mezzotint-7.png");
}

/* A link that leads nowhere has the name: it is neither followed nor waited for. */
static void
test_dangling_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *files = NULL;

  g_assert_cmpint (symlink ("gone.png", "mezzotint-7.png"), ==, 0);
  save (NULL, 1, NULL);
  g_assert_true (g_file_test ("mezzotint-7.png", G_FILE_TEST_IS_SYMLINK));
  files = take_files ();
  g_assert_cmpstr (files, ==, "mezzotint-7-2.png mezzotint-7.png");
}

static void
test_replaced (Fixture *fixture, gconstpointer data)
{
  g_autofree char *content = NULL;
  struct stat info;

  g_assert_true (g_file_set_contents ("real.png", "old", -1, NULL));
  g_chmod ("real.png", 0640);
  g_assert_cmpint (symlink ("real.png", "link.png"), ==, 0);
  save ("link.png", 1, NULL);
  g_assert_true (g_file_test ("link.png", G_FILE_TEST_IS_SYMLINK)); /* the link is still one */
  g_assert_cmpint (stat ("real.png", &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0640);
  g_assert_true (g_file_get_contents ("real.png", &content, NULL, NULL));
  g_assert_true (g_str_has_prefix (content, "\x89PNG"));
}

static void
test_previews (Fixture *fixture, gconstpointer data)
{
  g_autoptr (MezzotintOutput) chosen = mezzotint_output_new ("a.png", 1, NULL);
  g_autoptr (MezzotintOutput) folder = mezzotint_output_new (".", 1, NULL);
  g_autofree char *first = mezzotint_output_save_preview (chosen, "a.png", 5, 20, &picture, NULL);
  g_autofree char *second = mezzotint_output_save_preview (chosen, "a.b", 5, 150, &picture, NULL);
  g_autofree char *replaced = mezzotint_output_save_preview (chosen, "a.png", 5, 20, &picture, NULL);
  g_autofree char *kept = mezzotint_output_save_preview (folder, "a.png", 5, 20, &picture, NULL);
  g_autofree char *kept_too = mezzotint_output_save_preview (folder, "a.png", 5, 20, &picture, NULL);

  g_assert_cmpstr (first, ==, "a-step05.png");
  g_assert_cmpstr (second, ==, "a.b-step005.png");
  g_assert_cmpstr (replaced, ==, "a-step05.png");
  g_assert_cmpstr (kept, ==, "a-step05-2.png");
  g_assert_cmpstr (kept_too, ==, "a-step05-3.png");
}

/* Three that are drawn together with one seed are named before any is there: no two the same, and each is
 * saved under the name that its previews have. */
static void
test_promised (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "mezzotint-7.png", "mezzotint-7-2.png", "mezzotint-7-3.png" };
  g_autoptr (MezzotintOutput) folder = mezzotint_output_new (".", 4, NULL);
  g_autofree char *other = NULL, *files = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *preview = mezzotint_output_save_preview (
          folder, mezzotint_output_get_path (folder, i, 7), 1, 4, &picture, NULL);

      g_assert_cmpstr (mezzotint_output_get_path (folder, i, 7), ==, names[i]);
      g_assert_nonnull (preview);
    }
  for (int i = 2; i >= 0; i--)
    {
      g_autofree char *path = mezzotint_output_save (folder, i, 7, &picture, NULL, NULL);

      g_assert_cmpstr (path, ==, names[i]);
    }
  other = mezzotint_output_save (folder, 3, 7, &picture, NULL, NULL);
  g_assert_cmpstr (other, ==, "mezzotint-7-4.png");
  files = take_files ();
  g_assert_cmpstr (files, ==,
                   "mezzotint-7-2-step01.png mezzotint-7-2.png mezzotint-7-3-step01.png mezzotint-7-3.png "
                   "mezzotint-7-4.png mezzotint-7-step01.png mezzotint-7.png");
}

static void
assert_refused (const char *where, GQuark domain, int code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintOutput) output = mezzotint_output_new (where, 1, &error);

  g_assert_null (output);
  g_assert_error (error, domain, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *files = NULL;

  g_assert_true (g_file_set_contents ("file", "x", -1, NULL));
  assert_refused ("none/apple.png", G_FILE_ERROR, G_FILE_ERROR_NOENT, "there is no folder “none”");
  assert_refused ("none/none/", G_FILE_ERROR, G_FILE_ERROR_NOENT, "there is no folder");
  assert_refused ("file/apple.png", G_FILE_ERROR, G_FILE_ERROR_NOTDIR, "“file” is not a folder");
  assert_refused ("file/", G_FILE_ERROR, G_FILE_ERROR_NOTDIR, "is not a folder");
  assert_refused ("apple.jpg", MZ_ERROR, MZ_ERROR_ARGUMENT, ".png");
  assert_refused ("/dev/full", G_FILE_ERROR, G_FILE_ERROR_FAILED, "not an ordinary file");
  files = take_files ();
  g_assert_cmpstr (files, ==, "file");
}

/* Somebody takes the name between its choice and the end of the work. */
static void
test_race (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new ("a.png", &error);
  g_autofree char *content = NULL;

  g_assert_no_error (error);
  fputs ("new", mezzotint_atomic_file_get_stream (file));
  g_assert_true (g_file_set_contents ("a.png", "old", -1, NULL));
  g_assert_false (mezzotint_atomic_file_commit (file, FALSE, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
  g_clear_error (&error);
  mezzotint_atomic_file_rename (file, "b.png");
  g_assert_true (mezzotint_atomic_file_commit (file, FALSE, &error));
  g_assert_true (g_file_get_contents ("b.png", &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "new");
  g_free (content);
  content = take_files ();
  g_assert_cmpstr (content, ==, "a.png b.png");
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

/* ---- Patterns ---- */

static void
assert_expands (const char *pattern, const char *expected)
{
  g_autoptr (GDateTime) when = g_date_time_new_utc (2026, 3, 4, 5, 6, 7);
  const MezzotintNameFacts facts = { "../a\\red:apple?\n", "SD 1.5", "Euler a", 20, 512, 768, 12 };
  g_autofree char *name = mezzotint_name_pattern_expand (pattern, &facts, 6, 42, when);

  g_assert_cmpstr (name, ==, expected);
}

static void
test_pattern (void)
{
  g_autofree char *long_pattern = g_strnfill (500, 'x'), *long_name = g_strnfill (200, 'x');
  const MezzotintNameFacts nothing = { 0 };
  g_autofree char *empty = mezzotint_name_pattern_expand ("{prompt}", &nothing, 0, 0, NULL);
  g_autofree char *cut = NULL;
  g_autoptr (GString) umlauts = g_string_new (NULL);

  assert_expands ("{date}-{seed}", "2026-03-04-42");
  assert_expands ("{date}/{time} {index}", "2026-03-04/05-06-07 07");
  assert_expands ("{model}, {sampler} {steps} {width}x{height}", "SD 1.5, Euler a 20 512x768");
  assert_expands ("{prompt}", "_a_red_apple_");
  assert_expands ("../../{seed}", "42");
  assert_expands ("/etc/{seed}", "etc/42");
  assert_expands (".hidden/..", "hidden");
  assert_expands ("a//b/", "a/b");
  assert_expands ("{unknown} {", "{unknown} {");
  assert_expands ("", "mezzotint");
  assert_expands (" . ", "mezzotint");
  assert_expands ("bad \xff byte", "bad \xef\xbf\xbd byte");
  assert_expands (long_pattern, long_name);
  g_assert_cmpstr (empty, ==, "mezzotint");
  for (int i = 0; i < 150; i++)
    g_string_append (umlauts, "ü");
  cut = mezzotint_name_pattern_expand (umlauts->str, &nothing, 0, 0, NULL);
  g_assert_cmpuint (strlen (cut), ==, 200);
  g_assert_true (g_utf8_validate (cut, -1, NULL));
}

/* Folders are made, nothing is replaced. */
static void
test_pattern_saves (Fixture *fixture, gconstpointer data)
{
  const MezzotintNameFacts facts = { .count = 1 };
  g_autoptr (GError) error = NULL, bad_error = NULL;
  g_autoptr (MezzotintOutput) output
      = mezzotint_output_new_with_pattern ("new/deep", "sub/{seed}", &facts, &error);
  g_autofree char *first = NULL, *second = NULL;

  g_assert_no_error (error);
  first = mezzotint_output_save (output, 0, 7, &picture, NULL, &error);
  g_assert_no_error (error);
  second = mezzotint_output_save (output, 0, 7, &picture, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, "new/deep/sub/7.png");
  g_assert_cmpstr (second, ==, "new/deep/sub/7-2.png");
  g_assert_null (mezzotint_output_new_with_pattern ("new/deep/sub/7.png/x", "{seed}", &facts, &bad_error));
  g_assert_error (bad_error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_remove (first);
  g_remove (second);
  g_rmdir ("new/deep/sub");
  g_rmdir ("new/deep");
  g_rmdir ("new");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/output/pattern", test_pattern);
  ADD ("/output/names", test_names);
  ADD ("/output/nothing-is-lost", test_nothing_is_lost);
  ADD ("/output/dangling-link", test_dangling_link);
  ADD ("/output/replaced", test_replaced);
  ADD ("/output/previews", test_previews);
  ADD ("/output/promised", test_promised);
  ADD ("/output/refused", test_refused);
  ADD ("/output/race", test_race);
  ADD ("/output/pattern-saves", test_pattern_saves);
  return g_test_run ();
}
