/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From floats to 8-bit pictures, and previews of a latent. */
#include <math.h>

#include "pipeline/private.h"

MzPicture *
mz_picture_new (int width, int height)
{
  MzPicture *picture = g_new0 (MzPicture, 1);

  picture->width = width;
  picture->height = height;
  picture->rgb = g_malloc ((gsize) width * (gsize) height * 3);
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
  g_autoptr (MzPicture) picture = mz_picture_new (width, height);

  for (gsize i = 0; i < 3 * n; i++)
    if (!isfinite (rgb[i]))
      {
        g_set_error_literal (
            error, MZ_ERROR, MZ_ERROR_NONFINITE,
            "The decoder gave values that are not numbers; the model's autoencoder may be damaged.");
        return NULL;
      }
  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < 3; c++)
      picture->rgb[3 * i + c] = to_byte (rgb[c * n + i]);
  return g_steal_pointer (&picture);
}

MzPicture *
mz_preview_linear (const MzPreviewFactors *factors, const float *latent, int height, int width)
{
  gsize n = (gsize) height * (gsize) width;
  MzPicture *picture = mz_picture_new (width, height);

  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < 3; c++)
      {
        float v = factors->bias[c];

        for (gsize k = 0; k < 4; k++)
          v += latent[k * n + i] * factors->factors[k][c];
        picture->rgb[3 * i + c] = isfinite (v) ? to_byte (v) : 0;
      }
  return picture;
}
