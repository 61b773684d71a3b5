/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures that come with a model to show what it draws: PNG files in its folder `examples`, each with
 * the settings that it was made with, so that the same picture can be made again. */
#pragma once

#include "app/files/pixels.h"
#include "engine.h"

G_BEGIN_DECLS

/* So many files are looked at, at most. */
#define MEZZOTINT_MAX_EXAMPLES 24

typedef struct
{
  MezzotintPixels *pixels;
  MzRequest *request; /* one picture, with its seed */
} MezzotintExample;

/* The examples of the model in `folder`, by the names of their files; what cannot be read or carries no
 * settings is left out, and where there are none, the array is empty. Any thread; takes some milliseconds.
 * The caller owns the array and, through it, the examples. */
GPtrArray *mezzotint_examples_read (const char *folder);

G_END_DECLS
