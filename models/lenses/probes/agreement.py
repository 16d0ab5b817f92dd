"""Long range: a verb agrees with its noun, not with the noun beside it."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.parts.animals import PLURAL
from models.corpora.little_world.words import ANIMALS
from models.lenses.probes.probe import CaseProbe


class Agreement(CaseProbe):
    """One dog barks and two dogs bark, whatever they are near."""

    slug = "agreement"
    title = "number agreement"
    asks = "the dog near the trees ... - barks, not bark, across a noun of the other number (Linzen et al. 2016)"
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
