/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Filling drafts. */
#include <string.h>

#include "app/files/import-private.h"
#include "app/files/printable.h"

/* As many settings that are not used are named. */
#define MAX_UNUSED 100
#define MAX_LORAS 100
#define MAX_NAME_CHARS 60

void
mezzotint_draft_init (MezzotintDraft *draft)
{
  draft->program = NULL;
  draft->parameters = NULL;
  draft->loras = g_ptr_array_new_with_free_func (g_free);
  draft->unused = g_ptr_array_new_with_free_func (g_free);
  draft->notes = g_ptr_array_new_with_free_func (g_free);
}

void
mezzotint_draft_clear (MezzotintDraft *draft)
{
  g_clear_pointer (&draft->parameters, mezzotint_parameters_free);
  g_clear_pointer (&draft->loras, g_ptr_array_unref);
  g_clear_pointer (&draft->unused, g_ptr_array_unref);
  g_clear_pointer (&draft->notes, g_ptr_array_unref);
}

void
mezzotint_draft_set_prompts (MezzotintDraft *draft, const char *prompt, const char *negative_prompt)
{
  g_clear_pointer (&draft->parameters, mezzotint_parameters_free);
  draft->parameters = mezzotint_parameters_new (prompt, negative_prompt);
}

void
mezzotint_draft_set (MezzotintDraft *draft, const char *key, const char *value)
{
  mezzotint_parameters_set (draft->parameters, key, value);
}

void
mezzotint_draft_drop (MezzotintDraft *draft, const char *key)
{
  GArray *pairs = draft->parameters->pairs;

  for (guint i = 0; i < pairs->len; i++)
    if (strcmp (g_array_index (pairs, MezzotintPair, i).key, key) == 0)
      {
        g_array_remove_index (pairs, i);
        return;
      }
}

void
mezzotint_draft_set_size (MezzotintDraft *draft, const char *width, const char *height)
{
  g_autofree char *size = NULL;

  if (width == NULL || height == NULL)
    return;
  size = g_strdup_printf ("%sx%s", width, height);
  mezzotint_draft_set (draft, "Size", size);
}

void
mezzotint_draft_set_conventions (MezzotintDraft *draft, const char *compatibility, const char *style)
{
  mezzotint_draft_set (draft, "Compatible with", compatibility);
  mezzotint_draft_set (draft, "Prompt style", style);
}

void
mezzotint_draft_note (MezzotintDraft *draft, const char *sentence)
{
  if (!g_ptr_array_find_with_equal_func (draft->notes, sentence, g_str_equal, NULL))
    g_ptr_array_add (draft->notes, g_strdup (sentence));
}

/* Puts a name into a list, printable, once, and up to a limit. */
static void
add_name (GPtrArray *names, const char *name, guint limit)
{
  g_autofree char *shown = mezzotint_printable (name, MAX_NAME_CHARS);

  if (*shown != '\0' && names->len < limit
      && !g_ptr_array_find_with_equal_func (names, shown, g_str_equal, NULL))
    g_ptr_array_add (names, g_steal_pointer (&shown));
}

void
mezzotint_draft_leave (MezzotintDraft *draft, const char *name)
{
  add_name (draft->unused, name, MAX_UNUSED);
}

void
mezzotint_draft_add_lora (MezzotintDraft *draft, const char *name)
{
  g_autofree char *plain = mezzotint_model_name_of_file (name);

  add_name (draft->loras, plain, MAX_LORAS);
}

char *
mezzotint_model_name_of_file (const char *file)
{
  static const char *const suffixes[] = { ".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf" };
  const char *name = file;
  gsize n;

  for (const char *p = file; *p != '\0'; p++) /* of either system */
    if (*p == '/' || *p == '\\')
      name = p + 1;
  n = strlen (name);
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (n > strlen (suffixes[i]) && g_ascii_strcasecmp (name + n - strlen (suffixes[i]), suffixes[i]) == 0)
      return g_strndup (name, n - strlen (suffixes[i]));
  return g_strdup (name);
}
