/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Draws what the help's page “How it works” shows of a run from the inside: the noisy picture and the
 * predicted one at each step, the four channels of a latent, and the noise levels of each schedule.
 * data/help/make-pictures.sh calls it: make-help-figures MODEL PROMPT SEED FOLDER writes state-NN.ppm,
 * clean-NN.ppm and latent-N.pgm, and prints a line for each schedule: its name, its levels. */
#include "engine.h"
#include "pipeline/snapshot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define N_STEPS 20

typedef struct
{
  MzModel *model;
  const char *folder; /* NULL: print levels */
} Drawing;

static void
give_up (GError *error)
{
  fprintf (stderr, "%s\n", error != NULL ? error->message : "The files cannot be written.");
  exit (1);
}

static void
write_file (const char *folder,
            const char *name,
            int step,
            char kind,
            int width,
            int height,
            const guint8 *pixels)
{
  g_autofree char *path = g_strdup_printf ("%s/%s-%02d.%s", folder, name, step, kind == '6' ? "ppm" : "pgm");
  gsize n = (gsize) width * (gsize) height * (kind == '6' ? 3 : 1);
  FILE *file = fopen (path, "wb");

  if (file == NULL || fprintf (file, "P%c\n%d %d\n255\n", kind, width, height) < 0
      || fwrite (pixels, 1, n, file) != n || fclose (file) != 0)
    give_up (NULL);
}

static void
decode (const Drawing *drawing, MzSnapshot *snapshot, const char *name)
{
  GError *error = NULL;
  MzPicture *picture = mz_snapshot_decode (snapshot, drawing->model, NULL, &error);

  if (picture == NULL)
    give_up (error);
  write_file (drawing->folder, name, snapshot->step, '6', picture->width, picture->height, picture->rgb);
  mz_picture_free (picture);
}

/* Each channel, from its lowest value to its highest. */
static void
draw_channels (const Drawing *drawing, const MzSnapshot *snapshot)
{
  gsize n = (gsize) snapshot->height * (gsize) snapshot->width;
  g_autofree guint8 *gray = g_malloc (n);

  for (int c = 0; c < snapshot->channels; c++)
    {
      const float *values = snapshot->latents + n * (gsize) (snapshot->channels + c);
      float low = values[0], high = values[0];

      for (gsize i = 0; i < n; i++)
        low = MIN (low, values[i]), high = MAX (high, values[i]);
      for (gsize i = 0; i < n; i++)
        gray[i] = (guint8) lrintf (255 * (values[i] - low) / MAX (high - low, 1e-6f));
      write_file (drawing->folder, "latent", c, '5', snapshot->width, snapshot->height, gray);
    }
}

static void
progress_cb (gpointer user, const MzStep *step)
{
  const Drawing *drawing = user;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  MzSnapshot *snapshot;
  gsize n;

  if (step->phase != MZ_PHASE_SAMPLE || step->step == 0)
    return;
  snapshot = mz_step_take_snapshot (step, &error);
  if (snapshot == NULL)
    give_up (error);
  if (drawing->folder == NULL)
    {
      printf (" %.9g", mz_snapshot_get_sigma (snapshot));
      mz_snapshot_unref (snapshot);
      return;
    }
  decode (drawing, snapshot, "clean");
  if (step->step == step->steps)
    draw_channels (drawing, snapshot);
  /* one of our own, whose clean latent is the noisy one, brought to the variance that the decoder knows */
  bytes = mz_snapshot_to_bytes (snapshot);
  mz_snapshot_unref (snapshot);
  snapshot = mz_snapshot_new_from_bytes (bytes, &error);
  if (snapshot == NULL)
    give_up (error);
  n = (gsize) snapshot->channels * (gsize) snapshot->height * (gsize) snapshot->width;
  for (gsize i = 0; i < n; i++)
    snapshot->latents[n + i]
        = snapshot->latents[i]
          / (float) (snapshot->sigma_space ? sqrt (1 + snapshot->sigma * snapshot->sigma) : 1);
  decode (drawing, snapshot, "state");
  mz_snapshot_unref (snapshot);
}

static void
run (Drawing *drawing, MzRequest *request)
{
  GError *error = NULL;
  const MzCallbacks callbacks = { .progress = progress_cb, .user = drawing };
  MzResult *result = mz_generate (drawing->model, request, &callbacks, NULL, &error);

  if (result == NULL)
    give_up (error);
  mz_result_unref (result);
}

int
main (int argc, char **argv)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  GError *error = NULL;
  Drawing drawing = { NULL, NULL };
  const MzMethodInfo *schedules;
  guint n_schedules;
  MzEngine *engine;

  if (argc != 5)
    {
      fprintf (stderr, "Usage: make-help-figures MODEL PROMPT SEED FOLDER\n");
      return 2;
    }
  engine = mz_engine_new ("cpu", 0, &error);
  drawing.model = engine != NULL ? mz_model_load (engine, argv[1], NULL, NULL, NULL, &error) : NULL;
  if (drawing.model == NULL)
    give_up (error);
  mz_request_use_defaults (&request, drawing.model);
  request.prompt = g_strdup (argv[2]);
  request.seed = g_ascii_strtoull (argv[3], NULL, 10);
  request.steps = N_STEPS;
  request.sampler = "euler";
  drawing.folder = argv[4];
  run (&drawing, &request);
  drawing.folder = NULL;
  schedules = mz_list_schedules (&n_schedules);
  for (guint i = 0; i < n_schedules; i++)
    {
      request.schedule = schedules[i].id;
      printf ("%s", schedules[i].id);
      run (&drawing, &request);
      printf ("\n");
    }
  mz_model_unref (drawing.model);
  mz_engine_unref (engine);
  return 0;
}
