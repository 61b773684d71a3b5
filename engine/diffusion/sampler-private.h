/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the samplers share: their running state, and small steps that several take. */
#pragma once

#include "diffusion/prediction.h"
#include "diffusion/sampler.h"

G_BEGIN_DECLS

#define MZ_MAX_HISTORY 4

/* How a sampler steps. */
struct _MzSamplerClass
{
  int n_history;      /* vectors of n it remembers from step to step, 0..MZ_MAX_HISTORY */
  gboolean has_spare; /* it has one more vector of its own, that lasts as long as history does */
  /* The state is x0 + sigma eps, and the network sees it divided by sqrt(1 + sigma^2); FALSE: of unit
   * variance. */
  gboolean sigma_space;
  /* The schedule's sigma-space start, not plain noise, begins a picture where the schedule is k-diffusion's.
   */
  gboolean starts_from_sigma;
  /* Step i from x [n] to next [n], and what is clean in x to x0 [n]. May use output, scratch and drawn. Must
   * not change the history before its last call of the network has succeeded. */
  gboolean (*step) (MzSampler *self,
                    int i,
                    const MzSamplerCalls *calls,
                    const float *x,
                    float *next,
                    float *x0,
                    GError **error);
};

struct _MzSampler
{
  const MzSamplerKind *kind;
  const MzNoiseSchedule *noise; /* borrowed */
  MzPredictionType prediction;
  MzSteps *steps;
  MzStartScale start_scale;
  gsize n;
  double eta;
  double threshold_ratio, threshold_most; /* ratio 0: none */
  gsize n_picture;                        /* elements that are thresholded together */
  int expected_step;                      /* the one that may use the history */
  float *output;                          /* [n] the network's last output */
  float *scratch;                         /* [n] */
  float *drawn;                           /* [n] step noise; NULL when none is drawn */
  float *next;                            /* [n] the state being made */
  float *clean;                           /* [n] x0 for a caller that does not ask for it */
  float *spare;                           /* [n] the class's own; NULL when it has none */
  float *history[MZ_MAX_HISTORY];         /* [n] each, newest first */
  int n_history;                          /* how many are filled */
};

extern const MzSamplerClass mz_sampler_class_ddim;
extern const MzSamplerClass mz_sampler_class_ddpm;
extern const MzSamplerClass mz_sampler_class_dpm2;
extern const MzSamplerClass mz_sampler_class_dpm2_a;
extern const MzSamplerClass mz_sampler_class_dpmpp_2m;
extern const MzSamplerClass mz_sampler_class_dpmpp_2m_cfgpp;
extern const MzSamplerClass mz_sampler_class_dpmpp_2m_sde;
extern const MzSamplerClass mz_sampler_class_dpmpp_2m_sde_heun;
extern const MzSamplerClass mz_sampler_class_dpmpp_2s_a;
extern const MzSamplerClass mz_sampler_class_dpmpp_3m_sde;
extern const MzSamplerClass mz_sampler_class_dpmpp_sde;
extern const MzSamplerClass mz_sampler_class_euler;
extern const MzSamplerClass mz_sampler_class_euler_a;
extern const MzSamplerClass mz_sampler_class_euler_a_cfgpp;
extern const MzSamplerClass mz_sampler_class_euler_cfgpp;
extern const MzSamplerClass mz_sampler_class_heun;
extern const MzSamplerClass mz_sampler_class_ipndm;
extern const MzSamplerClass mz_sampler_class_lcm;
extern const MzSamplerClass mz_sampler_class_lms;
extern const MzSamplerClass mz_sampler_class_plms;
extern const MzSamplerClass mz_sampler_class_unipc;

/* A step from sigma `from` to `to` as one to `down` and noise of deviation `up` on top (Song et al. 2021,
 * arXiv:2010.02502, eq. 16, in sigma space), as k-diffusion's get_ancestral_step. eta: 0 no noise, 1 all. */
typedef struct
{
  double down, up;
} MzAncestral;
MzAncestral mz_sampler_ancestral (double from, double to, double eta);

/* Weights of Adams and Bashforth's method on even steps: of the slopes from newest to oldest, by how many
 * there are. */
extern const float mz_sampler_adams_bashforth[MZ_MAX_HISTORY][MZ_MAX_HISTORY];

/* abar at the beginning of step i. */
double mz_sampler_alpha_bar (const MzSampler *self, int i);
/* abar that a DDIM or PLMS step i leads to: a stride down, and at the end what the config says. */
double mz_sampler_alpha_bar_after (const MzSampler *self, int i);

/* Calls the network on the state x, scaled for it, at step i's timestep; output: [n]. Uses scratch in sigma
 * space. */
gboolean mz_sampler_evaluate (MzSampler *self,
                              const MzSamplerCalls *calls,
                              int i,
                              const float *x,
                              float *output,
                              GError **error);
/* x0 [n] from x and the network's output at step i, in the class's own space, thresholded where that is asked
 * for.
 */
void mz_sampler_predict_clean (const MzSampler *self, int i, const float *x, const float *output, float *x0);
/* Both of the above: x0 [n] at step i, or at n_steps where the last sigma is not 0. x0 may be x. Uses scratch
 * in sigma space. */
gboolean mz_sampler_denoise (MzSampler *self,
                             const MzSamplerCalls *calls,
                             int i,
                             const float *x,
                             float *x0,
                             GError **error);
/* The same between steps, at any sigma > 0; in sigma space only. */
gboolean mz_sampler_denoise_at (MzSampler *self,
                                const MzSamplerCalls *calls,
                                double sigma,
                                const float *x,
                                float *x0,
                                GError **error);
/* As mz_sampler_evaluate, and the unguided output [n] besides; it is the guided one where calls know none. */
gboolean mz_sampler_evaluate_both (MzSampler *self,
                                   const MzSamplerCalls *calls,
                                   int i,
                                   const float *x,
                                   float *output,
                                   float *unguided,
                                   GError **error);
/* Limits x0 [n] when the model's config says so; DDIM, DDPM and LCM do. */
void mz_sampler_clip (const MzSampler *self, float *x0);
/* Draws step noise and adds weight times it to next [n]. */
void mz_sampler_add_noise (MzSampler *self, const MzSamplerCalls *calls, double weight, float *next);
/* As above, but the noise is the increment of a Brownian path between the two sigmas, over its deviation,
 * where calls have such a path. */
void mz_sampler_add_noise_between (MzSampler *self,
                                   const MzSamplerCalls *calls,
                                   double from,
                                   double to,
                                   double weight,
                                   float *next);
/* Makes room for a newest vector, forgetting the oldest, and returns it to be filled. */
float *mz_sampler_push_history (MzSampler *self);

G_END_DECLS
