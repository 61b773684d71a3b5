# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons keep to the grid, symbolic ones can be recoloured, and each name that the program uses is one of ours, or of
the desktop's theme where that is installed."""
import pathlib
import re
import xml.etree.ElementTree as xml

from sources import ROOT, files, finish, read

SVG = "{http://www.w3.org/2000/svg}"
THEME = pathlib.Path("/usr/share/icons/Adwaita")
# What recolouring understands: https://docs.gtk.org/gtk4/class.IconTheme.html names symbolic icons' rules.
SYMBOLIC_FILLS = {"#2e3436", "#222222", "#000000", "none", None}
SYMBOLIC_TAGS = {SVG + tag for tag in ("svg", "g", "path", "rect", "circle")}
LIMIT_BYTES = 32 << 10


def check(path):
    root = xml.parse(path).getroot()
    is_symbolic = path.stem.endswith("-symbolic")
    size = 16 if is_symbolic else 128
    name = path.relative_to(ROOT)
    if [root.get(key) for key in ("width", "height", "viewBox")] != [str(size), str(size), f"0 0 {size} {size}"]:
        yield f"{name}: is not {size} px"
    if path.stat().st_size > LIMIT_BYTES:
        yield f"{name}: {path.stat().st_size} bytes, more than {LIMIT_BYTES}"
    for element in root.iter():
        if element.tag in (SVG + "image", SVG + "text", SVG + "script", SVG + "filter"):
            yield f"{name}: has a {element.tag.removeprefix(SVG)}, which is not drawn the same everywhere"
        if is_symbolic and (element.tag not in SYMBOLIC_TAGS or element.get("fill") not in SYMBOLIC_FILLS):
            yield f"{name}: <{element.tag.removeprefix(SVG)}> cannot be recoloured"


icons = sorted([*(ROOT / "data" / "icons").rglob("*.svg"), *(ROOT / "resources" / "icons").rglob("*.svg")])
complaints = [complaint for icon in icons for complaint in check(icon)]
ours = {icon.stem for icon in icons}
theirs = {icon.stem for icon in THEME.rglob("*.svg")}
for path in files(".ui", rooms=("resources",)) + files(".c", rooms=("ui",)):
    for used in re.findall(r"[\">]([a-z0-9][a-z0-9-]*-symbolic)[\"<]", read(path)):
        if theirs and used not in ours | theirs:
            complaints.append(f"{path}: there is no icon {used}")
finish(complaints)
