# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's library exports what its installed headers declare with MZ_API, and nothing else:

    python symbols.py NM LIBRARY HEADER..."""
import pathlib
import re
import subprocess
import sys

from sources import finish

declared = set()
for path in sys.argv[3:]:
    declared |= set(re.findall(r"\bMZ_API\b[^;{]*?\b(mz_\w+)\s*\(", pathlib.Path(path).read_text(encoding="utf-8")))
lines = subprocess.run([sys.argv[1], "--dynamic", "--defined-only", sys.argv[2]], capture_output=True, text=True,
                       check=True).stdout.splitlines()
exported = {line.split()[-1].split("@")[0] for line in lines}
exported = {name for name in exported if not name.startswith("_")}  # those of the compiler and its sanitizers
finish([f"{name} is exported but no installed header declares it" for name in sorted(exported - declared)]
       + [f"{name} is MZ_API but not exported" for name in sorted(declared - exported)])
