#!/usr/bin/env python3
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""How time and memory grow with the picture and with the number of pictures: one guided picture at several sizes,
then 1 to 8 of them at one size. Beside the seconds stands what the arithmetic of an SD 1.5-shaped model asks for, so
that a column of seconds per TFLOP that stays level says that nothing grows faster.

  tests/bench/growth.py --model sd15-random.safetensors --mezzotint build/mezzotint --out growth.json --plot growth.svg

Seconds are of processor time, all threads together. Up to 512x512 there are two steps, of which the first, which also
touches new memory, is not counted; above there is that one alone. The table grows by a row at a time and is written
after each, smallest work first; after --minutes no further row is begun, and those left out are named."""
import argparse
import json
import math
import os
import pathlib
import sys
import time

import step

# Multiply-adds at 512x512, 10^9, by direct sums: what goes with the pixels, and with their square (self attention).
STEP_WORK = {"pixels": 677.8, "square": 122.5}
DECODE_WORK = {"pixels": 1240.3, "square": 17.2}


def tflop(work, side):
    pixels = (side / 512) ** 2
    return 2e-3 * (work["pixels"] * pixels + work["square"] * pixels ** 2)


def run(options, side, count, steps):
    """One run of the program: its phases' seconds, its peak, and the largest memory of its own, MiB."""
    options.steps = steps
    peer = step.mezzotint_peer(options)
    command = peer.command
    peer.command = lambda *about: [*command(*about), "--count", count]
    times, peak, own = step.time_once(peer, side, sys.stderr)
    each = [cpu for _, cpu in times["step"]]
    return {"side": side, "count": count, "steps": steps, "peak_mib": peak, "own_mib": own,
            "step_cpu_s": min(each[1:] or each),
            "decode_cpu_s": min(cpu for _, cpu in times["decode"]),
            "all_cpu_s": sum(each) + sum(cpu for name in ("text", "decode") for _, cpu in times[name]),
            "load_average": os.getloadavg()[0]}


def by_size(rows):
    lines = ["| size | step, s | TFLOP | s/TFLOP | decode, s | TFLOP | s/TFLOP | peak MiB (own) |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        work = [tflop(kind, row["side"]) for kind in (STEP_WORK, DECODE_WORK)]
        lines.append(f"| {row['side']} | {row['step_cpu_s']:.2f} | {work[0]:.3f} | {row['step_cpu_s'] / work[0]:.1f} | "
                     f"{row['decode_cpu_s']:.2f} | {work[1]:.3f} | {row['decode_cpu_s'] / work[1]:.1f} | "
                     f"{row['peak_mib']:.0f} ({row['own_mib']:.0f}) |")
    return lines


def by_count(rows):
    lines = ["| pictures | s in all | s a picture | peak MiB (own) |", "|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['count']} | {row['all_cpu_s']:.2f} | {row['all_cpu_s'] / row['count']:.2f} | "
                     f"{row['peak_mib']:.0f} ({row['own_mib']:.0f}) |")
    return lines


def plot(rows):
    """Seconds over pixels on logarithmic axes, with what the arithmetic predicts from the first size, dashed."""
    width, height, margin = 480, 320, 50
    top = max(max(row["step_cpu_s"], row["decode_cpu_s"]) for row in rows) * 1.5
    low = min(min(row["step_cpu_s"], row["decode_cpu_s"]) for row in rows) / 1.5
    span = math.log(rows[-1]["side"] / rows[0]["side"]) or 1

    def line(color, dash, value):
        points = " ".join(
            f"{margin + (width - 2 * margin) * math.log(row['side'] / rows[0]['side']) / span:.1f},"
            f"{height - margin - (height - 2 * margin) * math.log(value(row) / low) / math.log(top / low):.1f}"
            for row in rows)
        return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2" {dash}/>'

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             'font-family="sans-serif" font-size="12">', f'<rect width="{width}" height="{height}" fill="white"/>']
    for name, color, work, y in (("step", "#1a5fb4", STEP_WORK, 20), ("decode", "#c64600", DECODE_WORK, 36)):
        key, start = f"{name}_cpu_s", rows[0]
        scale = start[key] / tflop(work, start["side"])
        parts += [line(color, "", lambda row, k=key: row[k]),
                  line(color, 'stroke-dasharray="3 4" opacity="0.6"', lambda row, w=work, s=scale: s * tflop(w, row["side"])),
                  f'<text x="{margin}" y="{y}" fill="{color}">{name}, s of processor time '
                  f'({start[key]:.1f} to {rows[-1][key]:.1f}); dashed: as the arithmetic grows</text>']
    for row in rows:
        x = margin + (width - 2 * margin) * math.log(row["side"] / rows[0]["side"]) / span
        parts.append(f'<text x="{x:.1f}" y="{height - margin + 20}" text-anchor="middle">{row["side"]}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def pixels(cell):
    return cell[0] ** 2 * cell[1]


def measure(options):
    end = time.monotonic() + 60 * options.minutes
    cells = [(int(side), 1, "sizes") for side in options.sizes.split(",") if side]
    if options.count_size > 0:
        cells += [(options.count_size, count, "counts") for count in map(int, options.counts.split(","))]
    found = {"machine": step.machine(), "threads": options.threads, "sizes": [], "counts": [], "left_out": []}
    for side, count, kind in sorted(cells, key=pixels):
        if time.monotonic() > end:
            found["left_out"].append(f"{count} of {side}x{side}")
            continue
        found[kind].append(run(options, side, count, 2 if kind == "sizes" and side <= 512 else 1))
        if options.out:
            options.out.write_text(json.dumps(found, indent=2) + "\n")
    if options.out:
        options.out.write_text(json.dumps(found, indent=2) + "\n")
    if options.plot and found["sizes"]:
        options.plot.write_text(plot(found["sizes"]))
    print("\n".join([*by_size(found["sizes"]), "", f"{options.count_size}x{options.count_size}, one step each:", "",
                     *by_count(found["counts"])]))
    if found["left_out"]:
        print(f"\nLeft out, as the time was up: {', '.join(found['left_out'])}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="F16 safetensors file in the original layout")
    parser.add_argument("--mezzotint", required=True, help="our program")
    parser.add_argument("--sizes", default="256,512,768,1024", help="sides of the pictures, px")
    parser.add_argument("--count-size", type=int, default=256, help="side of those that are counted; 0 leaves them out")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=pathlib.Path, help="JSON")
    parser.add_argument("--plot", type=pathlib.Path, help="SVG")
    parser.add_argument("--counts", default="1,2,4,8", help="numbers of pictures")
    parser.add_argument("--minutes", type=float, default=60, help="begin nothing new after so many")
    options = parser.parse_args()
    measure(options)


if __name__ == "__main__":
    main()
