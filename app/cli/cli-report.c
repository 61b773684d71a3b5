/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reports of `mezzotint generate`. */
#include "app/cli/cli-report.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "app/cli/cli.h"
#include "app/files/json-text.h"
#include "app/files/printable.h"
#include "app/jobs/memory-need.h"
#include "app/jobs/picture-clock.h"

struct _CliReport
{
  gboolean json, quiet;
  CliProgress *progress; /* NULL: none is shown */
  gint64 started_us;     /* monotonic */
  MezzotintPictureClock clock;
  int n_pictures;
  int loaded_tenths;
};

CliReport *
cli_report_new (gboolean json, gboolean quiet)
{
  CliReport *report = g_new0 (CliReport, 1);

  report->json = json;
  report->quiet = quiet;
  report->progress = json || quiet ? NULL : cli_progress_new ();
  report->started_us = g_get_monotonic_time ();
  mezzotint_picture_clock_start (&report->clock);
  report->loaded_tenths = -1;
  return report;
}

void
cli_report_free (CliReport *report)
{
  g_clear_pointer (&report->progress, cli_progress_free);
  g_free (report);
}

static void
clear_progress (CliReport *report)
{
  if (report->progress != NULL)
    cli_progress_clear (report->progress);
}

static double
seconds_since (gint64 us)
{
  return (double) (g_get_monotonic_time () - us) / 1e6;
}

static GString *
begin_event (const char *event)
{
  GString *line = mezzotint_json_begin ();

  mezzotint_json_add_string (line, "event", event);
  return line;
}

static void
end_event (GString *line)
{
  g_autofree char *text = mezzotint_json_end (line);

  cli_print_json (text);
}

static void
add_path (GString *line, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  mezzotint_json_add_string (line, "path", shown);
}

void
cli_report_load_cb (gpointer user, double fraction)
{
  CliReport *report = user;
  int tenths = (int) (CLAMP (fraction, 0, 1) * 10);
  GString *line;

  if (report->progress != NULL)
    cli_progress_load (report->progress, fraction);
  if (!report->json || tenths <= report->loaded_tenths)
    return;
  report->loaded_tenths = tenths;
  line = begin_event ("load");
  mezzotint_json_add_millionths (line, "fraction", fraction);
  end_event (line);
}

static void
add_noise (GString *line, const MzRequest *request)
{
  mezzotint_json_add_string (line, "prompt_style", mz_request_get_prompt_style (request));
  mezzotint_json_add_string (line, "compatible", request->compatibility);
  mezzotint_json_add_double (line, "variation_strength", request->variation_strength);
  mezzotint_json_add_uint64 (line, "variation_seed", request->variation_seed);
  mezzotint_json_add_int (line, "ensd", request->step_seed_delta);
  mezzotint_json_add_int (line, "gpu_threads", request->gpu_threads);
  mezzotint_json_add_double (line, "guidance_rescale", request->guidance_rescale);
  mezzotint_json_add_double (line, "threshold", request->threshold_ratio);
  mezzotint_json_add_double (line, "threshold_limit", request->threshold_limit);
  mezzotint_json_add_int (line, "zero_snr", request->zero_snr);
}

static void
print_start_as_json (const MzModelInfo *model, const MzRequest *request, const char *device)
{
  GString *line = begin_event ("start");

  mezzotint_json_add_string (line, "model", model->name);
  mezzotint_json_add_string (line, "family", model->family);
  mezzotint_json_add_string (line, "device", device);
  mezzotint_json_add_string (line, "prompt", request->prompt);
  mezzotint_json_add_string (line, "negative", request->negative_prompt);
  mezzotint_json_add_int (line, "width", request->width);
  mezzotint_json_add_int (line, "height", request->height);
  mezzotint_json_add_int (line, "steps", request->steps);
  mezzotint_json_add_string (line, "sampler", request->sampler);
  mezzotint_json_add_string (line, "schedule", request->schedule);
  mezzotint_json_add_double (line, "guidance", request->guidance);
  mezzotint_json_add_double (line, "eta", request->eta);
  mezzotint_json_add_uint64 (line, "seed", request->seed);
  mezzotint_json_add_int (line, "count", request->count);
  mezzotint_json_add_int (line, "at_once", MAX (1, request->at_once));
  mezzotint_json_add_int (line, "clip_skip", request->clip_skip);
  add_noise (line, request);
  end_event (line);
}

void
cli_report_start (CliReport *report, const MzModelInfo *model, const MzRequest *request, const char *device)
{
  const MzMethodInfo *sampler = mz_find_sampler (request->sampler, NULL);
  const MzMethodInfo *schedule = mz_find_schedule (request->schedule, NULL);

  clear_progress (report);
  mezzotint_picture_clock_start (&report->clock);
  if (report->json)
    print_start_as_json (model, request, device);
  else if (!report->quiet)
    /* Translators: the model, width and height, sampler, schedule, steps, guidance, seed, device. */
    cli_print_error (_ ("%s · %d×%d · %s, %s · %d steps · guidance %g · seed %" PRIu64 " · %s\n"),
                     model->name, request->width, request->height, sampler->label, schedule->label,
                     request->steps, request->guidance, request->seed, device);
}

static void
print_memory_as_json (const MzMemoryEstimate *estimate, MzEngine *engine)
{
  GString *line = begin_event ("memory");
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; mezzotint_memory_measure_get_id (i) != NULL; i++)
    if (estimate->measures & (1u << i))
      g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", mezzotint_memory_measure_get_id (i));
  mezzotint_json_add_uint64 (line, "text_encoder_bytes", estimate->text_encoder_bytes);
  mezzotint_json_add_uint64 (line, "unet_bytes", estimate->unet_bytes);
  mezzotint_json_add_uint64 (line, "autoencoder_bytes", estimate->autoencoder_bytes);
  mezzotint_json_add_uint64 (line, "activation_bytes", estimate->activation_bytes);
  mezzotint_json_add_uint64 (line, "peak_bytes", estimate->peak_bytes);
  mezzotint_json_add_uint64 (line, "least_bytes", estimate->least_bytes);
  mezzotint_json_add_int (line, "at_once", estimate->at_once);
  mezzotint_json_add_uint64 (line, "limit_bytes", mz_engine_get_usable_bytes (engine));
  mezzotint_json_add_string (line, "memory", mz_engine_computes_on_card (engine) ? "card" : "program");
  mezzotint_json_add_string (line, "measures", names->str);
  end_event (line);
}

void
cli_report_memory (CliReport *report, const MzMemoryEstimate *estimate, MzEngine *engine)
{
  guint64 weights = estimate->text_encoder_bytes + estimate->unet_bytes + estimate->autoencoder_bytes;
  g_autofree char *peak = g_format_size (estimate->peak_bytes), *model = g_format_size (weights);
  g_autofree char *least = g_format_size (estimate->least_bytes);
  g_autofree char *how = mezzotint_memory_measures_describe (estimate->measures);

  if (report->json)
    print_memory_as_json (estimate, engine);
  if (report->json || report->quiet)
    return;
  clear_progress (report);
  cli_print_error (mz_engine_computes_on_card (engine)
                       /* Translators: three amounts of memory. */
                       ? _ ("The card’s memory: %s at most, of which the model has %s; %s would do\n")
                       /* Translators: three amounts of memory. */
                       : _ ("Memory: %s at most, of which the model has %s; %s would do\n"),
                   peak, model, least);
  if (how != NULL)
    cli_print_error ("%s\n", how);
}

void
cli_report_note (CliReport *report, const char *message)
{
  clear_progress (report);
  if (report->json)
    {
      GString *line = begin_event ("note");

      mezzotint_json_add_string (line, "message", message);
      end_event (line);
    }
  else if (!report->quiet)
    cli_print_error (_ ("Note: %s\n"), message);
}

/* ---- The job's events ---- */

static const char *
phase_name (MzPhase phase)
{
  return phase == MZ_PHASE_TEXT ? "text" : phase == MZ_PHASE_DECODE ? "decode" : "sample";
}

static void
step_cb (gpointer user, const MzStep *step)
{
  CliReport *report = user;
  GString *line;

  mezzotint_picture_clock_step (&report->clock, step);
  if (step->note != NULL)
    cli_report_note (report, step->note);
  if (report->progress != NULL)
    cli_progress_step (report->progress, step);
  if (!report->json)
    return;
  line = begin_event (step->step > 0 && step->phase == MZ_PHASE_SAMPLE ? "step" : "phase");
  mezzotint_json_add_string (line, "phase", phase_name (step->phase));
  mezzotint_json_add_int (line, "picture", step->picture);
  mezzotint_json_add_int (line, "first", step->first);
  mezzotint_json_add_int (line, "together", step->together);
  mezzotint_json_add_int (line, "step", step->step);
  mezzotint_json_add_int (line, "steps", step->steps);
  mezzotint_json_add_millionths (line, "seconds", step->step_seconds);
  if (step->seconds_left >= 0)
    mezzotint_json_add_millionths (line, "seconds_left", step->seconds_left);
  mezzotint_json_add_uint64 (line, "seed", step->seed);
  end_event (line);
}

static void
preview_saved_cb (gpointer user, const MzStep *step, const char *path)
{
  CliReport *report = user;
  GString *line;

  if (!report->json)
    return; /* a person sees the files */
  line = begin_event ("preview");
  mezzotint_json_add_int (line, "picture", step->picture);
  mezzotint_json_add_int (line, "step", step->step);
  add_path (line, path);
  end_event (line);
}

static void
print_picture_as_json (int index, guint64 seed, const MzPicture *picture, const char *path, double seconds)
{
  GString *line = begin_event ("picture");

  mezzotint_json_add_int (line, "picture", index);
  mezzotint_json_add_uint64 (line, "seed", seed);
  add_path (line, path);
  mezzotint_json_add_int (line, "width", picture->width);
  mezzotint_json_add_int (line, "height", picture->height);
  mezzotint_json_add_millionths (line, "seconds", seconds);
  end_event (line);
}

static void
picture_saved_cb (gpointer user, int index, guint64 seed, const MzPicture *picture, const char *path)
{
  CliReport *report = user;
  double seconds = mezzotint_picture_clock_picture (&report->clock);
  g_autofree char *shown = g_filename_display_name (path);

  report->n_pictures++;
  clear_progress (report);
  if (report->json)
    print_picture_as_json (index, seed, picture, path, seconds);
  else if (!report->quiet)
    cli_print (_ ("Saved %s (seed %" PRIu64 ", %.1f s)\n"), shown, seed, seconds);
}

static void
warning_cb (gpointer user, const char *message)
{
  cli_report_note (user, message);
}

MezzotintJobListener
cli_report_listener (CliReport *report)
{
  return (MezzotintJobListener){ step_cb, preview_saved_cb, picture_saved_cb, warning_cb, report };
}

/* ---- Ends ---- */

static void
note_cut_prompt (CliReport *report, MzResult *result)
{
  int n_tokens = 0;
  const char *cut = mz_result_get_cut_prompt (result, &n_tokens);
  g_autofree char *shown = NULL;
  g_autofree char *message = NULL;

  if (cut == NULL)
    return;
  shown = mezzotint_printable (cut, 60);
  message = g_strdup_printf (
      ngettext ("The prompt is too long for this model; its last %d token was left out: “%s”.",
                "The prompt is too long for this model; its last %d tokens were left out: “%s”.", n_tokens),
      n_tokens, shown);
  cli_report_note (report, message);
}

void
cli_report_done (CliReport *report, MzResult *result)
{
  struct rusage usage;
  GString *line;

  note_cut_prompt (report, result);
  if (!report->json)
    return;
  line = begin_event ("done");
  mezzotint_json_add_int (line, "pictures", report->n_pictures);
  mezzotint_json_add_millionths (line, "seconds", seconds_since (report->started_us));
  mezzotint_json_add_uint64 (line, "activation_bytes", mz_result_get_activation_bytes (result));
  if (getrusage (RUSAGE_SELF, &usage) == 0)
    mezzotint_json_add_uint64 (line, "resident_peak_bytes", (guint64) usage.ru_maxrss * 1024);
  end_event (line);
}

int
cli_report_fail (CliReport *report, const GError *error, gboolean reading_file)
{
  int code = cli_exit_code (error, reading_file);

  clear_progress (report);
  if (report->json)
    {
      GString *line = begin_event ("error");

      mezzotint_json_add_int (line, "code", code);
      mezzotint_json_add_string (line, "message", error->message);
      mezzotint_json_add_int (line, "pictures", report->n_pictures);
      end_event (line);
    }
  if (code == CLI_CANCELLED && report->n_pictures > 0)
    cli_print_error (ngettext ("mezzotint: Cancelled; %d finished picture is kept.\n",
                               "mezzotint: Cancelled; %d finished pictures are kept.\n", report->n_pictures),
                     report->n_pictures);
  else
    cli_report_error (error);
  return code;
}
