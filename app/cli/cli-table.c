/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tables for people. */
#include "app/cli/cli-table.h"

#include "app/cli/cli-progress.h"

struct _CliTable
{
  int n_columns;
  GPtrArray *cells; /* char *; rows one after another, each of n_columns; the last one may be short */
};

CliTable *
cli_table_new (int n_columns, const char *const *titles)
{
  CliTable *table = g_new0 (CliTable, 1);

  table->n_columns = n_columns;
  table->cells = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < n_columns; i++)
    cli_table_take (table, g_strdup (titles[i]));
  return table;
}

void
cli_table_free (CliTable *table)
{
  g_ptr_array_unref (table->cells);
  g_free (table);
}

void
cli_table_add_row (CliTable *table)
{
  while (table->cells->len % (guint) table->n_columns != 0)
    cli_table_take (table, g_strdup (""));
}

void
cli_table_take (CliTable *table, char *text)
{
  g_ptr_array_add (table->cells, text);
}

static int
column_width (const CliTable *table, guint column)
{
  int width = 0;

  for (guint i = column; i < table->cells->len; i += (guint) table->n_columns)
    width = MAX (width, cli_display_width (g_ptr_array_index (table->cells, i)));
  return width;
}

void
cli_table_print (const CliTable *table, GString *into)
{
  guint n = (guint) table->n_columns;
  g_autofree int *widths = g_new (int, n);

  for (guint i = 0; i < n; i++)
    widths[i] = column_width (table, i);
  for (guint i = 0; i < table->cells->len; i++)
    {
      const char *text = g_ptr_array_index (table->cells, i);
      guint column = i % n;
      int room = widths[column] - cli_display_width (text);

      if (column == 0)
        g_string_append_printf (into, "  %s%*s", text, room, "");
      else
        g_string_append_printf (into, "  %*s%s", room, "", text);
      if (column == n - 1 || i == table->cells->len - 1)
        g_string_append_c (into, '\n');
    }
}
