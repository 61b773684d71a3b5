/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How far a task is, in words. */
#include "ui/words.h"

#include <glib/gi18n.h>
#include <math.h>

#define SEPARATOR " · "

char *
mezzotint_words_for_time_left (double seconds)
{
  int whole = (int) ceil (MIN (seconds, 1e8)), minutes = (whole + 30) / 60;

  if (!(seconds >= 0))
    return NULL;
  if (whole < 60)
    return g_strdup_printf (ngettext ("%d second left", "%d seconds left", whole), whole);
  if (minutes < 60)
    return g_strdup_printf (ngettext ("%d minute left", "%d minutes left", minutes), minutes);
  /* Translators: hours and minutes. */
  return g_strdup_printf (_ ("%d h %d min left"), minutes / 60, minutes % 60);
}

static char *
join (const char *first, const char *second)
{
  if (second == NULL)
    return g_strdup (first);
  return g_strconcat (first, SEPARATOR, second, NULL);
}

static char *
describe_phase (MzPhase phase, int step, int steps, double step_seconds)
{
  if (phase == MZ_PHASE_TEXT || (phase == MZ_PHASE_SAMPLE && step == 0))
    return g_strdup (_ ("Reading the prompt…"));
  if (phase == MZ_PHASE_DECODE)
    /* Translators: the picture is decoded, as a photograph is developed. */
    return g_strdup (_ ("Developing the picture…"));
  if (step_seconds <= 0)
    return g_strdup_printf (_ ("Step %d of %d"), step, steps);
  return g_strdup_printf (step_seconds < 10 ? _ ("Step %d of %d · %.2f s a step")
                                            : _ ("Step %d of %d · %.0f s a step"),
                          step, steps, step_seconds);
}

/* Which of them is in work, or which are. */
static char *
describe_place (int picture, int together, int count)
{
  if (together > 1)
    return g_strdup_printf (_ ("Pictures %d–%d of %d"), picture + 1, picture + together, count);
  return g_strdup_printf (_ ("Picture %d of %d"), picture + 1, count);
}

static char *
describe_running (MezzotintTask *task)
{
  int phase, picture, together, count, step, steps;
  double step_seconds, seconds_left;
  g_autofree char *where = NULL;
  g_autofree char *left = NULL;
  g_autofree char *which = NULL;

  g_object_get (task, "phase", &phase, "picture", &picture, "together", &together, "count", &count, "step",
                &step, "steps", &steps, "step-seconds", &step_seconds, "seconds-left", &seconds_left, NULL);
  where = describe_phase ((MzPhase) phase, step, steps, step_seconds);
  left = mezzotint_words_for_time_left (seconds_left);
  if (count > 1)
    {
      g_autofree char *phrase = g_steal_pointer (&where);

      which = describe_place (picture, together, count);
      where = join (which, phrase);
    }
  return join (where, left);
}

static char *
describe_finished (MezzotintTask *task)
{
  guint n_pictures = g_list_model_get_n_items (mezzotint_task_get_pictures (task));
  g_autoptr (MezzotintTaskPicture) picture = NULL;
  g_autofree char *name = NULL;
  const char *path;

  if (n_pictures == 0)
    return g_strdup (_ ("Finished"));
  picture = g_list_model_get_item (mezzotint_task_get_pictures (task), n_pictures - 1);
  path = mezzotint_task_picture_get_path (picture);
  if (path == NULL)
    return g_strdup (_ ("Finished, but not saved"));
  name = g_filename_display_basename (path);
  if (n_pictures == 1)
    return g_strdup_printf (_ ("Saved as %s"), name);
  return g_strdup_printf (ngettext ("%d picture saved", "%d pictures saved", n_pictures), n_pictures);
}

char *
mezzotint_words_for_task (MezzotintTask *task)
{
  switch (mezzotint_task_get_state (task))
    {
    case MEZZOTINT_TASK_WAITING:
      return g_strdup (_ ("Waiting"));
    case MEZZOTINT_TASK_LOADING:
      return g_strdup (_ ("Reading the model…"));
    case MEZZOTINT_TASK_RUNNING:
      return describe_running (task);
    case MEZZOTINT_TASK_FINISHED:
      return describe_finished (task);
    case MEZZOTINT_TASK_CANCELLED:
      return g_strdup (_ ("Stopped"));
    case MEZZOTINT_TASK_FAILED:
    default:
      return g_strdup (_ ("Could not be made"));
    }
}

char *
mezzotint_words_for_task_briefly (MezzotintTask *task)
{
  int picture, together, count, step, steps;
  double seconds_left;
  g_autofree char *where = NULL;
  g_autofree char *left = NULL;

  if (mezzotint_task_get_state (task) != MEZZOTINT_TASK_RUNNING)
    return mezzotint_words_for_task (task);
  g_object_get (task, "picture", &picture, "together", &together, "count", &count, "step", &step, "steps",
                &steps, "seconds-left", &seconds_left, NULL);
  where = count > 1 ? describe_place (picture, together, count)
                    : g_strdup_printf (_ ("Step %d of %d"), step, steps);
  left = mezzotint_words_for_time_left (seconds_left);
  return join (where, left);
}

char *
mezzotint_words_for_recipe (MezzotintRecipe *recipe)
{
  const MzRequest *request = mezzotint_recipe_get_request (recipe);
  g_autofree char *count = NULL;
  g_autofree char *size = g_strdup_printf ("%d × %d", request->width, request->height);

  if (request->count > 1)
    count = g_strdup_printf (ngettext ("%d picture", "%d pictures", request->count), request->count);
  return join (size, count);
}

char *
mezzotint_words_for_prompt (MezzotintRecipe *recipe)
{
  const char *prompt = mezzotint_recipe_get_request (recipe)->prompt;
  char *line;

  if (prompt == NULL || *prompt == '\0')
    return g_strdup (_ ("No prompt"));
  line = g_strdup (prompt);
  return g_strdelimit (line, "\n\r\t", ' ');
}
