/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What `mezzotint inspect` tells of a picture. */
#pragma once

#include "app/files/metadata.h"

G_BEGIN_DECLS

/* Prints which program made it and with which settings, for people or as one line of JSON. */
void cli_inspect_picture (const MezzotintMetadata *metadata, gboolean as_json);

G_END_DECLS
