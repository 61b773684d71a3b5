/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The program with a window: one instance a session, files opened over D-Bus, and its actions. */
#pragma once

#include <adwaita.h>

#include "ui/services.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_APPLICATION (mezzotint_application_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintApplication, mezzotint_application, MEZZOTINT, APPLICATION, AdwApplication)

MezzotintApplication *mezzotint_application_new (void);

/* Owned by the application; NULL before it has started. */
MezzotintServices *mezzotint_application_get_services (MezzotintApplication *self);

/* Runs the window until it is closed and nothing is left to do. Returns the process's exit code; without a
 * display, 1 after a sentence on the standard error. */
int mezzotint_application_main (int argc, char **argv);

G_END_DECLS
