# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the prompt followed? The figure to watch from the first minutes.

At a very noisy time step hardly anything but the caption tells what the
clean latent is. If the right caption does not give a smaller error than an
empty one, and a wrong one a larger, the prompt is not followed and the run
is worth nothing, however well its loss falls.
"""

import torch
import torch.nn.functional as F

from . import things
from .sample import signal_shares

TIMES = (950, 700)


class Probe:
    """Errors of the guessed clean latent for a fixed set of pictures."""

    def __init__(self, entries, views, latents, tokenizer, source='noto'):
        firsts = {}
        for number, view in enumerate(views):
            if (entries[view.index]['src'] == source and not view.colour
                    and view.background == 'white'):
                firsts.setdefault(view.index, number)
        self.latents = latents[list(firsts.values())].float()
        self.ids = torch.tensor([
            tokenizer(things.THINGS[entries[index]['name']][0])
            for index in firsts])
        self.empty = torch.tensor(tokenizer(''))[None]

    @torch.no_grad()
    def errors(self, unet, context, time):
        """Mean square error of the clean latent at one time step."""
        share = signal_shares()[time]
        noise = torch.randn(self.latents.shape,
                            generator=torch.Generator().manual_seed(0))
        noisy = share.sqrt() * self.latents + (1 - share).sqrt() * noise
        times = torch.full((len(noisy),), time)
        guess = unet(noisy, times, context)
        clean = share.sqrt() * noisy - (1 - share).sqrt() * guess
        return F.mse_loss(clean, self.latents).item()

    @torch.no_grad()
    def __call__(self, unet, text):
        """One line: errors with the right, the empty, a wrong caption."""
        right = text(self.ids)
        empty = text(self.empty).expand_as(right)
        wrong = right.roll(7, 0)
        parts = []
        for time in TIMES:
            values = [self.errors(unet, context, time)
                      for context in (right, empty, wrong)]
            parts.append(f't {time}: right %.3f empty %.3f wrong %.3f'
                         % tuple(values))
        states = F.normalize(right[:, 4:].mean(1), dim=-1)
        alike = (states @ states.T).fill_diagonal_(0).sum() / (
            len(states) * (len(states) - 1))
        return '   ' + ', '.join(parts) + f', captions alike {alike:.3f}'
