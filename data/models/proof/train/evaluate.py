# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How good a Proof is, by one command: python3 -m train evaluate.

Pictures are drawn by the program itself, at its defaults for the model. Single
things are named by the judge (judge.py); colours, numbers and grounds are read
off the pixels, by rules that are the same for every model.
"""

import collections
import json
import os
import subprocess
import tempfile

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from . import dataset, export, judge, pictures, sample, things, vae
from .run import PROMPTS, split_entries

SEEDS = (1, 2, 3)
THINGS, COMBINATIONS = 30, 10
GUIDANCES = (1, 2, 3, 4, 6)
STEPS = (4, 6, 8, 12, 25)
AMONG = 5               # the judge's first so many count as recognised
SMALLEST = .01          # of a picture: what counts as a thing
FOREGROUND = 40         # largest difference of a channel from the ground

# What each combination asks for besides; things by their prompts.
ASKED = {
    'a green cat': dict(thing='cat', colour='green'),
    'two red apples': dict(number=2, each='apple', colour='red'),
    'a blue house at night': dict(thing='house', ground='dark'),
    'a purple car': dict(thing='car', colour='purple'),
    'a dog on a yellow background': dict(thing='dog', ground='yellow'),
    'a rocket in space': dict(thing='rocket', ground='dark'),
    'a cat and a dog': dict(halves=('cat', 'dog')),
    'three stars': dict(number=3, each='star'),
    'an elephant on the beach': dict(thing='elephant', ground='scene'),
    'a pink owl, flat style': dict(thing='owl', colour='pink'),
}


def meant_by(prompt):
    """CLDR names of what a prompt may mean."""
    return {name for name, called in things.POPULAR.items()
            if prompt in called or prompt == name}


class Painter:
    """Draws with the program."""

    def __init__(self, program, model):
        self.program, self.model = program, model

    def __call__(self, prompt, seeds=SEEDS, **options):
        """Pictures uint8 [H,W,3]."""
        made = []
        with tempfile.TemporaryDirectory() as folder:
            for seed in seeds:
                path = os.path.join(folder, f'{seed}.png')
                extra = [part for name, value in options.items()
                         for part in (f'--{name}', str(value))]
                subprocess.run(
                    [self.program, 'generate', prompt, '--model', self.model,
                     '--backend', 'cpu', '--seed', str(seed), '--quiet',
                     '--output', path, *extra], check=True)
                made.append(np.asarray(Image.open(path).convert('RGB')))
        return made


class Reader:
    """Reads pictures."""

    def __init__(self, pack):
        self.judge, self.names, self.right = judge.find(pack)

    @torch.no_grad()
    def first_names(self, image, count=AMONG):
        """What the picture most likely shows."""
        x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None]
        scores = self.judge(judge.shrink(judge.as_seen(x)))[0]
        return [self.names[i] for i in scores.topk(count).indices]

    def shows(self, image, prompt, count=AMONG):
        """Is what the prompt means among the first names?"""
        return bool(meant_by(prompt) & set(self.first_names(image, count)))


def border(image):
    """The pixels around, [N,3]."""
    edge = 3
    return np.concatenate([image[:edge].reshape(-1, 3),
                           image[-edge:].reshape(-1, 3),
                           image[:, :edge].reshape(-1, 3),
                           image[:, -edge:].reshape(-1, 3)])


def foreground(image):
    """What differs from the border's colour, bool [H,W]."""
    ground = np.median(border(image), 0)
    return np.abs(image.astype(int) - ground).max(2) > FOREGROUND


def cut_things(image):
    """Separate parts of some size, each on a square of the ground's
    colour."""
    mask = ndimage.binary_opening(foreground(image), iterations=1)
    labels, _ = ndimage.label(ndimage.binary_dilation(mask, iterations=2))
    found = []
    for i, place in enumerate(ndimage.find_objects(labels)):
        if (labels[place] == i + 1).sum() <= SMALLEST * mask.size:
            continue
        part = image[place]
        height, width = part.shape[:2]
        edge = max(height, width) * 9 // 8
        square = np.empty((edge, edge, 3), np.uint8)
        square[:] = np.median(border(image), 0)
        top, left = (edge - height) // 2, (edge - width) // 2
        square[top:top + height, left:left + width] = part
        found.append(square)
    return found


def main_colours(image):
    """Names of the colours that cover most of what is drawn."""
    mask = foreground(image)
    rgba = np.dstack([image, np.where(mask, 255, 0)]).astype(np.uint8)
    return dataset.colours(rgba)


def ground_is(image, wanted):
    """Is the border dark, of a colour, or no plain white?"""
    ground = np.median(border(image), 0)
    if wanted == 'dark':
        return ground.max() < 110
    if wanted == 'scene':
        return ground.min() < 225
    plain = np.asarray(things.BACKGROUNDS[wanted])
    return np.abs(ground - plain).max() < 50


def check(reader, image, asked):
    """What of that a combination asks for is missing."""
    missing = []
    if 'thing' in asked and not reader.shows(image, asked['thing']):
        missing.append(asked['thing'])
    if 'colour' in asked and asked['colour'] not in main_colours(image):
        missing.append(asked['colour'])
    if 'number' in asked:
        parts = cut_things(image)
        if len(parts) != asked['number']:
            missing.append(f'{asked["number"]} things')
        elif not all(reader.shows(part, asked['each']) for part in parts):
            missing.append(asked['each'])
    if 'ground' in asked and not ground_is(image, asked['ground']):
        missing.append(f'{asked["ground"]} ground')
    if 'halves' in asked:
        width = image.shape[1]
        for half, thing in zip((image[:, :width // 2],
                                image[:, width // 2:]), asked['halves']):
            top = image.shape[0] // 4       # square again
            if not reader.shows(half[top:top + width // 2], thing):
                missing.append(thing)
    return missing


def held_out_psnr(pack, model):
    """Decibels of the model's autoencoder on things nobody showed it."""
    learnt, held = split_entries(pack, 0)
    net = export.read_vae(os.path.join(model, 'vae'))
    compositor = pictures.Compositor(pictures.read_pixels(pack, held), 'cpu')
    with torch.no_grad():
        shown = compositor(pictures.plain_views(range(len(held)), 'cpu'))
        return vae.score(net, ((shown + 1) * 127.5 + .5).byte()), len(held)


def sweep(reader, painter, prompts, name, values):
    """Things recognised by one seed each at several values of an option."""
    found = {}
    for value in values:
        drawn = [painter(prompt, SEEDS[:1], **{name: value})[0]
                 for prompt in prompts]
        tint = np.mean([255 - np.median(border(image)) for image in drawn])
        found[value] = (sum(reader.shows(image, prompt) for image, prompt
                            in zip(drawn, prompts)), float(tint))
        print(f'{name} {value}: {found[value][0]} of {len(prompts)}',
              flush=True)
    return found


def write_report(result, folder):
    """evaluation.json and, to read, evaluation.md."""
    with open(os.path.join(folder, 'evaluation.json'), 'w',
              encoding='utf8') as file:
        json.dump(result, file, indent=1)
    seeds, most = len(SEEDS), len(result['things'])
    lines = [
        f'The judge names {result["judge"]:.0%} of unseen views of the '
        f'training pictures right; it calls {AMONG} of '
        f'{len(things.POPULAR)} things.',
        '', '| | |', '|---|---|',
        f'| autoencoder on {result["held"]} held-out pictures | '
        f'{result["psnr"]:.1f} dB |',
        f'| things recognised in most of {seeds} pictures | '
        f'{result["recognised"]} of {most} |',
        f'| single pictures of them recognised; named first of all | '
        f'{result["single"]} and {result["first"]} of {seeds * most} |',
        f'| combinations right in most of {seeds} pictures | '
        f'{result["combined"]} of {len(result["combinations"])} |',
        '', 'Not recognised: ' + (', '.join(
            f'{name} ({right} of {seeds})' for name, right in
            result['things'].items() if 2 * right <= seeds) or 'none') + '.',
        '', 'Combinations, pictures in which nothing was missing, and what '
        'was in the others:', '']
    for name, found in result['combinations'].items():
        missing = collections.Counter(m for part in found for m in part)
        lines.append(f'- {name}: {sum(not part for part in found)} of '
                     f'{seeds}' + (' (' + ', '.join(
                         f'{what}: {n}' for what, n in missing.items())
                                   + ')' if missing else ''))
    for name, found in result['sweeps'].items():
        lines += ['', f'| {name} | ' + ' | '.join(map(str, found)) + ' |',
                  '|---|' + '---|' * len(found),
                  f'| recognised, of {most} | ' + ' | '.join(
                      str(right) for right, _ in found.values()) + ' |',
                  '| white less so by, of 255 | ' + ' | '.join(
                      f'{tint:.1f}' for _, tint in found.values()) + ' |']
    with open(os.path.join(folder, 'evaluation.md'), 'w',
              encoding='utf8') as file:
        file.write('\n'.join(lines) + '\n')


def evaluate(pack, model, folder, program, sweeps=True):
    """Measures the model and writes what was found."""
    os.makedirs(folder, exist_ok=True)
    with open(PROMPTS, encoding='utf8') as file:
        prompts = file.read().splitlines()
    reader, painter = Reader(pack), Painter(program, model)
    result = {'judge': reader.right, 'things': {}, 'combinations': {},
              'sweeps': {}, 'single': 0, 'first': 0}
    shown = []
    for prompt in prompts[:THINGS]:
        drawn = painter(prompt)
        right = [reader.shows(image, prompt) for image in drawn]
        result['things'][prompt] = sum(right)
        result['single'] += sum(right)
        result['first'] += sum(reader.shows(image, prompt, 1)
                               for image in drawn)
        shown.append(drawn[0])
    for prompt in prompts[THINGS:THINGS + COMBINATIONS]:
        drawn = painter(prompt)
        result['combinations'][prompt] = [
            check(reader, image, ASKED[prompt]) for image in drawn]
        shown.append(drawn[0])
    most = len(SEEDS) / 2
    result['recognised'] = sum(n > most for n in result['things'].values())
    result['combined'] = sum(
        sum(not part for part in found) > most
        for found in result['combinations'].values())
    result['psnr'], result['held'] = held_out_psnr(pack, model)
    if sweeps:
        for name, values in (('guidance', GUIDANCES), ('steps', STEPS)):
            result['sweeps'][name] = sweep(reader, painter,
                                           prompts[:THINGS], name, values)
    shown += [painter(prompt, SEEDS[:1])[0]
              for prompt in prompts[THINGS + COMBINATIONS:]]
    sample.sheet([Image.fromarray(image) for image in shown], 10,
                 os.path.join(folder, 'contact-sheet.png'), prompts)
    write_report(result, folder)
