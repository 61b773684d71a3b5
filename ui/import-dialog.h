/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What was understood of somebody's picture, before anything is replaced: what will be used, what will
 * differ, what is missing on this machine. "Use These Settings" hands them to the MezzotintPictureHost. */
#pragma once

#include <adwaita.h>

#include "app/files/import.h"
#include "ui/picture-host.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_IMPORT_DIALOG (mezzotint_import_dialog_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintImportDialog, mezzotint_import_dialog, MEZZOTINT, IMPORT_DIALOG, AdwWindow)

/* Takes `import` over. `name`: of the picture, for people; `texture`: the picture, or NULL. */
GtkWidget *mezzotint_import_dialog_new (MezzotintPictureHost *host,
                                        MezzotintImport *import,
                                        const char *name,
                                        GdkTexture *texture);

G_END_DECLS
