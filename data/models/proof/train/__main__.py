# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains Proof from the packages to the model folder.

From data/models/proof:

    python3 -m train all --npm NPM --work WORK --to MODEL

makes everything anew: the picture pack, the tokenizer, the autoencoder, the
U-Net with its text encoder, the model folder and a contact sheet. Each part
can be run by itself, in the order of PARTS; 'unet' goes on from its last
checkpoint. NPM is a folder with the unpacked icon packages, WORK holds
everything intermediate (about 400 MB) and belongs outside the repository.
"""

import argparse
import os

import torch

from . import dataset, export, sample, unet, vae, words
from .bpe import Tokenizer
from .nets import Shape, TextEncoder, UNet, Vae

SHEET_PROMPTS = os.path.join(os.path.dirname(__file__), 'prompts.txt')


class Work:
    """Paths inside the work folder."""

    def __init__(self, folder):
        self.pack = os.path.join(folder, 'pack')
        self.tokens = os.path.join(folder, 'tokenizer')
        self.first_vae = os.path.join(folder, 'vae-first.pt')
        self.vae = os.path.join(folder, 'vae.pt')
        self.run = os.path.join(folder, 'unet')
        self.checkpoint = os.path.join(self.run, 'unet.pt')


def make_pack(args, work):
    """Pictures and their names."""
    dataset.build(work.pack, args.npm)


def make_tokenizer(_args, work):
    """Vocabulary and merges."""
    words.train(work.pack, work.tokens)


def make_vae(args, work):
    """Autoencoder, encoder and decoder."""
    vae.train_vae(Shape(), work.pack, work.first_vae, args.vae_minutes)


def make_decoder(args, work):
    """The decoder alone, longer."""
    vae.train_decoder(Shape(), work.pack, work.first_vae, work.vae,
                      args.decoder_minutes)


def make_unet(args, work):
    """U-Net and text encoder."""
    unet.train_unet(Shape(), work.pack, work.first_vae, work.tokens,
                    work.run, args.unet_minutes, compiled=args.compile)


def make_model(args, work):
    """The model folder."""
    size = export.export(work.checkpoint, work.vae, work.tokens, work.pack,
                         args.to)
    print(f'model: {size / 1e6:.1f} MB of weights in {args.to}')


def make_sheet(args, work):
    """Pictures of the fixed prompts, from the unrounded weights."""
    state = torch.load(work.checkpoint)
    shape = Shape(**state['shape'])
    net, text, auto = UNet(shape), TextEncoder(shape), Vae(shape)
    net.load_state_dict(state['average_unet'])
    text.load_state_dict(state['average_text'])
    auto.load_state_dict(torch.load(work.vae))
    tokenizer = Tokenizer(work.tokens, shape.tokens)
    with open(SHEET_PROMPTS, encoding='utf8') as file:
        prompts = file.read().splitlines()
    made = [image for first in range(0, len(prompts), 8)
            for image in sample.draw(net, text, auto, tokenizer, shape,
                                     prompts[first:first + 8],
                                     seed=first)]
    sample.sheet([sample.to_image(image) for image in made], 8, args.sheet,
                 prompts)


PARTS = {'pack': make_pack, 'tokenizer': make_tokenizer, 'vae': make_vae,
         'decoder': make_decoder, 'unet': make_unet, 'model': make_model,
         'sheet': make_sheet}


def main():
    """Runs the parts that were asked for."""
    parser = argparse.ArgumentParser(
        prog='python3 -m train', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('part', choices=['all', *PARTS])
    parser.add_argument('--work', required=True)
    parser.add_argument('--npm', default='.', help='icon packages')
    parser.add_argument('--to', default='model', help='model folder')
    parser.add_argument('--sheet', default='contact-sheet.png')
    parser.add_argument('--vae-minutes', type=float, default=15)
    parser.add_argument('--decoder-minutes', type=float, default=20)
    parser.add_argument('--unet-minutes', type=float, default=90)
    parser.add_argument('--compile', action='store_true',
                        help='torch.compile the U-Net; needs a C++ compiler')
    parser.add_argument('--threads', type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    os.makedirs(args.work, exist_ok=True)
    for name in PARTS if args.part == 'all' else [args.part]:
        PARTS[name](args, Work(args.work))


if __name__ == '__main__':
    main()
