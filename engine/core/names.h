/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looking a name up in a list of known ones, and offering the nearest when it is not there. */
#pragma once

#include "error.h" /* beside this one, also where they are installed */

G_BEGIN_DECLS

/* Do the two names agree when case, spaces, '-', '_' and '.' are left out of account and '+' is read as 'p'?
 * So "DPM++ 2M", "dpm++2m" and "dpmpp_2m" agree. Neither may be NULL. Any thread. */
MZ_API gboolean mz_names_match (const char *a, const char *b);

/* Does one of names [n_names], of which any may be NULL, match? Any thread. */
MZ_API gboolean mz_names_contain (const char *const *names, gsize n_names, const char *name);

/* The known name that takes the fewest edits (Damerau-Levenshtein on the folded form of mz_names_match) to
 * reach from `name`, or NULL when each takes more than half the length of the longer one. A name that begins
 * with the other is never too far. Of equals, the first.
 *
 * names: [n_names], each NULL (skipped) or a NUL-terminated string.
 * Returns a pointer out of `names`. At most the first 64 bytes of each string are looked at. Any thread. */
MZ_API const char *mz_nearest_name (const char *name, const char *const *names, gsize n_names);

/* Sets MZ_ERROR_ARGUMENT with "There is no WHAT named “NAME”; did you mean “NEAREST”?", the second half left
 * out when nothing is near. Bytes of `name` that are not UTF-8 are replaced, and a long one is cut, so that
 * the message can be shown.
 *
 * what: the kind of thing, in the singular ("sampler"). */
MZ_API void mz_set_unknown_name_error (GError **error,
                                       const char *what,
                                       const char *name,
                                       const char *const *names,
                                       gsize n_names);

G_END_DECLS
