# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads gettext's .po and .pot files, and tells what is wrong with a translation."""
import re
from dataclasses import dataclass, field

ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "r": "\r", "a": "\a"}
# A conversion of printf; `%<PRIu64>` is how gettext writes the system's own.
SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-+ #0']*)(\d+|\*)?(?:\.(\d+|\*))?(<PRI\w+>|(?:hh|h|ll|l|z|j|t|L)?[diouxXeEfFgGcspaA]|%)")


@dataclass
class Entry:
    """One text: `strs` has one translation, or one for each form of the plural."""
    context: str | None = None
    id: str = ""
    plural: str | None = None
    strs: dict = field(default_factory=dict)
    flags: set = field(default_factory=set)
    comments: list = field(default_factory=list)

    @property
    def key(self):
        return self.context, self.id


def unquote(text):
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[0]), text)


def parse(lines):
    """The entries of a file, obsolete ones left out; the first is its header."""
    entries, entry, put = [], None, None
    for line in lines:
        line = line.strip()
        match = re.match(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[(\d)\])?)?\s*"(.*)"$', line)
        if line.startswith("#"):
            if entry is None or entry.strs:
                entry = None
            if line.startswith("#~"):
                continue
            entry = entry or Entry()
            if line.startswith("#,"):
                entry.flags |= {flag.strip() for flag in line[2:].split(",")}
            elif line.startswith("#."):
                entry.comments.append(line[2:].strip())
        elif match:
            keyword, text = match[1], unquote(match[3])
            if keyword in ("msgctxt", "msgid") and (entry is None or entry.strs):
                entry = Entry()
            if keyword == "msgctxt":
                entry.context, put = text, "context"
            elif keyword == "msgid":
                entry.id, put = text, "id"
                entries.append(entry)
            elif keyword == "msgid_plural":
                entry.plural, put = text, "plural"
            elif keyword:
                put = int(match[2] or 0)
                entry.strs[put] = text
            elif isinstance(put, int):
                entry.strs[put] += text
            else:
                setattr(entry, put, getattr(entry, put) + text)
    return entries


def read(path):
    return parse(path.read_text(encoding="utf-8").splitlines())


def specifiers(text):
    """Which argument is shown how: {1: "s", 2: "d"}; flags and widths may differ between languages."""
    found, position = {}, 0
    for match in SPECIFIER.finditer(text):
        number, _flags, width, precision, kind = match.groups()
        if kind == "%":
            continue
        for star in (width, precision):
            if star == "*":
                position += 1
                found[position] = "*"
        position = position if number else position + 1
        found[int(number) if number else position] = kind
    return found


def edges(text, original):
    """Whether white space at the ends, which programs rely on, is as the original's; only columns may be padded more."""
    begin, end = (re.match(r"[\n ]*", original)[0], re.search(r"[\n ]*$", original)[0])
    own_begin, own_end = (re.match(r"[\n ]*", text)[0], re.search(r"[\n ]*$", text)[0])
    return begin == own_begin and end.count("\n") == own_end.count("\n") and (" " not in end or " " in own_end)


def complain(wanted, entry, n_forms, is_format):
    """What is wrong with the translation `entry` (or None) of `wanted`, as short texts."""
    if entry is None or not any(entry.strs.values()):
        return ["is not translated"]
    if "fuzzy" in entry.flags:
        return ["is marked as fuzzy"]
    complaints = []
    forms = range(n_forms) if wanted.plural is not None else [0]
    if sorted(entry.strs) != list(forms):
        complaints.append(f"has {len(entry.strs)} forms where the language has {len(forms)}")
    for form, text in sorted(entry.strs.items()):
        if not text:
            complaints.append(f"lacks form {form}")
            continue
        original = wanted.id if wanted.plural is None else wanted.plural
        have, need = specifiers(text), specifiers(original)
        # A form for one or two things may leave its number out, as gettext allows, but only an integer's.
        left_out = [kind for number, kind in need.items() if number not in have]
        may_leave = wanted.plural is not None and form < n_forms - 1 and len(left_out) == 1 and left_out[0] in "diu"
        if is_format and have != need and not (may_leave and have.items() <= need.items()):
            complaints.append(f"has the format specifiers {have} where {need} are needed")
        if not edges(text, original):
            complaints.append("begins or ends with other white space")
    return complaints
