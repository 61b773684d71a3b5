/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The page where pictures are made. */
#include "ui/create-page.h"

#include <glib/gi18n.h>

#include "ui/banner.h"
#include "ui/examples.h"
#include "ui/split.h"
#include "ui/toast.h"

struct _MezzotintCreatePage
{
  GtkWidget parent_instance;

  GtkWidget *content;
  MezzotintBanner *banner;
  MezzotintCreatePanel *panel;
  GtkStack *pages;
  MezzotintExamples *start_examples, *empty_examples;
  MezzotintTaskView *view;

  MezzotintServices *services;
};

G_DEFINE_FINAL_TYPE (MezzotintCreatePage, mezzotint_create_page, GTK_TYPE_WIDGET)

static MezzotintQueue *
get_queue (MezzotintCreatePage *self)
{
  return mezzotint_services_get_queue (self->services);
}

/* Where a model's examples lie: only the built-in one has them. */
static const char *
find_examples (MezzotintCreatePage *self)
{
  MezzotintModel *model = mezzotint_draft_get_model (mezzotint_create_panel_get_draft (self->panel));

  return model != NULL && mezzotint_model_is_builtin (model) ? mz_builtin_model_path (NULL) : NULL;
}

/* Also when the model is another one. */
static void
update_stack (MezzotintCreatePage *self)
{
  gboolean first_start;

  g_object_get (mezzotint_services_get_settings (self->services), "first-start", &first_start, NULL);
  if (mezzotint_task_view_get_task (self->view) != NULL)
    {
      gtk_stack_set_visible_child_name (self->pages, "task");
      return;
    }
  gtk_stack_set_visible_child_name (self->pages, first_start ? "start" : "empty");
  mezzotint_examples_set_folder (first_start ? self->start_examples : self->empty_examples,
                                 find_examples (self));
}

/* ---- What cannot be made ---- */

/* Why the draft's model cannot draw, a sentence; NULL when it can, as far as is known yet. */
static char *
find_problem (MezzotintCreatePage *self)
{
  MezzotintDraft *draft = mezzotint_create_panel_get_draft (self->panel);
  MezzotintModel *model = mezzotint_draft_get_model (draft);
  const char *path = mezzotint_draft_get_model_path (draft);
  g_autofree char *name = NULL;
  gboolean is_loading;

  g_object_get (mezzotint_services_get_models (self->services), "is-loading", &is_loading, NULL);
  if (model != NULL)
    return g_strdup (mezzotint_model_get_problem (model));
  if (is_loading || path == NULL)
    return NULL;
  name = g_filename_display_basename (path);
  return g_strdup_printf (_ ("The model “%s” is not there any more. Put it back, or choose another one."),
                          name);
}

static void
banner_activated_cb (MezzotintCreatePage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.add-model", NULL);
}

/* ---- The queue ---- */

static void
retry_cb (MezzotintCreatePage *self, MezzotintTask *task)
{
  mezzotint_create_page_show_task (self, mezzotint_queue_retry (get_queue (self), task));
}

static void
branch_cb (MezzotintCreatePage *self, MezzotintFrame *frame)
{
  MezzotintDraft *draft = mezzotint_create_panel_get_draft (self->panel);
  MzRequest *request = mz_request_copy (mezzotint_draft_get_request (draft));
  g_autoptr (MezzotintRecipe) recipe = NULL;
  MzSnapshot *snapshot = mezzotint_frame_get_snapshot (frame);

  if (snapshot != NULL)
    {
      g_clear_pointer (&request->start, mz_snapshot_unref);
      request->start = mz_snapshot_ref (snapshot);
      request->start_kind = MZ_START_BRANCH;
      mz_snapshot_get_size (snapshot, &request->width, &request->height);
      recipe = mezzotint_recipe_new (mezzotint_draft_get_model_path (draft), request);
      mezzotint_create_page_show_task (self, mezzotint_queue_append (get_queue (self), recipe));
    }
  mz_request_free (request);
}

/* What begins is shown, unless the user is looking at something else that is still in work. */
static void
current_cb (MezzotintCreatePage *self)
{
  MezzotintTask *current = mezzotint_queue_get_current (get_queue (self));
  MezzotintTask *shown = mezzotint_task_view_get_task (self->view);

  mezzotint_create_panel_set_busy (self->panel, current != NULL);
  if (current != NULL && (shown == NULL || !mezzotint_task_is_active (shown)))
    mezzotint_create_page_show_task (self, current);
}

void
mezzotint_create_page_show_task (MezzotintCreatePage *self, MezzotintTask *task)
{
  mezzotint_task_view_set_task (self->view, task);
  update_stack (self);
}

/* Queues what the user asked for, and says so when it has to wait. */
static void
append (MezzotintCreatePage *self, MezzotintRecipe *recipe)
{
  MezzotintQueue *queue = get_queue (self);
  gboolean waits = mezzotint_queue_get_current (queue) != NULL || mezzotint_queue_get_is_paused (queue);
  MezzotintTask *task = mezzotint_queue_append (queue, recipe);

  g_object_set (mezzotint_services_get_settings (self->services), "first-start", FALSE, NULL);
  if (waits)
    mezzotint_toast_say (GTK_WIDGET (self), mezzotint_queue_get_is_paused (queue)
                                                ? _ ("Added to the queue, which is paused")
                                                : _ ("Added to the queue"));
  if (mezzotint_task_view_get_task (self->view) == NULL)
    mezzotint_create_page_show_task (self, task);
}

void
mezzotint_create_page_generate (MezzotintCreatePage *self)
{
  MezzotintDraft *draft = mezzotint_create_panel_get_draft (self->panel);
  g_autofree char *problem = find_problem (self);
  g_autoptr (MezzotintRecipe) recipe = NULL;
  const MzRequest *request;

  mezzotint_banner_show (self->banner, problem, _ ("_Add a Model…"));
  if (problem != NULL)
    return;
  recipe = mezzotint_draft_make_recipe (draft);
  request = mezzotint_recipe_get_request (recipe);
  if (request->prompt != NULL && *request->prompt != '\0')
    mezzotint_prompt_history_add (mezzotint_services_get_history (self->services), request->prompt,
                                  request->negative_prompt);
  append (self, recipe);
}

/* ---- Examples ---- */

/* The same picture is made again, before the user's eyes; of what is set, only the prompt becomes its own. */
static void
chosen_cb (MezzotintCreatePage *self, const MzRequest *request)
{
  MezzotintDraft *draft = mezzotint_create_panel_get_draft (self->panel);
  g_autoptr (MezzotintRecipe) recipe = mezzotint_recipe_new (mezzotint_draft_get_model_path (draft), request);

  g_object_set (draft, "prompt", request->prompt, NULL);
  append (self, recipe);
}

/* ---- The widget ---- */

static void
mezzotint_create_page_dispose (GObject *object)
{
  MezzotintCreatePage *self = MEZZOTINT_CREATE_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_CREATE_PAGE);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (mezzotint_create_page_parent_class)->dispose (object);
}

static void
mezzotint_create_page_class_init (MezzotintCreatePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (MEZZOTINT_TYPE_BANNER);
  g_type_ensure (MEZZOTINT_TYPE_CREATE_PANEL);
  g_type_ensure (MEZZOTINT_TYPE_EXAMPLES);
  g_type_ensure (MEZZOTINT_TYPE_SPLIT);
  g_type_ensure (MEZZOTINT_TYPE_TASK_VIEW);
  G_OBJECT_CLASS (class)->dispose = mezzotint_create_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/create-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePage, content);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePage, banner);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePage, panel);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePage, pages);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePage, start_examples);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePage, empty_examples);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePage, view);
  gtk_widget_class_bind_template_callback (widget_class, banner_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, branch_cb);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
}

static void
mezzotint_create_page_init (MezzotintCreatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* So that the first click draws something. */
static void
fill_in_example (MezzotintCreatePage *self)
{
  MezzotintDraft *draft = mezzotint_create_panel_get_draft (self->panel);
  const char *prompt = mezzotint_draft_get_request (draft)->prompt;
  gboolean first_start;

  g_object_get (mezzotint_services_get_settings (self->services), "first-start", &first_start, NULL);
  if (first_start && (prompt == NULL || *prompt == '\0'))
    g_object_set (draft, "prompt", "a red apple", NULL); /* models read English */
}

/* What was made last is there again, if it is known. */
static void
show_last (MezzotintCreatePage *self)
{
  g_autoptr (MezzotintTask) last = g_list_model_get_item (mezzotint_queue_get_recent (get_queue (self)), 0);

  if (mezzotint_queue_get_current (get_queue (self)) == NULL && last != NULL)
    mezzotint_create_page_show_task (self, last);
}

GtkWidget *
mezzotint_create_page_new (MezzotintServices *services)
{
  MezzotintCreatePage *self = g_object_new (MEZZOTINT_TYPE_CREATE_PAGE, NULL);

  self->services = g_object_ref (services);
  mezzotint_create_panel_set_services (self->panel, services);
  mezzotint_task_view_set_services (self->view, services);
  g_signal_connect_object (get_queue (self), "notify::current", G_CALLBACK (current_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (mezzotint_create_panel_get_draft (self->panel), "notify::model",
                           G_CALLBACK (update_stack), self, G_CONNECT_SWAPPED);
  fill_in_example (self);
  show_last (self);
  current_cb (self);
  update_stack (self);
  return GTK_WIDGET (self);
}

MezzotintDraft *
mezzotint_create_page_get_draft (MezzotintCreatePage *self)
{
  return mezzotint_create_panel_get_draft (self->panel);
}

MezzotintTaskView *
mezzotint_create_page_get_view (MezzotintCreatePage *self)
{
  return self->view;
}

void
mezzotint_create_page_focus_prompt (MezzotintCreatePage *self)
{
  mezzotint_create_panel_focus_prompt (self->panel);
}
