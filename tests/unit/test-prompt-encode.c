/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts through the pipeline: what weights do to the text encoder's output, and that pictures depend on
 * styles, weights and chunks as they should. */
#include <math.h>
#include <string.h>

#include "engine.h"
#include "pipeline/prompt.h"

#define SIZE 32

typedef struct
{
  MzEngine *engine;
  MzModel *model;
} Fixture;

static void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models/sd1-mini", NULL);

  f->engine = mz_engine_new ("cpu", 1, &error);
  g_assert_no_error (error);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

/* ---- The formulas ---- */

/* Two channels of three tokens; weights 1, 2, 0.5. By hand. */
static void
check_formula (MzEmphasis emphasis, const float *expected)
{
  float z[] = { 1, 2, 4, -1, 3, 2 };
  const float empty[] = { 1, 1, 2, 0, 1, 4 }, weights[] = { 1, 2, 0.5f };

  mz_emphasis_apply (emphasis, z, empty, weights, 3, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (z); i++)
    g_assert_cmpfloat_with_epsilon (z[i], expected[i], 1e-6);
}

static void
test_formulas (void)
{
  const float none[] = { 1, 2, 4, -1, 3, 2 };
  const float scaled[] = { 1, 4, 2, -1, 6, 1 };
  const float from_empty[] = { 1, 3, 3, -1, 5, 3 };
  float kept[6]; /* the sum was 11, and is 13 */

  for (int i = 0; i < 6; i++)
    kept[i] = scaled[i] * 11 / 13;
  check_formula (MZ_EMPHASIS_NONE, none);
  check_formula (MZ_EMPHASIS_SCALE, scaled);
  check_formula (MZ_EMPHASIS_KEEP_MEAN, kept);
  check_formula (MZ_EMPHASIS_FROM_EMPTY, from_empty);
}

/* Nothing of no weight can be brought back to a mean. */
static void
test_all_zero (void)
{
  float z[] = { 1, 2, 3 };
  const float weights[] = { 0, 0, 0 };

  mz_emphasis_apply (MZ_EMPHASIS_KEEP_MEAN, z, NULL, weights, 3, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (z); i++)
    g_assert_cmpfloat (z[i], ==, 0);
}

/* ---- Pictures ---- */

static GBytes *
draw (Fixture *f, const char *style, const char *prompt, const char *negative)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = NULL;

  mz_request_use_defaults (&request, f->model);
  request.prompt = g_strdup (prompt);
  request.negative_prompt = g_strdup (negative);
  request.prompt_style = style;
  request.width = request.height = SIZE;
  request.steps = 3;
  result = mz_generate (f->model, &request, NULL, NULL, &error);
  g_assert_no_error (error);
  return g_bytes_new (mz_result_get_picture (result, 0)->rgb, SIZE * SIZE * 3);
}

/* Largest difference of two pictures. */
static int
distance (GBytes *a, GBytes *b)
{
  const guint8 *x = g_bytes_get_data (a, NULL), *y = g_bytes_get_data (b, NULL);
  int largest = 0;

  for (gsize i = 0; i < g_bytes_get_size (a); i++)
    largest = MAX (largest, ABS (x[i] - y[i]));
  return largest;
}

static int
difference (Fixture *f, const char *style_a, const char *a, const char *style_b, const char *b)
{
  g_autoptr (GBytes) x = draw (f, style_a, a, "blue"), y = draw (f, style_b, b, "blue");

  return distance (x, y);
}

/* Without weights, and with as many words as fit, the style is no part of the picture. */
static void
test_plain_words (Fixture *f, gconstpointer data)
{
  guint n_styles;
  const MzMethodInfo *styles = mz_list_prompt_styles (&n_styles);

  g_assert_cmpuint (n_styles, ==, 4);
  for (guint i = 0; i < n_styles; i++)
    g_assert_cmpint (difference (f, styles[i].id, "a red apple, 12:30", "plain", "a red apple, 12:30"), ==,
                     0);
  g_assert_cmpint (difference (f, "a1111", "a \\(red\\) apple", "plain", "a (red) apple"), ==, 0);
}

static void
test_weights (Fixture *f, gconstpointer data)
{
  static const char *const styles[] = { "a1111", "a1111-no-norm", "comfyui" };

  for (gsize i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      g_assert_cmpint (difference (f, styles[i], "a (red:1.5) apple", styles[i], "a red apple"), >, 0);
      g_assert_cmpint (difference (f, styles[i], "a (red:1.0) apple", styles[i], "a red apple"), ==, 0);
      for (gsize k = 0; k < i; k++)
        g_assert_cmpint (difference (f, styles[i], "a (red:1.5) apple", styles[k], "a (red:1.5) apple"), >,
                         0);
    }
  g_assert_cmpint (difference (f, "plain", "a (red:1.5) apple", "plain", "a red apple"), >, 0);
}

/* What comes behind the 75th token counts, but where it is cut. */
static void
test_long (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("cat");
  g_autofree char *longer = NULL;

  for (int i = 1; i < 75; i++)
    g_string_append (text, " cat");
  longer = g_strdup_printf ("%s red apple", text->str);
  g_assert_cmpint (difference (f, "plain", longer, "plain", text->str), ==, 0);
  g_assert_cmpint (difference (f, "a1111", longer, "a1111", text->str), >, 0);
  g_assert_cmpint (difference (f, "a1111", longer, "comfyui", longer), ==, 0);
}

/* To look at the same tokens twice is to look at them once: a prompt repeated in chunks is the prompt, and so
 * is one that shares a batch with a longer one. Up to the rounding of the sums in attention. */
static void
test_repeated (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) once = draw (f, "a1111", "a red apple", "blue");
  g_autoptr (GBytes) twice = draw (f, "a1111", "a red apple BREAK a red apple", "blue");
  g_autoptr (GBytes) three = draw (f, "a1111", "a red apple", "blue BREAK blue BREAK blue");
  g_autoptr (GBytes) other = draw (f, "a1111", "a red apple BREAK a dog", "blue");

  g_assert_cmpint (distance (once, twice), <=, 1);
  g_assert_cmpint (distance (once, three), <=, 1);
  g_assert_cmpint (distance (once, other), >, 1);
}

/* Two and three chunks, seven and six; the latter are too many to repeat. All kinds draw. */
static void
test_uneven (Fixture *f, gconstpointer data)
{
  static const char *const texts[]
      = { "a BREAK b", "a BREAK b BREAK c", "a BREAK b BREAK c BREAK d BREAK e BREAK f",
          "a BREAK b BREAK c BREAK d BREAK e BREAK f BREAK g",
          "a BREAK (b:1.2) BREAK c BREAK d BREAK e BREAK f BREAK g" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (texts); k++)
      {
        g_autoptr (GBytes) picture = draw (f, "a1111", texts[i], texts[k]);
        g_autoptr (GBytes) swapped = draw (f, "a1111", texts[k], texts[i]);

        g_assert_cmpint (g_bytes_equal (picture, swapped), ==, i == k);
      }
}

static void
test_style_of_request (Fixture *f, gconstpointer data)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  guint n_rows;
  const MzMethodInfo *rows = mz_list_compatibilities (&n_rows);
  g_autoptr (GError) error = NULL;

  mz_request_use_defaults (&request, f->model);
  g_assert_cmpstr (request.prompt_style, ==, "a1111");
  request.prompt_style = NULL;
  for (guint i = 0; i < n_rows; i++)
    {
      request.compatibility = rows[i].id;
      g_assert_nonnull (mz_find_prompt_style (mz_request_get_prompt_style (&request), NULL));
    }
  g_assert_cmpstr (mz_request_get_prompt_style (&request), ==, "comfyui");
  g_assert_true (mz_request_validate (&request, f->model, NULL, NULL));
  g_assert_cmpstr (request.prompt_style, ==, "comfyui");
  request.prompt_style = "a111";
  g_assert_false (mz_request_validate (&request, f->model, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
}

/* ---- Counting ---- */

static gpointer
count_thread (gpointer data)
{
  Fixture *f = data;

  for (int i = 0; i < 200; i++)
    g_assert_cmpint (mz_model_count_tokens (f->model, "a (red:1.2) apple", NULL, NULL, NULL), ==, 3);
  return NULL;
}

static void
test_count (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) ends = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("count", count_thread, f);
  g_autoptr (GBytes) meanwhile = draw (f, "a1111", "a red apple", NULL);

  g_assert_cmpuint (g_bytes_get_size (meanwhile), ==, SIZE * SIZE * 3);
  g_thread_join (thread);
  g_assert_cmpint (mz_model_count_tokens (f->model, NULL, NULL, NULL, &error), ==, 0);
  g_assert_cmpint (mz_model_count_tokens (f->model, "a red BREAK apple", NULL, &ends, &error), ==, 3);
  g_assert_no_error (error);
  g_assert_cmpuint (ends->len, ==, 2);
  g_assert_cmpuint (g_array_index (ends, gsize, 0), ==, 5);
  g_assert_cmpuint (g_array_index (ends, gsize, 1), ==, 17);
  g_assert_cmpint (mz_model_count_tokens (f->model, "\xff", NULL, NULL, &error), ==, -1);
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt-encode/formulas", test_formulas);
  g_test_add_func ("/prompt-encode/all-zero", test_all_zero);
#define ADD(name, func) g_test_add ("/prompt-encode/" name, Fixture, NULL, setup, func, teardown)
  ADD ("plain-words", test_plain_words);
  ADD ("weights", test_weights);
  ADD ("long", test_long);
  ADD ("repeated", test_repeated);
  ADD ("uneven", test_uneven);
  ADD ("style-of-request", test_style_of_request);
  ADD ("count", test_count);
#undef ADD
  return g_test_run ();
}
