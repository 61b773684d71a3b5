/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Telling what a file is by its first bytes, whatever its name says. */
#include <glib/gi18n-lib.h>

#include "io/sniff.h"

#include <string.h>

static const char convert_advice[]
    = N_ ("Convert it to .safetensors with the program it comes from; pickles can run code, "
          "and are not opened here.");
static const char download_advice[] = N_ ("The download went wrong; fetch the file itself.");

typedef struct
{
  const char *magic;
  gsize length;
  MzForeignFormat format;
} Row;

#define MAGIC(bytes) bytes, sizeof bytes - 1

/* First match wins. */
static const Row rows[] = {
  { MAGIC ("PK\003\004"),
    { N_ ("a zip archive, as PyTorch writes .ckpt and .pt files"), convert_advice, TRUE } },
  { MAGIC ("PK\005\006"), { N_ ("an empty zip archive"), NULL, FALSE } },
  { MAGIC ("\x80\x02"), { N_ ("a Python pickle, as old .ckpt and .pt files are"), convert_advice, TRUE } },
  { MAGIC ("\x80\x03"), { N_ ("a Python pickle"), convert_advice, TRUE } },
  { MAGIC ("\x80\x04\x95"), { N_ ("a Python pickle"), convert_advice, TRUE } },
  { MAGIC ("\x80\x05\x95"), { N_ ("a Python pickle"), convert_advice, TRUE } },
  { MAGIC ("GGUF"), { N_ ("a GGUF file"), N_ ("Use the .safetensors version of the model."), TRUE } },
  { MAGIC ("\x89HDF\r\n"), { N_ ("an HDF5 file"), N_ ("Use the .safetensors version of the model."), TRUE } },
  { MAGIC ("version https://git-lfs"),
    { N_ ("a Git LFS pointer, not the model it points to"), download_advice, FALSE } },
  { MAGIC ("<!DOCTYPE"), { N_ ("a web page"), download_advice, FALSE } },
  { MAGIC ("<!doctype"), { N_ ("a web page"), download_advice, FALSE } },
  { MAGIC ("<html"), { N_ ("a web page"), download_advice, FALSE } },
  { MAGIC ("<?xml"), { N_ ("an XML document"), download_advice, FALSE } },
  { MAGIC ("\x89PNG\r\n"), { N_ ("a PNG picture"), NULL, FALSE } },
  { MAGIC ("\xff\xd8\xff"), { N_ ("a JPEG picture"), NULL, FALSE } },
  { MAGIC ("\x1f\x8b"), { N_ ("a gzip archive"), N_ ("Unpack it first."), FALSE } },
  { MAGIC ("7z\xbc\xaf\x27\x1c"), { N_ ("a 7z archive"), N_ ("Unpack it first."), FALSE } },
  { MAGIC ("Rar!\x1a\x07"), { N_ ("a RAR archive"), N_ ("Unpack it first."), FALSE } },
};

const MzForeignFormat *
mz_sniff_foreign_format (const void *data, gsize n_bytes)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (n_bytes >= rows[i].length && memcmp (data, rows[i].magic, rows[i].length) == 0)
      return &rows[i].format;
  return NULL;
}
