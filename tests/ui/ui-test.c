/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The harness of the tests of windows. */
#include "ui-test.h"

#include <gdk/x11/gdkx.h>

#define TIMEOUT_US (60 * G_TIME_SPAN_SECOND)

/* Made by glib-compile-resources. */
GResource *mezzotint_get_resource (void);

/* What an AdwApplication does by itself. */
static void
load_resources (void)
{
  GdkDisplay *display = gdk_display_get_default ();
  g_autoptr (GtkCssProvider) css = gtk_css_provider_new ();

  g_resources_register (mezzotint_get_resource ());
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    "/io/github/mezzotint/Mezzotint/icons");
  gtk_css_provider_load_from_resource (css, "/io/github/mezzotint/Mezzotint/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

void
ui_test_init (int *argc, char ***argv)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");

  if (xdotool == NULL || !gtk_init_check () || !GDK_IS_X11_DISPLAY (gdk_display_get_default ()))
    {
      g_printerr ("There is no X display or no xdotool.\n");
      exit (77);
    }
  g_test_init (argc, argv, NULL);
  adw_init ();
  load_resources ();
  /* Nothing is to be caught half way. */
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
}

/* ---- Waiting ---- */

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
ui_test_wait (gboolean (*check) (gpointer data), gpointer data)
{
  gint64 end = g_get_monotonic_time () + TIMEOUT_US;
  guint timer = g_timeout_add (5, wake_cb, NULL);

  while (!check (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

static void
painted_cb (gboolean *is_painted)
{
  *is_painted = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

void
ui_test_settle (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  gboolean is_painted = FALSE;
  gulong handler = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (painted_cb), &is_painted);

  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_widget_queue_draw (window);
  ui_test_wait (is_true, &is_painted);
  g_signal_handler_disconnect (clock, handler);
}

static gboolean
is_mapped (gpointer data)
{
  return gtk_widget_get_mapped (data) && gtk_widget_get_width (data) > 0;
}

/* ---- Keys and pointer ---- */

static void
xdotool (const char *const *arguments)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) command = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_strv_builder_add (builder, "xdotool");
  g_strv_builder_addv (builder, (const char **) arguments);
  command = g_strv_builder_end (builder);
  g_spawn_sync (NULL, command, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

void
ui_test_present (GtkWidget *window)
{
  gtk_window_present (GTK_WINDOW (window));
  ui_test_wait (is_mapped, window);
  xdotool ((const char *const[]){ "mousemove", "3", "3", NULL });
  ui_test_settle (window);
}

/* Xlib's queue is read by the frame clock's events; what a press caused is done two frames later. */
static void
let_it_happen (GtkWidget *window)
{
  for (int i = 0; i < 3; i++)
    {
      g_usleep (20 * G_TIME_SPAN_MILLISECOND);
      ui_test_settle (window);
    }
}

void
ui_test_press (GtkWidget *window, const char *key)
{
  xdotool ((const char *const[]){ "key", key, NULL });
  let_it_happen (window);
}

/* Where (x, y), 0..1, of `widget` is on the screen, as xdotool wants it. */
static void
get_place (GtkWidget *widget, double x, double y, char place[2][16])
{
  GtkNative *native = gtk_widget_get_native (widget);
  double surface_x, surface_y, in_x, in_y;

  gtk_native_get_surface_transform (native, &surface_x, &surface_y);
  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (native),
                                                   x * gtk_widget_get_width (widget),
                                                   y * gtk_widget_get_height (widget), &in_x, &in_y));
  /* Without a window manager, windows are at the screen's corner. */
  g_snprintf (place[0], sizeof place[0], "%d", (int) (in_x + surface_x));
  g_snprintf (place[1], sizeof place[1], "%d", (int) (in_y + surface_y));
}

void
ui_test_click (GtkWidget *widget, double x, double y)
{
  char place[2][16];

  get_place (widget, x, y, place);
  xdotool ((const char *const[]){ "mousemove", place[0], place[1], "click", "1", NULL });
  let_it_happen (GTK_WIDGET (gtk_widget_get_root (widget)));
}

void
ui_test_scroll (GtkWidget *widget, double x, double y, int n_clicks)
{
  char place[2][16], repeat[16];

  get_place (widget, x, y, place);
  g_snprintf (repeat, sizeof repeat, "%d", ABS (n_clicks));
  xdotool ((const char *const[]){ "mousemove", place[0], place[1], NULL });
  let_it_happen (GTK_WIDGET (gtk_widget_get_root (widget)));
  xdotool ((const char *const[]){ "click", "--repeat", repeat, n_clicks < 0 ? "4" : "5", NULL });
  let_it_happen (GTK_WIDGET (gtk_widget_get_root (widget)));
}

void
ui_test_drag (GtkWidget *widget, double x0, double x1, double y)
{
  char from[2][16], middle[2][16], to[2][16];
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (widget));

  get_place (widget, x0, y, from);
  get_place (widget, (x0 + x1) / 2, y, middle);
  get_place (widget, x1, y, to);
  xdotool ((const char *const[]){ "mousemove", from[0], from[1], "mousedown", "1", NULL });
  let_it_happen (window);
  xdotool ((const char *const[]){ "mousemove", middle[0], middle[1], NULL });
  let_it_happen (window);
  xdotool ((const char *const[]){ "mousemove", to[0], to[1], NULL });
  let_it_happen (window);
  xdotool ((const char *const[]){ "mouseup", "1", NULL });
  let_it_happen (window);
}

/* ---- Looking ---- */

GtkWidget *
ui_test_find (GtkWidget *widget, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = ui_test_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
shoot_cb (GdkFrameClock *clock, const char *path)
{
  GtkWidget *window = g_object_get_data (G_OBJECT (clock), "window");
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  int width = gtk_widget_get_width (window), height = gtk_widget_get_height (window);
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  node = gtk_snapshot_to_node (snapshot);
  if (node == NULL)
    return;
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, width, height));
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

void
ui_test_shoot (GtkWidget *window, const char *name)
{
  const char *folder = g_getenv ("MEZZOTINT_SCREENSHOTS");
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autofree char *path = NULL;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  gulong handler;

  if (folder == NULL)
    return;
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  path = g_build_filename (folder, file, NULL);
  g_object_set_data (G_OBJECT (clock), "window", window);
  handler = g_signal_connect (clock, "after-paint", G_CALLBACK (shoot_cb), path);
  ui_test_settle (window);
  g_signal_handler_disconnect (clock, handler);
}

static gboolean
has_name (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  if (gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL)
      || gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    return TRUE;
  /* A button with words on it is called by them. */
  return GTK_IS_BUTTON (widget) && ui_test_find (widget, GTK_TYPE_LABEL) != NULL;
}

void
ui_test_assert_accessible (GtkWidget *widget)
{
  GtkAccessibleRole role = gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget));
  /* What a text or menu button is made of is named by its owner. */
  gboolean is_operated = role == GTK_ACCESSIBLE_ROLE_SLIDER || role == GTK_ACCESSIBLE_ROLE_SEARCH_BOX
                         || (GTK_IS_BUTTON (widget) && !GTK_IS_MENU_BUTTON (gtk_widget_get_parent (widget)))
                         || GTK_IS_MENU_BUTTON (widget) || GTK_IS_SWITCH (widget);

  if (is_operated && gtk_widget_get_visible (widget) && gtk_widget_get_child_visible (widget)
      && !has_name (widget))
    g_error ("%s %s in %s has no name for screen readers", G_OBJECT_TYPE_NAME (widget),
             gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)),
             G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    ui_test_assert_accessible (child);
}
