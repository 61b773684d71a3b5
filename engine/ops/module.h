/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A backend in a module of its own, opened at run time: libmezzotint-cuda.so exports one symbol of this type.
 */
#pragma once

#include "ops/ops.h"

G_BEGIN_DECLS

/* Goes up with every change of MzBackend or of what it is told: a module of another version is not used. */
#define MZ_BACKEND_MODULE_VERSION 4
#define MZ_BACKEND_MODULE_SYMBOL "mz_backend_module"

typedef struct
{
  guint version; /* MZ_BACKEND_MODULE_VERSION as the module was built with; first for ever */
  const MzBackend *backend;
} MzBackendModule;

/* What a module defines. */
extern MZ_API const MzBackendModule mz_backend_module;

/* The table of the module `file` ("libmezzotint-cuda.so"), which stays open for as long as the program runs.
 * Looks in $MEZZOTINT_MODULE_DIR, or else beside the engine's library, where it is installed and where it is
 * built. Fails with MZ_ERROR_MISSING when there is no such file, and with MZ_ERROR_BACKEND when it cannot be
 * opened or is of another version. Any thread. */
const MzBackend *mz_backend_module_open (const char *file, GError **error);

G_END_DECLS
