/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mezzotint generate: from a prompt to PNG files. */
#include "app/cli/cli.h"

#include <glib/gi18n.h>

#include "app/cli/cli-generate-options.h"
#include "app/cli/cli-report.h"
#include "app/files/import.h"
#include "app/files/printable.h"

/* Of what a picture says, in a note. */
#define MAX_SHOWN_CHARS 80
#define MAX_SHOWN_KEYS_CHARS 400

/* What one run holds. */
typedef struct
{
  CliGenerateOptions options;
  CliReport *report;
  MezzotintOutput *output;
  MzCancel *cancel;
  MzEngine *engine;
  MzModel *model;
  MezzotintModelHash *model_hash;
  MezzotintImport *import; /* of --from's picture; NULL: none */
  MzRequest request;
} Run;

static void
run_clear (Run *run)
{
  cli_generate_options_clear (&run->options);
  g_clear_pointer (&run->output, mezzotint_output_free);
  g_clear_pointer (&run->model_hash, mezzotint_model_hash_free);
  g_clear_pointer (&run->model, mz_model_unref);
  g_clear_pointer (&run->engine, mz_engine_unref);
  g_clear_pointer (&run->report, cli_report_free);
  g_clear_pointer (&run->cancel, mz_cancel_unref);
  g_clear_pointer (&run->import, mezzotint_import_free);
  mz_request_clear (&run->request);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* What a sampler's row says beside its description; NULL for the other tables. Free with g_free. */
static char *
describe_steps (const MzMethodInfo *method)
{
  g_autofree char *steps = NULL;

  if (method->default_steps == 0)
    return NULL;
  steps = g_strdup_printf (_ ("%d to %d steps"), method->steps_min, method->steps_max);
  return g_strdup_printf (" (%s%s%s)", steps,
                          method->evaluations_per_step > 1 ? _ (", each as slow as two") : "",
                          method->adds_noise ? _ (", adds noise") : "");
}

static void
list_methods (const MzMethodInfo *methods, guint n_methods)
{
  glong id_width = 0, label_width = 0;

  for (guint i = 0; i < n_methods; i++)
    {
      id_width = MAX (id_width, g_utf8_strlen (methods[i].id, -1));
      label_width = MAX (label_width, g_utf8_strlen (methods[i].label, -1));
    }
  for (guint i = 0; i < n_methods; i++)
    {
      g_autofree char *steps = describe_steps (&methods[i]);

      cli_print ("%s%*s  %s%*s  %s%s\n", methods[i].id, (int) (id_width - g_utf8_strlen (methods[i].id, -1)),
                 "", methods[i].label, (int) (label_width - g_utf8_strlen (methods[i].label, -1)), "",
                 _ (methods[i].description), steps != NULL ? steps : "");
    }
}

/* Says what of a picture's settings will not come back. */
static void
note_recall (Run *run)
{
  const MezzotintRecall *recall = &run->import->recall;

  for (gsize i = 0; recall->notes[i] != NULL; i++)
    cli_report_note (run->report, recall->notes[i]);
  if (recall->unused[0] != NULL)
    {
      g_autofree char *joined = g_strjoinv (", ", recall->unused);
      g_autofree char *keys = mezzotint_printable (joined, MAX_SHOWN_KEYS_CHARS);
      g_autofree char *message
          = g_strdup_printf (_ ("Settings of the picture that are not used here: %s."), keys);

      cli_report_note (run->report, message);
    }
}

/* Says so when --from's picture is another model's. By the hash where there is one, and so at the end only:
 * it takes its time. */
static void
note_other_model (Run *run)
{
  const MezzotintRecall *recall = run->import != NULL ? &run->import->recall : NULL;
  const char *name = mz_model_get_info (run->model)->name;
  const char *sha256 = NULL;
  g_autofree char *message = NULL, *shown_model = NULL, *shown_hash = NULL;

  if (recall == NULL || (recall->model == NULL && recall->model_hash == NULL))
    return;
  if (recall->model_hash != NULL)
    sha256 = mezzotint_model_hash_wait (run->model_hash, run->cancel, NULL);
  if (sha256 != NULL ? g_str_has_prefix (sha256, recall->model_hash) : g_strcmp0 (recall->model, name) == 0)
    return;
  shown_model = mezzotint_printable (recall->model != NULL ? recall->model : "?", MAX_SHOWN_CHARS);
  shown_hash = mezzotint_printable (recall->model_hash != NULL ? recall->model_hash : "?", MAX_SHOWN_CHARS);
  message = g_strdup_printf (_ ("The picture was made with another model, %s (%s), than %s."), shown_model,
                             shown_hash, name);
  cli_report_note (run->report, message);
}

/* What suits the model, then what --from's picture says, then the options. */
static gboolean
make_request (Run *run, GError **error)
{
  g_auto (GStrv) notes = NULL;

  mz_request_use_defaults (&run->request, run->model);
  run->request.seed = mezzotint_random_seed ();
  if (run->options.from != NULL)
    {
      run->import = mezzotint_import_new (run->options.from, &run->request, error);
      if (run->import == NULL)
        return FALSE;
      mezzotint_recall_fit (&run->import->recall, &run->import->request, mz_model_get_info (run->model));
      note_recall (run);
      mz_request_clear (&run->request);
      run->request = run->import->request; /* and its strings */
      run->import->request = (MzRequest) MZ_REQUEST_INIT;
    }
  cli_generate_options_apply (&run->options, &run->request);
  if (!mz_request_validate (&run->request, run->model, &notes, error))
    return FALSE;
  for (gsize i = 0; notes != NULL && notes[i] != NULL; i++)
    cli_report_note (run->report, notes[i]);
  return TRUE;
}

static gboolean
generate (Run *run, GError **error)
{
  g_autoptr (MzResult) result = NULL;
  MzMemoryEstimate estimate;
  MezzotintJob job = {
    .model = run->model,
    .model_hash = run->model_hash,
    .request = &run->request,
    .output = run->output,
    .preview_every = run->options.preview_every,
    .preview_kind = run->options.preview_kind,
    .listener = cli_report_listener (run->report),
  };

  cli_report_start (run->report, mz_model_get_info (run->model), &run->request,
                    mz_engine_get_description (run->engine));
  if (!mz_model_estimate_memory (run->model, &run->request, &estimate, error))
    return FALSE;
  cli_report_memory (run->report, &estimate, run->engine);
  if (!mezzotint_job_run (&job, run->cancel, &result, error))
    return FALSE;
  note_other_model (run);
  cli_report_done (run->report, result);
  return TRUE;
}

static gboolean
open_engine (Run *run, const char *backend, GError **error)
{
  g_clear_pointer (&run->engine, mz_engine_unref);
  run->engine = mz_engine_new (backend, run->options.n_threads, error);
  if (run->engine == NULL)
    return FALSE;
  mz_engine_set_memory_limit (run->engine, run->options.memory_limit);
  mz_engine_set_card_limit (run->engine, run->options.card_limit);
  mz_engine_set_8bit_weights (run->engine, run->options.weights_8bit);
  mz_engine_set_half_sums (run->engine, run->options.half_sums);
  return TRUE;
}

/* A model that no card of this machine has room for is computed on the processor, when nobody asked for the
 * card. */
static gboolean
load_model (Run *run, GError **error)
{
  g_autoptr (GError) problem = NULL;

  run->model = mz_model_load (run->engine, run->options.model, run->cancel, cli_report_load_cb, run->report,
                              &problem);
  if (run->model != NULL)
    return TRUE;
  if (run->options.backend != NULL || !g_error_matches (problem, MZ_ERROR, MZ_ERROR_MEMORY)
      || !mz_engine_computes_on_card (run->engine))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  cli_report_note (run->report, problem->message);
  if (!open_engine (run, "cpu", error))
    return FALSE;
  run->model
      = mz_model_load (run->engine, run->options.model, run->cancel, cli_report_load_cb, run->report, error);
  return run->model != NULL;
}

static int
run_generate (const MezzotintArguments *arguments)
{
  g_autoptr (GError) error = NULL;
  g_auto (Run) run = { 0 };
  gboolean reading_file;

  run.report = cli_report_new (mezzotint_arguments_has (arguments, "json"),
                               mezzotint_arguments_has (arguments, "quiet"));
  if (!cli_generate_options_read (&run.options, arguments, &reading_file, &error))
    return cli_report_fail (run.report, error, reading_file);
  /* Before anybody waits for a picture that cannot be kept. */
  run.output = mezzotint_output_new (run.options.output, run.options.count, &error);
  if (run.output == NULL)
    return cli_report_fail (run.report, error, FALSE);
  run.cancel = cli_cancel_on_signal ();
  if (!open_engine (&run, run.options.backend, &error))
    return cli_report_fail (run.report, error, FALSE);
  run.model_hash = mezzotint_model_hash_new (run.options.model, NULL);
  if (!load_model (&run, &error))
    return cli_report_fail (run.report, error, TRUE);
  if (!make_request (&run, &error) || !generate (&run, &error))
    return cli_report_fail (run.report, error, FALSE);
  return CLI_OK;
}

static int
run (const MezzotintArguments *arguments)
{
  const MzMethodInfo *methods;
  guint n_methods;

  if (mezzotint_arguments_has (arguments, "list-samplers"))
    methods = mz_list_samplers (&n_methods);
  else if (mezzotint_arguments_has (arguments, "list-schedules"))
    methods = mz_list_schedules (&n_methods);
  else if (mezzotint_arguments_has (arguments, "list-compatible"))
    methods = mz_list_compatibilities (&n_methods);
  else if (mezzotint_arguments_has (arguments, "list-prompt-styles"))
    methods = mz_list_prompt_styles (&n_methods);
  else
    return run_generate (arguments);
  list_methods (methods, n_methods);
  return CLI_OK;
}

const CliCommand cli_generate = {
  .name = "generate",
  .summary = N_ ("Make pictures from a prompt"),
  .usage = N_ ("[OPTION…] PROMPT"),
  .options = cli_generate_option_table,
  .epilogue = N_ (
      "A folder gets mezzotint-SEED.png, or mezzotint-SEED-2.png where that is taken. With --count, a file\n"
      "NAME.png becomes NAME-1.png, NAME-2.png... Ctrl-C stops at once and keeps finished pictures; pressed\n"
      "twice, it ends the program.\n\n"
      "Examples:\n"
      "  mezzotint generate \"a red apple\" --output apple.png\n"
      "  mezzotint generate \"a fox in the snow\" --count 4 --output foxes/\n"
      "  mezzotint generate \"a lighthouse\" --model sd15.safetensors --size 512x768 --steps 30\n"
      "  mezzotint generate --from apple.png --guidance 5 --output apple-5.png\n"),
  .run = run,
};
