"""Facts: what two names say together and neither says alone."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.words import LISTS
from models.lenses.probes.probe import CaseProbe


class Facts(CaseProbe):
    """Told in another tense than ever before of this person."""

    slug = "facts"
    title = "facts of two names"
    asks = "on sunday michael jordan played ... - as he plays, basketball; either name alone is right 1 time in 4"
    part = "facts"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "played": any sport."""
        return LISTS["sport"] if said[at - 1] == "played" else ()
