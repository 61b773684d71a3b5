/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SHA-256 of files of some gigabytes, as fast as the processor can. */
#pragma once

#include "core/cancel.h"

G_BEGIN_DECLS

/* 64 hexadecimal digits; free with g_free. NULL with MZ_ERROR_IO or CANCELLED. Any thread. */
char *mz_digest_file (const char *path, MzCancel *cancel, GError **error);

G_END_DECLS
