/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two lists of settings as one. */
#include "app/files/parameters-compare.h"

#include <glib/gi18n.h>

#include "app/files/numbers.h"

static void
setting_pair_free (gpointer data)
{
  MezzotintSettingPair *pair = data;

  g_free (pair->key);
  g_free (pair->first);
  g_free (pair->second);
  g_free (pair);
}

static gboolean
are_equal (const char *first, const char *second)
{
  double a, b;

  if (g_strcmp0 (first, second) == 0)
    return TRUE;
  /* Seeds are told apart by their digits: a double does not hold all of them. */
  return mezzotint_parse_double (first, -1e9, 1e9, &a) && mezzotint_parse_double (second, -1e9, 1e9, &b)
         && a == b;
}

static void
add (GPtrArray *pairs, const char *key, const char *first, const char *second)
{
  MezzotintSettingPair *pair = g_new0 (MezzotintSettingPair, 1);

  pair->key = g_strdup (key);
  pair->first = g_strdup (first);
  pair->second = g_strdup (second);
  pair->differs = !are_equal (first, second);
  g_ptr_array_add (pairs, pair);
}

static const char *
get (const MezzotintParameters *parameters, const char *key)
{
  return parameters != NULL ? mezzotint_parameters_get (parameters, key) : NULL;
}

/* An empty prompt is one, unless nothing is known of the picture. */
static void
add_prompts (GPtrArray *pairs, const MezzotintParameters *first, const MezzotintParameters *second)
{
  const char *first_negative = first != NULL ? first->negative_prompt : NULL;
  const char *second_negative = second != NULL ? second->negative_prompt : NULL;

  add (pairs, _ ("Prompt"), first != NULL ? first->prompt : NULL, second != NULL ? second->prompt : NULL);
  if ((first_negative != NULL && *first_negative != '\0')
      || (second_negative != NULL && *second_negative != '\0'))
    add (pairs, _ ("Negative prompt"), first_negative, second_negative);
}

GPtrArray *
mezzotint_parameters_compare (const MezzotintParameters *first, const MezzotintParameters *second)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (setting_pair_free);

  if (first == NULL && second == NULL)
    return pairs;
  add_prompts (pairs, first, second);
  for (guint i = 0; first != NULL && i < first->pairs->len; i++)
    {
      const MezzotintPair *pair = &g_array_index (first->pairs, MezzotintPair, i);

      add (pairs, pair->key, pair->value, get (second, pair->key));
    }
  for (guint i = 0; second != NULL && i < second->pairs->len; i++)
    {
      const MezzotintPair *pair = &g_array_index (second->pairs, MezzotintPair, i);

      if (get (first, pair->key) == NULL)
        add (pairs, pair->key, NULL, pair->value);
    }
  return pairs;
}
