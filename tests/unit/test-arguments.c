/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading arguments by a table. */
#include <string.h>

#include "app/cli/arguments.h"

static const MezzotintOption table[] = {
  { NULL, 0, NULL, "Heading:" },
  { "steps", 's', "N", "how many" },
  { "output", 'o', "PATH", "where to" },
  { "a-very-long-option-name", 0, "SOMETHING", "help on its own line" },
  { "json", 0, NULL, "JSON" },
  { NULL },
};

static MezzotintArguments *
parse (const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, "|", -1);
  static GStrv kept; /* the arguments point into it */

  g_strfreev (kept);
  kept = g_steal_pointer (&words);
  return mezzotint_arguments_new (table, (int) g_strv_length (kept), kept, error);
}

static void
test_forms (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintArguments) arguments
      = parse ("word|--steps=5|-oa b.png|--json|-|--|--steps|-x", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (mezzotint_arguments_get (arguments, "steps"), ==, "5");
  g_assert_cmpstr (mezzotint_arguments_get (arguments, "output"), ==, "a b.png");
  g_assert_true (mezzotint_arguments_has (arguments, "json"));
  g_assert_cmpuint (mezzotint_arguments_n_words (arguments), ==, 4);
  g_assert_cmpstr (mezzotint_arguments_get_word (arguments, 1), ==, "-");
  g_assert_cmpstr (mezzotint_arguments_get_word (arguments, 3), ==, "-x");
  mezzotint_arguments_free (arguments);
  arguments = parse ("--steps|1|-s|-2|--output=|--steps|3", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mezzotint_arguments_get (arguments, "steps"), ==, "3");
  g_assert_cmpstr (mezzotint_arguments_get (arguments, "output"), ==, "");
  g_assert_false (mezzotint_arguments_has (arguments, "json"));
}

static void
assert_error (const char *line, int code, const char *expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (line, &error));
  g_assert_error (error, G_OPTION_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, expected));
}

static void
test_errors (void)
{
  assert_error ("--stpes|5", G_OPTION_ERROR_UNKNOWN_OPTION, "“--stpes”; did you mean “--steps”?");
  assert_error ("--stpes=5", G_OPTION_ERROR_UNKNOWN_OPTION, "“--stpes”; did you mean “--steps”?");
  assert_error ("--qqqqqqqqq", G_OPTION_ERROR_UNKNOWN_OPTION, "There is no option “--qqqqqqqqq”.");
  assert_error ("-x", G_OPTION_ERROR_UNKNOWN_OPTION, "“-x”");
  assert_error ("-\xff", G_OPTION_ERROR_UNKNOWN_OPTION, "“-\xef\xbf\xbd”");
  assert_error ("--step", G_OPTION_ERROR_UNKNOWN_OPTION, "--steps");
  assert_error ("--steps", G_OPTION_ERROR_BAD_VALUE, "needs a value: N");
  assert_error ("-s", G_OPTION_ERROR_BAD_VALUE, "needs a value");
  assert_error ("--json=yes", G_OPTION_ERROR_BAD_VALUE, "takes no value");
}

static void
test_numbers (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintArguments) arguments = parse ("--steps|12abc", &error);
  int steps = 7;
  double real = 7;

  g_assert_true (mezzotint_arguments_get_int (arguments, "output", 1, 10, &steps, &error));
  g_assert_cmpint (steps, ==, 7);
  g_assert_false (mezzotint_arguments_get_int (arguments, "steps", 1, 1000, &steps, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_assert_cmpstr (error->message, ==,
                   "The option --steps needs a whole number from 1 to 1000, not “12abc”.");
  g_clear_error (&error);
  g_assert_false (mezzotint_arguments_get_double (arguments, "steps", 0, 1, &real, &error));
  g_assert_cmpstr (error->message, ==, "The option --steps needs a number from 0 to 1, not “12abc”.");
}

static void
test_help (void)
{
  g_autofree char *help = mezzotint_options_to_help (table);

  g_assert_cmpstr (help, ==,
                   "\nHeading:\n"
                   "  -s, --steps N             how many\n"
                   "  -o, --output PATH         where to\n"
                   "  --a-very-long-option-name SOMETHING\n"
                   "                            help on its own line\n"
                   "  --json                    JSON\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arguments/forms", test_forms);
  g_test_add_func ("/arguments/errors", test_errors);
  g_test_add_func ("/arguments/numbers", test_numbers);
  g_test_add_func ("/arguments/help", test_help);
  return g_test_run ();
}
