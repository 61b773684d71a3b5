/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the files of a tokenizer, none of which is trusted. */
#include <glib/gi18n-lib.h>

#include "text/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_BYTES (16 * 1024 * 1024)
#define MAX_JSON_DEPTH 16
/* json-glib compares a key with every other when somebody has chosen them for that, so there must be few. */
#define MAX_JSON_ELEMENTS 8192

static gboolean
fail (GError **error, MzError code, const char *path, const char *what)
{
  g_autofree char *name = g_filename_display_name (path);

  /* Translators: a file, and what is wrong with it, such as “is not there”. */
  g_set_error (error, MZ_ERROR, code, _ ("The file “%s” %s."), name, what);
  return FALSE;
}

static gboolean
fail_errno (GError **error, const char *path, int saved_errno)
{
  g_autofree char *what = NULL;

  if (saved_errno == ENOENT || saved_errno == ENOTDIR)
    return fail (error, MZ_ERROR_MISSING, path, _ ("is not there"));
  what = g_strdup_printf (_ ("cannot be read: %s"), g_strerror (saved_errno));
  return fail (error, MZ_ERROR_IO, path, what);
}

/* Reads the `n_bytes` that the file had when it was opened; fewer if it shrank meanwhile. */
static char *
read_all (int fd, gsize n_bytes, gsize *n_read)
{
  g_autofree char *text = g_malloc (n_bytes + 1);
  gsize at = 0;

  while (at < n_bytes)
    {
      gssize n = read (fd, text + at, n_bytes - at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return NULL;
      if (n == 0)
        break;
      at += (gsize) n;
    }
  text[at] = '\0';
  *n_read = at;
  return g_steal_pointer (&text);
}

static gboolean
check_utf8 (const char *path, const char *text, gsize n_bytes, GError **error)
{
  const char *end;
  guint line = 1;

  if (g_utf8_validate_len (text, n_bytes, &end))
    return TRUE;
  for (const char *p = text; p < end; p++)
    line += *p == '\n';
  g_autofree char *what
      = g_strdup_printf (_ ("is not UTF-8 text: line %u has a byte that does not belong there"), line);
  return fail (error, MZ_ERROR_FORMAT, path, what);
}

char *
mz_files_read (const char *path, GError **error)
{
  /* non-blocking, so that opening a pipe does not wait for somebody to write */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  g_autofree char *text = NULL;
  gsize n_bytes = 0;
  gboolean ok = FALSE;

  if (fd < 0)
    {
      fail_errno (error, path, errno);
      return NULL;
    }
  if (fstat (fd, &info) < 0)
    fail_errno (error, path, errno);
  else if (!S_ISREG (info.st_mode))
    fail (error, MZ_ERROR_IO, path, _ ("is not a regular file"));
  else if (info.st_size > MAX_FILE_BYTES)
    fail (error, MZ_ERROR_FORMAT, path, _ ("is larger than 16 MiB, too large to describe a tokenizer"));
  else if (!(text = read_all (fd, (gsize) info.st_size, &n_bytes)))
    fail_errno (error, path, errno);
  else
    ok = check_utf8 (path, text, n_bytes, error);
  close (fd);
  return ok ? g_steal_pointer (&text) : NULL;
}

/* Counts brackets and commas outside of strings; whether the text is JSON at all is the parser's to say. */
static gboolean
check_json_size (const char *path, const char *text, GError **error)
{
  guint depth = 0, n_elements = 0;
  gboolean in_string = FALSE;

  for (const char *p = text; *p; p++)
    {
      if (in_string && *p == '\\' && p[1])
        p++;
      else if (*p == '"')
        in_string = !in_string;
      else if (!in_string && (*p == '{' || *p == '['))
        depth++;
      else if (!in_string && (*p == '}' || *p == ']') && depth > 0)
        depth--;
      else if (!in_string && *p == ',')
        n_elements++;
      if (depth > MAX_JSON_DEPTH)
        return fail (error, MZ_ERROR_FORMAT, path, _ ("is nested deeper than a tokenizer's description is"));
      if (n_elements > MAX_JSON_ELEMENTS)
        return fail (error, MZ_ERROR_FORMAT, path,
                     _ ("has more elements than a tokenizer's description has"));
    }
  return TRUE;
}

/* The parser knows its line only while it is at work. */
static void
note_line_cb (JsonParser *parser, gpointer error, gpointer line)
{
  *(guint *) line = json_parser_get_current_line (parser);
}

JsonNode *
mz_files_parse_json (const char *path, const char *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  guint line = 0;

  if (!check_json_size (path, text, error))
    return NULL;
  g_signal_connect (parser, "error", G_CALLBACK (note_line_cb), &line);
  if (!json_parser_load_from_data (parser, text, -1, NULL))
    {
      g_autofree char *what = g_strdup_printf (_ ("is not JSON: line %u is damaged"), line);
      fail (error, MZ_ERROR_FORMAT, path, what);
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (!root)
    {
      fail (error, MZ_ERROR_FORMAT, path, _ ("is empty"));
      return NULL;
    }
  return json_node_ref (root);
}

JsonNode *
mz_files_read_json (const char *path, GError **error)
{
  g_autofree char *text = mz_files_read (path, error);
  g_autoptr (JsonNode) root = text ? mz_files_parse_json (path, text, error) : NULL;

  if (!root)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      fail (error, MZ_ERROR_FORMAT, path, _ ("is not a JSON object"));
      return NULL;
    }
  return g_steal_pointer (&root);
}

/* Cuts "left right" in two at its only space and hands it on. */
static gboolean
take_merge (char *line, MzMergeFunc func, gpointer data, GError **error)
{
  char *space = strchr (line, ' ');

  if (!space || space == line || space[1] == '\0' || strchr (space + 1, ' '))
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT,
                           _ ("a merge is two tokens with one space between."));
      return FALSE;
    }
  *space = '\0';
  return func (line, space + 1, data, error);
}

gboolean
mz_files_read_merges (const char *path, MzMergeFunc func, gpointer data, GError **error)
{
  g_autofree char *text = mz_files_read (path, error);
  char *next = text;

  if (!text)
    return FALSE;
  for (guint number = 1; next; number++)
    {
      char *line = next;
      char *end = strchr (line, '\n');

      next = end ? end + 1 : NULL;
      end = end ? end : line + strlen (line);
      if (end > line && end[-1] == '\r')
        end--;
      *end = '\0';
      if (*line == '\0' || (number == 1 && g_str_has_prefix (line, "#version")))
        continue;
      if (!take_merge (line, func, data, error))
        {
          g_autofree char *name = g_filename_display_name (path);
          g_prefix_error (error, _ ("The file “%s”, line %u: "), name, number);
          return FALSE;
        }
    }
  return TRUE;
}
