/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading arguments by a table. */
#include "app/cli/arguments.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/files/numbers.h"
#include "core/names.h"

struct _MezzotintArguments
{
  GHashTable *values; /* option name -> value; both belong to others */
  GPtrArray *words;
};

static const MezzotintOption *
find_option (const MezzotintOption *options, const char *name, gsize n_name)
{
  for (const MezzotintOption *option = options; option->help != NULL; option++)
    if (option->name != NULL && strlen (option->name) == n_name && memcmp (option->name, name, n_name) == 0)
      return option;
  return NULL;
}

static const MezzotintOption *
find_letter (const MezzotintOption *options, char letter)
{
  for (const MezzotintOption *option = options; option->help != NULL; option++)
    if (option->letter == letter && letter != 0)
      return option;
  return NULL;
}

static void
set_unknown_option (const MezzotintOption *options, const char *argument, gsize n, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *shown = g_utf8_make_valid (argument, n);
  const char *nearest = NULL;

  for (const MezzotintOption *option = options; option->help != NULL; option++)
    g_ptr_array_add (names, (gpointer) option->name);
  if (g_str_has_prefix (shown, "--"))
    nearest = mz_nearest_name (shown + 2, (const char *const *) names->pdata, names->len);
  if (nearest != NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
                 _ ("There is no option “%s”; did you mean “--%s”?"), shown, nearest);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, _ ("There is no option “%s”."), shown);
}

/* Takes the option at argv[*i], and its value, which may be the next argument. */
static gboolean
take_option (MezzotintArguments *arguments,
             const MezzotintOption *options,
             int argc,
             char *const *argv,
             int *i,
             GError **error)
{
  const char *argument = argv[*i], *value = NULL;
  const MezzotintOption *option;
  gsize n;

  if (argument[1] == '-')
    {
      n = strcspn (argument, "=");
      option = find_option (options, argument + 2, n - 2);
      value = argument[n] == '=' ? argument + n + 1 : NULL;
    }
  else
    {
      n = 2;
      option = find_letter (options, argument[1]);
      value = argument[2] != '\0' ? argument + 2 : NULL;
    }
  if (option == NULL)
    {
      set_unknown_option (options, argument, argument[1] == '-' ? n : strlen (argument), error);
      return FALSE;
    }
  if (option->value == NULL && value != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The option --%s takes no value."),
                   option->name);
      return FALSE;
    }
  if (option->value != NULL && value == NULL)
    {
      if (*i + 1 == argc)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("The option --%s needs a value: %s."), option->name, _ (option->value));
          return FALSE;
        }
      value = argv[++*i];
    }
  g_hash_table_insert (arguments->values, (gpointer) option->name, (gpointer) (value != NULL ? value : ""));
  return TRUE;
}

MezzotintArguments *
mezzotint_arguments_new (const MezzotintOption *options, int argc, char *const *argv, GError **error)
{
  g_autoptr (MezzotintArguments) arguments = g_new0 (MezzotintArguments, 1);
  gboolean only_words = FALSE;

  arguments->values = g_hash_table_new (g_str_hash, g_str_equal);
  arguments->words = g_ptr_array_new ();
  for (int i = 0; i < argc; i++)
    {
      if (only_words || argv[i][0] != '-' || argv[i][1] == '\0')
        g_ptr_array_add (arguments->words, argv[i]);
      else if (strcmp (argv[i], "--") == 0)
        only_words = TRUE;
      else if (!take_option (arguments, options, argc, argv, &i, error))
        return NULL;
    }
  return g_steal_pointer (&arguments);
}

void
mezzotint_arguments_free (MezzotintArguments *arguments)
{
  g_hash_table_unref (arguments->values);
  g_ptr_array_unref (arguments->words);
  g_free (arguments);
}

const char *
mezzotint_arguments_get (const MezzotintArguments *arguments, const char *name)
{
  return g_hash_table_lookup (arguments->values, name);
}

gboolean
mezzotint_arguments_has (const MezzotintArguments *arguments, const char *name)
{
  return g_hash_table_contains (arguments->values, name);
}

guint
mezzotint_arguments_n_words (const MezzotintArguments *arguments)
{
  return arguments->words->len;
}

const char *
mezzotint_arguments_get_word (const MezzotintArguments *arguments, guint index)
{
  return g_ptr_array_index (arguments->words, index);
}

gboolean
mezzotint_arguments_get_int (const MezzotintArguments *arguments,
                             const char *name,
                             int min,
                             int max,
                             int *value,
                             GError **error)
{
  const char *text = mezzotint_arguments_get (arguments, name);
  g_autofree char *shown = NULL;

  if (text == NULL || mezzotint_parse_int (text, min, max, value))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("The option --%s needs a whole number from %d to %d, not “%s”."), name, min, max, shown);
  return FALSE;
}

gboolean
mezzotint_arguments_get_double (const MezzotintArguments *arguments,
                                const char *name,
                                double min,
                                double max,
                                double *value,
                                GError **error)
{
  const char *text = mezzotint_arguments_get (arguments, name);
  g_autofree char *shown = NULL;

  if (text == NULL || mezzotint_parse_double (text, min, max, value))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("The option --%s needs a number from %g to %g, not “%s”."), name, min, max, shown);
  return FALSE;
}

/* Where the second column begins. */
#define HELP_COLUMN 28

char *
mezzotint_options_to_help (const MezzotintOption *options)
{
  GString *help = g_string_new (NULL);

  for (const MezzotintOption *option = options; option->help != NULL; option++)
    {
      g_autoptr (GString) left = g_string_new ("  ");
      glong width;

      if (option->name == NULL)
        {
          g_string_append_printf (help, "\n%s\n", _ (option->help));
          continue;
        }
      if (option->letter != 0)
        g_string_append_printf (left, "-%c, ", option->letter);
      g_string_append_printf (left, "--%s", option->name);
      if (option->value != NULL)
        g_string_append_printf (left, " %s", _ (option->value));
      width = g_utf8_strlen (left->str, -1);
      g_string_append (help, left->str);
      if (width >= HELP_COLUMN)
        g_string_append_printf (help, "\n%*s", HELP_COLUMN, "");
      else
        g_string_append_printf (help, "%*s", (int) (HELP_COLUMN - width), "");
      g_string_append_printf (help, "%s\n", _ (option->help));
    }
  return g_string_free (help, FALSE);
}
