"""What mattered: on the thumbnails, by keys, and where to look after a switch, as `models` says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.lenses.inside.stirred import most_stirred
from models.lenses.inside.sweep import Lost, Part, sweep
from models.switches import HeadOff, MLPOff
from models.tracing import trace
from playground.kit.choosing import Choose
from playground.looking.labels import label
from tests.playground.play.play_on_screen import LEARNER, Person, at

TEXT = "To be, or not"


def found(person: Person, row: int = -1) -> tuple[Lost, ...]:
    """As `models` has it, of the text on screen under the switches that are on."""
    return sweep(trace(person.model, person.session.tokens, person.session.switches), row)


def most(losts: tuple[Lost, ...]) -> HeadOff:
    return next(lost.part for lost in losts if isinstance(lost.part, HeadOff))


def looks_at(person: Person) -> HeadOff:
    return HeadOff(person.session.view.layer, person.session.view.head)


async def opened(person: Person) -> Choose:
    """The list of effects, once it is there."""
    await person.pilot.press("E")
    await person.until(lambda: isinstance(person.app.screen, Choose))
    dialog = person.app.screen
    assert isinstance(dialog, Choose)
    return dialog


def shown(person: Person, part: Part, losts: tuple[Lost, ...]) -> None:
    """The effect of a part stands in the pane of heads."""
    bits = next(lost.effect.kl for lost in losts if lost.part == part)
    assert (f"{bits:.2f}" if bits >= 0.005 else "0") in person.sees("heads")


async def test_every_part_carries_what_models_says_of_it(folder: Path) -> None:
    async with at(folder, TEXT) as person:
        for keys, row in (((), 12), (("left", "left"), 10), (("x",), 10)):
            await person.press(*keys)
            losts = found(person, row)
            swept = person.play.mattering.swept
            assert swept is not None and [lost.part for lost in swept.found] == [lost.part for lost in losts]
            for lost, own in zip(swept.found, losts, strict=True):
                assert lost.effect.kl == pytest.approx(own.effect.kl, rel=1e-3, abs=1e-4)
                assert (lost.effect.was, lost.effect.now) == (own.effect.was, own.effect.now)
                shown(person, lost.part, losts)
            off = [part for part in swept.by_part if part in person.session.switches]
            assert not off, "it is off already"


async def test_a_learner_s_first_x_lands_on_the_head_that_matters_most(folder: Path) -> None:
    async with at(folder, TEXT, start=LEARNER) as person:
        first = most(found(person))
        assert looks_at(person) == first
        await person.press("left", "left", "left")
        assert looks_at(person) == most(found(person, 9)), "it follows the token that is looked at"
        await person.press("escape")
        await person.press("x")
        assert person.session.switches == (first,)
        await person.press("x", "left", "left")
        assert not person.session.switches and looks_at(person) == first, "who has silenced it has chosen it"


async def test_a_head_that_was_chosen_stays_until_the_text_is_another(folder: Path) -> None:
    async with at(folder, TEXT, start=LEARNER) as person:
        await person.press("3", *["left"] * 3, *["up"] * 2)
        other = HeadOff(1, 3) if most(found(person)) != HeadOff(1, 3) else HeadOff(1, 2)
        await person.press(*["right"] * other.head, "down")
        assert looks_at(person) == other
        await person.press("1", "left", "left", "space", "e", *" to", "enter")
        assert looks_at(person) == other, "the text only goes on"
        await person.press("e", "ctrl+u", *"not", "enter")
        assert looks_at(person) == most(found(person))


async def test_keys_go_to_what_mattered_and_list_it(folder: Path) -> None:
    async with at(folder, TEXT) as person:
        losts = found(person)
        best = most(losts)
        await person.press("G")
        assert looks_at(person) == best
        assert person.notices[-1].startswith(f"layer {best.layer} head {best.head} matters most of the heads")
        listed = [lost.part for lost in losts]
        mlp, last = (next(part for part in reversed(listed) if isinstance(part, kind)) for kind in (MLPOff, HeadOff))
        dialog = await opened(person)
        assert [item.key for item in dialog.options] == [str(part) for part in listed]
        assert all(
            f"{lost.effect.kl:.2f} bits" in option[1] for option, lost in zip(dialog.options, losts, strict=True)
        )
        await person.pilot.press(*["down"] * listed.index(last), "enter")
        await person.until(lambda: looks_at(person) == last)
        await opened(person)
        await person.pilot.press(*["down"] * listed.index(mlp), "enter")
        await person.until(lambda: person.app.screen is person.play)
        await person.press("enter")
        assert person.switched == {str(mlp)}, "its switch is under the cursor"


async def test_nothing_is_measured_while_it_runs(folder: Path) -> None:
    async with at(folder, TEXT) as person:
        await person.pilot.press("r")
        assert person.play.wanted().row is None
        await person.pilot.press("E", "G")
        assert person.notices[-1] == "what each part does is measured while nothing is written - r pauses"
        await person.press("r")
        assert person.play.mattering.swept is not None and person.play.mattering.swept.done


async def test_after_a_switch_it_says_where_to_look(folder: Path) -> None:
    async with at(folder, TEXT) as person:
        await person.press("x")
        intact = trace(person.model, person.session.tokens)
        off = trace(person.model, person.session.tokens, (HeadOff(0, 0),))
        head = most_stirred(intact, off)
        assert head is not None and head.layer == 1, "the layer that reads it"
        was, now = (label(person.play.tokenizer, int(each.logits[-1].argmax())) for each in (intact, off))
        says = person.notices[-1]
        at_row = f"at place {head.row} '{label(person.play.tokenizer, intact.tokens[head.row])}'"
        assert says.startswith(f"layer 1 head {head.head} changed most: {at_row} {head.share:.3f} of its weight moved")
        assert says.endswith(
            f"'{was}' stays the likeliest" if was == now else f"'{now}' is the likeliest now, not '{was}'"
        )
        told = len(person.notices)
        await person.press("left", "x")
        assert len(person.notices) == told, "said once, and not of a switch that is taken back"
        await person.press("7", "m")
        assert "changed most" in person.notices[-1] and "changed most" in person.sees("switches")

        await person.press("c", "3", "down", "x")
        assert person.notices[-1].startswith(
            "no head looks elsewhere: what was switched reaches the answer without one"
        )
