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

from . import pictures, things
from .nets import SCALING_FACTOR
from .sample import signal_shares

TIMES = (950, 700)
MOST = 128


class Probe:
    """Errors of the guessed clean latent for a fixed set of pictures."""

    def __init__(self, entries, compositor, vae, tokenizer, device,
                 source='noto'):
        rows = [i for i, e in enumerate(entries) if e['src'] == source
                and e['name'] in things.POPULAR][:MOST]
        with torch.no_grad():
            x = compositor(pictures.plain_views(rows, device))
            self.latents = vae.encode(x)[0].float() * SCALING_FACTOR
        self.ids = torch.tensor([
            tokenizer(things.POPULAR[entries[row]['name']][0])
            for row in rows], device=device)
        self.empty = torch.tensor(tokenizer(''), device=device)[None]
        self.end = tokenizer.end
        self.noise = torch.randn(
            self.latents.shape,
            generator=torch.Generator().manual_seed(0)).to(device)

    @torch.no_grad()
    def errors(self, unet, context, time):
        """Mean square error of the clean latent at one time step."""
        share = signal_shares()[time].item()
        noisy = share ** .5 * self.latents + (1 - share) ** .5 * self.noise
        times = torch.full((len(noisy),), time, device=noisy.device)
        guess = unet(noisy, times, context)
        clean = share ** .5 * noisy - (1 - share) ** .5 * guess
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
        mask = (self.ids == self.end).float()[..., None]
        states = F.normalize((right * mask).sum(1), dim=-1)
        count = len(states)
        alike = (states @ states.T).fill_diagonal_(0).sum() / (
            count * max(1, count - 1))
        return 'probe ' + ', '.join(parts) + f', captions alike {alike:.3f}'
