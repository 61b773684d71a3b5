# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the noise levels of schedules, as make-help-figures prints them: plot-levels.py LEVELS PICTURE.svg"""
import math
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 360, 46, 40, 12
RIGHT = 150
SHOWN = {"model": ("Model’s own", "#1c71d8"), "karras": ("Karras", "#c01c28"), "exponential": ("Exponential", "#2ec27e"),
         "beta": ("Beta", "#813d9c"), "ays": ("Align Your Steps", "#e5a50a"), "gits": ("GITS", "#63452c")}
LOW, HIGH = 0.02, 20.0

levels = {}
for line in open(sys.argv[1], encoding="utf-8"):
    name, *numbers = line.split()
    levels[name] = [float(number) for number in numbers]
steps = len(next(iter(levels.values())))


def at(step, level):
    x = LEFT + (WIDTH - LEFT - RIGHT) * (step - 1) / (steps - 1)
    share = math.log(max(level, LOW) / LOW) / math.log(HIGH / LOW)
    return f"{x:.1f},{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share:.1f}"


parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
         'font-family="sans-serif" font-size="13">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
for level in (0.1, 1, 10):
    x, y = at(1, level).split(",")
    parts.append(f'<path d="M{x},{y}H{WIDTH - RIGHT}" stroke="#d0d0d0"/>'
                 f'<text x="{LEFT - 8}" y="{float(y) + 4}" text-anchor="end">{level:g}</text>')
for step in (1, 5, 10, 15, steps):
    x = at(step, 1).split(",")[0]
    parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{step}</text>')
parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">step</text>')
parts.append(f'<text x="12" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 12 {HEIGHT / 2})">noise after it</text>')
for row, (name, (label, colour)) in enumerate(SHOWN.items()):
    points = " ".join(at(step, level) for step, level in enumerate(levels[name], 1) if level > 0)
    y = TOP + 14 + 20 * row
    parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                 f'<path d="M{WIDTH - RIGHT + 12},{y - 4}h18" stroke="{colour}" stroke-width="3"/>'
                 f'<text x="{WIDTH - RIGHT + 36}" y="{y}">{label}</text>')
open(sys.argv[2], "w", encoding="utf-8").write("\n".join(parts + ["</svg>", ""]))
