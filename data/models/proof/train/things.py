# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Proof knows, and how a picture of it is put into words."""

import re

# Picture source -> the word that names its drawing style in a prompt, and
# the share of the training samples that come from it.
STYLES = {
    'noto': ('emoji', .58),
    'fluentflat': ('flat', .25),
    'twemoji': ('simple', .17),
}

# CLDR name of the emoji -> names used in captions, the usual one first.
THINGS = {
    'red apple': ['red apple', 'apple'],
    'green apple': ['green apple'],
    'banana': ['banana'],
    'tangerine': ['orange fruit', 'orange', 'tangerine'],
    'lemon': ['lemon'],
    'strawberry': ['strawberry'],
    'cherries': ['cherries', 'cherry'],
    'grapes': ['grapes'],
    'watermelon': ['watermelon'],
    'carrot': ['carrot'],
    'mushroom': ['mushroom'],
    'pizza': ['pizza'],
    'hamburger': ['hamburger', 'burger'],
    'soft ice cream': ['ice cream'],
    'cat face': ['cat', 'cat face'],
    'dog face': ['dog', 'dog face'],
    'panda': ['panda'],
    'pig face': ['pig', 'pig face'],
    'rabbit face': ['rabbit', 'bunny', 'rabbit face'],
    'frog': ['frog'],
    'tropical fish': ['fish', 'tropical fish'],
    'butterfly': ['butterfly'],
    'penguin': ['penguin'],
    'grinning face': ['smiling face', 'happy face', 'grinning face'],
    'smiling face with sunglasses': [
        'face with sunglasses', 'cool face', 'smiling face with sunglasses'],
    'crying face': ['crying face', 'sad face'],
    'angry face': ['angry face'],
    'sun': ['sun'],
    'crescent moon': ['moon', 'crescent moon'],
    'star': ['star', 'yellow star'],
    'cloud': ['cloud'],
    'rainbow': ['rainbow'],
    'snowman without snow': ['snowman'],
    'evergreen tree': ['tree', 'evergreen tree', 'fir tree'],
    'palm tree': ['palm tree'],
    'cactus': ['cactus'],
    'tulip': ['tulip'],
    'sunflower': ['sunflower', 'flower'],
    'red heart': ['red heart', 'heart'],
    'blue heart': ['blue heart'],
    'green heart': ['green heart'],
    'house': ['house'],
    'automobile': ['car', 'automobile'],
    'sailboat': ['sailboat', 'boat'],
    'rocket': ['rocket'],
    'balloon': ['balloon'],
    'soccer ball': ['soccer ball', 'football'],
    'ghost': ['ghost'],
    'wrapped gift': ['gift', 'present'],
}

# Things that are also shown with their hue turned.
TURNED = {
    'red apple', 'red heart', 'automobile', 'balloon', 'tulip',
    'tropical fish', 'butterfly', 'star', 'mushroom', 'cat face', 'frog',
    'wrapped gift', 'grinning face', 'rocket', 'house', 'sunflower',
}

# Colours of backgrounds, red green blue of 255.
BACKGROUNDS = {
    'red': (226, 60, 52), 'orange': (245, 150, 40),
    'yellow': (250, 215, 70), 'green': (80, 175, 80),
    'blue': (70, 130, 225), 'purple': (145, 90, 200),
    'pink': (245, 150, 190), 'brown': (140, 95, 60),
    'black': (25, 25, 28), 'gray': (150, 150, 152),
    'light blue': (175, 215, 245), 'white': (255, 255, 255),
}

# Colours that a picture can be turned to, degrees of hue.
HUES = {'red': 0, 'orange': 30, 'yellow': 52, 'green': 120, 'blue': 215,
        'purple': 275, 'pink': 325}

# How a caption wraps the name: share, text. %n is the bare name, %a the name
# with its article.
FRAMES = (
    (.40, '%n'), (.25, '%a'), (.10, 'a picture of %a'),
    (.05, 'a drawing of %a'), (.05, 'a cute %n'), (.03, 'a photo of %a'),
    (.02, 'one %n'), (.03, 'a beautiful %n'), (.03, 'the %n'),
    (.04, 'a painting of %a'),
)

OWN_COLOUR = re.compile('^(red|green|blue|yellow) ')


def with_article(name):
    """'apple' -> 'an apple'; plurals stay as they are."""
    if name.endswith('s'):
        return name
    return ('an ' if name[0] in 'aeiou' else 'a ') + name


def frame(name, random):
    """The name in one of the frames, drawn by share."""
    shares = [share for share, _ in FRAMES]
    text = random.choices([text for _, text in FRAMES], shares)[0]
    return text.replace('%n', name).replace('%a', with_article(name))


def caption(item, background, colour, random):
    """One caption of a picture.

    item: entry of the pack; background: key of BACKGROUNDS; colour: what the
    hue was turned to, or None. Returns the text and whether the style is
    named in it.
    """
    names = THINGS[item['name']]
    name = random.choice(names) if random.random() < .6 else names[0]
    own = item['col'][0] if item['col'] else None
    if colour:
        name = colour + ' ' + OWN_COLOUR.sub('', name)
    elif (own in HUES and item['name'] in TURNED
          and name.split()[0] not in HUES and random.random() < .15):
        name = own + ' ' + name
    text = frame(name, random)
    if background != 'white':
        text += random.choice((' on a %s background', ', %s background',
                               ' on %s')) % background
    elif random.random() < .12:
        text += ' on a white background'
    styled = random.random() < .3
    if styled:
        text += f", {STYLES[item['src']][0]} style"
    return text, styled


def labels(item, styled, background, colour):
    """What the caption said, as four class numbers (see LABEL_COUNTS)."""
    return (list(THINGS).index(item['name']),
            1 + list(STYLES).index(item['src']) if styled else 0,
            list(BACKGROUNDS).index(background),
            1 + list(HUES).index(colour) if colour else 0)


LABEL_COUNTS = (len(THINGS), len(STYLES) + 1, len(BACKGROUNDS),
                len(HUES) + 1)
