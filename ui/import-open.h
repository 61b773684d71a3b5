/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Ways in which a picture comes to have its settings read: opened, dropped, pasted. Each ends in a
 * MezzotintImportDialog, or in a toast that says why there is nothing to use. */
#pragma once

#include "ui/picture-host.h"

G_BEGIN_DECLS

void mezzotint_import_open (MezzotintPictureHost *host, GFile *file);
/* A picture, or the file of one, from the clipboard. */
void mezzotint_import_paste (MezzotintPictureHost *host);
/* Pictures may be dropped anywhere on the host. */
void mezzotint_import_accept_drops (MezzotintPictureHost *host);

G_END_DECLS
