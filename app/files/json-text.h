/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing JSON by hand, a line at a time: json-glib would print a time of 0.1 as 0.10000000000000001. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends `value` (UTF-8) as a JSON string, quotes included. Like Python's json.dumps (...,
 * ensure_ascii=False). */
void mezzotint_append_json_string (GString *text, const char *value);

/* Members of an object: begun by mezzotint_json_begin(), which writes "{", and ended by mezzotint_json_end(),
 * which writes "}" and a line end. A NULL string or list becomes null; bytes that are not UTF-8 become
 * U+FFFD. */
GString *mezzotint_json_begin (void);
void mezzotint_json_add_string (GString *line, const char *key, const char *value);
void mezzotint_json_add_strings (GString *line, const char *key, const char *const *values);
void mezzotint_json_add_int (GString *line, const char *key, gint64 value);
void mezzotint_json_add_uint64 (GString *line, const char *key, guint64 value);
/* With six decimals: times in seconds, fractions. */
void mezzotint_json_add_millionths (GString *line, const char *key, double value);
/* As short as it can be written. */
void mezzotint_json_add_double (GString *line, const char *key, double value);
void mezzotint_json_add_ints (GString *line, const char *key, const int *values, gsize n);
void mezzotint_json_add_doubles (GString *line, const char *key, const double *values, gsize n);
/* The finished line; free with g_free. */
char *mezzotint_json_end (GString *line);

G_END_DECLS
