/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Makes the pictures of the window in data/screenshots; data/screenshots/make.sh runs it. */
#include "tests/ui/ui-program.h"

/* The same pictures each time. */
#define SEED "11"

static void
set_dark (gboolean is_dark)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      is_dark ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
}

static gboolean
set_true_cb (gpointer is_over)
{
  *(gboolean *) is_over = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
is_true (gpointer is_over)
{
  return *(gboolean *) is_over;
}

/* What memory it takes is said a moment after the last change. */
static void
let_note_come (void)
{
  gboolean is_over = FALSE;

  g_timeout_add (800, set_true_cb, &is_over);
  ui_test_wait (is_true, &is_over);
}

static void
shoot (Ui *ui, const char *page)
{
  let_note_come ();
  for (int is_dark = 0; is_dark < 2; is_dark++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%s", page, is_dark ? "dark" : "light");

      set_dark (is_dark);
      ui_test_settle (ui->window);
      ui_test_shoot (ui->window, name);
    }
}

static void
generate (Ui *ui, const char *prompt, int count)
{
  g_object_set (ui->draft, "prompt", prompt, "count", count, NULL);
  ui_activate (ui, "win.generate");
}

/* To the queue, without the word to the user that would lie over the picture. */
static void
append (Ui *ui, const char *prompt, int count)
{
  g_autoptr (MezzotintRecipe) recipe = NULL;

  g_object_set (ui->draft, "prompt", prompt, "count", count, NULL);
  recipe = mezzotint_draft_make_recipe (ui->draft);
  mezzotint_queue_append (ui->queue, recipe);
}

int
main (int argc, char **argv)
{
  static const char *const prompts[] = { "a rocket", "a green tree", "a yellow sunflower", "a panda" };
  Ui *ui;

  ui_program_init (&argc, &argv);
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11", NULL);
  ui = ui_start ();
  gtk_window_set_default_size (GTK_WINDOW (ui->window), 1120, 760);
  shoot (ui, "start");

  g_object_set (ui->draft, "seed", SEED, "keep-seed", TRUE, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    {
      generate (ui, prompts[i], 1);
      ui_wait_for_idle (ui); /* nobody is told that it was added to a queue */
    }
  generate (ui, "a red apple", 4);
  ui_wait_for_idle (ui);
  shoot (ui, "create");

  mezzotint_queue_set_is_paused (ui->queue, TRUE);
  append (ui, "a blue butterfly", 2);
  append (ui, "a house with a red roof", 4);
  ui_activate (ui, "win.toggle-queue");
  shoot (ui, "queue");
  ui_activate (ui, "win.toggle-queue");

  mezzotint_window_show_page (MEZZOTINT_WINDOW (ui->window), "gallery");
  ui_test_settle (ui->window);
  g_usleep (G_USEC_PER_SEC); /* the index and thumbnails are made on other threads */
  shoot (ui, "gallery");
  ui_stop (ui);
  return 0;
}
