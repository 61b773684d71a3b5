/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Ctrl-C: once to stop cleanly, twice to stop at once. */
#include "app/cli/cli.h"

#include <signal.h>

static MzCancel *signal_cancel;

static void
signal_cb (int number)
{
  mz_cancel_trigger (signal_cancel); /* one atomic store: safe here */
}

MzCancel *
cli_cancel_on_signal (void)
{
  struct sigaction action = { .sa_handler = signal_cb, .sa_flags = SA_RESETHAND | SA_RESTART };

  signal_cancel = mz_cancel_new ();
  sigemptyset (&action.sa_mask);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  return mz_cancel_ref (signal_cancel); /* the handler keeps one for ever */
}
