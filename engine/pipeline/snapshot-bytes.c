/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A snapshot as bytes, and back. All numbers are little-endian:
 *
 *   head, HEAD_BYTES: see write_head
 *   latents: float32 [2 + n_memory, channels, height, width]
 *   the base, where there is one: the same format
 *   SHA-256 of all before
 *
 * What is read may come from anywhere: a length that fits, a checksum and finite numbers in their ranges are
 * asked for before any of it is used. */
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/config.h"
#include "diffusion/noise-schedule.h"
#include "diffusion/sampler.h"
#include "pipeline/snapshot.h"

#define VERSION 1
#define HEAD_BYTES 144
#define MAX_SIGMA 1e6
#define MAX_DRAWS                                                                                            \
  (16 * MZ_MAX_STEPS) /* no sampler draws more than twice a step; a branch adds to its base's */

static const char magic[8] = "MzSnap\r\n";

/* ---- Writing ---- */

static void
put_u32 (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
put_u64 (GByteArray *bytes, guint64 value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
put_double (GByteArray *bytes, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  put_u64 (bytes, bits);
}

static void
put_floats (GByteArray *bytes, const float *values, gsize n)
{
  g_byte_array_append (bytes, (const guint8 *) values, (guint) (n * sizeof *values));
#if G_BYTE_ORDER == G_BIG_ENDIAN
  for (guint8 *at = bytes->data + bytes->len - 4 * n; at < bytes->data + bytes->len; at += 4)
    {
      guint32 bits;

      memcpy (&bits, at, sizeof bits);
      bits = GUINT32_SWAP_LE_BE (bits);
      memcpy (at, &bits, sizeof bits);
    }
#endif
}

static void
write_head (const MzSnapshot *self, gsize base_bytes, GByteArray *bytes)
{
  g_byte_array_append (bytes, (const guint8 *) magic, sizeof magic);
  put_u32 (bytes, VERSION);
  put_u32 (bytes, (guint32) self->channels);
  put_u32 (bytes, (guint32) self->height);
  put_u32 (bytes, (guint32) self->width);
  put_u32 (bytes, (guint32) self->factor);
  put_u32 (bytes, (guint32) self->step);
  put_u32 (bytes, (guint32) self->steps);
  put_u32 (bytes, (guint32) self->picture);
  put_u32 (bytes, self->sigma_space ? 1 : 0);
  put_u32 (bytes, self->n_draws);
  put_u32 (bytes, (guint32) self->n_memory);
  put_u32 (bytes, (guint32) self->overflow); /* 0 in what older versions wrote */
  put_u64 (bytes, self->seed);
  put_double (bytes, self->sigma);
  put_u64 (bytes, base_bytes);
  g_byte_array_append (bytes, self->request_print, MZ_PRINT_BYTES);
  g_byte_array_append (bytes, self->model_print, MZ_PRINT_BYTES);
}

static void
digest (const guint8 *data, gsize n_bytes, guint8 *print)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = MZ_PRINT_BYTES;

  g_checksum_update (checksum, data, (gssize) n_bytes);
  g_checksum_get_digest (checksum, print, &length);
}

GBytes *
mz_snapshot_to_bytes (MzSnapshot *snapshot)
{
  g_autoptr (GBytes) base = snapshot->base != NULL ? mz_snapshot_to_bytes (snapshot->base) : NULL;
  gsize base_bytes = base != NULL ? g_bytes_get_size (base) : 0;
  GByteArray *bytes = g_byte_array_new ();
  guint8 print[MZ_PRINT_BYTES];

  write_head (snapshot, base_bytes, bytes);
  g_assert (bytes->len == HEAD_BYTES);
  put_floats (bytes, snapshot->latents, (gsize) (2 + snapshot->n_memory) * mz_snapshot_n_latent (snapshot));
  if (base != NULL)
    g_byte_array_append (bytes, g_bytes_get_data (base, NULL), (guint) base_bytes);
  digest (bytes->data, bytes->len, print);
  g_byte_array_append (bytes, print, sizeof print);
  return g_byte_array_free_to_bytes (bytes);
}

/* ---- Reading ---- */

typedef struct
{
  int channels, height, width, factor, step, steps, picture, sigma_space, n_draws, n_memory, overflow;
  guint64 seed;
  double sigma;
  guint64 base_bytes;
} Head;

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The kept step is damaged."));
  return FALSE;
}

static guint32
get_u32 (const guint8 **at)
{
  guint32 value;

  memcpy (&value, *at, sizeof value);
  *at += sizeof value;
  return GUINT32_FROM_LE (value);
}

static guint64
get_u64 (const guint8 **at)
{
  guint64 value;

  memcpy (&value, *at, sizeof value);
  *at += sizeof value;
  return GUINT64_FROM_LE (value);
}

/* A number of low..high into *value. */
static gboolean
get_int (const guint8 **at, guint32 low, guint32 high, int *value)
{
  guint32 number = get_u32 (at);

  *value = (int) MIN (number, high);
  return number >= low && number <= high;
}

static double
get_double (const guint8 **at)
{
  guint64 bits = get_u64 (at);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* at: behind the version. */
static gboolean
read_head (const guint8 *at, Head *head)
{
  gboolean is_sound = get_int (&at, 1, MZ_MAX_LATENT_CHANNELS, &head->channels);

  is_sound &= get_int (&at, 1, MZ_MAX_SIZE_PX, &head->height);
  is_sound &= get_int (&at, 1, MZ_MAX_SIZE_PX, &head->width);
  is_sound &= get_int (&at, 1, 1 << (MZ_MAX_LEVELS - 1), &head->factor);
  is_sound &= get_int (&at, 1, MZ_MAX_TRAIN_TIMESTEPS + 1, &head->step);
  is_sound &= get_int (&at, 1, MZ_MAX_TRAIN_TIMESTEPS + 1, &head->steps);
  is_sound &= get_int (&at, 0, MZ_MAX_COUNT - 1, &head->picture);
  is_sound &= get_int (&at, 0, 1, &head->sigma_space);
  is_sound &= get_int (&at, 0, MAX_DRAWS, &head->n_draws);
  is_sound &= get_int (&at, 0, MZ_SAMPLER_MAX_MEMORY, &head->n_memory);
  is_sound &= get_int (&at, 0, MZ_OVERFLOW_TO_PROCESSOR, &head->overflow);
  head->seed = get_u64 (&at);
  head->sigma = get_double (&at);
  head->base_bytes = get_u64 (&at);
  return is_sound && head->step <= head->steps && isfinite (head->sigma) && head->sigma >= 0
         && head->sigma <= MAX_SIGMA;
}

/* Bytes of the latents; no product of the head's ranges overflows 64 bits. */
static guint64
count_latent_bytes (const Head *head)
{
  return (guint64) head->channels * (guint64) head->height * (guint64) head->width
         * (guint64) (2 + head->n_memory) * sizeof (float);
}

static gboolean
read_floats (const guint8 *at, gsize n, float *values)
{
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits = get_u32 (&at);

      memcpy (&values[i], &bits, sizeof bits);
      if (!isfinite (values[i]))
        return FALSE;
    }
  return TRUE;
}

static MzSnapshot *
fill (const Head *head, const guint8 *data, GError **error)
{
  g_autoptr (MzSnapshot) self
      = mz_snapshot_new (head->channels, head->height, head->width, head->n_memory, error);

  if (self == NULL)
    return NULL;
  self->factor = head->factor;
  self->step = head->step;
  self->steps = head->steps;
  self->picture = head->picture;
  self->seed = head->seed;
  self->sigma = head->sigma;
  self->sigma_space = head->sigma_space;
  self->n_draws = (guint) head->n_draws;
  self->overflow = (MzOverflow) head->overflow;
  memcpy (self->request_print, data + HEAD_BYTES - 2 * MZ_PRINT_BYTES, MZ_PRINT_BYTES);
  memcpy (self->model_print, data + HEAD_BYTES - MZ_PRINT_BYTES, MZ_PRINT_BYTES);
  if (!read_floats (data + HEAD_BYTES, (gsize) (2 + head->n_memory) * mz_snapshot_n_latent (self),
                    self->latents))
    {
      refuse (error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static gboolean
check_version (const guint8 *data, gsize n_bytes, GError **error)
{
  const guint8 *at;
  guint32 version;

  if (n_bytes < HEAD_BYTES + MZ_PRINT_BYTES || memcmp (data, magic, sizeof magic) != 0)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("This is not a kept step of a picture."));
      return FALSE;
    }
  at = data + sizeof magic;
  version = get_u32 (&at);
  if (version == VERSION)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
               _ ("The kept step has format %u; this version of the program reads only %d."), version,
               VERSION);
  return FALSE;
}

static MzSnapshot *
read_snapshot (const guint8 *data, gsize n_bytes, gboolean may_have_base, GError **error)
{
  g_autoptr (MzSnapshot) self = NULL;
  guint8 print[MZ_PRINT_BYTES];
  guint64 n_latents, left;
  Head head;

  if (!check_version (data, n_bytes, error))
    return NULL;
  if (!read_head (data + sizeof magic + sizeof (guint32), &head))
    return refuse (error), NULL;
  n_latents = count_latent_bytes (&head);
  left = n_bytes - HEAD_BYTES - MZ_PRINT_BYTES;
  if (n_latents > left || head.base_bytes != left - n_latents || (head.base_bytes > 0 && !may_have_base))
    return refuse (error), NULL;
  digest (data, n_bytes - MZ_PRINT_BYTES, print);
  if (memcmp (print, data + n_bytes - MZ_PRINT_BYTES, MZ_PRINT_BYTES) != 0)
    return refuse (error), NULL;
  self = fill (&head, data, error);
  if (self == NULL)
    return NULL;
  if (head.base_bytes > 0)
    {
      self->base = read_snapshot (data + HEAD_BYTES + n_latents, head.base_bytes, FALSE, error);
      if (self->base == NULL)
        return NULL;
      if (self->base->channels != self->channels || self->base->height != self->height
          || self->base->width != self->width || self->base->factor != self->factor)
        return refuse (error), NULL;
    }
  return g_steal_pointer (&self);
}

MzSnapshot *
mz_snapshot_new_from_bytes (GBytes *bytes, GError **error)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  return read_snapshot (data, n_bytes, TRUE, error);
}
