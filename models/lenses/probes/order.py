"""Order: who chased whom is in nothing but the order of the words."""

from collections.abc import Collection, Sequence

from models.lenses.probes.probe import CaseProbe


class Order(CaseProbe):
    """The hunter is hungry and the prey runs."""

    slug = "order"
    title = "who chased whom"
    asks = "the cat chased the dog. the dog ... - ran, for it was chased, which only the order of the words says"
    part = "animals"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After the first animal of the second sentence: what either did."""
        return ("ran", "was") if at == 8 and said[2] == "chased" else ()
