"""Long range: who is meant, by who was named before."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.parts.story import FORENAMES
from models.corpora.little_world.words import NAMES
from models.lenses.probes.probe import CaseProbe


class RightName(CaseProbe):
    """The receiver is the one of two people who is not the buyer."""

    slug = "right-name"
    title = "the right name"
    asks = "when anna and tom went to the fair, tom bought bread for ... - the other of two people (Wang et al. 2022)"
    part = "story"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "bought bread for": the two people."""
        return people(said[:at]) if said[at - 1] == "for" else ()


def people(said: Sequence[str]) -> set[str]:
    """The people of a story so far, by the first word of their names."""
    return {*NAMES, *FORENAMES}.intersection(said)
