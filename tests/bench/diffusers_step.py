# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What step.py times of diffusers: one guided picture, with a line "END phase" after each phase. The text is tokens
rather than words, so that no tokenizer is needed."""
import argparse

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from transformers import CLIPTextModel


def end(phase):
    print(f"END {phase}", flush=True)


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--guidance", type=float, required=True)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dtype = getattr(torch, options.dtype)

    def load(kind, part):
        return kind.from_pretrained(f"{options.folder}/{part}", dtype=dtype, local_files_only=True).eval()

    text, unet, vae = (load(CLIPTextModel, "text_encoder"), load(UNet2DConditionModel, "unet"),
                       load(AutoencoderKL, "vae"))
    scheduler = EulerDiscreteScheduler.from_pretrained(f"{options.folder}/scheduler")
    end("load")

    ids = torch.full((2, text.config.max_position_embeddings), text.config.eos_token_id)
    ids[:, 0] = text.config.bos_token_id
    ids[1, 1:8] = torch.arange(7) + 1000
    context = text(ids).last_hidden_state
    end("text")

    scheduler.set_timesteps(options.steps)
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    side = options.size // factor
    latent = torch.randn(1, unet.config.in_channels, side, side, dtype=dtype) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        both = scheduler.scale_model_input(torch.cat([latent] * 2), timestep)
        without, with_text = unet(both, timestep, context).sample.chunk(2)
        latent = scheduler.step(without + options.guidance * (with_text - without), timestep, latent).prev_sample
        end("step")
    vae.decode(latent / vae.config.scaling_factor)
    end("decode")


if __name__ == "__main__":
    main()
