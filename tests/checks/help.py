# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The help's pages are sound, their links and pictures are there, and the window's links lead to pages."""
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from sources import ROOT, finish, read

FOLDER = ROOT / "data" / "help" / "C"
MALLARD = "{http://projectmallard.org/1.0/}"
MOST_BYTES = 1_500_000

complaints, targets, pages = [], set(), {}
for path in sorted(FOLDER.glob("*.page")):
    try:
        pages[path.stem] = page = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        complaints.append(f"{path.name}: {error}")
        continue
    if page.tag != MALLARD + "page" or page.get("id") != path.stem:
        complaints.append(f"{path.name}: is not a page with the id {path.stem}")
    ids = [section.get("id") for section in page.iter(MALLARD + "section")]
    complaints += [f"{path.name}: has the section {name} twice" for name in set(ids) if ids.count(name) > 1]
    targets |= {path.stem} | {f"{path.stem}#{name}" for name in ids}
shown = set()
for name, page in pages.items():
    for link in page.iter(MALLARD + "link"):
        if link.get("xref") and link.get("xref") not in targets:
            complaints.append(f"{name}.page: links to {link.get('xref')}, which is not there")
    if name != "index" and not any(link.get("type") == "guide" for link in page.iter(MALLARD + "link")):
        complaints.append(f"{name}.page: is in no guide")
    for media in page.iter(MALLARD + "media"):
        shown.add(media.get("src"))
        if not (FOLDER / media.get("src")).is_file():
            complaints.append(f"{name}.page: shows {media.get('src')}, which is not there")
        if not "".join(media.itertext()).strip():
            complaints.append(f"{name}.page: {media.get('src')} has no words for those who cannot see it")
figures = {f"figures/{path.name}": path.stat().st_size for path in (FOLDER / "figures").iterdir()}
complaints += [f"data/help/C/{name}: is shown nowhere" for name in sorted(figures.keys() - shown)]
if sum(figures.values()) > MOST_BYTES:
    complaints.append(f"data/help/C/figures: {sum(figures.values())} bytes, more than {MOST_BYTES}")

# The window's links: a table in C, and the actions of buttons.
templates = "".join(read(path.relative_to(ROOT)) for path in sorted((ROOT / "resources").glob("*.ui")))
table = re.findall(r'\{ "(\w+)", "([\w#-]+)" \},', read("ui/help.c"))
if not table:
    complaints.append("ui/help.c: has no table of pages")
for widget, target in table:
    if target not in targets:
        complaints.append(f"ui/help.c: {widget} leads to {target}, which is not there")
    if f'"{widget}"' not in templates:
        complaints.append(f"ui/help.c: no template has {widget}")
for target in re.findall(r"(?:app\.help-page|help\.show)</property>\s*<property name=\"action-target\">'([^']*)'", templates):
    if target not in targets:
        complaints.append(f"resources: a button leads to {target}, which is not there")
if shutil.which("yelp-check"):
    run = subprocess.run(["yelp-check", "validate", *sorted(FOLDER.glob("*.page"))], capture_output=True, text=True)
    complaints += (run.stdout + run.stderr).splitlines() if run.returncode else []
finish(complaints)
