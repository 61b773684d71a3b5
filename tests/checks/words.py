# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""No committed text names a package registry's host or a path of the machine it was written on."""
import re
import shutil
import subprocess
import sys

from sources import ROOT, finish

if not shutil.which("git"):
    print("git is not here, so nobody knows what is committed")
    sys.exit(77)

# Spelt in pieces, so that this file does not find itself.
WORDS = [
    r"\b(?:files\.|test\.)?" + "python" + r"hosted\.org", "py" + r"pi\.org", "registry\\." + r"npm", "crates" + r"\.io",
    "deb\\.debian" + r"\.org", "archive\\.ubuntu" + r"\.com", "conda\\." + "anaconda",
    r"(?<![\w.$}])/" + r"(?:opt|work|root|home)/[\w-]+", r"(?<![\w.$}])/" + r"tmp/[\w-]+",
]
PATTERN = re.compile("|".join(WORDS))
listing = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True)
names = listing.stdout.split("\0")
if listing.returncode or not listing.stdout:
    print("git does not say what is committed:", listing.stderr.strip())
    sys.exit(77)
complaints = []
for name in filter(None, names):
    data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
    if b"\0" in data[:4096]:
        continue
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        match = PATTERN.search(line)
        if match:
            complaints.append(f"{name}:{number}: names {match.group()}")
finish(complaints)
