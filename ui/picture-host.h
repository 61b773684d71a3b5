/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What pages about pictures need from the window around them: its services, its Create page, and a place to
 * stand. The window implements it; pages find it above themselves. */
#pragma once

#include <gtk/gtk.h>

#include "app/jobs/queue.h"
#include "app/library/gallery.h"
#include "app/library/model-store.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PICTURE_HOST (mezzotint_picture_host_get_type ())
G_DECLARE_INTERFACE (MezzotintPictureHost, mezzotint_picture_host, MEZZOTINT, PICTURE_HOST, GtkWidget)

struct _MezzotintPictureHostInterface
{
  GTypeInterface parent_interface;

  /* Owned by the host. */
  MezzotintGallery *(*get_gallery) (MezzotintPictureHost *self);
  MezzotintQueue *(*get_queue) (MezzotintPictureHost *self);
  MezzotintModelStore *(*get_models) (MezzotintPictureHost *self);
  /* The Create page as it stands; free with mz_request_free(). */
  MzRequest *(*dup_request) (MezzotintPictureHost *self);
  /* Fills the Create page and shows it. `model`: path, "" for the built-in one, NULL leaves the choice alone.
   * `keep_seed`: the seed is taken too; else the next picture has one of its own. */
  void (*use_request) (MezzotintPictureHost *self,
                       const MzRequest *request,
                       const char *model,
                       gboolean keep_seed);
  /* A page over all others, with a header bar of its own; and the topmost one away, which drops it. */
  void (*push) (MezzotintPictureHost *self, GtkWidget *page);
  void (*pop) (MezzotintPictureHost *self);
  /* A word to the user, plain text. */
  void (*say) (MezzotintPictureHost *self, const char *message);
  /* A file that was dropped or pasted. NULL: it can only be a picture. */
  void (*open_file) (MezzotintPictureHost *self, GFile *file);
};

/* The host above `widget`; NULL when it stands nowhere. */
MezzotintPictureHost *mezzotint_picture_host_find (GtkWidget *widget);
MezzotintGallery *mezzotint_picture_host_get_gallery (MezzotintPictureHost *self);
MezzotintQueue *mezzotint_picture_host_get_queue (MezzotintPictureHost *self);
MezzotintModelStore *mezzotint_picture_host_get_models (MezzotintPictureHost *self);
MzRequest *mezzotint_picture_host_dup_request (MezzotintPictureHost *self);
void mezzotint_picture_host_use_request (MezzotintPictureHost *self,
                                         const MzRequest *request,
                                         const char *model,
                                         gboolean keep_seed);
void mezzotint_picture_host_push (MezzotintPictureHost *self, GtkWidget *page);
void mezzotint_picture_host_pop (MezzotintPictureHost *self);
void mezzotint_picture_host_say (MezzotintPictureHost *self, const char *message);
/* FALSE when the host leaves it to whoever asks. */
gboolean mezzotint_picture_host_open_file (MezzotintPictureHost *self, GFile *file);

G_END_DECLS
