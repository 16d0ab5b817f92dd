"""Order: who chased whom, and which bracket is the next to be closed, is in nothing but the order of the words."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.parts.brackets import BRACKETS
from models.lenses.probes.probe import CaseProbe

CLOSING = set(map(str, BRACKETS["close"].values()))
FAR = 5  # words since a bracket was opened: out of a 5-gram's sight


class Order(CaseProbe):
    """The hunter is hungry and the prey runs."""

    slug = "order"
    title = "who chased whom"
    asks = "the prey runs and the hunter is hungry: only the order of the words says which is which"
    part = "animals"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After the first animal of the second sentence: what either did."""
        return ("ran", "was") if at == 8 and said[2] == "chased" else ()


class Brackets(CaseProbe):
    """Three kinds nested in an order never seen."""

    slug = "brackets"
    title = "brackets to be closed"
    asks = "which bracket is still open and the next to be closed, in nestings never seen"
    part = "brackets"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """Once a third bracket is closed, the second must be: the three closing marks."""
        opened = open_brackets(said[:at])
        return CLOSING if len(opened) == 2 and said[at - 1] in CLOSING and at - opened[-1] > FAR else ()


def open_brackets(said: Sequence[str]) -> list[int]:
    """Where the brackets that are still open stand."""
    opened: list[int] = []
    for at, word in enumerate(said):
        if word in BRACKETS["open"].values():
            opened.append(at)
        elif word in CLOSING:
            opened.pop()
    return opened
