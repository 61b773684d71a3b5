/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture's settings as text, in the grammar that A1111 made and most programs read:
 *
 *   a lighthouse on a cliff,
 *   oil painting
 *   Negative prompt: blurry
 *   Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 42, Size: 512x768
 *
 * Here are prompts and pairs of strings; what they mean is parameters-request.h's. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

#define MEZZOTINT_MAX_PAIRS 1024
/* Of a text that is read. Prompts are thousands of bytes long; what is longer than this was not written by
 * anybody, and is not read at all. */
#define MEZZOTINT_PARAMETERS_MAX_BYTES (1 << 20)

typedef struct
{
  char *key;   /* "CFG scale" */
  char *value; /* unquoted */
} MezzotintPair;

typedef struct
{
  char *prompt;          /* UTF-8, never NULL */
  char *negative_prompt; /* UTF-8, never NULL */
  GArray *pairs;         /* of MezzotintPair, in the order of the text; no key twice */
} MezzotintParameters;

MezzotintParameters *mezzotint_parameters_new (const char *prompt, const char *negative_prompt);
void mezzotint_parameters_free (MezzotintParameters *parameters);

/* The value of `key` (exact), or NULL; owned by `parameters`. */
const char *mezzotint_parameters_get (const MezzotintParameters *parameters, const char *key);
/* Sets the value of `key`, in its place when it is there, else at the end. An empty or NULL value is left
 * out. */
void mezzotint_parameters_set (MezzotintParameters *parameters, const char *key, const char *value);

/* Reads a text; every text has a meaning, the simplest being that all of it is the prompt. Agrees with
 * A1111's own reader, and goes beyond it in three points: a quoted value may span lines,
 * stable-diffusion.cpp's JSON tail is left out, and prompts that the grammar cannot hold are taken from where
 * mezzotint_parameters_to_text() put them. Fails with MZ_ERROR_FORMAT when `text` is not UTF-8, and with
 * UNSUPPORTED when it is longer than MEZZOTINT_PARAMETERS_MAX_BYTES. Time is linear; no more than
 * MEZZOTINT_MAX_PAIRS pairs are read. The caller owns the result. */
MezzotintParameters *mezzotint_parameters_parse (const char *text, GError **error);

/* Writes the text. What it writes, mezzotint_parameters_parse() reads back, given three pairs or more,
 * "Steps" first (else no reader knows them from a prompt), and keys of two or more letters, digits, spaces,
 * '-' and '/': pairs exactly, prompts up to white space that no text encoder sees. Free with g_free. */
char *mezzotint_parameters_to_text (const MezzotintParameters *parameters);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintParameters, mezzotint_parameters_free)

G_END_DECLS
