# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes Proof from the packages to the model folder.

From data/models/proof, in this order:

    python3 -m train pack --npm NPM --data DATA     pictures and their names
    python3 -m train tokenizer --data DATA          vocabulary and merges
    train/gpu.sh DATA STATE OUT 12                  the training, on a GPU
    python3 -m train carry --parts OUT --to FILE   a small carried.pt, to go on
                                                   from on another machine
    python3 -m train model --data DATA --parts OUT --to MODEL
    python3 -m train sheet --data DATA --parts OUT --sheet FILE
    python3 -m train preview --data DATA --model MODEL
    python3 -m train evaluate --data DATA --model MODEL --program MEZZOTINT
                                                    --to FOLDER
    python3 -m train curves --report FOLDER... --to FILE

NPM is a folder with the unpacked icon packages. DATA, STATE and OUT belong
outside the repository. The training can be cut into sittings: see run.py.
"""

import argparse
import os

import torch

from . import dataset, export, sample, words
from .bpe import Tokenizer
from .clock import carry, load_parts

SHEET_PROMPTS = os.path.join(os.path.dirname(__file__), 'prompts.txt')


def make_pack(args):
    """Pictures and their names, from the packages or an older pack."""
    if args.thin:
        dataset.thin(args.thin, args.data, args.quality)
    else:
        dataset.build(args.data, args.npm)


def make_tokenizer(args):
    """Vocabulary and merges."""
    words.train(args.data, os.path.join(args.data, 'tokenizer'))


def make_model(args):
    """The model folder."""
    size = export.export(load_parts(args.parts),
                         os.path.join(args.data, 'tokenizer'), args.data,
                         args.to)
    print(f'model: {size / 1e6:.1f} MB of weights in {args.to}')


def make_carried(args):
    """One file to go on from."""
    carry(args.parts, args.to)
    print(f'{os.path.getsize(args.to) / 1e6:.1f} MB')


def make_sheet(args):
    """Pictures of the fixed prompts."""
    shape, unet, text, vae = export.load_networks(load_parts(args.parts))
    tokenizer = Tokenizer(os.path.join(args.data, 'tokenizer'),
                          shape.tokens)
    with open(args.prompts, encoding='utf8') as file:
        prompts = file.read().splitlines()
    made = [image for first in range(0, len(prompts), 10)
            for image in sample.draw(unet, text, vae, tokenizer, shape,
                                     prompts[first:first + 10],
                                     args.steps, args.guidance,
                                     args.seed + first)]
    sample.sheet([sample.to_image(image) for image in made], 10, args.sheet,
                 prompts)


def evaluate_model(args):
    """How good a model is."""
    from .evaluate import evaluate      # wants SciPy
    evaluate(args.data, os.path.abspath(args.model), args.to, args.program,
             not args.no_sweeps)


def fit_preview(args):
    """A tiny decoder for previews."""
    from .preview import fit
    fit(args.data, args.model, args.seconds)


def draw_curves(args):
    """Losses over the training."""
    from .curves import draw            # wants Matplotlib
    draw(args.report, args.to)


PARTS = {'pack': make_pack, 'tokenizer': make_tokenizer,
         'carry': make_carried, 'model': make_model, 'sheet': make_sheet,
         'evaluate': evaluate_model, 'curves': draw_curves,
         'preview': fit_preview}


def main():
    """Runs the part that was asked for."""
    parser = argparse.ArgumentParser(
        prog='python3 -m train', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('part', choices=PARTS)
    add('--data', default='data', help='pack and tokenizer')
    add('--npm', default='.', help='icon packages')
    add('--thin', help='an older pack to take the pictures from')
    add('--quality', type=int, help='encode thinned pictures anew')
    add('--parts', default='.', help='folder of a checkpoint part-*.pt')
    add('--to', default='model', help='model folder')
    add('--model', default='.', help='model folder to evaluate')
    add('--program', default='mezzotint', help='what draws for evaluate')
    add('--no-sweeps', action='store_true',
        help='leave guidance and steps as they are')
    add('--seconds', type=float, default=480.,
        help='how long preview learns')
    add('--report', nargs='+', default=['report'],
        help="unpacked report.tar of the sittings, in their order")
    add('--sheet', default='contact-sheet.png')
    add('--prompts', default=SHEET_PROMPTS)
    add('--steps', type=int, default=25)
    add('--guidance', type=float, default=3.)
    add('--seed', type=int, default=0)
    add('--threads', type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    PARTS[args.part](args)


if __name__ == '__main__':
    main()
