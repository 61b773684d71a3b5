/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables of samplers, schedules, compatibilities and prompt styles as the public header shows them. */
#include "diffusion/compatibility.h"
#include "diffusion/sampler.h"
#include "pipeline/private.h"
#include "text/prompt-style.h"

/* A table as MzMethodInfo, made once; the strings stay the room's. */
typedef struct
{
  MzMethodInfo *infos;
  gsize n_infos;
} Table;

static Table samplers, schedules, compatibilities, styles;

static void
fill_samplers (void)
{
  const MzSamplerKind *rows = mz_sampler_kinds (&samplers.n_infos);

  samplers.infos = g_new0 (MzMethodInfo, samplers.n_infos);
  for (gsize i = 0; i < samplers.n_infos; i++)
    samplers.infos[i] = (MzMethodInfo){
      .id = rows[i].id,
      .label = rows[i].label,
      .description = rows[i].description,
      .a1111 = rows[i].a1111,
      .comfyui = rows[i].comfyui,
      .sdcpp = rows[i].sdcpp,
      .diffusers = rows[i].diffusers,
      .default_steps = rows[i].steps_default,
      .steps_min = rows[i].steps_min,
      .steps_max = rows[i].steps_max,
      .evaluations_per_step = rows[i].evaluations_per_step,
      .adds_noise = rows[i].adds_noise,
      .takes_eta = rows[i].takes_eta,
      .wants_small_guidance = rows[i].wants_unguided,
      .default_schedule = rows[i].default_schedule,
    };
}

static void
fill_schedules (void)
{
  const MzSchedule *rows = mz_schedules (&schedules.n_infos);

  schedules.infos = g_new0 (MzMethodInfo, schedules.n_infos);
  for (gsize i = 0; i < schedules.n_infos; i++)
    schedules.infos[i] = (MzMethodInfo){
      .id = rows[i].id,
      .label = rows[i].label,
      .description = rows[i].description,
      .a1111 = rows[i].a1111,
      .comfyui = rows[i].comfyui,
      .sdcpp = rows[i].sdcpp,
      .diffusers = rows[i].diffusers,
    };
}

static void
fill_compatibilities (void)
{
  const MzCompatibility *rows = mz_compatibilities (&compatibilities.n_infos);

  compatibilities.infos = g_new0 (MzMethodInfo, compatibilities.n_infos);
  for (gsize i = 0; i < compatibilities.n_infos; i++)
    compatibilities.infos[i] = (MzMethodInfo){
      .id = rows[i].id,
      .label = rows[i].label,
      .description = rows[i].description,
      .gpu_size_matters = rows[i].gpu_size_matters,
    };
}

static void
fill_styles (void)
{
  const MzPromptStyle *rows = mz_prompt_styles (&styles.n_infos);

  styles.infos = g_new0 (MzMethodInfo, styles.n_infos);
  for (gsize i = 0; i < styles.n_infos; i++)
    styles.infos[i]
        = (MzMethodInfo){ .id = rows[i].id, .label = rows[i].label, .description = rows[i].description };
}

static void
make_tables (void)
{
  static gsize made = 0;

  if (!g_once_init_enter (&made))
    return;
  fill_samplers ();
  fill_schedules ();
  fill_compatibilities ();
  fill_styles ();
  g_once_init_leave (&made, 1);
}

static const MzMethodInfo *
list (const Table *table, guint *n_infos)
{
  make_tables ();
  *n_infos = (guint) table->n_infos;
  return table->infos;
}

const MzMethodInfo *
mz_list_samplers (guint *n_samplers)
{
  return list (&samplers, n_samplers);
}

const MzMethodInfo *
mz_list_schedules (guint *n_schedules)
{
  return list (&schedules, n_schedules);
}

const MzMethodInfo *
mz_list_compatibilities (guint *n_compatibilities)
{
  return list (&compatibilities, n_compatibilities);
}

const MzMethodInfo *
mz_list_prompt_styles (guint *n_styles)
{
  return list (&styles, n_styles);
}

/* The one of a row that was found; id: NULL when none was. */
static const MzMethodInfo *
info_with_id (const Table *table, const char *id)
{
  make_tables ();
  for (gsize i = 0; id != NULL && i < table->n_infos; i++)
    if (g_str_equal (table->infos[i].id, id))
      return &table->infos[i];
  return NULL;
}

const MzMethodInfo *
mz_find_sampler (const char *name, GError **error)
{
  const MzSamplerKind *kind = mz_sampler_find (name, error);

  return info_with_id (&samplers, kind != NULL ? kind->id : NULL);
}

const MzMethodInfo *
mz_find_schedule (const char *name, GError **error)
{
  const MzSchedule *schedule = mz_schedule_find (name, error);

  return info_with_id (&schedules, schedule != NULL ? schedule->id : NULL);
}

const MzMethodInfo *
mz_find_compatibility (const char *name, GError **error)
{
  const MzCompatibility *row = mz_compatibility_find (name, error);

  return info_with_id (&compatibilities, row != NULL ? row->id : NULL);
}

const MzMethodInfo *
mz_find_prompt_style (const char *name, GError **error)
{
  const MzPromptStyle *row = mz_prompt_style_find (name, error);

  return info_with_id (&styles, row != NULL ? row->id : NULL);
}
