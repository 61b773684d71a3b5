/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Between requests and pairs. */
#include "app/files/parameters-request.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "app/files/numbers.h"

/* ---- Out ---- */

/* The label, as other programs know it, unless it would make the whole text unreadable to those that take
 * plain Latin text only. */
static const char *
name_for_others (const MzMethodInfo *info)
{
  return g_str_is_ascii (info->label) ? info->label : info->id;
}

static void
set_int (MezzotintParameters *parameters, const char *key, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  mezzotint_parameters_set (parameters, key, text);
}

static void
set_double (MezzotintParameters *parameters, const char *key, double value)
{
  g_autofree char *text = mezzotint_format_double (value);

  mezzotint_parameters_set (parameters, key, text);
}

MezzotintParameters *
mezzotint_parameters_from_request (const MzRequest *request,
                                   guint64 seed,
                                   const char *model_name,
                                   const char *model_sha256)
{
  MezzotintParameters *parameters = mezzotint_parameters_new (request->prompt, request->negative_prompt);
  const MzMethodInfo *sampler = mz_find_sampler (request->sampler, NULL);
  const MzMethodInfo *schedule = mz_find_schedule (request->schedule, NULL);
  g_autofree char *seed_text = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);
  g_autofree char *size = g_strdup_printf ("%dx%d", request->width, request->height);
  g_autofree char *hash = g_strndup (model_sha256 != NULL ? model_sha256 : "", MEZZOTINT_MODEL_HASH_DIGITS);

  set_int (parameters, "Steps", request->steps);
  mezzotint_parameters_set (parameters, "Sampler", sampler != NULL ? name_for_others (sampler) : NULL);
  mezzotint_parameters_set (parameters, "Schedule type",
                            schedule != NULL ? name_for_others (schedule) : NULL);
  set_double (parameters, "CFG scale", request->guidance);
  mezzotint_parameters_set (parameters, "Seed", seed_text);
  mezzotint_parameters_set (parameters, "Size", size);
  mezzotint_parameters_set (parameters, "Model hash", hash);
  mezzotint_parameters_set (parameters, "Model", model_name);
  if (request->clip_skip > 1)
    set_int (parameters, "Clip skip", request->clip_skip);
  mezzotint_parameters_set (parameters, "RNG", "CPU");
  if (request->eta >= 0)
    set_double (parameters, g_str_equal (request->sampler, "ddim") ? "Eta DDIM" : "Eta", request->eta);
  mezzotint_parameters_set (parameters, "Version", "Mezzotint " MEZZOTINT_VERSION);
  return parameters;
}

/* ---- In ---- */

typedef struct
{
  const MezzotintParameters *parameters;
  MzRequest *request;
  MezzotintRecall *recall;
  GPtrArray *notes; /* sentences */
} Reading;

G_GNUC_PRINTF (2, 3)
static void
note (Reading *reading, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (reading->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static void
note_bad_value (Reading *reading, const char *key, const char *value)
{
  g_autofree char *cut = g_utf8_substring (value, 0, MIN (g_utf8_strlen (value, -1), 40));

  note (reading, _ ("“%s: %s” cannot be used here and is left out."), key, cut);
}

static void
read_int (Reading *reading, const char *key, const char *value, int max, int *into)
{
  if (!mezzotint_parse_int (value, 1, max, into))
    note_bad_value (reading, key, value);
}

static void
read_steps (Reading *reading, const char *key, const char *value)
{
  read_int (reading, key, value, MZ_MAX_STEPS, &reading->request->steps);
}

static void
read_clip_skip (Reading *reading, const char *key, const char *value)
{
  read_int (reading, key, value, 100, &reading->request->clip_skip);
}

static void
read_guidance (Reading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_double (value, 0, MZ_MAX_GUIDANCE, &reading->request->guidance))
    note_bad_value (reading, key, value);
}

static void
read_seed (Reading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_uint64 (value, &reading->request->seed))
    note_bad_value (reading, key, value);
}

static void
read_size (Reading *reading, const char *key, const char *value)
{
  int width, height;

  if (!mezzotint_parse_size (value, MZ_MAX_SIZE_PX, &width, &height) || MIN (width, height) < MZ_MIN_SIZE_PX)
    {
      note_bad_value (reading, key, value);
      return;
    }
  reading->request->width = width;
  reading->request->height = height;
}

/* Programs before A1111 1.9, and stable-diffusion.cpp, join the two: "DPM++ 2M Karras", "euler_a karras".
 * Sets *schedule to NULL when there is none in `value`. */
static const MzMethodInfo *
find_joined (const char *value, const MzMethodInfo **schedule)
{
  g_autofree char *head = NULL;
  const MzMethodInfo *sampler = mz_find_sampler (value, NULL);
  const char *space = strrchr (value, ' ');

  *schedule = NULL;
  if (sampler != NULL || space == NULL)
    return sampler;
  head = g_strndup (value, space - value);
  sampler = mz_find_sampler (head, NULL);
  *schedule = sampler != NULL ? mz_find_schedule (space + 1, NULL) : NULL;
  return *schedule != NULL ? sampler : NULL;
}

/* Was the text written by a program for which a missing schedule means the sampler's own? That is A1111
 * from 1.9 on; before, the schedule was in the sampler's name, and no name meant uniform. */
static gboolean
has_automatic_schedules (const MezzotintParameters *parameters)
{
  const char *version = mezzotint_parameters_get (parameters, "Version");
  int major, minor;

  if (version == NULL || sscanf (version, "v%3d.%3d", &major, &minor) != 2)
    return version != NULL;
  return major > 1 || (major == 1 && minor >= 9);
}

/* What A1111 takes for "Automatic": see the options of its samplers' table. Those that it has from CompVis
 * know no schedules; the model's own spacing is nearest to theirs. */
static const char *
automatic_schedule (const MzMethodInfo *sampler, gboolean is_old)
{
  static const char *const karras[]
      = { "dpmpp_2m", "dpmpp_sde", "dpmpp_2s_a", "dpm2", "dpm2_a", "restart", NULL };
  static const char *const exponential[] = { "dpmpp_2m_sde", "dpmpp_2m_sde_heun", "dpmpp_3m_sde", NULL };
  static const char *const compvis[] = { "ddim", "plms", "ddpm", NULL };

  if (g_strv_contains (compvis, sampler->id))
    return sampler->default_schedule;
  if (!is_old && g_strv_contains (karras, sampler->id))
    return "karras";
  if (!is_old && g_strv_contains (exponential, sampler->id))
    return "exponential";
  return "uniform";
}

static void
read_sampler (Reading *reading, const char *key, const char *value)
{
  const MzMethodInfo *schedule, *sampler = find_joined (value, &schedule);
  const char *named = mezzotint_parameters_get (reading->parameters, "Schedule type");

  if (sampler == NULL)
    {
      note_bad_value (reading, key, value);
      return;
    }
  reading->request->sampler = sampler->id;
  if (named != NULL && g_ascii_strcasecmp (named, "Automatic") != 0)
    return; /* read_schedule() sees to it */
  if (schedule != NULL)
    reading->request->schedule = schedule->id;
  else
    reading->request->schedule
        = automatic_schedule (sampler, named == NULL && !has_automatic_schedules (reading->parameters));
}

static void
read_schedule (Reading *reading, const char *key, const char *value)
{
  const MzMethodInfo *schedule = mz_find_schedule (value, NULL);

  if (schedule != NULL)
    reading->request->schedule = schedule->id;
  else if (g_ascii_strcasecmp (value, "Automatic") != 0)
    note_bad_value (reading, key, value);
}

static void
read_eta (Reading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_double (value, 0, 1, &reading->request->eta))
    note_bad_value (reading, key, value);
}

static void
read_model (Reading *reading, const char *key, const char *value)
{
  reading->recall->model = g_strdup (value);
}

static void
read_model_hash (Reading *reading, const char *key, const char *value)
{
  reading->recall->model_hash = g_ascii_strdown (value, -1);
}

static void
read_version (Reading *reading, const char *key, const char *value)
{
}

static void
read_rng (Reading *reading, const char *key, const char *value)
{
  if (g_ascii_strcasecmp (value, "CPU") != 0)
    note (reading,
          _ ("The picture's noise came from another generator (%s), so the same seed gives another picture."),
          value);
}

static const struct
{
  const char *key;
  void (*read) (Reading *reading, const char *key, const char *value);
} readers[] = {
  { "Steps", read_steps },
  { "Sampler", read_sampler },
  { "Schedule type", read_schedule },
  { "CFG scale", read_guidance },
  { "Seed", read_seed },
  { "Size", read_size },
  { "Clip skip", read_clip_skip },
  { "Eta DDIM", read_eta },
  { "Eta", read_eta },
  { "Model", read_model },
  { "Model hash", read_model_hash },
  { "RNG", read_rng },
  { "Version", read_version },
};

static gboolean
read_pair (Reading *reading, const MezzotintPair *pair)
{
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    if (strcmp (readers[i].key, pair->key) == 0)
      {
        g_autofree char *value = g_strstrip (g_strdup (pair->value));

        readers[i].read (reading, pair->key, value);
        return TRUE;
      }
  return FALSE;
}

static GStrv
steal_strings (GPtrArray *strings)
{
  g_ptr_array_add (strings, NULL);
  return (GStrv) g_ptr_array_free (strings, FALSE);
}

void
mezzotint_parameters_apply (const MezzotintParameters *parameters,
                            MzRequest *request,
                            MezzotintRecall *recall)
{
  GPtrArray *unused = g_ptr_array_new ();
  Reading reading = { parameters, request, recall, g_ptr_array_new () };

  *recall = (MezzotintRecall){ 0 };
  g_free (request->prompt);
  g_free (request->negative_prompt);
  request->prompt = g_strdup (parameters->prompt);
  request->negative_prompt = g_strdup (parameters->negative_prompt);
  request->clip_skip = 1; /* what a missing key means */
  request->eta = -1;
  for (guint i = 0; i < parameters->pairs->len; i++)
    {
      const MezzotintPair *pair = &g_array_index (parameters->pairs, MezzotintPair, i);

      if (!read_pair (&reading, pair))
        g_ptr_array_add (unused, g_strdup (pair->key));
    }
  if (mezzotint_parameters_get (parameters, "Seed") != NULL
      && mezzotint_parameters_get (parameters, "RNG") == NULL)
    note (
        &reading,
        _ ("The picture does not say where its noise came from, so the same seed may give another picture."));
  recall->unused = steal_strings (unused);
  recall->notes = steal_strings (reading.notes);
}

void
mezzotint_recall_clear (MezzotintRecall *recall)
{
  g_clear_pointer (&recall->model, g_free);
  g_clear_pointer (&recall->model_hash, g_free);
  g_clear_pointer (&recall->unused, g_strfreev);
  g_clear_pointer (&recall->notes, g_strfreev);
}
