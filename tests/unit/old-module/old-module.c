/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A backend's module of another version, for test-module.c. */
#include "ops/module.h"

const MzBackendModule mz_backend_module = { 4711, NULL };
