/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine's one public header: from a prompt to pixels.
 *
 *   g_autoptr (GError) error = NULL;
 *   g_autoptr (MzEngine) engine = mz_engine_new (NULL, 0, &error);
 *   g_autoptr (MzModel) model = mz_model_load (engine, "model.safetensors", NULL, NULL, NULL, &error);
 *   g_auto (MzRequest) request = MZ_REQUEST_INIT;
 *
 *   mz_request_use_defaults (&request, model);
 *   request.prompt = g_strdup ("a red apple");
 *   g_autoptr (MzResult) result = mz_generate (model, &request, NULL, NULL, &error);
 *   const MzPicture *picture = mz_result_get_picture (result, 0);
 *
 * Threads: an engine and its models belong to one thread at a time (any thread). Callbacks run on the thread
 * that made the call, between two pieces of work; they may call mz_cancel_trigger(), mz_step_preview(),
 * mz_step_take_snapshot(), mz_snapshot_decode() and what says that any thread may, and nothing else of the
 * engine. MzCancel may be triggered from anywhere.
 *
 * Errors: domain MZ_ERROR (core/error.h). A function that fails returns NULL or FALSE, sets `error`, and
 * leaves the engine and the model as usable as before the call. */
#pragma once

#include "core/cancel.h"
#include "core/error.h"

G_BEGIN_DECLS

typedef struct _MzEngine MzEngine;     /* a device that computes, and its limits */
typedef struct _MzModel MzModel;       /* a model, loaded by an engine */
typedef struct _MzResult MzResult;     /* what a request gave */
typedef struct _MzStep MzStep;         /* where the work is */
typedef struct _MzSnapshot MzSnapshot; /* a picture in the making, to go on from */

/* The library's version, "0.1.0"; static memory. `pkg-config --modversion mezzotint-engine` tells that of the
 * headers. */
MZ_API const char *mz_get_version (void);

/* ---- Engine and devices ---- */

#define MZ_MAX_THREADS 1024 /* of an engine */

/* Opens a device. `backend`: "cuda", "cpu", "reference", or NULL/"auto" ($MEZZOTINT_BACKEND, else the fastest
 * that works). `n_threads`: 1..MZ_MAX_THREADS; 0 takes every processor this process may use. The caller owns
 * the one reference. */
MZ_API MzEngine *mz_engine_new (const char *backend, int n_threads, GError **error);
MZ_API MzEngine *mz_engine_ref (MzEngine *engine);
MZ_API void mz_engine_unref (MzEngine *engine);
/* Models loaded from now on hold the network's large matrices in 8 bits: half the memory of an F16 file, for
 * pictures that differ a little. Off at first; a device that has no such form goes by the file. */
MZ_API void mz_engine_set_8bit_weights (MzEngine *engine, gboolean in_8bit);
/* From the next request on, the network's products may be summed in half precision, 32 at a time, where that
 * is faster: on GeForce cards, whose tensor cores do so in half the time, for pictures that differ a little.
 * Off at first; a device that has no such way goes on as ever. */
MZ_API void mz_engine_set_half_sums (MzEngine *engine, gboolean in_half);
/* "cpu", and "AMD EPYC, 2 threads, AVX-512"; owned by the engine. */
MZ_API const char *mz_engine_get_backend (MzEngine *engine);
MZ_API const char *mz_engine_get_description (MzEngine *engine);

/* The most memory that models and requests of this engine may take at one time, bytes; 0, as at first: no
 * limit. It counts weights, activations, latents, pictures in the making, the threads' scratch and 32 MiB for
 * the program, and so is about what the system shows as resident. What is loaded already may be over a lower
 * limit until the next call. The same request gives the same bytes under every limit that it fits; see
 * MzMemoryMeasures for what becomes slower. */
MZ_API void mz_engine_set_memory_limit (MzEngine *engine, guint64 n_bytes);
MZ_API guint64 mz_engine_get_memory_limit (MzEngine *engine);
/* Does the device compute in memory of its own, as graphics cards do? Then limit and estimates are of that
 * memory, not of the program's: weights, activations and scratch, but not what the driver takes for itself.
 */
MZ_API gboolean mz_engine_computes_on_card (MzEngine *engine);
/* The most that may be taken of a graphics card's memory, bytes; 0, as at first: what is free, less a
 * reserve. As mz_engine_set_memory_limit() otherwise; where the autoencoder works in bands under the limit, a
 * value of the picture may differ by one. */
MZ_API void mz_engine_set_card_limit (MzEngine *engine, guint64 n_bytes);
/* What models and requests may take now of the memory they are computed in; 0: no limit. */
MZ_API guint64 mz_engine_get_usable_bytes (MzEngine *engine);

typedef struct
{
  char *backend;     /* "cpu" */
  char *description; /* what was found; NULL when it cannot be used */
  char *problem;     /* why it cannot be used, one sentence; NULL when it can */
} MzDeviceInfo;      /* a backend, and whether it can be used */

/* Every backend this build knows, best first: GPtrArray of MzDeviceInfo, owned by the caller. */
MZ_API GPtrArray *mz_list_devices (void);

/* ---- Samplers, schedules, and other programs' ways ---- */

typedef struct
{
  const char *id;          /* "dpmpp_2m": stable, for command lines and settings */
  const char *label;       /* "DPM++ 2M": as users know it, and as picture parameters write it */
  const char *description; /* what it is good for, one line */

  /* Samplers and schedules: their names in other programs; NULL where there is none. */
  const char *a1111, *comfyui, *sdcpp, *diffusers;

  /* Samplers only; else 0, FALSE, NULL. */
  int default_steps;             /* a sensible number of steps */
  int steps_min, steps_max;      /* fewer rarely give a picture, more rarely change it */
  int evaluations_per_step;      /* of the network: a step of 2 takes twice as long */
  gboolean adds_noise;           /* is every step's noise part of the picture? */
  gboolean takes_eta;            /* does MzRequest.eta mean anything to it? */
  gboolean wants_small_guidance; /* a scale of about 0.6 to 2 */
  const char *default_schedule;  /* id of the schedule that suits it */

  /* Compatibilities only: does MzRequest.gpu_threads mean anything to it? */
  gboolean gpu_size_matters;
} MzMethodInfo; /* a sampler, a schedule, a compatibility or a prompt style */

/* The samplers, the schedules of noise levels, and the programs whose noise and steps can be followed
 * ("compatible with"), in the order to show them. Static memory. */
MZ_API const MzMethodInfo *mz_list_samplers (guint *n_samplers);
MZ_API const MzMethodInfo *mz_list_schedules (guint *n_schedules);
MZ_API const MzMethodInfo *mz_list_compatibilities (guint *n_compatibilities);
/* How weights in prompts are written, and what they do; likewise. The first is what suits most people. */
MZ_API const MzMethodInfo *mz_list_prompt_styles (guint *n_styles);
/* The row whose id, label or name elsewhere is `name` (any case); or NULL and MZ_ERROR_ARGUMENT with the
 * nearest match. */
MZ_API const MzMethodInfo *mz_find_sampler (const char *name, GError **error);
MZ_API const MzMethodInfo *mz_find_schedule (const char *name, GError **error);
MZ_API const MzMethodInfo *mz_find_compatibility (const char *name, GError **error);
MZ_API const MzMethodInfo *mz_find_prompt_style (const char *name, GError **error);

/* ---- Models ---- */

/* `fraction` 0..1 of the loading. */
typedef void (*MzLoadFunc) (gpointer user, double fraction);

/* Loads a diffusers folder or a single .safetensors file; NULL loads the built-in model Proof.
 * Fails with FORMAT, UNSUPPORTED, MISSING, NONFINITE, IO, MEMORY or CANCELLED. The caller owns the one
 * reference; the model keeps its engine. */
MZ_API MzModel *mz_model_load (MzEngine *engine,
                               const char *path,
                               MzCancel *cancel,
                               MzLoadFunc progress,
                               gpointer user,
                               GError **error);
MZ_API MzModel *mz_model_ref (MzModel *model);
MZ_API void mz_model_unref (MzModel *model);

/* What a model is, from its headers alone. Strings are owned by the struct. */
typedef struct
{
  char *path;                      /* as given */
  char *name;                      /* file or folder name without suffix; "Proof" for the built-in one */
  char *layout;                    /* "diffusers folder" or "single file" */
  char *family;                    /* "Stable Diffusion 1.x" */
  char *prediction_type;           /* "epsilon", "v_prediction", "sample" */
  char *dtypes;                    /* "F16", or "F16, F32" where mixed */
  guint64 n_parameters;            /* of all tensors */
  guint64 n_bytes;                 /* of all tensors */
  int native_width, native_height; /* px; the size it was trained for */
  int size_multiple;               /* px; widths and heights are multiples of this */
  int max_tokens;                  /* positions of the text encoder, begin and end included (77) */
  int latent_channels;             /* 4 in SD 1.x */
  int latent_factor;               /* VAE down-sampling, px per latent cell */
  char *hashed_file; /* whose SHA-256 stands for the model: the file, or a folder's largest weight file */
  GStrv components;  /* one line each: "U-Net: 859.5 M parameters, channels 320 640 1280 1280, ..." */
  GStrv missing;     /* tensors that its architecture needs and that are missing or of another shape */
  GStrv unused;      /* tensors that nothing needs */

  /* What suits it: what its maker recommends, as far as known here, else general habits. */
  const char *sampler, *schedule; /* ids; static */
  int steps;                      /* likewise */
  double guidance;                /* likewise */
  int max_steps;                  /* steps that it can make */
  int max_clip_skip;              /* of MzRequest.clip_skip */
} MzModelInfo;

/* Reads headers only, without an engine: quick also for files that cannot be loaded. The caller frees it.
 * Missing tensors are no error here: they are listed. */
MZ_API MzModelInfo *mz_model_inspect (const char *path, GError **error);
MZ_API void mz_model_info_free (MzModelInfo *info);
/* The same of a loaded model; owned by the model. */
MZ_API const MzModelInfo *mz_model_get_info (MzModel *model);
/* Tokens of a prompt, begin and end not counted, for a counter; -1 with MZ_ERROR_ARGUMENT when it is not
 * UTF-8 or too long. `style`: an id out of mz_list_prompt_styles(), NULL for the first. chunk_ends, when not
 * NULL: out, the byte offset behind the last token of each chunk that the prompt is cut into (75 tokens each,
 * as a rule), GArray of gsize, owned by the caller; what lies behind the last is left out. Any thread, while
 * somebody holds the model. */
MZ_API int mz_model_count_tokens (MzModel *model,
                                  const char *text,
                                  const char *style,
                                  GArray **chunk_ends,
                                  GError **error);
/* Path of the built-in model; owned by the library. MZ_ERROR_MISSING names the places looked at. */
MZ_API const char *mz_builtin_model_path (GError **error);

/* SHA-256 of any file in hex; takes as long as reading it, or longer. The caller frees it; NULL with
 * CANCELLED or IO. Any thread. */
MZ_API char *mz_hash_file (const char *path, MzCancel *cancel, GError **error);
/* The same of the model's file (its largest file for folders), for picture parameters; read once and
 * remembered. One thread may call this while another generates. */
MZ_API const char *mz_model_get_hash (MzModel *model, MzCancel *cancel, GError **error);
/* The file that is hashed; owned by the model. */
MZ_API const char *mz_model_get_hashed_file (MzModel *model);
/* Does it hold the network's large matrices in 8 bits? See mz_engine_set_8bit_weights(). */
MZ_API gboolean mz_model_has_8bit_weights (MzModel *model);
/* May its network be summed in half precision? See mz_engine_set_half_sums(). */
MZ_API gboolean mz_model_has_half_sums (MzModel *model);

/* ---- Generating ---- */

#define MZ_MIN_SIZE_PX 16             /* of a picture's sides */
#define MZ_MAX_SIZE_PX 8192           /* likewise */
#define MZ_MAX_STEPS 1000             /* of a request */
#define MZ_MAX_COUNT 10000            /* pictures of a request */
#define MZ_MAX_AT_ONCE 16             /* pictures that are drawn together */
#define MZ_MAX_GUIDANCE 100.0         /* beyond, every picture is saturated */
#define MZ_MAX_PROMPT_BYTES (1 << 20) /* of a prompt */
#define MZ_MAX_GPU_THREADS (1 << 22)  /* ten times what the largest card holds */
#define MZ_MAX_THRESHOLD_LIMIT 100.0  /* beyond any clean latent */

/* How a request goes on from MzRequest.start. */
typedef enum
{
  /* The picture that was interrupted goes on, then the rest of the batch: byte for byte what the request
   * would have given uninterrupted. The request must be the one that the snapshot was taken of (`count` may
   * differ), the model must be of the same kind; that it has the same weights is for the caller to see to.
   * So do the pictures of `start_others`, each from its own snapshot: those that stand at the same step, as
   * pictures that were drawn together do, together again, as far as `at_once` and memory allow. */
  MZ_START_RESUME,
  /* The latent alone is taken: the run goes on from that step with the request's prompts, guidance, sampler,
   * schedule and seed. Only the size must be that of the snapshot. What a sampler remembers of earlier steps
   * is forgotten. Where the noise levels differ, the run goes on at the first step whose level is not above
   * the snapshot's, and the state is moved to it. Seeds make a difference only to samplers that add noise. */
  MZ_START_BRANCH,
} MzStartKind;

/* What to make. Strings and `start` are owned by the struct; mz_request_clear() frees them. */
typedef struct
{
  char *prompt;             /* UTF-8, at most MZ_MAX_PROMPT_BYTES; NULL is "" */
  char *negative_prompt;    /* likewise */
  const char *prompt_style; /* id out of mz_list_prompt_styles(); NULL: as the compatibility's program */
  int width, height;        /* px; rounded to the model's size_multiple by mz_request_validate() */
  int steps;                /* 1..MZ_MAX_STEPS */
  const char *sampler;      /* id out of mz_list_samplers() */
  const char *schedule;     /* id out of mz_list_schedules() */
  double guidance;          /* guidance scale, 0..MZ_MAX_GUIDANCE; 1 = unguided and twice as fast */
  double eta;   /* fresh noise per step, 0..1, for DDIM and Euler a; negative: the sampler's own */
  guint64 seed; /* of the first picture; see mz_request_get_seeds() */
  int count;    /* pictures, 1..MZ_MAX_COUNT */
  int at_once;  /* so many of them go through their steps together, 0..MZ_MAX_AT_ONCE; 0 is 1. A graphics card
                   is done with them sooner than one by one, a processor hardly is. Fewer under a memory limit
                   that has no room for all. */
  int clip_skip; /* 1 = the text encoder's last layer, 2 = the one before ..., layers + 1 = its embedding */

  /* Noise. */
  const char *compatibility; /* id out of mz_list_compatibilities(): whose generator, start, steps; NULL: the
                                first, diffusers */
  double variation_strength; /* 0..1: how far the noise goes to that of variation_seed; 0: no variation */
  guint64 variation_seed;    /* of the noise that it goes to */
  gint64
      step_seed_delta; /* not 0: the steps' noise has a generator of its own, of seed + this (A1111's ENSD) */
  int gpu_threads;     /* threads that the GPU to be compatible with holds (multiprocessors times threads of
                          each), 0..MZ_MAX_GPU_THREADS; 0: enough for any draw */

  /* Guidance that goes too far. */
  double guidance_rescale; /* 0..1: how far its contrast is brought back to the unguided one's; 0: off */
  double threshold_ratio;  /* dynamic thresholding: the share of values that are not limited, 0..1; 0: off */
  double threshold_limit; /* the most it lets through, 1..MZ_MAX_THRESHOLD_LIMIT; with threshold_ratio only */
  gboolean zero_snr;      /* noise levels rescaled to end in pure noise, where the model's do not already */

  MzSnapshot *start;      /* a reference of the request's own; NULL: from noise */
  MzStartKind start_kind; /* with `start` only */
  /* MZ_START_RESUME only: where the pictures behind that of `start` stood, one after the other; NULL behind
   * the last. References of the request's own. */
  MzSnapshot *start_others[MZ_MAX_AT_ONCE - 1];
} MzRequest;
/* Every request begins as this; then mz_request_use_defaults(). */
#define MZ_REQUEST_INIT                                                                                      \
  {                                                                                                          \
    0                                                                                                        \
  }

/* Sets every field but the prompts to what suits the model (or to SD 1.x's habits when `model` is NULL). */
MZ_API void mz_request_use_defaults (MzRequest *request, MzModel *model);
/* The same from a model's headers, before it is loaded. `info` may be NULL. */
MZ_API void mz_request_use_info_defaults (MzRequest *request, const MzModelInfo *info);
/* The style that a prompt of this request is read in, by its own field or its compatibility: an id; the first
 * of mz_list_prompt_styles() when both are unknown. */
MZ_API const char *mz_request_get_prompt_style (const MzRequest *request);
/* Checks each range and rounds width and height to what the model can do. `notes`, when not NULL, receives
 * one sentence per thing changed (GStrv, to be freed) or NULL. Fails with ARGUMENT. mz_generate() does the
 * same without notes. */
MZ_API gboolean mz_request_validate (MzRequest *request, MzModel *model, GStrv *notes, GError **error);
MZ_API void mz_request_clear (MzRequest *request);
/* The seeds of picture `index`: seed + index; with a variation all pictures have the one seed, and
 * variation_seed + index, as in A1111. variation_seed may be NULL. */
MZ_API void
mz_request_get_seeds (const MzRequest *request, int index, guint64 *seed, guint64 *variation_seed);
/* Do its pictures branch from a step of another picture, or go on with one that does? Then which: its step,
 * of how many, and that picture's seed; each may be NULL. */
MZ_API gboolean mz_request_get_branch (const MzRequest *request, int *step, int *n_steps, guint64 *seed);
/* A deep copy; free with mz_request_free(). */
MZ_API MzRequest *mz_request_copy (const MzRequest *request);
MZ_API void mz_request_free (MzRequest *request);

/* 8-bit RGB, rows from the top, no padding. */
typedef struct
{
  int width, height; /* px */
  guint8 *rgb;       /* [height, width, 3] */
} MzPicture;

MZ_API void mz_picture_free (MzPicture *picture); /* with its pixels */

typedef enum
{
  MZ_PHASE_TEXT,   /* prompts to context */
  MZ_PHASE_SAMPLE, /* steps of the U-Net */
  MZ_PHASE_DECODE, /* latent to pixels */
} MzPhase;         /* what is being done for a request */

/* Where the work is; valid during the callback. */
struct _MzStep
{
  MzPhase phase;       /* what is being done */
  int picture, count;  /* index of the picture, and how many */
  int step, steps;     /* steps finished of this picture (1..steps in MZ_PHASE_SAMPLE), and how many */
  double step_seconds; /* the last step took; 0 before the first */
  double seconds_left; /* estimate for the whole request; negative when unknown */
  guint64 seed;        /* of this picture */
  int first,
      together; /* this picture is one of so many in work, from index `first` on; after a step, progress
                   is told of each, in their order, before it of the first alone; step_seconds is of all */

  /* After a step: [latent_channels, latent_height, latent_width] float32; else NULL. `denoised` is the clean
   * latent predicted at this step, `latent` is where the sampler stands, noise included, in its own scale. */
  const float *latent, *denoised;
  int latent_channels, latent_height, latent_width;
  gpointer private_data;

  const char
      *note; /* a sentence about what happened since the last call, for the user; NULL: nothing to say */
};

typedef enum
{
  MZ_PREVIEW_LINEAR, /* one latent cell a pixel, by linear factors: next to nothing; where a model has none,
                        its first channels as red, green and blue */
  MZ_PREVIEW_QUICK,  /* in full size by the small decoder (TAESD) whose file lies beside the model, at some
                        hundredths of a decode; without one, or without room for it, as MZ_PREVIEW_LINEAR */
  MZ_PREVIEW_VAE, /* the real decoder: costs a decode; as MZ_PREVIEW_LINEAR under a memory limit that has no
                     room for it beside the U-Net */
} MzPreviewKind;  /* how a picture of a step is made */

/* Makes a picture of step->denoised; only inside the progress callback. NULL with CANCELLED, MEMORY, BACKEND,
 * or ARGUMENT when the step has no latent. The caller frees it with mz_picture_free(). */
MZ_API MzPicture *mz_step_preview (const MzStep *step, MzPreviewKind kind, GError **error);

/* Where a picture stands after a step: its latents, what its sampler remembers, how much of its noise is
 * used. Immutable; any thread may hold, read and copy one. Some hundred kilobytes at 512x512.
 *
 * mz_step_take_snapshot: only inside the progress callback. NULL with ARGUMENT before the first step, or
 * MEMORY. The caller owns the one reference. */
MZ_API MzSnapshot *mz_step_take_snapshot (const MzStep *step, GError **error);
MZ_API MzSnapshot *mz_snapshot_ref (MzSnapshot *snapshot);
MZ_API void mz_snapshot_unref (MzSnapshot *snapshot);

/* To keep one in a file, and back. The bytes are the same on every machine. Reading fails with FORMAT when
 * they are damaged, cut or not a snapshot, with UNSUPPORTED when a newer version wrote them, or MEMORY. */
MZ_API GBytes *mz_snapshot_to_bytes (MzSnapshot *snapshot);
MZ_API MzSnapshot *mz_snapshot_new_from_bytes (GBytes *bytes, GError **error);

MZ_API int mz_snapshot_get_step (MzSnapshot *snapshot);     /* steps finished, 1..steps */
MZ_API int mz_snapshot_get_steps (MzSnapshot *snapshot);    /* of how many */
MZ_API int mz_snapshot_get_picture (MzSnapshot *snapshot);  /* index in its request */
MZ_API guint64 mz_snapshot_get_seed (MzSnapshot *snapshot); /* of this picture */
MZ_API void mz_snapshot_get_size (MzSnapshot *snapshot, int *width, int *height); /* of the picture, px */
MZ_API double mz_snapshot_get_sigma (MzSnapshot *snapshot); /* noise level, in units of the clean latent */
MZ_API gsize mz_snapshot_get_bytes (MzSnapshot *snapshot);  /* memory it takes */

/* A picture of its predicted clean latent, one pixel a latent cell, by linear factors. Any thread, while
 * somebody holds the model. NULL with ARGUMENT when the model has other latents, or MEMORY. */
MZ_API MzPicture *mz_snapshot_preview (MzSnapshot *snapshot, MzModel *model, GError **error);
/* The same through the model's decoder, in full size; of the last step, the picture itself. Costs a decode
 * on the model's thread; also inside the progress callback, where its memory comes on top of the run's. NULL
 * with ARGUMENT, CANCELLED, MEMORY, NONFINITE or BACKEND. */
MZ_API MzPicture *mz_snapshot_decode (MzSnapshot *snapshot, MzModel *model, MzCancel *cancel, GError **error);

typedef struct
{
  /* Called at the beginning of each phase and after each step. May be NULL. */
  void (*progress) (gpointer user, const MzStep *step);
  /* Called with each finished picture as soon as it is there, so that it can be saved before the next begins.
   * May be NULL. FALSE stops the request with the error that it set (CANCELLED if it set none). `index`
   * counts in the batch, also where the first pictures were made before a RESUME. */
  gboolean (*picture) (gpointer user, int index, guint64 seed, const MzPicture *picture, GError **error);
  gpointer user;
} MzCallbacks; /* what a request tells while it runs; see the threads above */

/* What a memory limit makes the engine do, the cheapest first. */
typedef enum
{
  MZ_MEMORY_FEWER_AT_ONCE = 1 << 0,        /* fewer pictures are drawn together than asked for */
  MZ_MEMORY_RELEASE_TEXT_ENCODER = 1 << 1, /* let go of after the prompts; read again for the next request */
  MZ_MEMORY_SMALL_BANDS = 1 << 2,          /* the autoencoder works on smaller parts of the picture */
  MZ_MEMORY_ONE_BY_ONE = 1 << 3,           /* with and without the prompt one after the other, not as one */
  MZ_MEMORY_TAKE_TURNS = 1 << 4,           /* U-Net and autoencoder are read again for each picture, or each
                                              time for those that are drawn together */
  MZ_MEMORY_BY_LAYERS
  = 1 << 5, /* the U-Net's layers are read again at each step, so that it is never there as a whole
             */
} MzMemoryMeasures;

/* Bytes. */
typedef struct
{
  guint64 text_encoder_bytes, unet_bytes, autoencoder_bytes; /* weights in the device's own form */
  guint64
      activation_bytes; /* what the networks compute with: mz_result_get_activation_bytes() of the result */
  guint64 peak_bytes;   /* the most at one time, the program included */
  guint64 least_bytes;  /* the lowest limit that the request fits under */
  MzMemoryMeasures measures; /* under the engine's limit; 0 without one */
  int at_once;               /* pictures that are drawn together */
} MzMemoryEstimate;

/* What a request will take, without running it (milliseconds). Fails with ARGUMENT as mz_request_validate()
 * does, or with MEMORY when it cannot be made to fit under the engine's limit: the message says which size
 * would, and `estimate` is filled in all the same. */
MZ_API gboolean mz_model_estimate_memory (MzModel *model,
                                          const MzRequest *request,
                                          MzMemoryEstimate *estimate,
                                          GError **error);

/* Makes the pictures. Blocks. A batch of n gives the same bytes as n requests of one with the seeds of
 * mz_request_get_seeds(), drawn together or not; on a graphics card the last bits depend on how many are
 * drawn together. Returns NULL with ARGUMENT,
 * CANCELLED (pictures finished before were given to callbacks->picture), MEMORY, NONFINITE or BACKEND. The
 * result holds the pictures of this run: after a RESUME, from the one that was interrupted on. */
MZ_API MzResult *mz_generate (MzModel *model,
                              const MzRequest *request,
                              const MzCallbacks *callbacks,
                              MzCancel *cancel,
                              GError **error);
MZ_API void mz_result_unref (MzResult *result);
MZ_API int mz_result_get_n_pictures (MzResult *result);
/* Owned by the result; NULL when callbacks->picture took them, so that a long batch needs the memory of one.
 */
MZ_API const MzPicture *mz_result_get_picture (MzResult *result, int index);
MZ_API guint64 mz_result_get_seed (MzResult *result, int index);
/* Tokens of the prompt that did not fit the text encoder, and the text they stand for (NULL when all fitted).
 */
MZ_API const char *mz_result_get_cut_prompt (MzResult *result, int *n_tokens);
/* Highest memory that activations took, bytes. */
MZ_API gsize mz_result_get_activation_bytes (MzResult *result);

/* ---- Measuring a model on a real picture ---- */

#define MZ_MAX_EVALUATION_TIMESTEPS 1000 /* of MzEvaluationOptions */
#define MZ_MAX_EVALUATION_SAMPLES 1000   /* likewise */

/* How to measure. Nothing is owned by the struct. */
typedef struct
{
  const char
      *prompt; /* the picture's caption as plain text, UTF-8; NULL or "": what it knows without words */
  const int *timesteps; /* [n_timesteps] training timesteps, 0 is the clean end; see mz_evaluation_spread() */
  int n_timesteps;      /* 1..MZ_MAX_EVALUATION_TIMESTEPS */
  int n_samples;        /* draws of noise a timestep, 1..MZ_MAX_EVALUATION_SAMPLES */
  guint64 seed;         /* of the first sample; sample i has seed + i */
} MzEvaluationOptions;

/* Mean square errors over all values of the latent and all samples; at one timestep, or as a mean of many. */
typedef struct
{
  double noise; /* of the predicted noise, whatever the network predicts: 1 is what predicting none gives */
  double own;   /* of what the network itself predicts (noise, v or the clean latent): its training loss */
} MzLoss;

typedef struct
{
  /* The autoencoder: the picture against what the decoder makes of the posterior's mean. */
  double mse;          /* of values 0..1, clamped there as in finished pictures, but not rounded */
  double psnr;         /* dB: -10 log10 (mse), at most 200 */
  double kl;           /* of the posterior from the standard normal, nats in the whole latent */
  double kl_per_value; /* the same for one of its numbers */

  /* The denoising network. */
  int n_timesteps;
  int *timesteps;        /* [n_timesteps] as given */
  MzLoss *losses;        /* [n_timesteps] */
  MzLoss mean;           /* over the timesteps given, each with the same weight */
  int n_train_timesteps; /* of the model */
  int n_cut_tokens;      /* of the caption, which did not fit the text encoder */
} MzEvaluation;          /* what mz_evaluate() measured */

/* `done` of `total` evaluations of the network are over; first with 0, before the autoencoder runs. */
typedef void (*MzEvaluateFunc) (gpointer user, int done, int total);

/* n timesteps in the middle of n equal parts of the model's range, rising; timesteps: [n], filled. n is
 * 1..MZ_MAX_EVALUATION_TIMESTEPS. A mean over them stands for the mean over all. */
MZ_API void mz_evaluation_spread (MzModel *model, int n, int *timesteps);
/* Encodes the picture, whose sides must be multiples of the model's size_multiple, noises a sample of the
 * posterior to each timestep, and holds the network's answer, without guidance, against the noise. Noise is
 * PyTorch's CPU generator's: sample i draws from a generator of its own first the posterior's noise, then one
 * latent for each timestep in the order given; so the numbers are the picture's own, whatever else is
 * measured. Blocks; `progress` may be NULL.
 * Returns NULL with ARGUMENT, UNSUPPORTED (no encoder in the file), CANCELLED, MEMORY, NONFINITE or BACKEND.
 * The caller frees the result with mz_evaluation_free(). */
MZ_API MzEvaluation *mz_evaluate (MzModel *model,
                                  const MzPicture *picture,
                                  const MzEvaluationOptions *options,
                                  MzEvaluateFunc progress,
                                  gpointer user,
                                  MzCancel *cancel,
                                  GError **error);
MZ_API void mz_evaluation_free (MzEvaluation *evaluation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzEngine, mz_engine_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzEvaluation, mz_evaluation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzModel, mz_model_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzModelInfo, mz_model_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzPicture, mz_picture_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzResult, mz_result_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzSnapshot, mz_snapshot_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzRequest, mz_request_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MzRequest, mz_request_clear)

G_END_DECLS
