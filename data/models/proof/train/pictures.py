# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture pack, and the compositor that makes views of its pictures.

A pack is pictures.bin (RGBA WebP, end to end) with pictures.json (an entry a
picture: src, name, kw, group, sub, col(ours), o(ffset), n(umber of bytes));
dataset.py makes it. The compositor runs on the device of the pixels.

Letters: B batch, K layers, H W rows and columns.
"""

import io
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from . import things
from .clock import spread
from .views import COLOURS, LAYERS

# RGB to luma and two colour axes (YIQ), in which a hue is an angle.
YIQ = torch.tensor([[.299, .587, .114],
                    [.596, -.274, -.322],
                    [.211, -.523, .312]])

# Scenes: edges of the three bands (of the height), six colours (top and
# bottom of each band), dots: size across and down, strength.
NONE = (1., 1., 0.)
SCENE_TABLE = {
    'night': (.5, .8, ((8, 12, 42), (16, 24, 66), (16, 24, 66), (34, 44, 96),
                       (34, 44, 96), (52, 60, 112)), (.012, .012, .9)),
    'space': (.5, .8, ((4, 4, 12), (10, 8, 26), (10, 8, 26), (14, 8, 34),
                       (14, 8, 34), (6, 4, 16)), (.011, .011, 1.)),
    'meadow': (.60, .62, ((120, 190, 245), (200, 230, 250), (120, 185, 90),
                          (110, 185, 85), (120, 195, 85), (70, 150, 60)),
               NONE),
    'beach': (.45, .66, ((120, 195, 245), (205, 235, 250), (40, 130, 200),
                         (80, 180, 215), (245, 225, 170), (230, 200, 135)),
              NONE),
    'snow': (.62, .64, ((165, 190, 220), (210, 224, 240), (235, 242, 250),
                        (240, 245, 252), (244, 248, 253), (225, 234, 246)),
             (.022, .022, .8)),
    'water': (.4, .7, ((70, 190, 225), (40, 150, 210), (40, 150, 210),
                       (24, 105, 180), (24, 105, 180), (14, 70, 140)),
              (.02, .02, .35)),
    'sunset': (.4, .7, ((95, 70, 150), (215, 95, 130), (215, 95, 130),
                        (250, 150, 80), (250, 150, 80), (255, 205, 110)),
               NONE),
    'sky': (.5, .8, ((90, 170, 240), (130, 195, 247), (130, 195, 247),
                     (165, 215, 250), (165, 215, 250), (195, 228, 252)),
            (.16, .07, .9)),
}
DOTS = {'night': 26, 'space': 30, 'snow': 26, 'water': 10, 'sky': 7}
MOST_DOTS = 30


def read_entries(folder):
    """The entries of a pack."""
    with open(os.path.join(folder, 'pictures.json'),
              encoding='utf8') as file:
        return json.load(file)


def _decode(job):
    path, part = job
    with open(path, 'rb') as file:
        found = []
        for entry in part:
            file.seek(entry['o'])
            image = Image.open(io.BytesIO(file.read(entry['n'])))
            found.append(np.asarray(image.convert('RGBA')))
    return np.stack(found)


def read_pixels(folder, entries, workers=None):
    """The pictures of entries, uint8 [N,4,H,W]."""
    path = os.path.join(folder, 'pictures.bin')
    workers = workers or min(16, os.cpu_count())
    size = -(-len(entries) // workers)
    jobs = [(path, entries[i:i + size])
            for i in range(0, len(entries), size)]
    if workers == 1:
        parts = [_decode(job) for job in jobs]
    else:
        parts = spread(workers, _decode, jobs)
    return torch.from_numpy(np.concatenate(parts)).permute(0, 3, 1, 2)


class Compositor:
    """Makes pictures out of views, on one device."""

    def __init__(self, pixels, device):
        rgba = pixels.to(device)
        self.device, self.edge = device, rgba.shape[-1]
        self.full = rgba
        half = torch.empty(len(rgba), 4, self.edge // 2, self.edge // 2,
                           dtype=torch.uint8, device=device)
        for first in range(0, len(rgba), 512):
            part = rgba[first:first + 512].float()
            part[:, :3] *= part[:, 3:] / 255
            part = F.avg_pool2d(part, 2)
            part[:, :3] /= (part[:, 3:] / 255).clamp(min=1e-3)
            half[first:first + 512] = (part + .5).clamp(0, 255).byte()
        self.half = half
        rows = list(SCENE_TABLE.values())
        self.bands = torch.tensor([r[:2] for r in rows], device=device)
        self.colours = torch.tensor([r[2] for r in rows],
                                    dtype=torch.float32, device=device) / 255
        self.dots = torch.tensor([r[3] for r in rows], device=device)
        counts = torch.tensor([DOTS.get(name, 0) for name in SCENE_TABLE],
                              device=device)
        self.lit = (torch.arange(MOST_DOTS, device=device)[None]
                    < counts[:, None]).float()
        self.tints = torch.tensor([things.BACKGROUNDS[c] for c in COLOURS],
                                  dtype=torch.float32, device=device) / 255
        self.yiq = YIQ.to(device)
        self.back = torch.linalg.inv(YIQ).to(device)

    def ground(self, scene, paint):
        """Ground pictures [B,3,H,W] in 0..1."""
        count, edge = len(scene), self.edge
        out = (paint.float() / 255)[:, :, None, None].expand(
            -1, -1, edge, edge).clone()
        chosen = torch.nonzero(scene > 0)[:, 0]
        if not len(chosen):
            return out
        kind = scene[chosen].long() - 1
        count = len(kind)

        def noise(*size, low=0., high=1.):
            return low + (high - low) * torch.rand(
                count, *size, device=self.device)

        down = torch.linspace(0, 1, edge, device=self.device)[None]
        edges = self.bands[kind] + noise(1, low=-.04, high=.04)
        colours = (self.colours[kind] + noise(6, 3, low=-.03, high=.03))
        starts = torch.cat([torch.zeros_like(edges[:, :1]), edges], 1)
        ends = torch.cat([edges, torch.ones_like(edges[:, :1])], 1)
        picture = torch.zeros(count, 3, edge, device=self.device)
        for band in range(3):
            low, high = starts[:, band, None], ends[:, band, None]
            part = ((down - low) / (high - low)).clamp(0, 1)[:, None]
            shade = (colours[:, 2 * band, :, None] * (1 - part)
                     + colours[:, 2 * band + 1, :, None] * part)
            inside = torch.ones_like(part) if band == 0 else torch.sigmoid(
                (down - low)[:, None] * edge * 2)
            picture = picture * (1 - inside) + shade * inside
        across = torch.linspace(0, 1, edge, device=self.device)
        size = noise(MOST_DOTS, low=.6, high=1.4)[..., None]
        wide, high, strength = self.dots[kind].unbind(1)
        x = (across - noise(MOST_DOTS)[..., None]) / (
            wide[:, None, None] * size)
        y = (across - noise(MOST_DOTS)[..., None]) / (
            high[:, None, None] * size)
        weight = (self.lit[kind] * noise(MOST_DOTS, low=.5)
                  * strength[:, None])
        light = torch.einsum('bdh,bdw->bhw', torch.exp(-.5 * y * y)
                             * weight[..., None], torch.exp(-.5 * x * x))
        light = light.clamp(0, 1)[:, None]
        out[chosen] = picture[..., None] * (1 - light) + light
        return out.clamp(0, 1)

    def layer(self, view, k):
        """Premultiplied RGBA [B,4,H,W] of the pictures of layer k."""
        item = view['item'][:, k].clamp(min=0).long()
        zoom, flipped = view['zoom'][:, k], view['flipped'][:, k]
        small = bool((zoom < .7).any())
        rgba = (self.half if small else self.full)[item].float() / 255
        rgb, alpha = rgba[:, :3], rgba[:, 3:]
        angle = view['turn'][:, k] * (math.pi / 180)
        cos, sin = torch.cos(angle), torch.sin(angle)
        turn = torch.zeros(len(item), 3, 3, device=self.device)
        turn[:, 0, 0] = 1
        turn[:, 1, 1], turn[:, 1, 2] = cos, -sin
        turn[:, 2, 1], turn[:, 2, 2] = sin, cos
        matrix = self.back @ turn @ self.yiq
        rgb = torch.einsum('bij,bjhw->bihw', matrix, rgb).clamp(0, 1)
        tint = view['tint'][:, k].long()
        grey = (rgb.mean(1, keepdim=True) * 1.2).clamp(0, 1)
        paint = self.tints[(tint - 1).clamp(min=0)][:, :, None, None]
        rgb = torch.where((tint > 0)[:, None, None, None], grey * paint, rgb)
        alpha = alpha * (view['item'][:, k] >= 0)[:, None, None, None]
        rgba = torch.cat([rgb * alpha, alpha], 1)
        scale = torch.where(flipped, -1., 1.) / zoom
        theta = torch.zeros(len(item), 2, 3, device=self.device)
        theta[:, 0, 0] = scale
        theta[:, 0, 2] = -view['shift'][:, k, 0] * scale
        theta[:, 1, 1] = 1 / zoom
        theta[:, 1, 2] = -view['shift'][:, k, 1] / zoom
        grid = F.affine_grid(theta, [len(item), 4, self.edge, self.edge],
                             align_corners=False)
        return F.grid_sample(rgba, grid, mode='bilinear',
                             align_corners=False)

    def __call__(self, view):
        """Views (tensors on the device, as in views.FIELDS) -> RGB
        [B,3,H,W] in -1..1."""
        picture = self.ground(view['scene'], view['paint'])
        for k in range(LAYERS):
            there = torch.nonzero(view['item'][:, k] >= 0)[:, 0]
            for group in self._by_size(view, there, k):
                part = {name: view[name][group] for name in
                        ('item', 'flipped', 'zoom', 'shift', 'turn', 'tint')}
                rgba = self.layer(part, k)
                picture[group] = (rgba[:, :3]
                                  + (1 - rgba[:, 3:]) * picture[group])
        return (picture * 2 - 1).clamp(-1, 1).contiguous(
            memory_format=torch.channels_last)

    def _by_size(self, view, there, k):
        small = view['zoom'][there, k] < .7
        return [group for group in (there[small], there[~small])
                if len(group)]


PLACED = ('item', 'flipped', 'zoom', 'shift', 'turn', 'tint', 'scene',
          'paint')


def to_device(views, device, names=PLACED):
    """Arrays of views as tensors on a device."""
    return {name: torch.from_numpy(views[name]).to(device)
            for name in names}


def plain_views(items, device, paint=(255, 255, 255)):
    """Views of single pictures, whole, on one colour."""
    count = len(items)
    view = {'item': torch.full((count, LAYERS), -1, dtype=torch.int32),
            'flipped': torch.zeros(count, LAYERS, dtype=torch.bool),
            'zoom': torch.ones(count, LAYERS),
            'shift': torch.zeros(count, LAYERS, 2),
            'turn': torch.zeros(count, LAYERS),
            'tint': torch.zeros(count, LAYERS, dtype=torch.int8),
            'scene': torch.zeros(count, dtype=torch.int8),
            'paint': torch.tensor(paint, dtype=torch.uint8).expand(count, 3)}
    view['item'][:, 0] = torch.as_tensor(items, dtype=torch.int32)
    return {name: value.to(device) for name, value in view.items()}
