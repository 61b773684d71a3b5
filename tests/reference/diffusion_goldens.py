# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what PyTorch and diffusers say about noise, noise schedules, steps and samplers:

    python diffusion_goldens.py ../golden        (writes ../golden/diffusion.safetensors)

A tensor's name is CASE.ROLE, all are float32. T = training timesteps, n = steps.

    rng.SEED.N.values [N]                       one draw of N = 5, 16, 20 values
    rng.SEED.16384.head, tail [32], sums [2]    a latent's draw: its ends, the sum of the values and of their squares
    rng.sequence.values [170]                   draws of SEQUENCE's sizes from one generator
    noise.NAME.abar, sigmas [T]                 alphas_cumprod, and sigma rising
    forward.T.clean, noise, noisy [64]          add_noise at timestep T
    steps.RULE.SPACING.n.timesteps [n], sigmas [n+1]
    sampler.VARIANT.PREDICTION.n.states, cleans [n,4], final [64]
                                                first four values after each step, of x0 as predicted in it; the end

The cases' parameters stand here and, under the same names, in tests/unit/test-rng.c, test-noise-schedule.c,
test-steps.c and test-sampler.c. Schedules that diffusers does not have (k-diffusion's) are computed from their
published formulas."""
import math
import pathlib
import sys

import numpy as np
import torch
from diffusers import (DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler, EulerAncestralDiscreteScheduler,
                       EulerDiscreteScheduler, PNDMScheduler)
from safetensors.torch import save_file

tensors = {}


def keep(case, **roles):
    for role, value in roles.items():
        tensors[f"{case}.{role}"] = torch.as_tensor(np.asarray(value, dtype=np.float32)).contiguous().clone()


# --- generators ----------------------------------------------------------------------------------------------------

SEEDS = {"0": 0, "42": 42, "2p32p42": 2**32 + 42, "max": 2**64 - 1, "big": 123456789012345}
SEQUENCE = [5, 16, 3, 20, 1, 2, 100, 7, 16]


def generator(seed):
    return torch.Generator("cpu").manual_seed(seed)


def rng():
    for name, seed in SEEDS.items():
        for n in (5, 16, 20):
            keep(f"rng.{name}.{n}", values=torch.randn(n, generator=generator(seed)))
        long = torch.randn(16384, generator=generator(seed))
        keep(f"rng.{name}.16384", head=long[:32], tail=long[-32:],
             sums=[long.double().sum(), long.double().square().sum()])
    g = generator(42)
    keep("rng.sequence", values=torch.cat([torch.randn(n, generator=g) for n in SEQUENCE]))


# --- noise schedules -----------------------------------------------------------------------------------------------

SD = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
NOISE = {
    "scaled": SD,
    "linear": dict(SD, beta_start=0.0001, beta_end=0.02, beta_schedule="linear"),
    "cosine": dict(SD, beta_schedule="squaredcos_cap_v2"),
    "scaled_zero": dict(SD, rescale_betas_zero_snr=True),
    "linear_zero": dict(SD, beta_start=0.0001, beta_end=0.02, beta_schedule="linear", rescale_betas_zero_snr=True),
    "short": dict(SD, num_train_timesteps=100, beta_schedule="linear", beta_start=0.001, beta_end=0.2),
}


def noise():
    for name, config in NOISE.items():
        abar = DDIMScheduler(**config).alphas_cumprod
        sigmas = EulerDiscreteScheduler(**config).sigmas.flip(0)[1:]
        keep(f"noise.{name}", abar=abar, sigmas=sigmas)
    ddim = DDIMScheduler(**SD)
    clean, eps = torch.randn(2, 64, generator=generator(1))
    for t in (0, 1, 500, 999):
        keep(f"forward.{t}", clean=clean, noise=eps, noisy=ddim.add_noise(clean, eps, torch.tensor([t])))


# --- steps ---------------------------------------------------------------------------------------------------------

STEPS = (1, 2, 3, 10, 16, 20, 25, 30, 50, 150, 333, 600)
SPACINGS = ("leading", "linspace", "trailing")
RULES = {"discrete": DDIMScheduler, "euler": EulerDiscreteScheduler, "dpm": DPMSolverMultistepScheduler}


def spacings():
    for rule, scheduler_class in RULES.items():
        for spacing in SPACINGS:
            for n in STEPS:
                scheduler = scheduler_class(**SD, timestep_spacing=spacing, steps_offset=1)
                scheduler.set_timesteps(n)
                # numpy.arange may yield one timestep too many in trailing spacing; those step counts are no use here
                assert len(scheduler.timesteps) == n, (rule, spacing, n)
                roles = dict(timesteps=scheduler.timesteps)
                if rule != "discrete":
                    roles["sigmas"] = scheduler.sigmas
                keep(f"steps.{rule}.{spacing}.{n}", **roles)


def diffusers_karras():
    for n in STEPS:
        for rule, spacing in (("euler", "leading"), ("euler", "linspace"), ("dpm", "leading")):
            scheduler = RULES[rule](**SD, timestep_spacing=spacing, steps_offset=1, use_karras_sigmas=True)
            scheduler.set_timesteps(n)
            keep(f"steps.{rule}.karras_{spacing}.{n}", timesteps=scheduler.timesteps, sigmas=scheduler.sigmas)
    scheduler = DPMSolverMultistepScheduler(**NOISE["cosine"], timestep_spacing="leading", use_karras_sigmas=True)
    scheduler.set_timesteps(20)
    keep("steps.dpm.karras_cosine.20", timesteps=scheduler.timesteps, sigmas=scheduler.sigmas)


def k_diffusion():
    """get_sigmas and get_sigmas_karras over the model's whole range, and sigma_to_t, in float64."""
    abar = DDIMScheduler(**SD).alphas_cumprod.double().numpy()
    sigmas = np.sqrt((1 - abar) / abar)
    logs = np.log(sigmas)
    for n in STEPS:
        t = np.linspace(999, 0, n)
        low, high, w = np.floor(t).astype(int), np.ceil(t).astype(int), t - np.floor(t)
        keep(f"steps.k.uniform.{n}", timesteps=t, sigmas=np.append(np.exp((1 - w) * logs[low] + w * logs[high]), 0))
        ramp = np.linspace(0, 1, n)
        karras = (sigmas[-1] ** (1 / 7) + ramp * (sigmas[0] ** (1 / 7) - sigmas[-1] ** (1 / 7))) ** 7
        keep(f"steps.k.karras.{n}", timesteps=np.interp(np.log(karras), logs, np.arange(1000)),
             sigmas=np.append(karras, 0))


# --- samplers ------------------------------------------------------------------------------------------------------

SAMPLERS = {
    "ddim": (DDIMScheduler, dict(set_alpha_to_one=False, clip_sample=False)),
    "plms": (PNDMScheduler, dict(set_alpha_to_one=False, skip_prk_steps=True)),
    "euler": (EulerDiscreteScheduler, {}),
    "euler_a": (EulerAncestralDiscreteScheduler, {}),
    "dpmpp_2m": (DPMSolverMultistepScheduler, {}),
    "ddpm": (DDPMScheduler, dict(clip_sample=False)),
}
BASE = dict(SD, timestep_spacing="leading", steps_offset=1)
ZERO = dict(SD, timestep_spacing="trailing", rescale_betas_zero_snr=True)
# name: (sampler, config over BASE, arguments of step, prediction types, numbers of steps)
ALL = ("epsilon", "v_prediction", "sample")
VARIANTS = {name: (name, BASE, {}, ALL, (1, 2, 5, 20, 50)) for name in SAMPLERS}
VARIANTS |= {
    "ddim_eta": ("ddim", BASE, dict(eta=0.7), ALL, (1, 5, 20, 50)),
    "ddim_eta_one": ("ddim", BASE, dict(eta=1.0), ("epsilon",), (20,)),
    "ddim_clip": ("ddim", dict(BASE, clip_sample=True, clip_sample_range=0.5), {}, ALL, (20,)),
    "ddim_to_one": ("ddim", dict(BASE, set_alpha_to_one=True), {}, ("epsilon",), (5, 20)),
    "ddim_cosine": ("ddim", dict(NOISE["cosine"], timestep_spacing="leading"), {}, ("epsilon",), (20,)),
    "ddim_zero": ("ddim", ZERO, {}, ("v_prediction",), (5, 20)),
    "ddpm_clip": ("ddpm", dict(BASE, clip_sample=True, clip_sample_range=0.5), {}, ALL, (20,)),
    "ddpm_zero": ("ddpm", ZERO, {}, ("v_prediction",), (20,)),
    "plms_to_one": ("plms", dict(BASE, set_alpha_to_one=True), {}, ("epsilon",), (5, 20)),
    "euler_zero": ("euler", ZERO, {}, ("v_prediction",), (20,)),
    "euler_karras": ("euler", dict(BASE, use_karras_sigmas=True), {}, ALL, (1, 5, 20)),
    "dpmpp_2m_karras": ("dpmpp_2m", dict(BASE, use_karras_sigmas=True), {}, ALL, (1, 5, 10, 14, 15, 20, 50)),
    "dpmpp_2m_zero": ("dpmpp_2m", ZERO, {}, ("v_prediction",), (20,)),
}
for name in SAMPLERS:
    for spacing in ("linspace", "trailing"):
        VARIANTS[f"{name}_{spacing}"] = (name, dict(BASE, timestep_spacing=spacing), {}, ("epsilon",), (1, 2, 7, 20))
UNSUPPORTED = {("plms", "sample"), ("euler_a", "sample")}


def network(x, t):
    return 0.3 * x + 0.1 * torch.sin(x) * (float(t) / 1000)


def clean_of(scheduler, output):
    if isinstance(scheduler, DPMSolverMultistepScheduler):
        return scheduler.model_outputs[-1]
    return getattr(output, "pred_original_sample", None)


def trajectory(variant, prediction, n):
    sampler, config, arguments, _, _ = VARIANTS[variant]
    scheduler_class, extra = SAMPLERS[sampler]
    scheduler = scheduler_class(**{**extra, **config, "prediction_type": prediction})
    scheduler.set_timesteps(n)
    g = generator(42)
    if sampler in ("ddim", "ddpm", "euler_a"):
        arguments = dict(arguments, generator=g)
    x = torch.randn(1, 4, 4, 4, generator=g) * scheduler.init_noise_sigma
    states, cleans = [], []
    for t in scheduler.timesteps:
        output = scheduler.step(network(scheduler.scale_model_input(x, t), t), t, x, **arguments)
        x = output.prev_sample
        states.append(x.flatten()[:4])
        cleans.append(clean_of(scheduler, output))
    if sampler == "plms":
        states = states[-n:]  # its first step takes two calls
    roles = dict(states=torch.stack(states), final=x.flatten())
    if cleans[0] is not None:
        roles["cleans"] = torch.stack([c.flatten()[:4] for c in cleans])
    assert all(torch.isfinite(torch.as_tensor(r)).all() for r in roles.values()), (variant, prediction, n)
    keep(f"sampler.{variant}.{prediction}.{n}", **roles)


def samplers():
    for variant, (sampler, _, _, predictions, counts) in VARIANTS.items():
        for prediction in predictions:
            if (sampler, prediction) not in UNSUPPORTED:
                for n in counts:
                    trajectory(variant, prediction, n)


if __name__ == "__main__":
    for part in (rng, noise, spacings, diffusers_karras, k_diffusion, samplers):
        part()
    path = pathlib.Path(sys.argv[1]) / "diffusion.safetensors"
    save_file(tensors, path, metadata={"torch": torch.__version__})
    print(f"{len(tensors)} tensors, {path.stat().st_size} bytes")
