/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a picture's settings mean: from a request to the pairs that A1111's readers know, and back. */
#pragma once

#include "app/files/parameters.h"
#include "engine.h"

G_BEGIN_DECLS

/* Digits of a model file's SHA-256 that stand in a picture. */
#define MEZZOTINT_MODEL_HASH_DIGITS 10

/* Set by those who know the model: it held its weights so. */
#define MEZZOTINT_KEY_WEIGHTS "Weights"
#define MEZZOTINT_WEIGHTS_8BIT "8bit"
#define MEZZOTINT_KEY_SUMS "Sums"
#define MEZZOTINT_SUMS_HALF "half"

/* The settings of picture `index` of a validated request. `model_name` and `model_sha256` (hex) may be NULL.
 * The caller owns the result. */
MezzotintParameters *mezzotint_parameters_of_picture (const MzRequest *request,
                                                      int index,
                                                      const char *model_name,
                                                      const char *model_sha256);

/* What was read from a picture besides the request; clear with mezzotint_recall_clear(). */
typedef struct
{
  char *model;      /* name of the model; NULL when not said */
  char *model_hash; /* first digits of its hash, lower case; NULL when not said */
  GStrv understood; /* keys whose values were used, in the picture's order, never NULL */
  GStrv unused;     /* keys that mean nothing here, never NULL */
  GStrv notes;      /* one sentence for each thing that will differ, never NULL */
} MezzotintRecall;

/* Sets in `request` what `parameters` say and leaves the rest. What cannot be used leaves the request's value
 * and is noted: the result is always a legal request, if it was one. */
void mezzotint_parameters_apply (const MezzotintParameters *parameters,
                                 MzRequest *request,
                                 MezzotintRecall *recall);
/* Brings what a model cannot do to what it can, and notes it. */
void mezzotint_recall_fit (MezzotintRecall *recall, MzRequest *request, const MzModelInfo *info);
void mezzotint_recall_clear (MezzotintRecall *recall);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MezzotintRecall, mezzotint_recall_clear)

G_END_DECLS
