/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Animations: what is saved plays as it was meant, and nothing half done is left behind. */
#include "app/files/animation.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "app/files/picture.h"
#include "app/files/png-file.h"
#include "read-animation.h"

typedef struct
{
  char *folder, *path;
  MezzotintAnimationFrame frames[4];
  MezzotintAnimationOptions options;
} Fixture;

/* Kinds of pictures by seed: 0 a slope of many colours, 1 grain, 2 two colours, others a few colours. */
static MzPicture *
make_picture (int width, int height, int seed)
{
  MzPicture *picture = mezzotint_picture_new (width, height, NULL);

  for (int i = 0; i < width * height; i++)
    for (int c = 0; c < 3; c++)
      {
        int x = i % width, y = i / width;

        picture->rgb[3 * i + c] = (guint8) (seed == 0   ? (c == 0   ? 255 * x / width
                                                           : c == 1 ? 255 * y / height
                                                                    : 128)
                                            : seed == 1 ? (int) g_test_rand_int ()
                                            : seed == 2 ? ((x ^ y) & 1) * 200
                                                        : (x * seed + y) % 16 * (c + 1) * 5);
      }
  return picture;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("mezzotint-animation-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "a.anim", NULL);
  f->options.kind = (MezzotintAnimationKind) GPOINTER_TO_INT (data);
  for (int i = 0; i < 4; i++)
    f->frames[i] = (MezzotintAnimationFrame){ make_picture (70, 50, i), 40 * (i + 1) };
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0); /* nothing else was left behind */
  for (int i = 0; i < 4; i++)
    mz_picture_free ((MzPicture *) f->frames[i].picture);
  g_free (f->path);
  g_free (f->folder);
}

static gboolean
is_gif (const Fixture *f)
{
  return f->options.kind == MEZZOTINT_ANIMATION_GIF;
}

static ReadAnimation *
save_and_read (Fixture *f, guint n_frames)
{
  g_autoptr (GError) error = NULL;

  mezzotint_animation_save (f->path, f->frames, n_frames, &f->options, NULL, &error);
  g_assert_no_error (error);
  return is_gif (f) ? read_gif (f->path) : read_apng (f->path);
}

static double
mean_square_error (const MzPicture *a, const MzPicture *b)
{
  int n = a->width * a->height * 3;
  double sum = 0;

  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  for (int i = 0; i < n; i++)
    sum += (a->rgb[i] - b->rgb[i]) * (a->rgb[i] - b->rgb[i]);
  return sum / n;
}

/* PNG loses nothing; GIF nothing of few colours, little of a slope, and of grain what 256 of 16 million
 * colours must. */
static void
test_frames (Fixture *f, gconstpointer data)
{
  static const double gif_bars[] = { 40, 250, 0, 0 };
  g_autoptr (ReadAnimation) animation = save_and_read (f, 4);

  g_assert_cmpint (animation->width, ==, 70);
  g_assert_cmpint (animation->height, ==, 50);
  g_assert_cmpint (animation->n_loops, ==, 0);
  g_assert_cmpuint (animation->frames->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      const ReadFrame *frame = &g_array_index (animation->frames, ReadFrame, i);
      double error = mean_square_error (frame->picture, f->frames[i].picture);

      g_test_message ("frame %u: %.1f", i, error);
      g_assert_cmpint (frame->ms, ==, 40 * (int) (i + 1));
      g_assert_cmpfloat (error, <=, is_gif (f) ? gif_bars[i] : 0);
    }
  if (!is_gif (f))
    g_assert_cmpfloat (mean_square_error (animation->plain, f->frames[3].picture), ==, 0);
}

/* The smallest, one that fills the table of strings many times over, and one colour, whose strings grow to
 * the longest. */
static void
test_sizes (Fixture *f, gconstpointer data)
{
  static const struct
  {
    int width, height, seed;
  } cases[] = { { 1, 1, 3 }, { 1, 7, 2 }, { 301, 203, 1 }, { 64, 64, 2 }, { 500, 400, 16 }, { 300, 1, 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MzPicture) picture = make_picture (cases[i].width, cases[i].height, cases[i].seed);
      const MezzotintAnimationFrame frame = { picture, 1000 };
      g_autoptr (ReadAnimation) animation = NULL;
      g_autoptr (GError) error = NULL;

      mezzotint_animation_save (f->path, &frame, 1, &f->options, NULL, &error);
      g_assert_no_error (error);
      animation = is_gif (f) ? read_gif (f->path) : read_apng (f->path);
      g_assert_cmpfloat (mean_square_error (g_array_index (animation->frames, ReadFrame, 0).picture, picture),
                         <=, is_gif (f) && cases[i].seed < 2 ? 250 : 0);
    }
}

/* Previews may be small: all frames get the size of the largest, or the one asked for. */
static void
test_scaling (Fixture *f, gconstpointer data)
{
  g_autoptr (MzPicture) small = make_picture (7, 5, 3), expected = NULL;
  const MzPicture *kept = f->frames[1].picture;
  g_autoptr (ReadAnimation) largest = NULL, chosen = NULL;

  f->frames[1].picture = small;
  largest = save_and_read (f, 3);
  expected = mezzotint_picture_scale (small, 70, 50, NULL, NULL);
  g_assert_cmpfloat (mean_square_error (g_array_index (largest->frames, ReadFrame, 1).picture, expected), <=,
                     is_gif (f) ? 40 : 0);
  f->options.width = 20;
  f->options.height = 30;
  chosen = save_and_read (f, 3);
  g_assert_cmpint (chosen->width, ==, 20);
  g_assert_cmpint (chosen->height, ==, 30);
  f->frames[1].picture = kept;
}

/* Times and loops beyond what the format has. */
static void
test_times (Fixture *f, gconstpointer data)
{
  static const int given[] = { 0, 14, 65535, 1000000 }, gif[] = { 20, 20, 65540, 65540 },
                   apng[] = { 0, 14, 65535, 65535 };
  g_autoptr (ReadAnimation) thrice = NULL, once = NULL;

  for (int i = 0; i < 4; i++)
    f->frames[i].duration_ms = given[i];
  f->options.n_loops = 3;
  thrice = save_and_read (f, 4);
  g_assert_cmpint (thrice->n_loops, ==, is_gif (f) ? 2 : 3); /* a GIF counts repeats */
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (g_array_index (thrice->frames, ReadFrame, i).ms, ==, is_gif (f) ? gif[i] : apng[i]);
  f->options.n_loops = 1;
  once = save_and_read (f, 4);
  g_assert_cmpint (once->n_loops, ==, is_gif (f) ? -1 : 1);
}

static void
test_parameters (Fixture *f, gconstpointer data)
{
  g_autoptr (ReadAnimation) animation = NULL;
  g_autofree char *text = NULL;

  f->options.parameters = "a cat 猫\nSteps: 4";
  animation = save_and_read (f, 2);
  if (is_gif (f))
    return;
  text = mezzotint_png_read_text (f->path, MEZZOTINT_PNG_PARAMETERS, NULL);
  g_assert_cmpstr (text, ==, f->options.parameters);
}

/* ---- When it does not work ---- */

typedef struct
{
  MzCancel *cancel;
  guint at;
} Trigger;

static void
progress_cb (gpointer user, guint n_done, guint n_frames)
{
  Trigger *trigger = user;

  g_assert_cmpuint (n_frames, ==, 4);
  g_assert_false (mz_cancel_is_triggered (trigger->cancel));
  if (n_done == trigger->at)
    mz_cancel_trigger (trigger->cancel);
}

/* At once, or after a frame: the older file stays as it was, and there is no other (see tear_down). */
static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_assert_true (g_file_set_contents (f->path, "older", -1, NULL));
  for (guint at = 0; at <= 4; at++)
    {
      g_autoptr (MzCancel) cancel = mz_cancel_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *contents = NULL;
      Trigger trigger = { cancel, at };

      if (at == 0)
        mz_cancel_trigger (cancel);
      f->options.progress = progress_cb;
      f->options.user = &trigger;
      g_assert_false (mezzotint_animation_save (f->path, f->frames, 4, &f->options, cancel, &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
      g_assert_true (g_file_get_contents (f->path, &contents, NULL, NULL));
      g_assert_cmpstr (contents, ==, "older");
    }
}

static void
test_refusals (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *nowhere = g_build_filename (f->folder, "none", "a.gif", NULL);

  g_assert_false (mezzotint_animation_save (f->path, f->frames, 0, &f->options, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (mezzotint_animation_save (nowhere, f->frames, 4, &f->options, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  f->options.width = 70000;
  g_assert_false (mezzotint_animation_save (f->path, f->frames, 4, &f->options, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
}

static void
test_disk_full (Fixture *f, gconstpointer data)
{
  struct rlimit old, small = { 4096, RLIM_INFINITY };
  g_autoptr (GError) error = NULL;
  gboolean ok;

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &old);
  small.rlim_max = old.rlim_max;
  setrlimit (RLIMIT_FSIZE, &small);
  ok = mezzotint_animation_save (f->path, f->frames, 4, &f->options, NULL, &error);
  setrlimit (RLIMIT_FSIZE, &old);
  g_assert_false (ok);
  g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (G_FILE_ERROR));
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
}

/* ---- On a thread of its own ---- */

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer into)
{
  *(GAsyncResult **) into = g_object_ref (result);
}

static GAsyncResult *
save_on_thread (Fixture *f, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) pixels = g_ptr_array_new_with_free_func ((GDestroyNotify) mezzotint_pixels_unref);
  GAsyncResult *result = NULL;

  for (int i = 0; i < 3; i++)
    g_ptr_array_add (pixels, mezzotint_pixels_new (make_picture (70, 50, i)));
  mezzotint_animation_save_async (f->path, f->options.kind, pixels, 50, 900, NULL, cancellable, finished_cb,
                                  &result);
  g_ptr_array_set_size (pixels, 0); /* it keeps its own */
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return result;
}

static void
test_async (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = save_on_thread (f, cancellable), cancelled = NULL;
  g_autoptr (ReadAnimation) animation = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (mezzotint_animation_save_finish (result, &error));
  g_assert_no_error (error);
  animation = is_gif (f) ? read_gif (f->path) : read_apng (f->path);
  g_assert_cmpuint (animation->frames->len, ==, 3);
  g_assert_cmpint (g_array_index (animation->frames, ReadFrame, 1).ms, ==, 50);
  g_assert_cmpint (g_array_index (animation->frames, ReadFrame, 2).ms, ==, 900);
  g_cancellable_cancel (cancellable);
  cancelled = save_on_thread (f, cancellable);
  g_assert_false (mezzotint_animation_save_finish (cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What ImageMagick makes of it, where that is installed. */
static void
test_imagemagick (Fixture *f, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("identify-im6.q16");
  g_autofree char *name = g_strconcat (is_gif (f) ? "gif:" : "png:", f->path, NULL);
  const char *const argv[] = { program, "-format", "%wx%h %T;", name, NULL };
  g_autofree char *out = NULL, *err = NULL;
  int status = 0;

  if (program == NULL)
    {
      g_test_skip ("ImageMagick is not installed");
      return;
    }
  read_animation_free (save_and_read (f, 4));
  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (err, ==, "");
  g_assert_cmpstr (out, ==, is_gif (f) ? "70x50 4;70x50 8;70x50 12;70x50 16;" : "70x50 0;"); /* no APNG */
}

static void
test_names (void)
{
  static const struct
  {
    const char *name;
    int kind;
  } cases[] = { { "a.gif", MEZZOTINT_ANIMATION_GIF },
                { "/b/A.GIF", MEZZOTINT_ANIMATION_GIF },
                { "a.png", MEZZOTINT_ANIMATION_APNG },
                { "a.b.Apng", MEZZOTINT_ANIMATION_APNG },
                { "a.webp", -1 },
                { "gif", -1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MezzotintAnimationKind kind = MEZZOTINT_ANIMATION_APNG;

      g_assert_cmpint (mezzotint_animation_kind_from_name (cases[i].name, &kind), ==, cases[i].kind >= 0);
      g_assert_cmpint (kind, ==, MAX (cases[i].kind, 0));
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *f, gconstpointer data);
  } tests[] = { { "frames", test_frames },         { "sizes", test_sizes },
                { "scaling", test_scaling },       { "times", test_times },
                { "parameters", test_parameters }, { "cancel", test_cancel },
                { "refusals", test_refusals },     { "disk-full", test_disk_full },
                { "async", test_async },           { "imagemagick", test_imagemagick } };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *apng = g_strconcat ("/animation/apng/", tests[i].name, NULL);
      g_autofree char *gif = g_strconcat ("/animation/gif/", tests[i].name, NULL);

      g_test_add (apng, Fixture, GINT_TO_POINTER (MEZZOTINT_ANIMATION_APNG), set_up, tests[i].test,
                  tear_down);
      g_test_add (gif, Fixture, GINT_TO_POINTER (MEZZOTINT_ANIMATION_GIF), set_up, tests[i].test, tear_down);
    }
  g_test_add_func ("/animation/names", test_names);
  return g_test_run ();
}
