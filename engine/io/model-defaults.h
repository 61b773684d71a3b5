/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings that a model's maker recommends: defaults.json in its folder. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* What is not recommended is NULL, 0, or negative for the guidance scale. */
typedef struct
{
  char *sampler;        /* a sampler's name; whether there is such a one is not checked here */
  char *schedule;       /* likewise of a schedule */
  int steps;            /* 1..1000 */
  float guidance_scale; /* 0..100 */
} MzModelDefaults;

/* Reads {"sampler": "dpmpp_2m", "schedule": "karras", "steps": 20, "guidance_scale": 5}, every key optional.
 * Returns an object owned by the caller; NULL without an error when there is no such file, with MZ_ERROR_IO
 * or MZ_ERROR_FORMAT when there is a bad one. */
MzModelDefaults *mz_model_defaults_read (const char *folder, GError **error);
void mz_model_defaults_free (MzModelDefaults *defaults);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzModelDefaults, mz_model_defaults_free)

G_END_DECLS
