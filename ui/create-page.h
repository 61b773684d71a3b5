/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The page where pictures are made: panel and canvas. */
#pragma once

#include "ui/create-panel.h"
#include "ui/task-view.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_CREATE_PAGE (mezzotint_create_page_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintCreatePage, mezzotint_create_page, MEZZOTINT, CREATE_PAGE, GtkWidget)

GtkWidget *mezzotint_create_page_new (MezzotintServices *services);
MezzotintDraft *mezzotint_create_page_get_draft (MezzotintCreatePage *self);
MezzotintTaskView *mezzotint_create_page_get_view (MezzotintCreatePage *self);
/* Puts the draft into the queue and shows it, unless another is being made and shown. Where it cannot be
 * made, says why instead. */
void mezzotint_create_page_generate (MezzotintCreatePage *self);
/* Shows a task of the queue, ended or not. */
void mezzotint_create_page_show_task (MezzotintCreatePage *self, MezzotintTask *task);
void mezzotint_create_page_focus_prompt (MezzotintCreatePage *self);

G_END_DECLS
