/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A small JSON file of settings, read with its types and ranges checked.
 *
 *   g_autoptr (MzJsonConfig) json = mz_json_config_open (path, &error);
 *   mz_json_config_int (json, "in_channels", 1, 64, &config->in_channels);
 *   ...
 *   return mz_json_config_finish (json, &error);
 *
 * A getter leaves its default alone when the key is absent or null. The first bad value stays as the error
 * that mz_json_config_finish() hands out, and every getter after it does nothing. Not for several threads at
 * once. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* Such a file has at most so many bytes. */
#define MZ_JSON_CONFIG_MAX_BYTES (1024 * 1024)

typedef struct _MzJsonConfig MzJsonConfig;

/* Reads the file, which must hold one object. The caller owns the result; NULL with MZ_ERROR_MISSING,
 * MZ_ERROR_IO or MZ_ERROR_FORMAT. */
MzJsonConfig *mz_json_config_open (const char *path, GError **error);
void mz_json_config_free (MzJsonConfig *json);

/* Is the key there, and not null? */
gboolean mz_json_config_has (MzJsonConfig *json, const char *key);
/* Is the key there, and null? */
gboolean mz_json_config_is_null (MzJsonConfig *json, const char *key);

/* A whole number, min..max. */
void mz_json_config_int (MzJsonConfig *json, const char *key, int min, int max, int *value);
void mz_json_config_float (MzJsonConfig *json, const char *key, double min, double max, float *value);
void mz_json_config_bool (MzJsonConfig *json, const char *key, gboolean *value);
/* A text, owned by `json`. */
void mz_json_config_string (MzJsonConfig *json, const char *key, const char **value);
/* One of choices [n_choices]; its index becomes the value. Others are MZ_ERROR_UNSUPPORTED. */
void mz_json_config_choice (MzJsonConfig *json,
                            const char *key,
                            const char *const *choices,
                            int n_choices,
                            int *value);

/* A list of 1..max_n whole numbers, min..max, into values [max_n] and *n. With `expected_n` > 0, one number
 * alone means that number for each of expected_n, and a list must have just as many. */
void mz_json_config_ints (MzJsonConfig *json,
                          const char *key,
                          int min,
                          int max,
                          int max_n,
                          int expected_n,
                          int *values,
                          int *n);
/* A list of 1..max_n choices, as above. */
void mz_json_config_choices (MzJsonConfig *json,
                             const char *key,
                             const char *const *choices,
                             int n_choices,
                             int max_n,
                             int *values,
                             int *n);
/* A list of just n numbers, or with n_rows > 0 a list of n_rows such lists: [n] or [n_rows][n], any finite
 * value. */
void mz_json_config_floats (MzJsonConfig *json, const char *key, int n_rows, int n, float *values);

/* Sees to it that a setting that changes what is computed has one of the values that we compute: absent,
 * null, or equal to the JSON literal `wanted` ("false", "3", "\"default\""). Sets MZ_ERROR_UNSUPPORTED
 * otherwise. */
void mz_json_config_require (MzJsonConfig *json, const char *key, const char *wanted);

/* Notes an error about a key, unless there is one already: "“FILE”: “KEY” WHAT." */
G_GNUC_PRINTF (4, 5)
void mz_json_config_fail (MzJsonConfig *json, MzError code, const char *key, const char *format, ...);
/* Is there no error so far? */
gboolean mz_json_config_is_sound (MzJsonConfig *json);
/* TRUE when all was sound; else hands the first error out. */
gboolean mz_json_config_finish (MzJsonConfig *json, GError **error);

const char *mz_json_config_path (MzJsonConfig *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzJsonConfig, mz_json_config_free)

G_END_DECLS
