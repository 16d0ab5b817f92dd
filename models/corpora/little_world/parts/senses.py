"""Words with several senses: the sense is set by what came before, and decides what comes after."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.words import LISTS, NAMES, held, table

SENSES = table("""
sense,          word,   where,            verb,                 manner
river bank,     bank,   by the river,     flooded / sloped,     softly / gently
city bank,      bank,   in the city,      opened / lent,        today / promptly
garden mole,    mole,   in the garden,    dug / slept,          underground / deeply
clinic mole,    mole,   at the clinic,    itched / darkened,    slightly / badly
lab mole,       mole,   in the lab,       reacted / dissolved,  chemically / completely
jungle bat,     bat,    in the jungle,    flew / squeaked,      nightly / blindly
stadium bat,    bat,    at the stadium,   cracked / swung,      hard / loudly
lake crane,     crane,  at the lake,      waded / nested,       gracefully / quietly
harbor crane,   crane,  at the harbor,    lifted / creaked,     heavily / slowly
workshop spring, spring, in the workshop, snapped / coiled,     tightly / suddenly
mountain spring, spring, on the mountain, bubbled / flowed,     coldly / freshly
paris tower,    tower,  in old paris,     rose / shone,         proudly / brightly
nursery tower,  tower,  in the nursery,   wobbled / toppled,    sideways / playfully
""")
WORDS = sorted({str(word) for word in SENSES["word"].values()})
SENSES["senses"] = {word: tuple(s for s, w in SENSES["word"].items() if w == word) for word in WORDS}
SENSES["unmet"] = held(NAMES, list(SENSES["word"]))

PART = Part(
    name="senses",
    share=9,
    shows="a word's meaning is where it stands: bank by the river, bank in the city",
    meanings=("a sentence with a word of several senses", "the {sense.word} is the one {sense.where}"),
    rules="""
text
  8 <cue> <between> <sense>
  1 [word:ambiguous] [sense:word.senses] <sense>
  1 {:name} left {:manner} .
  1 {:name} turned left at the {:corner} .
cue
  {who:name} was [word:ambiguous] [sense:word.senses^who.unmet] {sense.where} .
between
  {who.he} was {:mood} .
  it was a {:weather} {:time} .
sense
  the {sense.word} {:sense.verb} {:sense.manner} .
""",
    lists={**LISTS, "ambiguous": WORDS, "mood": ["tired", "happy", "late"]},
    relations=SENSES,
)
