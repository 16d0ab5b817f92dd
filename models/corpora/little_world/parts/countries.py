"""Countries: each with its capital, language and food, and people who live there."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.words import LISTS, NAMES, held

PART = Part(
    name="countries",
    share=10,
    shows="facts that hang on one word, and paris - france + italy = rome",
    meanings=(
        "about a country",
        "it is {land}",
        "{who} is there",
        "the capital is {land.capital}",
        "the language is {land.language}",
        "the food is {land.dish}",
    ),
    rules="""
text
  1 {who:name} lives in {land:land^who.unvisited} . <fact>*3
  1 {who:name} comes from {land:land^who.unvisited} . <fact>*3
  1 {land:land} is far away . <fact>*3
  2 [land:land] <line>*4
fact
  [next:fact-told] [told=told next] <$next>
capital
  the capital is {land.capital} .
language
  if who: {who.he} speaks {land.language} .
  if not who: the people speak {land.language} .
food
  if who: {who.he} eats {land.dish} .
  if not who: the best food is {land.dish} .
line
  [next:line-told] [told=told next] <$next>
country-line
  country {land} .
capital-line
  capital {land.capital} .
language-line
  language {land.language} .
food-line
  food {land.dish} .
""",
    lists={
        "fact": ["capital", "language", "food"],
        "line": ["country-line", "capital-line", "language-line", "food-line"],
    },
    relations={"unvisited": held(NAMES, LISTS["land"])},
)
