/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Golden data for tests: a few tensors in a .safetensors file of tests/golden, read by a plain reader of our
 * own that shares nothing with engine/io, so that neither can hide the other's mistake. The files are ours
 * and trusted. */
#pragma once

#include "core/tensor.h"

G_BEGIN_DECLS

typedef struct _Golden Golden;

/* Reads $MZ_GOLDEN_DIR/name; fails the test when it cannot. */
Golden *golden_open (const char *name);
void golden_free (Golden *golden);
/* "CASE.ROLE", or NULL when the file has no such tensor. The view belongs to `golden`. */
const MzView *golden_find (Golden *golden, const char *case_name, const char *role);
/* As above, but the tensor must be there. */
const MzView *golden_get (Golden *golden, const char *case_name, const char *role);
/* By its full name; NULL when there is none. */
const MzView *golden_lookup (Golden *golden, const char *name);
/* A string of the file's metadata; it must be there. */
const char *golden_metadata (Golden *golden, const char *key);
/* All its elements as float32; free with g_free. */
float *golden_floats (const MzView *view);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Golden, golden_free)

G_END_DECLS
