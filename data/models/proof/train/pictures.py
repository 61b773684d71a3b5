# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture pack, and the compositor that varies its pictures.

A pack is pictures.bin (RGBA WebP, end to end) with pictures.json (an entry a
picture: src, name, col(ours), o(ffset), n(umber of bytes)); dataset.py
makes it.
"""

import io
import json
import math
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from . import things

WHITE = things.BACKGROUNDS['white']

# RGB to luma and two colour axes (YIQ), in which a hue is an angle.
YIQ = torch.tensor([[.299, .587, .114],
                    [.596, -.274, -.322],
                    [.211, -.523, .312]])


@dataclass
class View:
    """How one picture of the pack is shown."""

    index: int
    flipped: bool = False
    turn: float = 0.            # of the hue, degrees
    colour: str = None          # what the hue was turned to
    background: str = 'white'   # key of things.BACKGROUNDS
    paint: tuple = WHITE        # the actual background colour, of 255
    zoom: float = 1.
    shift: tuple = (0., 0.)     # of half the picture's edge


def load(folder, sources, names=None):
    """Entries and pictures, uint8 [N,4,H,W], of the given sources/names."""
    with open(os.path.join(folder, 'pictures.json'),
              encoding='utf8') as file:
        entries = json.load(file)
    with open(os.path.join(folder, 'pictures.bin'), 'rb') as file:
        blob = file.read()
    entries = [e for e in entries if e['src'] in sources
               and (names is None or e['name'] in names)]
    pixels = [np.asarray(Image.open(
        io.BytesIO(blob[e['o']:e['o'] + e['n']])).convert('RGBA'))
        for e in entries]
    return entries, torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2)


def turn_hue(rgb, degrees):
    """rgb [B,3,H,W] in 0..1 with its hue turned by degrees [B]."""
    angle = degrees * math.pi / 180
    cos, sin = torch.cos(angle), torch.sin(angle)
    rotate = torch.zeros(len(degrees), 3, 3)
    rotate[:, 0, 0] = 1
    rotate[:, 1, 1], rotate[:, 1, 2] = cos, -sin
    rotate[:, 2, 1], rotate[:, 2, 2] = sin, cos
    matrix = torch.linalg.inv(YIQ) @ rotate @ YIQ
    return torch.einsum('bij,bjhw->bihw', matrix, rgb).clamp(0, 1)


def place(rgba, views):
    """Flips, zooms and shifts premultiplied pictures [B,4,H,W]."""
    theta = torch.zeros(len(views), 2, 3)
    for row, view in zip(theta, views):
        scale = (-1. if view.flipped else 1.) / view.zoom
        row[0, 0], row[0, 2] = scale, view.shift[0] * scale
        row[1, 1], row[1, 2] = 1 / view.zoom, view.shift[1] / view.zoom
    grid = F.affine_grid(theta, list(rgba.shape), align_corners=False)
    return F.grid_sample(rgba, grid, mode='bilinear', align_corners=False)


def compose(pixels, views):
    """Views of pixels uint8 [N,4,H,W] -> RGB [B,3,H,W] in -1..1."""
    rgba = pixels[[view.index for view in views]].float() / 255
    rgb, alpha = rgba[:, :3], rgba[:, 3:]
    turns = torch.tensor([view.turn for view in views])
    if (turns != 0).any():
        turned = (turns != 0)[:, None, None, None]
        rgb = torch.where(turned, turn_hue(rgb, turns), rgb)
    rgba = torch.cat([rgb * alpha, alpha], 1)
    if any(v.flipped or v.zoom != 1 or v.shift != (0., 0.) for v in views):
        rgba = place(rgba, views)
    paint = torch.tensor([view.paint for view in views]) / 255.
    rgb = rgba[:, :3] + (1 - rgba[:, 3:]) * paint[:, :, None, None]
    rgb = (rgb * 2 - 1).clamp(-1, 1)
    return rgb.contiguous(memory_format=torch.channels_last)


def paint_for(background, random, spread):
    """The background's colour, varied a little unless it is white."""
    colour = things.BACKGROUNDS[background]
    if background == 'white':
        return colour
    return tuple(min(255, max(0, part + random.randint(-spread, spread)))
                 for part in colour)


def hue_of(entry):
    """Name of the picture's main colour where it can be turned."""
    own = entry['col'][0] if entry['col'] else None
    return own if own in things.HUES else None


def training_views(entries, random):
    """The views of every picture that the U-Net learns from."""
    views = []

    def add(index, background, plain=False, colour=None):
        view = View(index, random.random() < .5, background=background)
        if not plain and random.random() < .5:
            view.zoom = random.uniform(.85, 1.03)
            view.shift = (random.uniform(-.06, .06),
                          random.uniform(-.06, .06))
        view.paint = paint_for(background, random, 8)
        if colour:
            view.colour = colour
            view.turn = float(things.HUES[hue_of(entries[index])]
                              - things.HUES[colour])
        views.append(view)

    for index, entry in enumerate(entries):
        views += [View(index), View(index, flipped=True)]
        for count in range(10):
            add(index, 'white', plain=count < 3)
        for background in things.BACKGROUNDS:
            if background != 'white':
                add(index, background)
        own = hue_of(entry)
        if entry['name'] in things.TURNED and own:
            for colour in things.HUES:
                if colour != own:
                    add(index, 'white', colour=colour)
    return views


# Share of the samples: on white, on a colour, hue turned.
KIND_SHARES = (.64, .26, .10)

# Weight of a flipped view. With 1, half of the training went into two-sided
# bananas and rockets.
FLIPPED_WEIGHT = .15


def kind(view):
    """Index into KIND_SHARES."""
    if view.background != 'white':
        return 1
    return 2 if view.colour else 0


def sampling_weights(entries, views):
    """Weight of each view [len(views)], so that the shares come out."""
    counts = {}
    for view in views:
        key = view.index, kind(view)
        counts[key] = counts.get(key, 0) + 1
    weights = []
    for view in views:
        share = KIND_SHARES[kind(view)]
        if kind(view) == 2:
            share *= 3      # about a third of the things are turned
        share *= things.STYLES[entries[view.index]['src']][1]
        if view.flipped:
            share *= FLIPPED_WEIGHT
        weights.append(share / counts[view.index, kind(view)])
    return torch.tensor(weights, dtype=torch.double)


def vae_view(count_ours, count_all, random):
    """A random view for the autoencoder: four in five of our things."""
    if random.random() < .8:
        index = random.randrange(count_ours)
    else:
        index = random.randrange(count_ours, count_all)
    view = View(index, random.random() < .5)
    if random.random() < .3:
        view.background = random.choice(list(things.BACKGROUNDS))
    if random.random() < .12:
        view.turn = float(random.randint(0, 359))
    if random.random() < .5:
        view.zoom = random.uniform(.8, 1.05)
        room = max(0, 1 - view.zoom) * .8
        view.shift = (random.uniform(-room, room),
                      random.uniform(-room, room))
    view.paint = paint_for(view.background, random, 12)
    return view
