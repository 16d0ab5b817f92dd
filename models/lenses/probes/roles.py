"""Roles: what a king is called later is in the word king alone."""

from collections.abc import Collection, Sequence

from models.corpora.little_world.words import FEMALE, MALE
from models.lenses.probes.probe import CaseProbe

PRONOUNS = {sex[case] for sex in (MALE, FEMALE) for case in ("he", "his", "him")}


class Roles(CaseProbe):
    """His or hers, him or her, where only the role has told so far, in a sentence never told of it."""

    slug = "roles"
    title = "a king is a man"
    asks = "the king slept in the palace. people called ... - him: nothing but the word king says so"
    part = "roles"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After "people called", "the palace was", before any pronoun: his word and hers."""
        if PRONOUNS.intersection(said[:at]):
            return ()
        if said[at - 1] == "called":
            return MALE["him"], FEMALE["him"]
        return (MALE["his"], FEMALE["his"]) if said[at - 1] == "was" and said[at + 1] == "home" else ()
