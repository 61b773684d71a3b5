# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the U-Net and the text encoder.

The latents of all views are made once. The text encoder first learns, alone
and in seconds, to tell what its captions say; that keeps all captions from
collapsing into one before the U-Net has found them. A small share of that
loss stays on.
"""

import copy
import dataclasses

import torch
import torch.nn.functional as F
from torch import nn

from . import pictures, probe
from .clock import Means, half, save, save_parts
from .nets import SCALING_FACTOR, TextEncoder, UNet
from .sample import signal_shares
from .vae import decay, follow
from .views import CAPTIONS, label_counts

EMPTY_SHARE = .1        # of captions dropped, for guidance
BESIDE = .05            # weight of the caption loss beside the U-Net's
AVERAGE_KEPT = .999
LOG_SECONDS, PROBE_SECONDS, SAVE_SECONDS = 5, 20, 30


class CaptionReader(nn.ModuleList):
    """Linear heads that read a caption's content off the text states."""

    def __init__(self, width, counts):
        super().__init__(nn.Linear(width, n) for n in counts)

    def forward(self, states, ids, end, labels, weight):
        """Loss and share of things named right.

        states [B,N,D], ids [B,N], labels [B,6], weight [B]; the states of
        the end tokens are averaged.
        """
        mask = (ids == end).float()
        mask = mask / mask.sum(1, keepdim=True)
        pooled = (states * mask[..., None]).sum(1)
        guesses = [head(pooled) for head in self]
        loss = sum(F.cross_entropy(guess, labels[:, i], reduction='none')
                   for i, guess in enumerate(guesses))
        right = (guesses[0].argmax(1) == labels[:, 0]).float()
        share = weight / weight.sum().clamp(min=1)
        return (loss * share).sum(), (right * share).sum()


class Examples:
    """Latents with their captions, on the device.

    latents f16 [V,4,h,w], ids [V,C,N], labels [V,C,6].
    """

    def __init__(self, drawn, device):
        self.device = device
        self.drawn = drawn
        self.ids = torch.from_numpy(drawn['ids']).to(device)
        self.labels = torch.from_numpy(drawn['labels']).to(device)
        self.latents = None

    @torch.no_grad()
    def encode(self, vae, compositor, chunk=256):
        """Makes the latents."""
        placed = pictures.to_device(self.drawn, self.device)
        made = []
        for first in range(0, len(placed['scene']), chunk):
            x = compositor({name: value[first:first + chunk]
                            for name, value in placed.items()})
            with torch.autocast(self.device, torch.bfloat16,
                            enabled=self.device == 'cuda'):
                z, _ = vae.encode(x)
            made.append((z.float() * SCALING_FACTOR).half())
        self.latents = torch.cat(made)

    def captions(self, rows):
        """Ids and labels of one of the captions of each row."""
        which = torch.randint(CAPTIONS, (len(rows),), device=self.device)
        return (self.ids[rows, which].long(),
                self.labels[rows, which].long())

    def rows(self, count):
        """count rows, drawn by lot."""
        return torch.randint(len(self.ids), (count,), device=self.device)


def spread_times(count, device):
    """count time steps, one from each part of the 1000: less noise in the
    gradient than independent ones."""
    parts = (torch.randperm(count, device=device)
             + torch.rand(count, device=device)) / count
    parts = (parts + torch.rand(1, device=device)) % 1
    return (parts * 1000).long().clamp(0, 999)


class Run:
    """State of one training: networks, their averages, optimiser."""

    NETS = ('unet', 'text', 'reader')

    def __init__(self, shape, things, tokenizer, device, options):
        self.shape, self.device, self.options = shape, device, options
        self.end = tokenizer.end
        self.empty = torch.tensor(tokenizer(''), device=device)
        self.unet = UNet(shape).to(device,
                                   memory_format=torch.channels_last)
        self.text = TextEncoder(shape).to(device)
        self.reader = CaptionReader(shape.text_width,
                                    label_counts(things)).to(device)
        self.average_unet = copy.deepcopy(self.unet)
        self.average_text = copy.deepcopy(self.text)
        self.shares = signal_shares().to(device)
        self.batch, self.step, self.since = options.batch, 0, 0
        self.guess = self._guess
        self.make_optimiser()

    def make_optimiser(self):
        """An optimiser without memory."""
        groups = [(self.unet, 1.), (self.text, self.options.text_rate),
                  (self.reader, 1.)]
        self.optimiser = torch.optim.AdamW(
            [{'params': list(net.parameters()), 'factor': factor}
             for net, factor in groups], lr=self.options.rate,
            betas=(.9, .99), weight_decay=.01, fused=self.device == 'cuda')
        self.parameters = [p for net, _ in groups for p in net.parameters()]

    def _guess(self, latents, noise, times, share, ids):
        """Square errors of the velocity [B], and the text states."""
        noisy = share.sqrt() * latents + (1 - share).sqrt() * noise
        wanted = share.sqrt() * noise - (1 - share).sqrt() * latents
        with torch.autocast(self.device, torch.bfloat16,
                            enabled=self.device == 'cuda'):
            states = self.text(ids)
            guess = self.unet(noisy, times, states)
        return ((guess.float() - wanted).square().mean((1, 2, 3)),
                states.float())

    def compile(self, compiler, report):
        """Compiles the step and tries it; leaves it plain where it fails."""
        try:
            self.guess = torch.compile(self._guess, backend=compiler)
            self.try_step()
            report.say('compiled')
        except Exception as error:      # whatever it is, train without
            report.say(f'not compiled: {type(error).__name__}: {error}'[:300])
            self.guess = self._guess
            self.try_step()
        self.optimiser.zero_grad(set_to_none=True)

    def try_step(self):
        """One step on nothing, without learning from it."""
        edge = self.shape.latent_size
        loss, states = self._losses(
            torch.randn(self.batch, 4, edge, edge, device=self.device),
            self.empty[None].repeat(self.batch, 1))
        (loss.mean() + states.mean()).backward()

    def _losses(self, latents, ids):
        latents = latents.contiguous(memory_format=torch.channels_last)
        times = spread_times(len(latents), self.device)
        return self.guess(latents, torch.randn_like(latents), times,
                          self.shares[times][:, None, None, None], ids)

    def learn_text(self, examples, steps, report, clock):
        """Teaches the text encoder to keep captions apart."""
        parameters = [*self.text.parameters(), *self.reader.parameters()]
        optimiser = torch.optim.AdamW(parameters, lr=1e-3, betas=(.9, .99))
        one = torch.ones(512, device=self.device)
        for step in range(steps):
            if clock.over(0):
                break
            ids, labels = examples.captions(examples.rows(len(one)))
            loss, right = self.reader(self.text(ids), ids, self.end, labels,
                                      one)
            for group in optimiser.param_groups:
                group['lr'] = (1e-3 * min(1, (step + 1) / 50)
                               * (1 - step / steps * .9))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.)
            optimiser.step()
            if step % 100 == 99 or step == steps - 1:
                report.say(f'text, step {step + 1}: loss {loss.item():.3f},'
                           f' {right.item():.0%} of things right')
        self.average_text.load_state_dict(self.text.state_dict())

    def learn(self, examples, progress):
        """One step; returns the two losses."""
        rows = examples.rows(self.batch)
        ids, labels = examples.captions(rows)
        dropped = torch.rand(len(ids), device=self.device) < EMPTY_SHARE
        ids = torch.where(dropped[:, None], self.empty, ids)
        errors, states = self._losses(examples.latents[rows].float(), ids)
        beside, _ = self.reader(states, ids, self.end, labels,
                                (~dropped).float())
        loss = errors.mean()
        factor = (min(1, (self.since + 1) / self.options.warm)
                  * decay(progress, self.options.hold))
        for group in self.optimiser.param_groups:
            group['lr'] = self.options.rate * factor * group['factor']
        self.optimiser.zero_grad(set_to_none=True)
        (loss + BESIDE * beside).backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, 1.)
        if self.device == 'cuda':   # a step that is not finite is skipped
            self.optimiser.grad_scale = None
            self.optimiser.found_inf = (~torch.isfinite(norm)).float()
        self.optimiser.step()
        self.step += 1
        self.since += 1
        for average, current in ((self.average_unet, self.unet),
                                 (self.average_text, self.text)):
            follow(average.parameters(), current.parameters(), AVERAGE_KEPT,
                   self.step)
        return loss, beside

    def whole(self):
        """Everything, to go on where it stopped on this machine."""
        state = {name: getattr(self, name).state_dict() for name in
                 (*self.NETS, 'average_unet', 'average_text', 'optimiser')}
        return dict(state, step=self.step)

    def take_whole(self, state):
        """Goes on from whole()."""
        for name in (*self.NETS, 'average_unet', 'average_text',
                     'optimiser'):
            getattr(self, name).load_state_dict(state[name])
        self.step = state['step']

    def small(self, vae):
        """The averages in half precision: the model, and enough to go on
        from on another machine."""
        return {'unet': half(self.average_unet.state_dict()),
                'text': half(self.average_text.state_dict()),
                'reader': half(self.reader.state_dict()),
                'vae': half(vae.state_dict()), 'step': self.step,
                'shape': dataclasses.asdict(self.shape)}

    def take_small(self, state):
        """Goes on from small(), with a new optimiser."""
        for names, kept in ((('unet', 'average_unet'), 'unet'),
                            (('text', 'average_text'), 'text'),
                            (('reader',), 'reader')):
            for name in names:
                getattr(self, name).load_state_dict(state[kept])
        self.step, self.since = state['step'], 0
        self.make_optimiser()


def train(run, examples, gaps, vae, clock, report, paths, reserve):
    """Trains until so many seconds before the deadline.

    paths: (file of the whole state, folder of the small one).
    """
    means, device = Means(), run.device
    said = probed = saved = 0.
    first = run.step
    clock.pause()
    while not clock.over(reserve):
        try:
            loss, beside = run.learn(examples, clock.progress(reserve))
        except torch.OutOfMemoryError:
            run.optimiser.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
            run.batch = run.batch * 3 // 4
            report.say(f'out of memory: {run.batch} at a time')
            if run.batch < 16:
                raise
            continue
        means.add(loss=loss, captions=beside)
        clock.tick()
        if clock.active - said > LOG_SECONDS or run.step - first == 10:
            if device == 'cuda':
                torch.cuda.synchronize()
            clock.tick()
            said, found = clock.active, means.take()
            rate = (run.step - first) * run.batch / max(said, 1e-3)
            progress = clock.progress(reserve)
            report.say(f'{said:.0f} s, step {run.step}, {rate:.0f} '
                       f'pictures/s, loss {found["loss"]:.4f}, captions '
                       f'{found["captions"]:.3f}, progress {progress:.3f}, '
                       f'lr {run.optimiser.param_groups[0]["lr"]:.1e}')
            report.figures(seconds=said, step=run.step, rate=rate,
                           progress=progress, **found)
        if clock.active - probed > (PROBE_SECONDS if probed else 8):
            probed = clock.active
            report.say(gaps(run.average_unet, run.average_text))
        if clock.active - saved > SAVE_SECONDS:
            saved = clock.active
            checkpoint(run, vae, paths)
    checkpoint(run, vae, paths)
    report.say(gaps(run.average_unet, run.average_text))


def checkpoint(run, vae, paths):
    """Writes both states."""
    save(run.whole(), paths[0])
    save_parts(run.small(vae), paths[1], run.step)
