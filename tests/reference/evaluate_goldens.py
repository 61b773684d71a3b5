# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what diffusers says of pictures it did not make, with the small models of mini_models.py:

    python evaluate_goldens.py ../golden

  evaluations.safetensors, for each case
    CASE/picture       [H,W,3] U8
    CASE/timesteps     [T] I64
    CASE/autoencoder   [4] F32: mean square error of the reconstruction (values 0..1), PSNR in dB, KL in nats, KL for one
                       number of the latent
    CASE/noise         [T] F32 mean square error of the predicted noise at each timestep, over the latent and the samples
    CASE/own           [T] F32 the same of what the network predicts
    CASE/means         [2] F32 means of the two over the timesteps

The numbers come from float64 arithmetic and are rounded once; what float32 costs is printed (at most 6.3e-7, relative).
Sample i of a case draws from a generator of its own, seeded with seed + i: first the noise of the posterior's sample, then
one latent of noise for each timestep; noise is drawn in float32. The metadata's `cases` is JSON, an object by case: model,
prompt, seed, samples."""
import json
import pathlib
import sys

import torch
from diffusers import DDPMScheduler

import golden_file
import mini_models

TIMESTEPS = (0, 17, 250, 500, 801, 999)
CAPTION = "a red apple on a white plate"
CASES = {
    "sd1-mini": dict(model="sd1-mini", size=(32, 48), prompt="", seed=1234, samples=2),
    "sd1-mini-caption": dict(model="sd1-mini", size=(24, 24), prompt=CAPTION, seed=2**32 + 7, samples=1),
    "proof-mini": dict(model="proof-mini", size=(32, 48), prompt=CAPTION, seed=5, samples=2),
    "odd": dict(model="odd", size=(28, 20), prompt=CAPTION, seed=77, samples=1),
    "bare": dict(model="bare", size=(16, 18), prompt="", seed=0, samples=3),
}


def drawing(height, width, seed):
    """[H,W,3] U8: a slope of colours, a disc and some grain: something with edges, areas and texture."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    slope = torch.stack([x / width, y / height, 1 - x / width], dim=-1) * 200
    disc = (x - width * 0.4) ** 2 + (y - height * 0.55) ** 2 < (min(height, width) * 0.3) ** 2
    slope[disc] = torch.tensor([220.0, 40.0, 30.0])
    grain = torch.randint(-12, 13, slope.shape, generator=torch.Generator().manual_seed(seed))
    return (slope + grain).clamp(0, 255).to(torch.uint8)


def context_of(folder, text, prompt):
    tokenizer = mini_models.tokenizer_of(folder)
    ids = tokenizer([prompt], padding="max_length", max_length=tokenizer.model_max_length, truncation=True,
                    return_tensors="pt").input_ids
    return text(ids).last_hidden_state


def noise_of(scheduler, output, noisy, timestep):
    """The noise that an output stands for."""
    alpha_bar = scheduler.alphas_cumprod[timestep].to(output.dtype)
    kind = scheduler.config.prediction_type
    if kind == "epsilon":
        return output
    if kind == "v_prediction":
        return alpha_bar.sqrt() * output + (1 - alpha_bar).sqrt() * noisy
    return (noisy - alpha_bar.sqrt() * output) / (1 - alpha_bar).sqrt()


def target_of(scheduler, clean, noise, timesteps):
    kind = scheduler.config.prediction_type
    return noise if kind == "epsilon" else clean if kind == "sample" else scheduler.get_velocity(clean, noise, timesteps)


def autoencoder_of(vae, rgb):
    """The four numbers, and the posterior."""
    posterior = vae.encode(rgb).latent_dist
    mse = ((vae.decode(posterior.mode()).sample.clamp(-1, 1) - rgb) / 2).square().mean()
    kl = posterior.kl().sum()
    return torch.stack([mse, -10 * mse.log10(), kl, kl / posterior.mean.numel()]), posterior


def evaluate(case, folder, picture, dtype):
    unet, vae, text = (part.to(dtype) for part in mini_models.build(case["model"]))
    scheduler = DDPMScheduler.from_pretrained(folder, subfolder="scheduler")
    shift, scale = vae.config.shift_factor or 0, vae.config.scaling_factor
    rgb = picture.permute(2, 0, 1)[None].to(dtype) / 127.5 - 1
    autoencoder, posterior = autoencoder_of(vae, rgb)
    context = context_of(folder, text, case["prompt"])
    noise_loss, own_loss = (torch.zeros(len(TIMESTEPS), dtype=dtype) for _ in range(2))
    for sample in range(case["samples"]):
        generator = torch.Generator().manual_seed(case["seed"] + sample)

        def draw():
            return torch.randn(posterior.mean.shape, generator=generator).to(dtype)
        clean = (posterior.mean + posterior.std * draw() - shift) * scale
        for i, t in enumerate(TIMESTEPS):
            noise, at = draw(), torch.tensor([t])
            noisy = scheduler.add_noise(clean, noise, at)
            output = unet(noisy, t, context).sample
            noise_loss[i] += (noise_of(scheduler, output, noisy, t) - noise).square().mean() / case["samples"]
            own_loss[i] += (output - target_of(scheduler, clean, noise, at)).square().mean() / case["samples"]
    return {"autoencoder": autoencoder, "noise": noise_loss, "own": own_loss,
            "means": torch.stack([noise_loss.mean(), own_loss.mean()])}


@torch.no_grad()
def main(golden):
    out = {}
    for name, case in CASES.items():
        folder = golden / "models" / case["model"]
        picture = drawing(*case["size"], seed=len(out))
        wide, plain = (evaluate(case, folder, picture, dtype) for dtype in (torch.float64, torch.float32))
        out |= {f"{name}/picture": picture, f"{name}/timesteps": torch.tensor(TIMESTEPS)}
        for key, exact in wide.items():
            out[f"{name}/{key}"] = exact.float()
            off = ((plain[key].double() - exact) / exact).abs().max()
            print(f"{name:17} {key:12} float32 off by {off:.1e}  {[f'{v:.4g}' for v in exact.tolist()]}")
    cases = {name: {key: case[key] for key in ("model", "prompt", "seed", "samples")} for name, case in CASES.items()}
    golden_file.write(golden / "evaluations.safetensors", out, {
        "command": "tests/reference/evaluate_goldens.py tests/golden", "cases": json.dumps(cases, sort_keys=True),
        "torch": torch.__version__})


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main(pathlib.Path(sys.argv[1]))
