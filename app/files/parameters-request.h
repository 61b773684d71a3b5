/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a picture's settings mean: from a request to the pairs that A1111's readers know, and back. */
#pragma once

#include "app/files/parameters.h"
#include "engine.h"

G_BEGIN_DECLS

/* Digits of a model file's SHA-256 that stand in a picture. */
#define MEZZOTINT_MODEL_HASH_DIGITS 10

/* The settings of one picture of `request`: `seed` is the picture's own. `model_name` and `model_sha256`
 * (hex) may be NULL. The caller owns the result. */
MezzotintParameters *mezzotint_parameters_from_request (const MzRequest *request,
                                                        guint64 seed,
                                                        const char *model_name,
                                                        const char *model_sha256);

/* What was read from a picture besides the request; clear with mezzotint_recall_clear(). */
typedef struct
{
  char *model;      /* name of the model; NULL when not said */
  char *model_hash; /* first digits of its hash, lower case; NULL when not said */
  GStrv unused;     /* keys that mean nothing here, never NULL */
  GStrv notes;      /* one sentence for each thing that will differ, never NULL */
} MezzotintRecall;

/* Sets in `request` what `parameters` say and leaves the rest. What cannot be used leaves the request's value
 * and is noted: the result is always a legal request, if it was one. */
void mezzotint_parameters_apply (const MezzotintParameters *parameters,
                                 MzRequest *request,
                                 MezzotintRecall *recall);
void mezzotint_recall_clear (MezzotintRecall *recall);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MezzotintRecall, mezzotint_recall_clear)

G_END_DECLS
