/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery and a picture's page: searching, opening, zooming, favourites, trash and undo, comparing,
 * settings on their way to the Create page. */
#include "ui/compare-page.h"
#include "ui/compare-view.h"
#include "ui/gallery-cell.h"
#include "ui/gallery-grid.h"
#include "ui/gallery-page.h"
#include "ui/picture-actions.h"
#include "ui/picture-page.h"
#include "ui/picture-view.h"

#include "picture-fixture.h"
#include "ui-test.h"

#define N_PICTURES 5 /* the broken one included */

typedef struct
{
  TestHost *host;
  GtkWidget *window;
  GtkWidget *page;
  MezzotintGalleryGrid *grid;
  GListModel *pictures;
  guint n_expected; /* what wait_for_n() waits for */
} Fixture;

static const struct
{
  const char *name, *parameters;
  guint32 rgb;
} pictures[] = {
  { "apple.png",
    "a red apple\nSteps: 20, Sampler: Euler a, CFG scale: 2.5, Seed: 11, Size: 64x64, Model: Proof",
    0xd02010 },
  { "boat.png",
    "a sailing boat\nSteps: 25, Sampler: Euler a, CFG scale: 2.5, Seed: 95, Size: 64x64, Model: Proof",
    0x2060c0 },
  { "frog.png",
    "a green frog\nNegative prompt: blurry\nSteps: 12, Sampler: DDIM, CFG scale: 4, Seed: 7, Size: 64x64, "
    "Model: "
    "Proof",
    0x30a020 },
  { "silent.png", NULL, 0x808080 },
};

static void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-gallery-XXXXXX", &error);
  g_autofree char *broken = g_build_filename (folder, "zebra.png", NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    test_write_picture (folder, pictures[i].name, pictures[i].parameters, pictures[i].rgb);
  g_assert_true (g_file_set_contents (broken, "\x89PNG\r\n\x1a\nno more", -1, NULL));
  f->host = test_host_new (folder);
  f->window = GTK_WIDGET (f->host);
  f->pictures = G_LIST_MODEL (f->host->gallery);
  g_object_set (f->host->gallery, "sort", MEZZOTINT_SORT_NAME, NULL);
  f->page = mezzotint_gallery_page_new (f->host->gallery);
  f->grid = MEZZOTINT_GALLERY_GRID (ui_test_find (f->page, MEZZOTINT_TYPE_GALLERY_GRID));
  test_host_set_page (f->host, f->page);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  test_host_close (f->host);
}

static gboolean
has_n (gpointer data)
{
  Fixture *f = data;

  return g_list_model_get_n_items (f->pictures) == f->n_expected;
}

static void
wait_for_n (Fixture *f, guint n_pictures)
{
  f->n_expected = n_pictures;
  ui_test_wait (has_n, f);
  ui_test_settle (f->window);
}

static guint
find_picture (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->host->folder, name, NULL);
  guint position;

  g_assert_true (mezzotint_gallery_find (f->host->gallery, path, &position));
  return position;
}

static void
select_picture (Fixture *f, const char *name)
{
  mezzotint_gallery_grid_show_position (f->grid, find_picture (f, name));
  ui_test_settle (f->window);
}

static GtkWidget *
top_page (Fixture *f)
{
  return adw_leaflet_get_visible_child (f->host->leaflet);
}

static MezzotintPicturePage *
open_picture (Fixture *f, const char *name)
{
  select_picture (f, name);
  gtk_widget_activate_action (f->page, "gallery.open", NULL);
  ui_test_settle (f->window);
  g_assert_true (MEZZOTINT_IS_PICTURE_PAGE (top_page (f)));
  return MEZZOTINT_PICTURE_PAGE (top_page (f));
}

static const char *
get_part (Fixture *f)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (ui_test_find (f->page, GTK_TYPE_STACK)));
}

/* ---- The grid ---- */

static gboolean
has_thumbnail (gpointer data)
{
  GtkWidget *cell = ui_test_find (data, MEZZOTINT_TYPE_GALLERY_CELL);

  return cell != NULL && mezzotint_gallery_cell_get_texture (MEZZOTINT_GALLERY_CELL (cell)) != NULL;
}

static void
test_shown (Fixture *f, gconstpointer data)
{
  g_autoptr (MezzotintGalleryItem) broken = NULL;

  wait_for_n (f, N_PICTURES);
  g_assert_cmpstr (get_part (f), ==, "grid");
  ui_test_wait (has_thumbnail, f->grid);
  broken = g_list_model_get_item (f->pictures, find_picture (f, "zebra.png"));
  g_assert_nonnull (mezzotint_gallery_item_get_problem (broken));
  ui_test_assert_accessible (f->page);
  ui_test_assert_accessible (mezzotint_gallery_page_get_start_buttons (MEZZOTINT_GALLERY_PAGE (f->page)));
  ui_test_assert_accessible (mezzotint_gallery_page_get_end_buttons (MEZZOTINT_GALLERY_PAGE (f->page)));
  ui_test_shoot (f->window, "gallery");
}

static void
test_search (Fixture *f, gconstpointer data)
{
  wait_for_n (f, N_PICTURES);
  select_picture (f, "apple.png");
  /* Typing is searching. */
  ui_test_press (f->window, "b");
  ui_test_press (f->window, "o");
  ui_test_press (f->window, "a");
  ui_test_press (f->window, "t");
  wait_for_n (f, 1);
  g_assert_cmpuint (find_picture (f, "boat.png"), ==, 0);
  ui_test_press (f->window, "z");
  wait_for_n (f, 0);
  g_assert_cmpstr (get_part (f), ==, "nothing");
  ui_test_shoot (f->window, "gallery-nothing");
  gtk_widget_activate_action (f->page, "gallery.show-everything", NULL);
  wait_for_n (f, N_PICTURES);
  g_assert_cmpstr (get_part (f), ==, "grid");
}

static void
test_filters (Fixture *f, gconstpointer data)
{
  wait_for_n (f, N_PICTURES);
  select_picture (f, "frog.png");
  gtk_widget_activate_action (f->page, "gallery.favourite", NULL);
  g_object_set (f->host->gallery, "favourites-only", TRUE, NULL);
  wait_for_n (f, 1);
  g_assert_cmpuint (find_picture (f, "frog.png"), ==, 0);
  gtk_widget_activate_action (f->page, "gallery.show-everything", NULL);
  wait_for_n (f, N_PICTURES);
  g_object_set (f->host->gallery, "sampler", "Euler a", NULL);
  wait_for_n (f, 2);
  gtk_widget_activate_action (f->page, "gallery.show-everything", NULL);
  wait_for_n (f, N_PICTURES);
}

/* What the desktop's search asks for. */
static void
test_desktop_search (Fixture *f, gconstpointer data)
{
  g_autofree char *frog = g_build_filename (f->host->folder, "frog.png", NULL);
  g_autofree char *gone = g_build_filename (f->host->folder, "gone.png", NULL);
  MezzotintGalleryPage *page = MEZZOTINT_GALLERY_PAGE (f->page);

  /* At once, before anything is read, and with filters that would hide it. */
  g_object_set (f->host->gallery, "favourites-only", TRUE, NULL);
  mezzotint_gallery_page_show_picture (page, frog);
  wait_for_n (f, N_PICTURES);
  g_assert_true (MEZZOTINT_IS_PICTURE_PAGE (top_page (f)));
  g_assert_cmpstr (mezzotint_gallery_item_get_path (
                       mezzotint_picture_page_get_item (MEZZOTINT_PICTURE_PAGE (top_page (f)))),
                   ==, frog);
  mezzotint_picture_host_pop (MEZZOTINT_PICTURE_HOST (f->host));
  ui_test_settle (f->window);
  mezzotint_gallery_page_search (page, "red apple");
  wait_for_n (f, 1);
  g_assert_cmpuint (find_picture (f, "apple.png"), ==, 0);
  mezzotint_gallery_page_show_picture (page, gone);
  g_assert_cmpstr (f->host->said, ==, "The picture is no longer there.");
}

static void
test_trash (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->host->folder, "boat.png", NULL);
  GtkWidget *toast;

  wait_for_n (f, N_PICTURES);
  select_picture (f, "boat.png");
  gtk_widget_child_focus (GTK_WIDGET (f->grid), GTK_DIR_TAB_FORWARD);
  select_picture (f, "boat.png");
  ui_test_press (f->window, "Delete");
  wait_for_n (f, N_PICTURES - 1);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  toast = ui_test_find (f->host->toasts, g_type_from_name ("AdwToastWidget"));
  g_assert_nonnull (toast);
  ui_test_shoot (f->window, "gallery-trash");
  g_signal_emit_by_name (ui_test_find (toast, GTK_TYPE_BUTTON), "clicked");
  wait_for_n (f, N_PICTURES);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_select (Fixture *f, gconstpointer data)
{
  wait_for_n (f, N_PICTURES);
  gtk_widget_activate_action (f->page, "gallery.select-all", NULL);
  g_assert_cmpuint (mezzotint_gallery_grid_get_n_selected (f->grid), ==, N_PICTURES);
  gtk_widget_child_focus (GTK_WIDGET (f->grid), GTK_DIR_TAB_FORWARD);
  ui_test_press (f->window, "Escape");
  g_assert_cmpuint (mezzotint_gallery_grid_get_n_selected (f->grid), ==, 0);
  /* While selecting, clicks add. */
  gtk_widget_activate_action (f->page, "gallery.select", NULL);
  ui_test_click (ui_test_find (GTK_WIDGET (f->grid), MEZZOTINT_TYPE_GALLERY_CELL), 0.5, 0.5);
  select_picture (f, "apple.png");
  gtk_selection_model_select_item (mezzotint_gallery_grid_get_selection (f->grid),
                                   find_picture (f, "boat.png"), FALSE);
  g_assert_cmpuint (mezzotint_gallery_grid_get_n_selected (f->grid), ==, 2);
  ui_test_shoot (f->window, "gallery-select");
  gtk_widget_activate_action (f->page, "gallery.compare", NULL);
  ui_test_settle (f->window);
  g_assert_true (MEZZOTINT_IS_COMPARE_PAGE (top_page (f)));
}

/* ---- A picture's page ---- */

static gboolean
is_shown (gpointer data)
{
  g_autoptr (GdkPaintable) paintable = NULL;

  g_object_get (data, "paintable", &paintable, NULL);
  return paintable != NULL;
}

static double
get_zoom (GtkWidget *view)
{
  double zoom;

  g_object_get (view, "zoom", &zoom, NULL);
  return zoom;
}

static void
test_zoom (Fixture *f, gconstpointer data)
{
  GtkWidget *page, *view;

  wait_for_n (f, N_PICTURES);
  page = GTK_WIDGET (open_picture (f, "apple.png"));
  view = ui_test_find (page, MEZZOTINT_TYPE_PICTURE_VIEW);
  ui_test_wait (is_shown, view);
  ui_test_assert_accessible (page);
  ui_test_shoot (f->window, "picture");
  ui_test_press (f->window, "plus");
  ui_test_press (f->window, "plus");
  g_assert_cmpfloat_with_epsilon (get_zoom (view), 1.25 * 1.25, 1e-9);
  ui_test_press (f->window, "minus");
  g_assert_cmpfloat_with_epsilon (get_zoom (view), 1.25, 1e-9);
  ui_test_press (f->window, "0");
  g_assert_cmpfloat_with_epsilon (get_zoom (view), 1, 1e-9);
  /* 64 px fitted to hundreds are blown up four times at most. */
  ui_test_press (f->window, "1");
  g_assert_cmpfloat_with_epsilon (get_zoom (view), 0.25, 1e-9);
  ui_test_press (f->window, "Escape");
  g_assert_true (top_page (f) == f->page);
}

static void
test_neighbours (Fixture *f, gconstpointer data)
{
  MezzotintPicturePage *page;
  g_autofree char *name = NULL;

  wait_for_n (f, N_PICTURES);
  page = open_picture (f, "apple.png");
  ui_test_press (f->window, "Right");
  name = g_path_get_basename (mezzotint_gallery_item_get_path (mezzotint_picture_page_get_item (page)));
  g_assert_cmpstr (name, ==, "boat.png");
  ui_test_press (f->window, "Left");
  ui_test_press (f->window, "Left");
  g_clear_pointer (&name, g_free);
  name = g_path_get_basename (mezzotint_gallery_item_get_path (mezzotint_picture_page_get_item (page)));
  g_assert_cmpstr (name, ==, "apple.png");
  /* In the trash, the next one takes its place. */
  ui_test_press (f->window, "Delete");
  wait_for_n (f, N_PICTURES - 1);
  g_clear_pointer (&name, g_free);
  name = g_path_get_basename (mezzotint_gallery_item_get_path (mezzotint_picture_page_get_item (page)));
  g_assert_cmpstr (name, ==, "boat.png");
}

static void
test_broken (Fixture *f, gconstpointer data)
{
  MezzotintPicturePage *page;

  wait_for_n (f, N_PICTURES);
  page = open_picture (f, "zebra.png");
  ui_test_settle (f->window);
  ui_test_shoot (f->window, "picture-broken");
  gtk_widget_activate_action (GTK_WIDGET (page), "page.use-settings", NULL);
  ui_test_settle (f->window);
  g_assert_cmpint (f->host->n_used, ==, 0);
}

/* ---- Settings ---- */

static gboolean
is_used (gpointer data)
{
  return TEST_HOST (data)->n_used > 0;
}

static void
test_settings (Fixture *f, gconstpointer data)
{
  wait_for_n (f, N_PICTURES);
  select_picture (f, "frog.png");
  gtk_widget_activate_action (f->page, "gallery.use-settings", NULL);
  ui_test_wait (is_used, f->host);
  g_assert_cmpstr (f->host->used->prompt, ==, "a green frog");
  g_assert_cmpstr (f->host->used->negative_prompt, ==, "blurry");
  g_assert_cmpstr (f->host->used->sampler, ==, "ddim");
  g_assert_cmpint (f->host->used->steps, ==, 12);
  g_assert_cmpstr (f->host->used_model, ==, "");
  g_assert_false (f->host->used_seed);
  f->host->n_used = 0;
  gtk_widget_activate_action (GTK_WIDGET (open_picture (f, "boat.png")), "page.same-seed", NULL);
  ui_test_wait (is_used, f->host);
  g_assert_cmpuint (f->host->used->seed, ==, 95);
  g_assert_true (f->host->used_seed);
}

static gboolean
is_queued (gpointer data)
{
  return g_list_model_get_n_items (G_LIST_MODEL (TEST_HOST (data)->queue)) > 0;
}

static void
test_vary (Fixture *f, gconstpointer data)
{
  g_autoptr (MezzotintTask) task = NULL;
  const MzRequest *request;

  wait_for_n (f, N_PICTURES);
  select_picture (f, "frog.png");
  gtk_widget_activate_action (f->page, "gallery.vary", NULL);
  ui_test_wait (is_queued, f->host);
  task = g_list_model_get_item (G_LIST_MODEL (f->host->queue), 0);
  request = mezzotint_recipe_get_request (mezzotint_task_get_recipe (task));
  g_assert_cmpstr (request->prompt, ==, "a green frog");
  g_assert_cmpint (request->count, ==, 4);
  g_assert_cmpuint (request->seed, ==, 7);
  g_assert_cmpfloat (request->variation_strength, ==, MEZZOTINT_VARIATION_STRENGTH);
  g_assert_cmpuint (request->variation_seed, !=, 0);
  mezzotint_queue_remove (f->host->queue, task);
  g_clear_object (&task);

  select_picture (f, "apple.png"); /* its sampler adds noise at every step, which stays */
  gtk_widget_activate_action (f->page, "gallery.vary", NULL);
  ui_test_wait (is_queued, f->host);
  task = g_list_model_get_item (G_LIST_MODEL (f->host->queue), 0);
  request = mezzotint_recipe_get_request (mezzotint_task_get_recipe (task));
  g_assert_cmpuint (request->seed, ==, 11);
  g_assert_cmpfloat (request->variation_strength, ==, MEZZOTINT_NOISY_VARIATION_STRENGTH);
}

/* ---- Thumbnails kept ---- */

static GdkTexture *
make_texture (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (16 * 16 * 4), 16 * 16 * 4);

  return gdk_memory_texture_new (16, 16, GDK_MEMORY_DEFAULT, bytes, 16 * 4);
}

/* Three fit; the one that was not asked for longest goes. */
static void
test_cache (Fixture *f, gconstpointer data)
{
  g_autoptr (MezzotintTextureCache) cache = mezzotint_texture_cache_new (3 * 16 * 16 * 4);
  GObject *items[4];

  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GdkTexture) texture = make_texture ();

      items[i] = g_object_new (G_TYPE_OBJECT, NULL);
      if (i == 3)
        g_assert_nonnull (mezzotint_texture_cache_get (cache, items[0]));
      mezzotint_texture_cache_put (cache, items[i], texture);
      mezzotint_texture_cache_put (cache, items[i], texture); /* no second entry */
    }
  g_assert_cmpuint (mezzotint_texture_cache_get_bytes (cache), ==, 3 * 16 * 16 * 4);
  for (int i = 0; i < 4; i++)
    {
      g_assert_true ((mezzotint_texture_cache_get (cache, items[i]) != NULL) == (i != 1));
      g_object_unref (items[i]);
    }
}

/* ---- Comparing ---- */

static void
test_compare (Fixture *f, gconstpointer data)
{
  MezzotintCompareView *view;
  GtkWidget *first, *second;
  double split;

  wait_for_n (f, N_PICTURES);
  gtk_widget_activate_action (GTK_WIDGET (open_picture (f, "apple.png")), "page.compare", NULL);
  ui_test_settle (f->window);
  g_assert_true (top_page (f) == f->page);
  select_picture (f, "boat.png");
  gtk_widget_activate_action (f->page, "gallery.open", NULL);
  ui_test_settle (f->window);
  g_assert_true (MEZZOTINT_IS_COMPARE_PAGE (top_page (f)));
  view = MEZZOTINT_COMPARE_VIEW (ui_test_find (top_page (f), MEZZOTINT_TYPE_COMPARE_VIEW));
  first = GTK_WIDGET (mezzotint_compare_view_get_first (view));
  second = GTK_WIDGET (mezzotint_compare_view_get_second (view));
  ui_test_wait (is_shown, first);
  ui_test_wait (is_shown, second);
  ui_test_assert_accessible (top_page (f));
  ui_test_shoot (f->window, "compare");
  ui_test_press (f->window, "plus");
  g_assert_cmpfloat_with_epsilon (get_zoom (second), 1.25, 1e-9);
  ui_test_press (f->window, "s");
  ui_test_drag (GTK_WIDGET (view), 0.5, 0.25, 0.5);
  g_object_get (view, "split", &split, NULL);
  g_assert_cmpfloat_with_epsilon (split, 0.25, 0.02);
  ui_test_shoot (f->window, "compare-slide");
}

/* ---- Making it again ---- */

static MezzotintTask *
make_picture (Fixture *f)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MezzotintRecipe) recipe = NULL;

  mz_request_use_defaults (&request, NULL);
  request.prompt = g_strdup ("a red apple");
  request.width = request.height = 64;
  request.steps = 2;
  request.seed = 11;
  recipe = mezzotint_recipe_new (NULL, &request);
  return mezzotint_queue_append (f->host->queue, recipe);
}

static gboolean
is_queue_empty (gpointer data)
{
  return g_list_model_get_n_items (G_LIST_MODEL (TEST_HOST (data)->queue)) == 0;
}

/* The dialog with the answer; NULL when there is none. */
static gpointer
find_answer (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (ADW_IS_MESSAGE_DIALOG (l->data) && gtk_widget_get_mapped (l->data))
      return l->data;
  return NULL;
}

static gboolean
is_answered (gpointer data)
{
  return find_answer () != NULL;
}

/* Remakes the picture that is open, and closes the answer. */
static void
assert_answer (GtkWidget *page, const char *heading, const char *body)
{
  AdwMessageDialog *dialog;

  gtk_widget_activate_action (page, "page.remake", NULL);
  ui_test_wait (is_answered, NULL);
  dialog = ADW_MESSAGE_DIALOG (find_answer ());
  g_assert_cmpstr (adw_message_dialog_get_heading (dialog), ==, heading);
  g_assert_nonnull (strstr (adw_message_dialog_get_body (dialog), body));
  gtk_window_close (GTK_WINDOW (dialog));
  ui_test_settle (page);
  g_assert_null (find_answer ());
}

static void
test_remake (Fixture *f, gconstpointer data)
{
  g_autoptr (GListModel) made = NULL;
  g_autoptr (MezzotintTaskPicture) picture = NULL;
  g_autoptr (MezzotintTask) task = NULL;
  g_autofree char *name = NULL;
  GtkWidget *page;

  wait_for_n (f, N_PICTURES);
  g_object_set (f->host->settings, "output-folder", f->host->folder, NULL);
  task = g_object_ref (make_picture (f));
  mezzotint_queue_start (f->host->queue);
  ui_test_wait (is_queue_empty, f->host);
  g_assert_cmpstr (mezzotint_task_get_error (task), ==, NULL);
  made = g_object_ref (mezzotint_task_get_pictures (task));
  picture = g_list_model_get_item (made, 0);
  mezzotint_gallery_add (f->host->gallery, mezzotint_task_picture_get_path (picture));
  wait_for_n (f, N_PICTURES + 1);
  name = g_path_get_basename (mezzotint_task_picture_get_path (picture));
  page = GTK_WIDGET (open_picture (f, name));
  assert_answer (page, "The Same Picture", "Every pixel");
  /* Another picture under these settings: what the file shows is not what they make. */
  mezzotint_picture_host_pop (MEZZOTINT_PICTURE_HOST (f->host));
  page = GTK_WIDGET (open_picture (f, "frog.png"));
  assert_answer (page, "Not Quite the Same Picture", "% of the pixels differ");
}

/* A model that is not here ends in a sentence. */
static void
test_remake_missing (Fixture *f, gconstpointer data)
{
  test_write_picture (
      f->host->folder, "old.png",
      "a cat\nSteps: 2, Sampler: Euler a, CFG scale: 2, Seed: 1, Size: 64x64, Model: example-v1", 0);
  wait_for_n (f, N_PICTURES + 1);
  assert_answer (GTK_WIDGET (open_picture (f, "old.png")), "This Picture Cannot Be Made Again", "example-v1");
  g_assert_true (is_queue_empty (f->host));
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define ADD(name, function) g_test_add ("/gallery/" name, Fixture, NULL, setup, function, teardown)
  ADD ("shown", test_shown);
  ADD ("search", test_search);
  ADD ("filters", test_filters);
  ADD ("desktop-search", test_desktop_search);
  ADD ("trash", test_trash);
  ADD ("select", test_select);
  ADD ("zoom", test_zoom);
  ADD ("neighbours", test_neighbours);
  ADD ("broken", test_broken);
  ADD ("settings", test_settings);
  ADD ("vary", test_vary);
  ADD ("cache", test_cache);
  ADD ("compare", test_compare);
  ADD ("remake", test_remake);
  ADD ("remake-missing", test_remake_missing);
  return g_test_run ();
}
