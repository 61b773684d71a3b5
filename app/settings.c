/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Settings as properties: each is a key of the schema where that has it, else a value in memory. */
#include "app/settings.h"

#include <glib/gi18n.h>

#include "app/settings-keys.h"
#include "app/settings-store.h"

#define PICTURES_SUBFOLDER "Mezzotint"

struct _MezzotintSettings
{
  GObject parent_instance;
  GSettingsSchema *schema; /* NULL: none was found */
  GSettings *store;        /* likewise */
  GPtrArray *values;       /* GVariant by property, of those that are not kept; NULL: kept in the store */
  char *problem;
};

G_DEFINE_FINAL_TYPE (MezzotintSettings, mezzotint_settings, G_TYPE_OBJECT)

static const MezzotintKey *
get_key (guint property_id)
{
  guint n;

  return &mezzotint_settings_keys (&n)[property_id - 1];
}

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintSettings *self = MEZZOTINT_SETTINGS (object);
  const MezzotintKey *key = get_key (property_id);
  GVariant *in_memory = g_ptr_array_index (self->values, property_id - 1);
  g_autoptr (GVariant) variant
      = in_memory != NULL ? g_variant_ref (in_memory) : g_settings_get_value (self->store, key->name);

  mezzotint_key_to_value (key, variant, value);
}

/* Takes `variant` (floating or not) for a setting that is not kept. */
static void
put_in_memory (MezzotintSettings *self, guint index, GVariant *variant)
{
  GVariant **slot = (GVariant **) &g_ptr_array_index (self->values, index);

  g_clear_pointer (slot, g_variant_unref);
  *slot = g_variant_ref_sink (variant);
}

static gboolean
is_in_range (MezzotintSettings *self, const char *name, GVariant *variant)
{
  g_autoptr (GSettingsSchemaKey) key = g_settings_schema_get_key (self->schema, name);

  return g_settings_schema_key_range_check (key, variant);
}

static void
set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  MezzotintSettings *self = MEZZOTINT_SETTINGS (object);
  const MezzotintKey *key = get_key (property_id);
  g_autoptr (GVariant) variant = g_variant_ref_sink (mezzotint_key_to_variant (key, value));
  GVariant *in_memory = g_ptr_array_index (self->values, property_id - 1);

  if (in_memory == NULL && is_in_range (self, key->name, variant))
    {
      /* "changed" notifies. Where the system forbids the change, whoever is bound must go back. */
      if (!g_settings_set_value (self->store, key->name, variant))
        g_object_notify_by_pspec (object, pspec);
      return;
    }
  if (in_memory != NULL && g_variant_equal (in_memory, variant))
    return;
  put_in_memory (self, property_id - 1, variant);
  g_object_notify_by_pspec (object, pspec);
}

static void
dispose (GObject *object)
{
  MezzotintSettings *self = MEZZOTINT_SETTINGS (object);

  if (self->store != NULL)
    g_signal_handlers_disconnect_by_data (self->store, self);
  G_OBJECT_CLASS (mezzotint_settings_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  MezzotintSettings *self = MEZZOTINT_SETTINGS (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->schema, g_settings_schema_unref);
  g_ptr_array_unref (self->values);
  g_free (self->problem);
  G_OBJECT_CLASS (mezzotint_settings_parent_class)->finalize (object);
}

static void
mezzotint_settings_class_init (MezzotintSettingsClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  guint n_keys;
  const MezzotintKey *keys = mezzotint_settings_keys (&n_keys);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  for (guint i = 0; i < n_keys; i++)
    g_object_class_install_property (object_class, i + 1, mezzotint_key_to_pspec (&keys[i]));
}

/* Does the schema know `key`, in a form that this version can read and write? */
static gboolean
is_kept (MezzotintSettings *self, const MezzotintKey *key)
{
  g_autoptr (GSettingsSchemaKey) described = NULL;

  if (self->schema == NULL || !g_settings_schema_has_key (self->schema, key->name))
    return FALSE;
  described = g_settings_schema_get_key (self->schema, key->name);
  return g_variant_type_equal (g_settings_schema_key_get_value_type (described),
                               mezzotint_key_get_variant_type (key));
}

static void
changed_cb (GSettings *store, const char *name, gpointer data)
{
  MezzotintSettings *self = data;
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), name);
  guint n_keys;
  const MezzotintKey *keys = mezzotint_settings_keys (&n_keys);

  /* A newer schema has keys that we do not; a value that did not fit an older one is in memory. */
  for (guint i = 0; pspec != NULL && i < n_keys; i++)
    if (g_str_equal (keys[i].name, name) && is_kept (self, &keys[i]))
      {
        g_clear_pointer ((GVariant **) &g_ptr_array_index (self->values, i), g_variant_unref);
        g_object_notify_by_pspec (G_OBJECT (self), pspec);
      }
}

static void
clear_value (gpointer variant)
{
  if (variant != NULL)
    g_variant_unref (variant);
}

static void
mezzotint_settings_init (MezzotintSettings *self)
{
  guint n_keys, n_missing = 0;
  const MezzotintKey *keys = mezzotint_settings_keys (&n_keys);

  self->schema = mezzotint_settings_find_schema ();
  if (self->schema != NULL)
    self->store = mezzotint_settings_open_store (self->schema);
  self->values = g_ptr_array_new_full (n_keys, clear_value);
  g_ptr_array_set_size (self->values, (int) n_keys);
  for (guint i = 0; i < n_keys; i++)
    if (!is_kept (self, &keys[i]))
      {
        put_in_memory (self, i, mezzotint_key_get_initial (&keys[i]));
        n_missing++;
      }
  if (self->schema == NULL)
    self->problem = g_strdup (
        _ ("Settings are forgotten when the program ends, since a part of its installation is missing."));
  else if (n_missing > 0)
    self->problem
        = g_strdup_printf (ngettext ("%u setting is forgotten when the program ends, since a part of its "
                                     "installation is of another version.",
                                     "%u settings are forgotten when the program ends, since a part of its "
                                     "installation is of another version.",
                                     n_missing),
                           n_missing);
  if (self->store != NULL)
    g_signal_connect (self->store, "changed", G_CALLBACK (changed_cb), self);
}

MezzotintSettings *
mezzotint_settings_new (void)
{
  return g_object_new (MEZZOTINT_TYPE_SETTINGS, NULL);
}

const char *
mezzotint_settings_get_problem (MezzotintSettings *self)
{
  return self->problem;
}

void
mezzotint_settings_reset (MezzotintSettings *self, const char *key)
{
  guint n_keys;
  const MezzotintKey *keys = mezzotint_settings_keys (&n_keys);

  for (guint i = 0; i < n_keys; i++)
    if (g_str_equal (keys[i].name, key))
      {
        if (is_kept (self, &keys[i]))
          {
            g_clear_pointer ((GVariant **) &g_ptr_array_index (self->values, i), g_variant_unref);
            g_settings_reset (self->store, key);
          }
        else
          put_in_memory (self, i, mezzotint_key_get_initial (&keys[i]));
        g_object_notify (G_OBJECT (self), key);
        return;
      }
  g_return_if_reached ();
}

char *
mezzotint_settings_get_output_folder (MezzotintSettings *self)
{
  g_autofree char *chosen = NULL;
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);

  g_object_get (self, "output-folder", &chosen, NULL);
  if (*chosen != '\0')
    return g_steal_pointer (&chosen);
  return g_build_filename (pictures != NULL ? pictures : g_get_home_dir (), PICTURES_SUBFOLDER, NULL);
}
