/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Readers of APNG and GIF for tests, written from the standards and strict: any fault of a file fails the
 * test. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

typedef struct
{
  MzPicture *picture;
  int ms;
} ReadFrame;

typedef struct
{
  int width, height;
  int n_loops;      /* as the file has it; -1: it says nothing */
  GArray *frames;   /* ReadFrame */
  MzPicture *plain; /* what a program shows that plays no APNG; NULL for GIF */
} ReadAnimation;

ReadAnimation *read_apng (const char *path);
ReadAnimation *read_gif (const char *path);
void read_animation_free (ReadAnimation *animation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReadAnimation, read_animation_free)

G_END_DECLS
