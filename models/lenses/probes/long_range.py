"""Long range: who is meant, what they are called, who owns a thing and how many there are was said a while before."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.parts.animals import PLURAL
from models.corpora.little_world.parts.story import FORENAMES, SURNAMES
from models.corpora.little_world.words import ANIMALS, NAMES
from models.lenses.probes.probe import CaseProbe


class RightName(CaseProbe):
    """The receiver is the one of two people who is not the buyer."""

    slug = "right-name"
    title = "the right name"
    asks = "one of two people buys, so it is for the other (Wang et al. 2022)"
    part = "story"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "bought bread for": the two people."""
        return people(said[:at]) if said[at - 1] == "for" else ()


class Owner(CaseProbe):
    """Whoever got the thing last still has it at night."""

    slug = "owner"
    title = "the owner"
    asks = "who has the thing now, however often it changed hands"
    part = "story"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "at night", or "who has the key ?": the two people."""
        still = said[max(at - 2, 0) : at] == ["at", "night"] and "still" in said[at:]
        return people(said[:at]) if still or said[at - 1] == "?" else ()


class MadeUpNames(CaseProbe):
    """The surname comes again after the forename.

    It looks like induction and is none: a text has one surname, so whoever says the newest one is always right. What a
    model does where there are two is in `beyond.py`.
    """

    slug = "made-up-names"
    title = "the newest surname"
    asks = "a made-up name is said again; the text has one surname, so the newest is right: no sign of induction"
    part = "story"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After the forename, said again: all surnames."""
        return SURNAMES if said[at - 1] in FORENAMES and said[at - 1] in said[: at - 1] else ()


class Agreement(CaseProbe):
    """One dog barks and two dogs bark, whatever they are near."""

    slug = "agreement"
    title = "number agreement"
    asks = "the verb agrees with its noun across a noun of the other number (Linzen et al. 2016)"
    part = "animals"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "the dog near the trees", if one is singular and the other plural: both forms."""
        if said[at - 2 : at - 1] != ["the"] or said[at - 3] != "near":
            return ()
        noun, place = said[at - 4], said[at - 1]
        if (noun in PLURAL) == place.endswith("s"):
            return ()
        one = noun if noun in ANIMALS["it"] else next(one for one, many in ANIMALS["plural"].items() if many == noun)
        return {str(ANIMALS["it"][one]), str(ANIMALS["they"][one])}


def people(said: Sequence[str]) -> set[str]:
    """The people of a story so far, by the first word of their names."""
    return {*NAMES, *FORENAMES}.intersection(said)
