/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What memory a request will take, and how to say it. */
#include "app/jobs/memory-need.h"

#include <glib/gi18n.h>
#include <unistd.h>

static guint64
count_machine_bytes (void)
{
  long n_pages = sysconf (_SC_PHYS_PAGES), page_bytes = sysconf (_SC_PAGESIZE);

  return n_pages > 0 && page_bytes > 0 ? (guint64) n_pages * (guint64) page_bytes : 0;
}

MezzotintMemoryNeed *
mezzotint_memory_need_new (MzModel *model, MzEngine *engine, const MzRequest *request, GError **error)
{
  g_autoptr (MezzotintMemoryNeed) need = g_new0 (MezzotintMemoryNeed, 1);
  g_autoptr (GError) problem = NULL;

  need->is_on_card = mz_engine_computes_on_card (engine);
  need->usable_bytes = mz_engine_get_usable_bytes (engine);
  need->machine_bytes = need->is_on_card ? 0 : count_machine_bytes ();
  if (mz_model_estimate_memory (model, request, &need->estimate, &problem))
    return g_steal_pointer (&need);
  if (!g_error_matches (problem, MZ_ERROR, MZ_ERROR_MEMORY) || need->estimate.least_bytes == 0)
    { /* the estimate itself could not be made */
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  need->problem = g_strdup (problem->message);
  return g_steal_pointer (&need);
}

void
mezzotint_memory_need_free (MezzotintMemoryNeed *need)
{
  g_free (need->problem);
  g_free (need);
}

/* ---- Words ---- */

/* In the order of MzMemoryMeasures. */
static const struct
{
  const char *id, *phrase;
} measure_rows[] = {
  { "fewer_at_once", N_ ("fewer pictures are drawn together") },
  { "release_text_encoder", N_ ("the text encoder is read again for each request") },
  { "small_bands", N_ ("the decoder works on smaller parts") },
  { "one_by_one", N_ ("the picture with and the one without the prompt are computed one after the other") },
  { "take_turns", N_ ("the networks are read again for each picture") },
  { "by_layers", N_ ("the network is read layer by layer at each step") },
};

const char *
mezzotint_memory_measure_get_id (guint bit)
{
  return bit < G_N_ELEMENTS (measure_rows) ? measure_rows[bit].id : NULL;
}

char *
mezzotint_memory_measures_describe (MzMemoryMeasures measures)
{
  g_autoptr (GString) how = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (measure_rows); i++)
    if (measures & (1u << i))
      /* Translators: stands between two measures in a list. */
      g_string_append_printf (how, "%s%s", how->len > 0 ? _ ("; ") : "", _ (measure_rows[i].phrase));
  if (how->len == 0)
    return NULL;
  /* Translators: a list of measures, such as “the decoder works on smaller parts”. */
  return g_strdup_printf (_ ("To stay under the limit, %s."), how->str);
}

/* Without a limit nothing keeps the engine from taking more than the machine has. */
static gboolean
exceeds_machine (const MezzotintMemoryNeed *need)
{
  return need->machine_bytes > 0 && need->estimate.peak_bytes > need->machine_bytes;
}

gboolean
mezzotint_memory_need_is_too_much (const MezzotintMemoryNeed *need)
{
  return need->problem != NULL || exceeds_machine (need);
}

char *
mezzotint_memory_need_describe (const MezzotintMemoryNeed *need)
{
  g_autofree char *peak = g_format_size (need->estimate.peak_bytes);
  g_autofree char *machine = g_format_size (need->machine_bytes);
  g_autofree char *how = mezzotint_memory_measures_describe (need->estimate.measures);
  g_autofree char *amount = NULL;

  if (need->problem != NULL)
    return g_strdup (need->problem);
  if (exceeds_machine (need))
    return g_strdup_printf (
        /* Translators: two amounts of memory. */
        _ ("Takes about %s of memory, and this computer has %s: it will take very long, if it can be made."),
        peak, machine);
  amount = g_strdup_printf (need->is_on_card
                                /* Translators: an amount of memory. */
                                ? _ ("Takes about %s of the graphics card’s memory.")
                                /* Translators: an amount of memory. */
                                : _ ("Takes about %s of memory."),
                            peak);
  return how != NULL ? g_strconcat (amount, " ", how, NULL) : g_steal_pointer (&amount);
}
