"""Countries: what hangs on a country holds for whoever goes there."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.words import LANDS
from models.lenses.probes.probe import CaseProbe

BEFORE = {"is": "capital", "speaks": "language", "eats": "dish"}


class Countries(CaseProbe):
    """Capital, language and food for someone who was never there."""

    slug = "countries"
    title = "facts of a country"
    asks = "anna lives in france. she speaks ... - french, though anna was never in france before"
    part = "countries"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "the capital is", "she speaks", "she eats": all there are."""
        return set(map(str, LANDS[BEFORE[said[at - 1]]].values())) if said[at - 1] in BEFORE else ()

    def kind(self, said: Sequence[str], at: int) -> str:
        """What is asked."""
        return BEFORE[said[at - 1]]
