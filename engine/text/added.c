/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens that stand in the text by name. */
#include "text/added.h"

#include "text/clean.h"

#include <string.h>

/* Bounds the time of a search: every name is tried at every character of the text. */
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
  GArray *tokens;            /* AddedToken */
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
  return added;
}

void
mz_added_free (MzAdded *added)
{
  if (!added)
    return;
  g_array_unref (added->tokens);
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
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                   "an added token's name has %" G_GSIZE_FORMAT " bytes, not 1 to %d.", n_bytes,
                   MAX_NAME_BYTES);
      return FALSE;
    }
  g_autoptr (GArray) chars = mz_clean_decode (name, -1, MAX_NAME_BYTES, error);
  if (!chars)
    return FALSE;
  remove_token (added, name);
  if (added->tokens->len == MZ_ADDED_MAX_TOKENS)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, "there are more than %d added tokens.",
                   MZ_ADDED_MAX_TOKENS);
      return FALSE;
    }
  token.name = g_strdup (name);
  token.chars = normalized ? mz_clean_normalize (&g_array_index (chars, MzChar, 0), chars->len)
                           : g_steal_pointer (&chars);
  added->is_initial[normalized][mz_chars_at (token.chars, 0)->ch & 0xff] = TRUE;
  g_array_append_val (added->tokens, token);
  return TRUE;
}

static gboolean
is_at (const AddedToken *token, const MzChar *chars, guint n)
{
  if (token->chars->len > n)
    return FALSE;
  for (guint i = 0; i < token->chars->len; i++)
    if (mz_chars_at (token->chars, i)->ch != chars[i].ch)
      return FALSE;
  return TRUE;
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
      if (!added->is_initial[normalized][chars[i].ch & 0xff])
        continue;
      *length = 0;
      for (guint k = 0; k < added->tokens->len; k++)
        {
          const AddedToken *token = &g_array_index (added->tokens, AddedToken, k);
          if (token->normalized == normalized && token->chars->len > *length
              && is_at (token, chars + i, n - i))
            {
              *first = i;
              *length = token->chars->len;
              *id = token->id;
            }
        }
      if (*length > 0)
        return TRUE;
    }
  return FALSE;
}
