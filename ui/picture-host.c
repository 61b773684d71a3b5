/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The interface between pages about pictures and the window. */
#include "ui/picture-host.h"

G_DEFINE_INTERFACE (MezzotintPictureHost, mezzotint_picture_host, GTK_TYPE_WIDGET)

static void
mezzotint_picture_host_default_init (MezzotintPictureHostInterface *interface)
{
}

MezzotintPictureHost *
mezzotint_picture_host_find (GtkWidget *widget)
{
  GtkWidget *host = gtk_widget_get_ancestor (widget, MEZZOTINT_TYPE_PICTURE_HOST);

  return host != NULL ? MEZZOTINT_PICTURE_HOST (host) : NULL;
}

MezzotintGallery *
mezzotint_picture_host_get_gallery (MezzotintPictureHost *self)
{
  return MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->get_gallery (self);
}

MezzotintQueue *
mezzotint_picture_host_get_queue (MezzotintPictureHost *self)
{
  return MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->get_queue (self);
}

MezzotintModelStore *
mezzotint_picture_host_get_models (MezzotintPictureHost *self)
{
  return MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->get_models (self);
}

MzRequest *
mezzotint_picture_host_dup_request (MezzotintPictureHost *self)
{
  return MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->dup_request (self);
}

void
mezzotint_picture_host_use_request (MezzotintPictureHost *self,
                                    const MzRequest *request,
                                    const char *model,
                                    gboolean keep_seed)
{
  MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->use_request (self, request, model, keep_seed);
}

void
mezzotint_picture_host_push (MezzotintPictureHost *self, GtkWidget *page)
{
  MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->push (self, page);
}

void
mezzotint_picture_host_pop (MezzotintPictureHost *self)
{
  MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->pop (self);
}

void
mezzotint_picture_host_say (MezzotintPictureHost *self, const char *message)
{
  MEZZOTINT_PICTURE_HOST_GET_IFACE (self)->say (self, message);
}

gboolean
mezzotint_picture_host_open_file (MezzotintPictureHost *self, GFile *file)
{
  MezzotintPictureHostInterface *interface = MEZZOTINT_PICTURE_HOST_GET_IFACE (self);

  if (interface->open_file == NULL)
    return FALSE;
  interface->open_file (self, file);
  return TRUE;
}
