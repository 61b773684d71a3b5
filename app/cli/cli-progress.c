/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Drawing progress. */
#include "app/cli/cli-progress.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/cli/cli.h"

#define MIN_BAR_WIDTH 10
#define MAX_BAR_WIDTH 40

/* On a terminal no more often than this; elsewhere one line in this long, and at quarters only. */
#define REDRAW_MS 50
#define PLAIN_LINE_MS 10000

struct _CliProgress
{
  gboolean is_terminal, utf8;
  gboolean is_drawn;
  gint64 drawn_at_ms;   /* monotonic; 0: never */
  int picture, quarter; /* of the last plain line */
};

CliProgress *
cli_progress_new (void)
{
  CliProgress *progress = g_new0 (CliProgress, 1);

  progress->is_terminal = isatty (STDERR_FILENO) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  progress->utf8 = g_get_charset (NULL);
  progress->drawn_at_ms = g_get_monotonic_time () / 1000;
  return progress;
}

void
cli_progress_free (CliProgress *progress)
{
  cli_progress_clear (progress);
  g_free (progress);
}

void
cli_progress_clear (CliProgress *progress)
{
  if (progress->is_drawn)
    cli_print_error ("\r\033[K");
  progress->is_drawn = FALSE;
}

static int
terminal_width (void)
{
  struct winsize size;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

/* ---- Texts ---- */

char *
cli_format_duration (double seconds)
{
  gint64 whole = (gint64) (seconds + 0.5);

  if (whole >= 3600)
    return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", whole / 3600, (int) (whole / 60 % 60),
                            (int) (whole % 60));
  return g_strdup_printf ("%d:%02d", (int) (whole / 60), (int) (whole % 60));
}

int
cli_display_width (const char *text)
{
  int width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

/* As much of `text` as fits. */
static char *
cut_to_width (const char *text, int width)
{
  const char *end = text;
  int used = 0;

  while (*end != '\0')
    {
      gunichar c = g_utf8_get_char (end);

      used += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
      if (used > width)
        break;
      end = g_utf8_next_char (end);
    }
  return g_strndup (text, end - text);
}

static void
append_bar (GString *line, double fraction, int width, gboolean utf8)
{
  int full = (int) (fraction * width + 0.5);

  for (int i = 0; i < width; i++)
    g_string_append (line, i < full ? (utf8 ? "━" : "#") : (utf8 ? "─" : "-"));
}

/* Is it about all that are drawn together? */
static gboolean
is_of_several (const MzStep *step)
{
  return step->phase == MZ_PHASE_SAMPLE && step->together > 1;
}

/* "Picture 2 of 3: Step 5 of 20" */
static char *
format_place (const MzStep *step)
{
  g_autofree char *where = NULL;

  switch (step->phase)
    {
    case MZ_PHASE_TEXT:
      where = g_strdup (_ ("Reading the prompt"));
      break;
    case MZ_PHASE_DECODE:
      /* Translators: the picture is decoded, as a photograph is developed. */
      where = g_strdup (_ ("Developing")); /* latent to pixels */
      break;
    case MZ_PHASE_SAMPLE:
    default:
      where = g_strdup_printf (_ ("Step %d of %d"), step->step, step->steps);
    }
  if (step->count == 1)
    return g_steal_pointer (&where);
  if (is_of_several (step))
    return g_strdup_printf (_ ("Pictures %d–%d of %d: %s"), step->first + 1, step->first + step->together,
                            step->count, where);
  return g_strdup_printf (_ ("Picture %d of %d: %s"), step->picture + 1, step->count, where);
}

/* "1.23 s a step, 0:45 left", or "" before the first step. */
static char *
format_times (const MzStep *step)
{
  g_autofree char *left = NULL;

  if (step->step_seconds <= 0)
    return g_strdup ("");
  if (step->seconds_left < 0)
    return g_strdup_printf (_ ("%.2f s a step"), step->step_seconds);
  left = cli_format_duration (step->seconds_left);
  return g_strdup_printf (_ ("%.2f s a step, %s left"), step->step_seconds, left);
}

static double
step_fraction (const MzStep *step)
{
  if (step->phase == MZ_PHASE_TEXT)
    return 0;
  if (step->phase == MZ_PHASE_DECODE || step->steps < 1)
    return 1;
  return CLAMP ((double) step->step / step->steps, 0, 1);
}

/* "2/3 5/20": the same for a narrow terminal. */
static char *
format_short_place (const MzStep *step)
{
  g_autofree char *where = g_strdup_printf ("%d/%d", step->step, step->steps);

  if (step->count == 1)
    return g_steal_pointer (&where);
  if (is_of_several (step))
    return g_strdup_printf ("%d-%d/%d %s", step->first + 1, step->first + step->together, step->count, where);
  return g_strdup_printf ("%d/%d %s", step->picture + 1, step->count, where);
}

/* A line of at most `width` columns: what, a bar, how long. `what` is taken over; what_short is for narrow
 * terminals. */
static char *
format_line (char *what, const char *what_short, double fraction, const char *times, int width, gboolean utf8)
{
  g_autofree char *place = what;
  GString *line;
  int room;

  if (!utf8)
    {
      g_autofree char *ascii = g_str_to_ascii (place, NULL);

      g_free (place);
      place = g_steal_pointer (&ascii);
    }
  if (cli_display_width (place) > width)
    {
      g_free (place);
      place = g_strdup (what_short);
    }
  if (cli_display_width (place) > width)
    return cut_to_width (place, MAX (width, 0));
  line = g_string_new (place);
  room = width - cli_display_width (place) - (*times != '\0' ? 2 + cli_display_width (times) : 0);
  if (room >= MIN_BAR_WIDTH + 2)
    {
      g_string_append (line, "  ");
      append_bar (line, fraction, MIN (room - 2, MAX_BAR_WIDTH), utf8);
    }
  if (room >= 0 && *times != '\0')
    g_string_append_printf (line, "  %s", times);
  return g_string_free (line, FALSE);
}

char *
cli_progress_format (const MzStep *step, int width, gboolean utf8)
{
  g_autofree char *times = format_times (step);
  g_autofree char *short_place = format_short_place (step);

  return format_line (format_place (step), short_place, step_fraction (step), times, width, utf8);
}

/* ---- Drawing ---- */

static void
draw (CliProgress *progress, const char *line)
{
  cli_print_error ("\r%s\033[K", line);
  progress->is_drawn = TRUE;
  progress->drawn_at_ms = g_get_monotonic_time () / 1000;
}

static gboolean
is_time (const CliProgress *progress, gint64 ms)
{
  return g_get_monotonic_time () / 1000 - progress->drawn_at_ms >= ms;
}

void
cli_progress_load (CliProgress *progress, double fraction)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  if (!progress->is_terminal || !is_time (progress, REDRAW_MS))
    return;
  text = g_strdup_printf (_ ("Loading the model, %d %%"), (int) (fraction * 100));
  line = cut_to_width (text, terminal_width () - 1);
  draw (progress, line);
}

/* A log wants a few lines, and none for what is quick. */
static void
print_plain_line (CliProgress *progress, const MzStep *step)
{
  int quarter = (int) (step_fraction (step) * 4);
  g_autofree char *line = NULL;

  if (step->phase != MZ_PHASE_SAMPLE || !is_time (progress, PLAIN_LINE_MS)
      || (progress->picture == step->picture && progress->quarter == quarter))
    return;
  progress->picture = step->picture;
  progress->quarter = quarter;
  progress->drawn_at_ms = g_get_monotonic_time () / 1000;
  line = cli_progress_format (step, G_MAXINT, TRUE);
  cli_print_error ("%s\n", line);
}

void
cli_progress_step (CliProgress *progress, const MzStep *step)
{
  g_autofree char *line = NULL;
  gboolean is_last = step->phase == MZ_PHASE_SAMPLE && step->step == step->steps;

  if (is_of_several (step) && step->picture != step->first)
    return; /* the first of them stands for all */
  if (!progress->is_terminal)
    {
      print_plain_line (progress, step);
      return;
    }
  if (progress->is_drawn && !is_last && step->phase == MZ_PHASE_SAMPLE && !is_time (progress, REDRAW_MS))
    return;
  line = cli_progress_format (step, terminal_width () - 1, progress->utf8);
  draw (progress, line);
}

void
cli_progress_work (CliProgress *progress,
                   const char *what,
                   const char *what_short,
                   double fraction,
                   double seconds_left)
{
  g_autofree char *left = seconds_left >= 0 ? cli_format_duration (seconds_left) : NULL;
  g_autofree char *times = left != NULL ? g_strdup_printf (_ ("%s left"), left) : g_strdup ("");
  g_autofree char *line = NULL;

  if (progress->is_terminal ? progress->is_drawn && !is_time (progress, REDRAW_MS)
                            : !is_time (progress, PLAIN_LINE_MS))
    return;
  line = format_line (g_strdup (what), what_short, fraction, times,
                      progress->is_terminal ? terminal_width () - 1 : G_MAXINT,
                      !progress->is_terminal || progress->utf8);
  if (progress->is_terminal)
    draw (progress, line);
  else
    {
      cli_print_error ("%s\n", line);
      progress->drawn_at_ms = g_get_monotonic_time () / 1000;
    }
}
