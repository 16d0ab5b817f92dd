"""Induction: words in an order never seen before are said again, and only the text itself says what comes next."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.words import LISTS
from models.lenses.probes.probe import CaseProbe

LENGTHS = (4, 6)  # words, each said once before the first of them is said again


class Induction(CaseProbe):
    """After a word comes what followed it before (Olsson et al. 2022).

    The words are in no sentence, no two of them ever stood side by side, and the repetition is at its first round: what
    followed was said once. Neither the newest word nor any other rule that does not look for the word is ever right.
    """

    slug = "induction"
    title = "words said again"
    asks = "after each word comes what followed it before, in an order never seen (induction, Olsson et al. 2022)"
    part = "echoes"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """Within the first repetition, after its first word: the words there are."""
        again = next((place for place, word in enumerate(said) if word in said[:place]), 0)
        return set(said[:again]) if ":" not in said and again in LENGTHS and again < at < 2 * again else ()

    def kind(self, said: Sequence[str], at: int) -> str:
        """How many words there are."""
        return f"{len(set(said[:at]))} words"


class Echo(CaseProbe):
    """The parrot says what it heard."""

    slug = "echo"
    title = "a list repeated"
    asks = "any list comes again in its order, with words in it that may be there twice"
    part = "echoes"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """What it says after the first word: any item."""
        return LISTS["item"] if "said" in said[: at - 2] and said[at] != "." else ()
