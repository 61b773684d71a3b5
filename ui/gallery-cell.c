/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A cell of the grid. One widget that draws all there is to see: the grid keeps some hundreds of them ready,
 * most of them out of sight, and those must cost next to nothing. */
#include "ui/gallery-cell.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/picture-texture.h"

/* px; the grid makes cells wider to fill its rows */
#define MIN_SIDE 142
/* of a prompt read out or shown as a tooltip */
#define MAX_TITLE_CHARACTERS 200
/* px: of the marks in the corners and their icons, and of the icon in place of a picture */
#define MARK_SIDE 22
#define MARK_MARGIN 6
#define ICON_SIDE 16
#define PROBLEM_SIDE 32

struct _MezzotintGalleryCell
{
  GtkWidget parent_instance;

  MezzotintGallery *gallery;
  MezzotintTextureCache *cache; /* the grid's */
  MezzotintGalleryItem *item;
  GdkTexture *texture;
  GCancellable *loading;
  gboolean is_in_sight;
  gboolean is_described;
  gboolean has_failed; /* to be loaded */
  gboolean is_checkable, is_selected;
};

G_DEFINE_FINAL_TYPE (MezzotintGalleryCell, mezzotint_gallery_cell, GTK_TYPE_WIDGET)

enum
{
  PROP_IS_CHECKABLE = 1,
  PROP_IS_SELECTED,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

char *
mezzotint_gallery_item_dup_title (MezzotintGalleryItem *item)
{
  const char *prompt = mezzotint_gallery_item_get_prompt (item);

  if (prompt == NULL || *prompt == '\0')
    return g_filename_display_basename (mezzotint_gallery_item_get_path (item));
  if (g_utf8_strlen (prompt, -1) > MAX_TITLE_CHARACTERS)
    {
      g_autofree char *cut = g_utf8_substring (prompt, 0, MAX_TITLE_CHARACTERS);

      return g_strconcat (cut, "…", NULL);
    }
  return g_strdup (prompt);
}

/* ---- The picture it shows ---- */

static void
describe (MezzotintGalleryCell *self)
{
  g_autofree char *title = mezzotint_gallery_item_dup_title (self->item);
  const char *problem = mezzotint_gallery_item_get_problem (self->item);

  self->is_described = TRUE;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, problem != NULL ? problem : "", -1);
}

static gboolean
mezzotint_gallery_cell_query_tooltip (GtkWidget *widget,
                                      int x,
                                      int y,
                                      gboolean is_keyboard,
                                      GtkTooltip *tooltip)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (widget);
  g_autofree char *title = NULL;
  g_autofree char *text = NULL;
  const char *problem;

  if (self->item == NULL)
    return FALSE;
  title = mezzotint_gallery_item_dup_title (self->item);
  problem = mezzotint_gallery_item_get_problem (self->item);
  text = problem != NULL ? g_strdup_printf ("%s\n%s", title, problem) : g_steal_pointer (&title);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintGalleryCell) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_gallery_load_thumbnail_finish (MEZZOTINT_GALLERY (source), result, &error);

  /* Cancelled: the cell has another picture by now, or is out of sight. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (self->item == NULL)
    return;
  g_clear_object (&self->loading);
  self->has_failed = pixels == NULL;
  if (pixels != NULL)
    {
      g_set_object (&self->texture, NULL);
      self->texture = mezzotint_texture_new_for_redraw (pixels);
      if (self->cache != NULL)
        mezzotint_texture_cache_put (self->cache, self->item, self->texture);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
load (MezzotintGalleryCell *self)
{
  GdkTexture *cached = self->cache != NULL ? mezzotint_texture_cache_get (self->cache, self->item) : NULL;

  if (cached != NULL)
    {
      g_set_object (&self->texture, cached);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  self->loading = g_cancellable_new ();
  mezzotint_gallery_load_thumbnail_async (self->gallery, self->item, self->loading, loaded_cb,
                                          g_object_ref (self));
}

/* Does what is left to do for a picture in sight. */
static void
be_shown (MezzotintGalleryCell *self)
{
  if (!self->is_in_sight || self->item == NULL || !mezzotint_gallery_item_is_read (self->item))
    return;
  if (!self->is_described)
    {
      describe (self);
      gtk_widget_queue_draw (GTK_WIDGET (self)); /* the star is known only now */
    }
  if (self->texture == NULL && self->loading == NULL && !self->has_failed
      && mezzotint_gallery_item_get_problem (self->item) == NULL)
    load (self);
}

void
mezzotint_gallery_cell_set_in_sight (MezzotintGalleryCell *self, gboolean is_in_sight)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_CELL (self));
  self->is_in_sight = is_in_sight;
  if (is_in_sight)
    {
      be_shown (self);
      return;
    }
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
}

static void
item_changed_cb (MezzotintGalleryCell *self)
{
  be_shown (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
mezzotint_gallery_cell_set_item (MezzotintGalleryCell *self, MezzotintGalleryItem *item)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_CELL (self));
  if (item == self->item)
    return;
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->texture);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, item_changed_cb, self);
  g_set_object (&self->item, item);
  self->is_in_sight = FALSE;
  self->is_described = FALSE;
  self->has_failed = FALSE;
  if (item != NULL)
    g_signal_connect_object (item, "notify", G_CALLBACK (item_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

MezzotintGalleryItem *
mezzotint_gallery_cell_get_item (MezzotintGalleryCell *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_CELL (self), NULL);
  return self->item;
}

GdkTexture *
mezzotint_gallery_cell_get_texture (MezzotintGalleryCell *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_CELL (self), NULL);
  return self->texture;
}

/* ---- Size and drawing ---- */

static GtkSizeRequestMode
mezzotint_gallery_cell_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
mezzotint_gallery_cell_measure (GtkWidget *widget,
                                GtkOrientation orientation,
                                int for_size,
                                int *minimum,
                                int *natural,
                                int *minimum_baseline,
                                int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? MAX (MIN_SIDE, for_size) : MIN_SIDE;
}

/* Covers the square with the middle of the thumbnail. */
static void
draw_texture (MezzotintGalleryCell *self, GtkSnapshot *snapshot, double width, double height)
{
  double scale
      = MAX (width / gdk_texture_get_width (self->texture), height / gdk_texture_get_height (self->texture));
  double drawn_width = scale * gdk_texture_get_width (self->texture);
  double drawn_height = scale * gdk_texture_get_height (self->texture);

  gtk_snapshot_append_texture (snapshot, self->texture,
                               &GRAPHENE_RECT_INIT ((width - drawn_width) / 2, (height - drawn_height) / 2,
                                                    drawn_width, drawn_height));
}

/* A symbolic icon of the theme, its middle at (x, y). */
static void
draw_icon (GtkWidget *widget,
           GtkSnapshot *snapshot,
           const char *name,
           int side,
           double x,
           double y,
           const GdkRGBA *color)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  g_autoptr (GtkIconPaintable) icon
      = gtk_icon_theme_lookup_icon (theme, name, NULL, side, gtk_widget_get_scale_factor (widget),
                                    gtk_widget_get_direction (widget), GTK_ICON_LOOKUP_FORCE_SYMBOLIC);
  const GdkRGBA colors[4] = { *color, *color, *color, *color };

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x - side / 2.0, y - side / 2.0));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), GDK_SNAPSHOT (snapshot), side,
                                            side, colors, G_N_ELEMENTS (colors));
  gtk_snapshot_restore (snapshot);
}

static void
draw_disc (GtkSnapshot *snapshot, double x, double y, const GdkRGBA *color, gboolean has_ring)
{
  const float width = 2;
  const GdkRGBA white = { 1, 1, 1, 1 };
  GskRoundedRect disc;

  gsk_rounded_rect_init_from_rect (
      &disc, &GRAPHENE_RECT_INIT (x - MARK_SIDE / 2.0, y - MARK_SIDE / 2.0, MARK_SIDE, MARK_SIDE),
      MARK_SIDE / 2.0);
  gtk_snapshot_push_rounded_clip (snapshot, &disc);
  gtk_snapshot_append_color (snapshot, color, &disc.bounds);
  gtk_snapshot_pop (snapshot);
  if (has_ring)
    gtk_snapshot_append_border (snapshot, &disc, (float[4]){ width, width, width, width },
                                (GdkRGBA[4]){ white, white, white, white });
}

/* A colour of the theme. */
static GdkRGBA
look_up_color (GtkWidget *widget, const char *name, GdkRGBA color)
{
  gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), name, &color);
  return color;
}

/* Behind white marks on any picture. */
static GdkRGBA
get_shade (void)
{
  gboolean is_high_contrast = adw_style_manager_get_high_contrast (adw_style_manager_get_default ());

  return (GdkRGBA){ 0, 0, 0, is_high_contrast ? 0.8f : 0.4f };
}

static void
draw_check (MezzotintGalleryCell *self, GtkSnapshot *snapshot, double x, double y)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const GdkRGBA shade = get_shade (), white = { 1, 1, 1, 1 };
  GdkRGBA background, foreground;

  if (!self->is_selected)
    {
      draw_disc (snapshot, x, y, &shade, TRUE);
      return;
    }
  background = look_up_color (widget, "accent_bg_color", (GdkRGBA){ 0.21, 0.52, 0.89, 1 });
  foreground = look_up_color (widget, "accent_fg_color", white);
  draw_disc (snapshot, x, y, &background, FALSE);
  draw_icon (widget, snapshot, "object-select-symbolic", ICON_SIDE, x, y, &foreground);
}

static void
draw_marks (MezzotintGalleryCell *self, GtkSnapshot *snapshot, double width, double height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  const GdkRGBA shade = get_shade (), white = { 1, 1, 1, 1 };
  const double from_edge = MARK_MARGIN + MARK_SIDE / 2.0, y = height - from_edge;
  GdkRGBA color;

  if (self->is_checkable)
    draw_check (self, snapshot, is_rtl ? from_edge : width - from_edge, y);
  if (self->item == NULL || !mezzotint_gallery_item_is_read (self->item))
    return;
  if (self->has_failed || mezzotint_gallery_item_get_problem (self->item) != NULL)
    {
      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
      color.alpha *= 0.5f;
      draw_icon (widget, snapshot, "image-missing-symbolic", PROBLEM_SIDE, width / 2, height / 2, &color);
    }
  if (mezzotint_gallery_item_is_favourite (self->item))
    {
      double x = is_rtl ? width - from_edge : from_edge;

      draw_disc (snapshot, x, y, &shade, FALSE);
      draw_icon (widget, snapshot, "starred-symbolic", ICON_SIDE, x, y, &white);
    }
}

static void
mezzotint_gallery_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  /* Overflow is hidden, so this is cut to the rounded border that CSS gives. */
  if (self->texture != NULL)
    draw_texture (self, snapshot, width, height);
  draw_marks (self, snapshot, width, height);
}

/* ---- The class ---- */

static void
mezzotint_gallery_cell_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (object);

  g_value_set_boolean (value, id == PROP_IS_CHECKABLE ? self->is_checkable : self->is_selected);
}

static void
mezzotint_gallery_cell_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (object);
  gboolean *place = id == PROP_IS_CHECKABLE ? &self->is_checkable : &self->is_selected;

  if (*place == g_value_get_boolean (value))
    return;
  *place = g_value_get_boolean (value);
  if (self->is_checkable || id == PROP_IS_CHECKABLE)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (object, spec);
}

static void
mezzotint_gallery_cell_dispose (GObject *object)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (object);

  mezzotint_gallery_cell_set_item (self, NULL);
  self->cache = NULL;
  g_clear_object (&self->gallery);
  G_OBJECT_CLASS (mezzotint_gallery_cell_parent_class)->dispose (object);
}

static void
mezzotint_gallery_cell_class_init (MezzotintGalleryCellClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_gallery_cell_get_property;
  object_class->set_property = mezzotint_gallery_cell_set_property;
  object_class->dispose = mezzotint_gallery_cell_dispose;
  widget_class->get_request_mode = mezzotint_gallery_cell_get_request_mode;
  widget_class->measure = mezzotint_gallery_cell_measure;
  widget_class->snapshot = mezzotint_gallery_cell_snapshot;
  widget_class->query_tooltip = mezzotint_gallery_cell_query_tooltip;
  properties[PROP_IS_CHECKABLE] = g_param_spec_boolean ("is-checkable", NULL, NULL, FALSE, flags);
  properties[PROP_IS_SELECTED] = g_param_spec_boolean ("is-selected", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_set_css_name (widget_class, "gallerycell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
mezzotint_gallery_cell_init (MezzotintGalleryCell *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}

GtkWidget *
mezzotint_gallery_cell_new (MezzotintGallery *gallery, MezzotintTextureCache *cache)
{
  MezzotintGalleryCell *self = g_object_new (MEZZOTINT_TYPE_GALLERY_CELL, NULL);

  self->gallery = g_object_ref (gallery);
  self->cache = cache;
  return GTK_WIDGET (self);
}
