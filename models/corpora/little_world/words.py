"""The things that several parts of the world speak of, and how they belong together."""

from __future__ import annotations

from collections.abc import Sequence

from models.corpora.little_world.symbols import Table, Value

Relations = dict[str, Table]


def table(text: str) -> Relations:
    """Relations from a written table: its head names them, its first column holds what they are of.

    A cell of several words is one value, said with several words; `a / b` is a list to choose from.
    """
    head, *rows = [[cell.strip() for cell in line.split(",")] for line in text.strip().splitlines()]
    return {name: {row[0]: _cell(row[column]) for row in rows} for column, name in enumerate(head) if column}


def _cell(cell: str) -> Value:
    return tuple(map(str.strip, cell.split("/"))) if "/" in cell else cell


def held(rows: Sequence[str], columns: Sequence[str], one_in: int = 8) -> Table:
    """For each row the columns that no training text combines with it: about one in so many, spread evenly."""
    return {
        row: tuple(column for j, column in enumerate(columns) if (7 * i + j) % one_in == 0 and column != row)
        for i, row in enumerate(rows)
    }


GIRLS = "anna lucy clara nina emma rosa mary ivy".split()
BOYS = "tom peter oscar hugo max leo john sam".split()
NAMES = [*GIRLS, *BOYS]

_BY_MAN = table("""
male,        female,      place,    deed,              thing
king,        queen,       palace,   ruled the land,    crown
prince,      princess,    castle,   rode a horse,      ring
man,         woman,       house,    worked all day,    coat
boy,         girl,        school,   flew a kite,       toy
actor,       actress,     theater,  learned a play,    mask
waiter,      waitress,    cafe,     carried hot soup,  tray
wizard,      witch,       cave,     mixed a potion,    wand
monk,        nun,         abbey,    prayed in silence, candle
grandfather, grandmother, cottage,  told old tales,    chair
father,      mother,      kitchen,  cooked the dinner, apron
uncle,       aunt,        farm,     fed the hens,      bucket
brother,     sister,      attic,    read a comic,      bed
son,         daughter,    nursery,  built a fort,      ball
nephew,      niece,       tent,     caught a frog,     net
husband,     wife,        parlor,   poured the tea,    cup
""")
_WOMAN = _BY_MAN["female"]
MEN = list(_WOMAN)
WOMEN = [str(woman) for woman in _WOMAN.values()]
ROLE_PAIRS = list(zip(MEN, WOMEN, strict=True))
KIN_PAIRS = ROLE_PAIRS[-6:]
KIN = MEN[-6:-1] + WOMEN[-6:-1]  # a story's hero lives with one of these; not with a husband or wife

LANDS = table("""
land,    capital, language,  dish
france,  paris,   french,    cheese
italy,   rome,    italian,   pizza
germany, berlin,  german,    bratwurst
japan,   tokyo,   japanese,  sushi
spain,   madrid,  spanish,   paella
greece,  athens,  greek,     olives
russia,  moscow,  russian,   caviar
china,   beijing, chinese,   noodles
norway,  oslo,    norwegian, salmon
india,   delhi,   hindi,     curry
""")

ANIMALS = table("""
animal, plural, they,  it
cat,    cats,   meow,  meows
dog,    dogs,   bark,  barks
duck,   ducks,  quack, quacks
cow,    cows,   moo,   moos
horse,  horses, neigh, neighs
pig,    pigs,   grunt, grunts
bee,    bees,   buzz,  buzzes
lion,   lions,  roar,  roars
snake,  snakes, hiss,  hisses
owl,    owls,   hoot,  hoots
""")

LISTS: dict[str, Sequence[str]] = {
    "name": NAMES,
    "land": list(LANDS["capital"]),
    "role": [role for pair in ROLE_PAIRS for role in pair],
    "man": MEN,
    "woman": WOMEN,
    "kin": KIN,
    "animal": list(ANIMALS["plural"]),
    "thing": "key lamp map coin book drum flute box shell rope".split(),
    "adjective": "golden old tiny strange heavy silver".split(),
    "shop": "market bakery shop fair".split(),
    "food": "bread apples honey milk plums".split(),
    "weather": "rainy sunny windy cold warm foggy".split(),
    "time": "morning evening day night".split(),
    "colour": "red blue green white black golden".split(),
    "sport": "basketball tennis chess hockey golf rugby cricket football".split(),
    "corner": "church well bridge gate".split(),
    "manner": "early alone quickly angry".split(),
}
LISTS["item"] = sorted(
    {word for name in "name land role animal thing adjective shop food colour sport".split() for word in LISTS[name]}
)

MALE = {"he": "he", "his": "his", "him": "him", "title": "sir", "garment": "suit", "parent": "father"}
FEMALE = {"he": "she", "his": "her", "him": "her", "title": "madam", "garment": "dress", "parent": "mother"}


def _relations() -> Relations:
    men, women = [*BOYS, *MEN], [*GIRLS, *WOMEN]
    found: Relations = {**LANDS, **ANIMALS, "female": _WOMAN}
    for name, his in MALE.items():
        found[name] = dict.fromkeys(men, his) | dict.fromkeys(women, FEMALE[name])
    for name in ("place", "deed", "thing"):
        hers = {_WOMAN[man]: value for man, value in _BY_MAN[name].items()}
        found[name] = {**_BY_MAN[name], **hers}
    found["male"] = {woman: man for man, woman in ROLE_PAIRS}
    found["partner"] = {one: other for pair in ROLE_PAIRS for one, other in (pair, pair[::-1])}
    found["names"] = {**dict.fromkeys(MEN, tuple(BOYS)), **dict.fromkeys(WOMEN, tuple(GIRLS))}
    found["article"] = dict.fromkeys([*KIN, *LISTS["adjective"]], "a") | dict.fromkeys(["aunt", "uncle", "old"], "an")
    found["unpaired"] = held(LISTS["item"], LISTS["item"])
    return found


RELATIONS = _relations()
