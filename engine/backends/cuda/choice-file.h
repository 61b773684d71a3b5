/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What was measured, from one run of the program to the next: a text file in the cache folder for each card
 * and set of libraries, a line for each shape. What does not read as such a line is passed over. */
#pragma once

#include "backends/cuda/library.h"
#include "backends/cuda/plan.h"

G_BEGIN_DECLS

/* All that the speed of a product depends on, in the order of shape_of() in choice.c. */
#define MZ_CUDA_SHAPE_NUMBERS 22
typedef struct
{
  gint32 numbers[MZ_CUDA_SHAPE_NUMBERS];
} MzCudaShape;

typedef struct
{
  MzCudaEngine engine;
  guint index;     /* of a library's ways */
  MzCudaTile tile; /* of our kernel */
} MzCudaWay;

typedef struct _MzCudaChoiceFile MzCudaChoiceFile;

/* Our kernel, one way or another? */
gboolean mz_cuda_engine_is_own (MzCudaEngine engine);
gboolean mz_cuda_engine_from_name (const char *name, MzCudaEngine *engine);

/* Never NULL; a file that cannot be read is as an empty one. All devices of a program share one for a card,
 * which stays open as long as the program runs: what one measured, the next goes by. Any thread. */
MzCudaChoiceFile *mz_cuda_choice_file_open (const char *card, const char *versions);
/* FALSE: never measured. */
gboolean mz_cuda_choice_file_find (MzCudaChoiceFile *file, const MzCudaShape *shape, MzCudaWay *way);
/* Adds a line. That it could not be written is only told to the log. NULL is no file. */
void mz_cuda_choice_file_add (MzCudaChoiceFile *file, const MzCudaShape *shape, const MzCudaWay *way);

G_END_DECLS
