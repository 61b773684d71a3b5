/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Text in columns: the first to the left, numbers to the right. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _CliTable CliTable;

/* titles: [n_columns], copied. */
CliTable *cli_table_new (int n_columns, const char *const *titles);
void cli_table_free (CliTable *table);
/* Begins a row; then each cell from left to right, `text` taken over. Cells left out are empty. */
void cli_table_add_row (CliTable *table);
void cli_table_take (CliTable *table, char *text);
/* Appends the rows, each with "  " in front and a line end. */
void cli_table_print (const CliTable *table, GString *into);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliTable, cli_table_free)

G_END_DECLS
