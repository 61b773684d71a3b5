/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a vocabulary out of JSON without building a tree. */
#include <glib/gi18n-lib.h>

#include "text/vocab.h"

#include "core/json-scan.h"
#include "core/printable.h"
#include "text/files.h"

#include <string.h>

/* A value inside of a text; NULL: not there. */
typedef struct
{
  const char *text;
  gsize length;
} Slice;

/* A file that is being read. */
typedef struct
{
  const char *path;
  char *text; /* owned */
} Source;

static gboolean
source_open (Source *source, const char *path, GError **error)
{
  source->path = path;
  source->text = mz_files_read (path, error);
  return source->text != NULL;
}

static void
source_clear (Source *source)
{
  g_free (source->text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

/* Gives the file as the place of an error that lacks one. */
static gboolean
prefix_place (const Source *source, GError **error)
{
  g_autofree char *name = g_filename_display_name (source->path);

  g_prefix_error (error, _ ("The file “%s”: "), name);
  return FALSE;
}

/* Reports what the scan of the whole file met. */
static gboolean
fail_scan (const Source *source, const MzJsonScan *scan, GError **error)
{
  guint line = 1;

  for (gsize i = 0; i < scan->position; i++)
    line += source->text[i] == '\n';
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("it is not JSON: line %u %s."), line, scan->problem);
  return prefix_place (source, error);
}

/* Steps over the next value and notes where it is. */
static Slice
skip_value (MzJsonScan *scan)
{
  gsize begin;

  mz_json_scan_peek (scan); /* which steps over white space */
  begin = scan->position;
  if (!mz_json_scan_skip (scan))
    return (Slice){ NULL, 0 };
  return (Slice){ scan->text + begin, scan->position - begin };
}

/* An object of tokens and ids. Problems of the JSON itself stay in `scan`. */
static gboolean
add_vocab (MzBpe *bpe, MzJsonScan *scan, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  mz_json_scan_begin (scan, '{');
  while (mz_json_scan_next (scan, '}') && mz_json_scan_key (scan, text))
    {
      guint64 id = 0;

      if (mz_json_scan_peek (scan) == 0)
        {
          mz_json_scan_skip (scan); /* no value at all: the scan says so */
          break;
        }
      if (!mz_json_scan_uint64 (scan, &id))
        {
          g_autofree char *shown = mz_printable (text->str);

          g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("the token “%s” has no number for an id."),
                       shown);
          return FALSE;
        }
      if (!mz_bpe_add_token (bpe, text->str, id, error))
        return FALSE;
    }
  return TRUE;
}

/* One merge: "left right", or ["left", "right"] in newer files. */
static gboolean
add_merge (MzBpe *bpe, MzJsonScan *scan, GString *left, GString *right, GError **error)
{
  guint n = 0;

  if (mz_json_scan_peek (scan) == '"')
    {
      char *space;

      mz_json_scan_string (scan, left);
      space = strchr (left->str, ' ');
      if (space != NULL && strchr (space + 1, ' ') == NULL)
        {
          g_string_assign (right, space + 1);
          g_string_truncate (left, (gsize) (space - left->str));
          n = 2;
        }
    }
  else if (mz_json_scan_peek (scan) == '[')
    {
      mz_json_scan_begin (scan, '[');
      for (; mz_json_scan_next (scan, ']'); n++)
        mz_json_scan_string (scan, n == 0 ? left : right);
    }
  if (n == 2 && scan->problem == NULL)
    return mz_bpe_add_merge (bpe, left->str, right->str, error);
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("a merge is two tokens."));
  return FALSE;
}

static gboolean
add_merges (MzBpe *bpe, Slice merges, GError **error)
{
  g_autoptr (GString) left = g_string_new (NULL), right = g_string_new (NULL);
  MzJsonScan scan;

  mz_json_scan_init (&scan, merges.text, merges.length);
  mz_json_scan_begin (&scan, '[');
  for (guint number = 1; mz_json_scan_next (&scan, ']'); number++)
    if (!add_merge (bpe, &scan, left, right, error))
      {
        g_prefix_error (error, _ ("merge %u: "), number);
        return FALSE;
      }
  return TRUE;
}

/* What "model" of tokenizer.json holds, as far as it is wanted. */
typedef struct
{
  Slice vocab, merges;
  gboolean is_bpe, has_suffix;
} Model;

/* Is the value this text? Steps over it. */
static gboolean
is_string (MzJsonScan *scan, GString *value, const char *wanted)
{
  if (mz_json_scan_peek (scan) != '"')
    {
      mz_json_scan_skip (scan);
      return FALSE;
    }
  return mz_json_scan_string (scan, value) && g_str_equal (value->str, wanted);
}

static void
find_model (MzJsonScan *scan, Model *model)
{
  g_autoptr (GString) key = g_string_new (NULL), value = g_string_new (NULL);

  *model = (Model){ { NULL, 0 }, { NULL, 0 }, FALSE, FALSE };
  mz_json_scan_begin (scan, '{');
  while (mz_json_scan_next (scan, '}') && mz_json_scan_key (scan, key))
    if (g_str_equal (key->str, "type"))
      model->is_bpe = is_string (scan, value, "BPE");
    else if (g_str_equal (key->str, "end_of_word_suffix"))
      model->has_suffix = is_string (scan, value, MZ_BPE_END_OF_WORD);
    else if (g_str_equal (key->str, "vocab"))
      model->vocab = skip_value (scan);
    else if (g_str_equal (key->str, "merges"))
      model->merges = skip_value (scan);
    else
      mz_json_scan_skip (scan);
}

static gboolean
add_model (MzBpe *bpe, const Model *model, GError **error)
{
  MzJsonScan scan;

  if (!model->is_bpe || !model->has_suffix || model->vocab.text == NULL || *model->vocab.text != '{'
      || model->merges.text == NULL || *model->merges.text != '[')
    {
      g_set_error_literal (
          error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
          _ ("it is not of a CLIP tokenizer: it wants byte-pair encoding with “</w>”, “vocab” and "
             "“merges”."));
      return FALSE;
    }
  mz_json_scan_init (&scan, model->vocab.text, model->vocab.length);
  return add_vocab (bpe, &scan, error) && add_merges (bpe, model->merges, error);
}

gboolean
mz_vocab_read (const char *path, MzBpe *bpe, GError **error)
{
  g_auto (Source) source = { NULL };
  MzJsonScan scan;

  if (!source_open (&source, path, error))
    return FALSE;
  mz_json_scan_init (&scan, source.text, strlen (source.text));
  if (!add_vocab (bpe, &scan, error))
    return prefix_place (&source, error);
  return mz_json_scan_end (&scan) || fail_scan (&source, &scan, error);
}

gboolean
mz_vocab_read_model (const char *path, MzBpe *bpe, JsonNode **added_tokens, GError **error)
{
  g_auto (Source) source = { NULL };
  g_autoptr (GString) key = g_string_new (NULL);
  Slice added = { NULL, 0 };
  Model model = { .is_bpe = FALSE };
  MzJsonScan scan;

  if (!source_open (&source, path, error))
    return FALSE;
  mz_json_scan_init (&scan, source.text, strlen (source.text));
  mz_json_scan_begin (&scan, '{');
  while (mz_json_scan_next (&scan, '}') && mz_json_scan_key (&scan, key))
    if (g_str_equal (key->str, "model") && mz_json_scan_peek (&scan) == '{')
      find_model (&scan, &model);
    else if (g_str_equal (key->str, "added_tokens"))
      added = skip_value (&scan);
    else
      mz_json_scan_skip (&scan);
  if (!mz_json_scan_end (&scan))
    return fail_scan (&source, &scan, error);
  if (!add_model (bpe, &model, error))
    return prefix_place (&source, error);
  if (added.text != NULL)
    {
      g_autofree char *text = g_strndup (added.text, added.length);

      *added_tokens = mz_files_parse_json (path, text, error);
      return *added_tokens != NULL;
    }
  return TRUE;
}
