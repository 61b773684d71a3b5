# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes whole pictures that diffusers' pipeline makes with the small models of mini_models.py:

    python picture_goldens.py ../golden

  pictures-NAME.safetensors     for each case
    CASE/latents                [1,C,h,w] F32 the last latents, as the U-Net sees them
    CASE/picture                [H,W,3] U8, rounded as diffusers does
    CASE/trajectory             [steps,C,h,w] F32, only in cases of 20 steps: the latents after each step, in the
                                scale of diffusers' scheduler (variance exploding for Euler and Euler a)

The metadata's `cases` is JSON, an object by case: prompt, negative_prompt, width, height, steps, guidance, seed, eta,
clip_skip (1 = last layer), and where they are not the defaults guidance_rescale, zero_snr, threshold_ratio and
threshold_limit; sampler and schedule by the engine's ids; diffusers' scheduler class and its whole config;
timesteps; and what float32 costs in this case, measured against the same run with the network in float64 (noise drawn
in float32 in both): `error_latents`, relative (norm of difference / norm), and `error_picture`, the largest difference
in 1/255."""
import json
import math
import pathlib
import sys

import diffusers
import numpy as np
import torch
from diffusers import schedulers
from diffusers.image_processor import VaeImageProcessor
from diffusers.pipelines.stable_diffusion import pipeline_stable_diffusion

import golden_file
import mini_models

PROMPT = "a watercolor painting of a small house with a red door"
NEGATIVE = "a black and white photo"

# Name: (the engine's sampler, the engine's schedule, diffusers' class, its options)
SPACED = {spacing: dict(timestep_spacing=spacing) for spacing in ("leading", "linspace", "trailing")}
KARRAS = dict(use_karras_sigmas=True)
METHODS = {
    "ddpm": ("ddpm", "leading", "DDPMScheduler", SPACED["leading"]),
    "ddim": ("ddim", "leading", "DDIMScheduler", SPACED["leading"]),
    "ddim-trailing": ("ddim", "trailing", "DDIMScheduler", SPACED["trailing"]),
    "ddim-eta": ("ddim", "leading", "DDIMScheduler", SPACED["leading"]),
    "plms": ("plms", "leading", "PNDMScheduler", dict(SPACED["leading"], skip_prk_steps=True)),
    "euler": ("euler", "leading", "EulerDiscreteScheduler", SPACED["leading"]),
    "euler-linspace": ("euler", "linspace", "EulerDiscreteScheduler", SPACED["linspace"]),
    "euler-trailing": ("euler", "trailing", "EulerDiscreteScheduler", SPACED["trailing"]),
    "euler-karras": ("euler", "karras_spaced", "EulerDiscreteScheduler", KARRAS),
    "euler_a": ("euler_a", "leading", "EulerAncestralDiscreteScheduler", SPACED["leading"]),
    "euler_a-trailing": ("euler_a", "trailing", "EulerAncestralDiscreteScheduler", SPACED["trailing"]),
    "dpmpp_2m": ("dpmpp_2m", "linspace", "DPMSolverMultistepScheduler", SPACED["linspace"]),
    "dpmpp_2m-trailing": ("dpmpp_2m", "trailing", "DPMSolverMultistepScheduler", SPACED["trailing"]),
    "dpmpp_2m-karras": ("dpmpp_2m", "karras_spaced", "DPMSolverMultistepScheduler", KARRAS),
}
# What the request itself asks for: the same, and the fields of the request. In picture files of models in EXTRAS only.
ZERO_SNR = dict(SPACED["trailing"], rescale_betas_zero_snr=True)
THRESHOLD = dict(thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=1.5)
THRESHOLD_REQUEST = dict(threshold_ratio=0.9, threshold_limit=1.5)
EXTRA_METHODS = {
    "rescale": ("euler", "leading", "EulerDiscreteScheduler", SPACED["leading"], dict(guidance_rescale=0.7)),
    "zero-snr": ("ddim", "trailing", "DDIMScheduler", ZERO_SNR, dict(zero_snr=True)),
    "zero-snr-euler": ("euler", "trailing", "EulerDiscreteScheduler", ZERO_SNR, dict(zero_snr=True)),
    "threshold": ("dpmpp_2m", "linspace", "DPMSolverMultistepScheduler", SPACED["linspace"] | THRESHOLD,
                  THRESHOLD_REQUEST),
    "threshold-ddim": ("ddim", "leading", "DDIMScheduler", SPACED["leading"] | THRESHOLD, THRESHOLD_REQUEST),
}
EXTRAS = {"sd1-mini": ("rescale", "threshold"), "proof-mini": tuple(EXTRA_METHODS)}
# The schedulers that cannot be told that the network predicts the sample.
NO_SAMPLE = ("PNDMScheduler", "EulerAncestralDiscreteScheduler")
ETA = 0.6


def finite(config):
    """A scheduler's config as JSON can hold it: infinities as text."""
    return {k: str(v) if isinstance(v, float) and math.isinf(v) else v
            for k, v in config.items() if not k.startswith("_")}


def cases_of(name):
    """(case, method, what differs from the plain case)"""
    side = dict(width=48, height=32, steps=12, guidance=5.0, seed=1234, clip_skip=1, negative_prompt=NEGATIVE)
    if name == "odd":
        side["guidance"] = 2.0  # more makes this network's trajectories chaotic: see error_latents
    small = dict(side, width=24, height=16, steps=20, guidance=7.5, seed=42)
    sample = mini_models.MODELS[name]["scheduler"]["prediction_type"] == "sample"
    methods = [m for m in METHODS if not sample or METHODS[m][2] not in NO_SAMPLE]
    if name == "bare":  # its nine positions cut the prompts off; a pixel a latent cell
        methods = ["euler_a", "dpmpp_2m"]
    for method in methods:
        yield method, method, side
    for method in methods:
        if name in ("sd1-mini", "proof-mini") and method not in ("ddim-trailing", "euler_a-trailing", "dpmpp_2m-trailing"):
            yield f"{method}-20", method, small
    yield "unguided", "euler", dict(side, guidance=1.0, negative_prompt="")
    yield "clip-skip", "ddim", dict(side, clip_skip=2)
    if name == "bare":
        return
    yield "odd-sizes", "dpmpp_2m", dict(side, width=40, height=56, seed=2**32 + 7)
    yield "one-step", "ddim", dict(side, steps=1, seed=0)
    for method in EXTRAS.get(name, ()):
        yield method, method, side | EXTRA_METHODS[method][4]


def draw_in_float32(shape, generator=None, device=None, dtype=None, layout=None):
    """Stands in for diffusers' randn_tensor, so that runs in float64 get the same noise."""
    return torch.randn(shape, generator=generator).to(dtype or torch.float32)


def patch_noise():
    pipeline_stable_diffusion.randn_tensor = draw_in_float32
    for module in ("ddim", "ddpm", "euler_ancestral_discrete"):
        getattr(schedulers, f"scheduling_{module}").randn_tensor = draw_in_float32


def encode(pipeline, prompt, clip_skip):
    ids = pipeline.tokenizer(prompt, padding="max_length", max_length=pipeline.tokenizer.model_max_length,
                             truncation=True, return_tensors="pt").input_ids
    states = pipeline.text_encoder(ids, output_hidden_states=True)
    if clip_skip == 1:
        return states.last_hidden_state
    return pipeline.text_encoder.final_layer_norm(states.hidden_states[-clip_skip])


def decode(vae, latents):
    """[H,W,3] U8 as StableDiffusionPipeline does, and with the VAE's shift, which only later pipelines know."""
    image = vae.decode(latents / vae.config.scaling_factor + (vae.config.shift_factor or 0)).sample
    return np.asarray(VaeImageProcessor().postprocess(image.detach(), output_type="pil")[0])


def make(pipeline, case, eta):
    """The last latents, those after each step, and the picture."""
    trajectory = []

    def remember(_pipeline, _i, _t, values):
        trajectory.append(values["latents"].detach().clone())
        return values

    latents = pipeline(
        prompt_embeds=encode(pipeline, case["prompt"], case["clip_skip"]),
        negative_prompt_embeds=encode(pipeline, case["negative_prompt"], case["clip_skip"]),
        width=case["width"], height=case["height"], num_inference_steps=case["steps"],
        guidance_scale=case["guidance"], guidance_rescale=case.get("guidance_rescale", 0.0), eta=eta,
        generator=torch.Generator("cpu").manual_seed(case["seed"]), output_type="latent", callback_on_step_end=remember).images
    assert torch.equal(trajectory[-1], latents)
    return latents, torch.cat(trajectory), decode(pipeline.vae, latents)


def check_against_pipeline(pipeline, case, picture):
    """Our encode and decode are the pipeline's own."""
    theirs = pipeline(case["prompt"], negative_prompt=case["negative_prompt"], width=case["width"],
                      height=case["height"], num_inference_steps=case["steps"], guidance_scale=case["guidance"],
                      generator=torch.Generator("cpu").manual_seed(case["seed"])).images[0]
    assert np.array_equal(np.asarray(theirs), picture)


def run_case(pipelines, name, method, settings):
    """(what the metadata says, latents, trajectory, picture)"""
    sampler, schedule, class_name, options = (METHODS | EXTRA_METHODS)[method][:4]
    config = dict(mini_models.MODELS[name]["scheduler"])
    scheduler_class = getattr(diffusers, class_name)
    known = set(scheduler_class.__init__.__annotations__)
    config = {k: v for k, v in (config | options).items() if k in known}
    eta = ETA if method == "ddim-eta" else 0.0
    case = dict(prompt=PROMPT, sampler=sampler, schedule=schedule, eta=eta, **settings)
    results = []
    for pipeline in pipelines:
        pipeline.scheduler = scheduler_class(**config)
        results.append(make(pipeline, case, eta))
    (latents, trajectory, picture), (wide_latents, _, wide_picture) = results
    plain = pipelines[0]
    if not plain.vae.config.shift_factor and method == "euler" and settings["steps"] == 12:
        check_against_pipeline(plain, case, picture)
    difference = (latents.double() - wide_latents).norm() / wide_latents.norm()
    case |= dict(
        diffusers=class_name, config=finite(plain.scheduler.config),
        timesteps=plain.scheduler.timesteps.tolist(), error_latents=float(difference),
        error_picture=int(np.abs(picture.astype(int) - wide_picture.astype(int)).max()))
    return case, latents, trajectory, picture


@torch.no_grad()
def main(golden):
    patch_noise()
    for name in mini_models.MODELS:
        folder = golden / "models" / name
        pipelines = [mini_models.pipeline_of(folder), mini_models.pipeline_of(folder).to(torch.float64)]
        pipelines[1].set_progress_bar_config(disable=True)
        cases, out = {}, {}
        for key, method, settings in cases_of(name):
            case, latents, trajectory, picture = run_case(pipelines, name, method, settings)
            cases[key] = case
            out[f"{key}/latents"], out[f"{key}/picture"] = latents, torch.from_numpy(picture.copy())
            if case["steps"] == 20:
                out[f"{key}/trajectory"] = trajectory
            print(f"{name:11} {key:20} float32 off by {case['error_latents']:.1e}, {case['error_picture']}/255; "
                  f"latents {latents.std():6.2f}, picture {picture.min()}..{picture.max()}")
        golden_file.write(golden / f"pictures-{name}.safetensors", out, {
            "command": "tests/reference/picture_goldens.py tests/golden", "cases": json.dumps(cases, allow_nan=False),
            "diffusers": diffusers.__version__, "torch": torch.__version__})


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main(pathlib.Path(sys.argv[1]))
