/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue as JSON, and back after whatever ended the program.
 *
 *   { "version": 1, "is_paused": false, "tasks": [
 *     { "id": "0d6b…", "recipe": { … }, "n_done": 3, "n_begun": 1, "model_state": "…", "has_start": true } ]
 * }
 *
 * Beside it, "ID.start" is where a branch begins, "ID.at-3" where the picture in work stood, in a run that
 * began with picture 3; "ID.at-3-1" where the picture stood that is number 1 of that run, and was drawn
 * together with it. */
#include "app/jobs/queue-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define FORMAT_VERSION 1
/* A job that ends the program so often without coming on is not begun by itself any more. */
#define MAX_BEGUN 3
#define MAX_ID_LENGTH 64
/* A task that cannot be read is kept through so many starts: for the version of the program that can. */
#define MAX_UNREAD 20
#define UNREAD "n_unread"

/* ---- Names of snapshots ---- */

static char *
start_name (MezzotintTask *task)
{
  return g_strconcat (mezzotint_task_get_id (task), ".start", NULL);
}

static char *
place_name (MezzotintTask *task, int n_done)
{
  return g_strdup_printf ("%s.at-%d", mezzotint_task_get_id (task), n_done);
}

/* Of another that was drawn together with it: `index` in the run. */
static char *
other_name (MezzotintTask *task, int n_done, int index)
{
  return g_strdup_printf ("%s.at-%d-%d", mezzotint_task_get_id (task), n_done, index);
}

/* A snapshot is written before the text that speaks of it, and removed after one that no longer does. */
static void
put (MezzotintQueue *self, const char *name, MzSnapshot *snapshot)
{
  guint position;

  if (g_ptr_array_find_with_equal_func (self->to_remove, name, g_str_equal, &position))
    g_ptr_array_remove_index (self->to_remove, position);
  if (snapshot != NULL)
    mezzotint_queue_store_put (self->store, name, snapshot);
  else
    {
      g_ptr_array_add (self->to_remove, g_strdup (name));
      mezzotint_queue_save (self);
    }
}

void
mezzotint_queue_keep_start (MezzotintQueue *self, MezzotintTask *task, MzSnapshot *snapshot)
{
  g_autofree char *name = start_name (task);

  put (self, name, snapshot);
}

void
mezzotint_queue_keep_places (MezzotintQueue *self, MezzotintTask *task)
{
  MezzotintQueueEntry *entry = mezzotint_queue_get_entry (task);
  MzSnapshot *snapshot;

  for (int picture = entry->n_done;
       (snapshot = g_hash_table_lookup (entry->last, GINT_TO_POINTER (picture))) != NULL; picture++)
    {
      char *name = picture == entry->n_done
                       ? place_name (task, entry->run_n_done)
                       : other_name (task, entry->run_n_done, picture - entry->run_n_done);

      put (self, name, snapshot);
      g_hash_table_replace (entry->places, name, GINT_TO_POINTER (picture));
    }
  entry->kept_us = g_get_monotonic_time ();
}

void
mezzotint_queue_forget_places (MezzotintQueue *self, MezzotintTask *task, int picture)
{
  GHashTableIter iter;
  gpointer name, index;

  g_hash_table_iter_init (&iter, mezzotint_queue_get_entry (task)->places);
  while (g_hash_table_iter_next (&iter, &name, &index))
    if (GPOINTER_TO_INT (index) < picture)
      {
        put (self, name, NULL);
        g_hash_table_iter_remove (&iter);
      }
}

/* ---- Out ---- */

static JsonNode *
task_to_json (MezzotintTask *task)
{
  const MezzotintQueueEntry *entry = mezzotint_queue_get_entry (task);
  MezzotintRecipe *recipe = mezzotint_task_get_recipe (task);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "id", mezzotint_task_get_id (task));
  json_object_set_member (object, "recipe", mezzotint_recipe_to_json (recipe));
  json_object_set_int_member (object, "n_done", entry->n_done);
  json_object_set_int_member (object, "n_begun", entry->n_begun);
  if (entry->model_state != NULL)
    json_object_set_string_member (object, "model_state", entry->model_state);
  if (mezzotint_recipe_get_request (recipe)->start != NULL)
    json_object_set_boolean_member (object, "has_start", TRUE);
  json_node_set_object (node, object);
  return node;
}

static void
save_now (MezzotintQueue *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  JsonArray *tasks = json_array_new ();

  for (guint i = 0; i < self->tasks->len; i++)
    {
      MezzotintTask *task = g_ptr_array_index (self->tasks, i);

      if (!mezzotint_queue_get_entry (task)->is_removed)
        json_array_add_element (tasks, task_to_json (task));
    }
  for (guint i = 0; i < self->unread->len; i++)
    json_array_add_element (tasks, json_node_copy (self->unread->pdata[i]));
  json_object_set_int_member (object, "version", FORMAT_VERSION);
  json_object_set_boolean_member (object, "is_paused", self->is_paused);
  json_object_set_array_member (object, "tasks", tasks);
  json_node_set_object (root, object);
  json_generator_set_root (generator, root);
  mezzotint_queue_store_save (self->store, json_generator_to_data (generator, NULL));
  for (guint i = 0; i < self->to_remove->len; i++)
    mezzotint_queue_store_put (self->store, g_ptr_array_index (self->to_remove, i), NULL);
  g_ptr_array_set_size (self->to_remove, 0);
}

static gboolean
save_cb (gpointer data)
{
  MezzotintQueue *self = data;

  self->save_id = 0;
  save_now (self);
  return G_SOURCE_REMOVE;
}

void
mezzotint_queue_save (MezzotintQueue *self)
{
  if (self->save_id == 0)
    self->save_id = g_idle_add_full (G_PRIORITY_DEFAULT, save_cb, self, NULL);
}

void
mezzotint_queue_save_last (MezzotintQueue *self)
{
  MezzotintQueueEntry *entry = self->current != NULL ? mezzotint_queue_get_entry (self->current) : NULL;

  if (entry != NULL)
    {
      entry->n_begun = 0; /* it did no harm */
      if (!entry->is_removed)
        mezzotint_queue_keep_places (self, self->current);
    }
  g_clear_handle_id (&self->save_id, g_source_remove);
  save_now (self);
}

/* ---- In ---- */

/* Member `name` when it is a whole number from 0 to `max`, else 0. */
static int
read_int (JsonObject *object, const char *name, int max)
{
  JsonNode *node = json_object_get_member (object, name);
  gint64 value
      = node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

  return (int) CLAMP (value, 0, max);
}

static const char *
read_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                          : NULL;
}

static gboolean
read_bool (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

/* It becomes part of file names. */
static gboolean
is_good_id (const char *id)
{
  return id != NULL && *id != '\0' && strlen (id) <= MAX_ID_LENGTH
         && strspn (id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == strlen (id);
}

/* Where a branch begins; it cannot be made without it. */
static gboolean
read_start (MezzotintQueue *self, MezzotintTask *task, GError **error)
{
  g_autofree char *name = start_name (task);
  g_autoptr (MzSnapshot) start = mezzotint_queue_store_get (self->store, name, error);
  g_autoptr (MezzotintRecipe) recipe = NULL;

  if (start == NULL)
    return FALSE;
  recipe = mezzotint_recipe_new_from_start (mezzotint_task_get_recipe (task), start, MZ_START_BRANCH);
  mezzotint_task_set_recipe (task, recipe);
  return TRUE;
}

/* A snapshot among the files. */
typedef struct
{
  MzSnapshot *snapshot;
  const char *name;
  int n_done;  /* of its run */
  int picture; /* in the recipe */
} Place;

static void
clear_place_cb (gpointer place)
{
  mz_snapshot_unref (((Place *) place)->snapshot);
}

/* n_done of the run that a file is of, by what its name has behind "ID.at-"; -1: it is no such name. */
static int
read_n_done (const char *text, int max)
{
  g_auto (GStrv) numbers = g_strsplit (text, "-", 3);
  guint n = g_strv_length (numbers);
  gint64 n_done, index;

  if (n < 1 || n > 2 || !g_ascii_string_to_signed (numbers[0], 10, 0, max, &n_done, NULL)
      || (n == 2 && !g_ascii_string_to_signed (numbers[1], 10, 0, MZ_MAX_COUNT, &index, NULL)))
    return -1;
  return (int) n_done;
}

/* Of pictures that are not there yet: array of Place. */
static GArray *
list_places (MezzotintQueue *self, MezzotintTask *task, const GStrv names)
{
  int n_made = mezzotint_queue_get_entry (task)->n_done;
  g_autofree char *prefix = g_strconcat (mezzotint_task_get_id (task), ".at-", NULL);
  GArray *places = g_array_new (FALSE, FALSE, sizeof (Place));

  g_array_set_clear_func (places, clear_place_cb);
  for (gsize i = 0; names[i] != NULL; i++)
    {
      Place place = { .name = names[i] };

      if (!g_str_has_prefix (names[i], prefix)
          || (place.n_done = read_n_done (names[i] + strlen (prefix), n_made)) < 0
          || (place.snapshot = mezzotint_queue_store_get (self->store, names[i], NULL)) == NULL)
        continue;
      place.picture = place.n_done + mz_snapshot_get_picture (place.snapshot);
      if (place.picture >= n_made)
        g_array_append_val (places, place);
      else
        clear_place_cb (&place);
    }
  return places;
}

/* Where `picture` stood last; of run n_done, or of any when that is negative. NULL: it is not there. */
static const Place *
find_place (const GArray *places, int picture, int n_done)
{
  const Place *found = NULL;

  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);

      if (place->picture == picture && (n_done < 0 || place->n_done == n_done)
          && (found == NULL
              || mz_snapshot_get_step (place->snapshot) > mz_snapshot_get_step (found->snapshot)))
        found = place;
    }
  return found;
}

/* The newest place of the task among the files, and those of the pictures that were drawn together with it;
 * without one its picture is begun again. */
static void
read_places (MezzotintQueue *self, MezzotintTask *task, const GStrv names)
{
  MezzotintQueueEntry *entry = mezzotint_queue_get_entry (task);
  g_autoptr (GArray) places = list_places (self, task, names);
  const Place *place = find_place (places, entry->n_done, -1);

  if (place == NULL)
    return;
  entry->resume = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_snapshot_unref);
  entry->resume_n_done = place->n_done;
  for (int i = 1; place != NULL && i <= MZ_MAX_AT_ONCE; i++)
    {
      g_ptr_array_add (entry->resume, mz_snapshot_ref (place->snapshot));
      g_hash_table_replace (entry->places, g_strdup (place->name), GINT_TO_POINTER (place->picture));
      place = find_place (places, entry->n_done + i, entry->resume_n_done);
    }
}

static void
fail_task (MezzotintQueue *self, MezzotintTask *task, const char *message)
{
  mezzotint_task_set_error (task, message);
  mezzotint_task_set_state (task, MEZZOTINT_TASK_FAILED);
  mezzotint_queue_add_recent (self, task);
}

/* What cannot be read of a recipe, a newer version's sampler say, is told with what can. */
static MezzotintTask *
new_unreadable (const char *id)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MezzotintRecipe) recipe = NULL;

  mz_request_use_defaults (&request, NULL);
  recipe = mezzotint_recipe_new (NULL, &request);
  return mezzotint_task_new (id, recipe);
}

/* FALSE: it could not be read, and *id says which it is, as far as that is known. */
static gboolean
read_task (MezzotintQueue *self, JsonObject *object, const GStrv names, const char **id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintRecipe) recipe
      = mezzotint_recipe_from_json (json_object_get_member (object, "recipe"), &error);
  g_autoptr (MezzotintTask) task = NULL;
  MezzotintQueueEntry *entry;

  *id = read_string (object, "id");
  if (!is_good_id (*id))
    *id = NULL;
  task = recipe != NULL ? mezzotint_task_new (*id, recipe) : new_unreadable (*id);
  entry = mezzotint_queue_get_entry (task);
  entry->n_done
      = read_int (object, "n_done", recipe != NULL ? mezzotint_recipe_get_request (recipe)->count : 0);
  entry->n_begun = read_int (object, "n_begun", MAX_BEGUN);
  entry->model_state = g_strdup (read_string (object, "model_state"));
  if (recipe != NULL && entry->n_done > 0 && entry->n_done >= mezzotint_recipe_get_request (recipe)->count)
    return TRUE; /* it had just been finished */
  if (recipe == NULL || (read_bool (object, "has_start") && !read_start (self, task, &error)))
    {
      fail_task (self, task, error->message);
      return FALSE;
    }
  if (entry->n_begun >= MAX_BEGUN)
    fail_task (self, task, _ ("The program ended again and again while it made this. Try other settings."));
  else
    {
      read_places (self, task, names);
      mezzotint_queue_insert (self, task, self->tasks->len);
    }
  return TRUE;
}

static gboolean
is_of_any (const char *name, const GPtrArray *ids)
{
  for (guint i = 0; i < ids->len; i++)
    {
      const char *id = ids->pdata[i];

      if (g_str_has_prefix (name, id) && name[strlen (id)] == '.')
        return TRUE;
    }
  return FALSE;
}

/* Snapshots of tasks that are no more. `unread`: ids of tasks whose snapshots may still be good. */
static void
remove_strays (MezzotintQueue *self, const GStrv names, const GPtrArray *unread)
{
  for (gsize i = 0; names[i] != NULL; i++)
    {
      gboolean is_used = is_of_any (names[i], unread);

      for (guint t = 0; t < self->tasks->len && !is_used; t++)
        {
          MezzotintTask *task = g_ptr_array_index (self->tasks, t);
          const MezzotintQueueEntry *entry = mezzotint_queue_get_entry (task);
          g_autofree char *start = start_name (task);

          is_used = g_str_equal (names[i], start) || g_hash_table_contains (entry->places, names[i]);
        }
      if (!is_used)
        put (self, names[i], NULL);
    }
}

/* Keeps the task, unless that was done often enough. TRUE when it is a new case. */
static gboolean
keep_unread (MezzotintQueue *self, JsonNode *node, const char *id, GPtrArray *ids)
{
  int n_unread
      = JSON_NODE_HOLDS_OBJECT (node) ? read_int (json_node_get_object (node), UNREAD, MAX_UNREAD) : 0;

  if (id == NULL || n_unread >= MAX_UNREAD)
    return n_unread == 0;
  json_object_set_int_member (json_node_get_object (node), UNREAD, n_unread + 1);
  g_ptr_array_add (self->unread, json_node_ref (node));
  g_ptr_array_add (ids, (gpointer) id);
  return n_unread == 0;
}

/* FALSE: some could not be read that could be until now; what is of them is kept. */
static gboolean
read_tasks (MezzotintQueue *self, JsonArray *tasks)
{
  g_auto (GStrv) names = mezzotint_queue_store_list (self->store);
  g_autoptr (GPtrArray) unread = g_ptr_array_new ();
  gboolean is_whole = TRUE;

  for (guint i = 0; i < json_array_get_length (tasks); i++)
    {
      JsonNode *node = json_array_get_element (tasks, i);
      const char *id = NULL;

      if (JSON_NODE_HOLDS_OBJECT (node) && read_task (self, json_node_get_object (node), names, &id))
        continue;
      is_whole &= !keep_unread (self, node, id, unread);
    }
  remove_strays (self, names, unread);
  return is_whole;
}

static gboolean
read_all (MezzotintQueue *self, JsonObject *object, gboolean *is_whole, GError **error)
{
  JsonNode *tasks = json_object_get_member (object, "tasks");

  if (read_int (object, "version", G_MAXINT) > FORMAT_VERSION)
    {
      g_set_error_literal (
          error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
          _ ("The queue was left by a newer version of the program: it is kept for that one, "
             "and what is added now is forgotten when the program ends."));
      return FALSE;
    }
  if (tasks == NULL || !JSON_NODE_HOLDS_ARRAY (tasks))
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, "No tasks.");
      return FALSE;
    }
  self->is_paused = read_bool (object, "is_paused");
  *is_whole = read_tasks (self, json_node_get_array (tasks));
  return TRUE;
}

static void
read_text (MezzotintQueue *self, const char *text)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;
  gboolean is_whole = TRUE;
  JsonNode *root;

  if (json_parser_load_from_data (parser, text, -1, NULL) && (root = json_parser_get_root (parser)) != NULL
      && JSON_NODE_HOLDS_OBJECT (root) && read_all (self, json_node_get_object (root), &is_whole, &error))
    {
      if (!is_whole)
        {
          sentence = mezzotint_queue_store_copy_aside (self->store, text);
          mezzotint_queue_set_problem (self, sentence);
        }
      return;
    }
  if (g_error_matches (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED))
    {
      mezzotint_queue_store_leave_alone (self->store);
      mezzotint_queue_set_problem (self, error->message);
      return;
    }
  sentence = mezzotint_queue_store_set_aside (self->store);
  mezzotint_queue_set_problem (self, sentence);
}

static void
problem_cb (gpointer user, const char *problem)
{
  g_autofree char *sentence
      = problem != NULL ? g_strdup_printf (_ ("The queue cannot be kept: %s"), problem) : NULL;

  mezzotint_queue_set_problem (user, sentence);
}

void
mezzotint_queue_open_store (MezzotintQueue *self, const char *folder)
{
  g_autofree char *default_folder = g_build_filename (g_get_user_data_dir (), "mezzotint", "queue", NULL);
  g_autofree char *text = NULL, *problem = NULL;

  self->store = mezzotint_queue_store_open (folder != NULL ? folder : default_folder, problem_cb, self, &text,
                                            &problem);
  mezzotint_queue_set_problem (self, problem);
  if (text != NULL)
    read_text (self, text);
}
