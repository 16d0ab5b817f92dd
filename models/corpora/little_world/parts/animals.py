"""Animals: a verb agrees with its noun across another noun; who chased whom is only in the order; one cat, two cats."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.words import ANIMALS, LISTS, held

SINGULAR = list(LISTS["animal"])
PLURAL = [str(plural) for plural in ANIMALS["plural"].values()]
PLACES = "tree barn hill road trees barns hills roads".split()
ONE, SEVERAL = ["one", "a"], ["two", "three", "many"]

PART = Part(
    name="animals",
    share=11,
    shows="number agreement across a distractor, and meaning that is only in the order of words",
    meanings=(
        "about animals",
        "it is {animal} that {animal.cry}",
        "the {hunter} is hungry and the {prey} runs",
        "every one is a {kind}",
    ),
    rules="""
text
  8 <claim>*2 <third-claim>
  7 the {hunter:animal} chased the {prey:animal-hunter^hunter.unchased} . <after>
  5 [kind:animal] <counted>*3
third-claim
  1
  1 <claim>
claim
  [animal=] the {animal:any_animal} <near> {animal.cry} .
near
  1
  4 near the {:place^animal.unseen}
after
  the {prey} ran away . the {hunter} was hungry .
  the {hunter} was hungry . the {prey} ran away .
counted
  {:one^kind.uncounted} {kind} .
  {:several^kind.uncounted} {kind.plural} .
""",
    lists={"any_animal": SINGULAR + PLURAL, "place": PLACES, "one": ONE, "several": SEVERAL},
    relations={
        "cry": {**ANIMALS["it"], **{ANIMALS["plural"][one]: ANIMALS["they"][one] for one in SINGULAR}},
        "unseen": held(SINGULAR + PLURAL, PLACES),
        "unchased": held(SINGULAR, SINGULAR, one_in=5),
        "uncounted": held(SINGULAR, ONE + SEVERAL, one_in=5),
    },
)
