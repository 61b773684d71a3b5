/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window around it: queue, what is remembered, narrow and large, keyboard, accessibility. */
#include "tests/ui/ui-program.h"

#include "ui/help.h"
#include "ui/preferences.h"
#include "ui/queue-panel.h"
#include "ui/queue-row.h"

/* ---- The queue ---- */

static GtkWidget *
get_row (Ui *ui, int index)
{
  GtkWidget *panel = ui_child (ui->window, "queue_panel");
  GtkListBox *list = GTK_LIST_BOX (ui_child (panel, "queue_list"));

  return GTK_WIDGET (gtk_list_box_get_row_at_index (list, index));
}

/* Prompts in the list's order. */
static void
assert_order (Ui *ui, const char *expected)
{
  g_autoptr (GString) order = g_string_new (NULL);

  for (int i = 0; get_row (ui, i) != NULL; i++)
    {
      MezzotintTask *task = mezzotint_queue_row_get_task (MEZZOTINT_QUEUE_ROW (get_row (ui, i)));

      g_string_append (order, mezzotint_recipe_get_request (mezzotint_task_get_recipe (task))->prompt);
    }
  g_assert_cmpstr (order->str, ==, expected);
}

static void
append (Ui *ui, const char *prompt)
{
  g_object_set (ui->draft, "prompt", prompt, NULL);
  ui_activate (ui, "win.generate");
}

static void
test_queue (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GtkWidget *panel = ui_child (ui->window, "queue_panel");
  g_autoptr (MezzotintTask) removed = NULL;

  ui_reset_settings (ui);
  mezzotint_queue_set_is_paused (ui->queue, TRUE);
  append (ui, "a");
  append (ui, "b");
  append (ui, "c");
  ui_activate (ui, "win.toggle-queue");
  ui_test_settle (ui->window);
  assert_order (ui, "abc");
  g_assert_true (gtk_widget_activate_action (get_row (ui, 0), "task.move-down", NULL));
  assert_order (ui, "bac");
  g_assert_true (gtk_widget_activate_action (get_row (ui, 2), "task.move-up", NULL));
  assert_order (ui, "bca");
  ui_test_shoot (ui->window, "queue");
  removed = g_object_ref (mezzotint_queue_row_get_task (MEZZOTINT_QUEUE_ROW (get_row (ui, 1))));
  g_assert_true (gtk_widget_activate_action (get_row (ui, 1), "task.remove", NULL));
  assert_order (ui, "ba");
  mezzotint_queue_restore (ui->queue, removed, 1);
  assert_order (ui, "bca");

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (ui_child (panel, "pause_button")), FALSE);
  ui_wait_for_idle (ui);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_queue_get_recent (ui->queue)), >=, 3);
  assert_order (ui, "");
}

/* ---- What the desktop sends ---- */

/* A model file opened from a file manager is added; the desktop's search ends in the gallery. */
static void
test_open (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GActionGroup *actions = G_ACTION_GROUP (ui->application);
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "some.safetensors", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_auto (GStrv) folders = NULL;
  g_autofree char *page = NULL;

  ui_reset_settings (ui);
  g_assert_true (g_file_set_contents (path, "no model", -1, NULL));
  mezzotint_window_show_page (MEZZOTINT_WINDOW (ui->window), "gallery");
  mezzotint_window_open (MEZZOTINT_WINDOW (ui->window), file);
  ui_test_settle (ui->window);
  g_object_get (ui->settings, "model-folders", &folders, "page", &page, NULL);
  g_assert_true (g_strv_contains ((const char *const *) folders, path));
  g_assert_cmpstr (page, ==, "create");
  g_action_group_activate_action (actions, "search", g_variant_new_string ("red apple"));
  ui_test_settle (ui->window);
  g_clear_pointer (&page, g_free);
  g_object_get (ui->settings, "page", &page, NULL);
  g_assert_cmpstr (page, ==, "gallery");
  g_action_group_activate_action (actions, "show-picture", g_variant_new_string ("file:///gone.png"));
  g_action_group_activate_action (actions, "show-picture", g_variant_new_string ("no URI"));
  /* What is no picture ends in a sentence. */
  g_clear_object (&file);
  file = g_file_new_for_path ("/gone.png");
  mezzotint_window_open (MEZZOTINT_WINDOW (ui->window), file);
  ui_test_settle (ui->window);
  mezzotint_window_show_page (MEZZOTINT_WINDOW (ui->window), "create");
}

/* ---- What is remembered ---- */

static void
test_remembers (void)
{
  Ui *ui = ui_start ();
  const MzRequest *request;
  const char *sampler;

  ui_reset_settings (ui);
  sampler = mz_list_samplers (&(guint){ 0 })[2].id;
  g_object_set (ui->draft, "prompt", "a lighthouse", "negative-prompt", "people", "width", 192, "height", 128,
                "steps", 7, "guidance", 3.5, "sampler", sampler, "count", 2, "seed", "18446744073709551615",
                "keep-seed", TRUE, NULL);
  mezzotint_window_show_page (MEZZOTINT_WINDOW (ui->window), "gallery");
  ui_stop (ui);

  ui = ui_start ();
  request = mezzotint_draft_get_request (ui->draft);
  g_assert_cmpstr (request->prompt, ==, "a lighthouse");
  g_assert_cmpstr (request->negative_prompt, ==, "people");
  g_assert_cmpint (request->width, ==, 192);
  g_assert_cmpint (request->height, ==, 128);
  g_assert_cmpint (request->steps, ==, 7);
  g_assert_cmpfloat (request->guidance, ==, 3.5);
  g_assert_cmpstr (request->sampler, ==, sampler);
  g_assert_cmpint (request->count, ==, 2);
  g_assert_cmpuint (request->seed, ==, G_MAXUINT64);
  g_assert_false (gtk_widget_get_mapped (ui->create_page)); /* the gallery is shown again */
  mezzotint_draft_use_suggested (ui->draft);
  g_assert_cmpint (request->width, ==, 128); /* Proof's own */
  g_assert_cmpstr (request->prompt, ==, "a lighthouse");
  ui_reset_settings (ui);
  ui_stop (ui);
}

/* ---- Shapes of the window ---- */

static void
assert_narrow (Ui *ui)
{
  int minimum;

  ui_test_settle (ui->window);
  gtk_widget_measure (ui->window, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_test_message ("least width %d px", minimum);
  g_assert_cmpint (minimum, <=, 360);
}

static void
test_narrow (void)
{
  g_autoptr (Ui) ui = ui_start ();

  ui_reset_settings (ui);
  assert_narrow (ui);
  gtk_window_set_default_size (GTK_WINDOW (ui->window), 360, 640);
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, "narrow");
  mezzotint_queue_set_is_paused (ui->queue, TRUE); /* a job waits, and the header bar says so */
  ui_activate (ui, "win.generate");
  mezzotint_window_show_page (MEZZOTINT_WINDOW (ui->window), "gallery");
  assert_narrow (ui);
  ui_test_shoot (ui->window, "narrow-gallery");
  mezzotint_queue_set_is_paused (ui->queue, FALSE);
  ui_wait_for_idle (ui);
  mezzotint_window_show_page (MEZZOTINT_WINDOW (ui->window), "create");
  gtk_window_set_default_size (GTK_WINDOW (ui->window), 1120, 760);
  ui_test_settle (ui->window);
}

static void
test_right_to_left (void)
{
  Ui *ui;

  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  ui = ui_start ();
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, "right-to-left");
  ui_stop (ui);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

static void
test_large_text (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  Ui *ui;
  int dpi;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  ui = ui_start ();
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, "large-text");
  ui_stop (ui);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
}

/* ---- Keyboard ---- */

static gboolean
contains_focus (GtkWidget *widget, GtkWidget *window)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window));

  return focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}

/* Tab reaches every control of the page, and none holds it. */
static void
test_keyboard (void)
{
  static const char *const ids[]
      = { "prompt_box",   "model_row",   "size_row",     "count_spin", "seed_row",       "steps_row",
          "guidance_row", "sampler_row", "schedule_row", "more_row",   "generate_button" };
  g_autoptr (Ui) ui = ui_start ();
  gboolean reached[G_N_ELEMENTS (ids)] = { FALSE };

  ui_reset_settings (ui);
  ui_test_settle (ui->window);
  ui_activate (ui, "win.focus-prompt");
  for (int i = 0; i < 80; i++)
    {
      for (gsize k = 0; k < G_N_ELEMENTS (ids); k++)
        reached[k] |= contains_focus (ui_child (ui->panel, ids[k]), ui->window);
      gtk_widget_child_focus (ui->window, GTK_DIR_TAB_FORWARD);
    }
  for (gsize k = 0; k < G_N_ELEMENTS (ids); k++)
    if (!reached[k])
      g_error ("the keyboard does not reach %s", ids[k]);
}

/* ---- Accessibility ---- */

static void
test_accessible (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GtkWidget *preferences = mezzotint_preferences_new (ui->services);

  ui_reset_settings (ui);
  ui_activate (ui, "win.generate");
  ui_wait_for_idle (ui);
  ui_test_settle (ui->window);
  ui_test_assert_accessible (ui->window);
  /* Page by page: the search around them is the toolkit's. */
  ui_test_assert_accessible (
      gtk_widget_get_ancestor (ui_child (preferences, "device_group"), ADW_TYPE_PREFERENCES_PAGE));
  ui_test_assert_accessible (
      gtk_widget_get_ancestor (ui_child (preferences, "folder_list"), ADW_TYPE_PREFERENCES_PAGE));
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (ui_child (ui->panel, "generate_button")),
                                   GTK_ACCESSIBLE_ROLE_BUTTON);
  gtk_window_destroy (GTK_WINDOW (preferences));
}

/* ---- Frames ---- */

typedef struct
{
  GArray *gaps_ms; /* of double */
  gint64 last_us;
} Frames;

static gboolean
frame_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Frames *frames = data;
  gint64 now = g_get_monotonic_time ();
  double gap_ms = (double) (now - frames->last_us) / 1000;

  if (frames->last_us != 0)
    g_array_append_val (frames->gaps_ms, gap_ms);
  frames->last_us = now;
  return G_SOURCE_CONTINUE;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Reported, not judged: other programs may be busy here. */
static void
test_frames (void)
{
  g_autoptr (Ui) ui = ui_start ();
  g_autoptr (GArray) gaps_ms = g_array_new (FALSE, FALSE, sizeof (double));
  Frames frames = { gaps_ms, 0 };
  guint tick;

  ui_reset_settings (ui);
  g_object_set (ui->draft, "count", 3, "steps", 25, NULL);
  ui_activate (ui, "win.generate");
  tick = gtk_widget_add_tick_callback (ui->window, frame_cb, &frames, NULL);
  ui_wait_for_idle (ui);
  gtk_widget_remove_tick_callback (ui->window, tick);
  g_assert_cmpuint (gaps_ms->len, >, 0);
  g_array_sort (gaps_ms, compare_doubles);
  g_test_message ("frames while generating: %u, median %.1f ms, 95th percentile %.1f ms, longest %.1f ms",
                  gaps_ms->len, g_array_index (gaps_ms, double, gaps_ms->len / 2),
                  g_array_index (gaps_ms, double, gaps_ms->len * 95 / 100),
                  g_array_index (gaps_ms, double, gaps_ms->len - 1));
}

/* ---- Help ---- */

/* The page is that of the innermost widget which has one. */
static void
test_help (void)
{
  g_autoptr (Ui) ui = ui_start ();
  const struct
  {
    GtkWidget *widget;
    const char *page;
  } places[] = {
    { gtk_widget_get_first_child (ui_child (ui->panel, "steps_row")), "controls#steps" },
    { ui_child (ui->panel, "eta_spin"), "controls#eta" },
    { ui_child (ui->panel, "prompt_box"), "controls#prompt" },
    { ui->panel, "first-picture" },
    { ui->view, "first-picture" },
    { ui_child (ui->window, "queue_panel"), "queue" },
    { ui->window, "index" },
    { NULL, "index" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    g_assert_cmpstr (mezzotint_help_find_page (places[i].widget), ==, places[i].page);
  g_assert_true (g_action_group_has_action (G_ACTION_GROUP (ui->application), "help"));
}

int
main (int argc, char **argv)
{
  ui_program_init (&argc, &argv);
  g_test_add_func ("/ui/window/queue", test_queue);
  g_test_add_func ("/ui/window/open", test_open);
  g_test_add_func ("/ui/window/remembers", test_remembers);
  g_test_add_func ("/ui/window/narrow", test_narrow);
  g_test_add_func ("/ui/window/right-to-left", test_right_to_left);
  g_test_add_func ("/ui/window/large-text", test_large_text);
  g_test_add_func ("/ui/window/keyboard", test_keyboard);
  g_test_add_func ("/ui/window/accessible", test_accessible);
  g_test_add_func ("/ui/window/help", test_help);
  g_test_add_func ("/ui/window/frames", test_frames);
  return g_test_run ();
}
