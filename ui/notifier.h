/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tells the desktop how far the work is, and when it is done while nobody looks. */
#pragma once

#include <adwaita.h>

#include "ui/services.h"

G_BEGIN_DECLS

/* Watches the queue as long as `services` live: a notification for a task that ends while no window of
 * `application` is in front (if the settings want one), progress on its icon in docks that know how, and the
 * application held while there is something to do. */
void mezzotint_notifier_start (MezzotintServices *services, GApplication *application);

G_END_DECLS
