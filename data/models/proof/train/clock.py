# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time, checkpoints and log of a run that may be stopped and go on.

A run has a deadline on the wall. It may be frozen (SIGSTOP) for a while:
that time is not training, but the deadline stays. SIGTERM ends it early and
in order.
"""

import collections
import io
import json
import multiprocessing
import os
import signal
import tarfile
import time

import torch

PART_BYTES = 13_000_000


class Clock:
    """Counts the seconds in which steps were made.

    Progress goes from first to last over what is left until the deadline.
    A step that took longer than frozen was none.
    """

    def __init__(self, minutes, first=0., last=1., frozen=2.):
        self.frozen = frozen
        self.deadline = time.monotonic() + 60 * minutes
        self.first, self.last = first, last
        self.active, self.before = 0., None
        self.ended = False
        self.begun = time.monotonic()
        signal.signal(signal.SIGTERM, self._end)

    def _end(self, *_):
        self.ended = True

    def left(self):
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def over(self, reserve):
        """Whether to end, with so many seconds still to be used after."""
        return self.ended or self.left() < reserve

    def tick(self):
        """To be called once a step; the first call starts the counting."""
        now = time.monotonic()
        if self.before is not None and now - self.before < self.frozen:
            self.active += now - self.before
        self.before = now

    def pause(self):
        """What comes until the next tick is no step."""
        self.before = None

    def progress(self, reserve=0.):
        """Share of the whole training that is done."""
        left = max(0., self.left() - reserve)
        done = self.active / max(1e-3, self.active + left)
        return self.first + (self.last - self.first) * done


def spread(workers, function, jobs):
    """function of each job, in forked processes.

    They end by SIGTERM, whatever this process does on it: a pool that is
    left would wait for ever for one that only makes a note.
    """
    with multiprocessing.get_context('fork').Pool(
            workers, signal.signal, (signal.SIGTERM, signal.SIG_DFL)) as pool:
        return pool.map(function, jobs)


class Report:
    """Lines to the terminal and a file, figures to another, pictures; all
    packed into one archive that can be fetched."""

    def __init__(self, folder, name):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.name = folder, name
        self.begun = time.monotonic()

    def path(self, name):
        """Where a file of the report goes."""
        return os.path.join(self.folder, name)

    def say(self, text):
        """Prints and keeps a line."""
        line = f'{time.monotonic() - self.begun:6.1f} {self.name}: {text}'
        print(line, flush=True)
        with open(self.path('log.txt'), 'a', encoding='utf8') as file:
            file.write(line + '\n')

    def figures(self, **values):
        """Keeps figures for the curves."""
        with open(self.path(f'{self.name}.jsonl'), 'a',
                  encoding='utf8') as file:
            file.write(json.dumps(values) + '\n')

    def pack(self, path):
        """Writes all files of the report as one archive."""
        with tarfile.open(path + '.tmp', 'w') as archive:
            for name in sorted(os.listdir(self.folder)):
                archive.add(self.path(name), name)
        os.replace(path + '.tmp', path)


class Means:
    """Means of tensors, without waiting for the device at each step."""

    def __init__(self):
        self.sums, self.count = collections.Counter(), 0

    def add(self, **values):
        """Adds one step's values."""
        for name, value in values.items():
            self.sums[name] = self.sums[name] + value.detach()
        self.count += 1

    def take(self):
        """The means, and starts anew."""
        found = {name: float(value) / max(1, self.count)
                 for name, value in self.sums.items()}
        self.sums, self.count = collections.Counter(), 0
        return found


def save(state, path):
    """Writes a checkpoint so that a stop never leaves half of one."""
    torch.save(state, path + '.tmp')
    os.replace(path + '.tmp', path)


def half(state):
    """State dict in half precision on the host."""
    return {name: value.detach().to('cpu', torch.float16)
            for name, value in state.items()}


def pack_bytes(state):
    """State dict with its matrices as bytes and a scale a row, half the
    size of half precision: to carry a run, not to draw with."""
    found = {}
    for name, value in state.items():
        if value.dim() < 2:
            found[name] = value.half()
            continue
        rows = value.float().reshape(len(value), -1)
        scale = rows.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        found[name] = ((rows / scale).round().char(), scale, value.shape)
    return found


def unpack_bytes(state):
    """What pack_bytes packed, in single precision."""
    return {name: (value[0].float() * value[1]).reshape(value[2])
            if isinstance(value, tuple) else value.float()
            for name, value in state.items()}


def save_parts(state, folder, stamp):
    """Writes a checkpoint as part-0, part-1 ... of a bounded size.

    Each begins with the stamp, so that parts of two checkpoints are never
    taken for one.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    blob = buffer.getvalue()
    count = -(-len(blob) // PART_BYTES)
    size = -(-len(blob) // count)
    head = f'{stamp:08d}/{count:02d}\n'.encode()
    names = [os.path.join(folder, f'part-{i}.pt') for i in range(count)]
    for i, name in enumerate(names):
        with open(name + '.tmp', 'wb') as file:
            file.write(head + blob[i * size:(i + 1) * size])
    for name in names:
        os.replace(name + '.tmp', name)


PACKED = ('unet', 'text', 'reader')


def carry(source, path):
    """Makes one file, of half the size, of the parts in a folder."""
    state = load_parts(source)
    save(dict(state, **{name: pack_bytes(state[name]) for name in PACKED}),
         path)


def load_parts(folder):
    """The checkpoint that save_parts or carry wrote in a folder, or
    None."""
    carried = os.path.join(folder, 'carried.pt')
    if os.path.exists(carried):
        state = torch.load(carried, map_location='cpu', weights_only=False)
        return dict(state, **{name: unpack_bytes(state[name])
                              for name in PACKED})
    if not os.path.exists(os.path.join(folder, 'part-0.pt')):
        return None
    blob, head, i, count = b'', None, 0, 1
    while i < count:
        with open(os.path.join(folder, f'part-{i}.pt'), 'rb') as file:
            found = file.readline()
            if head not in (None, found):
                raise ValueError('the parts are of two checkpoints')
            head, count = found, int(found.split(b'/')[1])
            blob += file.read()
        i += 1
    return torch.load(io.BytesIO(blob), map_location='cpu',
                      weights_only=False)
