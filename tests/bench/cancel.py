#!/usr/bin/env python3
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a cancel takes in each phase, from the signal to the end of the process:

    tests/bench/cancel.py --mezzotint build/mezzotint --model sd15-random.safetensors --size 512 --times 5

For each phase (loading, text, a step, decoding) the program is started anew, interrupted at a random moment after the
phase began, and waited for: until it says that it was cancelled, and until the process is gone, which on a graphics card is
the driver's business for the most part. The first line is how long the phase itself lasts, so that the moments can be spread
over it."""
import argparse
import json
import random
import signal
import statistics
import subprocess
import tempfile
import threading
import time


def start(options, folder):
    return subprocess.Popen(
        [options.mezzotint, "generate", "a red apple", "--model", options.model, "--size",
         f"{options.size}x{options.size}", "--steps", "1", "--json", "--output", f"{folder}/x.png"]
        + (["--threads", str(options.threads)] if options.threads else []), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def phase_of(line):
    event = json.loads(line)
    return event.get("phase") if event["event"] == "phase" else event["event"]


def time_phases(options, folder):
    """Seconds from each phase's beginning to the next one's."""
    begins, process = {"load": time.monotonic()}, start(options, folder)
    for line in process.stdout:
        begins.setdefault(phase_of(line), time.monotonic())
    assert process.wait() == 0
    order = ["load", "text", "sample", "decode", "picture"]
    return {a: begins[b] - begins[a] for a, b in zip(order, order[1:])}


def cancel_once(options, folder, phase, delay):
    process = start(options, folder)
    if phase != "load":
        for line in process.stdout:
            if phase_of(line) == phase:
                break
    time.sleep(delay)
    heard = []
    reader = threading.Thread(target=lambda: heard.extend(time.monotonic() for _ in process.stdout))
    reader.start()
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    code = process.wait()
    end = time.monotonic()
    reader.join()
    return heard[-1] - begin if heard else 0, end - begin, code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mezzotint", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, help="all, unless given")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lengths = time_phases(options, folder)
        print("seconds in a phase: " + ", ".join(f"{k} {v:.2f}" for k, v in lengths.items()))
        for phase, length in lengths.items():
            latest = 0.02 if phase == "load" else 0
            runs = [cancel_once(options, folder, phase, random.uniform(latest, 0.9 * length))
                    for _ in range(options.times)]
            cancelled = [(1000 * said, 1000 * gone) for said, gone, code in runs if code == 130]
            texts = [f"{what} median {statistics.median(taken):.0f} ms, worst {max(taken):.0f} ms"
                     for what, taken in zip(("says so", "is gone"), zip(*cancelled))]
            print(f"{phase:7} {'; '.join(texts)}; {len(cancelled)} of {len(runs)} cancelled")


if __name__ == "__main__":
    main()
