/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The strip with its buttons, and playing. */
#include "ui/timeline-view.h"

#include <glib/gi18n.h>

#include "ui/timeline-save.h"
#include "ui/timeline-strip.h"
#include "ui/tooltip.h"

/* A run plays in about this time, each step being seen for a time between the two below. */
#define PLAY_US (4 * G_TIME_SPAN_SECOND)
#define MIN_STEP_US (40 * G_TIME_SPAN_MILLISECOND)
#define MAX_STEP_US (250 * G_TIME_SPAN_MILLISECOND)

struct _MezzotintTimelineView
{
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkWidget *play_button;
  GtkWidget *branch_button;
  MezzotintTimelineStrip *strip;
  GtkLabel *step_label;

  MezzotintTimeline *timeline;
  MezzotintRecipe *recipe;
  MezzotintEngineService *engine;
  MezzotintFrame *watched; /* the frame looked at, for when its snapshot goes */

  guint tick;           /* 0: does not play */
  gint64 play_begun_us; /* on the frame clock */
  int play_from;        /* the frame it began with */
};

G_DEFINE_FINAL_TYPE (MezzotintTimelineView, mezzotint_timeline_view, GTK_TYPE_WIDGET)

enum
{
  PROP_TIMELINE = 1,
  PROP_ENGINE,
  PROP_IS_PLAYING,
  N_PROPERTIES
};

enum
{
  FRAME_SELECTED,
  BRANCH,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* ---- What can be done now ---- */

static const char *
why_no_branch (MezzotintTimelineView *self)
{
  if (self->watched == NULL)
    return _ ("There are no steps yet");
  if (mezzotint_frame_is_final (self->watched))
    return _ ("The picture is finished here; choose an earlier step to branch from");
  if (mezzotint_frame_get_snapshot (self->watched) == NULL)
    return _ ("This step is no longer kept in memory; Preferences say how much may be kept");
  return NULL;
}

static void
update_actions (MezzotintTimelineView *self)
{
  const char *problem = why_no_branch (self);
  gboolean has_frame = self->watched != NULL;
  gboolean is_final = has_frame && mezzotint_frame_is_final (self->watched);
  gboolean is_decodable = has_frame && mezzotint_frame_get_snapshot (self->watched) != NULL;
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_action_set_enabled (widget, "timeline.branch", problem == NULL);
  mezzotint_tooltip_set (self->branch_button,
                         problem != NULL ? problem : _ ("Branch Here: Begin a New Run at This Step"));
  gtk_widget_action_set_enabled (widget, "timeline.save-step",
                                 is_final || (is_decodable && self->engine != NULL));
  gtk_widget_action_set_enabled (widget, "timeline.save-animation", has_frame);
  gtk_widget_action_set_enabled (widget, "timeline.play",
                                 mezzotint_timeline_strip_get_n_frames (self->strip) > 1);
}

static void
update_label (MezzotintTimelineView *self)
{
  g_autofree char *text
      = self->watched != NULL ? mezzotint_frame_describe (self->watched) : g_strdup (_ ("No steps yet"));

  gtk_label_set_text (self->step_label, text);
}

static void
watch_frame (MezzotintTimelineView *self)
{
  g_autoptr (MezzotintFrame) frame = mezzotint_timeline_strip_dup_frame (self->strip);

  if (frame != self->watched)
    {
      if (self->watched != NULL)
        g_signal_handlers_disconnect_by_func (self->watched, update_actions, self);
      g_set_object (&self->watched, frame);
      if (frame != NULL)
        g_signal_connect_object (frame, "notify::can-branch", G_CALLBACK (update_actions), self,
                                 G_CONNECT_SWAPPED);
    }
  update_label (self);
  update_actions (self);
}

MezzotintFrame *
mezzotint_timeline_view_dup_selected (MezzotintTimelineView *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_TIMELINE_VIEW (self), NULL);
  return mezzotint_timeline_strip_get_position (self->strip) == MEZZOTINT_TIMELINE_LIVE
             ? NULL
             : mezzotint_timeline_strip_dup_frame (self->strip);
}

static void
position_changed_cb (MezzotintTimelineView *self)
{
  g_autoptr (MezzotintFrame) frame = mezzotint_timeline_view_dup_selected (self);

  watch_frame (self);
  g_signal_emit (self, signals[FRAME_SELECTED], 0, frame);
}

/* ---- Playing ---- */

static void
stop (MezzotintTimelineView *self)
{
  if (self->tick == 0)
    return;
  gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  gtk_button_set_icon_name (GTK_BUTTON (self->play_button), "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (self->play_button, _ ("Play the Steps"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Play the Steps"), -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_PLAYING]);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (widget);
  int n_frames = (int) mezzotint_timeline_strip_get_n_frames (self->strip);
  gint64 now_us = gdk_frame_clock_get_frame_time (clock);
  gint64 step_us = CLAMP (PLAY_US / MAX (1, n_frames), MIN_STEP_US, MAX_STEP_US);
  int index;

  if (self->play_begun_us == 0)
    self->play_begun_us = now_us;
  index = self->play_from + (int) ((now_us - self->play_begun_us) / step_us);
  if (index < n_frames)
    {
      mezzotint_timeline_strip_set_position (self->strip, index);
      return G_SOURCE_CONTINUE;
    }
  stop (self);
  mezzotint_timeline_view_go_live (self);
  return G_SOURCE_CONTINUE; /* stop() removed it */
}

static void
play (MezzotintTimelineView *self)
{
  int n_frames = (int) mezzotint_timeline_strip_get_n_frames (self->strip);
  int position = mezzotint_timeline_strip_get_position (self->strip);

  if (self->tick != 0 || n_frames < 2)
    return;
  self->play_from = position == MEZZOTINT_TIMELINE_LIVE || position >= n_frames - 1 ? 0 : position;
  self->play_begun_us = 0;
  self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
  gtk_button_set_icon_name (GTK_BUTTON (self->play_button), "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (self->play_button, _ ("Pause"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Pause"), -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_PLAYING]);
}

static void
set_is_playing (MezzotintTimelineView *self, gboolean is_playing)
{
  if (is_playing)
    play (self);
  else
    stop (self);
}

static void
play_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (widget);

  set_is_playing (self, self->tick == 0);
}

static void
play_toggled_cb (MezzotintTimelineView *self)
{
  play_action (GTK_WIDGET (self), NULL, NULL);
}

/* A hand on the strip stops the playing. */
static void
strip_used_cb (MezzotintTimelineView *self)
{
  stop (self);
}

static gboolean
strip_key_cb (MezzotintTimelineView *self, guint keyval)
{
  if (keyval != GDK_KEY_space && keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter)
    stop (self);
  return GDK_EVENT_PROPAGATE;
}

/* ---- Actions ---- */

static void
branch_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (widget);
  g_autoptr (MezzotintFrame) frame = NULL;

  stop (self);
  frame = mezzotint_timeline_strip_dup_frame (self->strip);
  if (frame != NULL && mezzotint_frame_get_snapshot (frame) != NULL)
    g_signal_emit (self, signals[BRANCH], 0, frame);
}

static void
save_step_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (widget);
  g_autoptr (MezzotintFrame) frame = NULL;

  stop (self);
  frame = mezzotint_timeline_strip_dup_frame (self->strip);
  if (frame != NULL)
    mezzotint_timeline_save_step (widget, self->engine, self->timeline, frame, self->recipe);
}

static void
save_animation_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (widget);

  stop (self);
  if (self->timeline != NULL)
    mezzotint_timeline_save_animation (widget, self->timeline, self->recipe);
}

/* ---- What is shown ---- */

void
mezzotint_timeline_view_go_live (MezzotintTimelineView *self)
{
  g_return_if_fail (MEZZOTINT_IS_TIMELINE_VIEW (self));
  stop (self);
  mezzotint_timeline_strip_set_position (self->strip, MEZZOTINT_TIMELINE_LIVE);
}

void
mezzotint_timeline_view_set_timeline (MezzotintTimelineView *self,
                                      MezzotintTimeline *timeline,
                                      MezzotintRecipe *recipe)
{
  g_return_if_fail (MEZZOTINT_IS_TIMELINE_VIEW (self));
  g_return_if_fail (timeline == NULL || recipe != NULL);
  if (timeline == self->timeline)
    return;
  stop (self);
  if (self->timeline != NULL)
    g_signal_handlers_disconnect_by_func (self->timeline, watch_frame, self);
  g_set_object (&self->timeline, timeline);
  g_clear_pointer (&self->recipe, mezzotint_recipe_unref);
  if (recipe != NULL)
    self->recipe = mezzotint_recipe_ref (recipe);
  mezzotint_timeline_strip_set_timeline (self->strip, timeline);
  /* After the strip's own handler, so that the strip knows the frames already. */
  if (timeline != NULL)
    g_signal_connect_object (timeline, "items-changed", G_CALLBACK (watch_frame), self, G_CONNECT_SWAPPED);
  watch_frame (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMELINE]);
}

/* ---- The class ---- */

static void
mezzotint_timeline_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (object);

  switch (id)
    {
    case PROP_TIMELINE:
      g_value_set_object (value, self->timeline);
      break;
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;
    case PROP_IS_PLAYING:
      g_value_set_boolean (value, self->tick != 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_timeline_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (object);

  switch (id)
    {
    case PROP_ENGINE:
      if (g_set_object (&self->engine, g_value_get_object (value)))
        {
          update_actions (self);
          g_object_notify_by_pspec (object, spec);
        }
      break;
    case PROP_IS_PLAYING:
      set_is_playing (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_timeline_view_dispose (GObject *object)
{
  MezzotintTimelineView *self = MEZZOTINT_TIMELINE_VIEW (object);

  stop (self);
  g_clear_object (&self->timeline);
  g_clear_object (&self->engine);
  g_clear_object (&self->watched);
  g_clear_pointer (&self->recipe, mezzotint_recipe_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), MEZZOTINT_TYPE_TIMELINE_VIEW);
  G_OBJECT_CLASS (mezzotint_timeline_view_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *object_class)
{
  properties[PROP_TIMELINE]
      = g_param_spec_object ("timeline", NULL, NULL, MEZZOTINT_TYPE_TIMELINE,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_ENGINE]
      = g_param_spec_object ("engine", NULL, NULL, MEZZOTINT_TYPE_ENGINE_SERVICE,
                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_IS_PLAYING] = g_param_spec_boolean (
      "is-playing", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
mezzotint_timeline_view_class_init (MezzotintTimelineViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = mezzotint_timeline_view_get_property;
  object_class->set_property = mezzotint_timeline_view_set_property;
  object_class->dispose = mezzotint_timeline_view_dispose;
  install_properties (object_class);
  signals[FRAME_SELECTED] = g_signal_new ("frame-selected", MEZZOTINT_TYPE_TIMELINE_VIEW, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, MEZZOTINT_TYPE_FRAME);
  signals[BRANCH] = g_signal_new ("branch", MEZZOTINT_TYPE_TIMELINE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, MEZZOTINT_TYPE_FRAME);
  g_type_ensure (MEZZOTINT_TYPE_TIMELINE_STRIP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/timeline-view.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintTimelineView, content);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTimelineView, play_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTimelineView, branch_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTimelineView, strip);
  gtk_widget_class_bind_template_child (widget_class, MezzotintTimelineView, step_label);
  gtk_widget_class_install_action (widget_class, "timeline.play", NULL, play_action);
  gtk_widget_class_install_action (widget_class, "timeline.branch", NULL, branch_action);
  gtk_widget_class_install_action (widget_class, "timeline.save-step", NULL, save_step_action);
  gtk_widget_class_install_action (widget_class, "timeline.save-animation", NULL, save_animation_action);
  gtk_widget_class_set_css_name (widget_class, "timelineview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mezzotint_timeline_view_init (MezzotintTimelineView *self)
{
  GtkGesture *press = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Timeline"), -1);
  g_signal_connect_swapped (self->strip, "notify::position", G_CALLBACK (position_changed_cb), self);
  g_signal_connect_swapped (self->strip, "play-toggled", G_CALLBACK (play_toggled_cb), self);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (press), GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (press, "pressed", G_CALLBACK (strip_used_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->strip), GTK_EVENT_CONTROLLER (press));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (strip_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->strip), keys);
  watch_frame (self);
}

GtkWidget *
mezzotint_timeline_view_new (void)
{
  return g_object_new (MEZZOTINT_TYPE_TIMELINE_VIEW, NULL);
}
