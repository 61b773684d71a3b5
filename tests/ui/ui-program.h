/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The real program in this process, with a home of its own. */
#pragma once

#include "tests/ui/ui-test.h"
#include "ui/application.h"
#include "ui/create-page.h"
#include "ui/window.h"

G_BEGIN_DECLS

/* Instead of ui_test_init(): the user's folders lie in a temporary one, which is removed at exit. */
void ui_program_init (int *argc, char ***argv);

typedef struct
{
  MezzotintApplication *application;
  MezzotintServices *services;
  MezzotintSettings *settings;
  MezzotintQueue *queue;
  GtkWidget *window;
  GtkWidget *create_page, *panel, *view; /* of the window */
  MezzotintDraft *draft;
} Ui;

/* Starts the program with its window on screen. Settings are those of the last time. */
Ui *ui_start (void);
void ui_stop (Ui *ui);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ui, ui_stop)
/* All settings to their defaults, and small quick pictures. */
void ui_reset_settings (Ui *ui);
/* The widget below `parent` that has this id in its template. */
GtkWidget *ui_child (GtkWidget *parent, const char *id);
/* An action of the window, as its key or button would. */
void ui_activate (Ui *ui, const char *action);
/* Until nothing is made and nothing waits. */
void ui_wait_for_idle (Ui *ui);

G_END_DECLS
