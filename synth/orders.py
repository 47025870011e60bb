"""Things that people ask a machine at home for, made up: an endless supply, beside `talk`.

For networks that have to write down what is said: many verbs, rooms, things, numbers and times, so
that no one grammar of one user is what is learned.
"""

from __future__ import annotations

import re

import numpy as np

from .phrases import any_words
from .talk import sentence

_SLOT = re.compile(r"\{(\w+)\}")

_WORDS = """
please: please | could you | can you | would you | hey | okay | I want you to | let's | just
room: kitchen | bedroom | living room | bathroom | hallway | garage | garden | office | attic |
  basement | dining room | nursery | porch | cellar | study | balcony | guest room | laundry room |
  upstairs | downstairs | front door | back yard | corridor | entrance | workshop | playroom
thing: light | lights | lamp | fan | heater | heating | television | radio | blinds | curtains |
  shutters | door | window | alarm | camera | oven | kettle | coffee machine | dishwasher |
  washing machine | vacuum | music | speaker | thermostat | lock | gate | sprinkler |
  air conditioning | humidifier | projector | socket | printer | computer | monitor | night light |
  ceiling light | bell
colour: red | green | blue | white | yellow | orange | purple | pink | warm white | violet | gold |
  turquoise | brown | grey | black | silver
one: one | two | three | four | five | six | seven | eight | nine
teen: ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen |
  nineteen
ten: twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety
number: {one} | {one} | {teen} | {ten} | {ten} {one} | {ten} {one} | one hundred | a hundred
unit: seconds | minutes | hours | days | weeks | degrees | percent | times | steps | points
day: monday | tuesday | wednesday | thursday | friday | saturday | sunday | today | tomorrow |
  tonight | this morning | this evening | the weekend | noon | midnight | christmas
month: january | february | march | april | may | june | july | august | september | october |
  november | december
time: {number} o'clock | half past {number} | quarter to {number} | {number} {number} |
  {number} in the morning | {number} in the evening | {teen} a m | {one} p m
item: milk | bread | eggs | butter | cheese | apples | coffee | tea | sugar | rice | pasta |
  tomatoes | bananas | chicken | fish | salt | pepper | water | juice | flour | onions | soap |
  batteries
music: jazz | rock | classical music | some music | the news | the next song | my playlist | the
  radio | a podcast | an audio book | piano music | the blues | my favourite song
way: on | off | up | down
direction: left | right | forward | back | up | down | north | south | east | west
act: open | close | start | stop | lock | unlock | dim | brighten | raise | lower | pause | mute |
  check | activate | reset | cancel | find | show | clean | move | increase | decrease | enable |
  disable
person: mum | dad | anna | john | my wife | my husband | the doctor | the office | peter | maria |
  grandma | my brother | my sister | sarah | david | michael | the neighbours
ask: what time is it | what's the weather like | will it rain {day} | how warm is it in the {room} |
  what is on my calendar | how are you | where is my phone | who is at the door | tell me a joke |
  is the {thing} on | what's the temperature | how much is {number} plus {number} | good night |
  good morning | thank you | never mind | stop | go on | yes please | no thanks | help | what's new
cup: small | medium | large | double | single | extra hot | iced | decaf
drink: coffee | espresso | latte | cappuccino | mocha | americano | tea | hot chocolate
more: sugar | cream | whole milk | skimmed milk | vanilla | cinnamon | honey | caramel
"""
_FORMS: tuple[str, ...] = (
    "turn {way} the {thing}.",
    "turn {way} the {room} {thing}.",
    "turn the {thing} {way} in the {room}.",
    "switch {way} the {thing} in the {room}.",
    "switch the {room} {thing} {way}, please.",
    "{please} turn {way} the {room} {thing}.",
    "{act} the {thing}.",
    "{act} the {room} {thing}.",
    "{please} {act} the {thing} in the {room}.",
    "set the {thing} to {number}.",
    "set the {room} {thing} to {number} {unit}.",
    "set the {room} to {number} degrees.",
    "set a timer for {number} {unit}.",
    "set an alarm for {time}.",
    "wake me {day} at {time}.",
    "remind me {day} to {act} the {thing}.",
    "make the {thing} {colour}.",
    "make it {colour} in the {room}.",
    "change the {room} {thing} to {colour}.",
    "play {music}.",
    "play {music} in the {room}.",
    "volume {way}.",
    "volume to {number} {unit}.",
    "turn the volume {way}.",
    "add {item} to the shopping list.",
    "put {item} and {item} on the list.",
    "buy {number} {item}.",
    "call {person}.",
    "send a message to {person}.",
    "go {direction}.",
    "turn {direction}.",
    "move {direction} {number} {unit}.",
    "{ask}.",
    "{ask}?",
    "{number}, {number}, {number}.",
    "{one} {one} {one} {one}.",
    "{day}, {month} {number}.",
    "I'd like a {cup} {drink}.",
    "{please} make me a {cup} {drink} with {more}.",
    "one {cup} {drink} with {more} and {more}.",
    "dim the {thing} to {number} percent.",
    "is the {room} {thing} {way}?",
    "all {thing} {way}.",
    "{thing} {way}.",
    "{room} {thing} {way}.",
    "{colour} {thing}.",
)
_CHOICES = {
    name: [" ".join(words.split()) for words in listed.split("|")]
    for name, listed in re.findall(r"^(\w+): (.*(?:\n  .*)*)", _WORDS, re.MULTILINE)
}

_ORDER_SHARE, _TALK_SHARE = 0.6, 0.8


def order(rng: np.random.Generator) -> str:
    """One of some millions."""
    text = str(rng.choice(_FORMS))
    while match := _SLOT.search(text):
        filled = str(rng.choice(_CHOICES[match[1]]))
        text = text[: match.start()] + filled + text[match.end() :]
    return text


def saying(rng: np.random.Generator) -> str:
    """An order, a sentence of talk, or a row of words from the dictionary."""
    if rng.random() < _ORDER_SHARE:
        return order(rng)
    # Where there is no dictionary, a row of its words is empty.
    row = any_words(rng) if rng.random() >= _TALK_SHARE else ""
    return row or sentence(rng)
