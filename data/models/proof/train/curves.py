# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Losses of a training as a picture, from the reports of its sittings."""

import json
import os

from matplotlib.figure import Figure

from .vae import psnr


def read(folders, name):
    """The figures that one part left in its reports, one after another."""
    found = []
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, encoding='utf8') as file:
                found += [json.loads(line) for line in file]
    return found


def draw(folders, path):
    """Draws both networks' curves over their steps."""
    figure = Figure(figsize=(8, 3), layout='constrained')
    left, right = figure.subplots(1, 2)
    auto, unet = read(folders, 'vae.jsonl'), read(folders, 'unet.jsonl')
    left.plot([f['step'] for f in auto], [psnr(f['square']) for f in auto])
    left.set(title='autoencoder', xlabel='step', ylabel='dB on its views')
    right.plot([f['step'] for f in unet], [f['loss'] for f in unet])
    right.set(title='U-Net', xlabel='step', ylabel='square error of velocity',
              ylim=(.15, .5))
    for axes in (left, right):
        axes.grid(alpha=.3)
    figure.savefig(path, dpi=90)
