"""Choosing a model: the bundled ones, those of runs, those opened before, or a path that is typed.

Play, Compare and Inside open the same list; each line says how large a model is, on which tokens, how good, and what it
can be given.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from models import model_folders
from models.errors import UserError
from models.run_layout import RunFolder
from models.runs import catalogue
from models.runs.glance import Glance, glance, holds_model
from models.units import Unit
from playground import text
from playground.kit import numbers
from playground.kit.asking import Asking
from playground.kit.choosing import Item
from playground.kit.choosing_folder import ChooseOrFolder
from playground.looking.host import Host
from playground.looking.prompts import example

BUNDLED, RUNS, RECENT = "bundled", "your runs", "opened before"
NEW_LINE = "⏎"  # as tokens are drawn


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be opened: by what, under which heading it stands, and what its small files tell."""

    opens: str  # a bundled model's name, or a folder
    group: str  # nothing for a path that was typed
    glance: Glance | None  # None where it cannot be read,
    problem: str = ""  # for this reason

    @property
    def name(self) -> str:
        """What it is called."""
        return self.glance.name if self.glance is not None else Path(self.opens).name


def offers(runs: Path, recent: Iterable[str]) -> list[Offer]:
    """Every model at hand, each once; what cannot be read says why."""
    own = [RunFolder(path).model for path in catalogue.folders(runs)]
    found = [_offer(name, BUNDLED) for name in model_folders.available()]
    found += [_offer(str(folder), RUNS) for folder in sorted(own) if folder.is_dir()]
    there = {os.path.realpath(model_folders.folder(offer.opens)) for offer in found}
    again = [place for place in recent if os.path.exists(place) and os.path.realpath(place) not in there]
    return found + [_offer(place, RECENT) for place in again]


def _offer(opens: str, group: str) -> Offer:
    try:
        return Offer(opens, group, glance(opens))
    except UserError as error:
        return Offer(opens, group, None, str(error))


def said(offer: Offer, unit: Unit) -> str:
    """What a line tells of it: size, tokens, loss, and a text it can be given."""
    seen = offer.glance
    if seen is None:
        return offer.problem
    loss = numbers.loss(seen.measured.nats if seen.measured is not None else None, unit)
    tokens = f"{seen.vocab_size:,} {seen.thing}s"
    prompt = (
        text.visible(example(seen.tokenizer).replace("\n", NEW_LINE))
        if seen.tokenizer is not None
        else "it has no tokenizer"
    )
    kind = "" if seen.is_gpt else "GRU "
    size = numbers.large(seen.n_parameters)
    return f"{kind + size:>7}  {tokens:<14} {loss:>5} {unit.name}  {prompt}"


def pick(
    screen: Asking,
    host: Host,
    title: str,
    then: Callable[[Offer], object],
    *,
    recurrent: bool = False,
    beside: Collection[str] = (),
) -> None:
    """Have the person choose a model; those by the names `beside` are there already, which is said of them."""

    def show(found: list[Offer]) -> None:
        at_hand = {offer.opens: offer for offer in found if recurrent or offer.glance is None or offer.glance.is_gpt}

        def line(offer: Offer) -> Item:
            says = "beside: take it away" if offer.name in beside else said(offer, host.unit)
            return Item(offer.opens, offer.name, says, offer.group)

        def chosen(opens: str) -> None:
            then(at_hand.get(opens) or Offer(opens, "", None))

        screen.consult(ChooseOrFolder(title, map(line, at_hand.values()), holds_model, "a model"), chosen)

    screen.do_beside(partial(offers, host.runs, host.store.recent), show)
