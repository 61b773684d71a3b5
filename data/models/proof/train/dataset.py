# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the picture pack from the packages of ../SOURCES.md.

Debian packages: fonts-noto-color-emoji, unicode-cldr-core, unicode-data and,
to draw SVG, gir1.2-rsvg-2.0 with python3-gi-cairo. npm packages, unpacked
into one folder: @iconify-json/fluent-emoji, @iconify-json/fluent-emoji-flat,
@iconify-json/twemoji, @iconify-json/emojione, @iconify-json/fxemoji. A
source that is not found is left out with a word.

Each picture is cropped to what is drawn, fitted into a square of 128 pixels
with a margin of 6, and stored as RGBA WebP.
"""

import collections
import glob
import io
import json
import os
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

from . import things

EDGE = 128
MARGIN = 6
NOTO = '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf'
CLDR = '/usr/share/unicode/cldr/common'
EMOJI_TEST = '/usr/share/unicode/emoji/emoji-test.txt'
SELECTOR = '\ufe0f'
TONES = {chr(code) for code in range(0x1f3fb, 0x1f400)}
ICON_SETS = {'fluent': 'fluent-emoji', 'fluentflat': 'fluent-emoji-flat',
             'twemoji': 'twemoji', 'emojione': 'emojione',
             'fxemoji': 'fxemoji'}

# Words whose pictures stay out.
UNWANTED = re.compile(
    r'\b(nude|naked|sex\w*|porn\w*|bra|bikini|gun|pistol|rifle|cigarette|'
    r'middle finger)\b')

# Colour names by upper limit of the hue, degrees.
HUE_LIMITS = ((14, 'red'), (40, 'orange'), (66, 'yellow'), (165, 'green'),
              (262, 'blue'), (300, 'purple'), (345, 'pink'), (361, 'red'))


class Names:
    """English names, keywords and groups of all emoji, from CLDR."""

    def __init__(self):
        self.names, self.keywords, self.groups = {}, {}, {}
        for part in ('annotations', 'annotationsDerived'):
            root = ElementTree.parse(f'{CLDR}/{part}/en.xml').getroot()
            for entry in root.iter('annotation'):
                key = entry.get('cp').replace(SELECTOR, '')
                if entry.get('type') == 'tts':
                    self.names[key] = entry.text.strip()
                else:
                    self.keywords[key] = [
                        word.strip() for word in entry.text.split('|')]
        self._read_groups()
        self.by_slug = {slug(name): key for key, name in self.names.items()}
        self.by_letters = {name.replace('-', ''): key
                           for name, key in self.by_slug.items()}

    def _read_groups(self):
        group = subgroup = ''
        with open(EMOJI_TEST, encoding='utf8') as file:
            for line in file:
                if line.startswith('# group:'):
                    group = line[8:].strip()
                elif line.startswith('# subgroup:'):
                    subgroup = line[11:].strip()
                elif ';' in line and line[0] != '#':
                    codes = line.split(';')[0].split()
                    key = ''.join(chr(int(c, 16)) for c in codes)
                    self.groups[key.replace(SELECTOR, '')] = (group,
                                                              subgroup)

    def find(self, icon):
        """Emoji of an icon set's name, or None."""
        return (self.by_slug.get(icon)
                or self.by_letters.get(icon.replace('-', '')))

    def wanted(self, key):
        """Whether the emoji is named, unflagged, without skin tone, fit."""
        _, subgroup = self.groups.get(key, ('', ''))
        return (key in self.groups and key in self.names
                and not any(c in TONES for c in key)
                and subgroup not in ('country-flag', 'subdivision-flag')
                and not UNWANTED.search(self.names[key].lower()))


def slug(name):
    """'Cat Face' -> 'cat-face'."""
    name = re.sub("[’'“”]", '', name.lower())
    return re.sub(r'[^a-z0-9]+', '-', name).strip('-')


def plain(name):
    """Lower case, without quotes and brackets."""
    name = re.sub('[“”()]', '', name.lower().replace('’', "'"))
    return re.sub(r'[\s:_]+', ' ', name).strip()


def fit(image):
    """Crops to the drawing and fits it into the square; None if empty."""
    image = image.convert('RGBA')
    rows, columns = np.where(np.asarray(image)[..., 3] > 8)
    if len(rows) < 30:
        return None
    image = image.crop((columns.min(), rows.min(),
                        columns.max() + 1, rows.max() + 1))
    scale = (EDGE - 2 * MARGIN) / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    # Colours are resized multiplied with alpha, or edges would darken.
    pixels = np.asarray(image).astype(np.float32)
    pixels[..., :3] *= pixels[..., 3:] / 255
    planes = [np.asarray(Image.fromarray(pixels[..., i]).resize(
        (width, height), Image.LANCZOS)) for i in range(4)]
    alpha = np.clip(planes[3], 0, 255)[..., None]
    colour = np.stack(planes[:3], -1) / np.maximum(alpha / 255, 1e-3)
    out = np.zeros((EDGE, EDGE, 4), np.uint8)
    top, left = (EDGE - height) // 2, (EDGE - width) // 2
    out[top:top + height, left:left + width] = np.concatenate(
        [np.clip(colour, 0, 255), alpha], -1)
    return Image.fromarray(out)


def hue_and_light(rgb):
    """Hue in degrees, saturation and value of colours [N,3] in 0..1."""
    red, green, blue = rgb.T
    top = rgb.max(1)
    span = top - rgb.min(1)
    safe = np.maximum(span, 1e-6)
    hue = np.where(
        top == red, ((green - blue) / safe) % 6,
        np.where(top == green, (blue - red) / safe + 2,
                 (red - green) / safe + 4)) * 60
    return np.where(span < 1e-6, 0, hue), span / np.maximum(top, 1e-6), top


def colours(image):
    """Names of the one or two colours that cover most of the drawing."""
    pixels = np.asarray(image).astype(np.float32)
    rgb = pixels[pixels[..., 3] > 128][:, :3] / 255
    if len(rgb) < 50:
        return []
    hue, strength, light = hue_and_light(rgb)
    named = np.full(len(rgb), 'gray', dtype='<U6')
    named[(strength < .18) & (light > .86)] = 'white'
    named[light < .22] = 'black'
    coloured = (strength >= .18) & (light >= .22)
    low = 0
    for high, name in HUE_LIMITS:
        named[coloured & (hue >= low) & (hue < high)] = name
        low = high
    named[coloured & (hue >= 8) & (hue < 45) & (light < .68)] = 'brown'
    reddish = (hue >= 345) | (hue < 14)
    named[coloured & reddish & (light > .8) & (strength < .5)] = 'pink'
    found, counts = np.unique(named, return_counts=True)
    return [str(found[i]) for i in np.argsort(-counts)
            if counts[i] > .2 * len(rgb)][:2]


def draw_svg(text, edge=2 * EDGE):
    """Draws an SVG; returns an RGBA image whose longer side is edge."""
    import cairo
    import gi
    gi.require_version('Rsvg', '2.0')
    from gi.repository import Rsvg
    handle = Rsvg.Handle.new_from_data(text.encode())
    known, width, height = handle.get_intrinsic_size_in_pixels()
    if not known or width <= 0 or height <= 0:
        width = height = edge
    scale = edge / max(width, height)
    width, height = (max(1, int(side * scale + .5))
                     for side in (width, height))
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, width, height)
    frame = Rsvg.Rectangle()
    frame.x = frame.y = 0
    frame.width, frame.height = width, height
    handle.render_document(cairo.Context(surface), frame)
    surface.flush()
    pixels = np.ndarray((height, surface.get_stride() // 4, 4), np.uint8,
                        surface.get_data())[:, :width].astype(np.float32)
    alpha = pixels[..., 3:]
    rgb = np.clip(pixels[..., 2::-1] / np.maximum(alpha / 255, 1 / 255),
                  0, 255)
    return Image.fromarray(np.concatenate([rgb, alpha],
                                          -1).astype(np.uint8))


def noto_pictures(names):
    """Pairs of emoji and bitmap from the colour font."""
    from fontTools.ttLib import TTFont
    font = TTFont(NOTO)
    glyphs, joined = font.getBestCmap(), {}
    for lookup in font['GSUB'].table.LookupList.Lookup:
        for table in lookup.SubTable:
            if table.LookupType == 7:
                table = table.ExtSubTable
            if table.LookupType == 4:
                for first, ligatures in table.ligatures.items():
                    for one in ligatures:
                        joined[(first, *one.Component)] = one.LigGlyph
    bitmaps = {name: bitmap.imageData
               for strike in font['CBDT'].strikeData
               for name, bitmap in strike.items()}
    for key in names.groups:
        parts = tuple(glyphs.get(ord(c)) for c in key)
        name = parts[0] if len(parts) == 1 else joined.get(parts)
        if None not in parts and name in bitmaps:
            yield key, Image.open(io.BytesIO(bitmaps[name]))


def icon_pictures(names, folder):
    """Pairs of emoji and drawing from an unpacked icon set."""
    with open(f'{folder}/icons.json', encoding='utf8') as file:
        icons = json.load(file)
    with open(f'{folder}/chars.json', encoding='utf8') as file:
        codes = json.load(file)
    keys = collections.defaultdict(list)
    for code, icon in codes.items():
        key = ''.join(chr(int(part, 16)) for part in code.split('-'))
        keys[icon].append(key.replace(SELECTOR, ''))
    for icon, entry in icons['icons'].items():
        if entry.get('hidden'):
            continue
        known = [key for key in keys[icon] if key in names.groups]
        key = known[0] if known else names.find(icon)
        if key is None or not names.wanted(key):
            continue
        size = {side: entry.get(side, icons.get(side, default))
                for side, default in (('left', 0), ('top', 0),
                                      ('width', 16), ('height', 16))}
        yield key, draw_svg(
            '<svg xmlns="http://www.w3.org/2000/svg" '
            'xmlns:xlink="http://www.w3.org/1999/xlink" '
            'width="{width}" height="{height}" '
            'viewBox="{left} {top} {width} {height}">'.format(**size)
            + entry['body'] + '</svg>')


def sources(names, npm):
    """Name and pictures of each source that is there."""
    if os.path.exists(NOTO):
        yield 'noto', noto_pictures(names)
    else:
        print('noto: not found, left out')
    for source, package in ICON_SETS.items():
        found = [folder for pattern in (f'{npm}/@iconify-json/{package}',
                                        f'{npm}/iconify-json-{package}-[0-9]*')
                 for folder in glob.glob(pattern) if os.path.isdir(folder)]
        if found:
            yield source, icon_pictures(names, found[0])
        else:
            print(f'{source}: not found, left out')


def build(folder, npm):
    """Writes pictures.bin and pictures.json into folder."""
    os.makedirs(folder, exist_ok=True)
    names, entries, blob = Names(), [], io.BytesIO()
    for source, found in sources(names, npm):
        for key, image in found:
            image = fit(image) if names.wanted(key) else None
            if image is None:
                continue
            start = blob.tell()
            image.save(blob, 'WEBP', quality=85, method=4, exact=False)
            blob.seek(0, io.SEEK_END)
            group, subgroup = names.groups[key]
            entries.append({
                'src': source, 'name': plain(names.names[key]),
                'group': group, 'sub': subgroup,
                'kw': [plain(w) for w in names.keywords.get(key, [])],
                'col': colours(image), 'o': start,
                'n': blob.tell() - start})
        print(f'{source}: {len(entries)} pictures so far', flush=True)
    write(folder, entries, blob.getvalue())


def write(folder, entries, blob):
    """Writes a pack."""
    with open(f'{folder}/pictures.bin', 'wb') as file:
        file.write(blob)
    with open(f'{folder}/pictures.json', 'w', encoding='utf8') as file:
        json.dump(entries, file, ensure_ascii=False,
                  separators=(',', ':'))


KEPT = ('src', 'name', 'kw', 'group', 'sub', 'col', 'o', 'n')


def thin(source, folder, quality=None):
    """Copies what Proof learns from one pack to another, to carry it.

    source: a pack (pictures.* or, from before the names changed, data.*).
    quality: of WebP, to encode the pictures anew.
    """
    os.makedirs(folder, exist_ok=True)
    stem = next(s for s in ('pictures', 'data')
                if os.path.exists(f'{source}/{s}.json'))
    with open(f'{source}/{stem}.json', encoding='utf8') as file:
        entries = [e for e in json.load(file) if things.wanted(e)]
    kept, blob = [], io.BytesIO()
    with open(f'{source}/{stem}.bin', 'rb') as file:
        for entry in entries:
            file.seek(entry['o'])
            picture = file.read(entry['n'])
            if quality:
                again = io.BytesIO()
                Image.open(io.BytesIO(picture)).save(
                    again, 'WEBP', quality=quality, alpha_quality=quality,
                    method=6)
                picture = again.getvalue()
            kept.append(dict({name: entry[name] for name in KEPT},
                             o=blob.tell(), n=len(picture)))
            blob.write(picture)
    write(folder, kept, blob.getvalue())
    print(f'{len(kept)} pictures, {blob.tell() / 1e6:.1f} MB')
