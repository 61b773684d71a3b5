/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Telling the gallery's owner what is new. */
#include "app/library/gallery-worker-private.h"

/* ---- The way ---- */

MezzotintMailbox *
mezzotint_mailbox_new (MezzotintGalleryUpdateFunc func, gpointer user)
{
  MezzotintMailbox *mailbox = g_new0 (MezzotintMailbox, 1);

  g_atomic_ref_count_init (&mailbox->ref_count);
  mailbox->context = g_main_context_ref_thread_default ();
  mailbox->func = func;
  mailbox->user = user;
  return mailbox;
}

void
mezzotint_mailbox_close (MezzotintMailbox *mailbox)
{
  mailbox->func = NULL;
}

void
mezzotint_mailbox_unref (MezzotintMailbox *mailbox)
{
  if (!g_atomic_ref_count_dec (&mailbox->ref_count))
    return;
  g_main_context_unref (mailbox->context);
  g_free (mailbox);
}

typedef struct
{
  MezzotintMailbox *mailbox;
  MezzotintGalleryUpdate update;
} Letter;

static void
free_letter (gpointer data)
{
  Letter *letter = data;

  g_free (letter->update.uri);
  g_clear_pointer (&letter->update.splices, g_array_unref);
  g_clear_pointer (&letter->update.added, g_array_unref);
  g_clear_pointer (&letter->update.changed, g_array_unref);
  g_strfreev (letter->update.models);
  g_strfreev (letter->update.samplers);
  g_free (letter->update.problem);
  mezzotint_mailbox_unref (letter->mailbox);
  g_free (letter);
}

static gboolean
deliver_cb (gpointer data)
{
  Letter *letter = data;

  if (letter->mailbox->func != NULL)
    letter->mailbox->func (letter->mailbox->user, &letter->update);
  return G_SOURCE_REMOVE;
}

static void
send_letter (Letter *letter)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, letter, free_letter);
  g_source_attach (source, letter->mailbox->context);
}

/* ---- The list ---- */

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a, second = *(const gint64 *) b;

  return (first > second) - (first < second);
}

static GArray *
new_ids (void)
{
  return g_array_new (FALSE, FALSE, sizeof (gint64));
}

/* The ids that the splices put in, in their order. */
static GArray *
collect_added (const GArray *splices, const GArray *after)
{
  GArray *added = new_ids ();

  for (guint i = 0; i < splices->len; i++)
    {
      const MezzotintSplice *splice = &g_array_index (splices, MezzotintSplice, i);

      g_array_append_vals (added, &g_array_index (after, gint64, splice->position), splice->n_added);
    }
  return added;
}

static gboolean
fill_list (MezzotintGalleryWorker *self, MezzotintGalleryUpdate *update, GError **error)
{
  GArray *after;

  /* What the list names must be there for the reader. */
  if (self->index != NULL && !mezzotint_index_commit (self->index, error))
    return FALSE;
  after = self->index != NULL ? mezzotint_index_list (self->index, self->filter, error) : new_ids ();
  if (after == NULL)
    return FALSE;
  g_array_sort (self->changed, compare_ids);
  update->splices = mezzotint_splices_new (self->shown, after, self->changed);
  update->added = collect_added (update->splices, after);
  update->changed = g_steal_pointer (&self->changed);
  self->changed = new_ids ();
  g_array_unref (self->shown);
  self->shown = after;
  return TRUE;
}

static const char *
choose_problem (MezzotintGalleryWorker *self)
{
  return self->index_problem != NULL  ? self->index_problem
         : self->scan_problem != NULL ? self->scan_problem
                                      : self->favourite_problem;
}

void
mezzotint_gallery_worker_send_update (MezzotintGalleryWorker *self)
{
  Letter *letter = g_new0 (Letter, 1);
  g_autoptr (GError) error = NULL;

  g_atomic_ref_count_inc (&self->mailbox->ref_count);
  letter->mailbox = self->mailbox;
  if (!fill_list (self, &letter->update, &error))
    {
      free_letter (letter);
      mezzotint_gallery_worker_replace_index (self, error);
      return;
    }
  if (self->is_new_index)
    letter->update.uri = g_strdup (self->index != NULL ? mezzotint_index_get_uri (self->index) : "");
  self->is_new_index = FALSE;
  if (self->values_dirty && self->index != NULL)
    {
      letter->update.models = mezzotint_index_list_values (self->index, "model");
      letter->update.samplers = mezzotint_index_list_values (self->index, "sampler");
    }
  self->values_dirty = FALSE;
  letter->update.n_total = self->index != NULL ? (guint) mezzotint_index_count (self->index) : 0;
  letter->update.is_loading = self->scan != NULL;
  letter->update.progress = mezzotint_gallery_worker_get_scan_progress (self);
  letter->update.problem = g_strdup (choose_problem (self));
  send_letter (letter);
}
