"""Memories: the list is what the model's neurons did, and one of them is what it writes and what fires it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import UserError
from models.lenses.inside.neurons import neurons
from models.switches import HeadOff, NeuronOff, NeuronSet, Switch
from models.tracing import trace
from models.units import NATS
from playground.inside.layout import PANES
from playground.inside.panes.memories import NO_MLP, Memories
from playground.inside.remembered import Look, Seen
from playground.inside.scene import InsideScene, InsideView
from playground.kit.canvas import Canvas
from playground.kit.keys import digit
from playground.looking.session import look_at
from tests.playground.inside.inside_on_screen import at
from tests.playground.inside.inside_scenes import drawn, found, scene, seen
from tests.playground.inside.test_panes import small
from tests.playground.looking.scenes import CORPUS, GLYPHS, PALETTE

TEXT = "\nmichael jordan plays"
PANE = Memories()


def known(words: str = TEXT, *switches: Switch, **look: object) -> InsideScene:
    of = scene(words, switches)
    return found(PANE, seen(of, of.view.looking(replace(Look(), **look))))  # type: ignore[arg-type]  # fields of it


def after(of: InsideScene, view: InsideView) -> InsideScene:
    return found(PANE, seen(of, view))


def listed(of: InsideScene, width: int = 100, height: int = 40) -> list[list[str]]:
    """The words of every line of the list."""
    return [line.replace("▸", " ").split() for line in drawn(PANE, of, width, height).plain().splitlines()[3:] if line]


def test_the_list_has_what_each_neuron_added_and_what_was_lost_without_it() -> None:
    of = known()
    model, subject = of.play.model, of.subject
    assert subject is not None
    row, tokens = of.row, subject.now.tokens
    all_of_them = neurons(subject.now, row)
    lines = listed(of)
    for line, place in zip(lines, all_of_them.ranked("adds", 10), strict=False):
        layer, neuron = (int(each) for each in all_of_them.places[place])
        off = trace(model, tokens, [NeuronOff(layer, neuron)]).logits[-1].astype(float)
        was = subject.now.logits[-1].astype(float)
        p, q = (np.exp(x - x.max()) / np.exp(x - x.max()).sum() for x in (was, off))
        figures = [each for each in line if each[0] not in "█▉▊▋▌▍▎▏"]
        assert figures[:2] == [f"L{layer}", f"N{neuron}"]
        assert float(figures[2]) == pytest.approx(all_of_them.activation[place], abs=0.006)
        assert float(figures[3]) == pytest.approx(all_of_them.adds[place], abs=0.006)
        assert float(figures[4]) == pytest.approx(was[all_of_them.token] - off[all_of_them.token], abs=0.006)
        assert float(figures[5]) == pytest.approx((p * np.log2(p / q)).sum(), abs=0.0006)
        assert figures[6] == "stays"
    title = drawn(PANE, of).plain().splitlines()[0]
    assert title.startswith(f"Memories for 'basketball' {all_of_them.p:.3f} · after 3 'plays'")


def test_what_was_not_tried_yet_is_a_dash_and_the_unit_is_the_persons() -> None:
    of, asked = known(), PANE.asks(known())
    assert of.subject is not None and asked is not None
    first = next(PANE.find(of.subject, asked))
    early = replace(of, found={PANE.name: first})
    assert listed(early)[0][5:8] == ["+1.80", "–", "–"] and len(listed(early)) == 37
    assert (
        "none has been switched off yet"
        in drawn(PANE, replace(early, view=early.view.looking(Look(by="effect")))).plain()
    )
    canvas = Canvas(100, 12, PALETTE, unit=NATS)
    PANE.draw(known("the dog"), canvas)
    assert " nats " in canvas.plain().splitlines()[2]


def test_the_row_is_that_of_the_cursor_and_the_token_one_that_was_typed() -> None:
    of = known()
    earlier = after(of, of.view.with_session(look_at(of.view.session, 1)))
    assert "after 1 'michael'" in drawn(PANE, earlier).plain()
    typed = after(of, PANE.told(of, "tennis"))
    assert "for 'tennis' " in drawn(PANE, typed).plain() and PANE.question(of).startswith("Ask for which token?")
    answer = after(typed, PANE.told(typed, ""))
    assert "for 'basketball'" in drawn(PANE, answer).plain()
    with pytest.raises(UserError, match="little-world does not know 'xyz'"):
        PANE.told(of, "xyz")


def test_pages_turn_the_layers_and_v_the_order() -> None:
    of, layers = known(), []
    for _ in range(5):
        layers.append({line[0] for line in listed(of)})
        of = after(of, PANE.move(of, 0, 10))
    assert layers == [{"L0", "L1", "L2"}, {"L0"}, {"L1"}, {"L2"}, {"L2"}] and of.view.session.view.layer == 2
    assert not after(of, PANE.move(of, 0, -10)).view.look(Look).all_layers
    of = known()
    by_activation = after(of, PANE.otherwise(of))
    assert len(listed(by_activation)) == 32
    figures = [float(next(word for word in line[2:] if word[0].isdigit())) for line in listed(by_activation)]
    assert figures == sorted(figures, reverse=True) and figures[0] == 5.33
    by_effect = after(by_activation, PANE.otherwise(by_activation))
    assert listed(by_effect)[0][:2] == ["L1", "N287"]
    assert PANE.otherwise(by_effect).look(Look).by == "adds"


def test_up_and_down_stay_in_the_list_and_left_and_right_go_along_the_text() -> None:
    of = known()
    assert PANE.move(of, 0, -1).look(Look).line == 0 and PANE.move(of, 0, 1).look(Look).line == 1
    last = seen(of, of.view.looking(Look(line=1000)))
    last = replace(last, found=of.found)
    assert PANE.move(last, 0, 1).look(Look).line == 63 and PANE.move(of, -1, 0).session.row == 2


def test_going_into_one_shows_what_it_writes_and_what_fires_it() -> None:
    of = known(by="effect")
    view = PANE.enter(of)
    assert view.look(Look).inside == (1, 287)
    one = after(of, view)
    plain = drawn(PANE, one, 120, 24).plain().splitlines()
    assert plain[0].startswith("Memories L1 N287 · activation 3.36 · adds +1.21 to 'basketball' ")
    assert plain[1].strip() == "off      the score loses 2.49 · 0.058 bits · 'basketball' stays"
    assert plain[2].startswith("raises   madrid +") and plain[3].startswith("lowers ")
    assert plain[4].startswith("here     ⏎ michael jordan [plays]")
    assert "at most" in plain[5] and "of 6,048 tokens · fresh texts of the little world" in plain[5]
    fires = one.found[PANE.name].fires
    strongest = [float(line[1:].split()[0]) for line in plain[6:]]
    assert len(strongest) == 18 and strongest == sorted(strongest, reverse=True)
    assert strongest[0] == pytest.approx(fires.most, abs=0.006)
    assert all("[" in line and "]" in line for line in plain[6:])
    assert PANE.back(one).look(Look) == of.view.look(Look) and PANE.enter(one) == one.view


def test_what_fires_one_is_what_the_pass_over_that_text_says() -> None:
    one = known(inside=(1, 117))
    fires = one.found[PANE.name].fires
    text, position = fires.strongest(1)[0]
    acts = trace(one.play.model, fires.texts[text].tolist()).blocks[1].mlp_act[:, 117]
    assert acts.argmax() == position and acts[position] == pytest.approx(fires.most, abs=1e-4)


def test_pages_in_one_go_to_its_neighbours_and_lines_to_other_texts() -> None:
    one = known(inside=(2, 267))
    on = PANE.move(one, 0, 10).look(Look)
    assert on.inside == (1, 287) and PANE.move(one, 0, -10).look(Look).inside == (2, 267)
    assert PANE.move(one, 0, 1).look(Look).text == 1 and PANE.move(one, 0, -1).look(Look).text == 0


def test_x_silences_a_neuron_and_takes_back_whatever_is_done_to_it() -> None:
    of = known(TEXT, HeadOff(0, 1))
    off = PANE.put_in(of)
    assert off.session.switches == (HeadOff(0, 1), NeuronOff(2, 267))
    there = known(TEXT, NeuronOff(2, 267), on=(2, 267), line=5)
    assert listed(there)[0][:3] == ["✕", "L2", "N267"], "what is switched stands first, and the cursor is on it"
    assert PANE.put_in(there).session.switches == () and off.look(Look).on == (2, 267)
    one = known(TEXT, NeuronSet(0, 288, 3.5), inside=(0, 288))
    plain = drawn(PANE, one).plain()
    assert "activation 3.50" in plain and "=        the neuron is set: x takes that back" in plain
    assert PANE.put_in(one).session.switches == ()


def test_a_value_is_set_by_hand_in_the_place_of_what_was_done_before() -> None:
    one = known(TEXT, NeuronOff(0, 288), inside=(0, 288))
    assert PANE.question(one) == "Set L0 N288 to" and PANE.suggestion(one) == "0.00"
    assert PANE.told(one, "-2.5").session.switches == (NeuronSet(0, 288, -2.5),)
    with pytest.raises(UserError, match="'much' is not a number"):
        PANE.told(one, "much")
    again = known(TEXT, NeuronSet(0, 288, -2.5), inside=(0, 288))
    assert PANE.told(again, "-2.5") == again.view


def test_clicks_do_what_the_keys_do() -> None:
    of = known()
    canvas = drawn(PANE, of, 100, 20)
    first, third, layer, order = (canvas.at(*cell) for cell in ((5, 3), (5, 5), (16, 1), (98, 1)))
    assert first is not None and first(of.view).look(Look).inside == (2, 267)
    assert third is not None and third(of.view).look(Look) == Look(line=2, on=(2, 291))
    assert layer is not None and not layer(of.view).look(Look).all_layers and layer(of.view).session.view.layer == 1
    assert order is not None and order(of.view).look(Look).by == "effect"
    one = known(inside=(0, 288))
    text = drawn(PANE, one, 100, 20).at(30, 9)
    assert text is not None and text(one.view).look(Look).text == 3


def test_shades_grow_with_the_activation_and_do_without_colours() -> None:
    one = known(inside=(0, 288))
    canvas = drawn(PANE, one, 100, 20)
    line = "".join(canvas.chars[6])
    fires, far = (canvas.styles[6][line.index(words) + 1].bgcolor for words in ("[played]", "golf"))
    assert fires is not None and far is not None and fires.triplet is not None and far.triplet is not None
    assert sum(fires.triplet) > sum(far.triplet)
    assert "[played]" in drawn(PANE, one, 100, 20, GLYPHS).plain()


def test_another_model_is_looked_at_from_the_beginning() -> None:
    of = scene(CORPUS[:9], of=small())
    moved = of.view.with_session(replace(of.view.session, opening=1))
    other = after(of, moved.looking(Look(inside=(2, 383), token=460, by="effect")))
    assert "for '" in drawn(PANE, other).plain() and PANE.asks(other) == (8, None, -1, None)
    assert PANE.move(other, 0, 1).look(Look).opening == 1


def test_a_model_without_mlps_is_said_to_have_no_neurons() -> None:
    of = scene(CORPUS[:9], of=small("mlp"))
    assert PANE.asks(of) is None and NO_MLP in " ".join(drawn(PANE, of).plain().split())


def test_the_text_that_was_typed_is_read_where_there_is_no_other() -> None:
    of = scene(CORPUS[:9], of=small())
    one = found(PANE, seen(of, of.view.looking(Look(inside=(1, 3)))))
    content = one.found[PANE.name]
    assert isinstance(content, Seen) and content.fires is not None
    assert content.read == "the text above" and content.fires.words == 9
    longer = scene(CORPUS[:12], of=of.play.model)
    again = found(PANE, seen(longer, longer.view.looking(Look(inside=(1, 3)))))
    assert again.found[PANE.name].fires.words == 12


async def test_a_neuron_is_gone_into_set_and_undone_on_the_screen(tiny_folder: Path) -> None:
    async with at(tiny_folder, "to be") as person:
        for key in (digit(PANES, "memories"), "enter"):
            await person.press(key)
            await person.settle()
        inside = person.screen.view.look(Look).inside
        assert inside is not None and f"L{inside[0]} N{inside[1]}" in person.sees("memories")
        await person.press("f", "ctrl+u", "9", "enter")
        await person.settle()
        assert person.app.session.switches == (NeuronSet(*inside, 9.0),)
        assert "activation 9.00" in person.sees("memories")
        for key in ("backspace", "pagedown"):
            await person.press(key)
            await person.settle()
        assert person.app.session.view.layer == 0 and not person.screen.view.look(Look).all_layers
        await person.press("u")
        assert not person.app.session.switches and person.notices[-1] == f"undone: set neuron {inside[0]}.{inside[1]}"
