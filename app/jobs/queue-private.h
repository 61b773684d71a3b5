/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the queue's files share. */
#pragma once

#include "app/jobs/engine-service-private.h"
#include "app/jobs/queue-speed.h"
#include "app/jobs/queue-store.h"
#include "app/jobs/queue.h"
#include "app/jobs/task-private.h"

G_BEGIN_DECLS

/* What the queue knows of a task beyond what everybody sees; lives as long as the task. */
typedef struct
{
  int n_done;        /* pictures made */
  GPtrArray *resume; /* of MzSnapshot: where it stood when it was interrupted, picture by picture; NULL */
  int resume_n_done; /* n_done when that run began: part of the snapshots' file names */
  char *model_state; /* of its model's file when it was last begun; NULL: never */
  int n_begun;       /* how often it was begun since it last came on */

  /* Of the run in work. */
  int run_n_done;               /* n_done when it began */
  gboolean is_stopped;          /* the user stopped it; else a cancelled run only pauses */
  gboolean is_removed;          /* the user took it out: it ends nowhere */
  gboolean is_restored;         /* and put it back */
  gboolean was_removed_at_work; /* it ended because it was removed */
  gint64 kept_us;               /* when it was last kept, or when the picture began */
  GHashTable *last;   /* index -> MzSnapshot: after the newest step of those that are drawn together */
  GHashTable *coming; /* likewise, while that step is not told of all of them */
  GHashTable *places; /* name of a snapshot that is kept on disk -> index */
} MezzotintQueueEntry;

/* Pictures of a task that are begun and not finished. */
int mezzotint_queue_count_in_work (MezzotintTask *task);

struct _MezzotintQueue
{
  GObject parent_instance;
  MezzotintEngineService *engine;
  MezzotintSettings *settings;
  MezzotintQueueStore *store;
  MezzotintQueueSpeed *speed;

  GPtrArray *tasks;   /* of MezzotintTask: `current`, when there is one, and those waiting */
  GListStore *recent; /* newest first */
  MezzotintTask *current;
  MezzotintRun *run; /* of `current` */
  gboolean is_started, is_paused;
  char *problem;
  GPtrArray *unread;    /* of JsonNode: tasks that a newer version, say, can read; kept as they are */
  GPtrArray *to_remove; /* names of snapshots, with the next saving */
  gint64 keep_us;       /* how often the place of the picture in work is kept */
  guint save_id;        /* the idle that saves; 0: nothing changed */
};

/* ---- queue.c ---- */

MezzotintQueueEntry *mezzotint_queue_get_entry (MezzotintTask *task);
/* Puts a task at `position` of the list, or takes it out. */
void mezzotint_queue_insert (MezzotintQueue *self, MezzotintTask *task, guint position);
void mezzotint_queue_take_out (MezzotintQueue *self, MezzotintTask *task);
void mezzotint_queue_add_recent (MezzotintQueue *self, MezzotintTask *task);
void mezzotint_queue_set_problem (MezzotintQueue *self, const char *problem);
void mezzotint_queue_notify_left (MezzotintQueue *self);
void mezzotint_queue_notify_current (MezzotintQueue *self);
void mezzotint_queue_emit_saved (MezzotintQueue *self, MezzotintTask *task, MezzotintTaskPicture *picture);
void mezzotint_queue_emit_ended (MezzotintQueue *self, MezzotintTask *task);

/* ---- queue-run.c ---- */

/* What is made faster than this is as quickly made again. Tests keep every step. */
#define MEZZOTINT_QUEUE_KEEP_US 1000000

/* Begins the first task that waits, if nothing runs and nothing forbids it. */
void mezzotint_queue_run_next (MezzotintQueue *self);
/* Of all that is to be made; negative: unknown. */
double mezzotint_queue_estimate (MezzotintQueue *self);
int mezzotint_queue_count_pictures (MezzotintQueue *self);

/* ---- queue-kept.c ---- */

/* Opens the folder and takes what was left there. */
void mezzotint_queue_open_store (MezzotintQueue *self, const char *folder);
/* Something changed that is to be kept. */
void mezzotint_queue_save (MezzotintQueue *self);
/* At the end of the program: at once. */
void mezzotint_queue_save_last (MezzotintQueue *self);
/* The start of a branch: kept, or forgotten (NULL). */
void mezzotint_queue_keep_start (MezzotintQueue *self, MezzotintTask *task, MzSnapshot *snapshot);
/* Where the pictures in work stand is kept, of as many as follow each other. */
void mezzotint_queue_keep_places (MezzotintQueue *self, MezzotintTask *task);
/* What is kept of pictures before `picture` is forgotten. G_MAXINT: of all. */
void mezzotint_queue_forget_places (MezzotintQueue *self, MezzotintTask *task, int picture);

/* ---- queue-memory.c ---- */

/* Gives back the oldest kept steps, until what is left fits the setting. */
void mezzotint_queue_trim (MezzotintQueue *self);

G_END_DECLS
