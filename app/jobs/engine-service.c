/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine as an object of the main thread. */
#include "app/jobs/engine-service.h"

#include "app/jobs/engine-service-private.h"
#include "app/jobs/engine-thread.h"

struct _MezzotintEngineService
{
  GObject parent_instance;
  MezzotintSettings *settings;
  MezzotintEngineThread *thread; /* NULL: shut down */
  MezzotintEngineStatus status;
};

G_DEFINE_FINAL_TYPE (MezzotintEngineService, mezzotint_engine_service, G_TYPE_OBJECT)

enum
{
  PROP_DESCRIPTION = 1,
  PROP_PROBLEM,
  PROP_MODEL,
  PROP_IS_BUSY,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  const MezzotintEngineStatus *status = &MEZZOTINT_ENGINE_SERVICE (object)->status;

  switch (property_id)
    {
    case PROP_DESCRIPTION:
      g_value_set_string (value, status->description != NULL ? status->description : "");
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, status->problem);
      break;
    case PROP_MODEL:
      if (status->has_model)
        g_value_set_string (value, status->model != NULL ? status->model : "");
      break;
    case PROP_IS_BUSY:
      g_value_set_boolean (value, status->is_busy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
clear_status (MezzotintEngineStatus *status)
{
  g_free (status->model);
  g_free (status->description);
  g_free (status->problem);
}

static void
dispose (GObject *object)
{
  MezzotintEngineService *self = MEZZOTINT_ENGINE_SERVICE (object);

  mezzotint_engine_service_shutdown (self);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mezzotint_engine_service_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  clear_status (&MEZZOTINT_ENGINE_SERVICE (object)->status);
  G_OBJECT_CLASS (mezzotint_engine_service_parent_class)->finalize (object);
}

static void
mezzotint_engine_service_class_init (MezzotintEngineServiceClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, "", flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, NULL, flags);
  properties[PROP_IS_BUSY] = g_param_spec_boolean ("is-busy", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
status_cb (gpointer user, const MezzotintEngineStatus *status)
{
  MezzotintEngineService *self = user;
  MezzotintEngineStatus before = self->status;

  self->status = (MezzotintEngineStatus){
    .is_busy = status->is_busy,
    .has_model = status->has_model,
    .model = g_strdup (status->model),
    .description = g_strdup (status->description),
    .problem = g_strdup (status->problem),
  };
  g_object_freeze_notify (G_OBJECT (self));
  if (before.is_busy != status->is_busy)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_BUSY]);
  if (before.has_model != status->has_model || g_strcmp0 (before.model, status->model) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODEL]);
  if (g_strcmp0 (before.description, status->description) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DESCRIPTION]);
  if (g_strcmp0 (before.problem, status->problem) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
  g_object_thaw_notify (G_OBJECT (self));
  clear_status (&before);
}

static void
mezzotint_engine_service_init (MezzotintEngineService *self)
{
  self->thread = mezzotint_engine_thread_new (status_cb, self);
}

static void
take_settings (MezzotintEngineService *self)
{
  g_autofree char *device = NULL;
  MezzotintEngineLimits limits;
  int n_threads, memory_mb, card_mb;
  gboolean half_sums;

  if (self->thread == NULL)
    return;
  g_object_get (self->settings, "device", &device, "threads", &n_threads, "memory-limit-mb", &memory_mb,
                "vram-limit-mb", &card_mb, "half-sums", &half_sums, NULL);
  limits = (MezzotintEngineLimits){ .memory = (guint64) memory_mb << 20,
                                    .card = (guint64) card_mb << 20,
                                    .half_sums = half_sums };
  mezzotint_engine_thread_set_device (self->thread, device, n_threads);
  mezzotint_engine_thread_set_limits (self->thread, &limits);
}

MezzotintEngineService *
mezzotint_engine_service_new (MezzotintSettings *settings)
{
  MezzotintEngineService *self = g_object_new (MEZZOTINT_TYPE_ENGINE_SERVICE, NULL);

  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (settings, "notify::device", G_CALLBACK (take_settings), self);
  g_signal_connect_swapped (settings, "notify::threads", G_CALLBACK (take_settings), self);
  g_signal_connect_swapped (settings, "notify::memory-limit-mb", G_CALLBACK (take_settings), self);
  g_signal_connect_swapped (settings, "notify::vram-limit-mb", G_CALLBACK (take_settings), self);
  g_signal_connect_swapped (settings, "notify::half-sums", G_CALLBACK (take_settings), self);
  take_settings (self);
  return self;
}

void
mezzotint_engine_service_shutdown (MezzotintEngineService *self)
{
  g_clear_pointer (&self->thread, mezzotint_engine_thread_free);
}

void
mezzotint_engine_service_preload (MezzotintEngineService *self, const char *path)
{
  if (self->thread != NULL)
    mezzotint_engine_thread_preload (self->thread, path);
}

void
mezzotint_engine_service_run (MezzotintEngineService *self, MezzotintRun *run)
{
  if (self->thread != NULL)
    mezzotint_engine_thread_run (self->thread, run);
  else
    mezzotint_run_close (run);
}

void
mezzotint_engine_service_decode_async (MezzotintEngineService *self,
                                       MzSnapshot *snapshot,
                                       const char *model,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, mezzotint_engine_service_decode_async);
  if (self->thread != NULL)
    mezzotint_engine_thread_decode (self->thread, snapshot, model, task);
  else
    g_task_return_new_error (task, MZ_ERROR, MZ_ERROR_CANCELLED, "The program ends.");
}

MezzotintPixels *
mezzotint_engine_service_decode_finish (MezzotintEngineService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
mezzotint_engine_service_estimate_async (MezzotintEngineService *self,
                                         const MzRequest *request,
                                         const char *model,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  MzRequest *copy;

  g_task_set_source_tag (task, mezzotint_engine_service_estimate_async);
  if (self->thread == NULL)
    {
      g_task_return_new_error (task, MZ_ERROR, MZ_ERROR_CANCELLED, "The program ends.");
      return;
    }
  copy = mz_request_copy (request);
  g_object_get (self->settings, "at-once", &copy->at_once, NULL);
  mezzotint_engine_thread_estimate (self->thread, copy, model, task);
}

MezzotintMemoryNeed *
mezzotint_engine_service_estimate_finish (MezzotintEngineService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
mezzotint_engine_service_count_tokens (MezzotintEngineService *self,
                                       const char *text,
                                       int *n_tokens,
                                       GArray **part_ends)
{
  int n = self->thread != NULL ? mezzotint_engine_thread_count_tokens (self->thread, text, part_ends) : -1;

  if (n < 0)
    return FALSE;
  if (n_tokens != NULL)
    *n_tokens = n;
  return TRUE;
}
