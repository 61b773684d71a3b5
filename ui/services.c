/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The services behind the window. */
#include "ui/services.h"

struct _MezzotintServices
{
  GObject parent_instance;

  MezzotintSettings *settings;
  MezzotintEngineService *engine;
  MezzotintQueue *queue;
  MezzotintModelStore *models;
  MezzotintPromptHistory *history;
  MezzotintGallery *gallery; /* NULL until asked for */
};

G_DEFINE_FINAL_TYPE (MezzotintServices, mezzotint_services, G_TYPE_OBJECT)

static void
mezzotint_services_dispose (GObject *object)
{
  MezzotintServices *self = MEZZOTINT_SERVICES (object);

  mezzotint_services_shutdown (self);
  g_clear_object (&self->gallery);
  g_clear_object (&self->history);
  g_clear_object (&self->models);
  g_clear_object (&self->queue);
  g_clear_object (&self->engine);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mezzotint_services_parent_class)->dispose (object);
}

static void
mezzotint_services_class_init (MezzotintServicesClass *class)
{
  G_OBJECT_CLASS (class)->dispose = mezzotint_services_dispose;
}

static void
mezzotint_services_init (MezzotintServices *self)
{
  self->settings = mezzotint_settings_new ();
  self->engine = mezzotint_engine_service_new (self->settings);
  self->queue = mezzotint_queue_new (self->engine, self->settings, NULL);
  self->models = mezzotint_model_store_new (self->settings);
  self->history = mezzotint_prompt_history_new (NULL);
}

MezzotintServices *
mezzotint_services_new (void)
{
  return g_object_new (MEZZOTINT_TYPE_SERVICES, NULL);
}

void
mezzotint_services_shutdown (MezzotintServices *self)
{
  g_return_if_fail (MEZZOTINT_IS_SERVICES (self));
  if (self->engine != NULL)
    mezzotint_engine_service_shutdown (self->engine);
}

MezzotintSettings *
mezzotint_services_get_settings (MezzotintServices *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_SERVICES (self), NULL);
  return self->settings;
}

MezzotintEngineService *
mezzotint_services_get_engine (MezzotintServices *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_SERVICES (self), NULL);
  return self->engine;
}

MezzotintQueue *
mezzotint_services_get_queue (MezzotintServices *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_SERVICES (self), NULL);
  return self->queue;
}

MezzotintModelStore *
mezzotint_services_get_models (MezzotintServices *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_SERVICES (self), NULL);
  return self->models;
}

MezzotintPromptHistory *
mezzotint_services_get_history (MezzotintServices *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_SERVICES (self), NULL);
  return self->history;
}

MezzotintGallery *
mezzotint_services_get_gallery (MezzotintServices *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_SERVICES (self), NULL);
  if (self->gallery == NULL)
    self->gallery = mezzotint_gallery_new (self->settings, NULL);
  return self->gallery;
}
