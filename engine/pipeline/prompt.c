/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts to what the U-Net looks at. */
#include "pipeline/run.h"

gboolean
mz_model_tokenize (MzModel *model, const char *text, gint32 *ids, MzTokenCount *count, GError **error)
{
  int n = model->config.clip.max_position_embeddings;
  g_autofree guint32 *unsigned_ids = g_new (guint32, (gsize) n);

  if (!mz_tokenizer_encode (model->tokenizer, text != NULL ? text : "", -1, MZ_TEXT_DEFAULT, (guint) n,
                            unsigned_ids, count, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    ids[i] = i < (int) count->n_kept + 2 ? (gint32) unsigned_ids[i] : model->pad_id;
  return TRUE;
}

gboolean
mz_run_tokenize (MzRun *run, const char *text, gint32 *ids, gboolean note_cut, GError **error)
{
  MzTokenCount count;

  if (!mz_model_tokenize (run->model, text, ids, &count, error))
    return FALSE;
  if (note_cut && count.truncated)
    {
      run->result->n_cut_tokens = (int) (count.n_tokens - count.n_kept);
      run->result->cut_prompt = g_strstrip (g_strdup (text + count.cut_at));
    }
  return TRUE;
}

gboolean
mz_run_encode_text (MzRun *run, GError **error)
{
  MzModel *model = run->model;
  const MzClipConfig *clip = &model->config.clip;
  MzTensor context;

  mz_run_report (run, MZ_PHASE_TEXT, 0, FALSE);
  context = mz_take (run->exec, run->n_samples, 1, clip->max_position_embeddings, clip->hidden_size);
  mz_clip_encode (model->clip, run->exec, run->ids, run->request->clip_skip, &context);
  run->text = mz_unet_text_new (model->unet, run->exec, &context);
  mz_give (run->exec, &context);
  return mz_exec_finish (run->exec, error);
}
