/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine object, and the list of devices. */
#include <glib/gi18n-lib.h>

#include "pipeline/private.h"

const char *
mz_get_version (void)
{
  return MZ_VERSION;
}

MzEngine *
mz_engine_new (const char *backend, int n_threads, GError **error)
{
  const MzDeviceOptions options = { .n_threads = n_threads };
  MzDevice *device;
  MzEngine *engine;

  if (n_threads < 0 || n_threads > MZ_MAX_THREADS)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("%d is not a number of threads from 0 to %d."),
                   n_threads, MZ_MAX_THREADS);
      return NULL;
    }
  device = mz_device_open (backend, &options, error);
  if (device == NULL)
    return NULL;
  engine = g_new0 (MzEngine, 1);
  g_atomic_ref_count_init (&engine->ref_count);
  engine->device = device;
  return engine;
}

MzEngine *
mz_engine_ref (MzEngine *engine)
{
  g_atomic_ref_count_inc (&engine->ref_count);
  return engine;
}

void
mz_engine_unref (MzEngine *engine)
{
  if (!g_atomic_ref_count_dec (&engine->ref_count))
    return;
  mz_device_close (engine->device);
  g_free (engine);
}

void
mz_engine_set_memory_limit (MzEngine *engine, guint64 n_bytes)
{
  engine->memory_limit = n_bytes;
}

guint64
mz_engine_get_memory_limit (MzEngine *engine)
{
  return engine->memory_limit;
}

void
mz_engine_set_card_limit (MzEngine *engine, guint64 n_bytes)
{
  engine->card_limit = n_bytes;
}

gboolean
mz_engine_computes_on_card (MzEngine *engine)
{
  return engine->device->backend->count_usable_bytes != NULL;
}

guint64
mz_engine_get_usable_bytes (MzEngine *engine)
{
  MzDevice *device = engine->device;
  guint64 there, limit = engine->card_limit;

  if (device->backend->count_usable_bytes == NULL)
    return engine->memory_limit;
  there = device->backend->count_usable_bytes (device);
  if (limit == 0)
    return there;
  if (engine->wider != NULL) /* what is free on the card is so without it */
    limit -= MIN (engine->wider->taken_bytes, limit - 1);
  return there == 0 ? limit : MIN (there, limit);
}

void
mz_engine_set_8bit_weights (MzEngine *engine, gboolean in_8bit)
{
  engine->unet_8bit = in_8bit;
}

void
mz_engine_set_half_sums (MzEngine *engine, gboolean in_half)
{
  engine->half_sums = in_half;
}

const char *
mz_engine_get_backend (MzEngine *engine)
{
  return engine->device->backend->name;
}

const char *
mz_engine_get_description (MzEngine *engine)
{
  return engine->device->description;
}

static void
device_info_free (gpointer data)
{
  MzDeviceInfo *info = data;

  g_free (info->backend);
  g_free (info->description);
  g_free (info->problem);
  g_free (info);
}

GPtrArray *
mz_list_devices (void)
{
  static const MzDeviceOptions options = { 0 };
  GPtrArray *list = g_ptr_array_new_with_free_func (device_info_free);

  for (const MzBackend *const *backend = mz_backends (); *backend != NULL; backend++)
    {
      g_autoptr (GError) error = NULL;
      MzDevice *device = (*backend)->open (&options, &error);
      MzDeviceInfo *info = g_new0 (MzDeviceInfo, 1);

      info->backend = g_strdup ((*backend)->name);
      if (device != NULL)
        {
          info->description = g_strdup (device->description);
          mz_device_close (device);
        }
      else
        info->problem = g_strdup (error->message);
      g_ptr_array_add (list, info);
    }
  return list;
}
