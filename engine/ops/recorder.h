/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Evaluations that are the same but for what goes up and comes down are recorded by a backend that can, and
 * replayed as one. A replay still goes through the model's code, where every op compares itself with what was
 * recorded instead of running: tensors, weights, shapes, epilogues. What does not fit is run again op by op.
 */
#pragma once

#include "ops/ops.h"

G_BEGIN_DECLS

void mz_recorder_free (MzRecorder *recorder);

/* Adds an op's arguments to what the evaluation is known by. */
void mz_recorder_note (MzRecorder *recorder, const gint64 *values, gsize n);
/* Are ops only noted now? */
gboolean mz_recorder_replays (const MzRecorder *recorder);
/* Of the evaluation that is being replayed or recorded: takes what goes up, keeps where the result goes. TRUE
 * when that is all that is to be done with it. */
gboolean mz_recorder_upload (MzExec *exec, const MzTensor *tensor, const float *nchw);
gboolean mz_recorder_download (MzExec *exec, const MzTensor *tensor, float *nchw);
/* An op that reads or writes host memory of its own cannot be part of a recording. */
void mz_recorder_refuse (MzRecorder *recorder);

G_END_DECLS
