#!/usr/bin/env python3
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a picture's memory is, with and without a limit:

    tests/bench/memory.py --mezzotint build/mezzotint --model sd15-random.safetensors --sizes 256 512 768 1024

Each picture takes one step. Estimate and lowest limit are what the program says before it starts, resident is the most
that the system saw of the whole process; all in MB (1000 kB). Every limited picture must have the bytes of the free one,
and stay under its limit; otherwise this ends with 1."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time


def run(options, size, path, limit=None):
    """Every event of the program's by its name, and how long it took."""
    command = [options.mezzotint, "generate", "a red apple", "--model", options.model, "--size", f"{size}x{size}",
               "--steps", "1", "--seed", "1", "--json", "--output", str(path)]
    if limit is not None:
        command += ["--memory-limit", str(limit)]
    begin = time.monotonic()
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    events = {event["event"]: event for event in map(json.loads, output.splitlines())}
    return events, time.monotonic() - begin


def row(size, limit, events, seconds):
    memory, done = events["memory"], events["done"]
    numbers = [memory["activation_bytes"], memory["peak_bytes"], done["resident_peak_bytes"]]
    print(f"| {size} | {'–' if limit is None else f'{limit / 1e6:.0f}'} | "
          + " | ".join(f"{number / 1e6:.0f}" for number in numbers)
          + f" | {seconds:.0f} | {memory['measures'].replace('_', ' ') or '–'} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mezzotint", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 768, 1024])
    options = parser.parse_args()
    failed = False
    print("| size | limit | activations | estimate | resident | seconds | measures |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        free, limited = pathlib.Path(folder, "free.png"), pathlib.Path(folder, "limited.png")
        for size in options.sizes:
            events, seconds = run(options, size, free)
            row(size, None, events, seconds)
            limit = events["memory"]["least_bytes"]
            events, seconds = run(options, size, limited, limit)
            row(size, limit, events, seconds)
            if free.read_bytes() != limited.read_bytes():
                print(f"{size}: another picture under the limit", file=sys.stderr)
                failed = True
            if events["done"]["resident_peak_bytes"] > limit:
                print(f"{size}: over the limit", file=sys.stderr)
                failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
