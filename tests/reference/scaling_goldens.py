# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes pictures as Pillow scales them, bicubic, to fill a size without changing proportions:

    python scaling_goldens.py ../golden

  scaling.safetensors
    picture          [H,W,3] U8 the one that all come from
    WIDTHxHEIGHT     [HEIGHT,WIDTH,3] U8
"""
import pathlib
import sys

import numpy as np
import PIL
import torch
from PIL import Image, ImageOps

import golden_file
from evaluate_goldens import drawing

SIZES = ((17, 11), (24, 24), (8, 40), (61, 45), (90, 30), (1, 1))


def main(golden):
    picture = drawing(45, 61, seed=3)
    out = {"picture": picture}
    for size in SIZES:
        scaled = ImageOps.fit(Image.fromarray(picture.numpy()), size, Image.Resampling.BICUBIC)
        out[f"{size[0]}x{size[1]}"] = torch.from_numpy(np.asarray(scaled).copy())
    golden_file.write(golden / "scaling.safetensors", out, {
        "command": "tests/reference/scaling_goldens.py tests/golden", "pillow": PIL.__version__})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
