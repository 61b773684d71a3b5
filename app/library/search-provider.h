/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery in the desktop's search: org.gnome.Shell.SearchProvider2 over a MezzotintSearch.
 *
 * Questions are answered one after another on a thread of its own. A result that is chosen, and a search that
 * is to go on in the program, are actions of the program with the window ("show-picture" with a path,
 * "search" with words), which the desktop's bus starts when it does not run. */
#pragma once

#include "app/files/identity.h"
#include "app/library/search.h"

G_BEGIN_DECLS

#define MEZZOTINT_SEARCH_PROVIDER_ID MEZZOTINT_DESKTOP_ID ".SearchProvider"
#define MEZZOTINT_SEARCH_PROVIDER_PATH MEZZOTINT_BUS_PATH "/SearchProvider"

typedef struct _MezzotintSearchProvider MezzotintSearchProvider;

/* Offers the interface on `connection`; takes `search` over, also on failure. Main thread. */
MezzotintSearchProvider *
mezzotint_search_provider_new (GDBusConnection *connection, MezzotintSearch *search, GError **error);
/* Answers what was asked, and takes it back. */
void mezzotint_search_provider_free (MezzotintSearchProvider *self);

/* Called on the main thread's context with each question. */
void mezzotint_search_provider_set_asked_func (MezzotintSearchProvider *self,
                                               void (*func) (gpointer),
                                               gpointer user);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintSearchProvider, mezzotint_search_provider_free)

G_END_DECLS
