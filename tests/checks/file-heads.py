# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every source begins with the two header lines and says in a sentence what it is for; no C file grows past 600 lines
unless it is a table."""
from sources import files, finish, read

COPYRIGHT = "Copyright 2026 The Mezzotint developers"
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
LIMIT = 600
# Data in the form of C: as long as what they list.
TABLES = ("-table.c", "-table.h", "-tables.c")

complaints = []
for path in files(".c", ".h", ".cu", ".py", ".css", ".sh"):
    lines = read(path).splitlines()
    head = [line for line in lines[:4] if not line.startswith(("#!", "# shellcheck"))]
    if len(head) < 2 or COPYRIGHT not in head[0] or LICENCE not in head[1]:
        complaints.append(f"{path}:1: does not begin with the copyright and licence lines")
    if path.suffix in (".c", ".h"):
        purpose = next((line for line in lines[2:] if line.strip()), "")
        if not purpose.startswith("/*"):
            complaints.append(f"{path}:3: does not say what the file is for")
        if len(lines) > LIMIT and not path.name.endswith(TABLES):
            complaints.append(f"{path}: {len(lines)} lines, more than {LIMIT}")
finish(complaints)
