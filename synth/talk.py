"""Ordinary talk, made up: an endless supply of sentences that nobody had to collect.

A small grammar in slots. What it says need not be wise; it has to sound like a house, a street and
a television, with questions, orders, numbers and names, so that a network hears how people talk
when they don't mean it.
"""

from __future__ import annotations

import re

import numpy as np

_SLOT = re.compile(r"\{(\w+)\}")

_WORDS = """
who: I | you | we | they | my sister | our neighbour | the doctor | her brother | the teacher |
  a friend of mine | the driver | nobody | somebody | the children | his uncle | the whole
  family | Grandma | the mayor
name: Anna | Peter | Maria | Oliver | Fatima | Jonas | Priya | Samuel | Chloe | Viktor | Amara |
  Hugo | Yuki | Carmen | Deborah | Theo | Ingrid | Malik | Rosalind | Bartholomew | Gwendolyn |
  Ezekiel
place: the kitchen | the garden | the office | the station | the market | town | the harbour |
  school | the library | the hospital | the cellar | the other room | the mountains | the
  airport | Paris | Chicago | the village | the museum | church | the supermarket | the bathroom
  | the warehouse
thing: the window | a bicycle | the old piano | some bread | the newspaper | a ladder | my
  umbrella | the dishwasher | two tickets | the blue jacket | a cup of tea | the garage key |
  the map | her guitar | the lamp | a box of matches | his violin | the microwave | the suitcase
  | a pair of shoes | the letter | the curtains
quality: terribly late | much better | rather cold | completely empty | wonderful | too
  expensive | a little strange | nearly finished | quite dangerous | beautiful | broken again |
  out of order | perfectly ordinary | very quiet | impossible | surprisingly good | a bit heavy
  | delicious | unusual | fair enough
past: forgot | bought | painted | carried | borrowed | lost | repaired | sold | found | broke |
  cleaned | returned | measured | delivered | collected | recognised | described | photographed
  | covered | dropped
base: bring | find | wash | open | close | describe | replace | borrow | finish | measure |
  clean | paint | return | recommend | remember | deliver | explain | move | check | collect |
  throw away | put down | look after
when: yesterday | tomorrow | on Monday | last summer | in the morning | after lunch | at half
  past seven | before the storm | every Thursday | a week ago | at midnight | in nineteen ninety
  four | next year | just now | during the holidays | since October | once in a while
number: two | three | five | eleven | seventeen | twenty four | forty | ninety nine | one
  hundred | three hundred and sixty five | a dozen | a thousand | half a million | six and a
  half | zero point eight
unit: minutes | kilometres | dollars | people | pages | degrees | pounds | metres | percent |
  hours | litres | houses | chickens | votes | gallons | stairs | questions
topic: the weather | politics | the football match | a new recipe | the election | music | the
  price of petrol | her holiday | a documentary about whales | the traffic | gardening | the
  history of Rome | mathematics | his operation | the budget | an accident on the motorway |
  climate change | the neighbours
order: turn down the radio | close the door | wait a moment | look over there | give me a hand |
  leave it on the table | stop the car | switch off the lights | call the plumber | come over
  here | be careful | sit down | hurry up | let me think | take your time | pass the salt | read
  it again | count to ten
filler: well | you know | actually | to be honest | I mean | oh | listen | anyway | in fact | of
  course | right | maybe | look | honestly | by the way
news: the government announced | scientists have discovered | the company reported | police are
  investigating | the report describes | experts recommend | the committee rejected | voters
  supported
matter: a new vaccine | record profits | an unusual theft | the proposed law | a decline in
  exports | several ancient coins | a network of tunnels | further delays | the cause of the
  fire | a peace agreement | higher taxes | a species of beetle | the merger | an emergency
  meeting
advert: call now and save | try it today | only while stocks last | available in all good shops
  | ask your doctor | terms and conditions apply | fresh every morning | made for you
feeling: glad | worried | tired | curious | certain | surprised | hungry | angry | sorry |
  excited | sceptical
clause: {who} {past} {thing} | it was {quality} | {name} is {quality} | we talked about {topic}
  | there were {number} {unit} | {thing} is in {place} | I couldn't {base} {thing} | {who} went
  to {place}
"""
_FORMS: tuple[str, ...] = (
    "{who} {past} {thing} {when}.",
    "{filler}, {clause}, and {clause}.",
    "{clause} because {clause}.",
    "Did {name} {base} {thing} {when}?",
    "Could you {base} {thing}, please?",
    "{order}, {name}.",
    "Please {order}.",
    "How many {unit} are there in {place}?",
    "It takes {number} {unit} to {base} {thing}.",
    "{name} told me about {topic} {when}.",
    "What do you think about {topic}?",
    "I'm {feeling} that {clause}.",
    "{when} {news} {matter}.",
    "{news} {matter}, and {clause}.",
    "{filler}, I'm {feeling}.",
    "Where is {thing}? In {place}.",
    "{thing} costs {number} {unit}, {advert}.",
    "If {clause}, {order}.",
    "{name} and {name} are in {place}.",
    "No, {clause}.",
    "Yes, {number} {unit} {when}.",
    "{order}! {clause}.",
    "They said {clause}, but {clause}.",
    "Is it {quality} in {place}?",
    "{number}, {number}, {number}.",
)
_CHOICES = {
    name: [" ".join(words.split()) for words in listed.split("|")]
    for name, listed in re.findall(r"^(\w+): (.*(?:\n  .*)*)", _WORDS, re.MULTILINE)
}


def sentence(rng: np.random.Generator) -> str:
    """One of some billions."""
    text = str(rng.choice(_FORMS))
    while match := _SLOT.search(text):
        filled = str(rng.choice(_CHOICES[match[1]]))
        text = text[: match.start()] + filled + text[match.end() :]
    return text[0].upper() + text[1:]
