/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a model's recommended settings. */
#include "io/model-defaults.h"

#include "core/printable.h"
#include "io/json-config.h"

#define DEFAULTS_FILE "defaults.json"
#define MAX_STEPS 1000
#define MAX_GUIDANCE_SCALE 100.0

MzModelDefaults *
mz_model_defaults_read (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, DEFAULTS_FILE, NULL);
  g_autoptr (MzModelDefaults) defaults = NULL;
  g_autoptr (MzJsonConfig) json = NULL;
  const char *sampler = NULL, *schedule = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  json = mz_json_config_open (path, error);
  if (json == NULL)
    return NULL;
  defaults = g_new0 (MzModelDefaults, 1);
  defaults->guidance_scale = -1;
  mz_json_config_string (json, "sampler", &sampler);
  mz_json_config_string (json, "schedule", &schedule);
  if (sampler != NULL && !mz_is_printable (sampler))
    mz_json_config_fail (json, MZ_ERROR_FORMAT, "sampler", "is not a name");
  if (schedule != NULL && !mz_is_printable (schedule))
    mz_json_config_fail (json, MZ_ERROR_FORMAT, "schedule", "is not a name");
  mz_json_config_int (json, "steps", 1, MAX_STEPS, &defaults->steps);
  mz_json_config_float (json, "guidance_scale", 0, MAX_GUIDANCE_SCALE, &defaults->guidance_scale);
  if (!mz_json_config_finish (json, error))
    return NULL;
  defaults->sampler = g_strdup (sampler);
  defaults->schedule = g_strdup (schedule);
  return g_steal_pointer (&defaults);
}

void
mz_model_defaults_free (MzModelDefaults *defaults)
{
  g_free (defaults->sampler);
  g_free (defaults->schedule);
  g_free (defaults);
}
