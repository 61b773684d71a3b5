# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the GPU itself and diffusers reach, for gpu.sh: prints one line of JSON for each measure.

    gpu_peers.py FOLDER [--modes floors,eager,compiled] [--steps 20,50] [--wait FILE] [--compile-mode MODE]

FOLDER is a diffusers folder. Times are medians by CUDA events, after warm-up; a step is one guided evaluation of the
U-Net (batch of two for each picture) with guidance and scheduler, as the pipeline does it. `compiled` is channels last and
torch.compile in its max-autotune mode, or in another where its minutes are not at hand. With --wait, everything is compiled and warmed up first, READY is printed, and the
measuring begins when FILE is there: so other programs can be measured in between, on an idle GPU."""
import argparse
import json
import os
import statistics
import sys
import time

import torch


def emit(**values):
    print(json.dumps(values), flush=True)


def median_ms(function, n):
    times = []
    for _ in range(n):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        function()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end))
    return statistics.median(times)


def floors():
    """The two ceilings: a large product of random bfloat16 numbers, and a large copy (bytes read and written)."""
    n = 8192
    a, b = (torch.randn(n, n, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        a @ b
    emit(what="matrix", tflops=2 * n ** 3 / median_ms(lambda: a @ b, 20) * 1e-9)
    x = torch.empty(1 << 31, device="cuda", dtype=torch.uint8)
    y = torch.empty_like(x)
    for _ in range(3):
        y.copy_(x)
    emit(what="copy", tbytes=2 * x.numel() / median_ms(lambda: y.copy_(x), 20) * 1e-9)


class Peer:
    def __init__(self, folder, compile_mode=None):
        from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
        from transformers import CLIPTextModel

        def load(kind, part):
            return kind.from_pretrained(f"{folder}/{part}", torch_dtype=torch.float16, local_files_only=True).eval().cuda()

        begin = time.monotonic()
        self.text, self.unet, self.vae = (load(CLIPTextModel, "text_encoder"), load(UNet2DConditionModel, "unet"),
                                          load(AutoencoderKL, "vae"))
        self.load_seconds = time.monotonic() - begin
        self.scheduler = EulerDiscreteScheduler.from_pretrained(f"{folder}/scheduler")
        self.unet_call, self.decode = self.unet, self.vae.decode
        if compile_mode:
            for part in (self.unet, self.vae):
                part.to(memory_format=torch.channels_last)
            self.unet_call = torch.compile(self.unet, mode=compile_mode, fullgraph=True)
            self.decode = torch.compile(self.vae.decode, mode=compile_mode, fullgraph=True)

    def encode(self, batch):
        ids = torch.full((2 * batch, self.text.config.max_position_embeddings), self.text.config.eos_token_id, device="cuda")
        ids[:, 0] = self.text.config.bos_token_id
        ids[batch:, 1:8] = torch.arange(7, device="cuda") + 1000
        return self.text(ids).last_hidden_state

    def sample(self, latent, context, timesteps):
        for timestep in timesteps:
            both = self.scheduler.scale_model_input(torch.cat([latent] * 2), timestep)
            without, given = self.unet_call(both, timestep, encoder_hidden_states=context).sample.chunk(2)
            latent = self.scheduler.step(without + 7 * (given - without), timestep, latent).prev_sample
        return latent

    def picture(self, steps, batch=1):
        self.scheduler.set_timesteps(steps, device="cuda")
        latent = torch.randn(batch, 4, 64, 64, device="cuda", dtype=torch.float16) * self.scheduler.init_noise_sigma
        latent = self.sample(latent, self.encode(batch), self.scheduler.timesteps)
        return self.decode(latent / self.vae.config.scaling_factor)[0].cpu()


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--modes", default="floors,eager,compiled")
    parser.add_argument("--steps", default="20,50")
    parser.add_argument("--batches", default="1")
    parser.add_argument("--compile-mode", default="max-autotune")
    parser.add_argument("--wait")
    options = parser.parse_args()
    modes, batches = options.modes.split(","), [int(b) for b in options.batches.split(",")]
    torch.backends.cudnn.benchmark = True

    peers = {}
    for mode in (m for m in modes if m != "floors"):
        begin = time.monotonic()
        peers[mode] = Peer(options.folder, options.compile_mode if mode == "compiled" else None)
        for batch in batches:
            peers[mode].picture(3, batch)
        emit(what="warm-up", peer=mode, seconds=time.monotonic() - begin, load_seconds=peers[mode].load_seconds)
    if options.wait:
        print("READY", flush=True)
        while not os.path.exists(options.wait):
            time.sleep(0.05)
    if "floors" in modes:
        floors()
    for mode, peer in peers.items():
        for batch in batches:
            peer.scheduler.set_timesteps(20, device="cuda")
            context = peer.encode(batch)
            latent = torch.randn(batch, 4, 64, 64, device="cuda", dtype=torch.float16)
            torch.cuda.reset_peak_memory_stats()

            def twenty():
                peer.scheduler.set_timesteps(20, device="cuda")
                peer.sample(latent, context, peer.scheduler.timesteps)

            twenty()
            emit(what="step", peer=mode, batch=batch, ms=median_ms(twenty, 5) / 20)
            emit(what="text", peer=mode, batch=batch, ms=median_ms(lambda: peer.encode(batch), 9))
            emit(what="decode", peer=mode, batch=batch, ms=median_ms(lambda: peer.decode(latent), 9))
            for steps in (int(s) for s in options.steps.split(",")):
                peer.picture(steps, batch)
                begin = time.monotonic()
                for _ in range(3):
                    peer.picture(steps, batch)
                emit(what="picture", peer=mode, batch=batch, steps=steps, seconds=(time.monotonic() - begin) / 3)
            emit(what="memory", peer=mode, batch=batch, mib=torch.cuda.max_memory_allocated() / 2 ** 20)


if __name__ == "__main__":
    sys.exit(main())
