/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens that stand in the text by name. */
#include <glib/gi18n-lib.h>

#include "text/added.h"

#include "text/clean.h"

#include <string.h>

/* Bounds the time of a search: at every character of the text so many of those behind it may be looked at. */
#define MAX_NAME_BYTES 256

typedef struct
{
  char *name;
  MzChars *chars; /* what is searched: the name, cleaned if `normalized` */
  guint32 id;
  gboolean normalized;
} AddedToken;

struct _MzAdded
{
  GArray *tokens;            /* AddedToken, in the order they came */
  GArray *sorted[2];         /* by `normalized`: guint, indices of tokens in the order of their names */
  guint8 is_initial[2][256]; /* by `normalized` and low byte: may a token begin with such a character? */
};

static void
clear_token (gpointer data)
{
  AddedToken *token = data;

  g_free (token->name);
  g_array_unref (token->chars);
}

MzAdded *
mz_added_new (void)
{
  MzAdded *added = g_new0 (MzAdded, 1);

  added->tokens = g_array_new (FALSE, FALSE, sizeof (AddedToken));
  g_array_set_clear_func (added->tokens, clear_token);
  for (int kind = 0; kind < 2; kind++)
    added->sorted[kind] = g_array_new (FALSE, FALSE, sizeof (guint));
  return added;
}

void
mz_added_free (MzAdded *added)
{
  if (!added)
    return;
  g_array_unref (added->tokens);
  for (int kind = 0; kind < 2; kind++)
    g_array_unref (added->sorted[kind]);
  g_free (added);
}

static void
remove_token (MzAdded *added, const char *name)
{
  for (guint i = 0; i < added->tokens->len; i++)
    if (g_str_equal (g_array_index (added->tokens, AddedToken, i).name, name))
      {
        g_array_remove_index (added->tokens, i);
        return;
      }
}

gboolean
mz_added_set (MzAdded *added, const char *name, guint32 id, gboolean normalized, GError **error)
{
  AddedToken token = { .id = id, .normalized = normalized };
  gsize n_bytes = strlen (name);

  if (n_bytes == 0 || n_bytes > MAX_NAME_BYTES)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("an added token's name has %zu bytes, not 1 to %d."),
                   n_bytes, MAX_NAME_BYTES);
      return FALSE;
    }
  g_autoptr (GArray) chars = mz_clean_decode (name, -1, MAX_NAME_BYTES, error);
  if (!chars)
    return FALSE;
  remove_token (added, name);
  if (added->tokens->len == MZ_ADDED_MAX_TOKENS)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("there are more than %d added tokens."),
                   MZ_ADDED_MAX_TOKENS);
      return FALSE;
    }
  token.name = g_strdup (name);
  token.chars = normalized ? mz_clean_normalize (&g_array_index (chars, MzChar, 0), chars->len)
                           : g_steal_pointer (&chars);
  if (token.chars->len > 0)
    added->is_initial[normalized][mz_chars_at (token.chars, 0)->ch & 0xff] = TRUE;
  g_array_append_val (added->tokens, token);
  return TRUE;
}

/* By name, shorter before longer that begin so; of equal ones the first that was added. */
static int
compare_tokens (gconstpointer a, gconstpointer b, gpointer data)
{
  guint x = *(const guint *) a, y = *(const guint *) b;
  const GArray *tokens = data;
  MzChars *p = g_array_index (tokens, AddedToken, x).chars, *q = g_array_index (tokens, AddedToken, y).chars;
  guint n = MIN (p->len, q->len);

  for (guint i = 0; i < n; i++)
    if (mz_chars_at (p, i)->ch != mz_chars_at (q, i)->ch)
      return mz_chars_at (p, i)->ch < mz_chars_at (q, i)->ch ? -1 : 1;
  if (p->len != q->len)
    return p->len < q->len ? -1 : 1;
  return x < y ? -1 : 1;
}

void
mz_added_seal (MzAdded *added)
{
  for (guint kind = 0; kind < 2; kind++)
    {
      g_array_set_size (added->sorted[kind], 0);
      for (guint i = 0; i < added->tokens->len; i++)
        {
          const AddedToken *token = &g_array_index (added->tokens, AddedToken, i);

          /* A name that is only white space is nothing when it is cleaned, and stands nowhere. */
          if (token->normalized == (gboolean) kind && token->chars->len > 0)
            g_array_append_val (added->sorted[kind], i);
        }
      g_array_sort_with_data (added->sorted[kind], compare_tokens, added->tokens);
    }
}

static const AddedToken *
sorted_at (const MzAdded *added, gboolean kind, guint i)
{
  return &g_array_index (added->tokens, AddedToken, g_array_index (added->sorted[kind], guint, i));
}

/* Is the character at `depth` of a name at or above `ch`? The name is longer than that. */
static gboolean
is_at_or_above (const AddedToken *token, guint depth, guint64 ch)
{
  return mz_chars_at (token->chars, depth)->ch >= ch;
}

/* The first of the sorted names low..high whose character at `depth` is at or above `ch`. */
static guint
search (const MzAdded *added, gboolean kind, guint low, guint high, guint depth, guint64 ch)
{
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (is_at_or_above (sorted_at (added, kind, middle), depth, ch))
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

/* How far, from `depth` on, all of the sorted names low..high go along with `n` characters: as far as the
 * first and the last do. Long names that begin alike are what takes time, and this is what it takes. */
static guint
follow (const MzAdded *added, gboolean kind, guint low, guint high, const MzChar *chars, guint n, guint depth)
{
  const MzChars *first = sorted_at (added, kind, low)->chars,
                *last = sorted_at (added, kind, high - 1)->chars;
  const MzChar *a = (const MzChar *) first->data, *b = (const MzChar *) last->data;
  guint end = MIN (n, MIN (first->len, last->len));

  while (depth < end && a[depth].ch == chars[depth].ch && b[depth].ch == chars[depth].ch)
    depth++;
  return depth;
}

/* The longest name that stands at the beginning of `n` characters, or NULL: the names that still fit are a
 * range of the sorted ones, which each character narrows. */
static const AddedToken *
longest_at (const MzAdded *added, gboolean kind, const MzChar *chars, guint n)
{
  guint low = 0, high = added->sorted[kind]->len;
  const AddedToken *longest = NULL;

  for (guint depth = 0; low < high; depth++)
    {
      depth = follow (added, kind, low, high, chars, n, depth);
      if (sorted_at (added, kind, low)->chars->len == depth)
        {
          longest = sorted_at (added, kind, low);
          while (low < high && sorted_at (added, kind, low)->chars->len == depth)
            low++;
        }
      if (depth == n || low == high)
        break;
      low = search (added, kind, low, high, depth, chars[depth].ch);
      high = search (added, kind, low, high, depth, (guint64) chars[depth].ch + 1);
    }
  return longest;
}

gboolean
mz_added_find (const MzAdded *added,
               gboolean normalized,
               const MzChar *chars,
               guint n,
               guint from,
               guint *first,
               guint *length,
               guint32 *id)
{
  for (guint i = from; i < n; i++)
    {
      const AddedToken *token;

      if (!added->is_initial[normalized][chars[i].ch & 0xff])
        continue;
      token = longest_at (added, normalized, chars + i, n - i);
      if (token == NULL)
        continue;
      *first = i;
      *length = token->chars->len;
      *id = token->id;
      return TRUE;
    }
  return FALSE;
}
