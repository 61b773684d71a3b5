/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* GIF's compression (Welch 1984): codes of growing width for growing strings of pixels, in blocks of at most
 * 255 bytes. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/animation-private.h"

#define MAX_CODE_BITS 12
#define MAX_CODES (1 << MAX_CODE_BITS)
#define N_VALUES 256
#define BLOCK_BYTES 255
/* Pixels between two looks at the cancel flag. */
#define CANCEL_PIXELS (1 << 16)

typedef struct
{
  FILE *stream;
  guint8 block[BLOCK_BYTES];
  int n_block;
  guint32 bits; /* not yet in the block, the first lowest */
  int n_bits;

  int clear; /* the code that empties the table; the next ends the data */
  int code_bits, next_code;
  guint16 *children; /* [MAX_CODES, N_VALUES] the code of a string with one more pixel; 0: none yet */
} Encoder;

static void
flush_block (Encoder *encoder)
{
  if (encoder->n_block == 0)
    return;
  fputc (encoder->n_block, encoder->stream);
  fwrite (encoder->block, 1, (gsize) encoder->n_block, encoder->stream);
  encoder->n_block = 0;
}

static void
put_byte (Encoder *encoder, guint8 byte)
{
  encoder->block[encoder->n_block++] = byte;
  if (encoder->n_block == BLOCK_BYTES)
    flush_block (encoder);
}

static void
put_code (Encoder *encoder, int code)
{
  encoder->bits |= (guint32) code << encoder->n_bits;
  encoder->n_bits += encoder->code_bits;
  for (; encoder->n_bits >= 8; encoder->n_bits -= 8, encoder->bits >>= 8)
    put_byte (encoder, (guint8) encoder->bits);
}

static void
forget_children (Encoder *encoder, int code, int n)
{
  memset (encoder->children + (gsize) code * N_VALUES, 0, (gsize) n * N_VALUES * sizeof *encoder->children);
}

/* Only single pixels have codes. */
static void
clear_table (Encoder *encoder, int bits)
{
  put_code (encoder, encoder->clear);
  encoder->code_bits = bits + 1;
  encoder->next_code = encoder->clear + 2;
  forget_children (encoder, 0, encoder->clear);
}

/* A code for the string of `code` and one more pixel. The reader learns of it one code later, and so widens
 * its codes when the widest number of this width has been given out here. */
static void
add_string (Encoder *encoder, int code, guint8 pixel)
{
  encoder->children[code * N_VALUES + pixel] = (guint16) encoder->next_code;
  forget_children (encoder, encoder->next_code, 1);
  if (encoder->next_code == 1 << encoder->code_bits)
    encoder->code_bits++;
  encoder->next_code++;
}

static gboolean
encode (Encoder *encoder, const guint8 *pixels, gsize n, int bits, MzCancel *cancel, GError **error)
{
  int code = pixels[0];

  clear_table (encoder, bits);
  for (gsize i = 1; i < n; i++)
    {
      int longer = encoder->children[code * N_VALUES + pixels[i]];

      if (i % CANCEL_PIXELS == 0 && mz_cancel_set_error (cancel, error))
        return FALSE;
      if (longer != 0)
        {
          code = longer;
          continue;
        }
      put_code (encoder, code);
      if (encoder->next_code < MAX_CODES)
        add_string (encoder, code, pixels[i]);
      else
        clear_table (encoder, bits);
      code = pixels[i];
    }
  put_code (encoder, code);
  return TRUE;
}

gboolean
mezzotint_gif_write_pixels (FILE *stream,
                            const guint8 *pixels,
                            gsize n,
                            int bits,
                            MzCancel *cancel,
                            GError **error)
{
  g_autofree guint16 *children = g_try_new (guint16, MAX_CODES * N_VALUES);
  Encoder encoder = { .stream = stream, .clear = 1 << bits, .code_bits = bits + 1, .children = children };

  if (children == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                           _ ("There is not enough memory to write an animation."));
      return FALSE;
    }
  fputc (bits, stream);
  if (!encode (&encoder, pixels, n, bits, cancel, error))
    return FALSE;
  put_code (&encoder, encoder.clear + 1);
  if (encoder.n_bits > 0)
    put_byte (&encoder, (guint8) encoder.bits);
  flush_block (&encoder);
  fputc (0, stream);
  return TRUE;
}
