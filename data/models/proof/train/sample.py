# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawing with the three networks, and sheets of pictures."""

import functools

import torch
from PIL import Image, ImageDraw

from .nets import LATENT_CHANNELS, SCALING_FACTOR

TIME_STEPS = 1000
BETA_FIRST, BETA_LAST = .00085, .012


@functools.lru_cache
def signal_shares():
    """Share of signal power left at each time step (alpha bar), [1000]."""
    betas = torch.linspace(BETA_FIRST ** .5, BETA_LAST ** .5, TIME_STEPS,
                           dtype=torch.float64).square()
    return torch.cumprod(1 - betas, 0).float()


@torch.no_grad()
def draw(unet, text, vae, tokenizer, shape, prompts, steps=25, guidance=3.,
         seed=7):
    """DDIM with leading steps: prompts -> pictures [B,3,H,W] in -1..1.

    Runs where the networks are; the noise is made on the host.
    """
    device = next(unet.parameters()).device
    shares, stride = signal_shares(), TIME_STEPS // steps
    edge, count = shape.latent_size, len(prompts)
    x = torch.randn(count, LATENT_CHANNELS, edge, edge,
                    generator=torch.Generator().manual_seed(seed)).to(device)
    context = text(torch.tensor(
        [tokenizer('')] * count + [tokenizer(p) for p in prompts]).to(device))
    for index in reversed(range(steps)):
        time = index * stride + 1
        share = shares[time].item()
        after = shares[time - stride if index else 0].item()
        times = torch.full((2 * count,), time, device=device)
        empty, told = unet(torch.cat([x, x]), times, context).chunk(2)
        velocity = empty + guidance * (told - empty)
        clean = share ** .5 * x - (1 - share) ** .5 * velocity
        noise = share ** .5 * velocity + (1 - share) ** .5 * x
        x = after ** .5 * clean + (1 - after) ** .5 * noise
    return vae.decode(x / SCALING_FACTOR).clamp(-1, 1)


def to_image(picture):
    """[3,H,W] in -1..1 -> PIL image."""
    values = ((picture + 1) * 127.5 + .5).clamp(0, 255).byte()
    return Image.fromarray(values.permute(1, 2, 0).numpy())


def sheet(images, columns, path, labels=None):
    """Writes PIL images side by side, with labels underneath if given."""
    width, height = images[0].size
    gap = 14 if labels else 4
    rows = -(-len(images) // columns)
    canvas = Image.new('RGB', (columns * (width + 4), rows * (height + gap)),
                       'white')
    pen = ImageDraw.Draw(canvas)
    for i, image in enumerate(images):
        x, y = i % columns * (width + 4), i // columns * (height + gap)
        canvas.paste(image, (x, y))
        if labels:
            pen.text((x + 2, y + height + 1), labels[i][:width // 6],
                     fill='black')
    canvas.save(path, optimize=True)
