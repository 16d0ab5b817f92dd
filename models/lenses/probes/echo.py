"""Induction: a list of any words is said again, in order."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.words import LISTS
from models.lenses.probes.probe import CaseProbe


class Echo(CaseProbe):
    """The parrot says what it heard."""

    slug = "echo"
    title = "a list repeated"
    asks = "the parrot heard: lamp king red ... it said: lamp ... - any list, in its order, by looking back"
    part = "echoes"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """What it says after the first word: any item."""
        return LISTS["item"] if "said" in said[: at - 2] and said[at] != "." else ()
