/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine's one error domain. Every message is one sentence fit for a person: what, and where. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#ifndef MZ_API
#define MZ_API __attribute__ ((visibility ("default")))
#endif

#define MZ_ERROR (mz_error_quark ()) /* the domain */

typedef enum
{
  MZ_ERROR_CANCELLED,   /* the caller triggered the MzCancel; nothing is wrong */
  MZ_ERROR_FORMAT,      /* a file is damaged or is not what it says it is */
  MZ_ERROR_UNSUPPORTED, /* a sound file or request that this engine cannot run */
  MZ_ERROR_MISSING,     /* a file or tensor is not there */
  MZ_ERROR_ARGUMENT,    /* a request outside the legal range, or an unknown name */
  MZ_ERROR_IO,          /* the system refused: open, read, write, map */
  MZ_ERROR_MEMORY,      /* not enough host or device memory; everything taken was given back */
  MZ_ERROR_NONFINITE,   /* NaN or infinity where numbers should be */
  MZ_ERROR_BACKEND,     /* a device or driver failed */
} MzError;              /* its codes */

/* Registers and returns the domain. Any thread. */
MZ_API GQuark mz_error_quark (void);

G_END_DECLS
