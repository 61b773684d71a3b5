/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A job of the queue and what came out of it. */
#include "app/jobs/task-private.h"

#include <string.h>

struct _MezzotintTask
{
  GObject parent_instance;
  char *id;
  MezzotintRecipe *recipe;
  MezzotintTaskState state;
  MezzotintTaskProgress progress;
  MezzotintPixels *preview;
  int preview_step;
  char *error, *note, *model_name;
  GListStore *timelines; /* of MezzotintTimeline */
  GListStore *pictures;  /* of MezzotintTaskPicture */
};

G_DEFINE_FINAL_TYPE (MezzotintTask, mezzotint_task, G_TYPE_OBJECT)

enum
{
  PROP_ID = 1,
  PROP_RECIPE,
  PROP_STATE,
  PROP_PHASE,
  PROP_PICTURE,
  PROP_TOGETHER,
  PROP_COUNT,
  PROP_STEP,
  PROP_STEPS,
  PROP_PROGRESS,
  PROP_STEP_SECONDS,
  PROP_SECONDS_LEFT,
  PROP_PREVIEW,
  PROP_PREVIEW_STEP,
  PROP_ERROR,
  PROP_NOTE,
  PROP_MODEL_NAME,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

GType
mezzotint_task_state_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { MEZZOTINT_TASK_WAITING, "MEZZOTINT_TASK_WAITING", "waiting" },
    { MEZZOTINT_TASK_LOADING, "MEZZOTINT_TASK_LOADING", "loading" },
    { MEZZOTINT_TASK_RUNNING, "MEZZOTINT_TASK_RUNNING", "running" },
    { MEZZOTINT_TASK_FINISHED, "MEZZOTINT_TASK_FINISHED", "finished" },
    { MEZZOTINT_TASK_CANCELLED, "MEZZOTINT_TASK_CANCELLED", "cancelled" },
    { MEZZOTINT_TASK_FAILED, "MEZZOTINT_TASK_FAILED", "failed" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MezzotintTaskState", values));
  return type;
}

static void
get_progress_property (MezzotintTask *self, guint property_id, GValue *value)
{
  switch (property_id)
    {
    case PROP_PHASE:
      g_value_set_int (value, (int) self->progress.phase);
      break;
    case PROP_PICTURE:
      g_value_set_int (value, self->progress.picture);
      break;
    case PROP_TOGETHER:
      g_value_set_int (value, MAX (1, self->progress.together));
      break;
    case PROP_COUNT:
      g_value_set_int (value, mezzotint_recipe_get_request (self->recipe)->count);
      break;
    case PROP_STEP:
      g_value_set_int (value, self->progress.step);
      break;
    case PROP_STEPS:
      g_value_set_int (value, self->progress.steps);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress.fraction);
      break;
    case PROP_STEP_SECONDS:
      g_value_set_double (value, self->progress.step_seconds);
      break;
    case PROP_SECONDS_LEFT:
    default:
      g_value_set_double (value, self->progress.seconds_left);
    }
}

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintTask *self = MEZZOTINT_TASK (object);

  switch (property_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_RECIPE:
      g_value_set_boxed (value, self->recipe);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_PREVIEW:
      g_value_set_boxed (value, self->preview);
      break;
    case PROP_PREVIEW_STEP:
      g_value_set_int (value, self->preview_step);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_NOTE:
      g_value_set_string (value, self->note);
      break;
    case PROP_MODEL_NAME:
      g_value_set_string (value, self->model_name);
      break;
    default:
      get_progress_property (self, property_id, value);
    }
}

static void
finalize (GObject *object)
{
  MezzotintTask *self = MEZZOTINT_TASK (object);

  g_clear_pointer (&self->recipe, mezzotint_recipe_unref);
  g_clear_pointer (&self->preview, mezzotint_pixels_unref);
  g_clear_object (&self->timelines);
  g_clear_object (&self->pictures);
  g_free (self->id);
  g_free (self->error);
  g_free (self->note);
  g_free (self->model_name);
  G_OBJECT_CLASS (mezzotint_task_parent_class)->finalize (object);
}

static void
install_int (guint property_id, const char *name)
{
  properties[property_id]
      = g_param_spec_int (name, NULL, NULL, 0, G_MAXINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_double (guint property_id, const char *name, double low, double high)
{
  properties[property_id] = g_param_spec_double (name, NULL, NULL, low, high, MAX (low, -1),
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_string (guint property_id, const char *name)
{
  properties[property_id]
      = g_param_spec_string (name, NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
mezzotint_task_class_init (MezzotintTaskClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->finalize = finalize;
  install_string (PROP_ID, "id");
  properties[PROP_RECIPE] = g_param_spec_boxed ("recipe", NULL, NULL, MEZZOTINT_TYPE_RECIPE, flags);
  properties[PROP_STATE]
      = g_param_spec_enum ("state", NULL, NULL, MEZZOTINT_TYPE_TASK_STATE, MEZZOTINT_TASK_WAITING, flags);
  install_int (PROP_PHASE, "phase");
  install_int (PROP_PICTURE, "picture");
  install_int (PROP_TOGETHER, "together");
  install_int (PROP_COUNT, "count");
  install_int (PROP_STEP, "step");
  install_int (PROP_STEPS, "steps");
  install_double (PROP_PROGRESS, "progress", 0, 1);
  install_double (PROP_STEP_SECONDS, "step-seconds", 0, G_MAXDOUBLE);
  install_double (PROP_SECONDS_LEFT, "seconds-left", -G_MAXDOUBLE, G_MAXDOUBLE);
  properties[PROP_PREVIEW] = g_param_spec_boxed ("preview", NULL, NULL, MEZZOTINT_TYPE_PIXELS, flags);
  install_int (PROP_PREVIEW_STEP, "preview-step");
  install_string (PROP_ERROR, "error");
  install_string (PROP_NOTE, "note");
  install_string (PROP_MODEL_NAME, "model-name");
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
mezzotint_task_init (MezzotintTask *self)
{
  self->progress.seconds_left = -1;
  self->timelines = g_list_store_new (MEZZOTINT_TYPE_TIMELINE);
  self->pictures = g_list_store_new (MEZZOTINT_TYPE_TASK_PICTURE);
}

static void
notify (MezzotintTask *self, guint property_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property_id]);
}

/* ---- For everybody ---- */

const char *
mezzotint_task_get_id (MezzotintTask *self)
{
  return self->id;
}

MezzotintRecipe *
mezzotint_task_get_recipe (MezzotintTask *self)
{
  return self->recipe;
}

MezzotintTaskState
mezzotint_task_get_state (MezzotintTask *self)
{
  return self->state;
}

gboolean
mezzotint_task_is_active (MezzotintTask *self)
{
  return self->state == MEZZOTINT_TASK_LOADING || self->state == MEZZOTINT_TASK_RUNNING;
}

const char *
mezzotint_task_get_error (MezzotintTask *self)
{
  return self->error;
}

const char *
mezzotint_task_get_note (MezzotintTask *self)
{
  return self->note;
}

MezzotintPixels *
mezzotint_task_get_preview (MezzotintTask *self)
{
  return self->preview;
}

GListModel *
mezzotint_task_get_timelines (MezzotintTask *self)
{
  return G_LIST_MODEL (self->timelines);
}

GListModel *
mezzotint_task_get_pictures (MezzotintTask *self)
{
  return G_LIST_MODEL (self->pictures);
}

/* ---- For the queue ---- */

MezzotintTask *
mezzotint_task_new (const char *id, MezzotintRecipe *recipe)
{
  MezzotintTask *self = g_object_new (MEZZOTINT_TYPE_TASK, NULL);

  self->id = id != NULL ? g_strdup (id) : g_uuid_string_random ();
  self->recipe = mezzotint_recipe_ref (recipe);
  self->progress.steps = mezzotint_recipe_get_request (recipe)->steps;
  return self;
}

void
mezzotint_task_set_state (MezzotintTask *self, MezzotintTaskState state)
{
  if (self->state == state)
    return;
  self->state = state;
  notify (self, PROP_STATE);
}

static void
set_string (MezzotintTask *self, char **field, const char *text, guint property_id)
{
  if (g_strcmp0 (*field, text) == 0)
    return;
  g_free (*field);
  *field = g_strdup (text);
  notify (self, property_id);
}

void
mezzotint_task_set_error (MezzotintTask *self, const char *error)
{
  set_string (self, &self->error, error, PROP_ERROR);
}

void
mezzotint_task_add_note (MezzotintTask *self, const char *sentence)
{
  g_autofree char *longer = NULL;

  if (self->note != NULL && strstr (self->note, sentence) != NULL)
    return;
  longer = self->note != NULL ? g_strconcat (self->note, " ", sentence, NULL) : g_strdup (sentence);
  set_string (self, &self->note, longer, PROP_NOTE);
}

void
mezzotint_task_set_model_name (MezzotintTask *self, const char *name)
{
  set_string (self, &self->model_name, name, PROP_MODEL_NAME);
}

void
mezzotint_task_set_recipe (MezzotintTask *self, MezzotintRecipe *recipe)
{
  mezzotint_recipe_ref (recipe);
  mezzotint_recipe_unref (self->recipe);
  self->recipe = recipe;
  notify (self, PROP_RECIPE);
  notify (self, PROP_COUNT);
}

void
mezzotint_task_set_progress (MezzotintTask *self, const MezzotintTaskProgress *progress)
{
  const MezzotintTaskProgress before = self->progress;

  self->progress = *progress;
  g_object_freeze_notify (G_OBJECT (self));
  if (before.phase != progress->phase)
    notify (self, PROP_PHASE);
  if (before.picture != progress->picture)
    notify (self, PROP_PICTURE);
  if (before.together != progress->together)
    notify (self, PROP_TOGETHER);
  if (before.step != progress->step)
    notify (self, PROP_STEP);
  if (before.steps != progress->steps)
    notify (self, PROP_STEPS);
  notify (self, PROP_PROGRESS);
  notify (self, PROP_STEP_SECONDS);
  notify (self, PROP_SECONDS_LEFT);
  g_object_thaw_notify (G_OBJECT (self));
}

void
mezzotint_task_set_preview (MezzotintTask *self, MezzotintPixels *preview, int step)
{
  mezzotint_pixels_ref (preview);
  g_clear_pointer (&self->preview, mezzotint_pixels_unref);
  self->preview = preview;
  g_object_freeze_notify (G_OBJECT (self));
  notify (self, PROP_PREVIEW);
  self->preview_step = step;
  notify (self, PROP_PREVIEW_STEP);
  g_object_thaw_notify (G_OBJECT (self));
}

static MezzotintTimeline *
find_timeline (MezzotintTask *self, int index)
{
  GListModel *timelines = G_LIST_MODEL (self->timelines);

  for (guint i = g_list_model_get_n_items (timelines); i-- > 0;)
    {
      g_autoptr (MezzotintTimeline) timeline = g_list_model_get_item (timelines, i);

      if (mezzotint_timeline_get_picture (timeline) == index)
        return timeline; /* the store holds it */
    }
  return NULL;
}

MezzotintTimeline *
mezzotint_task_begin_timeline (MezzotintTask *self, int index, guint64 seed, int step)
{
  MezzotintTimeline *found = find_timeline (self, index);
  g_autoptr (MezzotintTimeline) timeline = NULL;

  if (found != NULL && mezzotint_timeline_get_last_step (found) < step)
    return found;
  if (found != NULL)
    mezzotint_task_drop_timeline (self, found);
  timeline = mezzotint_timeline_new (index, seed);
  g_list_store_append (self->timelines, timeline);
  return timeline; /* the store holds it */
}

void
mezzotint_task_drop_timeline (MezzotintTask *self, MezzotintTimeline *timeline)
{
  guint position;

  if (g_list_store_find (self->timelines, timeline, &position))
    g_list_store_remove (self->timelines, position);
}

void
mezzotint_task_add_picture (MezzotintTask *self, MezzotintTaskPicture *picture)
{
  g_list_store_append (self->pictures, picture);
}
