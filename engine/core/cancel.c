/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The cancel flag: an atomic integer with a reference count. */
#include <glib/gi18n-lib.h>

#include "core/cancel.h"

struct _MzCancel
{
  gatomicrefcount ref_count;
  int triggered;
};

MzCancel *
mz_cancel_new (void)
{
  MzCancel *cancel = g_new0 (MzCancel, 1);

  g_atomic_ref_count_init (&cancel->ref_count);
  return cancel;
}

MzCancel *
mz_cancel_ref (MzCancel *cancel)
{
  g_atomic_ref_count_inc (&cancel->ref_count);
  return cancel;
}

void
mz_cancel_unref (MzCancel *cancel)
{
  if (g_atomic_ref_count_dec (&cancel->ref_count))
    g_free (cancel);
}

void
mz_cancel_trigger (MzCancel *cancel)
{
  __atomic_store_n (&cancel->triggered, 1, __ATOMIC_RELEASE);
}

void
mz_cancel_reset (MzCancel *cancel)
{
  __atomic_store_n (&cancel->triggered, 0, __ATOMIC_RELEASE);
}

gboolean
mz_cancel_is_triggered (MzCancel *cancel)
{
  return cancel != NULL && __atomic_load_n (&cancel->triggered, __ATOMIC_RELAXED) != 0;
}

gboolean
mz_cancel_set_error (MzCancel *cancel, GError **error)
{
  if (!mz_cancel_is_triggered (cancel))
    return FALSE;
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_CANCELLED, _ ("Cancelled."));
  return TRUE;
}
