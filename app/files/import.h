/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Settings out of anybody's picture: which program made it, what of it can be used here, and what not.
 *
 * Known: Mezzotint, A1111 and Forge (old and new sampler names), ComfyUI's graph, InvokeAI, Fooocus (both
 * schemes), stable-diffusion.cpp, Draw Things, NovelAI, Krita. PNG (tEXt, zTXt, iTXt), and JPEG and WebP
 * where they carry EXIF. */
#pragma once

#include <gio/gio.h>

#include "app/files/metadata.h"
#include "app/files/parameters-request.h"

G_BEGIN_DECLS

typedef struct
{
  char *program;          /* "A1111", "ComfyUI" ...: for people */
  MzRequest request;      /* the settings understood, over what was given */
  GStrv understood;       /* one line each, "Sampler: DPM++ 2M"; prompts left out */
  GStrv loras;            /* names of LoRAs that it was made with, never NULL */
  MezzotintRecall recall; /* model, hash, what was not used, what will differ */
} MezzotintImport;

/* Reads `path`; `base`: what is not said keeps its value from here. Fails with MZ_ERROR_IO, FORMAT, or
 * MISSING when the picture carries no settings. Any thread; memory bounded. The caller owns the result. */
MezzotintImport *mezzotint_import_read (const char *path, const MzRequest *base, GError **error);
/* The same from a picture in memory (clipboard). */
MezzotintImport *mezzotint_import_read_bytes (GBytes *bytes, const MzRequest *base, GError **error);
/* The same from what was read of a picture. */
MezzotintImport *
mezzotint_import_new (const MezzotintMetadata *metadata, const MzRequest *base, GError **error);
void mezzotint_import_free (MezzotintImport *import);

void mezzotint_import_read_async (GFile *file,
                                  const MzRequest *base,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
MezzotintImport *mezzotint_import_read_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintImport, mezzotint_import_free)

G_END_DECLS
