/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Unicode's canonical composition (form NFC) of characters that keep their place in the text. */
#pragma once

#include "text/chars.h"

G_BEGIN_DECLS

/* Brings `n` characters into form NFC (Unicode Standard Annex 15) and returns them as a new array, the
 * caller's. O(n log n) also for a megabyte of combining marks, where g_utf8_normalize() is quadratic. */
MzChars *mz_nfc (const MzChar *chars, guint n);

G_END_DECLS
