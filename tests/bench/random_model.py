#!/usr/bin/env python3
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checkpoint of SD 1.5's exact shape with random F16 weights, 2.1 GB, by Python alone: for times and memory, where
PyTorch is not at hand. tests/reference/make_full_size.py writes one that diffusers reads too.

  tests/bench/random_model.py sd15-random.safetensors

Names and shapes are those of tests/golden/names-sd1.txt. Weights are uniform within a power of two near the inverse root
of their number of inputs, norms are 1; each repeats a stretch of numbers of prime length."""
import json
import pathlib
import random
import struct
import sys

STRETCH = 1000003
NAMES = pathlib.Path(__file__).parent.parent / "golden" / "names-sd1.txt"


def read_names():
    for line in NAMES.read_text().splitlines():
        name, _, shape = line.split("\t")
        yield name, json.loads(shape)


def is_norm(name):
    return any(part in name for part in ("norm", ".in_layers.0.", ".out_layers.0.", "diffusion_model.out.0."))


def exponent(name, shape):
    """k for numbers within 2^-k, or None for ones."""
    if len(shape) == 1:
        return None if name.endswith("weight") and is_norm(name) else 7
    inputs = shape[1] * (shape[2] * shape[3] if len(shape) == 4 else 1)
    return max(1, (inputs.bit_length() - 1) // 2)


def main():
    out = pathlib.Path(sys.argv[1])
    generator = random.Random(15)
    stretch = [generator.uniform(-1, 1) for _ in range(STRETCH)]
    blocks = {None: struct.pack("<e", 1) * STRETCH}
    header, tensors, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, shape in read_names():
        n = 2
        for side in shape:
            n *= side
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [at, at + n]}
        tensors.append((exponent(name, shape), n))
        at += n
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with out.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for k, n in tensors:
            if k not in blocks:
                blocks[k] = struct.pack(f"<{STRETCH}e", *(value * 2.0 ** -k for value in stretch))
            while n > 0:
                n -= file.write(blocks[k][:n])


if __name__ == "__main__":
    main()
