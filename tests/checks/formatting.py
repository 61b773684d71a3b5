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
for path in files(".c", ".h"):
    text = (ROOT / path).read_bytes()
    wanted = subprocess.run([tool, "--style=file", f"--assume-filename={ROOT / path}"], input=text, capture_output=True,
                            check=True).stdout
    if wanted != text:
        complaints.append(f"{path} is not formatted (clang-format -i {path})")
finish(complaints)
