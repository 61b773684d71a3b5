/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From floats to 8-bit pictures, and previews of a latent. */
#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/finite.h"
#include "pipeline/private.h"

MzPicture *
mz_picture_new (int width, int height, GError **error)
{
  MzPicture *picture;
  guint8 *rgb = g_try_malloc ((gsize) width * (gsize) height * 3);

  if (rgb == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory for a picture of %d×%d."),
                   width, height);
      return NULL;
    }
  picture = g_new0 (MzPicture, 1);
  picture->width = width;
  picture->height = height;
  picture->rgb = rgb;
  return picture;
}

void
mz_picture_free (MzPicture *picture)
{
  g_free (picture->rgb);
  g_free (picture);
}

/* -1..1 to 0..255. */
static guint8
to_byte (float v)
{
  return (guint8) rintf (CLAMP (v * 0.5f + 0.5f, 0.0f, 1.0f) * 255.0f);
}

MzPicture *
mz_picture_from_planes (const float *rgb, int width, int height, GError **error)
{
  gsize n = (gsize) width * (gsize) height;
  g_autoptr (MzPicture) picture = mz_picture_new (width, height, error);

  if (picture == NULL)
    return NULL;
  if (!mz_all_finite (rgb, 3 * n))
    {
      g_set_error_literal (
          error, MZ_ERROR, MZ_ERROR_NONFINITE,
          _ ("The decoder gave values that are not numbers; the model's autoencoder may be damaged."));
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < 3; c++)
      picture->rgb[3 * i + c] = to_byte (rgb[c * n + i]);
  return g_steal_pointer (&picture);
}

/* Colour c of one cell. */
static float
mix (const MzPreviewFactors *factors, const float *cell, gsize step, int n_channels, int c)
{
  float v;

  if (factors == NULL)
    return cell[(gsize) MIN (c, n_channels - 1) * step];
  v = factors->bias[c];
  for (int k = 0; k < n_channels; k++)
    v += cell[(gsize) k * step] * factors->factors[k][c];
  return v;
}

MzPicture *
mz_preview_linear (const MzPreviewFactors *factors,
                   const float *latent,
                   int n_channels,
                   int height,
                   int width,
                   GError **error)
{
  gsize n = (gsize) height * (gsize) width;
  MzPicture *picture = mz_picture_new (width, height, error);

  for (gsize i = 0; i < n && picture != NULL; i++)
    for (int c = 0; c < 3; c++)
      {
        float v = mix (factors, latent + i, n, n_channels, c);

        picture->rgb[3 * i + (gsize) c] = isfinite (v) ? to_byte (v) : 0;
      }
  return picture;
}
