/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of models, kept up to date with the folders. */
#include "app/library/model-store.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/files/hash-cache.h"
#include "app/library/model-job.h"
#include "app/library/model-private.h"

/* A download or a copy changes a folder many times in a row. */
#define SETTLE_MS 500

struct _MezzotintModelStore
{
  GObject parent_instance;
  MezzotintSettings *settings;
  GPtrArray *models;         /* of MezzotintModel, in order; the built-in one is always there */
  GPtrArray *monitors;       /* of GFileMonitor */
  GCancellable *cancellable; /* of the scan that runs; NULL: none does */
  guint rescan_id;
  char *problem;
};

static void store_list_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MezzotintModelStore,
                               mezzotint_model_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, store_list_init))

enum
{
  PROP_IS_LOADING = 1,
  PROP_PROBLEM,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

/* ---- The list ---- */

static GType
get_item_type (GListModel *list)
{
  return MEZZOTINT_TYPE_MODEL;
}

static guint
get_n_items (GListModel *list)
{
  return MEZZOTINT_MODEL_STORE (list)->models->len;
}

static gpointer
get_item (GListModel *list, guint position)
{
  GPtrArray *models = MEZZOTINT_MODEL_STORE (list)->models;

  return position < models->len ? g_object_ref (g_ptr_array_index (models, position)) : NULL;
}

static void
store_list_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

static MezzotintModel *
find_exact (MezzotintModelStore *self, const char *path, guint *position)
{
  for (guint i = 0; i < self->models->len; i++)
    {
      MezzotintModel *model = g_ptr_array_index (self->models, i);

      if (g_strcmp0 (mezzotint_model_get_path (model), path) != 0)
        continue;
      if (position != NULL)
        *position = i;
      return model;
    }
  return NULL;
}

static void
remove_model (MezzotintModelStore *self, guint position)
{
  g_ptr_array_remove_index (self->models, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

/* Takes `model` over. */
static void
insert_model (MezzotintModelStore *self, MezzotintModel *model)
{
  guint position = 0;

  while (position < self->models->len
         && mezzotint_model_compare (g_ptr_array_index (self->models, position), model) < 0)
    position++;
  g_ptr_array_insert (self->models, (int) position, model);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

/* ---- What the worker tells ---- */

static void rescan (MezzotintModelStore *self, guint delay_ms);

static void
set_problem (MezzotintModelStore *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
  if (event != G_FILE_MONITOR_EVENT_CHANGED && event != G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED)
    rescan (data, SETTLE_MS);
}

static void
watch (MezzotintModelStore *self, const GPtrArray *folders)
{
  g_ptr_array_set_size (self->monitors, 0);
  for (guint i = 0; i < folders->len; i++)
    {
      g_autoptr (GFile) folder = g_file_new_for_path (g_ptr_array_index (folders, i));
      GFileMonitor *monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);

      if (monitor == NULL)
        continue; /* the system has no watch left: the next start finds what is new */
      g_signal_connect (monitor, "changed", G_CALLBACK (changed_cb), self);
      g_ptr_array_add (self->monitors, monitor);
    }
}

static void
drop_vanished (MezzotintModelStore *self, GHashTable *states)
{
  for (guint i = self->models->len; i-- > 1;)
    {
      MezzotintModel *model = g_ptr_array_index (self->models, i);
      const char *state = g_hash_table_lookup (states, mezzotint_model_get_path (model));

      if (g_strcmp0 (state, mezzotint_model_get_state (model)) != 0)
        remove_model (self, i);
    }
}

static void
scanned (gpointer user, const MezzotintScan *scan)
{
  MezzotintModelStore *self = user;
  g_autoptr (GHashTable) states = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < scan->models->len; i++)
    {
      const MezzotintFoundModel *found = g_ptr_array_index (scan->models, i);

      g_hash_table_insert (states, found->path, found->state);
    }
  drop_vanished (self, states);
  for (guint i = 0; i < scan->models->len; i++)
    {
      const MezzotintFoundModel *found = g_ptr_array_index (scan->models, i);

      if (find_exact (self, found->path, NULL) == NULL)
        insert_model (self, mezzotint_model_new (found->path, found->state, found->n_bytes));
    }
  watch (self, scan->folders);
  set_problem (self, scan->problem);
}

static void
inspected (gpointer user, const char *path, const char *state, MzModelInfo *info, const GError *error)
{
  MezzotintModel *model = find_exact (user, path, NULL);

  if (model != NULL)
    mezzotint_model_fill (model, info, error);
  else
    g_clear_pointer (&info, mz_model_info_free);
}

static void
ended (gpointer user)
{
  MezzotintModelStore *self = user;

  g_clear_object (&self->cancellable);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_LOADING]);
}

/* ---- Scanning ---- */

static GHashTable *
list_known (MezzotintModelStore *self)
{
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 1; i < self->models->len; i++)
    {
      MezzotintModel *model = g_ptr_array_index (self->models, i);
      gboolean is_known;

      g_object_get (model, "is-known", &is_known, NULL);
      if (is_known)
        g_hash_table_insert (known, g_strdup (mezzotint_model_get_path (model)),
                             g_strdup (mezzotint_model_get_state (model)));
    }
  return known;
}

static gboolean
rescan_cb (gpointer data)
{
  static const MezzotintModelJobListener listener = { scanned, inspected, ended };
  MezzotintModelStore *self = data;
  g_autoptr (GHashTable) known = list_known (self);
  g_auto (GStrv) folders = NULL;

  self->rescan_id = 0;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_object_get (self->settings, "model-folders", &folders, NULL);
  mezzotint_model_job_start ((const char *const *) folders, known, &listener, G_OBJECT (self),
                             self->cancellable);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_LOADING]);
  return G_SOURCE_REMOVE;
}

static void
rescan (MezzotintModelStore *self, guint delay_ms)
{
  g_clear_handle_id (&self->rescan_id, g_source_remove);
  self->rescan_id = g_timeout_add (delay_ms, rescan_cb, self);
}

static void
folders_changed_cb (MezzotintModelStore *self)
{
  rescan (self, 0);
}

/* ---- The object ---- */

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintModelStore *self = MEZZOTINT_MODEL_STORE (object);

  switch (property_id)
    {
    case PROP_IS_LOADING:
      g_value_set_boolean (value, self->cancellable != NULL);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
dispose (GObject *object)
{
  MezzotintModelStore *self = MEZZOTINT_MODEL_STORE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->rescan_id, g_source_remove);
  g_ptr_array_set_size (self->monitors, 0);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mezzotint_model_store_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  MezzotintModelStore *self = MEZZOTINT_MODEL_STORE (object);

  g_ptr_array_unref (self->models);
  g_ptr_array_unref (self->monitors);
  g_free (self->problem);
  G_OBJECT_CLASS (mezzotint_model_store_parent_class)->finalize (object);
}

static void
mezzotint_model_store_class_init (MezzotintModelStoreClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  properties[PROP_IS_LOADING] = g_param_spec_boolean ("is-loading", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

/* A monitor is stopped before it goes, so that no event of it is still under way. */
static void
free_monitor_cb (gpointer data)
{
  g_signal_handlers_disconnect_matched (data, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, changed_cb, NULL);
  g_file_monitor_cancel (data);
  g_object_unref (data);
}

static void
mezzotint_model_store_init (MezzotintModelStore *self)
{
  self->models = g_ptr_array_new_with_free_func (g_object_unref);
  self->monitors = g_ptr_array_new_with_free_func (free_monitor_cb);
}

MezzotintModelStore *
mezzotint_model_store_new (MezzotintSettings *settings)
{
  MezzotintModelStore *self = g_object_new (MEZZOTINT_TYPE_MODEL_STORE, NULL);
  MezzotintModel *builtin = mezzotint_model_new (NULL, NULL, 0);
  g_autoptr (GError) error = NULL;
  MzModelInfo *info = mz_model_inspect (NULL, &error); /* small, and on our own disk */

  mezzotint_model_fill (builtin, info, error);
  g_ptr_array_add (self->models, builtin);
  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (settings, "notify::model-folders", G_CALLBACK (folders_changed_cb), self);
  rescan_cb (self);
  return self;
}

MezzotintModel *
mezzotint_model_store_find (MezzotintModelStore *self, const char *path)
{
  g_autofree char *canonical = path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
  MezzotintModel *model = find_exact (self, canonical, NULL);

  return model != NULL ? model : find_exact (self, path, NULL);
}

/* A beginning of a hash that names one file: programs write 8 digits or more, and a few would fit many. */
static gboolean
is_hash (const char *text)
{
  gsize n = strspn (text, "0123456789abcdefABCDEF");

  return n >= 8 && text[n] == '\0';
}

static MezzotintModel *
match_hash (MezzotintModelStore *self, const char *hash)
{
  g_autoptr (MezzotintHashCache) cache = mezzotint_hash_cache_open (NULL);

  for (guint i = 0; i < self->models->len; i++)
    {
      MezzotintModel *model = g_ptr_array_index (self->models, i);
      const MzModelInfo *info = mezzotint_model_get_info (model);
      g_autofree char *sha256 = info != NULL ? mezzotint_hash_cache_find (cache, info->hashed_file) : NULL;

      if (sha256 != NULL && g_ascii_strncasecmp (sha256, hash, strlen (hash)) == 0)
        return model;
    }
  return NULL;
}

MezzotintModel *
mezzotint_model_store_match (MezzotintModelStore *self, const char *name, const char *hash)
{
  MezzotintModel *model = hash != NULL && is_hash (hash) ? match_hash (self, hash) : NULL;
  g_autofree char *base = NULL;

  if (model != NULL || name == NULL)
    return model;
  base = g_path_get_basename (name); /* some programs write their sub-folder too, or the suffix */
  if (mezzotint_scan_is_model_name (base))
    *strrchr (base, '.') = '\0';
  for (guint i = 0; i < self->models->len; i++)
    {
      model = g_ptr_array_index (self->models, i);
      if (g_ascii_strcasecmp (mezzotint_model_get_name (model), base) == 0)
        return model;
    }
  return NULL;
}

gboolean
mezzotint_model_store_add (MezzotintModelStore *self, GFile *file, GError **error)
{
  g_autofree char *path = g_file_get_path (file), *base = NULL;
  g_auto (GStrv) folders = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) longer = NULL;

  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (file);

      g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                   _ ("“%s” is not on this machine; copy it to a folder first."), uri);
      return FALSE;
    }
  base = g_path_get_basename (path);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR) && !mezzotint_scan_is_model_name (base))
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                   _ ("“%s” is neither a folder nor a model: models are .safetensors files."), shown);
      return FALSE;
    }
  g_object_get (self->settings, "model-folders", &folders, NULL);
  if (g_strv_contains ((const char *const *) folders, path))
    {
      rescan (self, 0);
      return TRUE;
    }
  g_strv_builder_addv (builder, (const char **) folders);
  g_strv_builder_add (builder, path);
  longer = g_strv_builder_end (builder);
  g_object_set (self->settings, "model-folders", longer, NULL);
  return TRUE;
}

gboolean
mezzotint_model_store_takes (GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *base = path != NULL ? g_path_get_basename (path) : NULL;

  return path != NULL && (mezzotint_scan_is_model_name (base) || g_file_test (path, G_FILE_TEST_IS_DIR));
}

void
mezzotint_model_store_remove_folder (MezzotintModelStore *self, const char *folder)
{
  g_auto (GStrv) folders = NULL, rest = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_object_get (self->settings, "model-folders", &folders, NULL);
  for (gsize i = 0; folders[i] != NULL; i++)
    if (!g_str_equal (folders[i], folder))
      g_strv_builder_add (builder, folders[i]);
  rest = g_strv_builder_end (builder);
  g_object_set (self->settings, "model-folders", rest, NULL);
}
