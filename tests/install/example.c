/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A whole program around the installed engine: ./example "a red apple" apple.ppm
 *   cc example.c -o example $(pkg-config --cflags --libs mezzotint-engine) */
#include <mezzotint/engine.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzEngine) engine = mz_engine_new (NULL, 0, &error);
  g_autoptr (MzModel) model = engine != NULL ? mz_model_load (engine, NULL, NULL, NULL, NULL, &error) : NULL;
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MzResult) result = NULL;
  FILE *file = argc == 3 ? fopen (argv[2], "wb") : NULL;

  mz_request_use_defaults (&request, model);
  request.prompt = g_strdup (argc == 3 ? argv[1] : NULL);
  if (model != NULL && file != NULL)
    result = mz_generate (model, &request, NULL, NULL, &error);
  if (result != NULL)
    {
      const MzPicture *picture = mz_result_get_picture (result, 0);

      fprintf (file, "P6 %d %d 255\n", picture->width, picture->height);
      fwrite (picture->rgb, 3, (size_t) picture->width * (size_t) picture->height, file);
    }
  else
    fprintf (stderr, "%s\n", error != NULL ? error->message : "Usage: example PROMPT FILE.ppm");
  return file == NULL || fclose (file) != 0 || result == NULL;
}
