/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A flag that any thread may raise and that long work looks at between small pieces. */
#pragma once

#include "error.h" /* beside this one, also where they are installed */

G_BEGIN_DECLS

typedef struct _MzCancel MzCancel;

/* Returns a new flag, not raised; one reference, owned by the caller. */
MZ_API MzCancel *mz_cancel_new (void);
MZ_API MzCancel *mz_cancel_ref (MzCancel *cancel);
MZ_API void mz_cancel_unref (MzCancel *cancel);

/* Raises the flag. Any thread, also a signal handler. */
MZ_API void mz_cancel_trigger (MzCancel *cancel);
/* Lowers the flag, so that the next job can use it. No job may be running with it. */
MZ_API void mz_cancel_reset (MzCancel *cancel);
/* Is it raised? `cancel` may be NULL: then FALSE. Any thread; costs one relaxed load. */
MZ_API gboolean mz_cancel_is_triggered (MzCancel *cancel);
/* As above, and sets MZ_ERROR_CANCELLED when raised. Returns TRUE when raised. */
MZ_API gboolean mz_cancel_set_error (MzCancel *cancel, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzCancel, mz_cancel_unref)

G_END_DECLS
