/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows that set the gallery's filters. Models and samplers to choose from are those that occur. */
#include "ui/gallery-filters.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _MezzotintGalleryFilters
{
  GtkPopover parent_instance;

  AdwComboRow *sort_row;
  AdwComboRow *date_row;
  AdwComboRow *model_row;
  AdwComboRow *sampler_row;
  GtkSwitch *favourites_switch;
  GtkWidget *clear_button;

  MezzotintGallery *gallery;
  gboolean is_filling; /* the rows are being set to what the gallery says */
};

G_DEFINE_FINAL_TYPE (MezzotintGalleryFilters, mezzotint_gallery_filters, GTK_TYPE_POPOVER)

enum
{
  PROP_IS_FILTERING = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

typedef enum
{
  ANY_TIME,
  TODAY,
  LAST_7_DAYS,
  LAST_30_DAYS,
  THIS_YEAR,
} Period;

/* Its beginning in Unix seconds; 0: any time. */
static gint64
period_begin (Period period)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) today = g_date_time_new_local (
      g_date_time_get_year (now), g_date_time_get_month (now), g_date_time_get_day_of_month (now), 0, 0, 0);
  g_autoptr (GDateTime) begin = NULL;

  switch (period)
    {
    case TODAY:
      return g_date_time_to_unix (today);
    case LAST_7_DAYS:
      begin = g_date_time_add_days (today, -6);
      break;
    case LAST_30_DAYS:
      begin = g_date_time_add_days (today, -29);
      break;
    case THIS_YEAR:
      begin = g_date_time_new_local (g_date_time_get_year (now), 1, 1, 0, 0, 0);
      break;
    case ANY_TIME:
    default:
      return 0;
    }
  return g_date_time_to_unix (begin);
}

gboolean
mezzotint_gallery_filters_is_filtering (MezzotintGalleryFilters *self)
{
  g_autofree char *model = NULL;
  g_autofree char *sampler = NULL;
  gboolean favourites_only;
  gint64 after, before;

  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_FILTERS (self), FALSE);
  g_object_get (self->gallery, "model", &model, "sampler", &sampler, "favourites-only", &favourites_only,
                "after", &after, "before", &before, NULL);
  return model != NULL || sampler != NULL || favourites_only || after != 0 || before != 0;
}

/* ---- From the rows to the gallery ---- */

/* NULL for the first row, which is any. Owned by the row's model. */
static const char *
get_choice (AdwComboRow *row)
{
  GtkStringObject *chosen = adw_combo_row_get_selected_item (row);

  return adw_combo_row_get_selected (row) == 0 || chosen == NULL ? NULL
                                                                 : gtk_string_object_get_string (chosen);
}

static void
changed_cb (MezzotintGalleryFilters *self)
{
  if (self->is_filling)
    return;
  g_object_set (self->gallery, "model", get_choice (self->model_row), "sampler",
                get_choice (self->sampler_row), "favourites-only",
                gtk_switch_get_active (self->favourites_switch), "after",
                period_begin (adw_combo_row_get_selected (self->date_row)), "sort",
                (MezzotintGallerySort) adw_combo_row_get_selected (self->sort_row), NULL);
}

static void
filters_changed_cb (MezzotintGalleryFilters *self)
{
  gtk_widget_set_sensitive (self->clear_button, mezzotint_gallery_filters_is_filtering (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_FILTERING]);
}

void
mezzotint_gallery_filters_clear (MezzotintGalleryFilters *self)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_FILTERS (self));
  self->is_filling = TRUE;
  adw_combo_row_set_selected (self->model_row, 0);
  adw_combo_row_set_selected (self->sampler_row, 0);
  adw_combo_row_set_selected (self->date_row, ANY_TIME);
  gtk_switch_set_active (self->favourites_switch, FALSE);
  self->is_filling = FALSE;
  changed_cb (self);
}

static void
clear_clicked_cb (MezzotintGalleryFilters *self)
{
  mezzotint_gallery_filters_clear (self);
  gtk_popover_popdown (GTK_POPOVER (self));
}

/* ---- What there is to choose ---- */

/* `values`: taken over; the choice stays where it can. */
static void
fill (AdwComboRow *row, const char *any, GStrv values, const char *chosen)
{
  g_auto (GStrv) owned = values;
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint selected = 0;

  gtk_string_list_append (list, any);
  for (guint i = 0; owned != NULL && owned[i] != NULL; i++)
    {
      gtk_string_list_append (list, owned[i]);
      if (g_strcmp0 (owned[i], chosen) == 0)
        selected = i + 1;
    }
  adw_combo_row_set_model (row, G_LIST_MODEL (list));
  adw_combo_row_set_selected (row, selected);
  gtk_widget_set_sensitive (GTK_WIDGET (row), g_list_model_get_n_items (G_LIST_MODEL (list)) > 1);
}

static void
mezzotint_gallery_filters_map (GtkWidget *widget)
{
  MezzotintGalleryFilters *self = MEZZOTINT_GALLERY_FILTERS (widget);
  g_autofree char *model = NULL;
  g_autofree char *sampler = NULL;
  MezzotintGallerySort sort;

  g_object_get (self->gallery, "model", &model, "sampler", &sampler, "sort", &sort, NULL);
  self->is_filling = TRUE;
  /* Translators: any model or sampler. */
  fill (self->model_row, _ ("Any"), mezzotint_gallery_list_models (self->gallery), model);
  fill (self->sampler_row, _ ("Any"), mezzotint_gallery_list_samplers (self->gallery), sampler);
  adw_combo_row_set_selected (self->sort_row, sort);
  self->is_filling = FALSE;
  GTK_WIDGET_CLASS (mezzotint_gallery_filters_parent_class)->map (widget);
}

/* ---- The class ---- */

static void
mezzotint_gallery_filters_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_IS_FILTERING)
    g_value_set_boolean (value, mezzotint_gallery_filters_is_filtering (MEZZOTINT_GALLERY_FILTERS (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
mezzotint_gallery_filters_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_GALLERY_FILTERS);
  g_clear_object (&MEZZOTINT_GALLERY_FILTERS (object)->gallery);
  G_OBJECT_CLASS (mezzotint_gallery_filters_parent_class)->dispose (object);
}

static void
mezzotint_gallery_filters_class_init (MezzotintGalleryFiltersClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = mezzotint_gallery_filters_get_property;
  object_class->dispose = mezzotint_gallery_filters_dispose;
  widget_class->map = mezzotint_gallery_filters_map;
  properties[PROP_IS_FILTERING] = g_param_spec_boolean (
      "is-filtering", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/gallery-filters.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryFilters, sort_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryFilters, date_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryFilters, model_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryFilters, sampler_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryFilters, favourites_switch);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryFilters, clear_button);
}

static void
mezzotint_gallery_filters_init (MezzotintGalleryFilters *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mezzotint_gallery_filters_new (MezzotintGallery *gallery)
{
  MezzotintGalleryFilters *self = g_object_new (MEZZOTINT_TYPE_GALLERY_FILTERS, NULL);
  static const char *const filters[]
      = { "notify::model", "notify::sampler", "notify::favourites-only", "notify::after", "notify::before" };
  GObject *rows[] = { G_OBJECT (self->sort_row), G_OBJECT (self->date_row), G_OBJECT (self->model_row),
                      G_OBJECT (self->sampler_row) };

  self->gallery = g_object_ref (gallery);
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    g_signal_connect_object (gallery, filters[i], G_CALLBACK (filters_changed_cb), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_signal_connect_swapped (rows[i], "notify::selected", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->favourites_switch, "notify::active", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->clear_button, "clicked", G_CALLBACK (clear_clicked_cb), self);
  return GTK_WIDGET (self);
}
