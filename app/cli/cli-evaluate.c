/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mezzotint evaluate: what models make of real pictures. */
#include <glib/gi18n.h>
#include <stdio.h>

#include "app/cli/cli-evaluate-options.h"
#include "app/cli/cli-evaluate-progress.h"
#include "app/cli/cli-evaluate-report.h"
#include "app/cli/cli-report.h"
#include "app/cli/cli.h"
#include "app/files/atomic-file.h"
#include "app/files/json-text.h"
#include "app/files/output.h"
#include "app/files/picture-read.h"
#include "app/files/picture.h"

/* What one run holds. */
typedef struct
{
  CliEvaluateOptions options;
  CliReport *report;
  CliProgress *bar; /* NULL: none is shown */
  MezzotintAtomicFile *output;
  MezzotintOutput *plot;
  MzCancel *cancel;
  MzEngine *engine;
  int width, height;       /* px, of every picture as it is measured */
  GPtrArray *names;        /* char *, UTF-8, NULL at the end */
  GPtrArray *pictures;     /* MzPicture */
  GPtrArray *measurements; /* MezzotintMeasurement, one a model */
  GString *text;           /* what was found */
  CliEvaluateProgress progress;
} Run;

static void
run_clear (Run *run)
{
  cli_evaluate_options_clear (&run->options);
  g_clear_pointer (&run->bar, cli_progress_free);
  g_clear_pointer (&run->report, cli_report_free);
  g_clear_pointer (&run->output, mezzotint_atomic_file_free);
  g_clear_pointer (&run->plot, mezzotint_output_free);
  g_clear_pointer (&run->engine, mz_engine_unref);
  g_clear_pointer (&run->cancel, mz_cancel_unref);
  g_clear_pointer (&run->names, g_ptr_array_unref);
  g_clear_pointer (&run->pictures, g_ptr_array_unref);
  g_clear_pointer (&run->measurements, g_ptr_array_unref);
  g_string_free (run->text, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* ---- What is told on the way ---- */

/* Events of a kind, for --json: "start" says what is measured on, "done" that all is. */
static void
print_event (const Run *run, const char *event)
{
  GString *line = mezzotint_json_begin ();
  g_autofree char *text = NULL;

  mezzotint_json_add_string (line, "event", event);
  mezzotint_json_add_int (line, "models", run->options.n_models);
  mezzotint_json_add_int (line, "pictures", run->pictures->len);
  mezzotint_json_add_int (line, "width", run->width);
  mezzotint_json_add_int (line, "height", run->height);
  mezzotint_json_add_int (line, "samples", run->options.n_samples);
  mezzotint_json_add_uint64 (line, "seed", run->options.seed);
  mezzotint_json_add_string (line, "prompt", run->options.prompt);
  text = mezzotint_json_end (line);
  cli_print_json (text);
}

static void
load_cb (gpointer user, double fraction)
{
  Run *run = user;

  if (run->bar != NULL)
    cli_progress_load (run->bar, fraction);
  else
    cli_report_load_cb (run->report, fraction);
}

/* Says what went wrong, on a line of its own; returns the exit code. */
static int
fail (Run *run, const GError *error, gboolean reading_file)
{
  if (run->bar != NULL)
    cli_progress_clear (run->bar);
  return cli_report_fail (run->report, error, reading_file);
}

/* ---- Before the work ---- */

/* Opens what will be written, so that nobody measures for nothing. */
static gboolean
open_outputs (Run *run, GError **error)
{
  const char *plot = run->options.plot;

  if (run->options.output != NULL
      && (run->output = mezzotint_atomic_file_new (run->options.output, error)) == NULL)
    return FALSE;
  if (plot == NULL)
    return TRUE;
  if (*plot == '\0' || g_str_has_suffix (plot, G_DIR_SEPARATOR_S) || g_file_test (plot, G_FILE_TEST_IS_DIR))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("The option --plot needs the name of a file, not of a folder."));
      return FALSE;
    }
  run->plot = mezzotint_output_new (plot, 1, error);
  return run->plot != NULL;
}

/* Nearest multiple, at least one. */
static int
round_size (int size, int multiple)
{
  return MAX (1, (size + multiple / 2) / multiple) * multiple;
}

/* The size for all pictures, from the models' headers. */
static gboolean
choose_size (Run *run, GError **error)
{
  int multiple = 1;

  run->width = run->options.width;
  run->height = run->options.height;
  for (int i = 0; i < run->options.n_models; i++)
    {
      g_autoptr (MzModelInfo) info = mz_model_inspect (run->options.models[i], error);

      if (info == NULL)
        return FALSE;
      multiple
          = MAX (multiple, info->size_multiple); /* powers of two: the larger is a multiple of the other */
      run->width = run->width > 0 ? run->width : info->native_width;
      run->height = run->height > 0 ? run->height : info->native_height;
    }
  run->width = round_size (run->width, multiple);
  run->height = round_size (run->height, multiple);
  if (run->options.width > 0 && (run->width != run->options.width || run->height != run->options.height))
    {
      g_autofree char *message
          = g_strdup_printf (_ ("The size %d×%d was rounded to %d×%d, a multiple of %d pixels."),
                             run->options.width, run->options.height, run->width, run->height, multiple);

      cli_report_note (run->report, message);
    }
  return TRUE;
}

static gboolean
read_pictures (Run *run, const MezzotintArguments *arguments, GError **error)
{
  for (guint i = 0; i < mezzotint_arguments_n_words (arguments); i++)
    {
      const char *path = mezzotint_arguments_get_word (arguments, i);
      g_autoptr (MzPicture) whole = mezzotint_picture_read (path, run->cancel, error);
      MzPicture *picture;

      if (whole == NULL)
        return FALSE;
      picture = mezzotint_picture_cover (whole, run->width, run->height, run->cancel, error);
      if (picture == NULL)
        return FALSE;
      g_ptr_array_add (run->pictures, picture);
      g_ptr_array_add (run->names, g_filename_display_name (path));
    }
  g_ptr_array_add (run->names, NULL);
  return TRUE;
}

/* ---- The work ---- */

static void
note_cut_caption (Run *run, int n_cut_tokens)
{
  g_autofree char *message = NULL;

  if (n_cut_tokens == 0)
    return;
  message = g_strdup_printf (ngettext ("The caption is too long; its last %d token was left out.",
                                       "The caption is too long; its last %d tokens were left out.",
                                       n_cut_tokens),
                             n_cut_tokens);
  if (run->bar != NULL)
    cli_progress_clear (run->bar);
  cli_report_note (run->report, message);
}

/* Lines of JSON go out at once, unless they are for a file. */
static void
flush_json (Run *run)
{
  if (!run->options.json || run->output != NULL)
    return;
  cli_print_json (run->text->str);
  g_string_truncate (run->text, 0);
}

static gboolean
measure_picture (Run *run,
                 MzModel *model,
                 const MzEvaluationOptions *options,
                 MezzotintMeasurement *measurement,
                 GError **error)
{
  const char *name = g_ptr_array_index (run->names, run->progress.picture);
  MzEvaluation *evaluation;

  evaluation = mz_evaluate (model, g_ptr_array_index (run->pictures, run->progress.picture), options,
                            cli_evaluate_progress_cb, &run->progress, run->cancel, error);
  if (evaluation == NULL)
    return FALSE;
  g_ptr_array_add (measurement->evaluations, evaluation);
  if (run->progress.picture == 0)
    note_cut_caption (run, evaluation->n_cut_tokens);
  if (run->options.json)
    cli_evaluate_append_picture_as_json (run->text, measurement, run->progress.picture, name);
  flush_json (run);
  return TRUE;
}

static gboolean
measure_all (Run *run, MzModel *model, MezzotintMeasurement *measurement, GError **error)
{
  g_autofree int *spread = g_new (int, (gsize) run->options.n_timesteps);
  const MzEvaluationOptions options = {
    .prompt = run->options.prompt,
    .timesteps = run->options.timesteps != NULL ? run->options.timesteps : spread,
    .n_timesteps = run->options.n_timesteps,
    .n_samples = run->options.n_samples,
    .seed = run->options.seed,
  };

  mz_evaluation_spread (model, run->options.n_timesteps, spread);
  for (guint i = 0; i < run->pictures->len; i++)
    {
      cli_evaluate_progress_begin_picture (&run->progress, i);
      if (!measure_picture (run, model, &options, measurement, error))
        return FALSE;
    }
  return TRUE;
}

static void
append_model (Run *run, const MezzotintMeasurement *measurement)
{
  if (run->bar != NULL)
    cli_progress_clear (run->bar);
  if (run->options.json)
    cli_evaluate_append_model_as_json (run->text, measurement);
  else
    {
      if (run->text->len > 0)
        g_string_append_c (run->text, '\n');
      cli_evaluate_append_tables (run->text, measurement, (const char *const *) run->names->pdata);
    }
}

/* One model after the other, so that the memory of one is enough. Returns the exit code. */
static int
measure_model (Run *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzModel) model = mz_model_load (run->engine, run->options.models[run->progress.model],
                                             run->cancel, load_cb, run, &error);
  const MzModelInfo *info;
  MezzotintMeasurement *measurement;

  if (model == NULL)
    return fail (run, error, TRUE);
  info = mz_model_get_info (model);
  measurement = mezzotint_measurement_new (info->name, info->prediction_type);
  g_ptr_array_add (run->measurements, measurement);
  if (!measure_all (run, model, measurement, &error))
    return fail (run, error, FALSE);
  append_model (run, measurement);
  flush_json (run);
  return CLI_OK;
}

/* ---- After the work ---- */

static gboolean
save_plot (Run *run, const char *subtitle, GError **error)
{
  g_autoptr (MzPicture) picture
      = mezzotint_measurement_plot ((const MezzotintMeasurement *const *) run->measurements->pdata,
                                    run->measurements->len, subtitle, error);
  g_autofree char *path = NULL;

  if (picture == NULL)
    return FALSE;
  path = mezzotint_output_save (run->plot, 0, 0, picture, NULL, error);
  return path != NULL;
}

static gboolean
write_text (Run *run, GError **error)
{
  if (run->output == NULL)
    {
      cli_print ("%s", run->text->str);
      return TRUE;
    }
  fputs (run->text->str, mezzotint_atomic_file_get_stream (run->output)); /* the commit tells of failures */
  return mezzotint_atomic_file_commit (run->output, TRUE, error);
}

static int
finish (Run *run)
{
  g_autoptr (GError) error = NULL;
  const CliEvaluateOptions *options = &run->options;
  g_autofree char *subtitle
      = cli_evaluate_describe (run->pictures->len, run->width, run->height, options->n_timesteps,
                               options->n_samples, options->seed, options->prompt);

  if (run->measurements->len == 2 && !options->json)
    cli_evaluate_append_comparison (run->text, g_ptr_array_index (run->measurements, 0),
                                    g_ptr_array_index (run->measurements, 1));
  if (!options->json)
    {
      g_string_prepend (run->text, "\n\n");
      g_string_prepend (run->text, subtitle);
    }
  if (!write_text (run, &error) || (run->plot != NULL && !save_plot (run, subtitle, &error)))
    return fail (run, error, FALSE);
  if (options->json)
    print_event (run, "done");
  return CLI_OK;
}

static int
run_evaluate (const MezzotintArguments *arguments)
{
  g_autoptr (GError) error = NULL;
  g_auto (Run) run = { .text = g_string_new (NULL) };
  int code = CLI_OK;

  run.names = g_ptr_array_new_with_free_func (g_free);
  run.pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_picture_free);
  run.measurements = g_ptr_array_new_with_free_func ((GDestroyNotify) mezzotint_measurement_free);
  run.report = cli_report_new (mezzotint_arguments_has (arguments, "json"),
                               mezzotint_arguments_has (arguments, "quiet"));
  if (!cli_evaluate_options_read (&run.options, arguments, &error) || !open_outputs (&run, &error))
    return fail (&run, error, FALSE);
  run.cancel = cli_cancel_on_signal ();
  if (!choose_size (&run, &error) || !read_pictures (&run, arguments, &error))
    return fail (&run, error, TRUE);
  run.engine = mz_engine_new (run.options.backend, run.options.n_threads, &error);
  if (run.engine == NULL)
    return fail (&run, error, FALSE);
  mz_engine_set_memory_limit (run.engine, run.options.memory_limit);
  if (run.options.json)
    print_event (&run, "start");
  else if (!run.options.quiet)
    run.bar = cli_progress_new ();
  run.progress = (CliEvaluateProgress){ .n_models = (guint) run.options.n_models,
                                        .n_pictures = run.pictures->len,
                                        .bar = run.bar,
                                        .json = run.options.json };
  for (guint i = 0; i < run.progress.n_models && code == CLI_OK; i++)
    {
      cli_evaluate_progress_begin_model (&run.progress, i);
      code = measure_model (&run);
    }
  return code == CLI_OK ? finish (&run) : code;
}

const CliCommand cli_evaluate = {
  .name = "evaluate",
  .summary = N_ ("Measure how well a model knows pictures: is its file sound, does it fit a style"),
  .usage = N_ ("[OPTION…] PICTURE…"),
  .options = cli_evaluate_option_table,
  .epilogue = N_ (
      "Pictures are PNG or JPEG; each is scaled and cut to fill the size. For each it tells\n"
      "  PSNR, MSE   how much the autoencoder loses of the picture (MSE of values from 0 to 1)\n"
      "  KL          how far its code is from a standard normal one, in nats\n"
      "  noise loss  mean square error of the predicted noise at each timestep, without guidance. 1 is what\n"
      "              predicting no noise gives; less is better. For models that predict v or the picture it\n"
      "              is computed from that, and their own loss stands beside it.\n"
      "The loss of a model on pictures of a style, against another model's, tells which knows it better.\n\n"
      "Examples:\n"
      "  mezzotint evaluate photo.jpg drawing.png\n"
      "  mezzotint evaluate --model a.safetensors --against b.safetensors --plot a-b.png style/*.png\n"
      "  mezzotint evaluate --prompt \"a red apple\" --timesteps 100,500,900 --json apple.png\n"),
  .run = run_evaluate,
};
