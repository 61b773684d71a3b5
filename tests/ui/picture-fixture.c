/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The host for tests. */
#include "picture-fixture.h"

#include <glib/gstdio.h>

#include "app/files/png-file.h"
#include "ui/toast.h"
#include "ui-test.h"

#define SIDE 64

/* ---- Files ---- */

void
test_write_picture (const char *folder, const char *name, const char *parameters, guint32 rgb)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree guint8 *bytes = g_malloc (SIDE * SIDE * 3);
  MzPicture picture = { SIDE, SIDE, bytes };
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, &error);

  g_assert_no_error (error);
  for (int i = 0; i < SIDE * SIDE; i++)
    for (int c = 0; c < 3; c++)
      bytes[3 * i + c] = rgb >> (16 - 8 * c);
  mezzotint_png_write (file, &picture, MEZZOTINT_PNG_PARAMETERS, parameters, &error);
  g_assert_no_error (error);
  mezzotint_atomic_file_commit (file, TRUE, &error);
  g_assert_no_error (error);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_folder (child);
      else
        g_remove (child);
    }
  g_rmdir (path);
}

/* ---- The interface ---- */

static MezzotintGallery *
get_gallery (MezzotintPictureHost *host)
{
  return TEST_HOST (host)->gallery;
}

static MezzotintQueue *
get_queue (MezzotintPictureHost *host)
{
  return TEST_HOST (host)->queue;
}

static MezzotintModelStore *
get_models (MezzotintPictureHost *host)
{
  return TEST_HOST (host)->models;
}

static MzRequest *
dup_request (MezzotintPictureHost *host)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;

  mz_request_use_defaults (&request, NULL);
  return mz_request_copy (&request);
}

static void
use_request (MezzotintPictureHost *host, const MzRequest *request, const char *model, gboolean keep_seed)
{
  TestHost *self = TEST_HOST (host);

  self->n_used++;
  g_clear_pointer (&self->used, mz_request_free);
  self->used = mz_request_copy (request);
  g_free (self->used_model);
  self->used_model = g_strdup (model);
  self->used_seed = keep_seed;
}

static void
push (MezzotintPictureHost *host, GtkWidget *page)
{
  TestHost *self = TEST_HOST (host);

  adw_leaflet_append (self->leaflet, page);
  adw_leaflet_set_visible_child (self->leaflet, page);
  gtk_widget_grab_focus (page);
}

static void
pop (MezzotintPictureHost *host)
{
  TestHost *self = TEST_HOST (host);
  GtkWidget *page = adw_leaflet_get_visible_child (self->leaflet);
  GtkWidget *below = adw_leaflet_get_adjacent_child (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);

  if (below == NULL)
    return;
  adw_leaflet_set_visible_child (self->leaflet, below);
  adw_leaflet_remove (self->leaflet, page);
  gtk_widget_grab_focus (below);
}

static void
say (MezzotintPictureHost *host, const char *message)
{
  TestHost *self = TEST_HOST (host);

  g_free (self->said);
  self->said = g_strdup (message);
  mezzotint_toast_say (self->toasts, message);
}

static void
test_host_init_interface (MezzotintPictureHostInterface *interface)
{
  interface->get_gallery = get_gallery;
  interface->get_queue = get_queue;
  interface->get_models = get_models;
  interface->dup_request = dup_request;
  interface->use_request = use_request;
  interface->push = push;
  interface->pop = pop;
  interface->say = say;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestHost,
                               test_host,
                               ADW_TYPE_WINDOW,
                               G_IMPLEMENT_INTERFACE (MEZZOTINT_TYPE_PICTURE_HOST, test_host_init_interface))

static void
test_host_class_init (TestHostClass *class)
{
}

static void
test_host_init (TestHost *self)
{
  self->toasts = adw_toast_overlay_new ();
  self->leaflet = ADW_LEAFLET (adw_leaflet_new ());
  adw_leaflet_set_can_unfold (self->leaflet, FALSE);
  adw_leaflet_set_mode_transition_duration (self->leaflet, 0);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), GTK_WIDGET (self->leaflet));
  adw_window_set_content (ADW_WINDOW (self), self->toasts);
}

/* ---- Life ---- */

static gboolean
is_ready (gpointer data)
{
  gboolean is_loading, models_loading;

  g_object_get (TEST_HOST (data)->gallery, "is-loading", &is_loading, NULL);
  g_object_get (TEST_HOST (data)->models, "is-loading", &models_loading, NULL);
  return !is_loading && !models_loading;
}

TestHost *
test_host_new (const char *folder)
{
  TestHost *self = g_object_new (TEST_TYPE_HOST, "default-width", 900, "default-height", 640, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *queue_folder = NULL;

  g_object_ref (self);
  self->folder = g_strdup (folder);
  self->index_folder = g_dir_make_tmp ("mezzotint-index-XXXXXX", &error);
  g_assert_no_error (error);
  queue_folder = g_build_filename (self->index_folder, "queue", NULL);
  self->settings = mezzotint_settings_new ();
  self->engine = mezzotint_engine_service_new (self->settings);
  self->queue = mezzotint_queue_new (self->engine, self->settings, queue_folder);
  self->models = mezzotint_model_store_new (self->settings);
  self->gallery = mezzotint_gallery_new_for_folder (folder, self->index_folder, self->index_folder);
  ui_test_wait (is_ready, self);
  return self;
}

void
test_host_set_page (TestHost *self, GtkWidget *page)
{
  adw_leaflet_append (self->leaflet, page);
  ui_test_present (GTK_WIDGET (self));
  gtk_widget_grab_focus (page);
  ui_test_settle (GTK_WIDGET (self));
}

void
test_host_close (TestHost *self)
{
  gtk_window_destroy (GTK_WINDOW (self));
  mezzotint_engine_service_shutdown (self->engine);
  g_clear_object (&self->queue);
  g_clear_object (&self->engine);
  g_clear_object (&self->models);
  g_clear_object (&self->gallery);
  g_clear_object (&self->settings);
  remove_folder (self->folder);
  remove_folder (self->index_folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->index_folder, g_free);
  g_clear_pointer (&self->used, mz_request_free);
  g_clear_pointer (&self->used_model, g_free);
  g_clear_pointer (&self->said, g_free);
  g_object_unref (self);
}
