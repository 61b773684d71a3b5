/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tables stand straight, also with wide characters. */
#include "app/cli/cli-table.h"

static void
test_table (void)
{
  static const char *const titles[] = { "name", "n", "loss" };
  g_autoptr (CliTable) table = cli_table_new (3, titles);
  g_autoptr (GString) text = g_string_new (NULL);

  cli_table_add_row (table);
  cli_table_take (table, g_strdup ("猫.png"));
  cli_table_take (table, g_strdup ("12345"));
  cli_table_take (table, g_strdup ("1"));
  cli_table_add_row (table);
  cli_table_take (table, g_strdup ("longer.png"));
  cli_table_add_row (table);
  cli_table_take (table, g_strdup ("é"));
  cli_table_take (table, g_strdup ("1"));
  cli_table_take (table, g_strdup ("0.25"));
  cli_table_print (table, text);
  g_assert_cmpstr (text->str, ==,
                   "  name            n  loss\n"
                   "  猫.png      12345     1\n"
                   "  longer.png             \n"
                   "  é               1  0.25\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-table/table", test_table);
  return g_test_run ();
}
