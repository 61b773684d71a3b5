# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who says what a picture shows, having had no part in drawing it: a small
network that learns from views of the pack's own pictures.

It sees 64 x 64 pixels and knows the popular things. Noise, blur and washed-out
colours are among what it learns from, so that it looks at shapes.
"""

import os
import time

import torch
import torch.nn.functional as F
from torch import nn

from . import pictures, things, views

EDGE = 64
VIEWS, BATCH, EPOCHS = 24000, 64, 2
CHECKED = 2000          # views that it has not seen
FILE = 'judge.pt'


class Judge(nn.Module):
    """Pictures [B,3,64,64] in -1..1 -> scores [B,N] of N things."""

    def __init__(self, count):
        super().__init__()

        def block(c_in, c_out):
            return nn.Sequential(
                nn.Conv2d(c_in, c_out, 3, 2, 1, bias=False),
                nn.BatchNorm2d(c_out), nn.ReLU(),
                nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False),
                nn.BatchNorm2d(c_out), nn.ReLU())
        self.body = nn.Sequential(block(3, 32), block(32, 64),
                                  block(64, 128), block(128, 192))
        self.head = nn.Linear(192 * 4, count)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.body(x), 2).flatten(1)
        return self.head(F.dropout(x, .3, self.training))


def shrink(x):
    """Pictures of any size to what the judge sees."""
    return F.interpolate(x, (EDGE, EDGE), mode='area')


def worn(x):
    """Pictures as a model might draw them: blurred, noisy, pale, moved."""
    count = len(x)
    blurred = F.avg_pool2d(x, 3, 1, 1)
    share = torch.rand(count, 1, 1, 1)
    x = x + share * (blurred - x)
    pale = 1 - .3 * torch.rand(count, 3, 1, 1)
    x = 1 - (1 - x) * pale
    x = x + .15 * torch.rand(count, 1, 1, 1) * torch.randn_like(x)
    right, down = torch.randint(-4, 5, (2,)).tolist()
    return torch.roll(x, (down, right), (2, 3)).clamp(-1, 1)


def make_views(pack, tokens, entries, seed, count):
    """Pictures uint8 [V,3,64,64] and what each shows first, [V]."""
    drawn = views.make(entries, tokens, 77, seed, count)
    placed = pictures.to_device(drawn, 'cpu')
    compositor = pictures.Compositor(pictures.read_pixels(pack, entries),
                                     'cpu')
    made = []
    with torch.no_grad():
        for first in range(0, count, 256):
            x = compositor({name: value[first:first + 256]
                            for name, value in placed.items()})
            made.append(((shrink(x) + 1) * 127.5 + .5).byte())
    return torch.cat(made), torch.from_numpy(drawn['labels'][:, 0, 0]).long()


def as_seen(stored):
    """uint8 -> -1..1."""
    return stored.float() / 127.5 - 1


def learn(judge, x, labels):
    """Trains on the views."""
    steps, done = EPOCHS * (len(x) // BATCH), 0
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3,
                                  weight_decay=.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, steps)
    begun = time.monotonic()
    judge.train()
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(BATCH):
            if len(rows) < BATCH:
                continue
            loss = F.cross_entropy(judge(worn(as_seen(x[rows]))),
                                   labels[rows], label_smoothing=.05)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            plan.step()
            done += 1
            if done % 200 == 0:
                print(f'judge: {done} of {steps} steps, loss '
                      f'{loss.item():.2f}, {time.monotonic() - begun:.0f} s',
                      flush=True)
    judge.eval()


def find(pack):
    """The judge of a pack, taught when it is not there yet: (network, names,
    share of unseen views that it names right)."""
    path = os.path.join(pack, FILE)
    entries = [e for e in pictures.read_entries(pack)
               if things.wanted(e) and e['name'] in things.POPULAR]
    names = sorted({e['name'] for e in entries})
    judge = Judge(len(names)).eval()
    if os.path.exists(path):
        kept = torch.load(path, weights_only=True)
        judge.load_state_dict(kept['judge'])
        return judge, names, kept['right']
    torch.manual_seed(7)
    tokens = os.path.join(pack, 'tokenizer')
    learn(judge, *make_views(pack, tokens, entries, 900, VIEWS))
    x, labels = make_views(pack, tokens, entries, 901, CHECKED)
    with torch.no_grad():
        right = torch.cat([judge(as_seen(part)).argmax(1)
                           for part in x.split(256)]) == labels
    share = right.float().mean().item()
    torch.save({'judge': judge.state_dict(), 'right': share}, path)
    return judge, names, share
