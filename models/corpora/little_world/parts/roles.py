"""Kinship and roles: man is to woman as king is to queen."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.words import LISTS, held

SENTENCES = ["deed", "colour", "title", "garment", "home", "parent"]

PART = Part(
    name="roles",
    share=11,
    shows="what is said of a king and of a queen differs as it does for a man and a woman",
    meanings=("a portrait", "{role.he} is the {role}", "{role.he} lives in the {role.place}"),
    rules="""
text
  <once> {role:role} <lived> in the {role.place} . <sentence>*3
once
  the
  once the
lived
  lived
  slept
sentence
  [next:sentence-told^role.untold] [told=told next] <$next>
deed
  {role.he} {role.deed} .
colour
  {role.his} {role.thing} was {:colour} .
title
  people called {role.him} {role.title} .
garment
  {role.he} wore a {role.garment} .
home
  the {role.place} was {role.his} home .
parent
  {role.he} was a kind {role.parent} .
dance
  {role.he} danced with the {role.partner} .
""",
    lists={"sentence": [*SENTENCES, "dance"]},
    relations={"untold": held(LISTS["role"], SENTENCES, one_in=6)},
)
