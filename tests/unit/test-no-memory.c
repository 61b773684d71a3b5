/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory that is refused: whichever allocation of the engine fails, the call fails with MZ_ERROR_MEMORY and
 * the next one gives the same bytes as ever.
 *
 * Weights, blocks and scratch come from mmap(), latents and pictures from g_try_malloc(): both are replaced
 * here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"

/* Allocations seen since arming, and the one that is to fail; G_MAXINT: none. */
static int n_seen, fail_at = G_MAXINT;
static gboolean fails_on; /* do all after it fail, too? */

static gboolean
is_refused (void)
{
  int i = g_atomic_int_add (&n_seen, 1), at = g_atomic_int_get (&fail_at);

  return i == at || (i > at && fails_on);
}

static void
arm (int at, gboolean and_on)
{
  g_atomic_int_set (&n_seen, 0);
  fails_on = and_on;
  g_atomic_int_set (&fail_at, at);
}

/* Was an allocation refused? */
static gboolean
disarm (void)
{
  int at = g_atomic_int_get (&fail_at);

  g_atomic_int_set (&fail_at, G_MAXINT);
  return g_atomic_int_get (&n_seen) > at;
}

/* ---- In place of GLib's and the system's ---- */

gpointer
g_try_malloc (gsize n_bytes)
{
  return n_bytes == 0 || is_refused () ? NULL : malloc (n_bytes);
}

gpointer
g_try_malloc0 (gsize n_bytes)
{
  return n_bytes == 0 || is_refused () ? NULL : calloc (1, n_bytes);
}

gpointer
g_try_malloc_n (gsize n, gsize size)
{
  return size > 0 && n > G_MAXSIZE / size ? NULL : g_try_malloc (n * size);
}

gpointer
g_try_malloc0_n (gsize n, gsize size)
{
  return size > 0 && n > G_MAXSIZE / size ? NULL : g_try_malloc0 (n * size);
}

void *
mmap (void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
  if ((flags & MAP_ANONYMOUS) && is_refused ())
    {
      errno = ENOMEM;
      return MAP_FAILED;
    }
  return (void *) syscall (SYS_mmap, address, length, protection, flags, fd, offset);
}

/* ---- Tests ---- */

typedef struct
{
  MzEngine *engine;
  MzModel *model;
  MzRequest *request;
  MzResult *expected;
} Fixture;

static MzModel *
load (MzEngine *engine, GError **error)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models", "sd1-mini", NULL);

  return mz_model_load (engine, path, NULL, NULL, NULL, error);
}

static void
preview_cb (gpointer user, const MzStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzPicture) picture = NULL;

  if (step->latent == NULL)
    return;
  picture = mz_step_preview (step, MZ_PREVIEW_VAE, &error);
  if (picture == NULL)
    g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
}

static MzResult *
generate (Fixture *f, GError **error)
{
  const MzCallbacks callbacks = { .progress = preview_cb };

  return mz_generate (f->model, f->request, &callbacks, NULL, error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->engine = mz_engine_new ("cpu", 2, &error);
  g_assert_no_error (error);
  f->model = load (f->engine, &error);
  g_assert_no_error (error);
  f->request = g_new0 (MzRequest, 1);
  mz_request_use_defaults (f->request, f->model);
  f->request->prompt = g_strdup ("a (red:1.2) apple");
  f->request->width = 32;
  f->request->height = 40;
  f->request->steps = 2;
  f->request->guidance = 4;
  f->request->sampler = "dpmpp_2m_sde";
  f->request->schedule = "karras";
  f->expected = generate (f, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  mz_result_unref (f->expected);
  mz_request_free (f->request);
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static void
assert_expected (Fixture *f, MzResult *result)
{
  const MzPicture *a = mz_result_get_picture (f->expected, 0), *b = mz_result_get_picture (result, 0);
  gsize n = (gsize) a->width * (gsize) a->height * 3;

  g_assert_cmpmem (a->rgb, n, b->rgb, n);
}

/* A run whose allocation `at` (and all after it) fails, and one with memory again. Was there such an
 * allocation? */
static gboolean
try_run (Fixture *f, int at, gboolean and_on)
{
  g_autoptr (GError) error = NULL, none = NULL;
  g_autoptr (MzResult) result = NULL, again = NULL;
  gboolean was_refused;

  arm (at, and_on);
  result = generate (f, &error);
  was_refused = disarm ();
  if (result != NULL)
    assert_expected (f, result); /* a preview failed, or nothing did */
  else
    g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_assert_true (was_refused || result != NULL);
  again = generate (f, &none);
  g_assert_no_error (none);
  assert_expected (f, again);
  return was_refused;
}

/* Every one of the first, then ever wider apart. */
static int
next (int at)
{
  return at + 1 + at / 12;
}

static void
test_run (Fixture *f, gconstpointer data)
{
  int at = 0;

  while (try_run (f, at, FALSE))
    at = next (at);
  g_test_message ("up to %d allocations", at);
  g_assert_cmpint (at, >, 10);
  for (at = 0; try_run (f, at, TRUE);)
    at = next (at);
}

/* The same where networks are read again and again. */
static void
test_limited_run (Fixture *f, gconstpointer data)
{
  MzMemoryEstimate estimate;
  int at = 0;

  g_assert_true (mz_model_estimate_memory (f->model, f->request, &estimate, NULL));
  mz_engine_set_memory_limit (f->engine, estimate.least_bytes + 32 * 40 * 3);
  while (try_run (f, at, at % 2 == 1))
    at = next (at);
  g_test_message ("up to %d allocations", at);
  g_assert_cmpint (at, >, 100);
}

static void
test_load (Fixture *f, gconstpointer data)
{
  int at = 0;

  for (;; at = next (at))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MzModel) model = NULL;

      arm (at, at % 2 == 1);
      model = load (f->engine, &error);
      if (!disarm ())
        break;
      g_assert_null (model);
      g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
    }
  g_test_message ("up to %d allocations", at);
  g_assert_cmpint (at, >, 100);
  g_assert_false (try_run (f, G_MAXINT, FALSE));
}

/* The engine itself: no thread has scratch yet. */
static void
test_first_run (Fixture *f, gconstpointer data)
{
  for (int at = 0; at < 12; at += 1 + at / 4)
    {
      g_autoptr (GError) error = NULL;
      Fixture fresh = *f;

      fresh.engine = mz_engine_new ("cpu", 2, &error);
      g_assert_no_error (error);
      fresh.model = load (fresh.engine, &error);
      g_assert_no_error (error);
      g_assert_true (try_run (&fresh, at, FALSE));
      mz_model_unref (fresh.model);
      mz_engine_unref (fresh.engine);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/no-memory/run", test_run },
    { "/no-memory/limited-run", test_limited_run },
    { "/no-memory/load", test_load },
    { "/no-memory/first-run", test_first_run },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
