/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where pictures go: names, the check that they can be written at all, and saving.
 *
 * A folder gets "mezzotint-SEED.png", and where that is taken "mezzotint-SEED-2.png" and so on: nothing is
 * ever replaced there. A file name that the caller chose is replaced, in one step; several pictures become
 * "NAME-1.png", "NAME-2.png" ... With a pattern (name-pattern.h), a folder's pictures are named by it instead
 * of "mezzotint-SEED". */
#pragma once

#include "app/files/name-pattern.h"

G_BEGIN_DECLS

typedef struct _MezzotintOutput MezzotintOutput;

/* `where`: a folder (it is there, or its name ends in "/": then it is made, unless its parent is missing
 * too), or a file name ("apple.png"; "apple" gets the suffix), in the file system's encoding; NULL or "" is
 * the current folder. `count`: pictures to come. Tries out that files can be made there, so that nobody
 * computes for nothing. Fails with G_FILE_ERROR, or MZ_ERROR_ARGUMENT for another picture format's suffix.
 * The caller owns the result. */
MezzotintOutput *mezzotint_output_new (const char *where, int count, GError **error);
/* In `folder`, made with its parents when it is missing, pictures named by `pattern`. `facts` is copied.
 * Tries out that files can be made there. The caller owns the result. */
MezzotintOutput *mezzotint_output_new_with_pattern (const char *folder,
                                                    const char *pattern,
                                                    const MezzotintNameFacts *facts,
                                                    GError **error);
void mezzotint_output_free (MezzotintOutput *output);

/* The name that picture `index` with `seed` will get, unless another program takes it: chosen with the first
 * call, and no other picture's from there on. Owned by the output. */
const char *mezzotint_output_get_path (MezzotintOutput *output, int index, guint64 seed);

/* Saves a finished picture with its `parameters` (UTF-8 text, may be NULL). Returns its path (free with
 * g_free), or NULL with G_FILE_ERROR or MZ_ERROR_MEMORY and nothing left behind. */
char *mezzotint_output_save (MezzotintOutput *output,
                             int index,
                             guint64 seed,
                             const MzPicture *picture,
                             const char *parameters,
                             GError **error);

/* Saves how picture `picture_path` looked after `step` of `steps`, as "NAME-step05.png" beside it. An older
 * one is replaced where the user chose the name; in a folder it stays, and this one becomes
 * "NAME-step05-2.png". Returns the path, or NULL, as above. */
char *mezzotint_output_save_preview (MezzotintOutput *output,
                                     const char *picture_path,
                                     int step,
                                     int steps,
                                     const MzPicture *preview,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintOutput, mezzotint_output_free)

G_END_DECLS
