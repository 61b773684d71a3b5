/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Differences of lists: applied to one list they give the other, and say no more than is needed. */
#include "app/library/gallery-splices.h"

static GArray *
ids_of (const char *digits)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (const char *p = digits; *p != '\0'; p++)
    {
      gint64 id = *p;

      g_array_append_val (ids, id);
    }
  return ids;
}

/* Applies the splices to `before` and looks whether that gives `after`. Returns how many there are. */
static guint
check (const GArray *before, const GArray *after, const GArray *changed)
{
  g_autoptr (GArray) splices = mezzotint_splices_new (before, after, changed);
  g_autoptr (GArray) list = g_array_copy ((GArray *) before);

  for (guint i = 0; i < splices->len; i++)
    {
      const MezzotintSplice *splice = &g_array_index (splices, MezzotintSplice, i);

      g_assert_cmpuint (splice->position + splice->n_removed, <=, list->len);
      g_assert_cmpuint (splice->n_removed + splice->n_added, >, 0);
      g_array_remove_range (list, splice->position, splice->n_removed);
      g_array_insert_vals (list, splice->position, &g_array_index (after, gint64, splice->position),
                           splice->n_added);
    }
  g_assert_cmpmem (list->data, list->len * sizeof (gint64), after->data, after->len * sizeof (gint64));
  g_assert_cmpuint (splices->len, <=, MEZZOTINT_MAX_SPLICES);
  return splices->len;
}

static void
test_cases (void)
{
  static const struct
  {
    const char *before, *after, *changed;
    guint n_splices;
  } cases[] = {
    { "", "", "", 0 },
    { "abc", "abc", "", 0 },
    { "", "abc", "", 1 },
    { "abc", "", "", 1 },
    { "abc", "xabc", "", 1 },
    { "abc", "abcx", "", 1 },
    { "abc", "ac", "", 1 },
    { "abcdef", "xbcdyf", "", 2 }, /* two replaced, what is between stays */
    { "abcdef", "bcxde", "", 3 },
    { "abc", "cba", "", 1 },  /* moved */
    { "abc", "abc", "b", 1 }, /* put in again */
    { "abc", "abc", "abc", 1 },
    { "abcd", "abcd", "ad", 2 },
    { "abc", "ac", "b", 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) before = ids_of (cases[i].before), after = ids_of (cases[i].after);
      g_autoptr (GArray) changed = ids_of (cases[i].changed);

      g_test_message ("%s to %s", cases[i].before, cases[i].after);
      g_assert_cmpuint (check (before, after, changed), ==, cases[i].n_splices);
    }
}

/* Some of the numbers below n, in order, or, now and then, not. */
static GArray *
random_ids (GRand *rand, int n)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean shuffled = g_rand_int_range (rand, 0, 8) == 0;

  for (gint64 i = 0; i < n; i++)
    if (g_rand_boolean (rand))
      g_array_insert_val (ids, shuffled ? (guint) g_rand_int_range (rand, 0, (int) ids->len + 1) : ids->len,
                          i);
  return ids;
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (int i = 0; i < 3000; i++)
    {
      int n = g_rand_int_range (rand, 0, 300);
      g_autoptr (GArray) before = random_ids (rand, n), after = random_ids (rand, n), changed = ids_of ("");

      if (g_rand_boolean (rand))
        for (gint64 id = 0; id < n; id += 7)
          g_array_append_val (changed, id);
      check (before, after, changed);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gallery-splices/cases", test_cases);
  g_test_add_func ("/gallery-splices/random", test_random);
  return g_test_run ();
}
