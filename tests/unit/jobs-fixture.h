/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What tests of jobs share: a small model, a folder of their own, waiting on the main loop. */
#pragma once

#include "app/jobs/engine-service.h"

G_BEGIN_DECLS

#define JOBS_SIZE 32

typedef struct
{
  char *folder;                /* empty at first, removed at the end */
  char *model;                 /* path of a small model */
  MezzotintSettings *settings; /* saves pictures to FOLDER/pictures */
  MezzotintEngineService *engine;
} JobsFixture;

/* Sets up the environment; before g_test_init(). */
void jobs_fixture_init (void);
void jobs_fixture_set_up (JobsFixture *f, gconstpointer data);
void jobs_fixture_tear_down (JobsFixture *f, gconstpointer data);

/* A request for the small model: `steps` steps, `count` pictures, seeds from 5 on. */
MezzotintRecipe *jobs_fixture_make_recipe (JobsFixture *f, const char *prompt, int steps, int count);
/* The pictures that it makes, without any service: GPtrArray of MzPicture. */
GPtrArray *jobs_fixture_generate (JobsFixture *f, MezzotintRecipe *recipe);
/* Every step's snapshot of the first picture: GPtrArray of MzSnapshot. */
GPtrArray *jobs_fixture_take_snapshots (JobsFixture *f, MezzotintRecipe *recipe);

/* Runs the main loop until condition (data); fails after half a minute. */
void jobs_fixture_wait (gboolean (*condition) (gpointer data), gpointer data);
void jobs_fixture_assert_same (const MzPicture *a, const MzPicture *b);
/* Names of the files in FOLDER/`below`, sorted, joined by spaces. */
char *jobs_fixture_list (JobsFixture *f, const char *below);
void jobs_fixture_remove_tree (const char *path);

G_END_DECLS
