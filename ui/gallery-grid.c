/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The grid. */
#include "ui/gallery-grid.h"

#include <glib/gi18n.h>

#include "ui/gallery-cell.h"
#include "ui/picture-actions.h"

/* Of the icon under the pointer while files are dragged, px. */
#define DRAG_ICON_SIDE 96
/* Of thumbnails: some screens full. */
#define MAX_TEXTURE_BYTES (48u << 20)
/* So far above and below what is seen is loaded too. */
#define MARGIN_SCREENS 0.5

struct _MezzotintGalleryGrid
{
  GtkWidget parent_instance;

  GtkWidget *scrolled;
  GtkGridView *view;
  GtkSelectionModel *selection;
  MezzotintGallery *gallery;
  GPtrArray *cells; /* every cell there is, not owned */
  MezzotintTextureCache *cache;
  guint look_source; /* sees which cells are in sight; 0: none */
  gboolean is_selecting;
};

G_DEFINE_FINAL_TYPE (MezzotintGalleryGrid, mezzotint_gallery_grid, GTK_TYPE_WIDGET)

enum
{
  PROP_IS_SELECTING = 1,
  PROP_SELECTION,
  N_PROPERTIES
};

enum
{
  OPEN,
  MENU,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* ---- Selection ---- */

GtkSelectionModel *
mezzotint_gallery_grid_get_selection (MezzotintGalleryGrid *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_GRID (self), NULL);
  return self->selection;
}

guint
mezzotint_gallery_grid_get_n_selected (MezzotintGalleryGrid *self)
{
  g_autoptr (GtkBitset) selected = NULL;

  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_GRID (self), 0);
  selected = gtk_selection_model_get_selection (self->selection);
  return (guint) gtk_bitset_get_size (selected);
}

GPtrArray *
mezzotint_gallery_grid_dup_selected (MezzotintGalleryGrid *self)
{
  g_autoptr (GtkBitset) selected = NULL;
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  GtkBitsetIter iter;
  guint position;

  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_GRID (self), items);
  selected = gtk_selection_model_get_selection (self->selection);
  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      gpointer item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

      if (item != NULL)
        g_ptr_array_add (items, item);
    }
  return items;
}

gboolean
mezzotint_gallery_grid_get_is_selecting (MezzotintGalleryGrid *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_GRID (self), FALSE);
  return self->is_selecting;
}

void
mezzotint_gallery_grid_set_is_selecting (MezzotintGalleryGrid *self, gboolean is_selecting)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_GRID (self));
  if (self->is_selecting == !!is_selecting)
    return;
  self->is_selecting = !!is_selecting;
  for (guint i = 0; i < self->cells->len; i++)
    g_object_set (self->cells->pdata[i], "is-checkable", self->is_selecting, NULL);
  if (!self->is_selecting)
    gtk_selection_model_unselect_all (self->selection);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_SELECTING]);
}

void
mezzotint_gallery_grid_show_position (MezzotintGalleryGrid *self, guint position)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_GRID (self));
  if (position >= g_list_model_get_n_items (G_LIST_MODEL (self->selection)))
    return;
  gtk_selection_model_select_item (self->selection, position, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", position);
}

static void
open_position (MezzotintGalleryGrid *self, guint position)
{
  g_autoptr (MezzotintGalleryItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (item != NULL)
    g_signal_emit (self, signals[OPEN], 0, item);
}

static void
activate_cb (MezzotintGalleryGrid *self, guint position)
{
  if (!self->is_selecting)
    open_position (self, position);
}

/* ---- Pointer on a cell ---- */

static guint
get_position (GtkWidget *cell)
{
  GtkListItem *list_item = g_object_get_data (G_OBJECT (cell), "list-item");

  return list_item != NULL ? gtk_list_item_get_position (list_item) : GTK_INVALID_LIST_POSITION;
}

static void
select_for_menu (MezzotintGalleryGrid *self, guint position)
{
  if (position != GTK_INVALID_LIST_POSITION && !gtk_selection_model_is_selected (self->selection, position))
    gtk_selection_model_select_item (self->selection, position, TRUE);
}

static void
ask_for_menu (MezzotintGalleryGrid *self, GtkWidget *from, double x, double y)
{
  double menu_x, menu_y;

  if (gtk_widget_translate_coordinates (from, GTK_WIDGET (self), x, y, &menu_x, &menu_y))
    g_signal_emit (self, signals[MENU], 0, &(GdkRectangle){ (int) menu_x, (int) menu_y, 1, 1 });
}

static void
secondary_pressed_cb (MezzotintGalleryGrid *self, int n_press, double x, double y, GtkGesture *click)
{
  GtkWidget *cell = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (click));

  gtk_gesture_set_state (click, GTK_EVENT_SEQUENCE_CLAIMED);
  select_for_menu (self, get_position (cell));
  ask_for_menu (self, cell, x, y);
}

/* While selecting, each click adds or takes away, as Ctrl+click does otherwise. */
static void
primary_pressed_cb (MezzotintGalleryGrid *self, int n_press, double x, double y, GtkGesture *click)
{
  GtkWidget *cell = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (click));
  guint position = get_position (cell);

  if (!self->is_selecting || position == GTK_INVALID_LIST_POSITION
      || (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (click))
          & (GDK_SHIFT_MASK | GDK_CONTROL_MASK)))
    return;
  gtk_gesture_set_state (click, GTK_EVENT_SEQUENCE_CLAIMED);
  if (gtk_selection_model_is_selected (self->selection, position))
    gtk_selection_model_unselect_item (self->selection, position);
  else
    gtk_selection_model_select_item (self->selection, position, FALSE);
}

static void
long_pressed_cb (MezzotintGalleryGrid *self, double x, double y, GtkGesture *press)
{
  GtkWidget *cell = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (press));

  gtk_gesture_set_state (press, GTK_EVENT_SEQUENCE_CLAIMED);
  mezzotint_gallery_grid_set_is_selecting (self, TRUE);
  gtk_selection_model_select_item (self->selection, get_position (cell), FALSE);
}

/* ---- Dragging files out ---- */

static GdkContentProvider *
drag_prepare_cb (MezzotintGalleryGrid *self, double x, double y, GtkDragSource *source)
{
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  MezzotintGalleryCell *cell = MEZZOTINT_GALLERY_CELL (widget);
  MezzotintGalleryItem *item = mezzotint_gallery_cell_get_item (cell);
  g_autoptr (GPtrArray) items = NULL;

  if (item == NULL)
    return NULL;
  if (gtk_selection_model_is_selected (self->selection, get_position (widget)))
    items = mezzotint_gallery_grid_dup_selected (self);
  else
    {
      items = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (items, g_object_ref (item));
    }
  return mezzotint_pictures_get_content (items, NULL);
}

static void
drag_begin_cb (MezzotintGalleryGrid *self, GdkDrag *drag, GtkDragSource *source)
{
  GtkWidget *cell = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  GdkTexture *texture = mezzotint_gallery_cell_get_texture (MEZZOTINT_GALLERY_CELL (cell));
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GdkPaintable) icon = NULL;
  double scale;

  if (texture == NULL)
    return;
  snapshot = gtk_snapshot_new ();
  scale = (double) DRAG_ICON_SIDE / MAX (gdk_texture_get_width (texture), gdk_texture_get_height (texture));
  gdk_paintable_snapshot (GDK_PAINTABLE (texture), GDK_SNAPSHOT (snapshot),
                          gdk_texture_get_width (texture) * scale, gdk_texture_get_height (texture) * scale);
  icon = gtk_snapshot_to_paintable (snapshot, NULL);
  gtk_drag_source_set_icon (source, icon, DRAG_ICON_SIDE / 2, DRAG_ICON_SIDE / 2);
}

/* ---- Cells ---- */

static void
add_pointer (MezzotintGalleryGrid *self, GtkWidget *cell)
{
  GtkGesture *primary = gtk_gesture_click_new (), *secondary = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();
  GtkDragSource *drag = gtk_drag_source_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  gtk_drag_source_set_actions (drag, GDK_ACTION_COPY);
  g_signal_connect_object (primary, "pressed", G_CALLBACK (primary_pressed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (secondary, "pressed", G_CALLBACK (secondary_pressed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (press, "pressed", G_CALLBACK (long_pressed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drag, "prepare", G_CALLBACK (drag_prepare_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (cell, GTK_EVENT_CONTROLLER (primary));
  gtk_widget_add_controller (cell, GTK_EVENT_CONTROLLER (secondary));
  gtk_widget_add_controller (cell, GTK_EVENT_CONTROLLER (press));
  gtk_widget_add_controller (cell, GTK_EVENT_CONTROLLER (drag));
}

/* How far a cell is from the middle of what is seen, in screens; 0.5 is the edge. */
static double
get_distance (MezzotintGalleryGrid *self, GtkWidget *cell)
{
  double height = gtk_widget_get_height (self->scrolled);
  graphene_rect_t bounds;

  if (height < 1 || !gtk_widget_get_mapped (cell)
      || !gtk_widget_compute_bounds (cell, self->scrolled, &bounds))
    return G_MAXDOUBLE;
  return ABS (bounds.origin.y + bounds.size.height / 2 - height / 2) / height;
}

/* The grid keeps many more cells than are seen; only those in sight or about to come into it load anything.
 */
static gboolean
look_cb (gpointer data)
{
  MezzotintGalleryGrid *self = data;
  g_autoptr (GPtrArray) unread = g_ptr_array_new ();

  self->look_source = 0;
  for (guint i = 0; i < self->cells->len; i++)
    {
      MezzotintGalleryCell *cell = self->cells->pdata[i];
      MezzotintGalleryItem *item = mezzotint_gallery_cell_get_item (cell);
      gboolean is_in_sight = item != NULL && get_distance (self, GTK_WIDGET (cell)) < 0.5 + MARGIN_SCREENS;

      if (item != NULL && is_in_sight && !mezzotint_gallery_item_is_read (item))
        g_ptr_array_add (unread, item);
      mezzotint_gallery_cell_set_in_sight (cell, is_in_sight);
    }
  mezzotint_gallery_read_soon (self->gallery, unread);
  return G_SOURCE_REMOVE;
}

/* After the next layout. */
static void
look_soon (MezzotintGalleryGrid *self)
{
  if (self->look_source == 0)
    self->look_source = g_idle_add_full (GDK_PRIORITY_REDRAW + 1, look_cb, self, NULL);
}

static void
selected_cb (GtkListItem *list_item)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);

  if (cell != NULL)
    g_object_set (cell, "is-selected", gtk_list_item_get_selected (list_item), NULL);
}

/* Not teardown's business: it may come when the cell is gone. */
static void
destroyed_cb (MezzotintGalleryGrid *self, GtkWidget *cell)
{
  g_object_set_data (G_OBJECT (cell), "list-item", NULL);
  if (self->cells != NULL)
    g_ptr_array_remove_fast (self->cells, cell);
}

static void
setup_cb (MezzotintGalleryGrid *self, GtkListItem *list_item)
{
  GtkWidget *cell = mezzotint_gallery_cell_new (self->gallery, self->cache);

  g_signal_connect (list_item, "notify::selected", G_CALLBACK (selected_cb), NULL);
  g_object_set (cell, "is-checkable", self->is_selecting, NULL);
  g_object_set_data (G_OBJECT (cell), "list-item", list_item);
  add_pointer (self, cell);
  g_ptr_array_add (self->cells, cell);
  g_signal_connect_object (cell, "destroy", G_CALLBACK (destroyed_cb), self, G_CONNECT_SWAPPED);
  gtk_list_item_set_child (list_item, cell);
}

static void
bind_cb (MezzotintGalleryGrid *self, GtkListItem *list_item)
{
  mezzotint_gallery_cell_set_item (MEZZOTINT_GALLERY_CELL (gtk_list_item_get_child (list_item)),
                                   gtk_list_item_get_item (list_item));
  selected_cb (list_item);
  look_soon (self);
}

static void
unbind_cb (MezzotintGalleryGrid *self, GtkListItem *list_item)
{
  mezzotint_gallery_cell_set_item (MEZZOTINT_GALLERY_CELL (gtk_list_item_get_child (list_item)), NULL);
}

static void
teardown_cb (MezzotintGalleryGrid *self, GtkListItem *list_item)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);

  if (cell != NULL)
    g_object_set_data (G_OBJECT (cell), "list-item", NULL);
}

/* ---- Keys ---- */

static gboolean
key_pressed_cb (MezzotintGalleryGrid *self, guint keyval, guint keycode, GdkModifierType state)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (self->selection);

  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_space:
    case GDK_KEY_KP_Space:
      /* The grid's own way is to select; here a look at the picture. */
      if (self->is_selecting || gtk_bitset_get_size (selected) != 1)
        return GDK_EVENT_PROPAGATE;
      open_position (self, gtk_bitset_get_minimum (selected));
      return GDK_EVENT_STOP;
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
      return gtk_widget_activate_action (widget, "gallery.trash", NULL);
    case GDK_KEY_Escape:
      if (!self->is_selecting && gtk_bitset_is_empty (selected))
        return GDK_EVENT_PROPAGATE;
      mezzotint_gallery_grid_set_is_selecting (self, FALSE);
      gtk_selection_model_unselect_all (self->selection);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* Menu and Shift+F10: below the cell that has the focus. */
static gboolean
menu_key_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  MezzotintGalleryGrid *self = MEZZOTINT_GALLERY_GRID (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *cell = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;

  if (cell == NULL || !MEZZOTINT_IS_GALLERY_CELL (cell))
    return GDK_EVENT_PROPAGATE;
  select_for_menu (self, get_position (cell));
  ask_for_menu (self, cell, gtk_widget_get_width (cell) / 2.0, gtk_widget_get_height (cell) / 2.0);
  return GDK_EVENT_STOP;
}

/* ---- The class ---- */

static void
mezzotint_gallery_grid_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  MezzotintGalleryGrid *self = MEZZOTINT_GALLERY_GRID (object);

  switch (id)
    {
    case PROP_IS_SELECTING:
      g_value_set_boolean (value, self->is_selecting);
      break;
    case PROP_SELECTION:
      g_value_set_object (value, self->selection);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_gallery_grid_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_IS_SELECTING)
    mezzotint_gallery_grid_set_is_selecting (MEZZOTINT_GALLERY_GRID (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
mezzotint_gallery_grid_dispose (GObject *object)
{
  MezzotintGalleryGrid *self = MEZZOTINT_GALLERY_GRID (object);

  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_pointer (&self->cells, g_ptr_array_unref);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_pointer (&self->cache, mezzotint_texture_cache_free);
  g_clear_object (&self->selection);
  g_clear_object (&self->gallery);
  G_OBJECT_CLASS (mezzotint_gallery_grid_parent_class)->dispose (object);
}

static void
mezzotint_gallery_grid_class_init (MezzotintGalleryGridClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = mezzotint_gallery_grid_get_property;
  object_class->set_property = mezzotint_gallery_grid_set_property;
  object_class->dispose = mezzotint_gallery_grid_dispose;
  properties[PROP_IS_SELECTING]
      = g_param_spec_boolean ("is-selecting", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_SELECTION] = g_param_spec_object ("selection", NULL, NULL, GTK_TYPE_SELECTION_MODEL,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[OPEN] = g_signal_new ("open", MEZZOTINT_TYPE_GALLERY_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, MEZZOTINT_TYPE_GALLERY_ITEM);
  signals[MENU] = g_signal_new ("menu", MEZZOTINT_TYPE_GALLERY_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, GDK_TYPE_RECTANGLE);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, menu_key_cb, NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "gallerygrid");
}

static void
mezzotint_gallery_grid_init (MezzotintGalleryGrid *self)
{
  self->cells = g_ptr_array_new ();
  self->cache = mezzotint_texture_cache_new (MAX_TEXTURE_BYTES);
}

static void
watch_sight (MezzotintGalleryGrid *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));

  g_signal_connect_object (adjustment, "changed", G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "items-changed", G_CALLBACK (look_soon), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->scrolled, "map", G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
}

static void
build (MezzotintGalleryGrid *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "teardown", G_CALLBACK (teardown_cb), self, G_CONNECT_SWAPPED);
  self->selection
      = GTK_SELECTION_MODEL (gtk_multi_selection_new (G_LIST_MODEL (g_object_ref (self->gallery))));
  self->view = GTK_GRID_VIEW (gtk_grid_view_new (g_object_ref (self->selection), factory));
  gtk_grid_view_set_min_columns (self->view, 2);
  gtk_grid_view_set_max_columns (self->view, 12);
  gtk_grid_view_set_enable_rubberband (self->view, TRUE);
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (activate_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Pictures"),
                                  -1);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->view));
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  watch_sight (self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
}

GtkWidget *
mezzotint_gallery_grid_new (MezzotintGallery *gallery)
{
  MezzotintGalleryGrid *self = g_object_new (MEZZOTINT_TYPE_GALLERY_GRID, NULL);

  self->gallery = g_object_ref (gallery);
  build (self);
  return GTK_WIDGET (self);
}
