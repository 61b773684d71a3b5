/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The hash for tables whose keys come from files. Anybody can write keys that all have the same g_str_hash(),
 * and such a table takes quadratic time; this one depends on a secret of the process. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SipHash-1-3 (Aumasson and Bernstein, 2012) of n bytes under a key drawn at random once in a process: good
 * for tables in memory, different in every run. Any thread. */
guint64 mz_hash_bytes (gconstpointer bytes, gsize n);

/* The same of a NUL-terminated string: a GHashFunc, to go with g_str_equal(). */
guint mz_str_hash (gconstpointer text);

G_END_DECLS
