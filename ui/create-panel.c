/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What to make. */
#include "ui/create-panel.h"

#include <glib/gi18n.h>

#include "ui/memory-note.h"
#include "ui/method-row.h"
#include "ui/model-row.h"
#include "ui/no-scroll.h"
#include "ui/number-row.h"
#include "ui/prompt-box.h"
#include "ui/seed-row.h"
#include "ui/size-row.h"

struct _MezzotintCreatePanel
{
  GtkWidget parent_instance;

  GtkWidget *content;
  MezzotintPromptBox *prompt_box;
  MezzotintModelRow *model_row;
  MezzotintSizeRow *size_row;
  GtkSpinButton *count_spin;
  MezzotintSeedRow *seed_row;
  MezzotintNumberRow *steps_row, *guidance_row;
  MezzotintMethodRow *sampler_row, *schedule_row, *compatibility_row, *style_row;
  MezzotintNumberRow *variation_row, *rescale_row;
  MezzotintSeedRow *variation_seed_row;
  GtkSpinButton *eta_spin, *clip_skip_spin;
  GtkWidget *suggested_button;
  AdwActionRow *rest_row;
  MezzotintMemoryNote *memory_note;
  GtkStack *button_stack;
  GtkWidget *cancel_button;

  MezzotintDraft *draft;
  MezzotintEngineService *engine;
  MezzotintForecast *forecast;
};

G_DEFINE_FINAL_TYPE (MezzotintCreatePanel, mezzotint_create_panel, GTK_TYPE_WIDGET)

static void
roll_cb (MezzotintCreatePanel *self)
{
  mezzotint_draft_roll_seed (self->draft);
}

static void
roll_variation_cb (MezzotintCreatePanel *self)
{
  mezzotint_draft_roll_variation_seed (self->draft);
}

static void
use_suggested_cb (MezzotintCreatePanel *self)
{
  mezzotint_draft_use_suggested (self->draft);
}

static void
reset_rest_cb (MezzotintCreatePanel *self)
{
  mezzotint_draft_reset_rest (self->draft);
  gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_TAB_FORWARD); /* the button that had it is gone */
}

static void
rest_cb (MezzotintCreatePanel *self)
{
  g_autofree char *rest = NULL;

  g_object_get (self->draft, "rest", &rest, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->rest_row), rest != NULL);
  adw_action_row_set_subtitle (self->rest_row, rest != NULL ? rest : "");
}

/* The size's presets and the count of tokens depend on the model. */
static void
model_info_cb (MezzotintCreatePanel *self)
{
  MezzotintModel *model = mezzotint_draft_get_model (self->draft);
  const MzModelInfo *info = model != NULL ? mezzotint_model_get_info (model) : NULL;

  mezzotint_model_row_set_missing (self->model_row,
                                   model == NULL ? mezzotint_draft_get_model_path (self->draft) : NULL);
  if (info == NULL)
    return;
  mezzotint_size_row_set_native (self->size_row, info->native_width, info->native_height,
                                 info->size_multiple);
  mezzotint_prompt_box_set_limit (self->prompt_box, info->max_tokens - 2);
}

static void
model_cb (MezzotintCreatePanel *self)
{
  MezzotintModel *model = mezzotint_draft_get_model (self->draft);

  model_info_cb (self);
  if (model == NULL)
    return;
  g_signal_connect_object (model, "notify::is-known", G_CALLBACK (model_info_cb), self, G_CONNECT_SWAPPED);
  if (mezzotint_model_get_problem (model) == NULL)
    mezzotint_engine_service_preload (self->engine, mezzotint_model_get_path (model));
}

static void
draft_cb (MezzotintCreatePanel *self)
{
  mezzotint_forecast_set_request (self->forecast, mezzotint_draft_get_model_path (self->draft),
                                  mezzotint_draft_get_request (self->draft));
}

static void
mezzotint_create_panel_dispose (GObject *object)
{
  MezzotintCreatePanel *self = MEZZOTINT_CREATE_PANEL (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_CREATE_PANEL);
  g_clear_object (&self->forecast);
  g_clear_object (&self->draft);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (mezzotint_create_panel_parent_class)->dispose (object);
}

static void
mezzotint_create_panel_class_init (MezzotintCreatePanelClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (MEZZOTINT_TYPE_MEMORY_NOTE);
  g_type_ensure (MEZZOTINT_TYPE_METHOD_ROW);
  g_type_ensure (MEZZOTINT_TYPE_MODEL_ROW);
  g_type_ensure (MEZZOTINT_TYPE_NUMBER_ROW);
  g_type_ensure (MEZZOTINT_TYPE_PROMPT_BOX);
  g_type_ensure (MEZZOTINT_TYPE_SEED_ROW);
  g_type_ensure (MEZZOTINT_TYPE_SIZE_ROW);
  G_OBJECT_CLASS (class)->dispose = mezzotint_create_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/create-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, content);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, prompt_box);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, model_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, size_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, count_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, seed_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, steps_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, guidance_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, sampler_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, schedule_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, compatibility_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, style_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, variation_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, rescale_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, variation_seed_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, eta_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, clip_skip_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, suggested_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, rest_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, memory_note);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, button_stack);
  gtk_widget_class_bind_template_child (widget_class, MezzotintCreatePanel, cancel_button);
  gtk_widget_class_bind_template_callback (widget_class, roll_cb);
  gtk_widget_class_bind_template_callback (widget_class, roll_variation_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_suggested_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_rest_cb);
}

static void
set_methods (MezzotintMethodRow *row, const MzMethodInfo *(*list) (guint *n_methods))
{
  guint n_methods;
  const MzMethodInfo *methods = list (&n_methods);

  mezzotint_method_row_set_methods (row, methods, n_methods);
}

/* Below 0 is the sampler's own. */
static gboolean
output_eta_cb (GtkSpinButton *spin)
{
  if (gtk_spin_button_get_value (spin) >= 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), _ ("Automatic"));
  return TRUE;
}

static int
input_eta_cb (GtkSpinButton *spin, double *value)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (spin)), _ ("Automatic")) != 0)
    return FALSE;
  *value = gtk_adjustment_get_lower (gtk_spin_button_get_adjustment (spin));
  return TRUE;
}

/* A split button has no way to name its arrow for screen readers. */
static void
name_arrow (GtkWidget *split_button, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (split_button); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
mezzotint_create_panel_init (MezzotintCreatePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  set_methods (self->sampler_row, mz_list_samplers);
  set_methods (self->schedule_row, mz_list_schedules);
  set_methods (self->compatibility_row, mz_list_compatibilities);
  set_methods (self->style_row, mz_list_prompt_styles);
  name_arrow (self->cancel_button, _ ("How to Stop"));
  /* A translation may be longer than what the template has room for. */
  gtk_editable_set_width_chars (GTK_EDITABLE (self->eta_spin), (int) g_utf8_strlen (_ ("Automatic"), -1));
  mezzotint_ignore_scroll (GTK_WIDGET (self->count_spin));
  mezzotint_ignore_scroll (GTK_WIDGET (self->eta_spin));
  mezzotint_ignore_scroll (GTK_WIDGET (self->clip_skip_spin));
  g_signal_connect (self->eta_spin, "output", G_CALLBACK (output_eta_cb), NULL);
  g_signal_connect (self->eta_spin, "input", G_CALLBACK (input_eta_cb), NULL);
}

/* Every negative eta is the sampler's own; the field has one place for them, just below 0. */
static gboolean
eta_to_spin (GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
  g_value_set_double (to, MAX (g_value_get_double (from), -0.05));
  return TRUE;
}

static gboolean
eta_from_spin (GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
  g_value_set_double (to, g_value_get_double (from) < -0.001 ? -1 : MAX (g_value_get_double (from), 0));
  return TRUE;
}

static void
sampler_cb (MezzotintCreatePanel *self)
{
  const MzMethodInfo *sampler = mz_find_sampler (mezzotint_draft_get_request (self->draft)->sampler, NULL);

  gtk_widget_set_sensitive (GTK_WIDGET (self->eta_spin), sampler != NULL && sampler->takes_eta);
}

static void
bind_draft (MezzotintCreatePanel *self)
{
  const struct
  {
    const char *property;
    gpointer widget;
    const char *target;
  } bindings[] = {
    { "prompt", self->prompt_box, "prompt" },
    { "negative-prompt", self->prompt_box, "negative-prompt" },
    { "model", self->model_row, "model" },
    { "width", self->size_row, "width" },
    { "height", self->size_row, "height" },
    { "count", self->count_spin, "value" },
    { "seed", self->seed_row, "seed" },
    { "keep-seed", self->seed_row, "keep-seed" },
    { "steps", self->steps_row, "value" },
    { "guidance", self->guidance_row, "value" },
    { "sampler", self->sampler_row, "method" },
    { "schedule", self->schedule_row, "method" },
    { "compatibility", self->compatibility_row, "method" },
    { "prompt-style", self->style_row, "method" },
    { "variation-strength", self->variation_row, "value" },
    { "variation-seed", self->variation_seed_row, "seed" },
    { "guidance-rescale", self->rescale_row, "value" },
    { "clip-skip", self->clip_skip_spin, "value" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bindings); i++)
    g_object_bind_property (self->draft, bindings[i].property, bindings[i].widget, bindings[i].target,
                            G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property_full (self->draft, "eta", self->eta_spin, "value",
                               G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE, eta_to_spin, eta_from_spin,
                               NULL, NULL);
  g_signal_connect_object (self->draft, "notify::sampler", G_CALLBACK (sampler_cb), self, G_CONNECT_SWAPPED);
  sampler_cb (self);
  g_signal_connect_object (self->draft, "notify::rest", G_CALLBACK (rest_cb), self, G_CONNECT_SWAPPED);
  rest_cb (self);
  g_object_bind_property (self->draft, "is-suggested", self->suggested_button, "sensitive",
                          G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
}

void
mezzotint_create_panel_set_services (MezzotintCreatePanel *self, MezzotintServices *services)
{
  MezzotintModelStore *models = mezzotint_services_get_models (services);

  g_return_if_fail (self->draft == NULL);
  self->engine = g_object_ref (mezzotint_services_get_engine (services));
  self->draft = mezzotint_draft_new (mezzotint_services_get_settings (services), models);
  mezzotint_prompt_box_set_services (self->prompt_box, self->engine,
                                     mezzotint_services_get_history (services));
  mezzotint_model_row_set_store (self->model_row, models);
  bind_draft (self);
  self->forecast = mezzotint_forecast_new (self->engine, mezzotint_services_get_settings (services));
  mezzotint_memory_note_set_forecast (self->memory_note, self->forecast);
  g_signal_connect_object (self->draft, "notify", G_CALLBACK (draft_cb), self, G_CONNECT_SWAPPED);
  draft_cb (self);
  g_signal_connect_object (self->draft, "notify::model", G_CALLBACK (model_cb), self, G_CONNECT_SWAPPED);
  model_cb (self);
}

MezzotintDraft *
mezzotint_create_panel_get_draft (MezzotintCreatePanel *self)
{
  return self->draft;
}

void
mezzotint_create_panel_set_busy (MezzotintCreatePanel *self, gboolean is_busy)
{
  gtk_stack_set_visible_child_name (self->button_stack, is_busy ? "cancel" : "generate");
}

void
mezzotint_create_panel_focus_prompt (MezzotintCreatePanel *self)
{
  mezzotint_prompt_box_focus_prompt (self->prompt_box);
}
