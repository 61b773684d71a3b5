# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checkpoint of SD 1.5's exact shape with random weights, in both layouts, since the real ones cannot be shipped:

    python make_full_size.py --out FOLDER

writes FOLDER/sd15-random/ (diffusers) and FOLDER/sd15-random.safetensors (original naming), 2.1 GB each, F16, weights
as PyTorch initialises them; then has diffusers load the single file and holds every number against the folder's."""
import argparse
import pathlib

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import io_goldens


def build(seed):
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(**io_goldens.SD1_UNET)
    vae = AutoencoderKL(**io_goldens.FULL_VAE)
    text = CLIPTextModel(CLIPTextConfig(**io_goldens.SD1_TEXT))
    return [model.half().eval() for model in (unet, vae, text)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=15)
    options = parser.parse_args()
    folder, single = options.out / "sd15-random", options.out / "sd15-random.safetensors"

    unet, vae, text = build(options.seed)
    half = torch.float16
    io_goldens.write_diffusers(folder, unet, vae, text, half, half, half)
    io_goldens.write_ldm(single, unet, vae, text, half)

    # Names do not depend on the tokenizer; any will do for loading.
    tiny = pathlib.Path(__file__).parent.parent / "golden" / "tiny-diffusers" / "tokenizer"
    pipeline = StableDiffusionPipeline.from_single_file(
        str(single), config=str(folder), tokenizer=CLIPTokenizer.from_pretrained(tiny), safety_checker=None,
        torch_dtype=half, local_files_only=True)
    io_goldens.check_pipeline(pipeline, unet, vae, text)
    print("diffusers loads the single file, and every number is the folder's")


if __name__ == "__main__":
    main()
