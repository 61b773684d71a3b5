/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* numpy's SeedSequence: many good seeds from one. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first n_out words of SeedSequence (entropy, spawn_key=spawn_key[0..n_spawn_key-1],
 * pool_size=24).generate_state (n_out), as torchsde asks for them. spawn_key: NULL and 0 for none; at most
 * two. */
void mz_seed_sequence (guint64 entropy, const guint64 *spawn_key, int n_spawn_key, guint32 *out, int n_out);

G_END_DECLS
