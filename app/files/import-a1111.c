/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A1111's text, and those who write it with their own words in it: Forge, stable-diffusion.cpp, Krita's
 * plug-in, ComfyUI's nodes, and Mezzotint. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import-private.h"
#include "app/files/png-file.h"

/* By the beginning of the pair "Version". */
static const struct
{
  const char *version, *program;
} programs[] = {
  { "Mezzotint", "Mezzotint" },
  { "stable-diffusion.cpp", "stable-diffusion.cpp" },
  { "ComfyUI", "ComfyUI" },
  { "Fooocus", "Fooocus" },
  { "f", "Forge" },
  { "neo", "Forge" },
  { "v", "A1111" },
};

static const char *
find_program (const MezzotintParameters *parameters)
{
  const char *version = mezzotint_parameters_get (parameters, "Version");
  const char *hash = mezzotint_parameters_get (parameters, "Model hash");

  if (g_strcmp0 (hash, "unknown") == 0)
    return "Krita";
  for (gsize i = 0; version != NULL && i < G_N_ELEMENTS (programs); i++)
    if (g_str_has_prefix (version, programs[i].version))
      return programs[i].program;
  return "A1111";
}

/* The plug-in writes the names of its presets, "Default - DPM++ 2M", and works through ComfyUI. */
static void
fit_krita (MezzotintDraft *draft)
{
  static const struct
  {
    const char *preset, *sampler, *schedule;
  } presets[] = {
    { "Default", "DPM++ 2M", "karras" },
    { "Alternative", "Euler a", "normal" },
  };
  const char *sampler = mezzotint_parameters_get (draft->parameters, "Sampler");

  for (gsize i = 0; sampler != NULL && i < G_N_ELEMENTS (presets); i++)
    if (g_str_has_prefix (sampler, presets[i].preset))
      {
        mezzotint_draft_set (draft, "Sampler", presets[i].sampler);
        mezzotint_draft_set (draft, "Schedule type", presets[i].schedule);
        break;
      }
  mezzotint_draft_drop (draft, "Model hash");
  mezzotint_draft_set_conventions (draft, "comfyui", "comfyui");
}

/* stable-diffusion.cpp writes the file's name. */
static void
fit_sdcpp (MezzotintDraft *draft)
{
  const char *file = mezzotint_parameters_get (draft->parameters, "Model");
  g_autofree char *name = file != NULL ? mezzotint_model_name_of_file (file) : NULL;

  mezzotint_draft_set (draft, "Model", name);
}

/* Names in <lora:NAME:WEIGHT>. */
static void
find_loras (MezzotintDraft *draft)
{
  static const char tag[] = "<lora:";

  for (const char *p = draft->parameters->prompt; (p = strstr (p, tag)) != NULL;)
    {
      g_autofree char *name = NULL;

      p += strlen (tag);
      name = g_strndup (p, strcspn (p, ":>\n"));
      mezzotint_draft_add_lora (draft, name);
    }
}

gboolean
mezzotint_import_a1111 (const MezzotintMetadata *metadata, MezzotintDraft *draft)
{
  const char *text = mezzotint_metadata_get (metadata, MEZZOTINT_PNG_PARAMETERS);

  if (text == NULL)
    text = mezzotint_metadata_get (metadata, "UserComment");
  if (text == NULL || *text == '{')
    return FALSE;
  draft->parameters = mezzotint_parameters_parse (text, NULL);
  if (draft->parameters == NULL)
    return FALSE;
  draft->program = find_program (draft->parameters);
  if (strcmp (draft->program, "Krita") == 0)
    fit_krita (draft);
  else if (strcmp (draft->program, "stable-diffusion.cpp") == 0)
    fit_sdcpp (draft);
  else if (strcmp (draft->program, "ComfyUI") == 0 || strcmp (draft->program, "Fooocus") == 0)
    mezzotint_draft_set_conventions (draft, "comfyui", "comfyui");
  find_loras (draft);
  return TRUE;
}
