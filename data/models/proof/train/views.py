# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws by lot how pictures are shown, and writes their captions.

A view is up to three placed pictures over a ground. Views are made by the
hundred thousand, in worker processes, as arrays with one row a view.

Letters: V views, K layers of a view, C captions of a view, N tokens.
"""

import collections
import os
import random as random_module

import numpy as np

from . import things
from .bpe import Tokenizer
from .clock import spread

LAYERS = 3
CAPTIONS = 4

# Kinds of view and their shares of the samples.
KINDS = {'plain': .40, 'ground': .17, 'scene': .13, 'turned': .15,
         'number': .08, 'pair': .04, 'small': .03}

FRAMES = (
    (.44, '%n'), (.26, '%a'), (.08, 'a picture of %a'),
    (.03, 'a drawing of %a'), (.05, 'a cute %n'), (.03, 'a photo of %a'),
    (.03, 'a beautiful %n'), (.05, 'the %n'), (.03, 'a painting of %a'),
)
FLIPPED_SHARE = .1
BASE_HUES = dict(things.HUES, brown=25)
UNHUED = {'white', 'gray', 'black'}
COLOURS = list(things.HUES)
GROUNDS = list(things.BACKGROUNDS)
SCENES = list(things.SCENES)
STYLES = list(things.STYLES)

FIELDS = {
    'item': ((LAYERS,), np.int32),      # picture of the pack, -1 none
    'flipped': ((LAYERS,), bool),
    'zoom': ((LAYERS,), np.float32),
    'shift': ((LAYERS, 2), np.float32),  # of half the edge; right, down
    'turn': ((LAYERS,), np.float32),    # of the hue, degrees
    'tint': ((LAYERS,), np.int8),       # 1 + index into COLOURS; 0 none
    'scene': ((), np.int8),             # 1 + index into SCENES; 0 paint
    'paint': ((3,), np.uint8),
    'ids': ((CAPTIONS, None), np.int16),
    'labels': ((CAPTIONS, 6), np.int16),
}


def label_counts(names):
    """Classes of each label: thing, second thing, style, colour, ground,
    number."""
    return (len(names), len(names) + 1, len(STYLES) + 1, len(COLOURS) + 1,
            1 + len(GROUNDS) + len(SCENES), 4)


class Lot:
    """Draws views of the entries that are to be learnt."""

    def __init__(self, entries, tokenizer, seed):
        self.entries, self.tokenizer = entries, tokenizer
        self.random = random_module.Random(seed)
        self.names = sorted({e['name'] for e in entries})
        self.number = {name: i for i, name in enumerate(self.names)}
        shares = [things.STYLES[e['src']][1]
                  * (things.POPULAR_WEIGHT
                     if e['name'] in things.POPULAR else 1)
                  for e in entries]
        self.cumulative = np.cumsum(shares).tolist()
        self.of_source = collections.defaultdict(list)
        for i, entry in enumerate(entries):
            if entry['name'] in things.POPULAR:
                self.of_source[entry['src']].append(i)
        uses = collections.Counter(
            (word, name) for word, name in {
                (w, e['name']) for e in entries for w in e['kw']})
        count = collections.Counter(word for word, _ in uses)
        self.keywords = {
            e['name']: [w for w in e['kw'] if count[w] <= 2
                        and w not in things.HUES]
            for e in entries}

    def pick(self):
        """Number of a picture, by its share."""
        return self.random.choices(range(len(self.entries)),
                                   cum_weights=self.cumulative)[0]

    def call(self, entry):
        """One of the names of what the entry shows."""
        r, name = self.random, entry['name']
        names = things.POPULAR.get(name, (name,))
        roll = r.random()
        if roll < .08 and self.keywords[name]:
            return r.choice(self.keywords[name])
        return r.choice(names) if roll < .4 else names[0]

    def colour(self, index):
        """A colour to turn a picture to: (name, hue turn, tint) or None."""
        entry, r = self.entries[index], self.random
        own = entry['col'][0] if entry['col'] else None
        if things.COLOUR_WORD.match(entry['name']) and (
                'circle' in entry['name'] or 'square' in entry['name']):
            return None
        wanted = r.choice([c for c in COLOURS if c != own])
        if own in BASE_HUES:
            return wanted, BASE_HUES[own] - things.HUES[wanted], 0
        if own in UNHUED - {'black'}:
            return wanted, 0., 1 + COLOURS.index(wanted)
        return None

    def ground(self, view, likely):
        """Paints the ground: white, a colour or a scene. Returns what was
        chosen as a label (0: white and not worth a word)."""
        r, roll = self.random, self.random.random()
        if roll >= likely:
            view['paint'] = things.BACKGROUNDS['white']
            return 0
        if roll < likely * .55:
            name = r.choice(GROUNDS[1:])
            view['paint'] = tuple(
                min(255, max(0, part + r.randint(-8, 8)))
                for part in things.BACKGROUNDS[name])
            return 1 + GROUNDS.index(name)
        scene = r.randrange(len(SCENES))
        view['scene'] = 1 + scene
        return 1 + len(GROUNDS) + scene

    def place(self, view, layer, index, zoom, shift=(0., 0.)):
        """Puts a picture into a layer."""
        view['item'][layer] = index
        view['flipped'][layer] = self.random.random() < FLIPPED_SHARE
        view['zoom'][layer] = zoom
        view['shift'][layer] = shift

    def draw(self):
        """One view with its captions."""
        r = self.random
        view = {'item': [-1] * LAYERS, 'flipped': [False] * LAYERS,
                'zoom': [1.] * LAYERS, 'shift': [(0., 0.)] * LAYERS,
                'turn': [0.] * LAYERS, 'tint': [0] * LAYERS, 'scene': 0,
                'paint': (255, 255, 255)}
        kind = r.choices(list(KINDS), list(KINDS.values()))[0]
        index = self.pick()
        said = {'index': index, 'colour': None, 'number': 1, 'other': None,
                'small': kind == 'small'}
        likely = {'plain': 0., 'ground': 1., 'scene': 1., 'turned': .3,
                  'number': .3, 'pair': .3, 'small': .5}[kind]
        said['ground'] = self.ground(view, likely)
        if kind == 'ground' and view['scene']:
            view['scene'] = 0
            view['paint'] = things.BACKGROUNDS['white']
            said['ground'] = 0
        if kind == 'number':
            said['number'] = r.choice((2, 2, 3))
            self._several(view, [index] * said['number'])
        elif kind == 'pair':
            said['other'] = r.choice(
                self.of_source[self.entries[index]['src']] or [index])
            self._several(view, [index, said['other']])
        elif kind == 'small':
            self.place(view, 0, index, r.uniform(.4, .55),
                       (r.uniform(-.2, .2), r.uniform(-.1, .3)))
        elif r.random() < .5:
            self.place(view, 0, index, 1.)
        else:
            self.place(view, 0, index, r.uniform(.84, 1.02),
                       (r.uniform(-.05, .05), r.uniform(-.05, .05)))
        if kind == 'turned' or (kind == 'number' and r.random() < .25):
            found = self.colour(index)
            if found:
                said['colour'] = found[0]
                for layer in range(said['number']):
                    view['turn'][layer], view['tint'][layer] = found[1:]
        written = [self.write(said) for _ in range(CAPTIONS)]
        view['ids'] = [ids for ids, _ in written]
        view['labels'] = [labels for _, labels in written]
        return view

    def _several(self, view, indices):
        r, count = self.random, len(indices)
        zoom = r.uniform(.47, .54) if count == 2 else r.uniform(.42, .48)
        spots = (((-.48, 0.), (.48, 0.)) if count == 2 else
                 ((-.5, .4), (.5, .4), (0., -.45)))
        for layer, (index, spot) in enumerate(zip(indices, spots)):
            self.place(view, layer, index, zoom,
                       (spot[0] + r.uniform(-.03, .03),
                        spot[1] + r.uniform(-.04, .04)))

    def write(self, said):
        """One caption: token ids and labels."""
        r, entry = self.random, self.entries[said['index']]
        name, own = self.call(entry), (entry['col'] or [None])[0]
        colour = said['colour']
        if colour:
            name = f'{colour} {things.COLOUR_WORD.sub("", name)}'
        elif (own in things.HUES and r.random() < .15
              and not things.COLOUR_WORD.match(name)):
            name, colour = f'{own} {name}', own
        other = 0
        if said['number'] > 1:
            text = (f'{r.choice(things.NUMBERS[said["number"]])} '
                    f'{things.plural(name)}')
        elif said['other'] is not None:
            second = self.entries[said['other']]
            other = 1 + self.number[second['name']]
            text = (things.with_article(name)
                    + r.choice((' and ', ' and ', ' next to ', ' with '))
                    + things.with_article(self.call(second)))
        elif said['small']:
            text = r.choice(('a small ', 'a tiny ', 'a little ')) + name
        else:
            frame = r.choices([f for _, f in FRAMES],
                              [share for share, _ in FRAMES])[0]
            text = frame.replace('%n', name).replace(
                '%a', things.with_article(name))
        ground, style = said['ground'], STYLES.index(entry['src'])
        if ground > len(GROUNDS):
            scene = SCENES[ground - 1 - len(GROUNDS)]
            text += ' ' + r.choice(things.SCENES[scene])
        elif ground:
            paint = GROUNDS[ground - 1]
            text += r.choice((
                f' on {things.with_article(paint)} background',
                f' on {things.with_article(paint)} background',
                f', {paint} background', f' on {paint}'))
        elif r.random() < .08:
            text += ' on a white background'
        word, _, share = things.STYLES[entry['src']]
        styled = r.random() < share
        if styled:
            text += f', {word} style'
        return self.tokenizer(text), (
            self.number[entry['name']], other, 1 + style if styled else 0,
            1 + COLOURS.index(colour) if colour else 0, ground,
            said['number'])


def _make(job):
    entries, tokens, length, seed, count = job
    lot = Lot(entries, Tokenizer(tokens, length), seed)
    drawn = [lot.draw() for _ in range(count)]
    return {name: np.array([view[name] for view in drawn], dtype=kind)
            for name, (_, kind) in FIELDS.items()}


def make(entries, tokens, length, seed, count, workers=None):
    """count views of the entries: arrays as in FIELDS, [V,...]."""
    workers = workers or min(14, os.cpu_count())
    share = -(-count // workers)
    jobs = [(entries, tokens, length, seed * 1000 + i, share)
            for i in range(workers)]
    if workers == 1:
        parts = [_make(jobs[0])]
    else:
        parts = spread(workers, _make, jobs)
    return {name: np.concatenate([part[name] for part in parts])[:count]
            for name in FIELDS}
