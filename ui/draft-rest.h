/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings that have no control of their own (ENSD, the threads of the GPU imitated, dynamic
 * thresholding, zero terminal SNR): they come with somebody's picture, are shown in one row, and go together.
 */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

void mezzotint_rest_copy (MzRequest *to, const MzRequest *from);
/* What differs from `usual`, for people, one setting after another; NULL when nothing does. Free with g_free.
 */
char *mezzotint_rest_describe (const MzRequest *request, const MzRequest *usual);

/* As a text for the settings' store, and back; FALSE when `text` is empty, damaged or out of range, then
 * `request` is as before. */
char *mezzotint_rest_to_text (const MzRequest *request);
gboolean mezzotint_rest_from_text (MzRequest *request, const char *text);

G_END_DECLS
