/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Matching a picture to a model. */
#include "ui/import-model.h"

const char *
mezzotint_import_find_model (MezzotintImport *import, MezzotintModelStore *models)
{
  MezzotintModel *model
      = mezzotint_model_store_match (models, import->recall.model, import->recall.model_hash);
  const MzModelInfo *info;

  if (model == NULL || mezzotint_model_get_problem (model) != NULL)
    return NULL;
  info = mezzotint_model_get_info (model);
  if (info != NULL)
    mezzotint_recall_fit (&import->recall, &import->request, info);
  return mezzotint_model_is_builtin (model) ? "" : mezzotint_model_get_path (model);
}
