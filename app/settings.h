/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The program's settings as properties of one object: widgets and services bind to them.
 *
 * They live in GSettings (schema io.github.mezzotint.Mezzotint), in the desktop's store, or where there is
 * none in mezzotint/settings.ini in the user's configuration folder. Where the schema is missing or of
 * another version, the missing ones live in memory with their defaults, and `problem` says so: the program
 * works all the same. A value that another version wrote and that is out of range here reads as the nearest
 * one, or as the default.
 *
 * Property names are the schema's keys:
 * - window-width, window-height (int, px), window-maximized (bool), page (string: "create", "gallery")
 * - device (string: "auto", "cpu", "cuda"), threads (int, 0: all but one where there are three or more)
 * - half-sums (boolean: see mz_engine_set_half_sums())
 * - at-once (int: pictures of a task that are drawn together)
 * - memory-limit-mb, vram-limit-mb (int, 0: none), timeline-mb (int: memory that kept steps may take)
 * - model-folders (strv: absolute paths, A1111's and ComfyUI's folders and single files too)
 * - output-folder (string, "": Pictures/Mezzotint), file-name-pattern (string, see files/output.h)
 * - preview (string: "off", "linear", "vae"), notify (bool)
 * - the Create page as it was left: model (string, "": built in), prompt, negative-prompt (strings), width,
 *   height, steps (int), sampler, schedule (string), guidance (double), clip-skip (int), eta (double),
 *   compatibility, prompt-style (string), variation-strength (double), variation-seed (string: decimal
 * guint64), guidance-rescale (double), other-settings (string: ui/draft-rest.h), seed (string: decimal
 * guint64), keep-seed (bool), count (int). 0, "" and a negative guidance or eta: what suits the model
 * - first-start (bool): nothing was ever generated */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MEZZOTINT_APP_ID "io.github.mezzotint.Mezzotint"

#define MEZZOTINT_TYPE_SETTINGS (mezzotint_settings_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintSettings, mezzotint_settings, MEZZOTINT, SETTINGS, GObject)

/* Never fails. Main thread. The caller owns the result. */
MezzotintSettings *mezzotint_settings_new (void);
/* Why settings are not kept, one sentence; NULL when they are. */
const char *mezzotint_settings_get_problem (MezzotintSettings *self);
/* Puts `key` back to its default. */
void mezzotint_settings_reset (MezzotintSettings *self, const char *key);
/* The folder for pictures with the default worked out; free with g_free. */
char *mezzotint_settings_get_output_folder (MezzotintSettings *self);

G_END_DECLS
