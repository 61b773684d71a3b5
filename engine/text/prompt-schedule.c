/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A1111's prompts that change (prompt_parser.py's schedules), and its AND. */
#include "text/prompt-schedule.h"

#include <string.h>

#include "text/prompt-private.h"

#define SPECIAL "\\()[]|:"
#define NONE G_MAXUINT

typedef enum
{
  PLAIN,     /* brackets that mean something else, or nothing */
  ALTERNATE, /* [a|b] */
  SCHEDULED, /* [a:b:when] */
} Kind;

/* A pair of square brackets. */
typedef struct
{
  guint start, end; /* bytes of the prompt: of [ and of ] */
  Kind kind;
  guint last_bar, n_bars;     /* the bars right inside; the last is the head of a list in `marks` */
  guint last_colon, n_colons; /* likewise */
  int when;                   /* last step of what stands first; below 1: there is none */
} Bracket;

typedef struct
{
  guint at;     /* byte of the prompt */
  guint before; /* the mark of the same kind and bracket before it, or NONE */
} Mark;

struct _MzPromptSchedule
{
  char *prompt;
  guint length;
  int n_steps;
  GArray *brackets; /* Bracket, by start; of those that change something only, once all is read */
  GArray *marks;    /* Mark */
};

/* ---- Reading ---- */

/* What is open: a round bracket, or a square one with its number. */
typedef struct
{
  guint items[MZ_MAX_BRACKETS]; /* NONE for a round bracket */
  guint n;
  guint n_beyond; /* opened deeper than is counted */
} Open;

static Bracket *
bracket_at (const MzPromptSchedule *self, guint i)
{
  return &g_array_index (self->brackets, Bracket, i);
}

static guint
mark_at (const MzPromptSchedule *self, guint i)
{
  return g_array_index (self->marks, Mark, i).at;
}

static void
open_bracket (Open *open, guint item)
{
  if (open->n < MZ_MAX_BRACKETS)
    open->items[open->n++] = item;
  else
    open->n_beyond++;
}

static void
add_mark (MzPromptSchedule *self, const Open *open, guint at, gboolean is_bar)
{
  Bracket *bracket;
  guint number = self->marks->len;
  Mark mark = { .at = at };

  if (open->n == 0 || open->n_beyond > 0 || open->items[open->n - 1] == NONE)
    return;
  bracket = bracket_at (self, open->items[open->n - 1]);
  mark.before = is_bar ? bracket->last_bar : bracket->last_colon;
  *(is_bar ? &bracket->last_bar : &bracket->last_colon) = number;
  *(is_bar ? &bracket->n_bars : &bracket->n_colons) += 1;
  g_array_append_val (self->marks, mark);
}

/* " 0.4 " between a bracket's last colon and its end, as the number of a step. */
static gboolean
read_when (const MzPromptSchedule *self, guint from, guint to, int *when)
{
  const char *p = self->prompt + from, *end = self->prompt + to;
  double value;

  while (p < end && g_ascii_isspace (*p))
    p++;
  while (end > p && g_ascii_isspace (end[-1]))
    end--;
  if (!mz_prompt_read_weight (p, end, &value))
    return FALSE;
  if (memchr (p, '.', (gsize) (end - p)) != NULL)
    value *= self->n_steps;
  *when = (int) CLAMP (value, 0, self->n_steps);
  return TRUE;
}

/* The innermost square bracket ends at `at`. Round ones that are open in it never close. */
static void
close_square (MzPromptSchedule *self, Open *open, guint at)
{
  guint n = open->n;
  Bracket *bracket;

  while (n > 0 && open->items[n - 1] == NONE)
    n--;
  if (n == 0)
    return;
  open->n = n - 1;
  bracket = bracket_at (self, open->items[n - 1]);
  bracket->end = at;
  if (bracket->n_bars > 0)
    bracket->kind = ALTERNATE;
  else if ((bracket->n_colons == 1 || bracket->n_colons == 2)
           && read_when (self, mark_at (self, bracket->last_colon) + 1, at, &bracket->when))
    bracket->kind = SCHEDULED;
}

static void
read_special (MzPromptSchedule *self, Open *open, guint at)
{
  Bracket bracket = { .start = at, .last_bar = NONE, .last_colon = NONE };

  switch (self->prompt[at])
    {
    case '(':
      open_bracket (open, NONE);
      break;
    case '[':
      open_bracket (open, self->brackets->len);
      g_array_append_val (self->brackets, bracket);
      break;
    case ')':
      if (open->n_beyond > 0)
        open->n_beyond--;
      else if (open->n > 0 && open->items[open->n - 1] == NONE)
        open->n--;
      break;
    case ']':
      if (open->n_beyond > 0)
        open->n_beyond--;
      else
        close_square (self, open, at);
      break;
    default:
      add_mark (self, open, at, self->prompt[at] == '|');
    }
}

static void
read_brackets (MzPromptSchedule *self)
{
  Open open = { .n = 0 };
  guint n = 0;

  for (guint at = 0; (at += (guint) strcspn (self->prompt + at, SPECIAL)) < self->length; at++)
    if (self->prompt[at] == '\\')
      at += self->prompt[at + 1] != '\0' ? 1 : 0;
    else
      read_special (self, &open, at);
  for (guint i = 0; i < self->brackets->len; i++)
    if (bracket_at (self, i)->kind != PLAIN)
      *bracket_at (self, n++) = *bracket_at (self, i);
  g_array_set_size (self->brackets, n);
}

MzPromptSchedule *
mz_prompt_schedule_new (const char *prompt, gsize length, int n_steps)
{
  MzPromptSchedule *self = g_new0 (MzPromptSchedule, 1);

  self->prompt = g_strndup (prompt, length);
  self->length = (guint) strlen (self->prompt);
  self->n_steps = MAX (n_steps, 1);
  self->brackets = g_array_new (FALSE, FALSE, sizeof (Bracket));
  self->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  read_brackets (self);
  return self;
}

void
mz_prompt_schedule_free (MzPromptSchedule *self)
{
  g_array_unref (self->brackets);
  g_array_unref (self->marks);
  g_free (self->prompt);
  g_free (self);
}

gboolean
mz_prompt_schedule_is_constant (const MzPromptSchedule *self)
{
  return self->brackets->len == 0;
}

/* ---- At a step ---- */

/* A text being put together. */
typedef struct
{
  const MzPromptSchedule *schedule;
  int step;
  GString *text;
  GArray *origins; /* or NULL */
  guint next;      /* bracket that begins at or behind what was added */
} Writer;

static void
add (Writer *writer, guint from, guint to)
{
  g_string_append_len (writer->text, writer->schedule->prompt + from, (gssize) (to - from));
  for (guint32 i = from; writer->origins != NULL && i < to; i++)
    g_array_append_val (writer->origins, i);
}

/* Where the part of the bracket that counts at this step lies; nowhere: an empty one. */
static void
choose (const Writer *writer, const Bracket *bracket, guint *from, guint *to)
{
  const MzPromptSchedule *self = writer->schedule;
  gboolean alternates = bracket->kind == ALTERNATE;
  /* Of n + 1 parts between n marks; a schedule's last is its number. */
  guint n = alternates ? bracket->n_bars : bracket->n_colons, mark, part;

  if (alternates)
    part = (guint) (MAX (writer->step, 1) - 1) % (n + 1);
  else if (bracket->when >= 1 && writer->step <= bracket->when)
    part = 0;
  else
    part = n - 1;
  *from = *to = bracket->start;
  if (!alternates && n == 1 && bracket->when >= 1 && writer->step <= bracket->when)
    return; /* [to:when] */
  *from = bracket->start + 1;
  *to = bracket->end;
  mark = alternates ? bracket->last_bar : bracket->last_colon;
  for (guint i = n; i > 0 && mark != NONE; i--, mark = g_array_index (self->marks, Mark, mark).before)
    {
      if (i - 1 == part)
        *to = mark_at (self, mark);
      if (i == part)
        *from = mark_at (self, mark) + 1;
    }
}

/* The deepest recursion is MZ_MAX_BRACKETS. */
static void
write_range (Writer *writer, guint from, guint to)
{
  const MzPromptSchedule *self = writer->schedule;

  while (writer->next < self->brackets->len && bracket_at (self, writer->next)->start < to)
    {
      const Bracket *bracket = bracket_at (self, writer->next++);
      guint begin, end;

      if (bracket->start < from)
        continue; /* in a part that was left out */
      add (writer, from, bracket->start);
      choose (writer, bracket, &begin, &end);
      write_range (writer, begin, end);
      from = bracket->end + 1;
    }
  add (writer, from, to);
}

char *
mz_prompt_schedule_at (const MzPromptSchedule *self, int step, GArray *origins)
{
  Writer writer = { self, step, g_string_sized_new (self->length), origins, 0 };

  write_range (&writer, 0, self->length);
  return g_string_free (writer.text, FALSE);
}

/* ---- AND ---- */

#define AND "AND"

/* " a tree : 0.8 " without white space at its end, and without its weight. */
static MzPromptTerm
read_term (const char *prompt, const char *from, const char *to)
{
  const char *end = to, *number;
  MzPromptTerm term = { .start = (gsize) (from - prompt), .weight = 1 };
  double weight;

  while (end > from && g_ascii_isspace (end[-1]))
    end--;
  number = end;
  while (number > from && strchr ("+-.0123456789", number[-1]) != NULL)
    number--;
  if (mz_prompt_read_weight (number, end, &weight))
    {
      const char *colon = number;

      while (colon > from && g_ascii_isspace (colon[-1]))
        colon--;
      if (colon > from && colon[-1] == ':')
        {
          term.weight = (float) CLAMP (weight, -MZ_MAX_WEIGHT, MZ_MAX_WEIGHT);
          end = colon - 1;
          while (end > from && g_ascii_isspace (end[-1]))
            end--;
        }
    }
  term.length = (gsize) (end - from);
  return term;
}

GArray *
mz_prompt_split (const char *prompt)
{
  GArray *terms = g_array_new (FALSE, FALSE, sizeof (MzPromptTerm));
  const char *from = prompt, *end = prompt + strlen (prompt), *at;
  MzPromptTerm term = { 0, (gsize) (end - prompt), 1 };

  for (; (at = mz_prompt_find_word (from, end, AND)) != NULL; from = at + strlen (AND))
    {
      term = read_term (prompt, from, at);
      g_array_append_val (terms, term);
    }
  if (terms->len > 0)
    term = read_term (prompt, from, end);
  g_array_append_val (terms, term);
  return terms;
}
