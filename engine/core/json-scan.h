/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A strict reader of JSON (RFC 8259) that walks through a text without building a tree: it uses no memory to
 * speak of, however hostile the text, and sees duplicate keys. json-glib keeps the last of them silently, and
 * recurses as deep as the text says; so what it is to read is checked here first.
 *
 *   MzJsonScan scan;
 *   mz_json_scan_init (&scan, text, length);
 *   mz_json_scan_begin (&scan, '{');
 *   while (mz_json_scan_next (&scan, '}'))
 *     {
 *       mz_json_scan_key (&scan, key);
 *       mz_json_scan_skip (&scan);
 *     }
 *   mz_json_scan_end (&scan);
 *   if (scan.problem != NULL) ...
 *
 * The first problem stays; every call after it does nothing and returns FALSE, so loops end and one look at
 * the end suffices. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Objects and arrays may be nested this deep. */
#define MZ_JSON_MAX_DEPTH 64
/* mz_json_find_problem() lets no object have more keys than this: json-glib's tables take quadratic time when
 * somebody has chosen the keys for it. */
#define MZ_JSON_MAX_KEYS 4096

typedef struct
{
  const char *text; /* [length], borrowed */
  gsize length;
  gsize position;       /* of the next byte; at a problem, where it is */
  const char *problem;  /* what is wrong, completing "at byte N ..."; static memory; NULL: nothing */
  guint depth;          /* open objects and arrays */
  gboolean wants_comma; /* a value was just completed */
} MzJsonScan;

/* Checks that text [length] is UTF-8 without NUL, and starts before its first value. */
void mz_json_scan_init (MzJsonScan *scan, const char *text, gsize length);

/* What comes next: '{', '[', '"', '0' (a number), 't' (true or false), 'n' (null); 0 for anything else. */
char mz_json_scan_peek (MzJsonScan *scan);

/* Steps into an object ('{') or array ('['). */
gboolean mz_json_scan_begin (MzJsonScan *scan, char open);
/* Is there one more member before `close` ('}' or ']')? Steps over the comma, or over `close` at the end. */
gboolean mz_json_scan_next (MzJsonScan *scan, char close);
/* A key and its colon; the key's characters replace those of `key`. */
gboolean mz_json_scan_key (MzJsonScan *scan, GString *key);

/* A string value; its characters, escapes resolved, replace those of `value`. "\u0000" is a problem. */
gboolean mz_json_scan_string (MzJsonScan *scan, GString *value);
/* A whole number from 0 to 2^64-1, without sign, point or exponent. */
gboolean mz_json_scan_uint64 (MzJsonScan *scan, guint64 *value);
/* Any value. */
gboolean mz_json_scan_skip (MzJsonScan *scan);

/* Nothing but white space may follow. */
gboolean mz_json_scan_end (MzJsonScan *scan);

/* Is the whole text one JSON value, nested at most MZ_JSON_MAX_DEPTH deep, without duplicate keys, or more
 * than MZ_JSON_MAX_KEYS of them, in any object? Returns NULL, or the problem as part of a sentence ("has the
 * key “a” twice"); free with g_free. */
char *mz_json_find_problem (const char *text, gsize length);

G_END_DECLS
