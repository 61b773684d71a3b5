# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that the tokenizer's merges are learnt from."""

from . import bpe, pictures, things

SIZE = 4096

TEMPLATE_WORDS = (
    'a picture of a drawing of a an the one cute big small tiny little on a '
    'white background style emoji flat simple glossy classic rounded photo '
    'painting beautiful nice two three pair and with next to in at sky '
    'night colorful happy sad of')


def train(pack, folder):
    """Learns the vocabulary from all names and keywords of the pack."""
    entries = [e for e in pictures.read_entries(pack) if things.wanted(e)]
    texts = []
    for entry in entries:
        texts += [entry['name']] * 4 + entry['kw']
    texts += [TEMPLATE_WORDS] * 50 + [*things.BACKGROUNDS] * 50
    texts += [text for scene in things.SCENES.values()
              for text in scene] * 50
    for names in things.POPULAR.values():
        texts += names * 100
        texts += [things.plural(name) for name in names] * 20
    vocabulary, merges = bpe.learn(texts, SIZE)
    bpe.write(folder, vocabulary, merges)
    print(f'tokenizer: {len(vocabulary)} entries')
