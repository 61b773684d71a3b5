# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the engine against diffusers at SD 1.5's full size, with the random weights of make_full_size.py:

    python compare_full_size.py dump MODEL_FOLDER WORK_FOLDER       what diffusers computes, in float32 (minutes)
    MZ_GOLDEN_DIR=WORK_FOLDER build/tests/parity/dump-stages MODEL OURS     what the engine computes of the same inputs
    python compare_full_size.py compare WORK_FOLDER OURS            relative errors, as a table

WORK_FOLDER/inputs.safetensors and expected.safetensors then hold, in PyTorch's layout and F32 (ids I64):

  text.ids [2,77]              -> text.last [2,77,768]
  unet32.sample [2,4,32,32], unet32.context [2,77,768], unet32.timestep [1]   -> unet32.out, and in float64 unet32.out/f64
  unet64.sample [2,4,64,64], unet64.context, unet64.timestep                  -> unet64.out
  vae.latent [1,4,32,32], as the U-Net sees it         -> vae.decode [1,3,256,256], and in float64 vae.decode/f64
  vae.picture [1,3,256,256]                            -> vae.mean, vae.logvar [1,4,32,32]

OURS is a safetensors file with the expected names."""
import argparse
import pathlib
import time

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextModel

import golden_file

TIMESTEP = 741.0


def make_inputs():
    generator = torch.Generator().manual_seed(2026)

    def randn(*shape):
        return torch.randn(shape, generator=generator)

    # Words are any tokens; begin is 49406, end and padding 49407, as CLIP's tokenizer has them.
    words = torch.randint(0, 49406, (2, 77), generator=generator)
    words[:, 0] = 49406
    words[0, 12:], words[1, 76:] = 49407, 49407
    inputs = {"text.ids": words, "vae.latent": 0.9 * randn(1, 4, 32, 32),
              "vae.picture": (0.5 * randn(1, 3, 256, 256)).clamp(-1, 1)}
    for side in (32, 64):
        inputs |= {f"unet{side}.sample": randn(2, 4, side, side), f"unet{side}.context": randn(2, 77, 768),
                   f"unet{side}.timestep": torch.tensor([TIMESTEP])}
    return inputs


def run_text(folder, inputs):
    text = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval()
    return {"text.last": text(inputs["text.ids"]).last_hidden_state}


def run_unet(folder, inputs):
    unet = UNet2DConditionModel.from_pretrained(folder / "unet", dtype=torch.float32).eval()

    def evaluate(side, dtype):
        return unet(inputs[f"unet{side}.sample"].to(dtype), TIMESTEP, inputs[f"unet{side}.context"].to(dtype)).sample

    out = {f"unet{side}.out": evaluate(side, torch.float32) for side in (32, 64)}
    unet.double()
    return out | {"unet32.out/f64": evaluate(32, torch.float64).float()}


def run_vae(folder, inputs):
    vae = AutoencoderKL.from_pretrained(folder / "vae", dtype=torch.float32).eval()
    out = {"vae.decode": vae.decode(inputs["vae.latent"] / vae.config.scaling_factor).sample}
    posterior = vae.encode(inputs["vae.picture"]).latent_dist
    out |= {"vae.mean": posterior.mean, "vae.logvar": posterior.logvar}
    vae.double()
    wide = vae.decode(inputs["vae.latent"].double() / vae.config.scaling_factor).sample
    return out | {"vae.decode/f64": wide.float()}


@torch.no_grad()
def dump(model, work):
    work.mkdir(parents=True, exist_ok=True)
    inputs, expected = make_inputs(), {}
    golden_file.write(work / "inputs.safetensors", inputs, {})
    for run in (run_text, run_unet, run_vae):
        start = time.monotonic()
        expected |= run(model, inputs)
        print(f"{run.__name__}: {time.monotonic() - start:.0f} s")
    golden_file.write(work / "expected.safetensors", expected, {})
    print_table(expected, {})


def relative(tensor, exact):
    return f"{(tensor.double() - exact.double()).norm() / exact.double().norm():.2e}"


def print_table(expected, ours):
    """Relative errors: norm of the difference over norm."""
    print("| stage | ours, against PyTorch | ours, against float64 | PyTorch, against float64 |\n|---|---|---|---|")
    for name, theirs in expected.items():
        if name.endswith("/f64"):
            continue
        exact, tensor = expected.get(f"{name}/f64"), ours.get(name)
        cells = [relative(a, b) if a is not None and b is not None else "–"
                 for a, b in ((tensor, theirs), (tensor, exact), (theirs, exact))]
        print(f"| {name} | {' | '.join(cells)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("dump", "compare"))
    parser.add_argument("paths", type=pathlib.Path, nargs=2)
    options = parser.parse_args()
    if options.command == "dump":
        dump(*options.paths)
    else:
        work, ours = options.paths
        print_table(load_file(work / "expected.safetensors"), load_file(ours))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
