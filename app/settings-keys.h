/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings that there are, and their values as GValue and GVariant. The schema says the same for other
 * programs; tests/unit/test-settings.c holds the two against each other. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  MEZZOTINT_KEY_BOOL,
  MEZZOTINT_KEY_INT,
  MEZZOTINT_KEY_DOUBLE,
  MEZZOTINT_KEY_TEXT,
  MEZZOTINT_KEY_PATH,  /* a string: a file name, kept as files/path-text.h says */
  MEZZOTINT_KEY_PATHS, /* several */
} MezzotintKeyKind;

typedef struct
{
  const char *name;
  MezzotintKeyKind kind;
  double low, high;           /* of numbers */
  double initial;             /* of numbers and booleans */
  const char *initial_text;   /* of strings; paths have none */
  const char *const *choices; /* of strings; NULL: any */
} MezzotintKey;

const MezzotintKey *mezzotint_settings_keys (guint *n_keys);

/* A property for `key`; floating. */
GParamSpec *mezzotint_key_to_pspec (const MezzotintKey *key);
/* "b", "i", "d", "s", "as" */
const GVariantType *mezzotint_key_get_variant_type (const MezzotintKey *key);
/* `value` is initialised with the property's type. What is out of range, or no choice, is brought back into
 * it: a newer version may have written it. */
void mezzotint_key_to_value (const MezzotintKey *key, GVariant *variant, GValue *value);
/* Floating. */
GVariant *mezzotint_key_to_variant (const MezzotintKey *key, const GValue *value);
/* Floating. */
GVariant *mezzotint_key_get_initial (const MezzotintKey *key);

G_END_DECLS
