/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the Create page is set to. */
#include "ui/draft.h"

#include <math.h>

#include "ui/draft-rest.h"

/* Prompts are kept this long after the last key, so that typing does not write at every letter. */
#define SAVE_PROMPTS_MS 400

struct _MezzotintDraft
{
  GObject parent_instance;

  MezzotintSettings *settings;
  MezzotintModelStore *models;
  MezzotintModel *model; /* NULL while it is not found */
  char *model_path;      /* NULL: built in */
  MzRequest request;     /* as it stands */
  MzRequest suggested;   /* what suits model and sampler */
  gboolean keep_seed;
  gboolean is_suggested;
  guint save_prompts_id;
};

/* ---- The fields that follow the model until they are set ---- */

typedef const MzMethodInfo *(*FindMethod) (const char *name, GError **error);

typedef struct
{
  const char *name; /* of the setting and of the property */
  GType type;       /* int, double, or string: an id */
  gsize offset;     /* in MzRequest */
  double unset;     /* the setting's value that stands for "what suits the model"; of ids "" */
  double low, high;
  FindMethod find; /* of ids */
} Field;

#define INT(name, field, unset, high)                                                                        \
  {                                                                                                          \
    name, G_TYPE_INT, G_STRUCT_OFFSET (MzRequest, field), unset, 0, high, NULL                               \
  }
#define DOUBLE(name, field, unset, low, high)                                                                \
  {                                                                                                          \
    name, G_TYPE_DOUBLE, G_STRUCT_OFFSET (MzRequest, field), unset, low, high, NULL                          \
  }
#define ID(name, field, find)                                                                                \
  {                                                                                                          \
    name, G_TYPE_STRING, G_STRUCT_OFFSET (MzRequest, field), 0, 0, 0, find                                   \
  }

/* The sampler is first: what suits steps and schedule depends on it. */
static const Field fields[] = {
  ID ("sampler", sampler, mz_find_sampler),
  ID ("schedule", schedule, mz_find_schedule),
  INT ("width", width, 0, MZ_MAX_SIZE_PX),
  INT ("height", height, 0, MZ_MAX_SIZE_PX),
  INT ("steps", steps, 0, MZ_MAX_STEPS),
  DOUBLE ("guidance", guidance, -1, 0, MZ_MAX_GUIDANCE),
  INT ("clip-skip", clip_skip, 0, 100),
  DOUBLE ("eta", eta, -1, -1, 1),
  ID ("compatibility", compatibility, mz_find_compatibility),
  ID ("prompt-style", prompt_style, mz_find_prompt_style),
  DOUBLE ("variation-strength", variation_strength, 0, 0, 1),
  DOUBLE ("guidance-rescale", guidance_rescale, 0, 0, 1),
  INT ("count", count, 1, MZ_MAX_COUNT),
};

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_SEED,
  PROP_VARIATION_SEED,
  PROP_KEEP_SEED,
  PROP_IS_SUGGESTED,
  PROP_REST,
  PROP_FIELDS, /* one for each */
  N_PROPS = PROP_FIELDS + G_N_ELEMENTS (fields)
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (MezzotintDraft, mezzotint_draft, G_TYPE_OBJECT)

/* The field of a request as a value of its type. */
static void
get_field (const Field *field, const MzRequest *request, GValue *value)
{
  gconstpointer place = (const char *) request + field->offset;

  if (field->type == G_TYPE_INT)
    g_value_set_int (value, *(const int *) place);
  else if (field->type == G_TYPE_DOUBLE)
    g_value_set_double (value, *(const double *) place);
  else
    g_value_set_static_string (value, *(const char *const *) place);
}

static gboolean
is_equal (const Field *field, const GValue *a, const GValue *b)
{
  if (field->type == G_TYPE_INT)
    return g_value_get_int (a) == g_value_get_int (b);
  if (field->type == G_TYPE_DOUBLE)
    return g_value_get_double (a) == g_value_get_double (b);
  return g_strcmp0 (g_value_get_string (a), g_value_get_string (b)) == 0;
}

static gboolean
is_unset (const Field *field, const GValue *setting)
{
  if (field->type == G_TYPE_INT)
    return g_value_get_int (setting) == (int) field->unset;
  if (field->type == G_TYPE_DOUBLE)
    return field->unset < 0 ? g_value_get_double (setting) < 0 : g_value_get_double (setting) == field->unset;
  /* What this version does not know counts as unset. */
  return field->find (g_value_get_string (setting), NULL) == NULL;
}

static void
write_setting (MezzotintDraft *self, const Field *field, const GValue *value)
{
  g_auto (GValue) usual = G_VALUE_INIT;

  g_value_init (&usual, field->type);
  get_field (field, &self->suggested, &usual);
  if (is_equal (field, value, &usual))
    mezzotint_settings_reset (self->settings, field->name);
  else
    g_object_set_property (G_OBJECT (self->settings), field->name, value);
}

/* Steps and schedule of the model are meant for its own sampler; another brings its own. */
static void
suggest (MezzotintDraft *self, const MzMethodInfo *sampler)
{
  MzRequest *suggested = &self->suggested;

  if (self->model != NULL)
    mezzotint_model_use_defaults (self->model, suggested);
  else
    mz_request_use_defaults (suggested, NULL);
  if (sampler == NULL || g_strcmp0 (sampler->id, suggested->sampler) == 0)
    return;
  suggested->steps = sampler->default_steps;
  if (sampler->default_schedule != NULL)
    suggested->schedule = sampler->default_schedule;
}

/* Stores the setting, or what is suggested, in the request. TRUE when it is what is suggested. */
static gboolean
resolve_field (MezzotintDraft *self, guint index)
{
  const Field *field = &fields[index];
  g_auto (GValue) setting = G_VALUE_INIT;
  g_auto (GValue) old = G_VALUE_INIT;
  g_auto (GValue) new = G_VALUE_INIT;
  char *place = (char *) &self->request + field->offset;
  gboolean unset;

  g_value_init (&setting, field->type);
  g_value_init (&old, field->type);
  g_value_init (&new, field->type);
  g_object_get_property (G_OBJECT (self->settings), field->name, &setting);
  unset = is_unset (field, &setting);
  get_field (field, &self->request, &old);
  if (unset)
    memcpy (place, (char *) &self->suggested + field->offset,
            field->type == G_TYPE_INT ? sizeof (int) : sizeof (double));
  else if (field->type == G_TYPE_INT)
    *(int *) (gpointer) place = g_value_get_int (&setting);
  else if (field->type == G_TYPE_DOUBLE)
    *(double *) (gpointer) place = g_value_get_double (&setting);
  else
    *(const char **) (gpointer) place = field->find (g_value_get_string (&setting), NULL)->id;
  get_field (field, &self->request, &new);
  if (!is_equal (field, &old, &new))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FIELDS + index]);
  return unset || field->offset == G_STRUCT_OFFSET (MzRequest, count);
}

G_STATIC_ASSERT (sizeof (double) == sizeof (const char *));

/* The settings without a control. TRUE when they are what is suggested. */
static gboolean
resolve_rest (MezzotintDraft *self)
{
  g_autofree char *text = NULL;
  gboolean is_set;

  g_object_get (self->settings, "other-settings", &text, NULL);
  is_set = mezzotint_rest_from_text (&self->request, text);
  if (!is_set)
    mezzotint_rest_copy (&self->request, &self->suggested);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_REST]);
  return !is_set;
}

/* Works the request out of settings and suggestions, and tells what changed. */
static void
resolve (MezzotintDraft *self)
{
  g_autofree char *name = NULL;
  gboolean is_suggested = TRUE;

  g_object_get (self->settings, "sampler", &name, NULL);
  suggest (self, name != NULL ? mz_find_sampler (name, NULL) : NULL);
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    is_suggested &= resolve_field (self, i);
  is_suggested &= resolve_rest (self);
  if (self->is_suggested != is_suggested)
    {
      self->is_suggested = is_suggested;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_SUGGESTED]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
set_field (MezzotintDraft *self, const Field *field, const GValue *value)
{
  g_auto (GValue) current = G_VALUE_INIT;

  g_value_init (&current, field->type);
  get_field (field, &self->request, &current);
  if (is_equal (field, value, &current))
    return;
  if (field->find == mz_find_sampler)
    suggest (self, NULL); /* the model's own is the usual one, not the one in use */
  write_setting (self, field, value);
  resolve (self);
}

/* ---- Prompts and seeds ---- */

static gboolean
save_prompts_cb (gpointer user_data)
{
  MezzotintDraft *self = user_data;

  self->save_prompts_id = 0;
  g_object_set (self->settings, "prompt", self->request.prompt, "negative-prompt",
                self->request.negative_prompt, NULL);
  return G_SOURCE_REMOVE;
}

static void
save_prompts_now (MezzotintDraft *self)
{
  if (self->save_prompts_id == 0)
    return;
  g_source_remove (self->save_prompts_id);
  save_prompts_cb (self);
}

static void
set_text (MezzotintDraft *self, char **place, const char *text, int prop)
{
  text = text != NULL ? text : "";
  if (g_strcmp0 (*place, text) == 0)
    return;
  g_free (*place);
  *place = g_strdup (text);
  if (self->save_prompts_id == 0)
    self->save_prompts_id = g_timeout_add (SAVE_PROMPTS_MS, save_prompts_cb, self);
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_seed (MezzotintDraft *self, guint64 *place, guint64 seed, int prop)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);

  g_object_set (self->settings, props[prop]->name, text, NULL);
  if (*place == seed)
    return;
  *place = seed;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_seed_text (MezzotintDraft *self, guint64 *place, const char *text, int prop)
{
  guint64 seed;

  if (text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seed, NULL) && seed != *place)
    set_seed (self, place, seed, prop);
}

/* ---- The model ---- */

/* A picture of another shape stays one: 192 x 128 for a model of 128 is 768 x 512 for one of 512. */
static int
scale_side (int side, int native, int old_native, int multiple)
{
  double scaled = (double) side * native / old_native;

  multiple = MAX (multiple, 1);
  return CLAMP ((int) round (scaled / multiple) * multiple, multiple, MZ_MAX_SIZE_PX);
}

static void
scale_size (MezzotintDraft *self, MezzotintModel *from, MezzotintModel *to)
{
  const MzModelInfo *old = from != NULL ? mezzotint_model_get_info (from) : NULL;
  const MzModelInfo *new = mezzotint_model_get_info (to);
  int width, height;

  g_object_get (self->settings, "width", &width, "height", &height, NULL);
  if ((width == 0 && height == 0) || old == NULL || new == NULL || old->native_width <= 0
      || old->native_width == new->native_width)
    return;
  width = scale_side (self->request.width, new->native_width, old->native_width, new->size_multiple);
  height = scale_side (self->request.height, new->native_width, old->native_width, new->size_multiple);
  g_object_set (self->settings, "width", width, "height", height, NULL);
}

static void
known_cb (GObject *model, GParamSpec *pspec, gpointer user_data)
{
  resolve (MEZZOTINT_DRAFT (user_data));
}

static void
take_model (MezzotintDraft *self, MezzotintModel *model)
{
  if (self->model == model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_func (self->model, known_cb, self);
  g_set_object (&self->model, model);
  if (model != NULL)
    g_signal_connect_object (model, "notify::is-known", G_CALLBACK (known_cb), self, 0);
  resolve (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MODEL]);
}

static void
set_model (MezzotintDraft *self, MezzotintModel *model)
{
  const char *path;

  if (model == NULL || model == self->model)
    return;
  path = mezzotint_model_get_path (model);
  scale_size (self, self->model, model);
  g_free (self->model_path);
  self->model_path = g_strdup (path);
  g_object_set (self->settings, "model", path != NULL ? path : "", NULL);
  take_model (self, model);
}

/* The folders are read in the background, and files come and go. */
static void
models_changed_cb (MezzotintDraft *self)
{
  take_model (self, mezzotint_model_store_find (self->models, self->model_path));
}

/* ---- The object ---- */

static void
mezzotint_draft_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintDraft *self = MEZZOTINT_DRAFT (object);
  const MzRequest *request = &self->request;

  if (id >= PROP_FIELDS)
    get_field (&fields[id - PROP_FIELDS], request, value);
  else if (id == PROP_MODEL)
    g_value_set_object (value, self->model);
  else if (id == PROP_PROMPT)
    g_value_set_string (value, request->prompt);
  else if (id == PROP_NEGATIVE_PROMPT)
    g_value_set_string (value, request->negative_prompt);
  else if (id == PROP_SEED)
    g_value_take_string (value, g_strdup_printf ("%" G_GUINT64_FORMAT, request->seed));
  else if (id == PROP_VARIATION_SEED)
    g_value_take_string (value, g_strdup_printf ("%" G_GUINT64_FORMAT, request->variation_seed));
  else if (id == PROP_REST)
    g_value_take_string (value, mezzotint_rest_describe (request, &self->suggested));
  else
    g_value_set_boolean (value, id == PROP_KEEP_SEED ? self->keep_seed : self->is_suggested);
}

static void
set_keep_seed (MezzotintDraft *self, gboolean keep_seed)
{
  if (self->keep_seed == keep_seed)
    return;
  self->keep_seed = keep_seed;
  g_object_set (self->settings, "keep-seed", keep_seed, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_KEEP_SEED]);
}

static void
mezzotint_draft_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintDraft *self = MEZZOTINT_DRAFT (object);
  MzRequest *request = &self->request;

  if (id >= PROP_FIELDS)
    set_field (self, &fields[id - PROP_FIELDS], value);
  else if (id == PROP_MODEL)
    set_model (self, g_value_get_object (value));
  else if (id == PROP_PROMPT)
    set_text (self, &request->prompt, g_value_get_string (value), PROP_PROMPT);
  else if (id == PROP_NEGATIVE_PROMPT)
    set_text (self, &request->negative_prompt, g_value_get_string (value), PROP_NEGATIVE_PROMPT);
  else if (id == PROP_SEED)
    set_seed_text (self, &request->seed, g_value_get_string (value), PROP_SEED);
  else if (id == PROP_VARIATION_SEED)
    set_seed_text (self, &request->variation_seed, g_value_get_string (value), PROP_VARIATION_SEED);
  else
    set_keep_seed (self, g_value_get_boolean (value));
}

static void
mezzotint_draft_dispose (GObject *object)
{
  MezzotintDraft *self = MEZZOTINT_DRAFT (object);

  if (self->settings != NULL)
    save_prompts_now (self);
  g_clear_object (&self->model);
  g_clear_object (&self->models);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (mezzotint_draft_parent_class)->dispose (object);
}

static void
mezzotint_draft_finalize (GObject *object)
{
  MezzotintDraft *self = MEZZOTINT_DRAFT (object);

  mz_request_clear (&self->request);
  mz_request_clear (&self->suggested);
  g_free (self->model_path);
  G_OBJECT_CLASS (mezzotint_draft_parent_class)->finalize (object);
}

static GParamSpec *
make_pspec (const Field *field, GParamFlags flags)
{
  if (field->type == G_TYPE_INT)
    return g_param_spec_int (field->name, NULL, NULL, 0, (int) field->high, 0, flags);
  if (field->type == G_TYPE_DOUBLE)
    return g_param_spec_double (field->name, NULL, NULL, field->low, field->high, 0, flags);
  return g_param_spec_string (field->name, NULL, NULL, NULL, flags);
}

static void
mezzotint_draft_class_init (MezzotintDraftClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = mezzotint_draft_dispose;
  object_class->finalize = mezzotint_draft_finalize;
  object_class->get_property = mezzotint_draft_get_property;
  object_class->set_property = mezzotint_draft_set_property;
  props[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, MEZZOTINT_TYPE_MODEL, flags);
  props[PROP_PROMPT] = g_param_spec_string ("prompt", NULL, NULL, "", flags);
  props[PROP_NEGATIVE_PROMPT] = g_param_spec_string ("negative-prompt", NULL, NULL, "", flags);
  props[PROP_SEED] = g_param_spec_string ("seed", NULL, NULL, "0", flags);
  props[PROP_VARIATION_SEED] = g_param_spec_string ("variation-seed", NULL, NULL, "0", flags);
  props[PROP_KEEP_SEED] = g_param_spec_boolean ("keep-seed", NULL, NULL, FALSE, flags);
  props[PROP_IS_SUGGESTED]
      = g_param_spec_boolean ("is-suggested", NULL, NULL, TRUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_REST]
      = g_param_spec_string ("rest", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    props[PROP_FIELDS + i] = make_pspec (&fields[i], flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
mezzotint_draft_init (MezzotintDraft *self)
{
}

static void
read_settings (MezzotintDraft *self)
{
  g_autofree char *path = NULL;
  g_autofree char *seed = NULL;
  g_autofree char *variation = NULL;

  g_object_get (self->settings, "model", &path, "prompt", &self->request.prompt, "negative-prompt",
                &self->request.negative_prompt, "seed", &seed, "variation-seed", &variation, "keep-seed",
                &self->keep_seed, NULL);
  if (path != NULL && *path != '\0')
    self->model_path = g_steal_pointer (&path);
  if (seed == NULL || !g_ascii_string_to_unsigned (seed, 10, 0, G_MAXUINT64, &self->request.seed, NULL))
    mezzotint_draft_roll_seed (self);
  if (variation != NULL)
    g_ascii_string_to_unsigned (variation, 10, 0, G_MAXUINT64, &self->request.variation_seed, NULL);
}

MezzotintDraft *
mezzotint_draft_new (MezzotintSettings *settings, MezzotintModelStore *models)
{
  MezzotintDraft *self = g_object_new (MEZZOTINT_TYPE_DRAFT, NULL);

  self->settings = g_object_ref (settings);
  self->models = g_object_ref (models);
  mz_request_use_defaults (&self->request, NULL);
  read_settings (self);
  resolve (self);
  g_signal_connect_object (models, "items-changed", G_CALLBACK (models_changed_cb), self, G_CONNECT_SWAPPED);
  models_changed_cb (self);
  return self;
}

MezzotintModel *
mezzotint_draft_get_model (MezzotintDraft *self)
{
  return self->model;
}

const char *
mezzotint_draft_get_model_path (MezzotintDraft *self)
{
  return self->model_path;
}

const MzRequest *
mezzotint_draft_get_request (MezzotintDraft *self)
{
  return &self->request;
}

void
mezzotint_draft_apply (MezzotintDraft *self, const MzRequest *request)
{
  g_autofree char *rest = mezzotint_rest_describe (request, &self->suggested);
  g_autofree char *text = rest != NULL ? mezzotint_rest_to_text (request) : NULL;

  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->request.prompt, request->prompt, PROP_PROMPT);
  set_text (self, &self->request.negative_prompt, request->negative_prompt, PROP_NEGATIVE_PROMPT);
  set_seed (self, &self->request.seed, request->seed, PROP_SEED);
  set_seed (self, &self->request.variation_seed, request->variation_seed, PROP_VARIATION_SEED);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, fields[i].type);
      get_field (&fields[i], request, &value);
      set_field (self, &fields[i], &value);
    }
  g_object_set (self->settings, "other-settings", text != NULL ? text : "", NULL);
  resolve (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
mezzotint_draft_use_suggested (MezzotintDraft *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].offset != G_STRUCT_OFFSET (MzRequest, count))
      mezzotint_settings_reset (self->settings, fields[i].name);
  mezzotint_draft_reset_rest (self);
}

void
mezzotint_draft_reset_rest (MezzotintDraft *self)
{
  mezzotint_settings_reset (self->settings, "other-settings");
  resolve (self);
}

void
mezzotint_draft_roll_seed (MezzotintDraft *self)
{ /* 32 bits: as other programs draw them, and short enough to be read out */
  set_seed (self, &self->request.seed, g_random_int (), PROP_SEED);
}

void
mezzotint_draft_roll_variation_seed (MezzotintDraft *self)
{
  set_seed (self, &self->request.variation_seed, g_random_int (), PROP_VARIATION_SEED);
}

MezzotintRecipe *
mezzotint_draft_make_recipe (MezzotintDraft *self)
{
  if (!self->keep_seed)
    mezzotint_draft_roll_seed (self);
  save_prompts_now (self);
  return mezzotint_recipe_new (self->model_path, &self->request);
}
