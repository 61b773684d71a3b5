/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A thread that reads rows. */
#include "app/library/gallery-rows.h"

/* Rows of one answer: few, so that the first are there soon. */
#define BLOCK 16
/* Between attempts while another connection writes to an index in memory. */
#define RETRY_US 20000

struct _MezzotintRows
{
  gatomicrefcount ref_count; /* one of the owner, one of each answer under way */
  GThread *thread;
  GMainContext *context;
  MezzotintRowsFunc func; /* NULL once freed; the owner's thread only */
  gpointer user;

  MezzotintIndex *index; /* the thread's */
  GMutex mutex;
  GCond cond;
  guint n_drops;       /* the owner's thread and, under the mutex, ours */
  GArray *asked;       /* of gint64, the first last; under the mutex */
  gboolean is_closing; /* likewise */
};

typedef struct
{
  MezzotintRows *owner;
  MezzotintIndexRow rows[BLOCK];
  guint n_rows;
  guint n_drops; /* as it was when this was begun */
} Answer;

static void
unref (MezzotintRows *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_main_context_unref (self->context);
  g_array_unref (self->asked);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

static void
free_answer (gpointer data)
{
  Answer *answer = data;

  for (guint i = 0; i < answer->n_rows; i++)
    mezzotint_index_row_clear (&answer->rows[i]);
  unref (answer->owner);
  g_free (answer);
}

static gboolean
deliver_cb (gpointer data)
{
  Answer *answer = data;

  if (answer->owner->func != NULL && answer->n_drops == answer->owner->n_drops)
    answer->owner->func (answer->owner->user, answer->rows, answer->n_rows);
  return G_SOURCE_REMOVE;
}

static gboolean
is_closing (MezzotintRows *self)
{
  gboolean closing;

  g_mutex_lock (&self->mutex);
  closing = self->is_closing;
  g_mutex_unlock (&self->mutex);
  return closing;
}

/* Waits for something to do. FALSE at the end. */
static gboolean
take_ids (MezzotintRows *self, gint64 ids[BLOCK], guint *n_ids, guint *n_drops)
{
  g_mutex_lock (&self->mutex);
  while (self->asked->len == 0 && !self->is_closing)
    g_cond_wait (&self->cond, &self->mutex);
  for (*n_ids = 0; *n_ids < BLOCK && self->asked->len > 0; (*n_ids)++)
    {
      ids[*n_ids] = g_array_index (self->asked, gint64, self->asked->len - 1);
      g_array_set_size (self->asked, self->asked->len - 1);
    }
  *n_drops = self->n_drops;
  g_mutex_unlock (&self->mutex);
  return *n_ids > 0;
}

static void
read_row (MezzotintRows *self, gint64 id, MezzotintIndexRow *row)
{
  while (!mezzotint_index_get (self->index, id, row))
    {
      if (!mezzotint_index_is_busy (self->index) || is_closing (self))
        break;
      g_usleep (RETRY_US);
    }
  row->id = id;
}

static gpointer
run (gpointer data)
{
  MezzotintRows *self = data;
  gint64 ids[BLOCK];
  guint n_ids, n_drops;

  while (take_ids (self, ids, &n_ids, &n_drops) && !is_closing (self))
    {
      Answer *answer = g_new0 (Answer, 1);
      g_autoptr (GSource) source = g_idle_source_new ();

      g_atomic_ref_count_inc (&self->ref_count);
      answer->owner = self;
      answer->n_drops = n_drops;
      for (; answer->n_rows < n_ids; answer->n_rows++)
        read_row (self, ids[answer->n_rows], &answer->rows[answer->n_rows]);
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, deliver_cb, answer, free_answer);
      g_source_attach (source, self->context);
    }
  g_clear_pointer (&self->index, mezzotint_index_close);
  return NULL;
}

MezzotintRows *
mezzotint_rows_new (const char *uri, MezzotintRowsFunc func, gpointer user, GError **error)
{
  MezzotintIndex *index = mezzotint_index_open_reader (uri, error);
  MezzotintRows *self;

  if (index == NULL)
    return NULL;
  self = g_new0 (MezzotintRows, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref_thread_default ();
  self->func = func;
  self->user = user;
  self->index = index;
  self->asked = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->thread = g_thread_new ("gallery-rows", run, self);
  return self;
}

void
mezzotint_rows_ask (MezzotintRows *self, const GArray *ids)
{
  g_mutex_lock (&self->mutex);
  g_array_set_size (self->asked, 0);
  for (guint i = ids->len; i > 0; i--)
    g_array_append_val (self->asked, g_array_index (ids, gint64, i - 1));
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
}

void
mezzotint_rows_drop (MezzotintRows *self)
{
  g_mutex_lock (&self->mutex);
  self->n_drops++;
  g_array_set_size (self->asked, 0);
  g_mutex_unlock (&self->mutex);
}

void
mezzotint_rows_free (MezzotintRows *self)
{
  self->func = NULL;
  g_mutex_lock (&self->mutex);
  self->is_closing = TRUE;
  g_array_set_size (self->asked, 0);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  unref (self);
}
