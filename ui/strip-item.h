/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One of a task's pictures, small: a finished one, or the one in work as it grows. */
#pragma once

#include <gtk/gtk.h>

#include "app/jobs/task.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_STRIP_ITEM (mezzotint_strip_item_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintStripItem, mezzotint_strip_item, MEZZOTINT, STRIP_ITEM, GtkWidget)

GtkWidget *mezzotint_strip_item_new (void);
/* content: a MezzotintTaskPicture, or the MezzotintTask whose newest preview is shown; NULL: nothing. */
void mezzotint_strip_item_set_content (MezzotintStripItem *self, gpointer content, int position);

G_END_DECLS
