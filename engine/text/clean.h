/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The clean-up of a prompt before it is cut into words.
 *
 * OpenAI's CLIP: ftfy.fix_text, html.unescape twice, white space collapsed and stripped, str.lower.
 * transformers' CLIPTokenizer (5.x, the one that diffusers loads): NFC, white space collapsed, lower case of
 * each character by itself. Programs that run Stable Diffusion use the latter, so do we, and add the
 * original's html.unescape, which a caller can leave out (MZ_TEXT_KEEP_ENTITIES) to get diffusers' ids for
 * "&amp;" too.
 *
 * Where the two differ besides HTML, we give what transformers gives:
 *  - ftfy repairs mojibake, straightens curly quotes, takes ligatures and full-width letters apart and drops
 *    control characters; transformers leaves them all.
 *  - str.lower turns a capital sigma at a word's end into a final sigma; transformers into the usual one.
 *  - Python's white space has U+001C..U+001F besides Unicode's White_Space; transformers' has not.
 *  - transformers up to 4.x used ftfy when it was installed, else BERT's clean-up, which puts spaces around
 * each CJK character; 5.x knows only the rules above.
 *
 * Tables have ages, too. What is a letter, a digit, a capital or a combining mark is GLib's to say,
 * transformers' normaliser knows Unicode 9 and its expressions Unicode 16: characters younger than the older
 * of the two may be cut or ordered differently (with GLib 2.74: marks newer than Unicode 9, letters newer
 * than Unicode 15). Over all other code points the two agree. */
#pragma once

#include "core/error.h"
#include "text/chars.h"

G_BEGIN_DECLS

/* Takes UTF-8 apart. `length` may be -1: up to the NUL. Returns a new array, the caller's, or NULL with
 * MZ_ERROR_ARGUMENT: not UTF-8 or a NUL byte (names the byte offset), or longer than `max_bytes`. */
MzChars *mz_clean_decode (const char *text, gssize length, gsize max_bytes, GError **error);

/* Unicode's White_Space property. */
gboolean mz_clean_is_space (gunichar ch);

/* Brings `n` characters into form NFC, turns white space into spaces and all else into lower case. Runs of
 * spaces stay runs, for no token has a space in it. Returns a new array, the caller's. */
MzChars *mz_clean_normalize (const MzChar *chars, guint n);

G_END_DECLS
