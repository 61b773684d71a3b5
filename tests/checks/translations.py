# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every language in po/LINGUAS has every text, none of them fuzzy, with the original's format specifiers.

`translations.py --list LANGUAGE` prints what a language lacks and ends well."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import po_file
from sources import ROOT, finish

KEYWORDS = ["_", "N_", "C_:1c,2", "NC_:1c,2", "ngettext:1,2", "g_dngettext:2,3"]
FLAGS = ["N_:1:pass-c-format", "C_:2:pass-c-format", "NC_:2:pass-c-format", "g_set_error:4:c-format",
         "g_string_append_printf:2:c-format", "g_strdup_printf:1:c-format"]


def extract(folder):
    """The template, made of the sources as they are now."""
    pot = pathlib.Path(folder) / "mezzotint.pot"
    subprocess.run(["xgettext", "--from-code=UTF-8", "--add-comments", "--files-from=po/POTFILES.in", f"--output={pot}",
                    "--package-name=mezzotint", *(f"--keyword={keyword}" for keyword in KEYWORDS),
                    *(f"--flag={flag}" for flag in FLAGS)], cwd=ROOT, check=True)
    return po_file.read(pot)


def n_forms(header):
    match = re.search(r"nplurals=(\d+)", header.strs.get(0, ""))
    return int(match[1]) if match else 0


def check(language, wanted, path):
    entries = po_file.read(path)
    known = {entry.key: entry for entry in entries}
    forms = n_forms(entries[0]) if entries else 0
    complaints = [] if forms else [f"po/{language}.po: has no Plural-Forms"]
    for entry in wanted[1:]:
        for complaint in po_file.complain(entry, known.get(entry.key), forms, "c-format" in entry.flags):
            complaints.append(f"po/{language}.po: “{entry.id}” {complaint}")
    return complaints


def main():
    for tool in ("xgettext", "msgfmt"):
        if not shutil.which(tool):
            print(f"{tool} is not here")
            sys.exit(77)
    languages = [line for line in (ROOT / "po" / "LINGUAS").read_text().split("\n") if line and line[0] != "#"]
    listed = sys.argv[2:] if sys.argv[1:2] == ["--list"] else None
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        wanted = extract(folder)
        for language in listed or languages:
            path = ROOT / "po" / f"{language}.po"
            if not path.is_file():
                complaints.append(f"po/{language}.po: is not there")
                continue
            complaints += check(language, wanted, path)
            run = subprocess.run(["msgfmt", "--check", "--output-file=/dev/null", path], capture_output=True, text=True)
            if run.returncode:
                complaints.append(run.stderr.strip())
    strangers = sorted(p.stem for p in (ROOT / "po").glob("*.po") if p.stem not in languages)
    complaints += [f"po/LINGUAS: lacks {language}" for language in strangers]
    if listed:
        print("\n".join(complaints))
        sys.exit(0)
    finish(complaints)


if __name__ == "__main__":
    main()
