/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What memory the request that is being put together will take. */
#include "app/jobs/forecast.h"

/* The user pauses this long between two keys or two clicks of a spin button's arrow. */
#define PAUSE_MS 200

struct _MezzotintForecast
{
  GObject parent_instance;

  MezzotintEngineService *engine;
  MezzotintSettings *settings;
  char *model;        /* path; NULL: built in */
  MzRequest *request; /* NULL: nothing is asked about */

  MezzotintMemoryNeed *need; /* of that request; NULL: not known */
  guint pause_id;            /* 0: the user does not pause */
  GCancellable *asked;       /* the question under way; NULL: none */
};

G_DEFINE_FINAL_TYPE (MezzotintForecast, mezzotint_forecast, G_TYPE_OBJECT)

static guint changed_signal;

static void
take_need (MezzotintForecast *self, MezzotintMemoryNeed *need)
{
  gboolean has_changed = self->need != NULL || need != NULL;

  g_clear_pointer (&self->need, mezzotint_memory_need_free);
  self->need = need;
  if (has_changed)
    g_signal_emit (self, changed_signal, 0);
}

/* ---- Asking ---- */

static void
stop_asking (MezzotintForecast *self)
{
  g_clear_handle_id (&self->pause_id, g_source_remove);
  if (self->asked != NULL)
    g_cancellable_cancel (self->asked);
  g_clear_object (&self->asked);
}

/* An answer to a question that is not the last one comes as an error: it was cancelled. */
static void
answered_cb (GObject *engine, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MezzotintForecast) self = user_data;
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  MezzotintMemoryNeed *need
      = mezzotint_engine_service_estimate_finish (MEZZOTINT_ENGINE_SERVICE (engine), result, NULL);

  if (cancellable != self->asked)
    {
      g_clear_pointer (&need, mezzotint_memory_need_free);
      return;
    }
  g_clear_object (&self->asked);
  take_need (self, need);
}

static gboolean
has_model (MezzotintForecast *self)
{
  g_autofree char *loaded = NULL;

  g_object_get (self->engine, "model", &loaded, NULL); /* NULL: none; "" is the built-in one */
  return loaded != NULL && g_str_equal (loaded, self->model != NULL ? self->model : "");
}

static gboolean
pause_cb (gpointer user_data)
{
  MezzotintForecast *self = user_data;

  self->pause_id = 0;
  self->asked = g_cancellable_new ();
  mezzotint_engine_service_estimate_async (self->engine, self->request, self->model, self->asked, answered_cb,
                                           g_object_ref (self));
  return G_SOURCE_REMOVE;
}

/* What there is of an answer is another request's; `keeps`: but as good as this one's for a moment. */
static void
ask_anew (MezzotintForecast *self, gboolean keeps)
{
  gboolean is_busy, can_ask = self->request != NULL && has_model (self);

  g_object_get (self->engine, "is-busy", &is_busy, NULL);
  stop_asking (self);
  if (can_ask)
    self->pause_id = g_timeout_add (PAUSE_MS, pause_cb, self);
  if (!keeps || !can_ask || is_busy)
    take_need (self, NULL);
}

/* ---- What it depends on ---- */

/* Does the amount depend on it directly? Of the rest, the prompts' length alone matters, and that little. */
static gboolean
is_as_large (const MzRequest *a, const MzRequest *b)
{
  return a->width == b->width && a->height == b->height && a->count == b->count
         && (a->guidance == 1) == (b->guidance == 1);
}

/* Seeds and the rest of what is left out make no difference. */
static gboolean
is_same (const MzRequest *a, const MzRequest *b)
{
  return is_as_large (a, b) && g_strcmp0 (a->prompt, b->prompt) == 0
         && g_strcmp0 (a->negative_prompt, b->negative_prompt) == 0
         && g_strcmp0 (a->prompt_style, b->prompt_style) == 0
         && g_strcmp0 (a->compatibility, b->compatibility) == 0 && g_strcmp0 (a->sampler, b->sampler) == 0
         && a->steps == b->steps && a->clip_skip == b->clip_skip;
}

void
mezzotint_forecast_set_request (MezzotintForecast *self, const char *model, const MzRequest *request)
{
  gboolean is_same_model = g_strcmp0 (self->model, model) == 0, keeps;

  g_return_if_fail (MEZZOTINT_IS_FORECAST (self));
  if (self->request == request
      || (self->request != NULL && request != NULL && is_same_model && is_same (self->request, request)))
    return;
  keeps = is_same_model && self->request != NULL && request != NULL && is_as_large (self->request, request);
  g_free (self->model);
  self->model = g_strdup (model);
  g_clear_pointer (&self->request, mz_request_free);
  self->request = request != NULL ? mz_request_copy (request) : NULL;
  ask_anew (self, keeps);
}

const MezzotintMemoryNeed *
mezzotint_forecast_get_need (MezzotintForecast *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_FORECAST (self), NULL);
  return self->need;
}

/* Another model, device or limit. */
static void
conditions_cb (MezzotintForecast *self)
{
  ask_anew (self, FALSE);
}

/* What was done may have left a card with more room or less; until then the answer stands. */
static void
busy_cb (MezzotintForecast *self)
{
  gboolean is_busy;

  g_object_get (self->engine, "is-busy", &is_busy, NULL);
  if (!is_busy && self->asked == NULL && self->pause_id == 0)
    ask_anew (self, TRUE);
}

/* ---- The object ---- */

static void
mezzotint_forecast_dispose (GObject *object)
{
  MezzotintForecast *self = MEZZOTINT_FORECAST (object);

  stop_asking (self);
  g_clear_object (&self->engine);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mezzotint_forecast_parent_class)->dispose (object);
}

static void
mezzotint_forecast_finalize (GObject *object)
{
  MezzotintForecast *self = MEZZOTINT_FORECAST (object);

  g_clear_pointer (&self->need, mezzotint_memory_need_free);
  g_clear_pointer (&self->request, mz_request_free);
  g_free (self->model);
  G_OBJECT_CLASS (mezzotint_forecast_parent_class)->finalize (object);
}

static void
mezzotint_forecast_class_init (MezzotintForecastClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = mezzotint_forecast_dispose;
  object_class->finalize = mezzotint_forecast_finalize;
  changed_signal = g_signal_new ("changed", MEZZOTINT_TYPE_FORECAST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
mezzotint_forecast_init (MezzotintForecast *self)
{
}

MezzotintForecast *
mezzotint_forecast_new (MezzotintEngineService *engine, MezzotintSettings *settings)
{
  static const char *const conditions[] = { "notify::device", "notify::threads", "notify::memory-limit-mb",
                                            "notify::vram-limit-mb", "notify::at-once" };
  MezzotintForecast *self = g_object_new (MEZZOTINT_TYPE_FORECAST, NULL);

  self->engine = g_object_ref (engine);
  self->settings = g_object_ref (settings);
  for (gsize i = 0; i < G_N_ELEMENTS (conditions); i++)
    g_signal_connect_object (settings, conditions[i], G_CALLBACK (conditions_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::model", G_CALLBACK (conditions_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::is-busy", G_CALLBACK (busy_cb), self, G_CONNECT_SWAPPED);
  return self;
}
