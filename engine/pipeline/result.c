/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a request made. */
#include "pipeline/run.h"

MzResult *
mz_result_new (void)
{
  MzResult *result = g_new0 (MzResult, 1);

  g_atomic_ref_count_init (&result->ref_count);
  result->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_picture_free);
  result->seeds = g_array_new (FALSE, FALSE, sizeof (guint64));
  return result;
}

void
mz_result_unref (MzResult *result)
{
  if (!g_atomic_ref_count_dec (&result->ref_count))
    return;
  g_ptr_array_unref (result->pictures);
  g_array_unref (result->seeds);
  g_free (result->cut_prompt);
  g_free (result);
}

int
mz_result_get_n_pictures (MzResult *result)
{
  return (int) result->seeds->len;
}

const MzPicture *
mz_result_get_picture (MzResult *result, int index)
{
  return index >= 0 && (guint) index < result->pictures->len ? g_ptr_array_index (result->pictures, index)
                                                             : NULL;
}

guint64
mz_result_get_seed (MzResult *result, int index)
{
  g_return_val_if_fail (index >= 0 && (guint) index < result->seeds->len, 0);
  return g_array_index (result->seeds, guint64, index);
}

const char *
mz_result_get_cut_prompt (MzResult *result, int *n_tokens)
{
  if (n_tokens != NULL)
    *n_tokens = result->n_cut_tokens;
  return result->cut_prompt;
}

gsize
mz_result_get_activation_bytes (MzResult *result)
{
  return result->activation_bytes;
}
