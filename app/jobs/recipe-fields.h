/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of a request's fields in a recipe's JSON. tests/unit/test-recipe.c fails when one is forgotten.
 */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

typedef enum
{
  MEZZOTINT_FIELD_TEXT, /* char *, owned */
  MEZZOTINT_FIELD_INT,
  MEZZOTINT_FIELD_DOUBLE,
  MEZZOTINT_FIELD_BOOL,
  MEZZOTINT_FIELD_INT64,
  MEZZOTINT_FIELD_UINT64,  /* a decimal string in JSON, whose readers are not sure of 64 bits */
  MEZZOTINT_FIELD_SAMPLER, /* const char *, id, as are the next three */
  MEZZOTINT_FIELD_SCHEDULE,
  MEZZOTINT_FIELD_COMPATIBILITY,
  MEZZOTINT_FIELD_PROMPT_STYLE,
} MezzotintFieldKind;

typedef struct
{
  const char *name; /* of the field and of the JSON member */
  MezzotintFieldKind kind;
  gsize offset; /* in MzRequest */
} MezzotintField;

/* All but `start` and its company, which live in files of their own, and `at_once`, which is no part of a
 * picture. */
const MezzotintField *mezzotint_recipe_fields (guint *n_fields);

G_END_DECLS
