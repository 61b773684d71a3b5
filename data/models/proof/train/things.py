# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Proof learns, and what people call it."""

import re

# Picture source -> style word, share of the samples, how often a caption
# names the style. Noto is the look of a prompt that names none.
STYLES = {
    'noto': ('emoji', .48, .25),
    'fluent': ('glossy', .17, .75),
    'fluentflat': ('flat', .14, .9),
    'twemoji': ('simple', .11, .92),
    'emojione': ('classic', .06, .92),
    'fxemoji': ('rounded', .04, .92),
}

GROUPS = {'Smileys & Emotion', 'Animals & Nature', 'Food & Drink',
          'Travel & Places', 'Activities', 'Objects'}
SUBGROUPS = {'geometric', 'person-fantasy', 'person-role', 'body-parts',
             'person-sport', 'hand-fingers-open', 'hand-fingers-closed',
             'hand-single-finger', 'hands'}
LEFT_OUT_SUBGROUPS = {'zzz'}

# Whose pictures stay out: unfit for a newcomer's first picture, letters and
# dials that a small model cannot draw, or many pictures of one idea.
UNWANTED = re.compile(
    r"\b(nude|naked|sex\w*|bra|bikini|briefs|gun|pistol|rifle|cigarette|"
    r'middle finger|poo|vomiting|symbols on mouth|coffin|funeral|bomb|'
    r"o'clock|-thirty|mahjong|flower playing cards|joker|suit|love hotel|"
    r'lingerie|deaf|banknote|button|input|map of japan|biting lip|'
    r'kiss mark|chart|cigarettes|headstone|blood)\b')
ONE_SEX = re.compile(r"^(man|woman|men|women) \w|^mrs\. |^mx ")

# CLDR name -> what people write, the usual one first. These things are
# drawn POPULAR_WEIGHT times as often as the others.
POPULAR_WEIGHT = 4
POPULAR = {}


def _popular(text):
    for line in text.strip().splitlines():
        name, _, others = line.partition(':')
        words = [word.strip() for word in others.split(',') if word.strip()]
        POPULAR[name.strip()] = words or [name.strip()]


_popular('''
red apple: apple, red apple
green apple
pear
banana
tangerine: orange fruit, orange, tangerine
lemon
strawberry
cherries: cherries, cherry
grapes
watermelon
pineapple
peach
mango
kiwi fruit: kiwi, kiwi fruit
coconut
avocado
tomato
eggplant
carrot
ear of corn: corn, ear of corn
broccoli
potato
onion
mushroom
hot pepper: chili pepper, hot pepper
pumpkin: pumpkin
jack-o-lantern: pumpkin, jack-o-lantern
pizza: pizza, slice of pizza
hamburger: hamburger, burger
hot dog
french fries: fries, french fries
taco
sandwich
bread
croissant
cheese wedge: cheese
egg
cooking: fried egg
popcorn
sushi
doughnut: donut, doughnut
cookie
birthday cake: birthday cake, cake
shortcake: slice of cake, cake
cupcake
pie
chocolate bar: chocolate, chocolate bar
candy
lollipop
soft ice cream: ice cream
ice cream: bowl of ice cream
honey pot: honey, honey pot
glass of milk: milk, glass of milk
hot beverage: coffee, cup of coffee, tea
teapot
beer mug: beer, mug of beer
wine glass: wine, glass of wine
tropical drink: cocktail, drink
cat face: cat, cat face
cat: whole cat
black cat
dog face: dog, dog face
dog: whole dog
poodle
fox: fox
wolf
lion
tiger face: tiger, tiger face
tiger: whole tiger
horse face: horse, horse head
horse: horse, galloping horse
unicorn
zebra
cow face: cow, cow head
cow: whole cow
pig face: pig, pig head
pig: whole pig
ewe: sheep
goat
camel
giraffe
elephant
rhinoceros: rhino, rhinoceros
hippopotamus: hippo, hippopotamus
mouse face: mouse, mouse head
hamster
rabbit face: rabbit, bunny, rabbit head
rabbit: whole rabbit
hedgehog
squirrel
chipmunk: squirrel, chipmunk
bat
bear
polar bear
koala
panda
monkey face: monkey, monkey head
monkey: whole monkey
gorilla
sloth
kangaroo
chicken: chicken, hen
rooster
baby chick: chick, baby chick
bird
penguin
dove
eagle
duck
swan
owl
flamingo
peacock
parrot
frog
crocodile
turtle
snake
lizard
dragon face: dragon head
dragon
t-rex: dinosaur, t-rex
sauropod: dinosaur, long neck dinosaur
whale
spouting whale: whale, spouting whale
dolphin
fish
tropical fish: fish, tropical fish
blowfish: pufferfish
shark
octopus
crab
lobster
shrimp
snail
butterfly
bug: caterpillar
ant
honeybee: bee, honeybee
lady beetle: ladybug
spider
scorpion
bouquet: bunch of flowers, bouquet
cherry blossom: flower, cherry blossom
rose
sunflower
tulip
hibiscus: flower, hibiscus
seedling: sprout, plant
potted plant
evergreen tree: fir tree, tree, evergreen tree
deciduous tree: tree, oak tree
palm tree
cactus
four leaf clover: clover, four leaf clover
maple leaf: leaf, maple leaf
grinning face: smiling face, happy face, grinning face
smiling face with sunglasses: face with sunglasses, cool face
smiling face with heart-eyes: face with heart eyes, face in love
face with tears of joy: laughing face, face with tears of joy
winking face
crying face: sad face, crying face
loudly crying face
angry face
sleeping face
thinking face
face screaming in fear: scared face, screaming face
nerd face
partying face
cowboy hat face: cowboy, cowboy face
clown face: clown
robot
alien
alien monster: space invader, monster
ghost
skull
ogre: ogre, monster
red heart: heart, red heart
orange heart
yellow heart
green heart
blue heart
purple heart
black heart
broken heart
star
glowing star
shooting star
sun
sun with face
crescent moon: moon, crescent moon
full moon
ringed planet: planet, saturn
cloud
cloud with rain: rain cloud
cloud with lightning: storm cloud, lightning cloud
rainbow
umbrella
snowflake
snowman without snow: snowman
fire: fire, flame
droplet: drop of water, water drop
water wave: wave, ocean wave
high voltage: lightning bolt, lightning
globe showing europe-africa: earth, globe
volcano
mountain
snow-capped mountain: snowy mountain
desert island: island, desert island
house
house with garden
castle
church
hut
hospital
school
factory
stadium
classical building: temple, museum
statue of liberty
tokyo tower: tower
tent
fountain
ferris wheel
carousel horse
circus tent
roller coaster
locomotive: steam train, locomotive
train
bullet train
bus
ambulance
fire engine: fire truck, fire engine
police car
taxi
automobile: car, automobile
sport utility vehicle: jeep, suv
racing car: race car, racing car
delivery truck: truck, delivery truck
tractor
motorcycle
bicycle: bike, bicycle
skateboard
airplane: plane, airplane
helicopter
rocket
flying saucer: ufo, flying saucer
satellite
parachute
sailboat: boat, sailboat
speedboat
ship
canoe
anchor
vertical traffic light: traffic light
soccer ball: soccer ball, ball, football
basketball
baseball
tennis: tennis ball
american football
boxing glove
trophy
teddy bear
kite
balloon
party popper
wrapped gift: gift, present
christmas tree
crystal ball
magic wand
game die: dice
video game: game controller
puzzle piece
artist palette: palette
guitar
violin
trumpet
drum
saxophone
musical note: music note
bell
key
locked: lock, padlock
hammer
axe
wrench
magnet
gear
shield
crossed swords: swords, crossed swords
bow and arrow
light bulb
candle
book: book
open book
books: books, pile of books
pencil
paintbrush
scissors
envelope: letter, envelope
package: box, package
camera
television: tv, television
laptop: computer, laptop
mobile phone: phone, smartphone
telephone
alarm clock: clock, alarm clock
watch
hourglass done: hourglass
telescope
microscope
test tube
money bag
coin
gem stone: diamond, gem
crown
ring
top hat: hat, top hat
billed cap: cap, baseball cap
graduation cap
glasses
sunglasses
t-shirt: shirt, t-shirt
jeans: pants, jeans
dress
running shoe: shoe, sneaker
high-heeled shoe
backpack
chair
bed
door
window
couch and lamp: sofa
toilet
bathtub
basket
bucket
broom
santa claus: santa, santa claus
fairy
mermaid
vampire
zombie
mage: wizard
superhero
astronaut
police officer
firefighter
cook: chef, cook
farmer
artist: painter
ninja
princess
prince
guard
pirate flag
thumbs up
waving hand: hand, waving hand
eye
tooth
brain
bone
red circle
blue circle
green circle
yellow circle
orange circle
purple circle
red square
blue square
green square
yellow square
orange square
purple square
moai
''')

# Colours of backgrounds, red green blue of 255.
BACKGROUNDS = {
    'white': (255, 255, 255), 'red': (226, 60, 52), 'orange': (245, 150, 40),
    'yellow': (250, 215, 70), 'green': (80, 175, 80),
    'blue': (70, 130, 225), 'purple': (145, 90, 200),
    'pink': (245, 150, 190), 'brown': (140, 95, 60),
    'black': (25, 25, 28), 'gray': (150, 150, 152),
    'light blue': (175, 215, 245),
}

# Painted backgrounds, and how a caption speaks of them.
SCENES = {
    'night': ('at night', 'at night', 'under the stars', 'in the night sky'),
    'space': ('in space', 'in outer space'),
    'meadow': ('on grass', 'in a meadow', 'in a field', 'on a green field'),
    'beach': ('on the beach', 'at the beach', 'by the sea'),
    'snow': ('in the snow', 'in winter'),
    'water': ('under water', 'underwater', 'in the sea'),
    'sunset': ('at sunset', 'in the evening'),
    'sky': ('in the sky', 'in a blue sky', 'in the clouds'),
}

# Colours that a picture can be turned to, degrees of hue.
HUES = {'red': 0, 'orange': 30, 'yellow': 52, 'green': 120, 'blue': 215,
        'purple': 275, 'pink': 325}
COLOUR_WORD = re.compile('^(red|orange|yellow|green|blue|purple|pink) ')

NUMBERS = {2: ('two', 'two', 'a pair of'), 3: ('three',)}
IRREGULAR = {'mouse': 'mice', 'wolf': 'wolves', 'leaf': 'leaves',
             'sheep': 'sheep', 'fish': 'fish', 'goldfish': 'goldfish',
             'tooth': 'teeth', 'tropical fish': 'tropical fish',
             'pufferfish': 'pufferfish', 'dice': 'dice'}


def wanted(entry):
    """Whether an entry of the pack is one that Proof learns."""
    name = entry['name']
    return (entry['src'] in STYLES and not entry.get('tone')
            and not UNWANTED.search(name) and not ONE_SEX.search(name)
            and (entry['group'] in GROUPS and entry['sub'] != 'family'
                 or entry['sub'] in SUBGROUPS))


def with_article(name):
    """'apple' -> 'an apple'; plurals stay as they are."""
    if name.endswith('s') and not name.endswith(('ss', 'us')):
        return name
    return ('an ' if name[0] in 'aeiou' else 'a ') + name


def plural(name):
    """'cherry' -> 'cherries'; a plural stays as it is."""
    if name in IRREGULAR:
        return IRREGULAR[name]
    if name.endswith(('ss', 'sh', 'ch', 'x')):
        return name + 'es'
    if name.endswith('s'):
        return name
    if name.endswith('y') and name[-2] not in 'aeiou':
        return name[:-1] + 'ies'
    return name + 's'


def held_out(names, share=.05, seed=20):
    """The concepts that are kept for measuring: none of the popular ones,
    by a fixed draw."""
    import random
    others = sorted(set(names) - set(POPULAR))
    return set(random.Random(seed).sample(
        others, round(share * len(set(names)))))
