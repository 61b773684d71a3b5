/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A text field for a prompt: with a placeholder, plain text only, and marks where the model's parts end.
 * Properties: text (string, rw), placeholder (string, rw). */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PROMPT_VIEW (mezzotint_prompt_view_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPromptView, mezzotint_prompt_view, MEZZOTINT, PROMPT_VIEW, GtkTextView)

/* part_ends: byte offsets in the text (gsize, rising) behind each part that the model reads at a time; NULL:
 * not known. A line is drawn between two parts; what stands behind the last is not read, and dimmed; then
 * TRUE is returned. */
gboolean mezzotint_prompt_view_set_part_ends (MezzotintPromptView *self, GArray *part_ends);

G_END_DECLS
