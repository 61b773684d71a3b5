# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the checks: the files of the tree, and how a check ends."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("engine", "app", "ui", "tests")


def files(*suffixes, rooms=ROOMS):
    """Paths below the root, of our own code, sorted."""
    found = [p for room in rooms for p in (ROOT / room).rglob("*") if p.is_file() and p.name.endswith(suffixes)]
    return sorted(p.relative_to(ROOT) for p in found)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def finish(complaints):
    """Prints each complaint on a line; the exit status says whether there was any."""
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
