/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which backend computes: by name, by $MEZZOTINT_BACKEND, or the best that opens. */
#include <glib/gi18n-lib.h>

#include "ops/module.h"
#include "ops/ops.h"

#define CUDA_MODULE "libmezzotint-cuda.so"

static MzDevice *
open_cuda (const MzDeviceOptions *options, GError **error)
{
  const MzBackend *backend = mz_backend_module_open (CUDA_MODULE, error);

  return backend != NULL ? backend->open (options, error) : NULL;
}

/* Stands for the module until a device is opened; the device's own table is the module's. */
static const MzBackend cuda = { .name = "cuda", .open = open_cuda };

static const MzBackend *const backends[] = { &cuda, &mz_backend_cpu, &mz_backend_reference, NULL };

const MzBackend *const *
mz_backends (void)
{
  return backends;
}

static MzDevice *
open_best (const MzDeviceOptions *options, GError **error)
{
  for (guint i = 0; backends[i] != NULL; i++)
    {
      g_autoptr (GError) reason = NULL;
      MzDevice *device = backends[i]->open (options, &reason);

      if (device != NULL)
        return device;
      g_debug ("%s cannot be used: %s", backends[i]->name, reason->message);
      if (backends[i + 1] == NULL)
        g_propagate_error (error, g_steal_pointer (&reason));
    }
  return NULL;
}

MzDevice *
mz_device_open (const char *name, const MzDeviceOptions *options, GError **error)
{
  static const MzDeviceOptions defaults = { 0 };
  g_autoptr (GString) known = g_string_new (NULL);

  if (options == NULL)
    options = &defaults;
  if (name == NULL || g_str_equal (name, "auto"))
    name = g_getenv ("MEZZOTINT_BACKEND");
  if (name == NULL || *name == '\0' || g_str_equal (name, "auto"))
    return open_best (options, error);
  for (guint i = 0; backends[i] != NULL; i++)
    {
      if (g_str_equal (backends[i]->name, name))
        return backends[i]->open (options, error);
      g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", backends[i]->name);
    }
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("There is no backend “%s”; the backends are: %s."),
               name, known->str);
  return NULL;
}

void
mz_device_close (MzDevice *device)
{
  g_free (g_steal_pointer (&device->description));
  device->backend->close (device);
}

gboolean
mz_device_finish_weights (MzDevice *device, const MzWeight **bad, GError **error)
{
  const MzWeight *first = NULL;

  if (bad == NULL)
    bad = &first;
  *bad = NULL;
  return device->backend->finish_weights == NULL || device->backend->finish_weights (device, bad, error);
}
