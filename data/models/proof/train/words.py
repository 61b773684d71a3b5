# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that the tokenizer's merges are learnt from."""

import json
import os

from . import bpe, things

SIZE = 4096

TEMPLATE_WORDS = (
    'a picture of a drawing of a an the one cute big small little on a white '
    'background style emoji flat simple glossy classic rounded photo '
    'painting beautiful nice two three with and in at sky at night colorful '
    'happy sad')


def train(pack, folder):
    """Learns the vocabulary from all names and keywords of the pack."""
    with open(os.path.join(pack, 'pictures.json'), encoding='utf8') as file:
        entries = json.load(file)
    texts = []
    for entry in entries:
        texts += [entry['name']] * 4 + entry['kw']
    texts += [TEMPLATE_WORDS] * 50 + [*things.BACKGROUNDS] * 50
    texts += [name for names in things.THINGS.values()
              for name in names] * 100
    vocabulary, merges = bpe.learn(texts, SIZE)
    bpe.write(folder, vocabulary, merges)
    print(f'tokenizer: {len(vocabulary)} entries')
