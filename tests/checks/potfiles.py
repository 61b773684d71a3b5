# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""po/POTFILES.in lists every source with translatable texts, and nothing else."""
import re

from sources import ROOT, files, finish, read

TRANSLATABLE = re.compile(r"\b(?:_|N_|C_|ngettext) \(")

listed = {line for line in (ROOT / "po" / "POTFILES.in").read_text().splitlines() if line and not line.startswith("#")}
needed = {str(path) for path in files(".c", rooms=("engine", "app", "ui")) if TRANSLATABLE.search(read(path))}
needed |= {str(path) for path in files(".ui", rooms=("resources",)) if 'translatable="' in read(path)}
needed |= {str(path) for path in files(".desktop.in", ".metainfo.xml.in", ".mime.xml.in", ".gschema.xml", rooms=("data",))}
finish([f"po/POTFILES.in: lacks {name}" for name in sorted(needed - listed)]
       + [f"po/POTFILES.in: {name} has no text to translate, or is gone" for name in sorted(listed - needed)])
