/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding, making and keeping thumbnails. */
#include "app/files/thumbnail.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/files/metadata.h"
#include "app/files/numbers.h"
#include "app/files/picture-read.h"
#include "app/files/picture.h"
#include "app/files/png-file.h"

/* Pictures with more pixels are decoded one at a time. */
#define LARGE_PIXELS (4 << 20)
/* A file that has just changed may still be in writing: what is wrong with it now is not remembered. */
#define SETTLED_SECONDS 5

/* What a thumbnail is of. */
typedef struct
{
  const char *path;
  char *uri, *name; /* of the file in the cache: "MD5.png" */
  gint64 mtime;     /* Unix seconds */
  gint64 size;      /* bytes */
} Subject;

static void
subject_clear (Subject *subject)
{
  g_free (subject->uri);
  g_free (subject->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Subject, subject_clear)

static gboolean
subject_init (Subject *subject, const char *path, GError **error)
{
  g_autofree char *hash = NULL;

  subject->path = path;
  subject->uri = g_filename_to_uri (path, NULL, error);
  if (subject->uri == NULL)
    return FALSE;
  hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, subject->uri, -1);
  subject->name = g_strconcat (hash, ".png", NULL);
  return TRUE;
}

static gboolean
subject_look (Subject *subject, GError **error)
{
  struct stat info;

  if (stat (subject->path, &info) != 0)
    {
      g_autofree char *shown = g_filename_display_name (subject->path);

      g_set_error (error, MZ_ERROR, MZ_ERROR_IO, _ ("The picture “%s” cannot be read: %s."), shown,
                   g_strerror (errno));
      return FALSE;
    }
  subject->mtime = info.st_mtim.tv_sec;
  subject->size = info.st_size;
  return TRUE;
}

/* Successes, or failures: those are each program's own, and a newer one may know better. */
static char *
build_cache_path (const Subject *subject, gboolean is_failure)
{
  if (is_failure)
    return g_build_filename (g_get_user_cache_dir (), "thumbnails", "fail", "mezzotint-" MEZZOTINT_VERSION,
                             subject->name, NULL);
  return g_build_filename (g_get_user_cache_dir (), "thumbnails", "large", subject->name, NULL);
}

char *
mezzotint_thumbnail_get_path (const char *path)
{
  g_auto (Subject) subject = { 0 };

  return subject_init (&subject, path, NULL) ? build_cache_path (&subject, FALSE) : NULL;
}

/* Is the file in the cache one of this picture as it is now? */
static gboolean
is_current (const Subject *subject, const char *cached)
{
  g_autoptr (MezzotintMetadata) metadata = mezzotint_metadata_read (cached, NULL);
  const char *uri, *mtime, *size;
  guint64 value;

  if (metadata == NULL || metadata->width > MEZZOTINT_THUMBNAIL_SIZE
      || metadata->height > MEZZOTINT_THUMBNAIL_SIZE)
    return FALSE;
  uri = mezzotint_metadata_get (metadata, "Thumb::URI");
  mtime = mezzotint_metadata_get (metadata, "Thumb::MTime");
  size = mezzotint_metadata_get (metadata, "Thumb::Size");
  return g_strcmp0 (uri, subject->uri) == 0 && mezzotint_parse_uint64 (mtime, &value)
         && (gint64) value == subject->mtime
         && (size == NULL || (mezzotint_parse_uint64 (size, &value) && (gint64) value == subject->size));
}

/* ---- Keeping ---- */

static void
write_thumbnail (const Subject *subject, const MzPicture *thumbnail, gboolean is_failure)
{
  g_autofree char *path = build_cache_path (subject, is_failure);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *mtime = g_strdup_printf ("%" G_GINT64_FORMAT, subject->mtime);
  g_autofree char *size = g_strdup_printf ("%" G_GINT64_FORMAT, subject->size);
  const MezzotintText texts[] = {
    { (char *) "Thumb::URI", subject->uri },
    { (char *) "Thumb::MTime", mtime },
    { (char *) "Thumb::Size", size },
    { (char *) "Thumb::Mimetype", (char *) "image/png" },
    { (char *) "Software", (char *) "Mezzotint" },
  };
  g_autoptr (MezzotintAtomicFile) file = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  file = mezzotint_atomic_file_new (path, &error);
  if (file == NULL || fchmod (fileno (mezzotint_atomic_file_get_stream (file)), 0600) != 0)
    {
      g_debug ("No thumbnail is kept: %s", error != NULL ? error->message : g_strerror (errno));
      return;
    }
  mezzotint_atomic_file_skip_sync (file);
  if (!mezzotint_png_write_texts (file, thumbnail, texts, G_N_ELEMENTS (texts), &error)
      || !mezzotint_atomic_file_commit (file, TRUE, &error))
    g_debug ("No thumbnail is kept: %s", error->message);
}

/* An empty picture stands for a failure. */
static void
write_failure (const Subject *subject, const GError *error)
{
  guint8 rgb[3] = { 0 };
  const MzPicture pixel = { 1, 1, rgb };

  if ((g_error_matches (error, MZ_ERROR, MZ_ERROR_FORMAT)
       || g_error_matches (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED))
      && ABS (g_get_real_time () / G_USEC_PER_SEC - subject->mtime) > SETTLED_SECONDS)
    write_thumbnail (subject, &pixel, TRUE);
}

/* ---- Making ---- */

/* A side, where the larger one becomes that of a thumbnail; px. */
static int
shrink_side (int side, int larger)
{
  return (int) MAX (1, ((gint64) side * MEZZOTINT_THUMBNAIL_SIZE + larger / 2) / larger);
}

static MzPicture *
shrink (MzPicture *picture, MzCancel *cancel, GError **error)
{
  g_autoptr (MzPicture) whole = picture;
  int larger = MAX (whole->width, whole->height);

  if (larger <= MEZZOTINT_THUMBNAIL_SIZE)
    return g_steal_pointer (&whole);
  return mezzotint_picture_scale (whole, shrink_side (whole->width, larger),
                                  shrink_side (whole->height, larger), cancel, error);
}

static MzPicture *
make_thumbnail (const Subject *subject, MzCancel *cancel, GError **error)
{
  static GMutex large;
  g_autoptr (MezzotintMetadata) metadata = mezzotint_metadata_read (subject->path, error);
  gboolean is_large;
  MzPicture *picture;

  if (metadata == NULL)
    return NULL;
  is_large = (gint64) metadata->width * metadata->height > LARGE_PIXELS;
  if (is_large)
    g_mutex_lock (&large);
  picture = mezzotint_picture_read (subject->path, cancel, error);
  if (picture != NULL)
    picture = shrink (picture, cancel, error);
  if (is_large)
    g_mutex_unlock (&large);
  return picture;
}

/* A picture of the cache itself gets no thumbnail in it. */
static gboolean
lies_in_cache (const char *path)
{
  g_autofree char *cache = g_build_filename (g_get_user_cache_dir (), "thumbnails", "", NULL);

  return g_str_has_prefix (path, cache);
}

MzPicture *
mezzotint_thumbnail_load (const char *path, MzCancel *cancel, GError **error)
{
  g_auto (Subject) subject = { 0 };
  g_autofree char *cached = NULL, *failed = NULL;
  g_autoptr (GError) local_error = NULL;
  MzPicture *thumbnail = NULL;

  if (!subject_init (&subject, path, error) || !subject_look (&subject, error))
    return NULL;
  cached = build_cache_path (&subject, FALSE);
  failed = build_cache_path (&subject, TRUE);
  if (is_current (&subject, cached) && (thumbnail = mezzotint_picture_read (cached, cancel, NULL)) != NULL)
    return thumbnail;
  if (is_current (&subject, failed))
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The picture “%s” cannot be shown."), shown);
      return NULL;
    }
  thumbnail = make_thumbnail (&subject, cancel, &local_error);
  if (thumbnail == NULL)
    {
      if (!lies_in_cache (path))
        write_failure (&subject, local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (!lies_in_cache (path))
    write_thumbnail (&subject, thumbnail, FALSE);
  return thumbnail;
}
