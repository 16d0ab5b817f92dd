"""Facts: what hangs on two names, a country or a role holds where it was never said before."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.words import FEMALE, LANDS, LISTS, MALE
from models.lenses.probes.probe import CaseProbe

BEFORE = {"is": "capital", "speaks": "language", "eats": "dish"}
PRONOUNS = {sex[case] for sex in (MALE, FEMALE) for case in ("he", "his", "him")}


class Facts(CaseProbe):
    """Told in another tense than ever before of this person."""

    slug = "facts"
    title = "facts of two names"
    asks = "what this person plays, in a tense never told of them; one name alone is right at best 1 time in 4"
    part = "facts"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "played": any sport."""
        return LISTS["sport"] if said[at - 1] == "played" else ()


class Countries(CaseProbe):
    """Capital, language and food for someone who was never there."""

    slug = "countries"
    title = "facts of a country"
    asks = "capital, language and food of the country, though this person was never there before"
    part = "countries"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "the capital is", "she speaks", "she eats": all there are."""
        return set(map(str, LANDS[BEFORE[said[at - 1]]].values())) if said[at - 1] in BEFORE else ()

    def kind(self, said: Sequence[str], at: int) -> str:
        """What is asked."""
        return BEFORE[said[at - 1]]


class Roles(CaseProbe):
    """His or hers, him or her, where only the role has told so far, in a sentence never told of it."""

    slug = "roles"
    title = "a king is a man"
    asks = "his or her, him or her: nothing but the role says so, in a sentence never told of it"
    part = "roles"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "people called", "the palace was", before any pronoun: his word and hers."""
        if PRONOUNS.intersection(said[:at]):
            return ()
        if said[at - 1] == "called":
            return MALE["him"], FEMALE["him"]
        return (MALE["his"], FEMALE["his"]) if said[at - 1] == "was" and said[at + 1] == "home" else ()
