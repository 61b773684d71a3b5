/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of settings, and conversions of their values. */
#include "app/settings-keys.h"

#include "app/files/path-text.h"

#define INT(name, low, high, initial)                                                                        \
  {                                                                                                          \
    name, MEZZOTINT_KEY_INT, low, high, initial, NULL, NULL                                                  \
  }
#define BOOL(name, initial)                                                                                  \
  {                                                                                                          \
    name, MEZZOTINT_KEY_BOOL, 0, 1, initial, NULL, NULL                                                      \
  }
#define TEXT(name, initial)                                                                                  \
  {                                                                                                          \
    name, MEZZOTINT_KEY_TEXT, 0, 0, 0, initial, NULL                                                         \
  }
#define CHOICE(name, initial, choices)                                                                       \
  {                                                                                                          \
    name, MEZZOTINT_KEY_TEXT, 0, 0, 0, initial, choices                                                      \
  }

static const char *const pages[] = { "create", "gallery", NULL };
static const char *const devices[] = { "auto", "cpu", "cuda", NULL };
static const char *const previews[] = { "off", "linear", "vae", NULL };

static const MezzotintKey keys[] = {
  INT ("window-width", 0, 32767, 1120),
  INT ("window-height", 0, 32767, 760),
  BOOL ("window-maximized", FALSE),
  CHOICE ("page", "create", pages),
  CHOICE ("device", "auto", devices),
  INT ("threads", 0, 1024, 0),
  INT ("memory-limit-mb", 0, G_MAXINT, 0),
  INT ("vram-limit-mb", 0, G_MAXINT, 0),
  BOOL ("half-sums", FALSE),
  INT ("at-once", 1, 16, 1),
  { "model-folders", MEZZOTINT_KEY_PATHS, 0, 0, 0, NULL, NULL },
  { "output-folder", MEZZOTINT_KEY_PATH, 0, 0, 0, NULL, NULL },
  TEXT ("file-name-pattern", "{date}-{seed}"),
  CHOICE ("preview", "linear", previews),
  INT ("timeline-mb", 0, 65536, 256),
  BOOL ("notify", TRUE),
  { "model", MEZZOTINT_KEY_PATH, 0, 0, 0, NULL, NULL },
  TEXT ("prompt", ""),
  TEXT ("negative-prompt", ""),
  INT ("width", 0, 8192, 0),
  INT ("height", 0, 8192, 0),
  INT ("steps", 0, 1000, 0),
  TEXT ("sampler", ""),
  TEXT ("schedule", ""),
  { "guidance", MEZZOTINT_KEY_DOUBLE, -1, 100, -1, NULL, NULL },
  INT ("clip-skip", 0, 100, 0),
  { "eta", MEZZOTINT_KEY_DOUBLE, -1, 1, -1, NULL, NULL },
  TEXT ("compatibility", ""),
  TEXT ("prompt-style", ""),
  { "variation-strength", MEZZOTINT_KEY_DOUBLE, 0, 1, 0, NULL, NULL },
  TEXT ("variation-seed", ""),
  { "guidance-rescale", MEZZOTINT_KEY_DOUBLE, 0, 1, 0, NULL, NULL },
  TEXT ("other-settings", ""),
  TEXT ("seed", ""),
  BOOL ("keep-seed", FALSE),
  INT ("count", 1, 10000, 1),
  BOOL ("first-start", TRUE),
};

const MezzotintKey *
mezzotint_settings_keys (guint *n_keys)
{
  *n_keys = G_N_ELEMENTS (keys);
  return keys;
}

GParamSpec *
mezzotint_key_to_pspec (const MezzotintKey *key)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  switch (key->kind)
    {
    case MEZZOTINT_KEY_BOOL:
      return g_param_spec_boolean (key->name, NULL, NULL, key->initial != 0, flags);
    case MEZZOTINT_KEY_INT:
      return g_param_spec_int (key->name, NULL, NULL, (int) key->low, (int) key->high, (int) key->initial,
                               flags);
    case MEZZOTINT_KEY_DOUBLE:
      return g_param_spec_double (key->name, NULL, NULL, key->low, key->high, key->initial, flags);
    case MEZZOTINT_KEY_PATHS:
      return g_param_spec_boxed (key->name, NULL, NULL, G_TYPE_STRV, flags);
    case MEZZOTINT_KEY_TEXT:
    case MEZZOTINT_KEY_PATH:
    default:
      return g_param_spec_string (key->name, NULL, NULL, key->initial_text != NULL ? key->initial_text : "",
                                  flags);
    }
}

const GVariantType *
mezzotint_key_get_variant_type (const MezzotintKey *key)
{
  switch (key->kind)
    {
    case MEZZOTINT_KEY_BOOL:
      return G_VARIANT_TYPE_BOOLEAN;
    case MEZZOTINT_KEY_INT:
      return G_VARIANT_TYPE_INT32;
    case MEZZOTINT_KEY_DOUBLE:
      return G_VARIANT_TYPE_DOUBLE;
    case MEZZOTINT_KEY_PATHS:
      return G_VARIANT_TYPE_STRING_ARRAY;
    case MEZZOTINT_KEY_TEXT:
    case MEZZOTINT_KEY_PATH:
    default:
      return G_VARIANT_TYPE_STRING;
    }
}

static GStrv
paths_from_variant (GVariant *variant)
{
  GStrv paths = g_variant_dup_strv (variant, NULL);

  for (gsize i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *text = paths[i];

      paths[i] = mezzotint_path_from_text (text);
    }
  return paths;
}

static const char *
check_choice (const MezzotintKey *key, const char *text)
{
  return key->choices == NULL || g_strv_contains (key->choices, text) ? text : key->initial_text;
}

void
mezzotint_key_to_value (const MezzotintKey *key, GVariant *variant, GValue *value)
{
  double number;

  switch (key->kind)
    {
    case MEZZOTINT_KEY_BOOL:
      g_value_set_boolean (value, g_variant_get_boolean (variant));
      break;
    case MEZZOTINT_KEY_INT:
      g_value_set_int (value, CLAMP (g_variant_get_int32 (variant), (int) key->low, (int) key->high));
      break;
    case MEZZOTINT_KEY_DOUBLE:
      number = g_variant_get_double (variant);
      g_value_set_double (value, number >= key->low && number <= key->high ? number : key->initial);
      break;
    case MEZZOTINT_KEY_PATHS:
      g_value_take_boxed (value, paths_from_variant (variant));
      break;
    case MEZZOTINT_KEY_PATH:
      g_value_take_string (value, mezzotint_path_from_text (g_variant_get_string (variant, NULL)));
      break;
    case MEZZOTINT_KEY_TEXT:
    default:
      g_value_set_string (value, check_choice (key, g_variant_get_string (variant, NULL)));
    }
}

static GVariant *
paths_to_variant (GStrv paths)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  for (gsize i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      g_autofree char *text = mezzotint_path_to_text (paths[i]);

      g_variant_builder_add (&builder, "s", text);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
text_to_variant (const MezzotintKey *key, const char *text)
{
  if (text == NULL || *text == '\0')
    return g_variant_new_string (check_choice (key, ""));
  if (key->kind == MEZZOTINT_KEY_PATH)
    return g_variant_new_take_string (mezzotint_path_to_text (text));
  return g_variant_new_take_string (g_utf8_make_valid (check_choice (key, text), -1));
}

GVariant *
mezzotint_key_to_variant (const MezzotintKey *key, const GValue *value)
{
  switch (key->kind)
    {
    case MEZZOTINT_KEY_BOOL:
      return g_variant_new_boolean (g_value_get_boolean (value));
    case MEZZOTINT_KEY_INT:
      return g_variant_new_int32 (g_value_get_int (value));
    case MEZZOTINT_KEY_DOUBLE:
      return g_variant_new_double (g_value_get_double (value));
    case MEZZOTINT_KEY_PATHS:
      return paths_to_variant (g_value_get_boxed (value));
    case MEZZOTINT_KEY_TEXT:
    case MEZZOTINT_KEY_PATH:
    default:
      return text_to_variant (key, g_value_get_string (value));
    }
}

GVariant *
mezzotint_key_get_initial (const MezzotintKey *key)
{
  switch (key->kind)
    {
    case MEZZOTINT_KEY_BOOL:
      return g_variant_new_boolean (key->initial != 0);
    case MEZZOTINT_KEY_INT:
      return g_variant_new_int32 ((int) key->initial);
    case MEZZOTINT_KEY_DOUBLE:
      return g_variant_new_double (key->initial);
    case MEZZOTINT_KEY_PATHS:
      return g_variant_new_strv (NULL, 0);
    case MEZZOTINT_KEY_TEXT:
    case MEZZOTINT_KEY_PATH:
    default:
      return g_variant_new_string (key->initial_text != NULL ? key->initial_text : "");
    }
}
