/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which pictures the user likes: a text file in the user's data folder, a URI a line, since no picture says
 * it. Pictures that are gone stay listed: they may come back. One thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _MezzotintFavourites MezzotintFavourites;

/* `folder`: where the file is; NULL: the user's data folder. Without a file nothing is a favourite; with
 * one that cannot be read neither, and then nothing is written over it. */
MezzotintFavourites *mezzotint_favourites_new (const char *folder);
void mezzotint_favourites_free (MezzotintFavourites *self);
/* Reads the file again when somebody else changed it. TRUE when it did. */
gboolean mezzotint_favourites_refresh (MezzotintFavourites *self);
/* `path`: absolute. */
gboolean mezzotint_favourites_contain (MezzotintFavourites *self, const char *path);
/* All of them, as absolute paths; free with g_strfreev. */
GStrv mezzotint_favourites_list (MezzotintFavourites *self);
/* A file or folder got another path: what was liked there is liked here. As set. */
gboolean
mezzotint_favourites_move (MezzotintFavourites *self, const char *from, const char *to, GError **error);
/* Changes the file at once. On failure, G_FILE_ERROR: when the file could not be read, nothing changes; when
 * it could not be written, the change holds for this run alone. */
gboolean
mezzotint_favourites_set (MezzotintFavourites *self, const char *path, gboolean is_favourite, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintFavourites, mezzotint_favourites_free)

G_END_DECLS
