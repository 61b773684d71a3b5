/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Telling what a file is by its first bytes, whatever its name says. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *what;   /* completes "“x” is ...": "a PyTorch checkpoint (a pickle in a zip archive)" */
  const char *advice; /* a sentence about what to do; NULL: none */
  gboolean is_model;  /* a model in another format (unsupported), or no model at all (wrong) */
} MzForeignFormat;

/* data [n_bytes]: the beginning of a file. Returns static memory; NULL when nothing is recognised. */
const MzForeignFormat *mz_sniff_foreign_format (const void *data, gsize n_bytes);

G_END_DECLS
