# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PyTorch makes of a latent with a TAESD decoder of weights by formula:

    python taesd_goldens.py GOLDEN_FOLDER

writes taesd.safetensors. tests/unit/test-taesd.c has the same formula, so that no weights need to be kept."""
import pathlib
import sys

import torch
from torch import nn

import golden_file

LATENT = (4, 5, 6)


def numbers(stream, shape, scale):
    """Uniform in +-scale: a hash of each element's index."""
    n = torch.Size(shape).numel()
    mask = 0xFFFFFFFF
    values = []
    for i in range(n):
        v = (i * 2654435761 + stream * 40503 + 12345) & mask
        v ^= v >> 15
        v = (v * 2246822519) & mask
        v ^= v >> 13
        values.append((v >> 8) / 2.0 ** 23 - 1)
    return torch.tensor(values, dtype=torch.float64).mul(scale).float().reshape(shape)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(c, c, 3, padding=1), nn.ReLU(), nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),
                                  nn.Conv2d(c, c, 3, padding=1))

    def forward(self, x):
        return torch.relu(self.conv(x) + x)


class Limit(nn.Module):
    def forward(self, x):
        return 3 * torch.tanh(x / 3)


def decoder(channels, levels):
    layers = [Limit(), nn.Conv2d(4, channels, 3, padding=1), nn.ReLU()]
    for level in range(levels):
        if level > 0:
            layers += [nn.Upsample(scale_factor=2), nn.Conv2d(channels, channels, 3, padding=1, bias=False)]
        layers += [Block(channels) for _ in range(3 if level < levels - 1 else 1)]
    return nn.Sequential(*layers, nn.Conv2d(channels, 3, 3, padding=1))


def decode(channels, levels):
    model = decoder(channels, levels)
    for stream, (name, parameter) in enumerate(sorted(model.named_parameters())):
        scale = 0.1 if name.endswith("bias") else 0.08
        parameter.data = numbers(stream, parameter.shape, scale)
    latent = numbers(1000, LATENT, 4)
    with torch.no_grad():
        picture = model.double()(latent.double()[None])[0].float()
    print("output from", picture.min().item(), "to", picture.max().item(), "names", len(list(model.parameters())))
    return latent, picture


def main():
    latent, picture = decode(64, 4)
    _, small = decode(16, 3)
    golden_file.write(pathlib.Path(sys.argv[1]) / "taesd.safetensors",
                      {"decode.latent": latent, "decode.picture": picture, "decode.small": small},
                      {"command": "python taesd_goldens.py GOLDEN_FOLDER"})


if __name__ == "__main__":
    main()
