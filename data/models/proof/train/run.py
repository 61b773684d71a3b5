# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sitting of the training, on a GPU (or, to try it out, without).

    python3 -m train.run DATA STATE OUT MINUTES [--from 0] [--to 1]

DATA has the pack and the tokenizer (python3 -m train pack, tokenizer).
STATE is where a sitting goes on from: what this wrote there on this machine,
the part-*.pt that an earlier sitting left in its OUT, or carried.pt made of
them. OUT gets part-*.pt, the model so far, every half minute, and report.tar:
log, curves, sheets.

The autoencoder is trained first where STATE has none, in a process of its
own and never compiled, while this one compiles the U-Net, where that is
asked for, and teaches the text encoder.
The sitting ends MINUTES after its start, or in order upon SIGTERM. It makes
itself the leader of a process group, whose number is in STATE/group.
"""

import argparse
import os
import random
import subprocess
import sys
import time

import torch

from . import pictures, probe, sample, things, unet, vae, views
from .bpe import Tokenizer
from .clock import Clock, Report, load_parts
from .nets import Shape, Vae

PROMPTS = os.path.join(os.path.dirname(__file__), 'prompts.txt')
TINY = dict(vae_channels=(16, 16, 32), vae_groups=4,
            unet_channels=(32, 32, 48), text_width=64, text_layers=2)
COMPILERS = ('inductor', 'aot_eager', 'none')
AFTER_SECONDS = 9       # kept for the sheet and the last files


def split_entries(pack, most):
    """What is learnt from, and what is only measured."""
    entries = [e for e in pictures.read_entries(pack) if things.wanted(e)]
    aside = things.held_out({e['name'] for e in entries})
    learnt = [e for e in entries if e['name'] not in aside]
    held = [e for e in entries if e['name'] in aside]
    if most:
        learnt.sort(key=lambda e: e['name'] not in things.POPULAR)
        learnt, held = learnt[:most], held[:8]
    return learnt, held


def begin(device):
    """Settings of PyTorch that both processes want."""
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    if device == 'cpu':
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
    torch.zeros(1, device=device)


class Sitting:
    """What the parts of one sitting share."""

    def __init__(self, args):
        self.args = args
        self.shape = Shape(**TINY) if args.tiny else Shape()
        self.tokens = os.path.join(args.data, 'tokenizer')
        self.vae_path = os.path.join(args.state, 'vae.pt')
        self.whole = os.path.join(args.state, 'unet-whole.pt')
        self.clock = Clock(args.minutes, args.first, args.last,
                           2. if args.device == 'cuda' else 20.)
        self.report = Report(os.path.join(args.state, 'report'), args.part)
        self.learnt, self.held = split_entries(args.data, args.tiny)

    def train_vae(self):
        """The autoencoder's process."""
        args = self.args
        drawn = views.make(self.learnt, self.tokens, self.shape.tokens,
                           500 + args.seed, max(64, args.views // 4))
        pixels = pictures.read_pixels(args.data, [*self.learnt, *self.held])
        torch.manual_seed(args.seed)
        begin(args.device)
        vae.train(self.shape, pixels, len(self.learnt), drawn, self.vae_path,
                  args.vae_seconds, self.clock, self.report, args.device,
                  batch=args.vae_batch, rate=args.vae_rate,
                  compiler=args.compiler)

    def start_vae(self, compiler):
        """Starts it."""
        return subprocess.Popen(
            [sys.executable, '-m', 'train.run', *sys.argv[1:],
             '--part', 'vae', '--compiler', compiler])

    def wait_for_vae(self, child):
        """Waits until the autoencoder is trained; starts it again, plainly,
        if it failed."""
        tries = 1
        while not os.path.exists(self.vae_path):
            code = child.poll()
            if self.clock.over(0):
                child.terminate()
                raise SystemExit('ended before the autoencoder was trained')
            if code is not None and not os.path.exists(self.vae_path):
                if tries == 2:
                    raise SystemExit('the autoencoder failed twice')
                self.report.say(f'the autoencoder ended with {code}')
                child, tries = self.start_vae('none'), 2
            time.sleep(.2)
        child.wait()

    def load_vae(self, state):
        """The autoencoder, trained."""
        net = Vae(self.shape)
        net.load_state_dict(state)
        return net.float().to(self.args.device,
                              memory_format=torch.channels_last).eval()

    def train_unet(self):
        """The main process."""
        args, report, device = self.args, self.report, self.args.device
        with open(os.path.join(args.state, 'group'), 'w') as file:
            file.write(f'{os.getpgrp()}\n')
        parts, child, begun = load_parts(args.state), None, time.monotonic()
        if parts is not None and not os.path.exists(self.vae_path):
            torch.save({k: v.float() for k, v in parts['vae'].items()},
                       self.vae_path)
        if not os.path.exists(self.vae_path):
            child = self.start_vae('none')
        # The workers are forked before the GPU is touched.
        drawn = views.make(self.learnt, self.tokens, self.shape.tokens,
                           args.seed + round(100 * args.first), args.views)
        pixels = pictures.read_pixels(args.data, self.learnt)
        report.say(f'{len(pixels)} pictures, {len(drawn["scene"])} views, '
                   f'{time.monotonic() - begun:.1f} s')
        torch.manual_seed(args.seed)
        random.seed(args.seed)
        begin(device)
        tokenizer = Tokenizer(self.tokens, self.shape.tokens)
        run = unet.Run(self.shape, {e['name'] for e in self.learnt},
                       tokenizer, device, args)
        report.say('millions of parameters: ' + ', '.join(
            f'{name} {sum(p.numel() for p in net.parameters()) / 1e6:.2f}'
            for name, net in (('unet', run.unet), ('text', run.text))))
        examples = unet.Examples(drawn, device)
        if args.compiler != 'none':
            run.compile(args.compiler, report)
        if os.path.exists(self.whole):
            run.take_whole(torch.load(self.whole, map_location=device))
            report.say(f'goes on at step {run.step}')
        elif parts is not None:
            run.take_small(parts)
            report.say(f'goes on at step {run.step}, without memory')
        else:
            run.learn_text(examples, args.text_steps, report, self.clock)
        if child:
            self.wait_for_vae(child)
        auto = self.load_vae(torch.load(self.vae_path,
                                        map_location=device))
        compositor, begun = (pictures.Compositor(pixels, device),
                             time.monotonic())
        examples.encode(auto, compositor)
        spread = examples.latents[:4096].float()
        report.say(f'latents in {time.monotonic() - begun:.1f} s, mean '
                   f'{spread.mean():.3f}, deviation {spread.std():.3f}')
        gaps = probe.Probe(self.learnt, compositor, auto, tokenizer, device)
        del compositor
        unet.train(run, examples, gaps, auto, self.clock, report,
                   (self.whole, args.out), args.after)
        try:
            self.sheet(run, auto, tokenizer)
        except Exception as error:      # the weights are what counts
            report.say(f'no sheet: {error}'[:300])
        report.say('done')
        report.pack(os.path.join(args.out, 'report.tar'))

    def sheet(self, run, auto, tokenizer):
        """A sheet of the fixed prompts."""
        with open(PROMPTS, encoding='utf8') as file:
            prompts = file.read().splitlines()
        prompts = prompts[:8] if self.args.tiny else prompts
        made = sample.draw(run.average_unet, run.average_text, auto,
                           tokenizer, self.shape, prompts,
                           steps=5 if self.args.tiny else 25)
        sample.sheet([sample.to_image(p) for p in made.float().cpu()], 10,
                     self.report.path(f'sheet-{run.step}.png'), prompts)


def main():
    """Reads the command line and runs a part."""
    parser = argparse.ArgumentParser(prog='python3 -m train.run',
                                     description=__doc__)
    add = parser.add_argument
    add('data')
    add('state')
    add('out')
    add('minutes', type=float)
    add('--from', dest='first', type=float, default=0.)
    add('--to', dest='last', type=float, default=1.)
    add('--part', default='unet', choices=('unet', 'vae'))
    add('--vae-seconds', type=float, default=75.)
    add('--vae-batch', type=int, default=32)
    add('--vae-rate', type=float, default=1e-3)
    add('--batch', type=int, default=256)
    add('--rate', type=float, default=1e-3)
    add('--text-rate', type=float, default=.3,
        help="the text encoder's, relative")
    add('--text-steps', type=int, default=1500)
    add('--warm', type=int, default=200, help='steps of rising rate')
    add('--hold', type=float, default=.5,
        help='progress up to which the rate stays')
    add('--views', type=int, default=96000)
    add('--after', type=float, default=AFTER_SECONDS)
    add('--seed', type=int, default=1)
    add('--compiler', default='none', choices=COMPILERS,
        help="torch.compile's backend; compiling takes minutes")
    add('--tiny', type=int, default=0,
        help='small networks and so many pictures, to try it out')
    add('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    args = parser.parse_args()
    if args.part == 'unet':
        try:
            os.setpgrp()
        except PermissionError:
            pass        # it leads its group already
    for folder in (args.state, args.out):
        os.makedirs(folder, exist_ok=True)
    sitting = Sitting(args)
    if args.part == 'vae':
        sitting.train_vae()
    else:
        sitting.train_unet()


if __name__ == '__main__':
    main()
