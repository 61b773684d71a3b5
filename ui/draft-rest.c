/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What came with a picture and has no control. */
#include "ui/draft-rest.h"

#include <glib/gi18n.h>

void
mezzotint_rest_copy (MzRequest *to, const MzRequest *from)
{
  to->step_seed_delta = from->step_seed_delta;
  to->gpu_threads = from->gpu_threads;
  to->threshold_ratio = from->threshold_ratio;
  to->threshold_limit = from->threshold_limit;
  to->zero_snr = from->zero_snr;
}

static gboolean
has_same_threshold (const MzRequest *a, const MzRequest *b)
{
  return a->threshold_ratio == b->threshold_ratio
         && (!(a->threshold_ratio > 0) || a->threshold_limit == b->threshold_limit);
}

static void
describe_threshold (GPtrArray *lines, const MzRequest *request)
{
  if (!(request->threshold_ratio > 0))
    g_ptr_array_add (lines, g_strdup (_ ("No dynamic thresholding")));
  else
    g_ptr_array_add (lines, g_strdup_printf (_ ("Dynamic thresholding of %.4g up to %.4g"),
                                             request->threshold_ratio, request->threshold_limit));
}

char *
mezzotint_rest_describe (const MzRequest *request, const MzRequest *usual)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  if (request->step_seed_delta != usual->step_seed_delta)
    {
      g_autofree char *delta = g_strdup_printf ("%" G_GINT64_FORMAT, request->step_seed_delta);

      g_ptr_array_add (lines, g_strdup_printf (_ ("Each step’s noise from seed + %s (ENSD)"), delta));
    }
  if (request->gpu_threads != usual->gpu_threads)
    g_ptr_array_add (lines, g_strdup_printf (_ ("Noise of a GPU with %d threads"), request->gpu_threads));
  if (!has_same_threshold (request, usual))
    describe_threshold (lines, request);
  if (!request->zero_snr != !usual->zero_snr)
    g_ptr_array_add (lines,
                     g_strdup (request->zero_snr ? _ ("Zero terminal SNR") : _ ("Plain noise levels")));
  if (lines->len == 0)
    return NULL;
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

char *
mezzotint_rest_to_text (const MzRequest *request)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new ("(xiddb)", request->step_seed_delta, request->gpu_threads, request->threshold_ratio,
                     request->threshold_limit, request->zero_snr != FALSE));

  return g_variant_print (variant, FALSE);
}

gboolean
mezzotint_rest_from_text (MzRequest *request, const char *text)
{
  g_autoptr (GVariant) variant = NULL;
  MzRequest rest = MZ_REQUEST_INIT;

  if (text == NULL || *text == '\0')
    return FALSE;
  variant = g_variant_parse (G_VARIANT_TYPE ("(xiddb)"), text, NULL, NULL, NULL);
  if (variant == NULL)
    return FALSE;
  g_variant_get (variant, "(xiddb)", &rest.step_seed_delta, &rest.gpu_threads, &rest.threshold_ratio,
                 &rest.threshold_limit, &rest.zero_snr);
  /* So written that a NaN is out of range too. */
  if (rest.gpu_threads < 0 || rest.gpu_threads > MZ_MAX_GPU_THREADS
      || !(rest.threshold_ratio >= 0 && rest.threshold_ratio <= 1)
      || !(rest.threshold_limit >= 1 && rest.threshold_limit <= MZ_MAX_THRESHOLD_LIMIT))
    return FALSE;
  mezzotint_rest_copy (request, &rest);
  return TRUE;
}
