/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The timeline: following a run, moving along it with keys and pointer, playing, branching. */
#include "ui/timeline-strip.h"
#include "ui/timeline-view.h"

#include "ui-test.h"

#define SIZE 32
#define STEPS 8

typedef struct
{
  MzEngine *engine;
  MzModel *model;
  MezzotintRecipe *recipe;
  GPtrArray *snapshots; /* [STEPS], of a real run */

  GtkWidget *window;
  MezzotintTimelineView *view;
  MezzotintTimelineStrip *strip;
  MezzotintTimeline *timeline;
  int n_selected; /* emissions of frame-selected */
  int selected;   /* step of the last; 0: live */
  int branched;   /* step that was branched from; 0: none */
} Fixture;

/* ---- A run ---- */

static void
step_cb (gpointer user, const MzStep *step)
{
  g_autoptr (GError) error = NULL;

  if (step->phase != MZ_PHASE_SAMPLE || step->step == 0 || step->denoised == NULL)
    return;
  g_ptr_array_add (user, mz_step_take_snapshot (step, &error));
  g_assert_no_error (error);
}

static void
run (Fixture *f)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models/sd1-mini", NULL);
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = NULL;

  f->engine = mz_engine_new ("cpu", 1, &error);
  g_assert_no_error (error);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  mz_request_use_defaults (&request, f->model);
  request.prompt = g_strdup ("a red apple");
  request.width = request.height = SIZE;
  request.steps = STEPS;
  f->snapshots = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_snapshot_unref);
  result = mz_generate (f->model, &request, &(MzCallbacks){ .progress = step_cb, .user = f->snapshots }, NULL,
                        &error);
  g_assert_no_error (error);
  g_assert_cmpuint (f->snapshots->len, ==, STEPS);
  f->recipe = mezzotint_recipe_new (path, &request);
}

static MezzotintPixels *
make_pixels (int size, int shade)
{
  MzPicture *picture = g_new0 (MzPicture, 1);

  picture->width = picture->height = size;
  picture->rgb = g_malloc ((gsize) size * size * 3);
  memset (picture->rgb, shade, (gsize) size * size * 3);
  return mezzotint_pixels_new (picture);
}

static void
append_steps (Fixture *f, int begin, int end)
{
  for (int i = begin; i < end; i++)
    {
      g_autoptr (MezzotintPixels) pixels = make_pixels (8, 255 * i / STEPS);

      mezzotint_timeline_append (f->timeline, i + 1, STEPS, pixels, f->snapshots->pdata[i]);
    }
}

static void
finish (Fixture *f)
{
  g_autoptr (MezzotintPixels) pixels = make_pixels (256, 200);

  mezzotint_timeline_finish (f->timeline, pixels);
}

/* ---- The window ---- */

static void
selected_cb (Fixture *f, MezzotintFrame *frame)
{
  f->n_selected++;
  f->selected = frame != NULL ? mezzotint_frame_get_step (frame) : 0;
}

static void
branch_cb (Fixture *f, MezzotintFrame *frame)
{
  g_assert_nonnull (mezzotint_frame_get_snapshot (frame));
  f->branched = mezzotint_frame_get_step (frame);
}

static void
setup (Fixture *f, gconstpointer data)
{
  run (f);
  f->timeline = mezzotint_timeline_new (0, 5);
  f->view = MEZZOTINT_TIMELINE_VIEW (mezzotint_timeline_view_new ());
  f->strip = MEZZOTINT_TIMELINE_STRIP (ui_test_find (GTK_WIDGET (f->view), MEZZOTINT_TYPE_TIMELINE_STRIP));
  mezzotint_timeline_view_set_timeline (f->view, f->timeline, f->recipe);
  g_signal_connect_swapped (f->view, "frame-selected", G_CALLBACK (selected_cb), f);
  g_signal_connect_swapped (f->view, "branch", G_CALLBACK (branch_cb), f);
  f->window = g_object_ref_sink (gtk_window_new ());
  gtk_window_set_default_size (GTK_WINDOW (f->window), 600, 120);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->view));
  ui_test_present (f->window);
  gtk_widget_grab_focus (GTK_WIDGET (f->strip));
}

static void
teardown (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_object_unref (f->window);
  g_object_unref (f->timeline);
  mezzotint_recipe_unref (f->recipe);
  g_ptr_array_unref (f->snapshots);
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static gboolean
is_enabled (Fixture *f, const char *icon)
{
  GtkWidget *box = gtk_widget_get_first_child (GTK_WIDGET (f->view));

  for (GtkWidget *child = gtk_widget_get_first_child (box); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child) && g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (child)), icon) == 0)
      return gtk_widget_is_sensitive (child);
  g_assert_not_reached ();
}

/* ---- Tests ---- */

static void
test_live (Fixture *f, gconstpointer data)
{
  ui_test_assert_accessible (f->window);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f->strip), GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->strip), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       "No steps yet");
  g_assert_false (is_enabled (f, "media-playback-start-symbolic"));
  append_steps (f, 0, 3);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->strip), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       "Step 3 of 8");
  append_steps (f, 3, STEPS);
  finish (f);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->strip), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       "Finished picture");
  /* Whoever looks at the newest is not told of each. */
  g_assert_cmpint (f->n_selected, ==, 0);
  ui_test_shoot (f->window, "timeline");
}

static void
test_keys (Fixture *f, gconstpointer data)
{
  append_steps (f, 0, 5);
  ui_test_press (f->window, "Home");
  g_assert_cmpint (f->selected, ==, 1);
  ui_test_press (f->window, "Right");
  g_assert_cmpint (f->selected, ==, 2);
  /* The run goes on: what is looked at stays. */
  append_steps (f, 5, STEPS);
  g_assert_cmpint (mezzotint_timeline_strip_get_position (f->strip), ==, 1);
  ui_test_press (f->window, "End");
  g_assert_cmpint (f->selected, ==, STEPS);
  ui_test_press (f->window, "Left");
  g_assert_cmpint (f->selected, ==, STEPS - 1);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->strip), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       "Step 7 of 8");
  ui_test_press (f->window, "Escape");
  g_assert_cmpint (f->selected, ==, 0);
  g_assert_cmpint (mezzotint_timeline_strip_get_position (f->strip), ==, MEZZOTINT_TIMELINE_LIVE);
}

static void
test_right_to_left (Fixture *f, gconstpointer data)
{
  append_steps (f, 0, STEPS);
  gtk_widget_set_direction (GTK_WIDGET (f->strip), GTK_TEXT_DIR_RTL);
  ui_test_press (f->window, "Home");
  ui_test_press (f->window, "Left");
  g_assert_cmpint (f->selected, ==, 2);
  ui_test_click (GTK_WIDGET (f->strip), 0.99, 0.5);
  g_assert_cmpint (f->selected, ==, 1);
}

static void
test_scrub (Fixture *f, gconstpointer data)
{
  append_steps (f, 0, 4);
  /* During the run, eight parts, of which four are there. */
  ui_test_click (GTK_WIDGET (f->strip), 0.19, 0.5);
  g_assert_cmpint (f->selected, ==, 2);
  ui_test_drag (GTK_WIDGET (f->strip), 0.02, 0.95, 0.5);
  g_assert_cmpint (f->selected, ==, 4);
  g_assert_cmpint (f->n_selected, >=, 3);
  ui_test_shoot (f->window, "timeline-scrub");
}

static gboolean
is_still (gpointer data)
{
  gboolean is_playing;

  g_object_get (data, "is-playing", &is_playing, NULL);
  return !is_playing;
}

static void
test_play (Fixture *f, gconstpointer data)
{
  append_steps (f, 0, STEPS);
  finish (f);
  ui_test_press (f->window, "space");
  g_assert_false (is_still (f->view));
  ui_test_wait (is_still, f->view);
  /* Every frame was shown, and the newest again in the end. */
  g_assert_cmpint (f->n_selected, ==, STEPS + 2);
  g_assert_cmpint (f->selected, ==, 0);
  ui_test_press (f->window, "space");
  ui_test_press (f->window, "Home");
  g_assert_true (is_still (f->view));
  g_assert_cmpint (f->selected, ==, 1);
}

static void
test_branch (Fixture *f, gconstpointer data)
{
  append_steps (f, 0, STEPS);
  finish (f);
  g_assert_false (is_enabled (f, "mezzotint-branch-symbolic"));
  ui_test_press (f->window, "Home");
  ui_test_press (f->window, "Right");
  g_assert_true (is_enabled (f, "mezzotint-branch-symbolic"));
  gtk_widget_activate_action (GTK_WIDGET (f->view), "timeline.branch", NULL);
  g_assert_cmpint (f->branched, ==, 2);
  f->branched = 0;
  mezzotint_timeline_drop_snapshots (f->timeline);
  g_assert_false (is_enabled (f, "mezzotint-branch-symbolic"));
  gtk_widget_activate_action (GTK_WIDGET (f->view), "timeline.branch", NULL);
  g_assert_cmpint (f->branched, ==, 0);
}

/* Far more steps than there are pixels for them. */
static void
test_many (Fixture *f, gconstpointer data)
{
  const int n_steps = 1000;

  for (int i = 0; i < n_steps; i++)
    {
      g_autoptr (MezzotintPixels) pixels = make_pixels (8, 255 * i / n_steps);

      mezzotint_timeline_append (f->timeline, i + 1, n_steps, pixels, NULL);
    }
  ui_test_settle (f->window);
  ui_test_press (f->window, "Home");
  ui_test_press (f->window, "Page_Up");
  g_assert_cmpint (f->selected, ==, 101);
  ui_test_click (GTK_WIDGET (f->strip), 0.5, 0.5);
  g_assert_cmpint (ABS (f->selected - 500), <, 5);
  mezzotint_timeline_view_set_timeline (f->view, NULL, NULL);
  g_assert_cmpint (f->selected, ==, 0);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define ADD(name, function) g_test_add ("/timeline/" name, Fixture, NULL, setup, function, teardown)
  ADD ("live", test_live);
  ADD ("keys", test_keys);
  ADD ("right-to-left", test_right_to_left);
  ADD ("scrub", test_scrub);
  ADD ("play", test_play);
  ADD ("branch", test_branch);
  ADD ("many", test_many);
  return g_test_run ();
}
