/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture's settings on their way to the Create page or the queue. They are read from the file, which is
 * the truth, whichever program wrote it. */
#include "ui/picture-actions.h"

#include <glib/gi18n.h>

#include "app/files/import.h"
#include "app/jobs/job.h"
#include "ui/import-model.h"
#include "ui/picture-host.h"
#include "ui/toast.h"

typedef enum
{
  USE,
  USE_WITH_SEED,
  VARY,
} Purpose;

typedef struct
{
  GtkWidget *widget;
  MezzotintPictureHost *host;
  Purpose purpose;
} Reading;

static void
reading_free (Reading *reading)
{
  g_object_unref (reading->widget);
  g_object_unref (reading->host);
  g_free (reading);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, reading_free)

static double
get_strength (const MzRequest *request)
{
  const MzMethodInfo *sampler = mz_find_sampler (request->sampler, NULL);
  gboolean is_noisy = sampler != NULL && sampler->adds_noise;

  if (is_noisy && sampler->takes_eta) /* DDIM's own is 0, Euler a's 1 */
    is_noisy = request->eta > 0 || (request->eta < 0 && !g_str_equal (sampler->id, "ddim"));
  return is_noisy ? MEZZOTINT_NOISY_VARIATION_STRENGTH : MEZZOTINT_VARIATION_STRENGTH;
}

/* The picture's own noise, moved a little towards that of other seeds. Of a picture that is a variation
 * itself come its siblings, as near to the first as it is: noise between three seeds has no name. */
static void
vary (Reading *reading, MezzotintImport *import, const char *model)
{
  MzRequest *request = &import->request;
  g_autoptr (MezzotintRecipe) recipe = NULL;

  if (model == NULL)
    {
      mezzotint_toast_say (reading->widget, _ ("The model of this picture is not on this machine"));
      return;
    }
  if (!g_strv_contains ((const char *const *) import->recall.understood, "Seed"))
    {
      mezzotint_toast_say (reading->widget, _ ("This picture does not tell its seed, which variations need"));
      return;
    }
  request->count = MEZZOTINT_N_VARIATIONS;
  if (!(request->variation_strength > 0))
    request->variation_strength = get_strength (request);
  request->variation_seed = mezzotint_random_seed ();
  recipe = mezzotint_recipe_new (*model != '\0' ? model : NULL, request);
  mezzotint_queue_append (mezzotint_picture_host_get_queue (reading->host), recipe);
  mezzotint_toast_say (reading->widget, _ ("Four variations were added to the queue"));
}

static void
use (Reading *reading, const MezzotintImport *import, const char *model)
{
  g_autofree char *message = NULL;

  mezzotint_picture_host_use_request (reading->host, &import->request, model,
                                      reading->purpose == USE_WITH_SEED);
  if (model == NULL && import->recall.model != NULL)
    message = g_strdup_printf (_ ("The model “%s” is not on this machine; everything else was taken over"),
                               import->recall.model);
  else if (import->recall.notes[0] != NULL)
    message = g_strdup (import->recall.notes[0]);
  if (message != NULL)
    mezzotint_toast_say (reading->widget, message);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Reading) reading = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintImport) import = mezzotint_import_read_finish (result, &error);
  const char *model;

  if (import == NULL)
    {
      mezzotint_toast_say_error (reading->widget, error);
      return;
    }
  model = mezzotint_import_find_model (import, mezzotint_picture_host_get_models (reading->host));
  if (reading->purpose == VARY)
    vary (reading, import, model);
  else
    use (reading, import, model);
}

static void
read_settings (GtkWidget *widget, MezzotintGalleryItem *item, Purpose purpose)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (widget);
  g_autoptr (GFile) file = g_file_new_for_path (mezzotint_gallery_item_get_path (item));
  g_auto (MzRequest) defaults = MZ_REQUEST_INIT;
  Reading *reading;

  if (host == NULL)
    return;
  reading = g_new0 (Reading, 1);
  reading->widget = g_object_ref (mezzotint_toast_get_place (widget));
  reading->host = g_object_ref (host);
  reading->purpose = purpose;
  mz_request_use_defaults (&defaults, NULL);
  mezzotint_import_read_async (file, &defaults, NULL, read_cb, reading);
}

void
mezzotint_picture_use_settings (GtkWidget *widget, MezzotintGalleryItem *item, gboolean keep_seed)
{
  read_settings (widget, item, keep_seed ? USE_WITH_SEED : USE);
}

void
mezzotint_picture_vary (GtkWidget *widget, MezzotintGalleryItem *item)
{
  read_settings (widget, item, VARY);
}
