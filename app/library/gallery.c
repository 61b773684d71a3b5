/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery as a list model: its properties, its filters, and what its thread tells. */
#include "app/library/gallery.h"

#include "app/library/gallery-private.h"

enum
{
  PROP_0,
  PROP_SEARCH,
  PROP_MODEL,
  PROP_SAMPLER,
  PROP_FAVOURITES_ONLY,
  PROP_AFTER,
  PROP_BEFORE,
  PROP_SORT,
  N_FILTERS, /* those above ask for another list */
  PROP_IS_LOADING = N_FILTERS,
  PROP_N_TOTAL,
  PROP_PROGRESS,
  PROP_PROBLEM,
  PROP_FOLDER,
  PROP_MODELS,
  PROP_SAMPLERS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MezzotintGallery,
                               mezzotint_gallery,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

GType
mezzotint_gallery_sort_get_type (void)
{
  static const GEnumValue values[] = {
    { MEZZOTINT_SORT_NEWEST, "MEZZOTINT_SORT_NEWEST", "newest" },
    { MEZZOTINT_SORT_OLDEST, "MEZZOTINT_SORT_OLDEST", "oldest" },
    { MEZZOTINT_SORT_NAME, "MEZZOTINT_SORT_NAME", "name" },
    { 0 },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MezzotintGallerySort", values));
  return type;
}

/* ---- The list ---- */

static GType
get_item_type (GListModel *model)
{
  return MEZZOTINT_TYPE_GALLERY_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return MEZZOTINT_GALLERY (model)->ids->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  MezzotintGallery *self = MEZZOTINT_GALLERY (model);

  return position < self->ids->len ? mezzotint_gallery_make_item (self, position) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* ---- What the thread tells ---- */

static void
clear_list (MezzotintGallery *self)
{
  guint n = self->ids->len;

  mezzotint_gallery_forget_items (self, NULL);
  g_array_set_size (self->ids, 0);
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}

static void
open_reader (MezzotintGallery *self, const char *uri)
{
  g_autoptr (GError) error = NULL;

  clear_list (self);
  g_clear_pointer (&self->rows, mezzotint_rows_free);
  g_clear_pointer (&self->reader, mezzotint_index_close);
  if (*uri == '\0')
    return;
  if ((self->reader = mezzotint_index_open_reader (uri, &error)) == NULL
      || (self->rows = mezzotint_rows_new (uri, mezzotint_gallery_take_rows, self, &error)) == NULL)
    g_debug ("%s", error->message); /* the thread's own connection will tell the user */
}

static void
apply_splices (MezzotintGallery *self, const MezzotintGalleryUpdate *update)
{
  guint n_done = 0;

  for (guint i = 0; i < update->splices->len; i++)
    {
      const MezzotintSplice *splice = &g_array_index (update->splices, MezzotintSplice, i);

      if (splice->n_removed > 0)
        g_array_remove_range (self->ids, splice->position, splice->n_removed);
      if (splice->n_added > 0)
        g_array_insert_vals (self->ids, splice->position, &g_array_index (update->added, gint64, n_done),
                             splice->n_added);
      n_done += splice->n_added;
      g_list_model_items_changed (G_LIST_MODEL (self), splice->position, splice->n_removed, splice->n_added);
    }
}

static void
notify (MezzotintGallery *self, guint id)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[id]);
}

static void
take_values (MezzotintGallery *self, GStrv *values, const GStrv now, guint id)
{
  if (now == NULL
      || (*values != NULL && g_strv_equal ((const char *const *) *values, (const char *const *) now)))
    return;
  g_strfreev (*values);
  *values = g_strdupv (now);
  notify (self, id);
}

static void
take_state (MezzotintGallery *self, const MezzotintGalleryUpdate *update)
{
  gboolean other_total = self->n_total != update->n_total,
           other_progress = self->progress != update->progress;
  gboolean other_loading = self->is_loading != update->is_loading;

  self->n_total = update->n_total;
  self->progress = update->progress;
  self->is_loading = update->is_loading;
  if (other_total)
    notify (self, PROP_N_TOTAL);
  if (other_progress)
    notify (self, PROP_PROGRESS);
  if (other_loading)
    notify (self, PROP_IS_LOADING);
  if (g_strcmp0 (self->problem, update->problem) != 0)
    {
      g_free (self->problem);
      self->problem = g_strdup (update->problem);
      notify (self, PROP_PROBLEM);
    }
}

static void
update_cb (gpointer user, const MezzotintGalleryUpdate *update)
{
  g_autoptr (MezzotintGallery) self = g_object_ref (user);

  if (update->uri != NULL)
    open_reader (self, update->uri);
  mezzotint_gallery_forget_items (self, update->changed);
  if (update->changed->len > 0 && self->rows != NULL)
    mezzotint_rows_drop (self->rows);
  apply_splices (self, update);
  take_values (self, &self->models, update->models, PROP_MODELS);
  take_values (self, &self->samplers, update->samplers, PROP_SAMPLERS);
  take_state (self, update);
}

static void
start (MezzotintGallery *self, const char *folder)
{
  g_free (self->folder);
  self->folder = g_canonicalize_filename (folder, NULL);
  self->is_loading = TRUE;
  self->worker = mezzotint_gallery_worker_new (self->folder, self->index_folder, self->data_folder,
                                               &self->filter, update_cb, self);
}

static void
folder_changed_cb (MezzotintGallery *self)
{
  g_autofree char *folder = mezzotint_settings_get_output_folder (self->settings);
  g_autofree char *canonical = g_canonicalize_filename (folder, NULL);

  if (g_str_equal (canonical, self->folder))
    return;
  g_clear_pointer (&self->worker, mezzotint_gallery_worker_stop);
  clear_list (self);
  start (self, folder);
  notify (self, PROP_FOLDER);
  notify (self, PROP_IS_LOADING);
}

/* ---- Filters ---- */

static gboolean
send_filter_cb (gpointer data)
{
  MezzotintGallery *self = data;

  self->filter_source = 0;
  mezzotint_gallery_worker_set_filter (self->worker, &self->filter);
  return G_SOURCE_REMOVE;
}

static gboolean
set_string (char **string, const GValue *value)
{
  const char *text = g_value_get_string (value);

  text = text != NULL && *text != '\0' ? text : NULL;
  if (g_strcmp0 (*string, text) == 0)
    return FALSE;
  g_free (*string);
  *string = g_strdup (text);
  return TRUE;
}

static gboolean
set_time (gint64 *time, const GValue *value)
{
  gboolean is_other = *time != g_value_get_int64 (value);

  *time = g_value_get_int64 (value);
  return is_other;
}

/* TRUE when the filter is another one now. */
static gboolean
set_filter (MezzotintIndexFilter *filter, guint id, const GValue *value)
{
  MezzotintGallerySort sort = filter->sort;
  gboolean favourites_only = filter->favourites_only;

  switch (id)
    {
    case PROP_SEARCH:
      return set_string (&filter->search, value);
    case PROP_MODEL:
      return set_string (&filter->model, value);
    case PROP_SAMPLER:
      return set_string (&filter->sampler, value);
    case PROP_AFTER:
      return set_time (&filter->after, value);
    case PROP_BEFORE:
      return set_time (&filter->before, value);
    case PROP_FAVOURITES_ONLY:
      filter->favourites_only = g_value_get_boolean (value);
      return favourites_only != filter->favourites_only;
    case PROP_SORT:
    default:
      filter->sort = (MezzotintGallerySort) g_value_get_enum (value);
      return sort != filter->sort;
    }
}

static void
mezzotint_gallery_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintGallery *self = MEZZOTINT_GALLERY (object);

  if (id >= N_FILTERS)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  if (!set_filter (&self->filter, id, value))
    return;
  if (self->filter_source == 0 && self->worker != NULL)
    self->filter_source = g_idle_add_full (G_PRIORITY_DEFAULT, send_filter_cb, self, NULL);
  notify (self, id);
}

static void
mezzotint_gallery_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintGallery *self = MEZZOTINT_GALLERY (object);

  switch (id)
    {
    case PROP_SEARCH:
      g_value_set_string (value, self->filter.search);
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->filter.model);
      break;
    case PROP_SAMPLER:
      g_value_set_string (value, self->filter.sampler);
      break;
    case PROP_FAVOURITES_ONLY:
      g_value_set_boolean (value, self->filter.favourites_only);
      break;
    case PROP_AFTER:
      g_value_set_int64 (value, self->filter.after);
      break;
    case PROP_BEFORE:
      g_value_set_int64 (value, self->filter.before);
      break;
    case PROP_SORT:
      g_value_set_enum (value, self->filter.sort);
      break;
    case PROP_IS_LOADING:
      g_value_set_boolean (value, self->is_loading);
      break;
    case PROP_N_TOTAL:
      g_value_set_uint (value, self->n_total);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;
    case PROP_MODELS:
      g_value_set_boxed (value, self->models);
      break;
    case PROP_SAMPLERS:
      g_value_set_boxed (value, self->samplers);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* ---- Life ---- */

static void
mezzotint_gallery_dispose (GObject *object)
{
  MezzotintGallery *self = MEZZOTINT_GALLERY (object);

  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_func (self->settings, folder_changed_cb, self);
  g_clear_handle_id (&self->filter_source, g_source_remove);
  g_clear_pointer (&self->worker, mezzotint_gallery_worker_stop);
  g_clear_pointer (&self->loader, mezzotint_loader_free);
  mezzotint_gallery_forget_items (self, NULL);
  g_clear_pointer (&self->rows, mezzotint_rows_free);
  g_clear_pointer (&self->reader, mezzotint_index_close);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mezzotint_gallery_parent_class)->dispose (object);
}

static void
mezzotint_gallery_finalize (GObject *object)
{
  MezzotintGallery *self = MEZZOTINT_GALLERY (object);

  g_array_unref (self->ids);
  g_hash_table_unref (self->items);
  g_free (self->filter.search);
  g_free (self->filter.model);
  g_free (self->filter.sampler);
  g_strfreev (self->models);
  g_strfreev (self->samplers);
  g_free (self->folder);
  g_free (self->index_folder);
  g_free (self->data_folder);
  g_free (self->problem);
  G_OBJECT_CLASS (mezzotint_gallery_parent_class)->finalize (object);
}

static void
add_filter_props (GParamFlags flags)
{
  props[PROP_SEARCH] = g_param_spec_string ("search", NULL, NULL, NULL, flags);
  props[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, NULL, flags);
  props[PROP_SAMPLER] = g_param_spec_string ("sampler", NULL, NULL, NULL, flags);
  props[PROP_FAVOURITES_ONLY] = g_param_spec_boolean ("favourites-only", NULL, NULL, FALSE, flags);
  props[PROP_AFTER] = g_param_spec_int64 ("after", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_BEFORE] = g_param_spec_int64 ("before", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_SORT]
      = g_param_spec_enum ("sort", NULL, NULL, MEZZOTINT_TYPE_GALLERY_SORT, MEZZOTINT_SORT_NEWEST, flags);
}

static void
mezzotint_gallery_class_init (MezzotintGalleryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = mezzotint_gallery_dispose;
  object_class->finalize = mezzotint_gallery_finalize;
  object_class->get_property = mezzotint_gallery_get_property;
  object_class->set_property = mezzotint_gallery_set_property;
  add_filter_props (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_IS_LOADING] = g_param_spec_boolean ("is-loading", NULL, NULL, FALSE, readable);
  props[PROP_N_TOTAL] = g_param_spec_uint ("n-total", NULL, NULL, 0, G_MAXUINT, 0, readable);
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, readable);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, readable);
  props[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL, readable);
  props[PROP_MODELS] = g_param_spec_boxed ("models", NULL, NULL, G_TYPE_STRV, readable);
  props[PROP_SAMPLERS] = g_param_spec_boxed ("samplers", NULL, NULL, G_TYPE_STRV, readable);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
mezzotint_gallery_init (MezzotintGallery *self)
{
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->items = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->loader = mezzotint_loader_new ();
  self->models = g_new0 (char *, 1);
  self->samplers = g_new0 (char *, 1);
}

MezzotintGallery *
mezzotint_gallery_new_for_folder (const char *folder, const char *index_folder, const char *data_folder)
{
  MezzotintGallery *self = g_object_new (MEZZOTINT_TYPE_GALLERY, NULL);

  self->index_folder = g_strdup (index_folder);
  self->data_folder = g_strdup (data_folder);
  start (self, folder);
  return self;
}

MezzotintGallery *
mezzotint_gallery_new (MezzotintSettings *settings, const char *index_folder)
{
  g_autofree char *folder = mezzotint_settings_get_output_folder (settings);
  MezzotintGallery *self = mezzotint_gallery_new_for_folder (folder, index_folder, NULL);

  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (settings, "notify::output-folder", G_CALLBACK (folder_changed_cb), self);
  return self;
}

void
mezzotint_gallery_add (MezzotintGallery *self, const char *path)
{
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);

  if (self->worker != NULL)
    mezzotint_gallery_worker_look (self->worker, canonical);
}

gboolean
mezzotint_gallery_find (MezzotintGallery *self, const char *path, guint *position)
{
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  gint64 id = mezzotint_gallery_find_id (self, canonical);

  for (guint i = 0; id != 0 && i < self->ids->len; i++)
    if (g_array_index (self->ids, gint64, i) == id)
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
mezzotint_gallery_is_busy (MezzotintGallery *self)
{
  return self->is_busy;
}

void
mezzotint_gallery_set_favourite (MezzotintGallery *self, MezzotintGalleryItem *item, gboolean is_favourite)
{
  if (self->worker == NULL)
    return;
  mezzotint_gallery_item_show_favourite (item, is_favourite);
  mezzotint_gallery_worker_set_favourite (self->worker, mezzotint_gallery_item_get_id (item),
                                          mezzotint_gallery_item_get_path (item), is_favourite);
}

GStrv
mezzotint_gallery_list_models (MezzotintGallery *self)
{
  return g_strdupv (self->models);
}

GStrv
mezzotint_gallery_list_samplers (MezzotintGallery *self)
{
  return g_strdupv (self->samplers);
}
