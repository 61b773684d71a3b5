# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the autoencoder.

It leaves latents of mean 0 and deviation 1 a channel. In the later part the
decoder sees noise on the latents, so that small errors of the U-Net are
forgiven.
"""

import copy
import math

import torch
import torch.nn.functional as F
from torch import nn

from . import pictures, sample
from .clock import Means, save
from .nets import LATENT_CHANNELS, SCALING_FACTOR, Vae

LOG_SECONDS = 5
SPARE_SECONDS = 40      # before the deadline, for the U-Net to start
LATENT_NOISE = .2       # largest deviation, of a latent of deviation 1


def decay(elapsed, hold):
    """Learning-rate factor: 1 until hold, then a cosine down to 0.02."""
    if elapsed < hold:
        return 1.
    part = min(1., (elapsed - hold) / (1 - hold))
    return .02 + .98 * .5 * (1 + math.cos(math.pi * part))


def psnr(error):
    """Decibels for a mean square error of pictures in -1..1."""
    return -10 * math.log10(max(error, 1e-9) / 4)


def picture_loss(made, wanted):
    """Loss between pictures [B,3,H,W], and the plain square error.

    Absolute error with gradients and coarser scales keeps edges; it alone
    lets small coloured parts turn grey, so colour differences at half
    resolution are added squared.
    """
    diff = made - wanted
    small = F.avg_pool2d(diff, 2)
    smaller = F.avg_pool2d(small, 2)
    square = diff.square().mean()
    edges = ((diff[..., 1:] - diff[..., :-1]).abs().mean()
             + (diff[..., 1:, :] - diff[..., :-1, :]).abs().mean())
    red, green, blue = small.unbind(1)
    chroma = ((red - green).square().mean() + (blue - green).square().mean()
              + (2 * green - red - blue).square().mean())
    loss = (diff.abs().mean() + .5 * edges
            + .5 * (small.abs().mean() + smaller.abs().mean())
            + 2 * chroma + 2 * square)
    return loss, square


def thumbnail(x, size):
    """What latent channels 0..2 imitate at first: average colours.

    x [B,3,H,W] -> [B,3,size,size]: brightness, red-blue, green-magenta.
    """
    factor = x.shape[-1] // size
    red, green, blue = F.avg_pool2d(x, factor).unbind(1)
    return torch.stack([(red + green + blue) * .6 - .9, (red - blue) * 1.5,
                        (2 * green - red - blue) * 1.5], 1)


@torch.no_grad()
def whiten(vae, x):
    """Folds mean and deviation of the latents into the 1x1 convolutions."""
    z = torch.cat([vae.encode(part)[0] for part in x])
    mean, deviation = z.mean((0, 2, 3)), z.std((0, 2, 3))
    k = 1 / (deviation * SCALING_FACTOR)
    quant, post = vae.quant_conv, vae.post_quant_conv
    c = LATENT_CHANNELS
    quant.weight[:c] *= k[:, None, None, None]
    quant.bias[:c] = (quant.bias[:c] - mean) * k
    quant.bias[c:] += 2 * torch.log(k)
    post.bias += post.weight[:, :, 0, 0] @ mean
    post.weight /= k[None, :, None, None]


@torch.no_grad()
def follow(average, current, keep, step):
    """Moves averaged parameters towards the current ones."""
    keep = min(keep, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average), list(current), 1 - keep)


def as_picture(stored):
    """uint8 [B,3,H,W] -> float in -1..1, channels last."""
    return (stored.float() / 127.5 - 1).contiguous(
        memory_format=torch.channels_last)


@torch.no_grad()
def score(vae, x):
    """Decibels of encode and decode of pictures uint8 [B,3,H,W]."""
    total = 0.
    for part in x.split(64):
        part = as_picture(part)
        made = vae.decode(vae.encode(part)[0]).clamp(-1, 1)
        total += (made - part).square().mean((1, 2, 3)).sum().item()
    return psnr(total / len(x))


def compose_all(compositor, drawn, device, chunk=256):
    """Pictures uint8 [V,3,H,W] of views."""
    placed = pictures.to_device(drawn, device)
    made = []
    for first in range(0, len(placed['scene']), chunk):
        part = {name: value[first:first + chunk]
                for name, value in placed.items()}
        made.append(((compositor(part) + 1) * 127.5 + .5).byte())
    return torch.cat(made)


class Trainer:
    """The networks of one training of the autoencoder."""

    def __init__(self, shape, device, rate, compiler):
        self.shape, self.device, self.rate = shape, device, rate
        self.vae = Vae(shape).to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.vae)
        self.optimiser = torch.optim.AdamW(
            self.vae.parameters(), lr=rate, betas=(.9, .99),
            weight_decay=0., fused=device == 'cuda')
        self.losses = self._losses
        if compiler != 'none':
            self.losses = torch.compile(self._losses, backend=compiler)
        self.step = 0

    def _losses(self, x, warm, noisy):
        """Loss, square error, divergence for pictures [B,3,H,W]."""
        with torch.autocast(self.device, torch.bfloat16,
                            enabled=self.device == 'cuda'):
            mean, spread = self.vae.encode(x)
            mean, spread = mean.float(), spread.float().clamp(-20, 4)
            z = mean + torch.exp(.5 * spread) * torch.randn_like(mean)
            deviation = mean.detach().std((0, 2, 3), keepdim=True)
            share = torch.rand(len(z), 1, 1, 1, device=z.device) * noisy
            z = z + share * deviation * torch.randn_like(z)
            made = self.vae.decode(z).float()
        loss, square = picture_loss(made, x)
        divergence = .5 * (mean.square() + spread.exp() - 1 - spread).mean()
        guide = F.mse_loss(mean[:, :3], thumbnail(x, mean.shape[-1]))
        return loss + 1e-4 * divergence + warm * guide, square, divergence

    def learn(self, x, elapsed):
        """One step; returns the square error and the divergence."""
        factor = min(1, (self.step + 1) / 100) * decay(elapsed, .4)
        for group in self.optimiser.param_groups:
            group['lr'] = self.rate * factor
        warm = torch.tensor(2 * max(0., 1 - elapsed / .5),
                            device=self.device)
        noisy = torch.tensor(LATENT_NOISE if elapsed > .5 else 0.,
                             device=self.device)
        loss, square, divergence = self.losses(x, warm, noisy)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.vae.parameters(), 1.)
        if self.device == 'cuda':   # a step that is not finite is skipped
            self.optimiser.grad_scale = None
            self.optimiser.found_inf = (~torch.isfinite(norm)).float()
        self.optimiser.step()
        self.step += 1
        follow(self.average.parameters(), self.vae.parameters(), .998,
               self.step)
        return square, divergence


def train(shape, pixels, learnt, drawn, path, seconds, clock, report,
          device, batch=32, rate=1e-3, compiler='none'):
    """Trains for so many seconds of steps; the result goes to path.

    pixels: uint8 [N,4,H,W], of which drawn shows the first learnt; the
    others are only measured.
    """
    compositor = pictures.Compositor(pixels, device)
    x = compose_all(compositor, drawn, device)
    rows = torch.arange(learnt, len(pixels))
    held = ((compositor(pictures.plain_views(rows, device)) + 1)
            * 127.5 + .5).byte()
    report.say(f'{len(pixels)} pictures, {len(x)} views, '
               f'{len(held)} held out')
    trainer = Trainer(shape, device, rate, compiler)
    means, said = Means(), 0.
    while clock.active < seconds and not clock.over(SPARE_SECONDS):
        part = as_picture(x[torch.randint(len(x), (batch,), device=device)])
        square, divergence = trainer.learn(part, clock.active / seconds)
        means.add(square=square, divergence=divergence)
        clock.tick()
        if clock.active - said > LOG_SECONDS or trainer.step == 3:
            found = means.take()
            said = clock.active
            report.say(f'{said:.0f} s, step {trainer.step}, '
                       f'{trainer.step * batch / max(said, 1e-3):.0f} '
                       f'pictures/s, {psnr(found["square"]):.2f} dB, '
                       f'divergence {found["divergence"]:.2f}')
            report.figures(seconds=said, step=trainer.step, **found)
    vae = trainer.average
    chosen = x[torch.randperm(len(x), device=device)[:2048]]
    whiten(vae, [as_picture(part) for part in chosen.split(64)])
    save(vae.state_dict(), path)
    if len(held):
        report.say(f'{score(vae, held):.2f} dB on held-out things, '
                   f'{score(vae, chosen):.2f} dB on views')
        shown = held[:16]
        with torch.no_grad():
            made = vae.decode(vae.encode(as_picture(shown))[0])
        both = torch.cat([as_picture(shown), made.clamp(-1, 1)])
        sample.sheet([sample.to_image(p) for p in both.float().cpu()], 8,
                     report.path('vae.png'))
