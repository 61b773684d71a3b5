# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""C files are as clang-format 14 and .clang-format make them; skipped (77) without that version, as each formats a
little differently."""
import re
import shutil
import subprocess
import sys

from sources import ROOT, files, finish

VERSION = "14"
tool = shutil.which(f"clang-format-{VERSION}") or shutil.which("clang-format")
found = tool and re.search(r"version (\d+)", subprocess.run([tool, "--version"], capture_output=True, text=True).stdout)
if not found or found.group(1) != VERSION:
    print(f"clang-format {VERSION} is not here")
    sys.exit(77)
complaints = []
paths = files(".c", ".h")
# Many files a call: most of its time is its start.
for first in range(0, len(paths), 100):
    run = subprocess.run([tool, "--style=file", "--dry-run", *paths[first:first + 100]], capture_output=True, text=True,
                         cwd=ROOT)
    bad = sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning: code should be clang-formatted", run.stderr, re.M)))
    complaints += [f"{path} is not formatted (clang-format -i {path})" for path in bad]
    if run.returncode:
        complaints.append(run.stderr.strip())
finish(complaints)
