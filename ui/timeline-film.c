/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Textures of the frames, and the node that shows them all, which is kept until something changes: moving
 * along the strip draws one picture anew, however long the strip is. */
#include "ui/timeline-film.h"

#include "app/jobs/timeline.h"
#include "ui/picture-texture.h"

#define CORNER_PX 8
/* A narrower part of a picture shows nothing. */
#define MIN_CELL_PX 3
/* Twice the height, so that it stays sharp where a pixel of ours is four of the screen's. */
#define TEXTURE_HEIGHT_PX (2 * MEZZOTINT_TIMELINE_FILM_HEIGHT_PX)

struct _MezzotintTimelineFilm
{
  GListModel *frames;
  GPtrArray *textures; /* of GdkTexture, one a frame */
  GskRenderNode *node; /* NULL: to be made */
  int node_width;
  gboolean node_is_rtl;
};

MezzotintTimelineFilm *
mezzotint_timeline_film_new (void)
{
  MezzotintTimelineFilm *film = g_new0 (MezzotintTimelineFilm, 1);

  film->textures = g_ptr_array_new_with_free_func (g_object_unref);
  return film;
}

void
mezzotint_timeline_film_free (MezzotintTimelineFilm *film)
{
  g_clear_object (&film->frames);
  g_ptr_array_unref (film->textures);
  g_clear_pointer (&film->node, gsk_render_node_unref);
  g_free (film);
}

void
mezzotint_timeline_film_changed (MezzotintTimelineFilm *film, guint position, guint removed, guint added)
{
  if (removed > 0)
    g_ptr_array_remove_range (film->textures, position, removed);
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (MezzotintFrame) frame = g_list_model_get_item (film->frames, i);

      g_ptr_array_insert (
          film->textures, i,
          mezzotint_texture_new_small (mezzotint_frame_get_pixels (frame), TEXTURE_HEIGHT_PX));
    }
  g_clear_pointer (&film->node, gsk_render_node_unref);
}

void
mezzotint_timeline_film_set_frames (MezzotintTimelineFilm *film, GListModel *frames)
{
  guint n_before = film->textures->len;

  g_set_object (&film->frames, frames);
  mezzotint_timeline_film_changed (film, 0, n_before, frames != NULL ? g_list_model_get_n_items (frames) : 0);
}

int
mezzotint_timeline_film_get_n_cells (MezzotintTimelineFilm *film)
{
  g_autoptr (MezzotintFrame) last = NULL;
  int n_frames = (int) film->textures->len;

  if (n_frames == 0)
    return 0;
  last = g_list_model_get_item (film->frames, n_frames - 1);
  return mezzotint_frame_is_final (last)
             ? n_frames
             : n_frames + MAX (0, mezzotint_frame_get_steps (last) - mezzotint_frame_get_step (last));
}

GdkTexture *
mezzotint_timeline_film_get_texture (MezzotintTimelineFilm *film, int index)
{
  return index < 0 || index >= (int) film->textures->len ? NULL : g_ptr_array_index (film->textures, index);
}

/* Draws the middle of `texture` so that it covers `cell`. */
static void
draw_cell (GtkSnapshot *snapshot, GdkTexture *texture, const graphene_rect_t *cell)
{
  double scale = MAX (cell->size.width / gdk_texture_get_width (texture),
                      cell->size.height / gdk_texture_get_height (texture));
  double width = scale * gdk_texture_get_width (texture), height = scale * gdk_texture_get_height (texture);

  gtk_snapshot_push_clip (snapshot, cell);
  gtk_snapshot_append_texture (snapshot, texture,
                               &GRAPHENE_RECT_INIT (cell->origin.x + (cell->size.width - width) / 2,
                                                    cell->origin.y + (cell->size.height - height) / 2, width,
                                                    height));
  gtk_snapshot_pop (snapshot);
}

static void
draw_cells (MezzotintTimelineFilm *film, GtkSnapshot *snapshot, int width, gboolean is_rtl)
{
  int n_cells = mezzotint_timeline_film_get_n_cells (film);
  int n_parts = CLAMP (n_cells, 1, MAX (1, width / MIN_CELL_PX));

  for (int part = 0; part < n_parts; part++)
    {
      int begin = part * width / n_parts, end = (part + 1) * width / n_parts;
      GdkTexture *texture
          = mezzotint_timeline_film_get_texture (film, (part * n_cells + n_cells / 2) / n_parts);

      if (texture != NULL)
        draw_cell (snapshot, texture,
                   &GRAPHENE_RECT_INIT (is_rtl ? width - end : begin, 0, end - begin,
                                        MEZZOTINT_TIMELINE_FILM_HEIGHT_PX));
    }
}

static GskRenderNode *
make_node (MezzotintTimelineFilm *film, int width, gboolean is_rtl)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (
      &outline, &GRAPHENE_RECT_INIT (0, 0, width, MEZZOTINT_TIMELINE_FILM_HEIGHT_PX), CORNER_PX);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  /* The steps to come: a grey that is seen on light and on dark. */
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.5f, 0.5f, 0.5f, 0.25f }, &outline.bounds);
  draw_cells (film, snapshot, width, is_rtl);
  gtk_snapshot_pop (snapshot);
  return gtk_snapshot_to_node (snapshot);
}

void
mezzotint_timeline_film_snapshot (MezzotintTimelineFilm *film,
                                  GtkSnapshot *snapshot,
                                  int width,
                                  gboolean is_rtl)
{
  if (width <= 0)
    return;
  if (film->node_width != width || film->node_is_rtl != is_rtl)
    g_clear_pointer (&film->node, gsk_render_node_unref);
  if (film->node == NULL)
    film->node = make_node (film, width, is_rtl);
  film->node_width = width;
  film->node_is_rtl = is_rtl;
  gtk_snapshot_append_node (snapshot, film->node);
}
