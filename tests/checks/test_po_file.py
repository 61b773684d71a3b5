# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of translations finds what it is there for."""
import po_file

GOOD = r'''
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\n"

#. Translators: a file's name
#, c-format
msgid "“%s” has %d bytes."
msgstr "%2$d Bytes hat „%1$s“."

#, c-format
msgid "%u picture at %d×%d"
msgid_plural "%u pictures at %d×%d"
msgstr[0] "ein Bild mit %2$d×%3$d"
msgstr[1] "%u Bilder mit %d×%d"

msgctxt "verb"
msgid ""
"two "
"lines\n"
msgstr "zwei Zeilen\n"

#~ msgid "gone"
#~ msgstr "weg"
'''
FAULTS = [
    (b"%2$d Bytes hat \xe2\x80\x9e%1$s\xe2\x80\x9c.", "%d Bytes hat „%s“.", "format specifiers"),
    (b"%2$d Bytes hat \xe2\x80\x9e%1$s\xe2\x80\x9c.", "“%s” hat Bytes.", "format specifiers"),
    (b"%2$d Bytes hat \xe2\x80\x9e%1$s\xe2\x80\x9c.", "", "is not translated"),
    (b"%u Bilder mit %d\xc3\x97%d", "Bilder mit %d×%d", "format specifiers"),
    (b"%u Bilder mit %d\xc3\x97%d", "", "lacks form 1"),
    (b"zwei Zeilen\\n", "zwei Zeilen", "white space"),
    (b"#, c-format\nmsgid \"\xe2\x80\x9c", "#, c-format, fuzzy\nmsgid \"“", "fuzzy"),
    (b"nplurals=2", "nplurals=3", "forms"),
    (b"msgctxt \"verb\"\n", "", "is not translated"),
]


def complaints(text):
    wanted, have = po_file.parse(GOOD.split("\n")), po_file.parse(text.split("\n"))
    known = {entry.key: entry for entry in have}
    forms = int(have[0].strs[0].split("nplurals=")[1][0])
    return [complaint for entry in wanted[1:]
            for complaint in po_file.complain(entry, known.get(entry.key), forms, "c-format" in entry.flags)]


entries = po_file.parse(GOOD.split("\n"))
assert [entry.key for entry in entries[1:]] == [(None, "“%s” has %d bytes."), (None, "%u picture at %d×%d"),
                                                ("verb", "two lines\n")], entries
assert entries[1].comments == ["Translators: a file's name"]
assert complaints(GOOD) == [], complaints(GOOD)
for old, new, expected in FAULTS:
    assert old.decode() in GOOD
    found = complaints(GOOD.replace(old.decode(), new, 1))
    assert found and any(expected in complaint for complaint in found), (new, expected, found)
assert po_file.specifiers("%3$.*4$f") is not None and po_file.specifiers("100 %% of %<PRIu64>, %-10s") == {1: "<PRIu64>", 2: "s"}
