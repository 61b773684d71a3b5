# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what diffusers, k-diffusion and torchsde say about the samplers beyond the first six, about schedules over
the whole range, Brownian paths, variation seeds and the taming of guidance:

    python sampler_goldens.py ../golden        (writes ../golden/samplers.safetensors)

It needs scipy 1.17.1, torchsde 0.2.6, trampoline 0.1.2, tqdm and k-diffusion 0.1.1.post1 besides, the last installed
with --no-deps: its sampling.py alone is loaded, and torchdiffeq, which that imports, is not used.

    diffusers.VARIANT.PREDICTION.n.states [n,4], final [64]      as in diffusion_goldens.py
    k.SAMPLER.NOISE.n.states [n,4], final [64]                   k-diffusion's functions over Karras sigmas, eta 1;
                                                                 NOISE: plain draws, or a path of seed 42
    formula.SAMPLER.n.final [64]                                 in float64
    cfgpp.SAMPLER.n.final [64]                                   from the formulas; unguided = 0.9 guided
    schedule.DIALECT.ID.n.sigmas [steps+1]                       from the programs' formulas
    path.SEED.SIZE.values [queries,SIZE]                         BrownianTreeNoiseSampler between QUERIES
    variation.NAME.from, to, mixed [2,4,3]                       NAME: apart, near (A1111's reversed line)
    rescale.SHARE.values, threshold.NAME.values [64]"""
import importlib.util
import math
import pathlib
import sys
import types

import numpy as np
import torch
from diffusers import (DPMSolverMultistepScheduler, HeunDiscreteScheduler, KDPM2AncestralDiscreteScheduler,
                       KDPM2DiscreteScheduler, LCMScheduler, LMSDiscreteScheduler, UniPCMultistepScheduler)
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from scipy import stats

import golden_file
from diffusion_goldens import BASE, SD, generator, network

tensors = {}


def keep(case, **roles):
    for role, value in roles.items():
        tensors[f"{case}.{role}"] = torch.as_tensor(np.asarray(value, dtype=np.float32)).contiguous().clone()


# --- diffusers -------------------------------------------------------------------------------------------------------

SAMPLERS = {
    "heun": (HeunDiscreteScheduler, {}),
    "lms": (LMSDiscreteScheduler, {}),
    "dpm2": (KDPM2DiscreteScheduler, {}),
    "dpm2_a": (KDPM2AncestralDiscreteScheduler, {}),
    "dpmpp_2m_sde": (DPMSolverMultistepScheduler, dict(algorithm_type="sde-dpmsolver++")),
    "dpmpp_2m_sde_heun": (DPMSolverMultistepScheduler, dict(algorithm_type="sde-dpmsolver++", solver_type="heun")),
    "unipc": (UniPCMultistepScheduler, {}),
    "lcm": (LCMScheduler, dict(clip_sample=False)),
}
TWICE = ("heun", "dpm2", "dpm2_a")  # two calls of step a step, but one for the last
UNSUPPORTED = {("dpm2", "sample"), ("dpm2_a", "sample")}
VARIANTS = {name: (name, BASE, ("epsilon", "v_prediction", "sample"), (1, 2, 5, 20)) for name in SAMPLERS}
for name in SAMPLERS:
    if name != "lcm":
        for spacing in ("linspace", "trailing"):
            VARIANTS[f"{name}_{spacing}"] = (name, dict(BASE, timestep_spacing=spacing), ("epsilon",), (2, 7, 20))
VARIANTS["unipc_karras"] = ("unipc", dict(BASE, use_karras_sigmas=True), ("epsilon",), (5, 20))


def trajectory(variant, prediction, n):
    name, config, _, _ = VARIANTS[variant]
    scheduler_class, extra = SAMPLERS[name]
    scheduler = scheduler_class(**{**extra, **config, "prediction_type": prediction})
    scheduler.set_timesteps(n)
    g = generator(42)
    arguments = dict(generator=g) if name in ("dpm2_a", "dpmpp_2m_sde", "dpmpp_2m_sde_heun", "lcm") else {}
    x = torch.randn(1, 4, 4, 4, generator=g) * scheduler.init_noise_sigma
    states = []
    for t in scheduler.timesteps:
        x = scheduler.step(network(scheduler.scale_model_input(x, t), t), t, x, **arguments).prev_sample
        states.append(x.flatten()[:4])
    if name in TWICE:
        states = states[1::2] + states[-1:]
    assert len(states) == n, (variant, n, len(states))
    keep(f"diffusers.{variant}.{prediction}.{n}", states=torch.stack(states), final=x.flatten())


def diffusers_samplers():
    for variant, (name, _, predictions, counts) in VARIANTS.items():
        for prediction in predictions:
            if (name, prediction) not in UNSUPPORTED:
                for n in counts:
                    trajectory(variant, prediction, n)


# --- k-diffusion -----------------------------------------------------------------------------------------------------

def load_k_diffusion():
    sys.modules.setdefault("torchdiffeq", types.SimpleNamespace(odeint=None))
    package = pathlib.Path(importlib.util.find_spec("k_diffusion").submodule_search_locations[0])
    for module in ("k_diffusion", "k_diffusion.utils"):
        sys.modules[module] = types.ModuleType(module)
    sys.modules["k_diffusion.utils"].append_dims = lambda x, n: x[(...,) + (None,) * (n - x.ndim)]
    sys.modules["k_diffusion"].utils = sys.modules["k_diffusion.utils"]
    spec = importlib.util.spec_from_file_location("k_diffusion.sampling", package / "sampling.py")
    sampling = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sampling)
    return sampling


abar = torch.cumprod(1 - torch.linspace(SD["beta_start"]**0.5, SD["beta_end"]**0.5, 1000)**2, 0)
# numpy's square root is correctly rounded; torch's is not always
sigmas_all = np.sqrt((1 - abar.numpy()) / abar.numpy()).astype(np.float64)
logs = np.log(sigmas_all)
SIGMA_MIN, SIGMA_MAX = float(sigmas_all[0]), float(sigmas_all[-1])


def karras(n):
    """k-diffusion's get_sigmas_karras, rounded once: its own single precision is a few last places off, which a
    Brownian path, whose times are rounded to 1e-6, shows as a thousandth of noise."""
    ramp = np.linspace(0, 1, n)
    sigmas = (SIGMA_MAX**(1 / 7) + ramp * (SIGMA_MIN**(1 / 7) - SIGMA_MAX**(1 / 7)))**7
    return torch.tensor(np.append(sigmas, 0), dtype=torch.float32)


def timestep_of(sigma):
    return float(np.interp(math.log(float(sigma)), logs, np.arange(1000)))


def denoise(x, sigma):
    sigma = sigma.reshape(-1)[0]
    return x - sigma * network(x / (sigma**2 + 1)**0.5, timestep_of(sigma))


K_SAMPLERS = {
    "dpm2": "dpm_2", "dpm2_a": "dpm_2_ancestral", "heun": "heun", "lms": "lms", "dpmpp_2s_a": "dpmpp_2s_ancestral",
    "dpmpp_sde": "dpmpp_sde", "dpmpp_2m": "dpmpp_2m", "dpmpp_2m_sde": "dpmpp_2m_sde", "dpmpp_3m_sde": "dpmpp_3m_sde",
    "dpmpp_2m_sde_heun": "dpmpp_2m_sde",
}
NOISY = ("dpm2_a", "dpmpp_2s_a", "dpmpp_sde", "dpmpp_2m_sde", "dpmpp_2m_sde_heun", "dpmpp_3m_sde")
PATHS = ("dpmpp_sde", "dpmpp_2m_sde", "dpmpp_2m_sde_heun", "dpmpp_3m_sde")


def k_samplers(k):
    for name, function in K_SAMPLERS.items():
        for noise in ("plain", "path") if name in PATHS else ("plain",):
            for n in (2, 3, 10, 25):
                sigmas = karras(n)
                g = generator(42)
                x = torch.randn(1, 4, 4, 4, generator=g) * sigmas[0]
                states = []
                arguments = dict(solver_type="heun") if name == "dpmpp_2m_sde_heun" else {}
                if noise == "path":
                    low, high = sigmas[sigmas > 0].min(), sigmas.max()
                    arguments["noise_sampler"] = k.BrownianTreeNoiseSampler(x, low, high, seed=[42])
                elif name in NOISY:
                    arguments["noise_sampler"] = lambda a, b, g=g: torch.randn(1, 4, 4, 4, generator=g)
                x = getattr(k, f"sample_{function}")(denoise, x, sigmas, disable=True, **arguments,
                                                     callback=lambda d: states.append(d["x"].flatten()[:4]))
                states = states[1:] + [x.flatten()[:4]]
                keep(f"k.{name}.{noise}.{n}", states=torch.stack(states), final=x.flatten())


def ipndm():
    """Zhang & Chen 2023: Adams and Bashforth's weights for even steps, on slopes in sigma."""
    weights = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]]
    for n in (1, 2, 3, 10, 25):
        sigmas = karras(n).double()
        x = torch.randn(1, 4, 4, 4, generator=generator(42)).double() * sigmas[0]
        slopes = []
        for a, b in zip(sigmas[:-1], sigmas[1:]):
            slopes = [network(x / (a**2 + 1)**0.5, timestep_of(a))] + slopes[:3]
            used = slopes if b > 0 else slopes[:1]
            x = x + (b - a) * sum(w * s for w, s in zip(weights[len(used) - 1], used))
        keep(f"formula.ipndm.{n}", final=x.flatten())


def cfgpp():
    """Chung et al. 2024, algorithm 2, in sigma; and ComfyUI's second order: over lambda = -log sigma the first order
    result plus half the change of guided x0 against the last unguided one."""
    for name in ("euler_cfgpp", "euler_a_cfgpp", "dpmpp_2m_cfgpp"):
        for n in (1, 2, 10, 25):
            sigmas = karras(n).double()
            g = generator(42)
            x = torch.randn(1, 4, 4, 4, generator=g).double() * sigmas[0]
            before = None
            for i in range(n):
                a, b = sigmas[i], sigmas[i + 1]
                eps = network(x / (a**2 + 1)**0.5, timestep_of(a))
                guided, unguided = x - a * eps, x - a * 0.9 * eps
                up = (b**2 * (a**2 - b**2) / a**2)**0.5 if name == "euler_a_cfgpp" else 0
                after = guided + (b**2 - up**2)**0.5 * (x - unguided) / a
                if up > 0:
                    after = after + up * torch.randn(1, 4, 4, 4, generator=g).double()
                if name == "dpmpp_2m_cfgpp" and before is not None and b > 0:
                    ratio = torch.log(a / b) / torch.log(sigmas[i - 1] / a)
                    after = after + (1 - b / a) * ratio / 2 * (guided - before)
                x, before = after, unguided
            keep(f"cfgpp.{name}.{n}", final=x.flatten())


# --- schedules -------------------------------------------------------------------------------------------------------

AYS = {"ays": [14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092, 0.9642583904,
               0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582],
       "ays_sdxl": [14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141, 0.5550693289,
                    0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582]}
A1111 = {"ays": [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, .963, .652, .399, .152, .029],
         "ays_sdxl": [14.615, 6.315, 3.771, 2.181, 1.342, .862, .555, .380, .234, .113, .029],
         "gits": [14.615, 4.617, 2.507, 1.236, .702, .402, .240, .156, .104, .094, .029],
         "gits_sdxl": [14.615, 4.734, 2.567, 1.529, .987, .652, .418, .268, .179, .127, .029]}


def sigma_at(t):
    return np.exp(np.interp(t, np.arange(1000), logs))


def loglinear(levels, n):
    return np.exp(np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(levels)), np.log(levels)))


def ddim_rising(n):
    return np.arange(1, 1000, max(1000 // n, 1))


def beta_comfyui(n):
    t = np.rint(stats.beta.ppf(1 - np.linspace(0, 1, n, endpoint=False), .6, .6) * 999)
    return sigma_at(np.array([a for i, a in enumerate(t) if i == 0 or a != t[i - 1]]))


def schedules():
    zero = lambda s: np.append(s, 0)
    for n in (1, 2, 3, 7, 10, 11, 20, 30, 60):
        ramp = np.linspace(0, 1, n)
        common = {
            "exponential": np.exp(np.linspace(math.log(SIGMA_MAX), math.log(SIGMA_MIN), n)),
            "polyexponential": np.exp(np.linspace(1, 0, n) * math.log(SIGMA_MAX / SIGMA_MIN) + math.log(SIGMA_MIN)),
            "sgm_uniform": sigma_at(np.linspace(999, 0, n + 1)[:-1]),
            "simple": np.array([sigmas_all[-(1 + int(x * (1000 / n)))] for x in range(n)]),
            "turbo": sigma_at(np.clip(np.round(np.flip(np.arange(1, n + 1) * (1000 / n) - 1)), 0, 999)),
            "gits": loglinear(A1111["gits"], n),
            "gits_sdxl": loglinear(A1111["gits_sdxl"], n),
        }
        for name, sigmas in common.items():
            keep(f"schedule.diffusers.{name}.{n}", sigmas=zero(sigmas))
        keep(f"schedule.diffusers.kl_optimal.{n}",
             sigmas=zero(np.tan(ramp * math.atan(SIGMA_MIN) + (1 - ramp) * math.atan(SIGMA_MAX))))
        steps = np.arange(n + 1) / n
        keep(f"schedule.a1111.kl_optimal.{n}",
             sigmas=np.tan(steps * math.atan(SIGMA_MIN) + (1 - steps) * math.atan(SIGMA_MAX)))
        for name in AYS:
            keep(f"schedule.comfyui.{name}.{n}", sigmas=zero(loglinear(AYS[name], n + 1)[:-1]))
            keep(f"schedule.diffusers.{name}.{n}", sigmas=zero(loglinear(AYS[name], n + 1)[:-1]))
            keep(f"schedule.a1111.{name}.{n}", sigmas=zero(loglinear(A1111[name], n)))
        keep(f"schedule.comfyui.beta.{n}", sigmas=zero(beta_comfyui(n)))
        keep(f"schedule.a1111.beta.{n}",
             sigmas=zero(SIGMA_MIN + stats.beta.ppf(1 - ramp, .6, .6) * (SIGMA_MAX - SIGMA_MIN)))
        for dialect in ("a1111", "comfyui"):
            keep(f"schedule.{dialect}.ddim.{n}", sigmas=zero(sigmas_all[ddim_rising(n)[::-1]]))
        keep(f"schedule.diffusers.ddim.{n}", sigmas=zero(sigmas_all[ddim_rising(n)[:n][::-1]]))


# --- noise -----------------------------------------------------------------------------------------------------------

QUERIES = [(14.5, 9.0), (9.0, 3.25), (14.5, 3.25), (3.25, 0.75), (0.75, 0.1234567), (0.1234567, 0.03),
           (2.0, 1.999999), (0.03, 14.5), (7.25, 3.625)]


def paths(k):
    for name, seed in {"0": 0, "42": 42, "big": 2**40 + 12345}.items():
        for size in (5, 16, 20):
            ends = torch.tensor(0.03), torch.tensor(14.5)
            sampler = k.BrownianTreeNoiseSampler(torch.zeros(1, size), *ends, seed=[seed])
            values = [sampler(torch.tensor(a), torch.tensor(b)) for a, b in QUERIES]
            keep(f"path.{name}.{size}", values=torch.cat(values))


def slerp(val, low, high):
    """modules/rng.py of A1111, from its description."""
    unit = lambda a: a / torch.norm(a, dim=1, keepdim=True)
    dot = (unit(low) * unit(high)).sum(1)
    if dot.mean() > 0.9995:
        return low * val + high * (1 - val)
    omega = torch.acos(dot)
    weight = lambda share: (torch.sin(share * omega) / torch.sin(omega)).unsqueeze(1)
    return weight(1 - val) * low + weight(val) * high


def variations():
    low, high = torch.randn(2, 2, 4, 3, generator=generator(3)).double()
    for name, other in {"apart": high, "near": low + 0.001 * high}.items():
        keep(f"variation.{name}", **{"from": low, "to": other, "mixed": slerp(0.3, low, other)})


def taming():
    cond, guided = torch.randn(2, 1, 64, generator=generator(4))
    guided = guided * 3 + 0.1
    keep("rescale", cond=cond, guided=guided)
    for share in (0.0, 0.7, 1.0):
        keep(f"rescale.{share}", values=rescale_noise_cfg(guided, cond, share))
    for name, ratio, most in (("usual", 0.9, 2.5), ("capped", 0.995, 1.5), ("clip", 0.995, 1.0)):
        config = dict(SD, thresholding=True, dynamic_thresholding_ratio=ratio, sample_max_value=most)
        scheduler = DPMSolverMultistepScheduler(**config)
        keep(f"threshold.{name}", values=scheduler._threshold_sample(guided.reshape(1, 1, 8, 8)).flatten())


if __name__ == "__main__":
    k = load_k_diffusion()
    diffusers_samplers()
    k_samplers(k)
    cfgpp()
    ipndm()
    schedules()
    paths(k)
    variations()
    taming()
    path = pathlib.Path(sys.argv[1]) / "samplers.safetensors"
    assert all(torch.isfinite(t).all() for t in tensors.values())
    golden_file.write(path, tensors, {"torch": torch.__version__})
    print(f"{len(tensors)} tensors, {path.stat().st_size} bytes")
