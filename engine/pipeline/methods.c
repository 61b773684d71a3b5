/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables of samplers and schedules as the public header shows them. */
#include "diffusion/sampler.h"
#include "pipeline/private.h"

static MzMethodInfo *sampler_infos, *schedule_infos;
static gsize n_sampler_infos, n_schedule_infos;

/* Copies both tables once; the strings stay theirs. */
static void
make_infos (void)
{
  static gsize made = 0;
  const MzSamplerKind *samplers;
  const MzSchedule *schedules;

  if (!g_once_init_enter (&made))
    return;
  samplers = mz_sampler_kinds (&n_sampler_infos);
  sampler_infos = g_new0 (MzMethodInfo, n_sampler_infos);
  for (gsize i = 0; i < n_sampler_infos; i++)
    sampler_infos[i] = (MzMethodInfo){ samplers[i].id,          samplers[i].label,
                                       samplers[i].description, samplers[i].steps_default,
                                       samplers[i].adds_noise,  samplers[i].default_schedule };
  schedules = mz_schedules (&n_schedule_infos);
  schedule_infos = g_new0 (MzMethodInfo, n_schedule_infos);
  for (gsize i = 0; i < n_schedule_infos; i++)
    schedule_infos[i]
        = (MzMethodInfo){ schedules[i].id, schedules[i].label, schedules[i].description, 0, FALSE, NULL };
  g_once_init_leave (&made, 1);
}

const MzMethodInfo *
mz_list_samplers (guint *n_samplers)
{
  make_infos ();
  *n_samplers = (guint) n_sampler_infos;
  return sampler_infos;
}

const MzMethodInfo *
mz_list_schedules (guint *n_schedules)
{
  make_infos ();
  *n_schedules = (guint) n_schedule_infos;
  return schedule_infos;
}

static const MzMethodInfo *
info_with_id (const MzMethodInfo *infos, gsize n, const char *id)
{
  for (gsize i = 0; i < n; i++)
    if (g_str_equal (infos[i].id, id))
      return &infos[i];
  g_return_val_if_reached (NULL);
}

const MzMethodInfo *
mz_find_sampler (const char *name, GError **error)
{
  const MzSamplerKind *kind = mz_sampler_find (name, error);

  make_infos ();
  return kind != NULL ? info_with_id (sampler_infos, n_sampler_infos, kind->id) : NULL;
}

const MzMethodInfo *
mz_find_schedule (const char *name, GError **error)
{
  const MzSchedule *schedule = mz_schedule_find (name, error);

  make_infos ();
  return schedule != NULL ? info_with_id (schedule_infos, n_schedule_infos, schedule->id) : NULL;
}
