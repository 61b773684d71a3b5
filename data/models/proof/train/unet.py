# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the U-Net and the text encoder.

The latents of all views are made once. The text encoder first learns, alone
and in a minute, to tell what its captions say (thing, style, background,
colour); that keeps all captions from collapsing into one before the U-Net
has found them. A small share of that loss stays on. The run can be stopped
at any time (a file STOP in its folder, or a kill) and goes on from the last
checkpoint; the learning rate follows the clock, not the steps.
"""

import copy
import dataclasses
import os
import random as random_module
import time

import torch
import torch.nn.functional as F
from torch import nn

from . import pictures, probe, things
from .bpe import Tokenizer
from .nets import SCALING_FACTOR, TextEncoder, UNet, Vae
from .sample import signal_shares
from .vae import Log, decay, encode_views, follow, save

EMPTY_SHARE = .1        # of captions dropped, for guidance
PARALLEL_LOSS = .05     # weight of the caption loss beside the U-Net's
TEXT_RATE = .3          # learning rate of the text encoder, relative
CHECKPOINT_SECONDS = 110
PROBE_SECONDS = 120


class CaptionReader(nn.ModuleList):
    """Linear heads that read a caption's content off the text states."""

    def __init__(self, width):
        super().__init__(nn.Linear(width, n) for n in things.LABEL_COUNTS)

    def loss(self, states, ids, end, labels):
        """Loss and share of things named right.

        states [B,N,D], ids [B,N], labels [B,4]; the states of the end
        tokens are averaged.
        """
        mask = (ids == end).float()
        mask = mask / mask.sum(1, keepdim=True)
        pooled = (states * mask[..., None]).sum(1)
        guesses = [head(pooled) for head in self]
        loss = sum(F.cross_entropy(guess, labels[:, i])
                   for i, guess in enumerate(guesses))
        return loss, (guesses[0].argmax(1) == labels[:, 0]).float().mean()


class Captions:
    """Draws views by weight and writes captions for them."""

    def __init__(self, entries, views, tokenizer, random):
        self.entries, self.views = entries, views
        self.tokenizer, self.random = tokenizer, random
        self.weights = pictures.sampling_weights(entries, views)
        self.drawn = []

    def draw(self, count):
        """count view numbers."""
        if len(self.drawn) < count:
            self.drawn = torch.multinomial(self.weights, 4096, True).tolist()
        drawn, self.drawn = self.drawn[:count], self.drawn[count:]
        return drawn

    def write(self, numbers):
        """Token ids [B,N] and labels [B,4] of fresh captions."""
        ids, labels = [], []
        for number in numbers:
            view = self.views[number]
            entry = self.entries[view.index]
            text, styled = things.caption(entry, view.background,
                                          view.colour, self.random)
            ids.append(self.tokenizer(text))
            labels.append(things.labels(entry, styled, view.background,
                                        view.colour))
        return torch.tensor(ids), torch.tensor(labels)


def train_text(text, reader, captions, steps):
    """Teaches the text encoder to keep captions apart."""
    parameters = [*text.parameters(), *reader.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, betas=(.9, .99))
    for step in range(steps):
        ids, labels = captions.write(captions.draw(48))
        loss, right = reader.loss(text(ids), ids, captions.tokenizer.end,
                                  labels)
        for group in optimiser.param_groups:
            group['lr'] = (1e-3 * min(1, (step + 1) / 50)
                           * (1 - step / steps * .9))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(text.parameters(), 1.)
        optimiser.step()
        if step % 50 == 49:
            print(f'text, step {step + 1}: loss {loss.item():.3f}, '
                  f'{right:.0%} of things right', flush=True)


def spread_times(count):
    """count time steps, one from each part of the 1000: less noise in the
    gradient than independent ones."""
    parts = (torch.randperm(count) + torch.rand(count)) / count
    return (((parts + torch.rand(1)) % 1) * 1000).long().clamp(0, 999)


class Run:
    """State of one training: networks, their averages, optimiser, clock."""

    def __init__(self, shape, folder, rate, tokenizer, compiled):
        self.shape, self.rate = shape, rate
        self.end = tokenizer.end
        self.empty = torch.tensor(tokenizer(''))
        self.path = os.path.join(folder, 'unet.pt')
        self.unet = UNet(shape).to(memory_format=torch.channels_last)
        self.guess = torch.compile(self.unet) if compiled else self.unet
        self.text = TextEncoder(shape)
        self.reader = CaptionReader(shape.text_width)
        self.average_unet = copy.deepcopy(self.unet)
        self.average_text = copy.deepcopy(self.text)
        self.optimiser = torch.optim.AdamW([
            {'params': list(self.unet.parameters()), 'factor': 1.},
            {'params': list(self.text.parameters()), 'factor': TEXT_RATE},
            {'params': list(self.reader.parameters()), 'factor': 1.},
        ], lr=rate, betas=(.9, .99), weight_decay=.01)
        self.step, self.spent = 0, 0.

    PARTS = ('unet', 'text', 'reader', 'average_unet', 'average_text',
             'optimiser')

    def save(self):
        """Writes the checkpoint."""
        state = {name: getattr(self, name).state_dict()
                 for name in self.PARTS}
        save(dict(state, step=self.step, spent=self.spent,
                  shape=dataclasses.asdict(self.shape)), self.path)

    def resume(self):
        """Reads the checkpoint where there is one; says whether."""
        if not os.path.exists(self.path):
            return False
        state = torch.load(self.path)
        for name in self.PARTS:
            getattr(self, name).load_state_dict(state[name])
        self.step, self.spent = state['step'], state['spent']
        return True

    def begin(self, captions, text_steps):
        """First part of a new run."""
        train_text(self.text, self.reader, captions, text_steps)
        self.average_text.load_state_dict(self.text.state_dict())

    def learn(self, latents, ids, labels, elapsed):
        """One step on latents [B,4,h,w]; returns the two losses."""
        dropped = torch.rand(len(latents)) < EMPTY_SHARE
        ids[dropped] = self.empty
        time_steps = spread_times(len(latents))
        share = signal_shares()[time_steps][:, None, None, None]
        noise = torch.randn_like(latents)
        noisy = share.sqrt() * latents + (1 - share).sqrt() * noise
        wanted = share.sqrt() * noise - (1 - share).sqrt() * latents
        states = self.text(ids)
        guess = self.guess(
            noisy.contiguous(memory_format=torch.channels_last),
            time_steps, states)
        loss = F.mse_loss(guess, wanted)
        kept = ~dropped
        beside, _ = self.reader.loss(states[kept], ids[kept],
                                     self.end, labels[kept])
        factor = min(1, (self.step + 1) / 150) * decay(elapsed, .5)
        for group in self.optimiser.param_groups:
            group['lr'] = self.rate * factor * group['factor']
        self.optimiser.zero_grad(set_to_none=True)
        (loss + PARALLEL_LOSS * beside).backward()
        nn.utils.clip_grad_norm_([*self.unet.parameters(),
                                  *self.text.parameters()], 1.)
        self.optimiser.step()
        self.step += 1
        for average, current in ((self.average_unet, self.unet),
                                 (self.average_text, self.text)):
            follow(average.parameters(), current.parameters(), .9993,
                   self.step)
        return loss.item(), beside.item()


def cached_latents(shape, pack, vae_path, folder, random):
    """Entries, views and scaled latents f16 [N,4,h,w]; made once."""
    path = os.path.join(folder, 'latents.pt')
    entries, pixels = pictures.load(pack, things.STYLES, things.THINGS)
    if os.path.exists(path):
        views, latents = torch.load(path, weights_only=False)
        return entries, views, latents
    vae = Vae(shape)
    vae.load_state_dict(torch.load(vae_path))
    views = pictures.training_views(entries, random)
    with torch.no_grad():
        latents, _ = encode_views(
            vae.to(memory_format=torch.channels_last), pixels, views)
    latents = (latents * SCALING_FACTOR).half()
    save((views, latents), path)
    return entries, views, latents


def train_unet(shape, pack, vae_path, tokens, folder, minutes, batch=16,
               rate=1e-3, text_steps=150, seed=1, compiled=False):
    """U-Net and text encoder; the checkpoint is folder/unet.pt.

    minutes is for the run in all; a resumed run does what is left of them.
    compiled: through torch.compile, about a sixth faster.
    """
    torch.manual_seed(seed)
    random = random_module.Random(seed)
    os.makedirs(folder, exist_ok=True)
    tokenizer = Tokenizer(tokens, shape.tokens)
    entries, views, latents = cached_latents(shape, pack, vae_path, folder,
                                             random)
    print(f'{len(entries)} pictures, {len(views)} views', flush=True)
    captions = Captions(entries, views, tokenizer, random)
    run = Run(shape, folder, rate, tokenizer, compiled)
    if not run.resume():
        run.begin(captions, text_steps)
    gaps = probe.Probe(entries, views, latents, tokenizer)
    log = Log(30, batch)
    before, begun = run.spent, time.time()
    saved = probed = begun
    while (elapsed := run.spent / minutes) < 1:
        if os.path.exists(os.path.join(folder, 'STOP')):
            break
        numbers = captions.draw(batch)
        ids, labels = captions.write(numbers)
        loss, beside = run.learn(latents[numbers].float(), ids, labels,
                                 elapsed)
        log.add(loss=loss, captions=beside)
        now = time.time()
        run.spent = before + (now - begun) / 60
        if now - saved > CHECKPOINT_SECONDS:
            run.save()
            saved = now
        if now - probed > PROBE_SECONDS:
            print(gaps(run.average_unet, run.average_text), flush=True)
            probed = now
    run.save()
    print(gaps(run.average_unet, run.average_text), flush=True)
