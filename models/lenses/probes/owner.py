"""Long range: who has the thing at the end, after it changed hands."""

from collections.abc import Collection, Sequence

from models.lenses.probes.probe import CaseProbe
from models.lenses.probes.right_name import people


class Owner(CaseProbe):
    """Whoever got the thing last still has it at night."""

    slug = "owner"
    title = "the owner"
    asks = "then tom took the key from anna ... at night ... - who has it now, however often it changed hands"
    part = "story"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "at night", or "who has the key ?": the two people."""
        still = said[max(at - 2, 0) : at] == ["at", "night"] and "still" in said[at:]
        return people(said[:at]) if still or said[at - 1] == "?" else ()
