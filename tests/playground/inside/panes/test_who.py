"""Who said it: a waterfall that ends at the score, what is lost beside it, and what both say together."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from models import load
from models.errors import UserError
from models.lenses.inside.attribution import Attribution, Part, attribute, reading, sources
from models.lenses.inside.causes import Lost, carried_over, lost_when_off
from models.switches import AttentionOff, HeadOff, MLPOff, Switch
from models.tracing import trace
from models.units import BITS, NATS
from playground.inside.panes.patch_look import PatchLook
from playground.inside.panes.who import WhoSaidIt
from playground.inside.panes.written import BIASES, MOST, Line, WhoLook, by_size, lines_of, verdict
from playground.inside.scene import InsideScene, InsideView
from playground.kit.bar import floating
from playground.kit.canvas import Canvas
from tests.playground.inside.inside_scenes import drawn, found, scene, seen
from tests.playground.looking.scenes import GLYPHS, random_gpt

IVY = "\nanna lived by the river with her sister ivy. when anna and ivy went to the fair, anna bought bread for"
JAPAN = "\nfrance: paris; italy: rome; spain: madrid; japan:"
PANE = WhoSaidIt()
BIT = math.log(2)


def asking(of: InsideScene, words: str) -> InsideScene:
    return seen(of, PANE.told(of, words))


def shown(of: InsideScene, width: int = 110, height: int = 34) -> str:
    return drawn(PANE, of, width, height).plain()


def figures(of: InsideScene, width: int = 110, height: int = 34) -> dict[str, list[str]]:
    """The numbers at the right end of each line, by its name."""
    lines = (line[1:] for line in shown(of, width, height).splitlines()[2:])
    return {line[:10].strip(): line[10:].replace("│", " ").split() for line in lines if line[:1].strip()}


def on(of: InsideScene, name: str) -> InsideScene:
    """With the cursor on the line of that name."""
    of = found(PANE, of)
    at = [line.name for line in lines_of(of)].index(name)
    return found(PANE, seen(of, of.view.looking(replace(of.view.look(WhoLook), line=at))))


def pressed(of: InsideScene, view: InsideView) -> InsideScene:
    return found(PANE, seen(of, view))


def test_every_part_stands_with_what_it_wrote_and_what_is_lost_without_it() -> None:
    of = asking(scene(IVY), "ivy against anna")
    now = of.play.known.now
    ivy, anna = (of.play.tokenizer.ids[name] for name in ("ivy", "anna"))
    sum_of = attribute(now, of.row, ivy, anna)
    *_, lost = (piece for piece in lost_when_off(now, sum_of) if piece is not None)
    told, biases = figures(of), 0.0
    for part, value, bits in zip(sum_of.parts, sum_of.values, lost.bits, strict=True):
        if part.kind == "bias":
            biases += value
            continue
        numbers = [float(each) for each in told[str(part)][-2:] if each[0] in "+-.0123456789"]
        expected = [value / BIT, *([] if math.isnan(bits) else [bits])]
        assert numbers == pytest.approx(expected, abs=0.0051), part
    assert float(told["biases"][-1]) == pytest.approx(biases / BIT, abs=0.0051)
    assert float(told["= sum"][-1]) == pytest.approx(sum_of.logit / BIT, abs=0.0051)
    said = " ".join(shown(of).split())
    assert "'ivy' against 'anna' after 'for' · in bits" in said and "lost when off" in said
    assert "L0H0 writes +0.00 of it, but 20.25 bits are lost when it is off: it fetches what others write" in said
    assert "L2 MLP writes the most of it, +14.61 bits; off, 12.50 are lost" in said
    assert "logit 14.112, of which the sum is off by" in said


def paired(of: InsideScene, other: str) -> InsideScene:
    return seen(of, of.view.looking(replace(of.view.look(PatchLook), other=other)))


def test_what_each_part_carries_over_from_the_other_text_stands_beside_that() -> None:
    of = paired(scene(JAPAN), JAPAN.replace("japan", "china"))
    now, model = of.play.known.now, of.play.model
    assert model.tokenizer is not None
    there = trace(model, model.tokenizer.encode(JAPAN.replace("japan", "china")))
    sum_of = attribute(now, of.row, of.play.tokenizer.ids["tokyo"])
    *_, carried = (piece for piece in carried_over(now, there, sum_of) if piece is not None)
    said, told = shown(of), figures(of)
    assert said.splitlines()[1].split()[-5:] == ["written", "lost", "when", "off", "carried"]
    for part, share in zip(sum_of.parts, carried.everywhere, strict=True):
        if part.patched is not None:
            assert float(told[str(part)][-1]) == pytest.approx(share, abs=0.0051), part
    assert told["L0H3"][-3:] == ["-0.15", "7.49", "1.01"] and told["embedding"][-1] == "-0.05"
    said = " ".join(said.split())
    assert "carried: from 'tokyo' (0) to 'beijing' (1), most by L0H3, 1.01 · as in 'france" in said
    assert "carries 1.01 over, 1.01 by this place alone" in " ".join(shown(on(of, "L0H3")).split())
    assert "from 'tokyo' (0) to 'berlin' (1), most by L0H3, 1.02" in " ".join(shown(scene(JAPAN)).split()), (
        "germany suggests itself at first"
    )


def test_where_lines_are_few_no_word_is_cut_off() -> None:
    blind = load("little-world-no-attention")
    said = shown(scene("\nthe dog near the cats", of=blind), 80, 17)
    assert "as in 'the dog near the\ncat'" in said and "of which the sum is off by" in said


def test_without_a_pair_it_says_what_to_do_and_with_none_that_fits_why() -> None:
    for of, says in (
        (scene(IVY), "once the pane Patching has one: f takes it there"),
        (scene("To be, or not", of=random_gpt()), "once the pane Patching has one: f takes it there"),
        (paired(scene(JAPAN), "\njapan:"), "from 'japan:': the text has 15 tokens and the other 3"),
        (paired(scene(JAPAN), JAPAN), "madrid; japan:': both texts are followed by 'tokyo'"),
        (paired(scene(JAPAN), "zzz"), "nothing is carried over from 'zzz': the model does not know 'zzz'"),
    ):
        said = " ".join(shown(of).split())
        assert says in said and "when off carried" not in said, says


def test_at_first_it_is_the_likeliest_of_the_intact_model_which_no_switch_changes() -> None:
    assert "'tokyo' after ':'" in shown(scene(JAPAN))
    switched = scene(JAPAN, (HeadOff(0, 3),))
    said = shown(switched)
    assert "'tokyo' after ':'" in said and "before" in said
    told = figures(switched)
    assert told["L0H3"][-3:] == ["✕", "off", "-0.15"] and told["L0 MLP"][-1] == "+13.51"
    assert "x switches it on again" in shown(on(switched, "L0H3"))
    assert "off, 7.49 are lost and it says 'berlin'" in " ".join(shown(on(scene(JAPAN), "L0H3")).split())


def test_enter_goes_down_into_a_head_an_mlp_and_the_biases_and_backspace_up() -> None:
    of = on(scene(JAPAN), "L0H3")
    inside = pressed(of, PANE.enter(of))
    now, tokyo = of.play.known.now, of.play.tokenizer.ids["tokyo"]
    split = sources(now, of.row, 0, 3, reading(now, of.row, tokyo))
    assert split is not None
    lines = lines_of(inside)
    assert [line.value for line in lines] == pytest.approx(split.values.tolist())
    assert [line.beside for line in lines] == pytest.approx(split.weights.tolist())
    largest = max(lines, key=lambda line: line.beside)
    assert "japan" in largest.name and "weight" in shown(inside) and "L0H3: 'tokyo'" in shown(inside)
    sorted_ = lines_of(pressed(inside, PANE.otherwise(inside)))
    assert [abs(line.value) for line in sorted_] == sorted((abs(v) for v in split.values), reverse=True)
    up = pressed(inside, PANE.back(inside))
    assert lines_of(up)[up.view.look(WhoLook).line].name == "L0H3", "the cursor is where it was"
    assert PANE.back(up) == up.view
    mlp = on(of, "L2 MLP")
    neurons = lines_of(pressed(mlp, PANE.enter(mlp)))
    assert len(neurons) == MOST + 1 and neurons[-1].name == "336 others" and neurons[-1].rest
    assert sum(line.value for line in neurons) == pytest.approx(
        next(line.value for line in lines_of(mlp) if line.name == "L2 MLP"), abs=1e-4
    )
    biases = on(of, "biases")
    assert [line.name for line in lines_of(pressed(biases, PANE.enter(biases)))][-1] == "final norm bias"
    position = on(of, "position")
    assert PANE.enter(position) == position.view and PANE.idle


def test_x_switches_the_part_under_the_cursor_off_and_on() -> None:
    of = scene(JAPAN)
    for name, switch in (("L0H3", HeadOff(0, 3)), ("L1 MLP", MLPOff(1))):
        here = on(of, name)
        view = PANE.put_in(here)
        assert view.session.switches == (switch,)
        inside = pressed(here, PANE.enter(here))
        assert PANE.put_in(inside).session.switches == (switch,), "or the one gone into"
    embedding = on(of, "embedding")
    assert PANE.put_in(embedding) == embedding.view
    off = on(scene(JAPAN, (AttentionOff(1),)), "L1 attention")
    assert PANE.put_in(off).session.switches == ()


def test_what_a_switch_sets_has_nothing_inside_and_says_so() -> None:
    of = scene(JAPAN, (MLPOff(1),))
    assert "what the MLP of L1 writes: its neurons are told as one" in " ".join(shown(of).split())
    here = on(of, "L1 MLP")
    assert PANE.enter(here) == here.view
    stayed = of.view.looking(WhoLook(into=Part("mlp", 1)))
    said = " ".join(shown(seen(of, stayed)).split())
    assert "a switch sets what L1 MLP writes: nothing inside it does" in said


def test_f_takes_one_token_or_two_or_none() -> None:
    of = scene(JAPAN)
    assert PANE.suggestion(of) == "tokyo against paris"
    assert "'rome' after ':'" in shown(asking(of, "rome"))
    for typed in ("rome - paris", "rome against paris", "  rome  against  paris "):
        assert "'rome' against 'paris'" in shown(asking(of, typed))
    assert "'tokyo' after" in shown(asking(asking(of, "rome"), " "))
    with pytest.raises(UserError, match="little-world does not know 'zzz'"):
        PANE.told(of, "barks against zzz")
    another = replace(of.view.session, opening=1)
    later = asking(of, "rome").view.with_session(another)
    assert "'tokyo' after" in shown(seen(of, later)), "another model has other tokens"


def test_bars_begin_where_the_one_before_ended() -> None:
    assert floating(0, 1, 4) == (0, "████") and floating(0.125, 0.5, 4) == (0, "▐█")
    assert floating(0.25, 0.625, 4) == (1, "█▌") and floating(0.5, 0.25, 4) == (1, "▒")
    assert floating(0.5, 0.51, 4) == (2, "│") and floating(1, 1, 4) == (3, "│") and floating(1, 0.99, 4) == (3, "│")
    assert floating(math.nan, 1, 4) == floating(0, 1, 0) == (0, "")
    canvas: Canvas = drawn(PANE, asking(scene(IVY), "ivy against anna"), 110, 34, GLYPHS)
    lines = canvas.plain().splitlines()
    ends = {line[1:10].strip(): (len(line[:80]) - len(line[:80].lstrip(" ▸")), line) for line in lines}
    grown, then = ends["L2 MLP"][1], ends["L2H3"][1]
    assert "█" in grown and "▒" in ends["L2H0"][1] and "█" not in then
    assert grown[:85].rstrip().rindex("█") + 1 <= 85


def test_lines_are_gone_through_and_clicked() -> None:
    of = found(PANE, scene(JAPAN))
    down = PANE.move(of, 0, 2)
    assert down.look(WhoLook).line == 2 and PANE.move(of, 0, -1).look(WhoLook).line == 0
    assert PANE.move(of, 0, 99).look(WhoLook).line == len(lines_of(of)) - 1
    assert PANE.move(of, -1, 0).session.row == of.row - 1
    canvas = drawn(PANE, of, 100, 30)
    y = next(y for y, line in enumerate(canvas.plain().splitlines()) if line[1:].startswith("L1H2"))
    act = canvas.at(4, y)
    assert act is not None and lines_of(of)[act(of.view).look(WhoLook).line].name == "L1H2"


def test_verdicts() -> None:
    parts = (Part("head", 0, 1), Part("mlp", 1), Part("bias", 1, of="mlp"))

    def of(written: list[float], gone: list[float], unit: object = BITS) -> str:
        sum_of = Attribution(0, 1, None, 1.0, parts, np.array([*written, 0.5]) * BIT, True)
        return verdict(sum_of, Lost(np.array([*gone, math.nan]), np.zeros(3, int)), unit)  # type: ignore[arg-type]

    wrote = "L1 MLP writes the most of it, +9.00 bits; off, 8.00 are lost"
    assert of([0.1, 9], [7, 8]) == (
        f"L0H1 writes +0.10 of it, but 7.00 bits are lost when it is off: it fetches what others write. {wrote}"
    )
    assert of([7, 9], [7.5, 8]) == f"{wrote}: what is written and what is missed agree here"
    assert of([0.1, 14.7], [0.2, 0.1]) == (
        "L1 MLP writes the most of it, +14.70 bits; off, 0.10 are lost: the rest makes up for it"
    )
    assert "others write from what it writes" in of([9, 1], [8, 30])
    assert of([1, 2], [math.nan, math.nan]) == "" and of([math.nan, 2], [1, 2]) == ""
    assert "4.85 nats are lost" in of([0.1, 9], [7, 8], NATS)


def test_the_largest_first_and_the_rest_last() -> None:
    lines = [Line("a", 1.0), Line("b", -3.0), Line("others", 9.0, rest=True), Line("c", 2.0)]
    assert [line.name for line in by_size(lines)] == ["b", "c", "a", "others"]


def test_models_with_other_parts_and_texts_beyond_the_context() -> None:
    long = "To be, or not to be, that is the question:\nWhether 'tis nobler in the mind"
    switches: tuple[Switch, ...] = (HeadOff(1, 3),)
    of = scene(long, switches, random_gpt(layers=13))
    said = shown(of, 60, 14)
    assert "embedding" in said and "= sum" in said
    low = seen(of, PANE.move(found(PANE, of), 0, 99))
    assert "▸biases" in shown(low, 60, 14)
    assert BIASES.off is None and shown(low, 12, 5)


def test_what_was_measured_once_is_not_measured_again() -> None:
    of, pane = scene(JAPAN), WhoSaidIt()
    asked, subject = pane.asks(of), of.subject
    assert asked is not None and subject is not None
    first, second = [*pane.find(subject, asked)], [*pane.find(subject, asked)]
    assert len(first) > len(second) == 1 and first[0] is not None and second[0] is not None
    assert np.isnan(first[0].lost.bits).all() and np.isfinite(second[0].lost.bits).sum() == 16
    assert None in first, "where a newer wish may cut in"
    assert first[0].carried is None and second[0].carried is not None
    assert np.isfinite(second[0].carried.everywhere).sum() == 15
    inside = [*pane.find(subject, asked._replace(into=Part("head", 0, 3)))]
    assert len(inside) == 1 and inside[0] is not None and inside[0].inside is not None
