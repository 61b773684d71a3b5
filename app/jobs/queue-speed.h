/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How long pictures take on this machine, as measured: by model and size, so that a queue can say when it is
 * done. */
#pragma once

#include "app/jobs/recipe.h"

G_BEGIN_DECLS

typedef struct _MezzotintQueueSpeed MezzotintQueueSpeed;

MezzotintQueueSpeed *mezzotint_queue_speed_new (void);
void mezzotint_queue_speed_free (MezzotintQueueSpeed *speed);
/* A step took so long; a whole picture of `n_steps` steps did. */
void mezzotint_queue_speed_add_step (MezzotintQueueSpeed *speed, MezzotintRecipe *recipe, double seconds);
void mezzotint_queue_speed_add_picture (MezzotintQueueSpeed *speed,
                                        MezzotintRecipe *recipe,
                                        int n_steps,
                                        double seconds);
/* One picture of `recipe`; negative: nothing like it was made so far. */
double mezzotint_queue_speed_estimate (MezzotintQueueSpeed *speed, MezzotintRecipe *recipe);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintQueueSpeed, mezzotint_queue_speed_free)

G_END_DECLS
