# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's byte-level byte-pair encoding: training, files and encoding.

The vocabulary is laid out as CLIP's: 256 byte characters, the same with the
end-of-word mark, one entry a merge, then the start and the end token.
"""

import collections
import json
import math
import os
import re

START, END = '<|startoftext|>', '<|endoftext|>'
WORD_END = '</w>'
PATTERN = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+")


def byte_characters():
    """The printable character that stands for each byte, as in GPT-2."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in kept}
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(256 + len(table) - len(kept))
    return table


BYTES = byte_characters()


def split(text):
    """Words of a text, lower case, each as a string of byte characters."""
    text = re.sub(r'\s+', ' ', text).strip().lower()
    return [''.join(BYTES[b] for b in word.encode())
            for word in PATTERN.findall(text)]


def join_pair(parts, pair):
    """parts with each occurrence of pair joined into one."""
    joined, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            joined.append(parts[i] + parts[i + 1])
            i += 2
        else:
            joined.append(parts[i])
            i += 1
    return joined


def learn(texts, size):
    """Vocabulary {token: id} and merges for at most size tokens.

    Words count with the logarithm of their frequency, so that the template
    words of the captions do not crowd out the names.
    """
    counts = collections.Counter(w for text in texts for w in split(text))
    words = [[*w[:-1], w[-1] + WORD_END] for w in counts]
    weights = [math.log2(1 + n) * 4 for n in counts.values()]
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, word in enumerate(words):
        for pair in zip(word, word[1:]):
            pairs[pair] += weights[i]
            where[pair].add(i)
    tokens = [*BYTES.values(), *(c + WORD_END for c in BYTES.values())]
    merges = []
    while len(tokens) + 2 < size and pairs:
        best = max(pairs, key=lambda p: (pairs[p], p))
        if pairs[best] < 4:
            break
        merges.append(best)
        tokens.append(''.join(best))
        for i in list(where[best]):
            for pair in zip(words[i], words[i][1:]):
                pairs[pair] -= weights[i]
                where[pair].discard(i)
            words[i] = join_pair(words[i], best)
            for pair in zip(words[i], words[i][1:]):
                pairs[pair] += weights[i]
                where[pair].add(i)
        pairs.pop(best, None)
    tokens += [START, END]
    return {token: i for i, token in enumerate(tokens)}, merges


def write(folder, vocabulary, merges):
    """Writes vocab.json and merges.txt as CLIP's tokenizers read them."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, 'vocab.json')
    with open(path, 'w', encoding='utf8') as file:
        json.dump(vocabulary, file, ensure_ascii=False)
    path = os.path.join(folder, 'merges.txt')
    with open(path, 'w', encoding='utf8') as file:
        file.write('#version: 0.2\n')
        file.writelines(f'{a} {b}\n' for a, b in merges)


class Tokenizer:
    """Text to a fixed number of token ids."""

    def __init__(self, folder, length):
        with open(os.path.join(folder, 'vocab.json'),
                  encoding='utf8') as file:
            self.vocabulary = json.load(file)
        with open(os.path.join(folder, 'merges.txt'),
                  encoding='utf8') as file:
            lines = file.read().split('\n')[1:]
        self.ranks = {tuple(line.split()): rank
                      for rank, line in enumerate(lines) if line}
        self.length = length
        self.start = self.vocabulary[START]
        self.end = self.vocabulary[END]
        self.known = {}

    def word(self, word):
        """Ids of one word of byte characters."""
        if word not in self.known:
            parts = [*word[:-1], word[-1] + WORD_END]
            while len(parts) > 1:
                pair = min(zip(parts, parts[1:]),
                           key=lambda p: self.ranks.get(p, math.inf))
                if pair not in self.ranks:
                    break
                parts = join_pair(parts, pair)
            self.known[word] = [self.vocabulary[part] for part in parts]
        return self.known[word]

    def __call__(self, text):
        """start, the words, end, then end again as padding."""
        ids = [i for word in split(text) for i in self.word(word)]
        ids = [self.start, *ids[:self.length - 2], self.end]
        return ids + [self.end] * (self.length - len(ids))
