/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers and the writer of a picture's settings share. */
#pragma once

#include "app/files/parameters-request.h"

G_BEGIN_DECLS

/* Keys of our own. */
#define MEZZOTINT_KEY_COMPATIBLE "Compatible with"
#define MEZZOTINT_KEY_GPU_THREADS "GPU threads"
#define MEZZOTINT_KEY_RESCALE "CFG rescale"
#define MEZZOTINT_KEY_THRESHOLD "Threshold ratio"
#define MEZZOTINT_KEY_THRESHOLD_LIMIT "Threshold limit"
#define MEZZOTINT_KEY_PROMPT_STYLE "Prompt style"
#define MEZZOTINT_KEY_BRANCH "Branched from"
/* A1111's value of "Noise Schedule". */
#define MEZZOTINT_ZERO_SNR "Zero Terminal SNR"

/* Settings being read. */
typedef struct
{
  const MezzotintParameters *parameters;
  MzRequest *request;
  MezzotintRecall *recall;
  GPtrArray *notes; /* sentences */
} MezzotintReading;

/* Reads one value; `value` has no white space around it. */
typedef void (*MezzotintReadFunc) (MezzotintReading *reading, const char *key, const char *value);

typedef struct
{
  const char *key;
  MezzotintReadFunc read;
} MezzotintReader;

/* Notes that the value is left out, fit to be shown. */
void mezzotint_note_bad_value (MezzotintReading *reading, const char *key, const char *value);

/* Noise, guidance and prompts: keys that stand for themselves; and, before any of them is read, what their
 * absence means, and what several keys together say. */
const MezzotintReader *mezzotint_noise_readers (gsize *n_readers);
void mezzotint_read_program (MezzotintReading *reading);

G_END_DECLS
