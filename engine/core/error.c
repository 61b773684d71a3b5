/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain's quark. */
#include "core/error.h"

G_DEFINE_QUARK (mz - error - quark, mz_error)
