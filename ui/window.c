/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window. */
#include <glib/gi18n.h>

#include "app/files/identity.h"
#include "ui/gallery-page.h"
#include "ui/import-open.h"
#include "ui/picture-host.h"
#include "ui/toast.h"
#include "ui/window-private.h"
#include "ui/words.h"

static void mezzotint_window_host_init (MezzotintPictureHostInterface *interface);

/* Jobs in the queue that its button counts. */
#define MAX_COUNT 99

G_DEFINE_FINAL_TYPE_WITH_CODE (MezzotintWindow,
                               mezzotint_window,
                               ADW_TYPE_APPLICATION_WINDOW,
                               G_IMPLEMENT_INTERFACE (MEZZOTINT_TYPE_PICTURE_HOST,
                                                      mezzotint_window_host_init))

/* ---- Pages ---- */

static void
add_page (MezzotintWindow *self, GtkWidget *page, const char *name, const char *title, const char *icon)
{
  AdwViewStackPage *entry = adw_view_stack_add_titled (self->stack, page, name, title);

  adw_view_stack_page_set_use_underline (entry, TRUE);
  adw_view_stack_page_set_icon_name (entry, icon);
}

static void
make_gallery (MezzotintWindow *self)
{
  GtkWidget *page = mezzotint_gallery_page_new (mezzotint_services_get_gallery (self->services));

  adw_bin_set_child (self->gallery_bin, page);
  gtk_stack_add_named (self->start_buttons,
                       mezzotint_gallery_page_get_start_buttons (MEZZOTINT_GALLERY_PAGE (page)), "gallery");
  gtk_stack_add_named (self->end_buttons,
                       mezzotint_gallery_page_get_end_buttons (MEZZOTINT_GALLERY_PAGE (page)), "gallery");
}

/* Where the pages' switcher has no room there is a title, but not in the gallery: its buttons fill 360 px. */
static void
update_header (MezzotintWindow *self)
{
  gboolean is_gallery = g_strcmp0 (adw_view_stack_get_visible_child_name (self->stack), "gallery") == 0;

  adw_view_switcher_title_set_title (self->switcher_title,
                                     is_gallery ? "" : gtk_window_get_title (GTK_WINDOW (self)));
}

static void
visible_page_cb (MezzotintWindow *self)
{
  const char *name = adw_view_stack_get_visible_child_name (self->stack);

  if (name == NULL) /* being closed */
    return;
  if (g_str_equal (name, "gallery") && adw_bin_get_child (self->gallery_bin) == NULL)
    make_gallery (self);
  gtk_stack_set_visible_child_name (self->start_buttons, name);
  gtk_stack_set_visible_child_name (self->end_buttons, name);
  update_header (self);
  g_object_set (mezzotint_services_get_settings (self->services), "page", name, NULL);
}

void
mezzotint_window_show_page (MezzotintWindow *self, const char *name)
{
  adw_leaflet_set_visible_child (self->leaflet, self->main_page);
  adw_view_stack_set_visible_child_name (self->stack, name);
}

static MezzotintGalleryPage *
show_gallery (MezzotintWindow *self)
{
  mezzotint_window_show_page (self, "gallery");
  return MEZZOTINT_GALLERY_PAGE (adw_bin_get_child (self->gallery_bin));
}

void
mezzotint_window_search (MezzotintWindow *self, const char *words)
{
  g_return_if_fail (MEZZOTINT_IS_WINDOW (self));
  mezzotint_gallery_page_search (show_gallery (self), words);
}

void
mezzotint_window_show_picture (MezzotintWindow *self, const char *path)
{
  g_return_if_fail (MEZZOTINT_IS_WINDOW (self));
  mezzotint_gallery_page_show_picture (show_gallery (self), path);
}

/* ---- What is being made ---- */

static void
update_title (MezzotintWindow *self)
{
  g_autofree char *title = NULL;
  double progress;

  if (self->current != NULL && mezzotint_task_is_active (self->current))
    {
      g_object_get (self->current, "progress", &progress, NULL);
      /* Translators: per cent done, then the program's name; shown as the window's title. */
      title = g_strdup_printf (_ ("%d %% · Mezzotint"), (int) (100 * CLAMP (progress, 0, 1)));
    }
  gtk_window_set_title (GTK_WINDOW (self), title != NULL ? title : _ ("Mezzotint"));
  update_header (self);
}

static void
update_count (MezzotintWindow *self)
{
  guint n_tasks = g_list_model_get_n_items (G_LIST_MODEL (mezzotint_services_get_queue (self->services)));
  g_autofree char *text
      = n_tasks > MAX_COUNT ? g_strdup_printf ("%d+", MAX_COUNT) : g_strdup_printf ("%u", n_tasks);
  g_autofree char *spoken = g_strdup_printf (ngettext ("Queue: %u job", "Queue: %u jobs", n_tasks), n_tasks);

  gtk_label_set_label (self->queue_count, text);
  gtk_widget_set_visible (GTK_WIDGET (self->queue_count), n_tasks > 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->queue_button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
}

static void
update_actions_cb (MezzotintWindow *self)
{
  mezzotint_window_update_actions (self);
}

static void
current_cb (MezzotintWindow *self)
{
  if (self->current != NULL)
    g_signal_handlers_disconnect_by_func (self->current, update_title, self);
  g_set_object (&self->current, mezzotint_queue_get_current (mezzotint_services_get_queue (self->services)));
  if (self->current != NULL)
    g_signal_connect_object (self->current, "notify::progress", G_CALLBACK (update_title), self,
                             G_CONNECT_SWAPPED);
  update_title (self);
  mezzotint_window_update_actions (self);
}

static void
show_task_cb (MezzotintWindow *self, MezzotintTask *task)
{
  mezzotint_window_show_page (self, "create");
  mezzotint_create_page_show_task (self->create_page, task);
  if (adw_flap_get_folded (self->flap))
    adw_flap_set_reveal_flap (self->flap, FALSE);
}

static void
use_settings_cb (MezzotintWindow *self, MezzotintTask *task)
{
  MezzotintRecipe *recipe = mezzotint_task_get_recipe (task);
  const char *model = mezzotint_recipe_get_model (recipe);

  mezzotint_picture_host_use_request (MEZZOTINT_PICTURE_HOST (self), mezzotint_recipe_get_request (recipe),
                                      model != NULL ? model : "", TRUE);
  if (adw_flap_get_folded (self->flap))
    adw_flap_set_reveal_flap (self->flap, FALSE);
}

static void
picture_saved_cb (MezzotintWindow *self, MezzotintTask *task, MezzotintTaskPicture *picture)
{
  const char *path = mezzotint_task_picture_get_path (picture);

  if (path != NULL && adw_bin_get_child (self->gallery_bin) != NULL)
    mezzotint_gallery_add (mezzotint_services_get_gallery (self->services), path);
}

/* ---- The host of pages about pictures ---- */

static MezzotintGallery *
host_get_gallery (MezzotintPictureHost *host)
{
  return mezzotint_services_get_gallery (MEZZOTINT_WINDOW (host)->services);
}

static MezzotintQueue *
host_get_queue (MezzotintPictureHost *host)
{
  return mezzotint_services_get_queue (MEZZOTINT_WINDOW (host)->services);
}

static MezzotintModelStore *
host_get_models (MezzotintPictureHost *host)
{
  return mezzotint_services_get_models (MEZZOTINT_WINDOW (host)->services);
}

static MzRequest *
host_dup_request (MezzotintPictureHost *host)
{
  MezzotintDraft *draft = mezzotint_create_page_get_draft (MEZZOTINT_WINDOW (host)->create_page);

  return mz_request_copy (mezzotint_draft_get_request (draft));
}

static void
host_use_request (MezzotintPictureHost *host, const MzRequest *request, const char *path, gboolean keep_seed)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (host);
  MezzotintDraft *draft = mezzotint_create_page_get_draft (self->create_page);
  MezzotintModel *model = NULL;

  if (path != NULL)
    model = mezzotint_model_store_find (mezzotint_services_get_models (self->services),
                                        *path != '\0' ? path : NULL);
  if (model != NULL)
    g_object_set (draft, "model", model, NULL);
  mezzotint_draft_apply (draft, request);
  g_object_set (draft, "keep-seed", keep_seed, NULL);
  mezzotint_window_show_page (self, "create");
}

static void
host_push (MezzotintPictureHost *host, GtkWidget *page)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (host);

  adw_leaflet_append (self->leaflet, page);
  adw_leaflet_set_visible_child (self->leaflet, page);
}

static void
host_pop (MezzotintPictureHost *host)
{
  adw_leaflet_navigate (MEZZOTINT_WINDOW (host)->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
host_say (MezzotintPictureHost *host, const char *message)
{
  mezzotint_toast_say (GTK_WIDGET (MEZZOTINT_WINDOW (host)->stack), message);
}

/* Pages above the one that is shown were left behind: they are dropped when the transition is over. */
static void
transition_cb (MezzotintWindow *self)
{
  GtkWidget *visible = adw_leaflet_get_visible_child (self->leaflet);

  if (visible == NULL || adw_leaflet_get_child_transition_running (self->leaflet))
    return;
  for (;;)
    {
      GtkWidget *above = adw_leaflet_get_adjacent_child (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);

      if (above == NULL)
        break;
      adw_leaflet_remove (self->leaflet, above);
    }
}

static void
host_open_file (MezzotintPictureHost *host, GFile *file)
{
  mezzotint_window_open (MEZZOTINT_WINDOW (host), file);
}

static void
mezzotint_window_host_init (MezzotintPictureHostInterface *interface)
{
  interface->get_gallery = host_get_gallery;
  interface->get_queue = host_get_queue;
  interface->get_models = host_get_models;
  interface->dup_request = host_dup_request;
  interface->use_request = host_use_request;
  interface->push = host_push;
  interface->pop = host_pop;
  interface->say = host_say;
  interface->open_file = host_open_file;
}

/* ---- Closing ---- */

static void
close_response_cb (AdwMessageDialog *dialog, const char *response, MezzotintWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (g_str_equal (response, "quit"))
    g_application_quit (G_APPLICATION (application));
  else if (g_str_equal (response, "background"))
    {
      self->may_close = TRUE;
      gtk_window_close (GTK_WINDOW (self));
    }
}

/* Nothing is lost either way; only the user knows what is wanted. */
static gboolean
mezzotint_window_close_request (GtkWindow *window)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (window);
  GtkWidget *dialog;

  if (self->current == NULL || self->may_close)
    return GTK_WINDOW_CLASS (mezzotint_window_parent_class)->close_request (window);
  dialog
      = adw_message_dialog_new (window, _ ("Pictures Are Being Made"),
                                _ ("They can be finished without the window, or go on at the next start from "
                                   "where they are now."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "quit", _ ("_Quit"),
                                    "background", _ ("_Finish in the Background"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "background",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "background");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return GDK_EVENT_STOP;
}

/* ---- The widget ---- */

static void
banner_closed_cb (MezzotintWindow *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->stack));
}

static void
mezzotint_window_dispose (GObject *object)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (object);

  if (self->current != NULL)
    g_signal_handlers_disconnect_by_func (self->current, update_title, self);
  g_clear_object (&self->current);
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_WINDOW);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (mezzotint_window_parent_class)->dispose (object);
}

static void
mezzotint_window_class_init (MezzotintWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (MEZZOTINT_TYPE_BANNER);
  g_type_ensure (MEZZOTINT_TYPE_QUEUE_PANEL);
  G_OBJECT_CLASS (class)->dispose = mezzotint_window_dispose;
  GTK_WINDOW_CLASS (class)->close_request = mezzotint_window_close_request;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/window.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, switcher_title);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, main_page);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, start_buttons);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, end_buttons);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, queue_panel);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, queue_count);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, queue_button);
  gtk_widget_class_bind_template_callback (widget_class, banner_closed_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_task_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_settings_cb);
  mezzotint_window_install_actions (widget_class);
}

static void
mezzotint_window_init (MezzotintWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->leaflet, "notify::child-transition-running", G_CALLBACK (transition_cb),
                           self, G_CONNECT_SWAPPED);
}

static void
fill (MezzotintWindow *self)
{
  self->create_page = MEZZOTINT_CREATE_PAGE (mezzotint_create_page_new (self->services));
  self->gallery_bin = ADW_BIN (adw_bin_new ());
  add_page (self, GTK_WIDGET (self->create_page), "create", _ ("_Create"), "applications-graphics-symbolic");
  add_page (self, GTK_WIDGET (self->gallery_bin), "gallery", _ ("_Gallery"), "view-grid-symbolic");
}

/* The size is that of the last time, as long as it is not maximized. */
static void
restore_state (MezzotintWindow *self, MezzotintSettings *settings)
{
  g_autofree char *page = NULL;

  g_object_bind_property (settings, "window-width", self, "default-width",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (settings, "window-height", self, "default-height",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (settings, "window-maximized", self, "maximized",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_get (settings, "page", &page, NULL);
  adw_view_stack_set_visible_child_name (self->stack, page);
  g_signal_connect_object (self->stack, "notify::visible-child", G_CALLBACK (visible_page_cb), self,
                           G_CONNECT_SWAPPED);
  visible_page_cb (self);
}

static void
watch_queue (MezzotintWindow *self, MezzotintQueue *queue)
{
  MezzotintTaskView *view = mezzotint_create_page_get_view (self->create_page);

  mezzotint_queue_panel_set_queue (self->queue_panel, queue);
  g_signal_connect_object (queue, "notify::current", G_CALLBACK (current_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "items-changed", G_CALLBACK (update_count), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "picture-saved", G_CALLBACK (picture_saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "changed", G_CALLBACK (update_actions_cb), self, G_CONNECT_SWAPPED);
  current_cb (self);
  update_count (self);
}

/* What is wrong from the start, and does not keep anybody from working. */
static void
tell_problems (MezzotintWindow *self)
{
  const char *problem = mezzotint_settings_get_problem (mezzotint_services_get_settings (self->services));
  g_autofree char *queue_problem = NULL;

  g_object_get (mezzotint_services_get_queue (self->services), "problem", &queue_problem, NULL);
  mezzotint_banner_show (self->banner, queue_problem != NULL ? queue_problem : problem, NULL);
}

MezzotintWindow *
mezzotint_window_new (GtkApplication *application, MezzotintServices *services)
{
  MezzotintWindow *self = g_object_new (MEZZOTINT_TYPE_WINDOW, "application", application, NULL);

  self->services = g_object_ref (services);
  fill (self);
  watch_queue (self, mezzotint_services_get_queue (services));
  mezzotint_import_accept_drops (MEZZOTINT_PICTURE_HOST (self));
  if (g_str_has_suffix (MEZZOTINT_DESKTOP_ID, ".Devel"))
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
  tell_problems (self);
  restore_state (self, mezzotint_services_get_settings (services));
  mezzotint_create_page_focus_prompt (self->create_page);
  return self;
}

void
mezzotint_window_open (MezzotintWindow *self, GFile *file)
{
  if (!mezzotint_model_store_takes (file))
    {
      mezzotint_import_open (MEZZOTINT_PICTURE_HOST (self), file);
      return;
    }
  mezzotint_window_show_page (self, "create");
  mezzotint_window_add_model (self, file);
}
