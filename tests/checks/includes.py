# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms include only what lies below them (the map is in engine/README.md); siblings are strangers."""
import re

from sources import files, finish, read

# Headers of the engine that the program may see besides engine.h.
PUBLIC = ["engine.h", "core/cancel.h", "core/error.h", "core/names.h"]
# Room -> what its #include "..." may begin with, and the libraries its #include <...> may come from.
ROOMS = {
    "engine/core/": (["core/", "error.h"], ["nettle"]),
    "engine/ops/": (["ops/", "core/"], []),
    "engine/backends/cpu/": (["backends/cpu/", "ops/", "core/"], []),
    "engine/backends/cuda/": (["backends/cuda/", "ops/", "core/", "cuda-emulation.h"], ["cu"]),
    "engine/io/": (["io/", "core/"], ["json-glib"]),
    "engine/text/": (["text/", "core/"], ["json-glib"]),
    "engine/models/": (["models/", "ops/", "core/"], []),
    "engine/diffusion/": (["diffusion/", "core/"], []),
    "engine/pipeline/": (["pipeline/", "engine.h", "text/", "models/", "diffusion/", "io/", "ops/", "core/"], []),
    "engine/engine.h": (["core/cancel.h", "core/error.h"], []),
    "app/files/": (["app/files/"] + PUBLIC, ["gio", "json-glib", "png", "jpeglib", "jerror", "zlib", "cairo", "pango"]),
    "app/jobs/": (["app/jobs/", "app/files/", "app/settings.h"] + PUBLIC, ["gio", "json-glib"]),
    "app/library/": (["app/library/", "app/files/", "app/settings.h"] + PUBLIC, ["gio", "json-glib", "sqlite3"]),
    "app/cli/": (["app/cli/", "app/jobs/", "app/files/"] + PUBLIC, ["gio"]),
    "app/settings": (["app/settings", "app/files/path-text.h"], ["gio"]),
    # Where everything is put together: the one file of the program that sees both command line and window.
    "app/main.c": (["app/cli/", "app/files/language.h", "ui/application.h"], []),
    "app/search-main.c": (["app/library/", "app/files/language.h", "app/settings.h"], []),
    "ui/": (["ui/", "app/"] + PUBLIC, ["gio", "gtk", "adwaita", "gdk", "graphene", "pango", "gsk"]),
}
LIBRARIES = ["gio", "gtk", "adwaita", "gdk", "json-glib", "png", "jpeglib", "jerror", "sqlite3", "zlib",
             "cairo", "pango", "cu", "nettle"]

complaints = []
for path in files(".c", ".h", ".cu", rooms=("engine", "app", "ui")):
    room = next((r for r in ROOMS if str(path).startswith(r)), None)
    if room is None:
        complaints.append(f"{path}: lies in no known room")
        continue
    ours, theirs = ROOMS[room]
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match is None:
            continue
        quote, name = match.groups()
        if quote == '"' and not any(name.startswith(prefix) for prefix in ours):
            complaints.append(f"{path}:{number}: {room} must not include {name}")
        if quote == "<" and any(name.startswith(lib) for lib in LIBRARIES if lib not in theirs):
            complaints.append(f"{path}:{number}: {room} must not use {name}")
finish(complaints)
