"""Polysemy: the sense of a word decides what comes after it."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.parts.senses import SENSES
from models.lenses.probes.probe import CaseProbe


class Senses(CaseProbe):
    """The bank by the river floods, the one in the city lends."""

    slug = "senses"
    title = "words with several senses"
    asks = "tom was by the river. he was late. the bank ... - flooded or sloped, not opened or lent"
    part = "senses"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After the word, if a place was named: what it does in any of its senses."""
        word = said[at - 1]
        if word not in SENSES["senses"] or said[1] != "was":
            return ()
        return {verb for sense in SENSES["senses"][word] for verb in SENSES["verb"][sense]}

    def kind(self, said: Sequence[str], at: int) -> str:
        """The word."""
        return said[at - 1]
