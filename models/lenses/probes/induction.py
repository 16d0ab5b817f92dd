"""Induction: what was said once, in words never put together before, is said again."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.parts.story import FORENAMES, SURNAMES
from models.corpora.little_world.words import LISTS
from models.lenses.probes.probe import CaseProbe


class MadeUpNames(CaseProbe):
    """What followed the first name the first time follows it again."""

    slug = "made-up-names"
    title = "unseen names"
    asks = "a man named zor lamu ... zor ... - a name put together for the first time is repeated (Olsson et al. 2022)"
    part = "story"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After the first half, said again: all second halves."""
        return SURNAMES if said[at - 1] in FORENAMES and said[at - 1] in said[: at - 1] else ()


class Echo(CaseProbe):
    """The parrot says what it heard."""

    slug = "echo"
    title = "a list repeated"
    asks = "the parrot heard: lamp king red ... it said: lamp ... - any list, in its order, by looking back"
    part = "echoes"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """What it says after the first word: any item."""
        return LISTS["item"] if "said" in said[: at - 2] and said[at] != "." else ()
