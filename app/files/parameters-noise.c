/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From pairs to how a request draws its noise, is guided, and reads its prompts. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/numbers.h"
#include "app/files/parameters-request-private.h"
#include "app/files/printable.h"

/* ---- One key each ---- */

static void
read_variation_seed (MezzotintReading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_uint64 (value, &reading->request->variation_seed))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_fraction (MezzotintReading *reading, const char *key, const char *value, double *into)
{
  if (!mezzotint_parse_double (value, 0, 1, into))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_variation_strength (MezzotintReading *reading, const char *key, const char *value)
{
  read_fraction (reading, key, value, &reading->request->variation_strength);
}

static void
read_step_seed_delta (MezzotintReading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_int64 (value, &reading->request->step_seed_delta))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_gpu_threads (MezzotintReading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_int (value, 0, MZ_MAX_GPU_THREADS, &reading->request->gpu_threads))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_rescale (MezzotintReading *reading, const char *key, const char *value)
{
  read_fraction (reading, key, value, &reading->request->guidance_rescale);
}

static void
read_threshold (MezzotintReading *reading, const char *key, const char *value)
{
  read_fraction (reading, key, value, &reading->request->threshold_ratio);
}

static void
read_threshold_limit (MezzotintReading *reading, const char *key, const char *value)
{
  if (!mezzotint_parse_double (value, 1, MZ_MAX_THRESHOLD_LIMIT, &reading->request->threshold_limit))
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_noise_schedule (MezzotintReading *reading, const char *key, const char *value)
{
  reading->request->zero_snr = g_ascii_strcasecmp (value, MEZZOTINT_ZERO_SNR) == 0;
  if (!reading->request->zero_snr && g_ascii_strcasecmp (value, "Default") != 0)
    mezzotint_note_bad_value (reading, key, value);
}

static void
read_prompt_style (MezzotintReading *reading, const char *key, const char *value)
{
  const MzMethodInfo *style = mz_find_prompt_style (value, NULL);

  if (style != NULL)
    reading->request->prompt_style = style->id;
  else
    mezzotint_note_bad_value (reading, key, value);
}

/* A1111's ways with weights. */
static void
read_emphasis (MezzotintReading *reading, const char *key, const char *value)
{
  static const struct
  {
    const char *name, *style;
  } ways[] = { { "Original", "a1111" }, { "No norm", "a1111-no-norm" }, { "None", "plain" } };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    if (g_ascii_strcasecmp (value, ways[i].name) == 0)
      {
        reading->request->prompt_style = ways[i].style;
        return;
      }
  mezzotint_note_bad_value (reading, key, value);
}

/* mezzotint_read_program() has read it. */
static void
read_nothing (MezzotintReading *reading, const char *key, const char *value)
{
}

/* What the settings alone do not make again. */
static void
read_branch (MezzotintReading *reading, const char *key, const char *value)
{
  g_ptr_array_add (reading->notes,
                   g_strdup (_ ("The picture was branched from a step of another one; its settings "
                                "alone give another picture.")));
}

static void
read_weights (MezzotintReading *reading, const char *key, const char *value)
{
  if (g_str_equal (value, MEZZOTINT_WEIGHTS_8BIT))
    g_ptr_array_add (reading->notes,
                     g_strdup (_ ("The picture was made with 8-bit weights; with the file's own it "
                                  "differs a little.")));
}

static void
read_sums (MezzotintReading *reading, const char *key, const char *value)
{
  if (g_str_equal (value, MEZZOTINT_SUMS_HALF))
    g_ptr_array_add (reading->notes,
                     g_strdup (_ ("The picture may have been made with sums in half precision; without, it "
                                  "differs a little.")));
}

static const MezzotintReader readers[] = {
  { "Variation seed", read_variation_seed },
  { "Variation seed strength", read_variation_strength },
  { "ENSD", read_step_seed_delta },
  { MEZZOTINT_KEY_GPU_THREADS, read_gpu_threads },
  { MEZZOTINT_KEY_RESCALE, read_rescale },
  { MEZZOTINT_KEY_THRESHOLD, read_threshold },
  { MEZZOTINT_KEY_THRESHOLD_LIMIT, read_threshold_limit },
  { "Noise Schedule", read_noise_schedule },
  { MEZZOTINT_KEY_PROMPT_STYLE, read_prompt_style },
  { "Emphasis", read_emphasis },
  { MEZZOTINT_KEY_COMPATIBLE, read_nothing },
  { MEZZOTINT_KEY_BRANCH, read_branch },
  { MEZZOTINT_KEY_WEIGHTS, read_weights },
  { MEZZOTINT_KEY_SUMS, read_sums },
  { "RNG", read_nothing },
  { "Version", read_nothing },
};

const MezzotintReader *
mezzotint_noise_readers (gsize *n_readers)
{
  *n_readers = G_N_ELEMENTS (readers);
  return readers;
}

/* ---- Whose picture it is ---- */

typedef enum
{
  PROGRAM_UNKNOWN,
  PROGRAM_MEZZOTINT,
  PROGRAM_A1111, /* and Forge */
  PROGRAM_SDCPP,
} Program;

static Program
guess_program (const char *version, const char *rng)
{
  if (version == NULL) /* older ones say none; RNG is a word of A1111's */
    return rng != NULL ? PROGRAM_A1111 : PROGRAM_UNKNOWN;
  if (g_str_has_prefix (version, "Mezzotint"))
    return PROGRAM_MEZZOTINT;
  if (g_str_has_prefix (version, "stable-diffusion.cpp"))
    return PROGRAM_SDCPP;
  return (version[0] == 'v' || version[0] == 'f') && g_ascii_isdigit (version[1]) ? PROGRAM_A1111
                                                                                  : PROGRAM_UNKNOWN;
}

/* The compatibility that makes A1111's noise again; stable-diffusion.cpp's "cuda" is A1111's NV, its default,
 * too. NULL for a generator that is not known here. */
static const char *
compatibility_of_rng (Program program, const char *rng)
{
  if (rng == NULL)
    return program == PROGRAM_A1111 ? "a1111-gpu" : "a1111-nv";
  if (g_ascii_strcasecmp (rng, "CPU") == 0)
    return "a1111-cpu";
  if (g_ascii_strcasecmp (rng, "NV") == 0 || g_ascii_strcasecmp (rng, "cuda") == 0)
    return "a1111-nv";
  return g_ascii_strcasecmp (rng, "GPU") == 0 ? "a1111-gpu" : NULL;
}

static void
note_noise (MezzotintReading *reading, const char *rng)
{
  g_autofree char *shown = mezzotint_printable (rng != NULL ? rng : "", 40);

  if (rng == NULL && mezzotint_parameters_get (reading->parameters, "Seed") == NULL)
    return;
  if (rng == NULL)
    g_ptr_array_add (reading->notes,
                     g_strdup (_ ("The picture does not say where its noise came from, so the same seed "
                                  "may give another picture.")));
  else
    g_ptr_array_add (
        reading->notes,
        g_strdup_printf (_ ("The picture's noise came from another generator (%s), so the same seed "
                            "gives another picture."),
                         shown));
}

static void
read_compatibility (MezzotintReading *reading)
{
  const char *named = mezzotint_parameters_get (reading->parameters, MEZZOTINT_KEY_COMPATIBLE);
  const char *rng = mezzotint_parameters_get (reading->parameters, "RNG");
  Program program = guess_program (mezzotint_parameters_get (reading->parameters, "Version"), rng);
  const MzMethodInfo *row = named != NULL ? mz_find_compatibility (named, NULL) : NULL;
  const char *id = NULL;

  if (named != NULL && row == NULL)
    mezzotint_note_bad_value (reading, MEZZOTINT_KEY_COMPATIBLE, named);
  if (row != NULL)
    id = row->id;
  else if (program == PROGRAM_MEZZOTINT)
    id = "diffusers";
  else if (program != PROGRAM_UNKNOWN)
    id = compatibility_of_rng (program, rng);
  if (id != NULL)
    reading->request->compatibility = mz_find_compatibility (id, NULL)->id;
  else
    note_noise (reading, rng);
}

void
mezzotint_read_program (MezzotintReading *reading)
{
  MzRequest *request = reading->request;

  request->prompt_style = "a1111"; /* whose text this is, after all */
  request->variation_strength = 0;
  request->variation_seed = 0;
  request->step_seed_delta = 0;
  request->gpu_threads = 0;
  request->guidance_rescale = 0;
  request->threshold_ratio = 0;
  request->zero_snr = FALSE;
  read_compatibility (reading);
}
