/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Calling functions on the main thread from others. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Calls func (data) from the default main loop, in the order of the calls, then free_data (data) (may be
 * NULL); never at once, as g_main_context_invoke() would where nobody runs the loop yet. Any thread. */
void mezzotint_call_on_main (void (*func) (gpointer data), gpointer data, GDestroyNotify free_data);

G_END_DECLS
