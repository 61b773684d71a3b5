/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue: its list, and what the user does with it. */
#include "app/jobs/queue.h"

#include "app/jobs/queue-private.h"

#define MAX_RECENT 50

static void queue_list_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MezzotintQueue,
                               mezzotint_queue,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, queue_list_init))

enum
{
  PROP_CURRENT = 1,
  PROP_IS_PAUSED,
  PROP_SECONDS_LEFT,
  PROP_N_PICTURES_LEFT,
  PROP_PROBLEM,
  N_PROPERTIES,
};

enum
{
  SIGNAL_PICTURE_SAVED,
  SIGNAL_TASK_ENDED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* ---- The list ---- */

static GType
get_item_type (GListModel *list)
{
  return MEZZOTINT_TYPE_TASK;
}

static guint
get_n_items (GListModel *list)
{
  return MEZZOTINT_QUEUE (list)->tasks->len;
}

static gpointer
get_item (GListModel *list, guint position)
{
  GPtrArray *tasks = MEZZOTINT_QUEUE (list)->tasks;

  return position < tasks->len ? g_object_ref (g_ptr_array_index (tasks, position)) : NULL;
}

static void
queue_list_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

void
mezzotint_queue_insert (MezzotintQueue *self, MezzotintTask *task, guint position)
{
  position = MIN (position, self->tasks->len);
  g_ptr_array_insert (self->tasks, (int) position, g_object_ref (task));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

void
mezzotint_queue_take_out (MezzotintQueue *self, MezzotintTask *task)
{
  guint position;

  if (!g_ptr_array_find (self->tasks, task, &position))
    return;
  g_ptr_array_remove_index (self->tasks, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

void
mezzotint_queue_add_recent (MezzotintQueue *self, MezzotintTask *task)
{
  guint n;

  g_list_store_insert (self->recent, 0, task);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->recent));
  if (n > MAX_RECENT)
    g_list_store_splice (self->recent, MAX_RECENT, n - MAX_RECENT, NULL, 0);
}

/* Those waiting come behind the one in work. */
static guint
first_waiting (MezzotintQueue *self)
{
  return self->current != NULL ? 1 : 0;
}

/* ---- What is known of a task ---- */

static void
free_entry_cb (gpointer data)
{
  MezzotintQueueEntry *entry = data;

  g_clear_pointer (&entry->resume, g_ptr_array_unref);
  g_clear_pointer (&entry->last, g_hash_table_unref);
  g_clear_pointer (&entry->coming, g_hash_table_unref);
  g_clear_pointer (&entry->places, g_hash_table_unref);
  g_free (entry->model_state);
  g_free (entry);
}

MezzotintQueueEntry *
mezzotint_queue_get_entry (MezzotintTask *task)
{
  static const char key[] = "mezzotint-queue-entry";
  MezzotintQueueEntry *entry = g_object_get_data (G_OBJECT (task), key);

  if (entry == NULL)
    {
      entry = g_new0 (MezzotintQueueEntry, 1);
      entry->last = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) mz_snapshot_unref);
      entry->coming = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) mz_snapshot_unref);
      entry->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_object_set_data_full (G_OBJECT (task), key, entry, free_entry_cb);
    }
  return entry;
}

/* ---- Telling ---- */

void
mezzotint_queue_set_problem (MezzotintQueue *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

void
mezzotint_queue_notify_left (MezzotintQueue *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SECONDS_LEFT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_PICTURES_LEFT]);
}

void
mezzotint_queue_notify_current (MezzotintQueue *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENT]);
}

void
mezzotint_queue_emit_saved (MezzotintQueue *self, MezzotintTask *task, MezzotintTaskPicture *picture)
{
  g_signal_emit (self, signals[SIGNAL_PICTURE_SAVED], 0, task, picture);
}

void
mezzotint_queue_emit_ended (MezzotintQueue *self, MezzotintTask *task)
{
  g_signal_emit (self, signals[SIGNAL_TASK_ENDED], 0, task);
}

/* ---- The object ---- */

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintQueue *self = MEZZOTINT_QUEUE (object);

  switch (property_id)
    {
    case PROP_CURRENT:
      g_value_set_object (value, self->current);
      break;
    case PROP_IS_PAUSED:
      g_value_set_boolean (value, self->is_paused);
      break;
    case PROP_SECONDS_LEFT:
      g_value_set_double (value, mezzotint_queue_estimate (self));
      break;
    case PROP_N_PICTURES_LEFT:
      g_value_set_int (value, mezzotint_queue_count_pictures (self));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_IS_PAUSED)
    mezzotint_queue_set_is_paused (MEZZOTINT_QUEUE (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

/* What is in work stays in the file, and goes on at the next start. */
static void
dispose (GObject *object)
{
  MezzotintQueue *self = MEZZOTINT_QUEUE (object);

  if (self->run != NULL)
    {
      mezzotint_run_close (self->run);
      mezzotint_run_cancel (self->run);
      g_clear_pointer (&self->run, mezzotint_run_unref);
    }
  if (self->store != NULL)
    mezzotint_queue_save_last (self);
  g_clear_pointer (&self->store, mezzotint_queue_store_free);
  g_clear_object (&self->current);
  g_clear_object (&self->engine);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mezzotint_queue_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  MezzotintQueue *self = MEZZOTINT_QUEUE (object);

  g_ptr_array_unref (self->tasks);
  g_object_unref (self->recent);
  g_ptr_array_unref (self->unread);
  g_ptr_array_unref (self->to_remove);
  mezzotint_queue_speed_free (self->speed);
  g_free (self->problem);
  G_OBJECT_CLASS (mezzotint_queue_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  properties[PROP_CURRENT] = g_param_spec_object ("current", NULL, NULL, MEZZOTINT_TYPE_TASK, flags);
  properties[PROP_IS_PAUSED] = g_param_spec_boolean ("is-paused", NULL, NULL, FALSE,
                                                     flags | G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_SECONDS_LEFT]
      = g_param_spec_double ("seconds-left", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);
  properties[PROP_N_PICTURES_LEFT] = g_param_spec_int ("n-pictures-left", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
mezzotint_queue_class_init (MezzotintQueueClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GType type = G_TYPE_FROM_CLASS (class);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  install_properties (object_class);
  signals[SIGNAL_PICTURE_SAVED]
      = g_signal_new ("picture-saved", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                      MEZZOTINT_TYPE_TASK, MEZZOTINT_TYPE_TASK_PICTURE);
  signals[SIGNAL_TASK_ENDED] = g_signal_new ("task-ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                             G_TYPE_NONE, 1, MEZZOTINT_TYPE_TASK);
}

static void
mezzotint_queue_init (MezzotintQueue *self)
{
  self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->recent = g_list_store_new (MEZZOTINT_TYPE_TASK);
  self->speed = mezzotint_queue_speed_new ();
  self->unread = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  self->to_remove = g_ptr_array_new_with_free_func (g_free);
  self->keep_us = MEZZOTINT_QUEUE_KEEP_US;
}

MezzotintQueue *
mezzotint_queue_new (MezzotintEngineService *engine, MezzotintSettings *settings, const char *folder)
{
  MezzotintQueue *self = g_object_new (MEZZOTINT_TYPE_QUEUE, NULL);

  self->engine = g_object_ref (engine);
  self->settings = g_object_ref (settings);
  mezzotint_queue_open_store (self, folder);
  return self;
}

void
mezzotint_queue_start (MezzotintQueue *self)
{
  self->is_started = TRUE;
  mezzotint_queue_run_next (self);
}

/* ---- What the user does ---- */

static void
changed (MezzotintQueue *self)
{
  mezzotint_queue_save (self);
  mezzotint_queue_notify_left (self);
  mezzotint_queue_run_next (self);
}

/* Into the list; the start of a branch goes to disk with it. */
static void
enqueue (MezzotintQueue *self, MezzotintTask *task, guint position)
{
  MzSnapshot *start = mezzotint_recipe_get_request (mezzotint_task_get_recipe (task))->start;

  if (start != NULL)
    mezzotint_queue_keep_start (self, task, start);
  mezzotint_queue_insert (self, task, position);
}

MezzotintTask *
mezzotint_queue_append (MezzotintQueue *self, MezzotintRecipe *recipe)
{
  g_autoptr (MezzotintTask) task = mezzotint_task_new (NULL, recipe);

  enqueue (self, task, self->tasks->len);
  changed (self);
  return task; /* a list has it */
}

static void
dequeue (MezzotintQueue *self, MezzotintTask *task)
{
  mezzotint_queue_take_out (self, task);
  mezzotint_queue_keep_start (self, task, NULL);
}

void
mezzotint_queue_remove (MezzotintQueue *self, MezzotintTask *task)
{
  MezzotintQueueEntry *entry = mezzotint_queue_get_entry (task);
  guint position;

  if (task == self->current)
    {
      entry->is_removed = TRUE;
      entry->is_restored = FALSE;
      mezzotint_run_cancel (self->run);
      mezzotint_queue_save (self);
    }
  else if (g_list_store_find (self->recent, task, &position))
    g_list_store_remove (self->recent, position);
  else
    {
      dequeue (self, task);
      changed (self);
    }
}

void
mezzotint_queue_restore (MezzotintQueue *self, MezzotintTask *task, guint position)
{
  MezzotintQueueEntry *entry = mezzotint_queue_get_entry (task);
  MezzotintTaskState state = mezzotint_task_get_state (task);

  if (g_ptr_array_find (self->tasks, task, NULL))
    {
      entry->is_restored = entry->is_removed; /* it is still ending: then it is begun again */
      entry->is_removed = FALSE;
    }
  else if (state == MEZZOTINT_TASK_WAITING || entry->was_removed_at_work)
    {
      entry->was_removed_at_work = FALSE;
      mezzotint_task_set_state (task, MEZZOTINT_TASK_WAITING);
      enqueue (self, task, first_waiting (self) + MIN (position, self->tasks->len));
    }
  else
    mezzotint_queue_add_recent (self, task);
  changed (self);
}

void
mezzotint_queue_move (MezzotintQueue *self, MezzotintTask *task, guint position)
{
  G_GNUC_UNUSED g_autoptr (MezzotintTask) kept = g_object_ref (task);

  if (task == self->current || !g_ptr_array_find (self->tasks, task, NULL))
    return;
  mezzotint_queue_take_out (self, task);
  mezzotint_queue_insert (self, task, first_waiting (self) + MIN (position, self->tasks->len));
  changed (self);
}

MezzotintTask *
mezzotint_queue_retry (MezzotintQueue *self, MezzotintTask *task)
{
  return mezzotint_queue_append (self, mezzotint_task_get_recipe (task));
}

void
mezzotint_queue_stop (MezzotintQueue *self, MezzotintTask *task, MezzotintStop how)
{
  MezzotintQueueEntry *entry = mezzotint_queue_get_entry (task);
  G_GNUC_UNUSED g_autoptr (MezzotintTask) kept = g_object_ref (task);

  if (task == self->current)
    {
      entry->is_stopped = TRUE;
      mezzotint_run_set_stop_after_picture (self->run, TRUE);
      if (how == MEZZOTINT_STOP_NOW)
        mezzotint_run_cancel (self->run);
    }
  else if (g_ptr_array_find (self->tasks, task, NULL))
    {
      dequeue (self, task);
      mezzotint_task_set_state (task, MEZZOTINT_TASK_CANCELLED);
      mezzotint_queue_add_recent (self, task);
      changed (self);
      mezzotint_queue_emit_ended (self, task);
    }
}

gboolean
mezzotint_queue_get_is_paused (MezzotintQueue *self)
{
  return self->is_paused;
}

void
mezzotint_queue_set_is_paused (MezzotintQueue *self, gboolean is_paused)
{
  if (self->is_paused == !!is_paused)
    return;
  self->is_paused = !!is_paused;
  if (self->run != NULL)
    mezzotint_run_set_stop_after_picture (
        self->run, self->is_paused || mezzotint_queue_get_entry (self->current)->is_stopped);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_PAUSED]);
  changed (self);
}

MezzotintTask *
mezzotint_queue_get_current (MezzotintQueue *self)
{
  return self->current;
}

GListModel *
mezzotint_queue_get_recent (MezzotintQueue *self)
{
  return G_LIST_MODEL (self->recent);
}

void
mezzotint_queue_clear_recent (MezzotintQueue *self)
{
  g_list_store_remove_all (self->recent);
}
