# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes engine/text/entities-table.c from Python's html.entities, the table of the HTML standard.

    python3 tests/reference/html_entities.py > engine/text/entities-table.c
"""
from html.entities import html5

print('''/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The named character references of the HTML standard, sorted by name for a binary search. Written by
 * tests/reference/html_entities.py; see there. */
#include "text/html.h"

/* clang-format off */
const MzHtmlEntity mz_html_entities[MZ_HTML_N_ENTITIES] = {''')
for name in sorted({n.rstrip(";") for n in html5}):
    chars = [ord(c) for c in html5[name + ";"]]
    bare = name in html5
    assert not bare or html5[name] == html5[name + ";"]
    print('  { "%s", { %s }, %s },' % (name, ", ".join(map(hex, chars)), "TRUE" if bare else "FALSE"))
print("};\n/* clang-format on */")
