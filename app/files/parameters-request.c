/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From pairs to requests. */
#include "app/files/parameters-request-private.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "app/files/numbers.h"
#include "app/files/printable.h"

/* Of a value, in a note. */
#define MAX_SHOWN_CHARS 40

void
mezzotint_note_bad_value (MezzotintReading *reading, const char *key, const char *value)
{
  g_autofree char *shown = mezzotint_printable (value, MAX_SHOWN_CHARS);

  g_ptr_array_add (reading->notes,
                   g_strdup_printf (_ ("“%s: %s” cannot be used here and is left out."), key, shown));
}

static void
read_int (MezzotintReading *reading, const char *key, const char *value, int max, int *into)
{
  if (!mezzotint_parse_int (value, 1, max, into))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_steps (MezzotintReading *reading, const char *key, const char *value)
{
  read_int (reading, key, value, MZ_MAX_STEPS, &reading->request->steps);
}

static void
read_clip_skip (MezzotintReading *reading, const char *key, const char *value)
{
  read_int (reading, key, value, 100, &reading->request->clip_skip);
}

static void
read_guidance (MezzotintReading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_double (value, 0, MZ_MAX_GUIDANCE, &reading->request->guidance))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_seed (MezzotintReading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_uint64 (value, &reading->request->seed))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_size (MezzotintReading *reading, const char *key, const char *value)
{
  int width, height;

  if (!mezzotint_parse_size (value, MZ_MAX_SIZE_PX, &width, &height) || MIN (width, height) < MZ_MIN_SIZE_PX)
    {
      mezzotint_note_bad_value (reading, key, value);
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
read_sampler (MezzotintReading *reading, const char *key, const char *value)
{
  const MzMethodInfo *schedule, *sampler = find_joined (value, &schedule);
  const char *named = mezzotint_parameters_get (reading->parameters, "Schedule type");

  if (sampler == NULL)
    {
      mezzotint_note_bad_value (reading, key, value);
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
read_schedule (MezzotintReading *reading, const char *key, const char *value)
{
  const MzMethodInfo *schedule = mz_find_schedule (value, NULL);

  if (schedule != NULL)
    reading->request->schedule = schedule->id;
  else if (g_ascii_strcasecmp (value, "Automatic") != 0)
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_eta (MezzotintReading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_double (value, 0, 1, &reading->request->eta))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_model (MezzotintReading *reading, const char *key, const char *value)
{
  reading->recall->model = g_strdup (value);
}

static void
read_model_hash (MezzotintReading *reading, const char *key, const char *value)
{
  reading->recall->model_hash = g_ascii_strdown (value, -1);
}

static const MezzotintReader readers[] = {
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
};

static gboolean
read_pair (MezzotintReading *reading, const MezzotintPair *pair, const MezzotintReader *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    if (strcmp (rows[i].key, pair->key) == 0)
      {
        g_autofree char *value = g_strstrip (g_strdup (pair->value));

        rows[i].read (reading, pair->key, value);
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
  GPtrArray *understood = g_ptr_array_new (), *unused = g_ptr_array_new ();
  gsize n_noise_readers;
  const MezzotintReader *noise_readers = mezzotint_noise_readers (&n_noise_readers);
  MezzotintReading reading = { parameters, request, recall, g_ptr_array_new () };

  *recall = (MezzotintRecall){ 0 };
  g_free (request->prompt);
  g_free (request->negative_prompt);
  request->prompt = g_strdup (parameters->prompt);
  request->negative_prompt = g_strdup (parameters->negative_prompt);
  request->clip_skip = 1; /* what a missing key means */
  request->eta = -1;
  mezzotint_read_program (&reading);
  for (guint i = 0; i < parameters->pairs->len; i++)
    {
      const MezzotintPair *pair = &g_array_index (parameters->pairs, MezzotintPair, i);
      guint n_notes = reading.notes->len;

      if (!read_pair (&reading, pair, readers, G_N_ELEMENTS (readers))
          && !read_pair (&reading, pair, noise_readers, n_noise_readers))
        g_ptr_array_add (unused, g_strdup (pair->key));
      else if (reading.notes->len == n_notes)
        g_ptr_array_add (understood, g_strdup (pair->key));
    }
  recall->understood = steal_strings (understood);
  recall->unused = steal_strings (unused);
  recall->notes = steal_strings (reading.notes);
}

/* Appends to a GStrv. */
static void
add_note (MezzotintRecall *recall, char *note)
{
  guint n = g_strv_length (recall->notes);

  recall->notes = g_renew (char *, recall->notes, n + 2);
  recall->notes[n] = note;
  recall->notes[n + 1] = NULL;
}

void
mezzotint_recall_fit (MezzotintRecall *recall, MzRequest *request, const MzModelInfo *info)
{
  if (request->steps > info->max_steps)
    {
      add_note (recall,
                g_strdup_printf (
                    _ ("The picture has %d steps; this model takes %d at most, and so many are taken."),
                    request->steps, info->max_steps));
      request->steps = info->max_steps;
    }
  if (request->clip_skip > info->max_clip_skip)
    {
      add_note (recall, g_strdup_printf (
                            _ ("The picture has clip skip %d; this model's text encoder goes to %d at most, "
                               "which is taken."),
                            request->clip_skip, info->max_clip_skip));
      request->clip_skip = info->max_clip_skip;
    }
}

void
mezzotint_recall_clear (MezzotintRecall *recall)
{
  g_clear_pointer (&recall->model, g_free);
  g_clear_pointer (&recall->model_hash, g_free);
  g_clear_pointer (&recall->understood, g_strfreev);
  g_clear_pointer (&recall->unused, g_strfreev);
  g_clear_pointer (&recall->notes, g_strfreev);
}
