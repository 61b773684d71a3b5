# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page tells every option and exit code of the command line, and nothing else: man_page.py PROGRAM."""
import os
import re
import shutil
import subprocess
import sys

from sources import ROOT, finish

PAGE = ROOT / "data" / "man" / "mezzotint.1"
OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def helped(*command):
    """What the program's help lists: options stand at the beginning of a line."""
    text = subprocess.run([sys.argv[1], *command, "--help"], capture_output=True, text=True, check=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}).stdout
    options = set()
    for line in text.split("\n"):
        match = re.match(r"  (-\w, )?(--[\w-]+)", line)
        if match:
            options |= {name.strip(", ") for name in match.groups() if name}
    return text, options


def told(section):
    """The options that a section of the page explains: those on the line below .TP."""
    lines = section.split("\n")
    heads = [lines[i + 1] for i, line in enumerate(lines[:-1]) if line == ".TP"]
    plain = [re.sub(r"\\f[A-Z]|\\ ", " ", head).replace("\\-", "-") for head in heads]
    return {name for head in plain for name in OPTION.findall(head)}


page = PAGE.read_text(encoding="utf-8")
sections = {title: text for title, text in re.findall(r"^\.SH (.*)\n((?:(?!\.SH ).*\n)*)", page, re.M)}
overview, _ = helped()
commands = re.findall(r"^  ([a-z]+) {2,}", overview.split("Exit codes:")[0], re.M)
complaints = []
if not commands:
    complaints.append("the help lists no commands")
for command in commands:
    options = helped(command)[1]
    section = sections.get(command.upper())
    if section is None:
        complaints.append(f"{PAGE.name}: has no section {command.upper()}")
        continue
    complaints += [f"{PAGE.name}: {command} lacks {name}" for name in sorted(options - told(section))]
    complaints += [f"{PAGE.name}: {command} has no option {name}" for name in sorted(told(section) - options)]
codes = set(re.findall(r"^  (\d+) {2,}", overview.split("Exit codes:")[1], re.M))
page_codes = set(re.findall(r"^\.B (\d+)$", sections["EXIT STATUS"], re.M))
complaints += [f"{PAGE.name}: exit code {code} is only told on one side" for code in sorted(codes ^ page_codes)]
for name in set(re.findall(r"MEZZOTINT_\w+", overview)) - set(re.findall(r"MEZZOTINT_\w+", page)):
    complaints.append(f"{PAGE.name}: lacks {name}")
if shutil.which("groff"):
    run = subprocess.run(["groff", "-man", "-ww", "-z", "-Kutf8", "-Tutf8", PAGE], capture_output=True, text=True)
    complaints += run.stderr.splitlines()
finish(complaints)
