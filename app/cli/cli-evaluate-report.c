/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tables and JSON of `mezzotint evaluate`. */
#include "app/cli/cli-evaluate-report.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#include "app/cli/cli-table.h"
#include "app/files/json-text.h"

/* Two autoencoders are taken for the same when their divergences agree to this: files in 16 bits and in 32 of
 * the same one do. */
#define SAME_AUTOENCODER 0.02

char *
cli_evaluate_describe (guint n_pictures,
                       int width,
                       int height,
                       int n_timesteps,
                       int n_samples,
                       guint64 seed,
                       const char *prompt)
{
  g_autofree char *pictures = g_strdup_printf (
      ngettext ("%u picture at %d×%d", "%u pictures at %d×%d", n_pictures), n_pictures, width, height);
  g_autofree char *timesteps
      = g_strdup_printf (ngettext ("%d timestep", "%d timesteps", n_timesteps), n_timesteps);
  g_autofree char *samples
      = g_strdup_printf (ngettext ("%d sample each", "%d samples each", n_samples), n_samples);
  g_autofree char *caption
      = *prompt != '\0' ? g_strdup_printf (_ ("caption “%s”"), prompt) : g_strdup (_ ("no caption"));

  /* Translators: a number of pictures, of timesteps, of samples, the seed, the caption. */
  return g_strdup_printf (_ ("%s · %s, %s · seed %" PRIu64 " · %s"), pictures, timesteps, samples, seed,
                          caption);
}

/* ---- Tables ---- */

static const MzEvaluation *
evaluation_at (const MezzotintMeasurement *measurement, guint index)
{
  return g_ptr_array_index (measurement->evaluations, index);
}

/* What the network is trained to predict, where that is not the noise; else NULL. */
static const char *
own_title (const MezzotintMeasurement *measurement)
{
  if (g_str_equal (measurement->prediction_type, "v_prediction"))
    return _ ("loss of v");
  if (g_str_equal (measurement->prediction_type, "sample"))
    return _ ("loss of the picture");
  return NULL;
}

static void
take_number (CliTable *table, double value)
{
  cli_table_take (table, g_strdup_printf ("%#.4g", value));
}

static void
add_picture_row (CliTable *table,
                 const char *name,
                 double psnr,
                 double mse,
                 double kl,
                 double kl_per_value,
                 MzLoss loss,
                 gboolean with_own)
{
  cli_table_add_row (table);
  cli_table_take (table, g_strdup (name));
  cli_table_take (table, g_strdup_printf ("%.2f", psnr));
  take_number (table, mse);
  cli_table_take (table, g_strdup_printf ("%.1f", kl));
  take_number (table, kl_per_value);
  take_number (table, loss.noise);
  if (with_own)
    take_number (table, loss.own);
}

/* A row a picture. */
static void
append_pictures (GString *into, const MezzotintMeasurement *measurement, const char *const *names)
{
  const char *own = own_title (measurement);
  const char *const titles[]
      = { _ ("Picture"), _ ("PSNR, dB"), _ ("MSE"), _ ("KL, nats"), _ ("KL a value"), _ ("noise loss"), own };
  g_autoptr (CliTable) table = cli_table_new (own != NULL ? 7 : 6, titles);
  guint n = measurement->evaluations->len;

  for (guint i = 0; i < n; i++)
    {
      const MzEvaluation *e = evaluation_at (measurement, i);

      add_picture_row (table, names[i], e->psnr, e->mse, e->kl, e->kl_per_value, e->mean, own != NULL);
    }
  if (n > 1)
    add_picture_row (table, _ ("mean"), mezzotint_measurement_get_psnr (measurement).mean,
                     mezzotint_measurement_get_mse (measurement).mean,
                     mezzotint_measurement_get_kl (measurement).mean,
                     mezzotint_measurement_get_kl_per_value (measurement).mean,
                     (MzLoss){ mezzotint_measurement_get_noise (measurement, -1).mean,
                               mezzotint_measurement_get_own (measurement, -1).mean },
                     own != NULL);
  cli_table_print (table, into);
}

/* A row a timestep. */
static void
append_timesteps (GString *into, const MezzotintMeasurement *measurement)
{
  const MzEvaluation *first = evaluation_at (measurement, 0);
  const char *own = own_title (measurement);
  gboolean with_range = measurement->evaluations->len > 1;
  const char *const titles[]
      = { _ ("Timestep"), _ ("noise loss"), with_range ? _ ("lowest") : own, _ ("highest"), own };
  g_autoptr (CliTable) table = cli_table_new (2 + (with_range ? 2 : 0) + (own != NULL), titles);

  for (int i = 0; i < first->n_timesteps; i++)
    {
      MezzotintSpread noise = mezzotint_measurement_get_noise (measurement, i);

      cli_table_add_row (table);
      cli_table_take (table, g_strdup_printf ("%*d", 4, first->timesteps[i]));
      take_number (table, noise.mean);
      if (with_range)
        {
          take_number (table, noise.lowest);
          take_number (table, noise.highest);
        }
      if (own != NULL)
        take_number (table, mezzotint_measurement_get_own (measurement, i).mean);
    }
  cli_table_print (table, into);
}

void
cli_evaluate_append_tables (GString *into, const MezzotintMeasurement *measurement, const char *const *names)
{
  g_string_append_printf (into, "%s\n\n", measurement->model);
  append_pictures (into, measurement, names);
  g_string_append_c (into, '\n');
  append_timesteps (into, measurement);
}

/* Have the latents of both the same meaning? */
static gboolean
have_same_autoencoder (const MezzotintMeasurement *first, const MezzotintMeasurement *second)
{
  double a = mezzotint_measurement_get_kl (first).mean, b = mezzotint_measurement_get_kl (second).mean;

  return fabs (a - b) <= SAME_AUTOENCODER * MAX (fabs (a), fabs (b));
}

void
cli_evaluate_append_comparison (GString *into,
                                const MezzotintMeasurement *first,
                                const MezzotintMeasurement *second)
{
  double mean[2] = { mezzotint_measurement_get_noise (first, -1).mean,
                     mezzotint_measurement_get_noise (second, -1).mean };
  gboolean second_wins = mean[1] < mean[0];
  guint n = first->evaluations->len, n_won = 0;

  for (guint i = 0; i < n; i++)
    {
      double a = evaluation_at (first, i)->mean.noise, b = evaluation_at (second, i)->mean.noise;

      n_won += second_wins ? b < a : a < b;
    }
  g_string_append_printf (
      into,
      ngettext ("\n%s predicts the noise better: %#.4g against %#.4g, on %u of %u picture.\n",
                "\n%s predicts the noise better: %#.4g against %#.4g, on %u of %u pictures.\n", n),
      second_wins ? second->model : first->model, mean[second_wins], mean[!second_wins], n_won, n);
  if (!have_same_autoencoder (first, second))
    g_string_append (into, _ ("But their autoencoders differ, so that they see other numbers: such losses do "
                              "not compare well.\n"));
}

/* ---- JSON ---- */

static void
end_line (GString *line, GString *into)
{
  g_autofree char *text = mezzotint_json_end (line);

  g_string_append (into, text);
}

void
cli_evaluate_append_picture_as_json (GString *into,
                                     const MezzotintMeasurement *measurement,
                                     guint index,
                                     const char *name)
{
  const MzEvaluation *e = evaluation_at (measurement, index);
  gsize n = (gsize) e->n_timesteps;
  g_autofree double *noise = g_new (double, n), *own = g_new (double, n);
  GString *line = mezzotint_json_begin ();

  for (gsize i = 0; i < n; i++)
    {
      noise[i] = e->losses[i].noise;
      own[i] = e->losses[i].own;
    }
  mezzotint_json_add_string (line, "event", "evaluation");
  mezzotint_json_add_string (line, "model", measurement->model);
  mezzotint_json_add_int (line, "picture", index);
  mezzotint_json_add_string (line, "path", name);
  mezzotint_json_add_double (line, "psnr", e->psnr);
  mezzotint_json_add_double (line, "mse", e->mse);
  mezzotint_json_add_double (line, "kl", e->kl);
  mezzotint_json_add_double (line, "kl_per_value", e->kl_per_value);
  mezzotint_json_add_double (line, "noise_loss", e->mean.noise);
  mezzotint_json_add_double (line, "own_loss", e->mean.own);
  mezzotint_json_add_ints (line, "timesteps", e->timesteps, n);
  mezzotint_json_add_doubles (line, "noise_losses", noise, n);
  mezzotint_json_add_doubles (line, "own_losses", own, n);
  end_line (line, into);
}

void
cli_evaluate_append_model_as_json (GString *into, const MezzotintMeasurement *measurement)
{
  GString *line = mezzotint_json_begin ();

  mezzotint_json_add_string (line, "event", "model");
  mezzotint_json_add_string (line, "model", measurement->model);
  mezzotint_json_add_string (line, "prediction_type", measurement->prediction_type);
  mezzotint_json_add_int (line, "pictures", measurement->evaluations->len);
  mezzotint_json_add_double (line, "psnr", mezzotint_measurement_get_psnr (measurement).mean);
  mezzotint_json_add_double (line, "mse", mezzotint_measurement_get_mse (measurement).mean);
  mezzotint_json_add_double (line, "kl", mezzotint_measurement_get_kl (measurement).mean);
  mezzotint_json_add_double (line, "kl_per_value", mezzotint_measurement_get_kl_per_value (measurement).mean);
  mezzotint_json_add_double (line, "noise_loss", mezzotint_measurement_get_noise (measurement, -1).mean);
  mezzotint_json_add_double (line, "own_loss", mezzotint_measurement_get_own (measurement, -1).mean);
  end_line (line, into);
}
