/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of snapshots share: a small model, requests for it, the steps of a run. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

#define SIZE 16
#define STEPS 6

typedef struct
{
  MzEngine *engine;
  MzModel *model;
} Fixture;

MzModel *load (MzEngine *engine, const char *name);
void setup (Fixture *f, gconstpointer data);
void teardown (Fixture *f, gconstpointer data);
MzRequest *make_request (MzModel *model, const char *sampler);
MzResult *generate (Fixture *f, const MzRequest *request, GPtrArray *snapshots);
GPtrArray *new_list (void);
/* Runs a request for its steps alone. */
GPtrArray *log_steps (Fixture *f, const MzRequest *request);
/* Each sampler in its turn; then each program's noise, with samplers that draw it on their way, generators of
 * the steps' own and Brownian paths among them. */
void check_samplers (Fixture *f, void (*check) (Fixture *f, MzRequest *request));
void check_compatibilities (Fixture *f,
                            const char *const *samplers,
                            gsize n_samplers,
                            void (*check) (Fixture *f, MzRequest *request));
void assert_same_picture (const MzPicture *a, const MzPicture *b);
void set_start (MzRequest *request, MzSnapshot *start, MzStartKind kind);
void assert_refused (Fixture *f, MzRequest *request, const char *words);

G_END_DECLS
