/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window: header bar, the pages Create and Gallery, toasts. */
#pragma once

#include "ui/application.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_WINDOW (mezzotint_window_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintWindow, mezzotint_window, MEZZOTINT, WINDOW, AdwApplicationWindow)

MezzotintWindow *mezzotint_window_new (MezzotintApplication *application);

G_END_DECLS
