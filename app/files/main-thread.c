/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Calls on the main thread. */
#include "app/files/main-thread.h"

typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
  GDestroyNotify free_data;
} Call;

static gboolean
call_cb (gpointer data)
{
  Call *call = data;

  call->func (call->data);
  return G_SOURCE_REMOVE;
}

static void
free_call_cb (gpointer data)
{
  Call *call = data;

  if (call->free_data != NULL)
    call->free_data (call->data);
  g_free (call);
}

void
mezzotint_call_on_main (void (*func) (gpointer data), gpointer data, GDestroyNotify free_data)
{
  Call *call = g_new (Call, 1);
  GSource *source = g_idle_source_new ();

  *call = (Call){ func, data, free_data };
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, call_cb, call, free_call_cb);
  g_source_set_static_name (source, "mezzotint_call_on_main");
  g_source_attach (source, NULL);
  g_source_unref (source);
}
