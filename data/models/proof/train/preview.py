# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny decoder for previews, of TAESD's form, fitted to a trained model.

It learns on the processor, in minutes, what the pictures are that the
autoencoder's latents stand for. A predicted clean latent in the middle of a
run is one of some error, so the latents get noise.
"""

import copy
import os
import time

import torch
import torch.nn.functional as F
from torch import nn

from . import export, pictures, sample, vae, views
from .nets import LATENT_CHANNELS, SCALING_FACTOR
from .run import split_entries

CHANNELS, BATCH, VIEWS = 16, 8, 1200
FILE = 'taesd_decoder.safetensors'


class Limit(nn.Module):
    """Latents within +-3, softly."""

    def forward(self, x):
        return 3 * torch.tanh(x / 3)


class Block(nn.Module):
    """Three convolutions beside a way around them."""

    def __init__(self, c):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1))

    def forward(self, x):
        return F.relu(self.conv(x) + x)


def decoder(factor, c=CHANNELS):
    """Latents as the U-Net sees them [B,4,h,w] -> colours 0..1 [B,3,H,W].
    The numbers of the layers are TAESD's."""
    layers = [Limit(), nn.Conv2d(LATENT_CHANNELS, c, 3, padding=1),
              nn.ReLU()]
    levels = factor.bit_length()
    for level in range(levels):
        if level:
            layers += [nn.Upsample(scale_factor=2),
                       nn.Conv2d(c, c, 3, padding=1, bias=False)]
        layers += [Block(c) for _ in range(3 if level < levels - 1 else 1)]
    return nn.Sequential(*layers, nn.Conv2d(c, 3, 3, padding=1))


@torch.no_grad()
def make_pairs(pack, auto, count):
    """Pictures uint8 [V,3,H,W] of views, and their latents f16."""
    learnt, held = split_entries(pack, 0)
    drawn = views.make(learnt, os.path.join(pack, 'tokenizer'), 77, 700,
                       count)
    compositor = pictures.Compositor(
        pictures.read_pixels(pack, [*learnt, *held]), 'cpu')
    x = vae.compose_all(compositor, drawn, 'cpu')
    rows = torch.arange(len(learnt), len(learnt) + len(held))
    unseen = ((compositor(pictures.plain_views(rows, 'cpu')) + 1)
              * 127.5 + .5).byte()
    latents = [torch.cat([
        auto.encode(vae.as_picture(part))[0] * SCALING_FACTOR
        for part in stored.split(64)]).half() for stored in (x, unseen)]
    return (x, latents[0]), (unseen, latents[1])


def learn(net, x, latents, seconds):
    """Trains for so many seconds; returns the averaged network."""
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3,
                                  betas=(.9, .99), weight_decay=0.)
    begun, step, said = time.monotonic(), 0, 0.
    while (gone := time.monotonic() - begun) < seconds:
        rows = torch.randint(len(x), (BATCH,))
        z = latents[rows].float()
        z = z + .2 * torch.rand(BATCH, 1, 1, 1) * torch.randn_like(z)
        loss, square = vae.picture_loss(net(z) * 2 - 1,
                                        vae.as_picture(x[rows]))
        factor = min(1, (step + 1) / 50) * vae.decay(gone / seconds, .5)
        for group in optimiser.param_groups:
            group['lr'] = 3e-3 * factor
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        optimiser.step()
        step += 1
        vae.follow(average.parameters(), net.parameters(), .995, step)
        if gone - said > 20:
            said = gone
            print(f'preview: {gone:.0f} s, step {step}, '
                  f'{vae.psnr(square.item()):.2f} dB', flush=True)
    return average.eval()


def fit(pack, model, seconds, sheet=None):
    """Fits one to the model in a folder, and writes it beside."""
    auto = export.read_vae(os.path.join(model, 'vae'))
    torch.manual_seed(5)
    (x, latents), (unseen, of_unseen) = make_pairs(pack, auto, VIEWS)
    factor = x.shape[-1] // latents.shape[-1]
    net = learn(decoder(factor), x, latents, seconds)
    with torch.no_grad():
        made = torch.cat([net(z.float()) * 2 - 1
                          for z in of_unseen.split(64)]).clamp(-1, 1)
        wanted = vae.as_picture(unseen)
        error = (made - wanted).square().mean().item()
    size = export.write_safetensors(net.state_dict(), model, FILE)
    print(f'preview: {vae.psnr(error):.2f} dB on held-out things, '
          f'{size / 1e3:.0f} kB')
    if sheet:
        both = torch.cat([wanted[:10], made[:10]])
        sample.sheet([sample.to_image(p) for p in both], 10, sheet)
