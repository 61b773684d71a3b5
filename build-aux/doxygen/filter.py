# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a header of the engine, whose comments are plain C, into what Doxygen reads as documentation:

    python filter.py HEADER

A comment belongs to the declarations below it down to the next blank line or comment, one behind a declaration to that
one, and the first after the licence to the file."""
import re
import sys

DECLARATION = re.compile(r"^\s*(MZ_API\b|typedef\b|struct\b|#\s*define\b|enum\b|[A-Za-z_][\w \t*]*[\w\]](,|;| = |$)|[\w ]+\(\*\w+\) \()")


def opened(text, mark="/**"):
    """A comment, marked; lines that are set in by three or more are code."""
    body = text.removeprefix("/*").removesuffix("*/")
    lines = [re.sub(r"^\s*\* ?", "", line) for line in body.splitlines()]
    out = []
    for line in lines:
        is_code = line.startswith("  ") and line.strip() != ""
        if is_code and out and out[-1].strip() and not out[-1].startswith("    "):
            out.append("")
        if not is_code and out and out[-1].startswith("    ") and line.strip():
            out.append("")
        # Doxygen's own markup is not meant: pointers are not HTML, names in angles neither.
        plain = re.sub(r"([<>#@\\%])", r"\\\1", line)
        plain = re.sub(r"(?<![\w`])(\w*[*_]\w*\*|\*\w+)(?![\w`])", r"`\1`", plain)
        out.append("    " + line if is_code else plain)
    return mark + " " + "\n".join(out).strip("\n") + " */"


def comments(text):
    """Alternates code and comments."""
    return re.split(r"(/\*.*?\*/)", text, flags=re.S)


def split_members(text):
    """Gives each of several members on a line the comment behind it."""
    def split(match):
        indent, kind, names, comment = match.groups()
        return "\n".join(f"{indent}{kind} {name.strip()};{comment or ''}" for name in names.split(","))

    return re.sub(r"^( +)((?:const )?\w+) (\*?\w+(?:,\s*\*?\w+)+);( */\*.*?\*/)?", split, text, flags=re.M | re.S)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        pieces = comments(split_members(file.read()))
    result, carried, n_comments = [], None, 0
    for i, piece in enumerate(pieces):
        if i % 2 == 0:
            lines = piece.split("\n")
            for k, line in enumerate(lines):
                if k > 0 and not line.strip() and k < len(lines) - 1:
                    carried = None
                # A declaration after another one: it shares the comment above both.
                follows = (k > 0 and carried and carried[1] and DECLARATION.match(line)
                           and lines[k - 1].rstrip().endswith(";"))
                has_own = k == len(lines) - 1 and i + 1 < len(pieces)
                if follows and not has_own:
                    result.append(carried[0] + "\n")
                if carried and DECLARATION.match(line):
                    carried = (carried[0], True)
                result.append(line + ("\n" if k < len(lines) - 1 else ""))
            continue
        n_comments += 1
        before = pieces[i - 1].split("\n")[-1]
        if n_comments == 1 or piece.startswith("/* ----"):
            result.append("")
            carried = None
        elif n_comments == 2:
            result.append(opened(piece, "/** @file\n"))
        elif (end := re.fullmatch(r"\} (\w+); *", before)):
            # Behind a struct or an enum: its own.
            kind = "enum" if re.findall(r"^typedef (enum|struct)", "".join(pieces[:i]), flags=re.M)[-1] == "enum" else "struct"
            result.append(opened(piece, f"/** @{kind} {end.group(1)}\n"))
        elif before.strip():
            result.append(opened(piece, "/**<"))
        else:
            carried = (opened(piece), False)
            result.append(carried[0])
    sys.stdout.write("".join(result))


main()
