/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole pictures through the public header against diffusers' pipeline: every sampler, same seed, same model.
 * The goldens are made and described by tests/reference/picture_goldens.py. */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "engine.h"
#include "unit/golden.h"

/* The project's bars: a pixel may differ by one of 255, a trajectory of 20 steps by 1e-4 of its norm. */
#define PICTURE_BAR 1
#define TRAJECTORY_BAR 1e-4

typedef struct
{
  const char *model_name;
  char *name;
  JsonObject *settings;
  MzModel *model;
  Golden *golden;
} Case;

/* What the callbacks saw. */
typedef struct
{
  const Case *c;
  float *trajectory; /* golden; NULL: none */
  int n_golden;
  float *last; /* [n_latent] */
  gsize n_latent;
  double worst; /* distance from the trajectory, relative */
} Seen;

static double
relative_distance (const float *got, const float *want, gsize n)
{
  double difference = 0, norm = 0;

  for (gsize i = 0; i < n; i++)
    {
      difference += ((double) got[i] - want[i]) * ((double) got[i] - want[i]);
      norm += (double) want[i] * want[i];
    }
  return sqrt (difference / norm);
}

static void
progress_cb (gpointer user, const MzStep *step)
{
  Seen *seen = user;

  if (step->latent == NULL)
    return;
  memcpy (seen->last, step->latent, seen->n_latent * sizeof (float));
  if (step->phase == MZ_PHASE_SAMPLE && seen->trajectory != NULL)
    {
      /* PLMS calls the network twice in its first step: diffusers counts that as two */
      int at = step->step - 1 + (seen->n_golden - step->steps);

      seen->worst = fmax (
          seen->worst,
          relative_distance (step->latent, seen->trajectory + (gsize) at * seen->n_latent, seen->n_latent));
    }
}

/* A setting that only some cases have. */
static void
read_double (JsonObject *s, const char *key, double *value)
{
  if (json_object_has_member (s, key))
    *value = json_object_get_double_member (s, key);
}

static MzRequest *
read_request (const Case *c)
{
  JsonObject *s = c->settings;
  MzRequest *request = g_new0 (MzRequest, 1);

  mz_request_use_defaults (request, c->model);
  request->prompt = g_strdup (json_object_get_string_member (s, "prompt"));
  request->negative_prompt = g_strdup (json_object_get_string_member (s, "negative_prompt"));
  request->width = (int) json_object_get_int_member (s, "width");
  request->height = (int) json_object_get_int_member (s, "height");
  request->steps = (int) json_object_get_int_member (s, "steps");
  request->guidance = json_object_get_double_member (s, "guidance");
  request->seed = (guint64) json_object_get_int_member (s, "seed");
  request->clip_skip = (int) json_object_get_int_member (s, "clip_skip");
  request->sampler = json_object_get_string_member (s, "sampler");
  if (g_str_equal (request->sampler, "ddim"))
    request->eta = json_object_get_double_member (s, "eta");
  request->schedule = json_object_get_string_member (s, "schedule");
  /* Prompts that fit are the same in the style that people begin with, so that is what the other models use.
   */
  if (g_str_equal (c->model_name, "bare"))
    request->prompt_style = "plain";
  read_double (s, "guidance_rescale", &request->guidance_rescale);
  read_double (s, "threshold_ratio", &request->threshold_ratio);
  read_double (s, "threshold_limit", &request->threshold_limit);
  request->zero_snr = json_object_get_boolean_member_with_default (s, "zero_snr", FALSE);
  return request;
}

static const MzView *
find (const Case *c, const char *what)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", c->name, what);

  return golden_lookup (c->golden, name);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzRequest) request = read_request (c);
  g_autoptr (MzResult) result = NULL;
  const MzView *latents = find (c, "latents");
  const MzView *want = find (c, "picture");
  const MzView *trajectory = find (c, "trajectory");
  g_autofree float *golden_latents = golden_floats (latents);
  g_autofree float *golden_trajectory = trajectory != NULL ? golden_floats (trajectory) : NULL;
  g_autofree float *last = g_new0 (float, mz_view_elements (latents));
  Seen seen = { c,    golden_trajectory,          trajectory != NULL ? (int) trajectory->shape[0] : 0,
                last, mz_view_elements (latents), 0 };
  const MzCallbacks callbacks = { progress_cb, NULL, &seen };
  const MzPicture *picture;
  int worst_pixel = 0;
  double distance;

  result = mz_generate (c->model, request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  picture = mz_result_get_picture (result, 0);
  g_assert_cmpuint (mz_view_elements (want), ==, (gsize) picture->width * (gsize) picture->height * 3);
  for (gsize i = 0; i < mz_view_elements (want); i++)
    worst_pixel = MAX (worst_pixel, ABS ((int) picture->rgb[i] - (int) ((const guint8 *) want->data)[i]));
  distance = relative_distance (last, golden_latents, seen.n_latent);
  g_test_message ("%s %s: latents %.2g, trajectory %.2g, pixels %d/255", c->model_name, c->name, distance,
                  seen.worst, worst_pixel);
  g_assert_cmpfloat (distance, <=, TRAJECTORY_BAR);
  g_assert_cmpfloat (seen.worst, <=, TRAJECTORY_BAR);
  g_assert_cmpint (worst_pixel, <=, PICTURE_BAR);
}

static void
case_free (gpointer data)
{
  Case *c = data;

  mz_model_unref (c->model);
  json_object_unref (c->settings);
  g_free (c->name);
  g_free (c);
}

/* Adds every case of a model's golden file. */
static void
add_cases (MzEngine *engine, const char *model_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models", model_name, NULL);
  g_autofree char *file = g_strdup_printf ("pictures-%s.safetensors", model_name);
  g_autoptr (MzModel) model = mz_model_load (engine, path, NULL, NULL, NULL, &error);
  Golden *golden = golden_open (file); /* lives as long as the program */
  g_autoptr (GList) names = NULL;
  JsonObject *cases;

  g_assert_no_error (error);
  json_parser_load_from_data (parser, golden_metadata (golden, "cases"), -1, &error);
  g_assert_no_error (error);
  cases = json_node_get_object (json_parser_get_root (parser));
  names = json_object_get_members (cases);
  g_assert_nonnull (names);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *test = g_strdup_printf ("/pictures/%s/%s", model_name, (const char *) l->data);
      Case *c = g_new0 (Case, 1);

      *c = (Case){ model_name, g_strdup (l->data),
                   json_object_ref (json_object_get_object_member (cases, l->data)), mz_model_ref (model),
                   golden };
      g_test_add_data_func_full (test, c, test_case, case_free);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzEngine) engine = NULL;

  g_test_init (&argc, &argv, NULL);
  engine = mz_engine_new (NULL, 0, &error);
  g_assert_no_error (error);
  add_cases (engine, "sd1-mini");
  add_cases (engine, "proof-mini");
  add_cases (engine, "odd");
  add_cases (engine, "bare");
  return g_test_run ();
}
