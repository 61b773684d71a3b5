# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the autoencoder, in two parts.

train_vae learns encoder and decoder together and leaves latents of mean 0
and deviation 1 a channel. train_decoder then goes on with the decoder alone,
against a frozen encoder and with noise on the latents: what the U-Net learns
stays valid, and its small errors are forgiven.
"""

import collections
import copy
import math
import os
import random as random_module
import time

import torch
import torch.nn.functional as F
from torch import nn

from . import pictures, things
from .nets import LATENT_CHANNELS, SCALING_FACTOR, Vae

OTHER_SOURCES = (*things.STYLES, 'fluent', 'emojione')


def save(state, path):
    """Writes a checkpoint so that a stop never leaves half of one."""
    torch.save(state, path + '.tmp')
    os.replace(path + '.tmp', path)


def decay(elapsed, hold):
    """Learning-rate factor: 1 until hold, then a cosine down to 0.02."""
    if elapsed < hold:
        return 1.
    part = min(1., (elapsed - hold) / (1 - hold))
    return .02 + .98 * .5 * (1 + math.cos(math.pi * part))


def psnr(error):
    """Decibels for a mean square error of pictures in -1..1."""
    return -10 * math.log10(error / 4)


def load_pictures(pack, others):
    """Our things first, then some others: entries of ours, all pixels."""
    ours, pixels = pictures.load(pack, things.STYLES, things.THINGS)
    rest, more = pictures.load(pack, OTHER_SOURCES)
    chosen = random_module.Random(2).sample(range(len(rest)),
                                            min(others, len(rest)))
    return ours, torch.cat([pixels, more[chosen]])


def picture_loss(made, wanted):
    """Loss between pictures [B,3,H,W], and the plain square error.

    Absolute error with gradients and coarser scales keeps edges; it alone
    lets small coloured parts turn grey, so colour differences at half
    resolution are added squared.
    """
    diff = made - wanted
    half = F.avg_pool2d(diff, 2)
    quarter = F.avg_pool2d(half, 2)
    square = diff.square().mean()
    edges = ((diff[..., 1:] - diff[..., :-1]).abs().mean()
             + (diff[..., 1:, :] - diff[..., :-1, :]).abs().mean())
    red, green, blue = half.unbind(1)
    chroma = ((red - green).square().mean() + (blue - green).square().mean()
              + (2 * green - red - blue).square().mean())
    loss = (diff.abs().mean() + .5 * edges
            + .5 * (half.abs().mean() + quarter.abs().mean())
            + 2 * chroma + square)
    return loss, square.item()


def thumbnail(x, size):
    """What latent channels 0..2 imitate at first: average colours.

    x [B,3,H,W] -> [B,3,size,size]: brightness, red-blue, green-magenta.
    """
    red, green, blue = F.adaptive_avg_pool2d(x, size).unbind(1)
    return torch.stack([(red + green + blue) * .6 - .9, (red - blue) * 1.5,
                        (2 * green - red - blue) * 1.5], 1)


@torch.no_grad()
def whiten(vae, batches):
    """Folds mean and deviation of the latents into the 1x1 convolutions."""
    z = torch.cat([vae.encode(x)[0] for x in batches])
    mean, deviation = z.mean((0, 2, 3)), z.std((0, 2, 3))
    k = 1 / (deviation * SCALING_FACTOR)
    quant, post = vae.quant_conv, vae.post_quant_conv
    c = LATENT_CHANNELS
    quant.weight[:c] *= k[:, None, None, None]
    quant.bias[:c] = (quant.bias[:c] - mean) * k
    quant.bias[c:] += 2 * torch.log(k)
    post.bias += post.weight[:, :, 0, 0] @ mean
    post.weight /= k[None, :, None, None]


class Log:
    """Prints the means of what was added, now and then."""

    def __init__(self, seconds, batch):
        self.seconds, self.batch = seconds, batch
        self.begun = self.last = time.time()
        self.steps = 0
        self.sums = collections.Counter()

    def add(self, **values):
        """Counts one step; True when a line was printed."""
        self.steps += 1
        self.sums.update(values, n=1)
        now = time.time()
        if now - self.last < self.seconds:
            return False
        count = self.sums.pop('n')
        means = ' '.join(f'{k} {v / count:.4f}'
                         for k, v in self.sums.items())
        rate = self.steps * self.batch / (now - self.begun)
        print(f'{(now - self.begun) / 60:6.1f} min, step {self.steps}, '
              f'{rate:.0f} pictures/s, {means}', flush=True)
        self.sums.clear()
        self.last = now
        return True


def train_vae(shape, pack, path, minutes, batch=4, rate=1e-3, seed=1):
    """Encoder and decoder together; the result goes to path."""
    torch.manual_seed(seed)
    random = random_module.Random(seed)
    ours, pixels = load_pictures(pack, 700)

    def draw():
        return pictures.compose(pixels, [
            pictures.vae_view(len(ours), len(pixels), random)
            for _ in range(batch)])

    vae = Vae(shape).to(memory_format=torch.channels_last)
    average = copy.deepcopy(vae)
    parameters = list(vae.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(.9, .99),
                                  weight_decay=0.)
    log, begun = Log(30, batch), time.time()
    while (elapsed := (time.time() - begun) / (minutes * 60)) < 1:
        factor = min(1, log.steps / 100) * decay(elapsed, .5)
        for group in optimiser.param_groups:
            group['lr'] = rate * factor
        x = draw()
        mean, spread = vae.encode(x)
        spread = spread.clamp(-20, 4)
        z = mean + torch.exp(.5 * spread) * torch.randn_like(mean)
        loss, square = picture_loss(vae.decode(z), x)
        divergence = .5 * (mean.square() + spread.exp() - 1 - spread).mean()
        loss = loss + 1e-4 * divergence
        warm = 2 * max(0., 1 - elapsed / .6)
        loss = loss + warm * F.mse_loss(
            mean[:, :3], thumbnail(x, shape.latent_size))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.)
        optimiser.step()
        follow(average.parameters(), parameters, .998, log.steps)
        if log.add(square=square, kl=divergence.item()):
            save(average.state_dict(), path + '.raw')
    whiten(average, [draw() for _ in range(40)])
    save(average.state_dict(), path)
    print(f'autoencoder: {score(average, ours, pixels):.2f} dB on the set')


@torch.no_grad()
def follow(average, current, keep, step):
    """Moves averaged parameters towards the current ones."""
    keep = min(keep, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average), list(current), 1 - keep)


@torch.no_grad()
def score(vae, ours, pixels):
    """Decibels of encode and decode over our things on white."""
    total = 0.
    for first in range(0, len(ours), 16):
        last = min(first + 16, len(ours))
        x = pictures.compose(pixels, [pictures.View(i)
                                      for i in range(first, last)])
        made = vae.decode(vae.encode(x)[0]).clamp(-1, 1)
        total += (made - x).square().mean((1, 2, 3)).sum().item()
    return psnr(total / len(ours))


@torch.no_grad()
def encode_views(vae, pixels, views):
    """Unscaled mean latents [N,4,h,w] and pictures uint8 [N,3,H,W]."""
    latents, seen = [], []
    for first in range(0, len(views), 16):
        x = pictures.compose(pixels, views[first:first + 16])
        latents.append(vae.encode(x)[0])
        seen.append(((x + 1) * 127.5 + .5).byte())
    return torch.cat(latents), torch.cat(seen)


def decoder_views(ours, count, random):
    """Views for the decoder: fourteen of each of ours, one of the others."""
    views = []
    for index in range(count):
        for _ in range(14 if index < len(ours) else 1):
            view = pictures.View(index, random.random() < .5)
            if random.random() < .3:
                view.background = random.choice(list(things.BACKGROUNDS))
            if random.random() < .1:
                hues = list(things.HUES.values())
                view.turn = float(random.choice(hues) - random.choice(hues))
            if random.random() < .5:
                view.zoom = random.uniform(.85, 1.04)
                view.shift = (random.uniform(-.06, .06),
                              random.uniform(-.06, .06))
            view.paint = pictures.paint_for(view.background, random, 8)
            views.append(view)
    return views


def train_decoder(shape, pack, source, path, minutes, batch=4, rate=1e-3,
                  noise=.15, seed=2):
    """The decoder alone: reads source, writes path.

    noise: largest deviation of the noise on a latent of deviation 1.
    """
    torch.manual_seed(seed)
    random = random_module.Random(seed)
    ours, pixels = load_pictures(pack, 400)
    vae = Vae(shape)
    vae.load_state_dict(torch.load(source))
    vae = vae.to(memory_format=torch.channels_last)
    latents, seen = encode_views(
        vae, pixels, decoder_views(ours, len(pixels), random))
    average = copy.deepcopy(vae)

    def trained(net):
        return [*net.decoder.parameters(), *net.post_quant_conv.parameters()]

    parameters = trained(vae)
    optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(.9, .99),
                                  weight_decay=0.)
    log, begun = Log(60, batch), time.time()
    order = []
    while (elapsed := (time.time() - begun) / (minutes * 60)) < 1:
        factor = min(1, (log.steps + 1) / 100) * decay(elapsed, .3)
        for group in optimiser.param_groups:
            group['lr'] = rate * factor
        if len(order) < batch:
            order = torch.randperm(len(latents))
        chosen, order = order[:batch], order[batch:]
        x = seen[chosen].float() / 127.5 - 1
        z = latents[chosen]
        z = z + (noise / SCALING_FACTOR * torch.rand(batch, 1, 1, 1)
                 * torch.randn_like(z))
        loss, square = picture_loss(vae.decode(z), x)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.)
        optimiser.step()
        follow(trained(average), parameters, .998, log.steps)
        if log.add(square=square):
            save(average.state_dict(), path)
    save(average.state_dict(), path)
    print(f'decoder: {score(average, ours, pixels):.2f} dB on the set')
