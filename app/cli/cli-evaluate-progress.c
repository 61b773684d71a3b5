/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Progress of `mezzotint evaluate`. */
#include "app/cli/cli-evaluate-progress.h"

#include <glib/gi18n.h>

#include "app/cli/cli.h"
#include "app/files/json-text.h"

/* Weight of the newest evaluation in the running mean. */
#define TIMING_WEIGHT 0.2

void
cli_evaluate_progress_begin_model (CliEvaluateProgress *self, guint model)
{
  self->model = model;
  self->picture = 0;
  self->autoencoder_s = self->evaluation_s = 0;
}

void
cli_evaluate_progress_begin_picture (CliEvaluateProgress *self, guint picture)
{
  self->picture = picture;
  self->last_us = g_get_monotonic_time ();
}

double
cli_evaluate_progress_seconds_left (const CliEvaluateProgress *self, int done, int total)
{
  guint n_after = (self->n_models - self->model) * self->n_pictures - self->picture - 1;

  if (self->autoencoder_s <= 0 || (self->evaluation_s <= 0 && total > 1))
    return -1;
  return self->evaluation_s * (total - done) + n_after * (self->autoencoder_s + self->evaluation_s * total);
}

/* The first evaluation comes with the autoencoder's work, so the second says what one takes. */
static void
learn_times (CliEvaluateProgress *self, int done)
{
  gint64 now_us = g_get_monotonic_time ();
  double seconds = (double) (now_us - self->last_us) * 1e-6;

  self->last_us = now_us;
  if (done == 1)
    self->autoencoder_s = MAX (seconds - self->evaluation_s, 0);
  else if (done > 1)
    self->evaluation_s += self->evaluation_s > 0 ? TIMING_WEIGHT * (seconds - self->evaluation_s) : seconds;
}

static void
print_as_json (const CliEvaluateProgress *self, int done, int total, double seconds_left)
{
  GString *line = mezzotint_json_begin ();
  g_autofree char *text = NULL;

  mezzotint_json_add_string (line, "event", "progress");
  mezzotint_json_add_int (line, "model", self->model);
  mezzotint_json_add_int (line, "picture", self->picture);
  mezzotint_json_add_int (line, "done", done);
  mezzotint_json_add_int (line, "total", total);
  if (seconds_left >= 0)
    mezzotint_json_add_millionths (line, "seconds_left", seconds_left);
  text = mezzotint_json_end (line);
  cli_print_json (text);
}

static void
draw_bar (const CliEvaluateProgress *self, int done, int total, double seconds_left)
{
  double n_units = (double) self->n_models * self->n_pictures;
  double n_over = (double) self->model * self->n_pictures + self->picture + (double) done / total;
  g_autofree char *what
      = g_strdup_printf (_ ("Picture %u of %u: %d of %d"), self->picture + 1, self->n_pictures, done, total);
  g_autofree char *what_short
      = g_strdup_printf ("%u/%u %d/%d", self->picture + 1, self->n_pictures, done, total);

  cli_progress_work (self->bar, what, what_short, n_over / n_units, seconds_left);
}

void
cli_evaluate_progress_cb (gpointer user, int done, int total)
{
  CliEvaluateProgress *self = user;
  double seconds_left;

  learn_times (self, done);
  seconds_left = cli_evaluate_progress_seconds_left (self, done, total);
  if (self->json)
    print_as_json (self, done, total, seconds_left);
  if (self->bar != NULL)
    draw_bar (self, done, total, seconds_left);
}
