/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A task as it is made and when it is done. */
#include "ui/task-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/banner.h"
#include "ui/picture-texture.h"
#include "ui/picture-view.h"
#include "ui/strip-item.h"
#include "ui/timeline-view.h"
#include "ui/tooltip.h"
#include "ui/words.h"

struct _MezzotintTaskView
{
  GtkWidget parent_instance;

  GtkWidget *content;
  MezzotintBanner *banner;
  MezzotintPictureView *canvas;
  GtkSpinner *spinner;
  GtkProgressBar *progress_bar;
  GtkWidget *strip_scroller;
  GtkListView *strip;
  MezzotintTimelineView *timeline_view;
  GtkLabel *status_label;

  MezzotintTask *task;
  GdkTexture *texture;   /* on the canvas; NULL: nothing */
  MezzotintFrame *frame; /* chosen on the timeline; NULL: the newest */
  GtkSingleSelection
      *selection; /* of the strip: finished pictures, and the task itself for the one in work */
  gboolean is_updating_selection;
  gboolean follows; /* the newest picture is shown, whichever it is */
};

G_DEFINE_FINAL_TYPE (MezzotintTaskView, mezzotint_task_view, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_TASK,
};

static GParamSpec *task_pspec;
static guint branch_signal, retry_signal, changed_signal;

/* ---- The canvas ---- */

/* Position of the shown picture in its task; -1: the one in work. */
static int
get_index (MezzotintTaskView *self)
{
  if (mezzotint_task_view_get_picture (self) == NULL)
    return -1;
  return (int) gtk_single_selection_get_selected (self->selection);
}

static MezzotintPixels *
get_pixels (MezzotintTaskView *self)
{
  MezzotintTaskPicture *picture;

  if (self->frame != NULL)
    return mezzotint_frame_get_pixels (self->frame);
  picture = mezzotint_task_view_get_picture (self);
  if (picture != NULL && mezzotint_task_picture_get_pixels (picture) != NULL)
    return mezzotint_task_picture_get_pixels (picture);
  return picture == NULL || self->follows ? mezzotint_task_get_preview (self->task) : NULL;
}

/* Of the picture, as wide as it will be; several that are drawn together may be wider. */
static int
find_width (GdkTexture *texture, const MzRequest *request)
{
  if (texture == NULL)
    return request->width;
  return (int) lround ((double) request->height * gdk_texture_get_width (texture)
                       / gdk_texture_get_height (texture));
}

static void
put_texture (MezzotintTaskView *self, GdkTexture *texture)
{
  const MzRequest *request = mezzotint_recipe_get_request (mezzotint_task_get_recipe (self->task));

  g_set_object (&self->texture, texture);
  mezzotint_picture_view_set_paintable (self->canvas, texture != NULL ? GDK_PAINTABLE (texture) : NULL,
                                        find_width (texture, request), request->height);
  g_signal_emit (self, changed_signal, 0);
}

static void
load_thread (GTask *load, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  GdkTexture *texture = gdk_texture_new_from_filename (path, &error);

  if (texture != NULL)
    g_task_return_pointer (load, texture, g_object_unref);
  else
    g_task_return_error (load, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer picture)
{
  MezzotintTaskView *self = MEZZOTINT_TASK_VIEW (source);
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), NULL);

  if (texture != NULL && self->task != NULL && picture == mezzotint_task_view_get_picture (self))
    put_texture (self, texture);
  g_object_unref (picture);
}

/* Of an older picture only its file may be left. */
static void
load_picture (MezzotintTaskView *self, MezzotintTaskPicture *picture)
{
  g_autoptr (GTask) load = g_task_new (self, NULL, loaded_cb, g_object_ref (picture));

  g_task_set_task_data (load, g_strdup (mezzotint_task_picture_get_path (picture)), g_free);
  g_task_run_in_thread (load, load_thread);
}

static void
update_canvas (MezzotintTaskView *self)
{
  MezzotintTaskPicture *picture = self->task != NULL ? mezzotint_task_view_get_picture (self) : NULL;
  MezzotintPixels *pixels = self->task != NULL ? get_pixels (self) : NULL;
  g_autoptr (GdkTexture) texture = NULL;

  if (self->task == NULL)
    return;
  if (pixels == NULL && picture != NULL && mezzotint_task_picture_get_path (picture) != NULL)
    load_picture (self, picture);
  if (pixels != NULL)
    texture = mezzotint_texture_new (pixels);
  put_texture (self, texture);
}

/* ---- Words and progress ---- */

static void
update_banner (MezzotintTaskView *self)
{
  MezzotintTaskPicture *picture = mezzotint_task_view_get_picture (self);

  if (mezzotint_task_get_state (self->task) == MEZZOTINT_TASK_FAILED)
    mezzotint_banner_show (self->banner, mezzotint_task_get_error (self->task), _ ("_Try Again"));
  else if (picture != NULL && mezzotint_task_picture_get_path (picture) == NULL)
    mezzotint_banner_show (
        self->banner,
        mezzotint_task_get_note (self->task) != NULL
            ? mezzotint_task_get_note (self->task)
            : _ ("The picture could not be saved. It is still here and can be saved elsewhere."),
        _ ("_Save As…"));
  else
    mezzotint_banner_hide (self->banner);
}

static void
banner_activated_cb (MezzotintTaskView *self)
{
  if (self->task == NULL)
    return;
  if (mezzotint_task_get_state (self->task) == MEZZOTINT_TASK_FAILED)
    g_signal_emit (self, retry_signal, 0, self->task);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.save-picture-as", NULL);
}

static void
update_status (MezzotintTaskView *self)
{
  g_autofree char *words = mezzotint_words_for_task (self->task);
  gboolean is_active = mezzotint_task_is_active (self->task);
  double progress;

  g_object_get (self->task, "progress", &progress, NULL);
  gtk_label_set_label (self->status_label, words);
  mezzotint_tooltip_set (GTK_WIDGET (self->status_label), mezzotint_task_get_note (self->task));
  gtk_progress_bar_set_fraction (self->progress_bar, is_active ? CLAMP (progress, 0, 1) : 0);
  /* Its place stays, so that nothing moves. */
  gtk_widget_set_opacity (GTK_WIDGET (self->progress_bar), is_active ? 1 : 0);
  gtk_spinner_set_spinning (self->spinner, is_active && self->texture == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_active && self->texture == NULL);
}

/* ---- The timeline ---- */

/* Of the picture `index`, or of the one in work: the first that is not finished, else the newest. */
static MezzotintTimeline *
find_timeline (GListModel *timelines, int index)
{
  guint n_timelines = g_list_model_get_n_items (timelines);

  for (guint i = 0; i < n_timelines; i++)
    {
      g_autoptr (MezzotintTimeline) candidate = g_list_model_get_item (timelines, i);

      if (index < 0 ? !mezzotint_timeline_is_finished (candidate) || i + 1 == n_timelines
                    : mezzotint_timeline_get_picture (candidate) == index)
        return g_steal_pointer (&candidate);
    }
  return NULL;
}

static void
update_timeline (MezzotintTaskView *self)
{
  g_autoptr (MezzotintTimeline) timeline
      = find_timeline (mezzotint_task_get_timelines (self->task), get_index (self));

  gtk_widget_set_visible (GTK_WIDGET (self->timeline_view), timeline != NULL);
  mezzotint_timeline_view_set_timeline (self->timeline_view, timeline,
                                        timeline != NULL ? mezzotint_task_get_recipe (self->task) : NULL);
}

static void
frame_selected_cb (MezzotintTaskView *self, MezzotintFrame *frame)
{
  g_set_object (&self->frame, frame);
  update_canvas (self);
}

static void
branch_cb (MezzotintTaskView *self, MezzotintFrame *frame)
{
  g_signal_emit (self, branch_signal, 0, frame);
}

/* ---- The strip ---- */

static void
show_selected (MezzotintTaskView *self)
{
  g_clear_object (&self->frame);
  update_timeline (self);
  update_canvas (self);
  update_banner (self);
}

static void
selected_cb (MezzotintTaskView *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  if (self->is_updating_selection)
    return;
  self->follows = gtk_single_selection_get_selected (self->selection) + 1 >= n_items;
  show_selected (self);
}

static void
pictures_changed_cb (MezzotintTaskView *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  if (self->follows && n_items > 0)
    {
      self->is_updating_selection = TRUE;
      gtk_single_selection_set_selected (self->selection, n_items - 1);
      self->is_updating_selection = FALSE;
    }
  gtk_widget_set_visible (self->strip_scroller, n_items > 1);
  show_selected (self);
}

/* Finished pictures, then the one in work. */
static GListModel *
new_strip_model (MezzotintTask *task)
{
  GListStore *parts = g_list_store_new (G_TYPE_LIST_MODEL);
  g_autoptr (GListStore) live = g_list_store_new (MEZZOTINT_TYPE_TASK);

  if (mezzotint_task_is_active (task))
    g_list_store_append (live, task);
  g_list_store_append (parts, mezzotint_task_get_pictures (task));
  g_list_store_append (parts, live);
  return G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (parts)));
}

static void
update_strip (MezzotintTaskView *self)
{
  g_clear_object (&self->selection);
  if (self->task == NULL)
    {
      gtk_list_view_set_model (self->strip, NULL);
      return;
    }
  self->selection = gtk_single_selection_new (new_strip_model (self->task));
  gtk_list_view_set_model (self->strip, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (pictures_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  pictures_changed_cb (self);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, mezzotint_strip_item_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  mezzotint_strip_item_set_content (MEZZOTINT_STRIP_ITEM (gtk_list_item_get_child (item)),
                                    gtk_list_item_get_item (item), (int) gtk_list_item_get_position (item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  mezzotint_strip_item_set_content (MEZZOTINT_STRIP_ITEM (gtk_list_item_get_child (item)), NULL, 0);
}

/* ---- The task ---- */

static void
state_cb (MezzotintTaskView *self)
{
  update_strip (self);
  update_status (self);
}

static void
note_cb (MezzotintTaskView *self)
{
  update_status (self);
  update_banner (self);
}

static void
preview_cb (MezzotintTaskView *self)
{
  if (self->frame == NULL && get_index (self) < 0)
    update_canvas (self);
}

static void
mezzotint_task_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, MEZZOTINT_TASK_VIEW (object)->task);
}

static void
mezzotint_task_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  mezzotint_task_view_set_task (MEZZOTINT_TASK_VIEW (object), g_value_get_object (value));
}

static void
mezzotint_task_view_dispose (GObject *object)
{
  MezzotintTaskView *self = MEZZOTINT_TASK_VIEW (object);

  mezzotint_task_view_set_task (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_TASK_VIEW);
  G_OBJECT_CLASS (mezzotint_task_view_parent_class)->dispose (object);
}

static void
mezzotint_task_view_class_init (MezzotintTaskViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (MEZZOTINT_TYPE_BANNER);
  g_type_ensure (MEZZOTINT_TYPE_PICTURE_VIEW);
  g_type_ensure (MEZZOTINT_TYPE_TIMELINE_VIEW);
  object_class->get_property = mezzotint_task_view_get_property;
  object_class->set_property = mezzotint_task_view_set_property;
  object_class->dispose = mezzotint_task_view_dispose;
  task_pspec = g_param_spec_object ("task", NULL, NULL, MEZZOTINT_TYPE_TASK,
                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_TASK, task_pspec);
  branch_signal = g_signal_new ("branch", MEZZOTINT_TYPE_TASK_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, MEZZOTINT_TYPE_FRAME);
  retry_signal = g_signal_new ("retry", MEZZOTINT_TYPE_TASK_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, MEZZOTINT_TYPE_TASK);
  changed_signal = g_signal_new ("changed", MEZZOTINT_TYPE_TASK_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/task-view.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, content);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, banner);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, canvas);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, spinner);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, strip_scroller);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, strip);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, timeline_view);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTaskView, status_label);
  gtk_widget_class_bind_template_callback (widget_class, banner_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, frame_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, branch_cb);
}

static void
mezzotint_task_view_init (MezzotintTaskView *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_list_view_set_factory (self->strip, factory);
}

void
mezzotint_task_view_set_services (MezzotintTaskView *self, MezzotintServices *services)
{
  g_object_set (self->timeline_view, "engine", mezzotint_services_get_engine (services), NULL);
}

static void
connect_task (MezzotintTaskView *self)
{
  static const struct
  {
    const char *signal;
    void (*handler) (MezzotintTaskView *self);
  } handlers[] = {
    { "notify::state", state_cb },
    { "notify::preview", preview_cb },
    { "notify::progress", update_status },
    { "notify::step", update_status },
    { "notify::phase", update_status },
    { "notify::picture", update_status },
    { "notify::note", note_cb },
    { "notify::error", update_banner },
    { "notify::seconds-left", update_status },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (self->task, handlers[i].signal, G_CALLBACK (handlers[i].handler), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (mezzotint_task_get_timelines (self->task), "items-changed",
                           G_CALLBACK (update_timeline), self, G_CONNECT_SWAPPED);
}

static void
disconnect_task (MezzotintTaskView *self)
{
  g_signal_handlers_disconnect_by_data (self->task, self);
  g_signal_handlers_disconnect_by_data (mezzotint_task_get_timelines (self->task), self);
  g_clear_object (&self->frame);
  g_clear_object (&self->texture);
}

void
mezzotint_task_view_set_task (MezzotintTaskView *self, MezzotintTask *task)
{
  g_return_if_fail (MEZZOTINT_IS_TASK_VIEW (self));
  if (self->task == task)
    return;
  if (self->task != NULL)
    disconnect_task (self);
  g_set_object (&self->task, task);
  self->follows = TRUE;
  if (task != NULL)
    {
      mezzotint_picture_view_reset (self->canvas);
      connect_task (self);
      state_cb (self);
    }
  else
    g_clear_object (&self->selection);
  g_object_notify_by_pspec (G_OBJECT (self), task_pspec);
}

MezzotintTask *
mezzotint_task_view_get_task (MezzotintTaskView *self)
{
  return self->task;
}

MezzotintTaskPicture *
mezzotint_task_view_get_picture (MezzotintTaskView *self)
{
  GObject *item = self->selection != NULL ? gtk_single_selection_get_selected_item (self->selection) : NULL;

  return item != NULL && MEZZOTINT_IS_TASK_PICTURE (item) ? MEZZOTINT_TASK_PICTURE (item) : NULL;
}

GdkTexture *
mezzotint_task_view_get_texture (MezzotintTaskView *self)
{
  return self->texture;
}
