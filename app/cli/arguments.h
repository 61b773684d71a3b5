/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A command's arguments, by a table of options: bytes come through as they are (GLib's own parser would
 * refuse a UTF-8 prompt in the C locale), and a misspelt option gets the nearest one named. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A row; a table ends with a row of NULLs. A row with only `help` is a heading. */
typedef struct
{
  const char *name;  /* "steps": --steps */
  char letter;       /* 'n': -n; 0: none */
  const char *value; /* what its value is called in the help; NULL: it takes none */
  const char *help;  /* one line, translatable */
} MezzotintOption;

typedef struct _MezzotintArguments MezzotintArguments;

/* Reads argv[0..argc): "--name value", "--name=value", "-n value", "-nvalue", switches, and words. "--" ends
 * options, and "-" is a word. An option given twice has its last value. Fails with G_OPTION_ERROR. The
 * strings belong to argv. The caller owns the result. */
MezzotintArguments *
mezzotint_arguments_new (const MezzotintOption *options, int argc, char *const *argv, GError **error);
void mezzotint_arguments_free (MezzotintArguments *arguments);

/* The value of an option, "" for a switch; NULL when it was not given. */
const char *mezzotint_arguments_get (const MezzotintArguments *arguments, const char *name);
gboolean mezzotint_arguments_has (const MezzotintArguments *arguments, const char *name);
/* The words, in order. */
guint mezzotint_arguments_n_words (const MezzotintArguments *arguments);
const char *mezzotint_arguments_get_word (const MezzotintArguments *arguments, guint index);

/* The value of an option as a number. TRUE when it was not given (*value is left alone) or is a number in
 * range; else G_OPTION_ERROR_BAD_VALUE. */
gboolean mezzotint_arguments_get_int (const MezzotintArguments *arguments,
                                      const char *name,
                                      int min,
                                      int max,
                                      int *value,
                                      GError **error);
gboolean mezzotint_arguments_get_double (const MezzotintArguments *arguments,
                                         const char *name,
                                         double min,
                                         double max,
                                         double *value,
                                         GError **error);

/* The table as help text, a line or more for each option. Free with g_free. */
char *mezzotint_options_to_help (const MezzotintOption *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintArguments, mezzotint_arguments_free)

G_END_DECLS
