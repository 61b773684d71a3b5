/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture in horizontal bands, so that an autoencoder's widest layers need no more than one of them whole.
 *
 * Every band is a tensor of its own and is given back as soon as nothing reads it any more, so that a layer's
 * result moves into the memory of its input. Convolutions get the rows above and below a band from its
 * neighbours, and a group norm's moments are those of all bands: the result has the bits that a single band
 * gives, whatever the bands' height. */
#pragma once

#include "models/blocks.h"

G_BEGIN_DECLS

typedef struct
{
  MzTensor *list; /* [n_bands], each [1, rows, w, c] */
  int n_bands;
  int rows; /* of every band but the last, which has what remains */
  int h, w, c;
} MzBands;

/* A band has about `band_bytes`, 8 rows at least. Gives x [1, H, W, C]. */
MzBands mz_bands_split (MzExec *exec, MzTensor *x, gsize band_bytes);
/* The bands of a 3x3 convolution of a whole picture [1, H, W, C]. */
MzBands mz_bands_conv (MzExec *exec, const MzWeight *conv, const MzTensor *in, gsize band_bytes);
/* [1, H, W, C] again; gives the bands. */
MzTensor mz_bands_join (MzExec *exec, MzBands *bands);

/* A residual block without time embedding; x becomes its result. */
void mz_bands_resnet (MzExec *exec, const MzResnet *resnet, MzBands *x);
/* As mz_upsample_run() to twice the size, and the VAE's downsampling to half of an even size: a 3x3
 * convolution with stride 2, padded below and to the right only. x becomes the result. */
void mz_bands_upsample (MzExec *exec, const MzWeight *conv, MzBands *x, gsize band_bytes);
void mz_bands_downsample (MzExec *exec, const MzWeight *conv, MzBands *x, gsize band_bytes);
/* Group norm, SiLU and a 3x3 convolution, which `func` gets band by band, [1, rows, W, C'], with the number
 * of their first row. Gives x. */
void mz_bands_out (MzExec *exec,
                   const MzWeight *norm,
                   int n_groups,
                   float epsilon,
                   const MzWeight *conv,
                   int out_channels,
                   MzBands *x,
                   void (*func) (gpointer user, MzExec *exec, const MzTensor *band, int first_row),
                   gpointer user);

G_END_DECLS
