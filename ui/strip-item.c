/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One of a task's pictures, small. */
#include "ui/strip-item.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "ui/picture-texture.h"
#include "ui/thumbnail.h"
#include "ui/tooltip.h"

/* px; the texture is twice as fine, for dense screens */
#define SIDE_PX 56

struct _MezzotintStripItem
{
  GtkWidget parent_instance;

  GtkWidget *picture;
  gpointer content; /* MezzotintTask or MezzotintTaskPicture */
};

G_DEFINE_FINAL_TYPE (MezzotintStripItem, mezzotint_strip_item, GTK_TYPE_WIDGET)

static void
update (MezzotintStripItem *self)
{
  MezzotintPixels *pixels = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  if (MEZZOTINT_IS_TASK (self->content))
    pixels = mezzotint_task_get_preview (self->content);
  else if (MEZZOTINT_IS_TASK_PICTURE (self->content))
    pixels = mezzotint_task_picture_get_pixels (self->content);
  if (pixels != NULL)
    texture = mezzotint_texture_new_small (pixels, 2 * SIDE_PX);
  mezzotint_thumbnail_set_paintable (MEZZOTINT_THUMBNAIL (self->picture),
                                     texture != NULL ? GDK_PAINTABLE (texture) : NULL);
}

static void
update_label (MezzotintStripItem *self, int position)
{
  g_autofree char *label = NULL;

  if (MEZZOTINT_IS_TASK (self->content))
    label = g_strdup (_ ("The picture in work"));
  else
    label = g_strdup_printf (_ ("Picture %d, seed %" PRIu64), position + 1,
                             mezzotint_task_picture_get_seed (self->content));
  mezzotint_tooltip_set (GTK_WIDGET (self), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
clear_content (MezzotintStripItem *self)
{
  if (self->content != NULL)
    g_signal_handlers_disconnect_by_func (self->content, update, self);
  g_clear_object (&self->content);
}

static void
mezzotint_strip_item_dispose (GObject *object)
{
  MezzotintStripItem *self = MEZZOTINT_STRIP_ITEM (object);

  clear_content (self);
  g_clear_pointer (&self->picture, gtk_widget_unparent);
  G_OBJECT_CLASS (mezzotint_strip_item_parent_class)->dispose (object);
}

static void
mezzotint_strip_item_class_init (MezzotintStripItemClass *class)
{
  G_OBJECT_CLASS (class)->dispose = mezzotint_strip_item_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "stripitem");
}

static void
mezzotint_strip_item_init (MezzotintStripItem *self)
{
  self->picture = g_object_new (MEZZOTINT_TYPE_THUMBNAIL, "side", SIDE_PX, NULL);
  gtk_widget_set_valign (self->picture, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (self->picture, GTK_WIDGET (self));
}

GtkWidget *
mezzotint_strip_item_new (void)
{
  return g_object_new (MEZZOTINT_TYPE_STRIP_ITEM, NULL);
}

void
mezzotint_strip_item_set_content (MezzotintStripItem *self, gpointer content, int position)
{
  g_return_if_fail (MEZZOTINT_IS_STRIP_ITEM (self));
  clear_content (self);
  if (content == NULL)
    {
      mezzotint_thumbnail_set_paintable (MEZZOTINT_THUMBNAIL (self->picture), NULL);
      return;
    }
  self->content = g_object_ref (content);
  if (MEZZOTINT_IS_TASK (content))
    g_signal_connect_swapped (content, "notify::preview", G_CALLBACK (update), self);
  update (self);
  update_label (self, position);
}
