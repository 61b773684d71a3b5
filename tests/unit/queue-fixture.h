/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of the queue share. */
#pragma once

#include "app/jobs/queue-private.h"
#include "jobs-fixture.h"

G_BEGIN_DECLS

MezzotintQueue *open_queue (JobsFixture *f);
void close_queue (MezzotintQueue *queue);
MezzotintTask *append (JobsFixture *f, MezzotintQueue *queue, const char *prompt, int steps, int count);
const char *prompt_of (MezzotintTask *task);
/* The prompts of a list of tasks, joined by spaces. */
void assert_prompts (GListModel *tasks, const char *expected);
/* For jobs_fixture_wait(). */
gboolean is_empty (gpointer queue);
gboolean is_over (gpointer task);
gboolean has_step (gpointer task);
gboolean has_picture (gpointer task);
gboolean is_waiting (gpointer task);
void assert_pictures (MezzotintTask *task, const GPtrArray *expected, guint from);

G_END_DECLS
