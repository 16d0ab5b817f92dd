"""One cell's arithmetic follows step by step and ends in the trace."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from models import load
from models.gpt import GPT, weight_shapes
from models.lenses.inside.one_cell import work
from models.ops import Array
from models.parts import PARTS, Part
from models.switches import (
    ALL,
    AttentionOff,
    HeadMean,
    HeadOff,
    HeadSwitch,
    HeadUniform,
    MaskOff,
    Padding,
    ScaleOff,
    Switch,
)
from models.switches.edits import Here
from playground.kit.numbers import precise
from playground.looking.scene import Scene
from playground.looking.session import look
from playground.play.panes.attention import Attention
from playground.play.panes.cell import Cell, steps
from playground.play.panes.row import Row
from tests.playground.looking.panes.attention_scenes import TEXT, drawn, scene
from tests.playground.looking.scenes import random_gpt

NUMBER = r"-?\d+\.\d+(?:e[+-]\d+)?"


CASES: dict[str, tuple[tuple[Switch, ...], dict[str, Any]]] = {
    "plain": ((), {"row": 14, "column": 9}),
    "itself": ((), {"row": 0, "column": 0}),
    "hidden": ((), {"row": 4, "column": 9}),
    "mask off": ((MaskOff(),), {"row": 4, "column": 9}),
    "before": ((MaskOff(),), {"row": 4, "column": 9, "shows": "before"}),
    "scale off": ((ScaleOff(),), {"row": 14, "column": 9}),
    "uniform": ((HeadUniform(1, 2),), {"row": 14, "column": 9}),
    "off": ((HeadOff(1, 2),), {"row": 14, "column": 9}),
    "padding": ((Padding((9,)),), {"row": 14, "column": 9}),
}


def arithmetic(name: str, width: int = 66, height: int = 30) -> tuple[Scene, dict[str, str], str]:
    """A case, its lines by their names, and the whole picture."""
    switches, view = CASES[name]
    seen = scene(TEXT, switches, layer=1, head=2, **view)
    text = drawn(Cell, seen, width, height).plain()
    lines = {line[:11].strip(): line[11:] for line in text.splitlines()[1:11]}
    return seen, lines, text


def numbers(text: str) -> list[float]:
    """Every number in a text."""
    return [float(number) for number in re.findall(NUMBER, text)]


@pytest.mark.parametrize("name", CASES)
def test_the_steps_follow_from_each_other_and_end_in_the_trace(name: str) -> None:
    seen, lines, _ = arithmetic(name)
    trace = seen.shown
    assert trace is not None
    block, row, column = trace.blocks[1], seen.row, seen.column
    q, k = block.q[2, row].astype(np.float64), block.k[2, column].astype(np.float64)
    *terms, dot = numbers(lines["q · k"])
    signs = [-1 if "- " + f"{precise(abs(term))}" in lines["q · k"] else 1 for term in terms]
    assert sum(
        sign * abs(term) if sign < 0 else term for sign, term in zip(signs, terms, strict=True)
    ) == pytest.approx(dot, abs=5e-4)
    assert dot == pytest.approx(q @ k, abs=5e-4)
    scaled = numbers(lines["/ √8"])
    if name in ("scale off", "uniform"):
        assert scaled[0] == pytest.approx(block.scores[2, row, column], abs=1e-4)
    else:
        assert scaled[0] == dot
        assert scaled[1] == pytest.approx(math.sqrt(8), abs=5e-5)
        assert scaled[2] == pytest.approx(scaled[0] / scaled[1], abs=2e-4)
    if trace.visible[row, column]:
        score = block.scores[2, row, column]
        power_line, share = numbers(lines["e^"].replace(" - ", " ").replace("(-", "( -")), numbers(lines["softmax"])
        assert power_line[0] == pytest.approx(score, abs=1e-4)
        assert power_line[2] == pytest.approx(math.exp(score - block.scores[2, row].max()), rel=5e-4)
        assert share[0] == power_line[2]
        assert share[2] == pytest.approx(share[0] / share[1], rel=1e-3)
        assert share[2] == pytest.approx(block.pattern[2, row, column], rel=1e-3)
    else:
        assert "-∞" in lines["mask"]
        assert numbers(lines["softmax"])[-1] == block.pattern[2, row, column] == 0


def test_the_cells_parts_of_z_add_up_to_all_of_it() -> None:
    seen = scene(layer=1, head=2, row=14)
    total = 0.0
    for column in range(15):
        at = replace(seen, session=look(seen.session, column=column))
        trace = at.shown
        assert trace is not None
        line = steps(at, trace, work(trace, 1, 2, 14, column), 60)[-1]
        total += numbers(line.text)[0]
    assert total == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("scale off", ": score scaling off"),
        ("mask off", "visible: causal mask off"),
        ("hidden", "it comes later"),
        ("before", "it comes later"),
        ("padding", "it is padding"),
        ("uniform", "0.0000: the head is made uniform"),
        ("off", "set to zero: the head is silenced"),
    ],
)
def test_switches_are_named_where_they_act(name: str, words: str) -> None:
    for case in CASES:
        said = words in arithmetic(case)[2]
        assert said == (case == name or (words == "it comes later" and case in ("hidden", "before")))


def test_other_switches_of_z_are_named() -> None:
    assert "replaced: the head is averaged" in drawn(Cell, scene(TEXT, (HeadMean(0, 0),))).plain()
    assert "not written as it is: attention off in this layer" in drawn(Cell, scene(TEXT, (AttentionOff(0),))).plain()


EQUATION = re.compile(rf"(e\^)?\(?({NUMBER}(?: [-+/] (?:rest )?{NUMBER})*)\)? = ({NUMBER})")


def equations(text: str) -> list[tuple[float, float]]:
    """Of each equation in a text what its left side comes to, and what it says that is."""
    found = []
    for power, left, right in EQUATION.findall(text):
        first, *rest = left.replace("rest ", "").split(" ")
        value = float(first)
        for sign, term in zip(rest[::2], map(float, rest[1::2]), strict=True):
            value = value / term if sign == "/" else value - term if sign == "-" else value + term
        found.append((math.exp(value) if power else value, float(right)))
    return found


def assert_true(seen: Scene, lines: dict[str, str]) -> None:
    """Every equation holds to the digits shown, and what was recorded is told."""
    told = [equation for line in lines.values() for equation in equations(line)]
    assert told
    for left, right in told:
        assert left == pytest.approx(right, rel=2e-3, abs=2e-4), lines
    trace = seen.shown
    assert trace is not None
    block, at = trace.blocks[1], (2, seen.row, seen.column)
    score, weight = float(block.scores[at]), float(block.pattern[at])
    words = lines["/ √8"] if trace.visible[at[1:]] else lines["mask"]
    scores = [right for _, right in equations(words)]
    assert words.startswith(precise(score)) or scores == [pytest.approx(score, rel=1e-3, abs=1e-4)]
    ends = [right for _, right in equations(lines["softmax"])]
    assert lines["softmax"].startswith((f"{precise(weight)}: ", "0: ")) or ends == [pytest.approx(weight, rel=1e-3)]


CELLS = ((14, 9), (4, 9), (0, 0))


@pytest.mark.parametrize("cell", CELLS, ids=str)
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug)
def test_no_equation_is_false_under_any_switch(kind: type[Switch], cell: tuple[int, int]) -> None:
    for switch in kind.everywhere(random_gpt().config):
        if isinstance(switch, Padding) and switch.positions[0] > 15:
            continue
        assert_true(*told((switch,), cell))


@dataclass(frozen=True, order=True)
class Bent(HeadSwitch):
    """A switch that the pane has never heard of."""

    slug, title, mark, done, says = "bent", "head bent", "b", "bent out of shape", "Nobody has heard of it."
    parts = frozenset({"attention"})
    sites = frozenset()

    def edit(self, value: Array, here: Here) -> Array:
        """Something else, of the same shape."""
        return ~value if here.site == "visible" else value * 2 + 1


@dataclass(frozen=True, order=True)
class Previous(HeadSwitch):
    """A head that looks at the token before, whatever it thinks."""

    slug, title, mark, done, says = "previous", "head previous", "p", "made to look back", "It looks one back."
    parts = frozenset({"attention"})
    sites = frozenset({"pattern"})

    def edit(self, value: Array, here: Here) -> Array:
        """One beside the diagonal."""
        return self.replace(value, np.eye(value.shape[-2], k=-1), here.ops)


SITES = {"q": "q of", "k": "k of", "v": "v of", "scores": "/ √8", "pattern": "softmax", "z": "z of", "attn_out": "z of"}


@pytest.mark.parametrize("cell", CELLS, ids=str)
@pytest.mark.parametrize("site", [*SITES, "visible"])
def test_a_switch_that_the_pane_does_not_know_is_told_and_makes_no_equation_false(
    site: str, cell: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(f"Bent{site}", (Bent,), {"sites": frozenset({site}), "acts_in": lambda self, layer, head=None: True})
    monkeypatch.setattr("models.switches.ALL", (*ALL, kind))
    seen, lines = told((kind(1, 2),), cell)
    assert_true(seen, lines)
    where = SITES.get(site, "mask")
    assert "the head is bent out of shape" in next(line for name, line in lines.items() if name.startswith(where))


def test_a_head_that_was_made_to_look_elsewhere_says_who_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.switches.ALL", (*ALL, Previous))
    for cell, weight in (((14, 9), "0.0000"), ((14, 13), "1.0000")):
        seen, lines = told((Previous(1, 2),), cell)
        assert_true(seen, lines)
        assert lines["softmax"].startswith(f"{weight}: the head is made to look back, not ")
        assert "not " not in told((Previous(1, 3),), cell)[1]["softmax"], "another head's switch is not this one's"


def test_few_numbers_are_told_to_four_digits_and_a_line_that_is_short_of_room_says_less() -> None:
    of = scene("your journey starts with one step", (), load("worked-example"), row=1, column=3)
    text = drawn(Cell, of, 41, 14).plain()
    assert "0.5500 0.8700 0.6600" in text and "0.2200 0.5800 0.3300" in text and "0.8434, not divided" in text
    assert "0.8434, not divided\n" in text and "without scaling" in drawn(Cell, of, 76, 14).plain()


@pytest.mark.parametrize("without", [*((part,) for part in PARTS), PARTS[:-1]], ids="+".join)
def test_no_equation_is_false_in_a_model_without_a_part(without: tuple[Part, ...]) -> None:
    whole = random_gpt()
    config = replace(whole.config, without=without)
    bare = replace(whole, config=config, weights={name: whole.weights[name] for name in weight_shapes(config)})
    for cell in CELLS:
        if "attention" in without:
            of = scene(TEXT, (), bare, layer=1, head=2, row=cell[0], column=cell[1])
            for pane in (Cell, Attention, Row):
                text = " ".join(drawn(pane, of).plain().split())
                assert "built without attention: no head looks anywhere" in text and "=" not in text, pane
            continue
        seen, lines = told((), cell, bare)
        assert_true(seen, lines)
        assert ("not divided: the model was built without scaling" in lines["/ √8"]) == ("scale" in without)
        assert ("built without the causal mask" in lines["mask"]) == ("mask" in without and cell[1] > cell[0])


@dataclass(frozen=True, order=True)
class Lifted(Bent):
    """Scores so large that two decimals of them say little about their difference."""

    sites = frozenset({"scores"})

    def edit(self, value: Array, here: Here) -> Array:
        """Far up, all of them."""
        return value + np.float32(12345.678)


@dataclass(frozen=True, order=True)
class Opposed(Bent):
    """Products so large that four digits of them say little about their sum."""

    sites = frozenset({"q", "k"})

    def edit(self, value: Array, here: Here) -> Array:
        """Large numbers that nearly take each other away."""
        if here.site == "k":
            return 1 + value * np.float32(1e-5)
        return 0 * value + np.float32(345678) * (-1) ** np.arange(8, dtype=np.float32)


@pytest.mark.parametrize("kind", [Lifted, Opposed])
def test_no_equation_is_false_among_large_numbers(kind: type[Bent], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.switches.ALL", (*ALL, kind))
    for column in range(15):
        assert_true(*told((kind(1, 2),), (14, column)))


def told(switches: tuple[Switch, ...], cell: tuple[int, int], of: GPT | None = None) -> tuple[Scene, dict[str, str]]:
    """A cell of layer 1, head 2 under these switches, and the pane's lines by their names."""
    seen = scene(TEXT, switches, of, layer=1, head=2, row=cell[0], column=cell[1])
    text = drawn(Cell, seen, 100, 12).plain()
    return seen, {line[:11].strip(): line[11:].strip() for line in text.splitlines()[1:11]}


def test_the_table_adds_up() -> None:
    seen, _, text = arithmetic("plain", 80, 40)
    trace = seen.shown
    assert trace is not None
    table = [numbers(line) for line in text.splitlines() if re.match(r" *\d+ +-?\d", line)]
    assert len(table) == 8
    q, k, products, v, parts, z = np.array(table).T
    block = trace.blocks[1]
    for shown, real in ((q, block.q[2, 14]), (k, block.k[2, 9]), (v, block.v[2, 9]), (z, block.z[2, 14])):
        assert np.allclose(shown, real, atol=6e-5)
    assert np.allclose(products, q * k, atol=3e-4)
    assert np.allclose(parts, v * block.pattern[2, 14, 9], rtol=1e-3, atol=1e-6)
    total = next(line for line in text.splitlines() if line.strip().startswith("sum"))
    assert numbers(total) == [pytest.approx(products.sum(), abs=5e-4)]


def test_a_table_that_is_cut_says_the_rest_of_the_sum() -> None:
    _, _, text = arithmetic("plain", 60, 18)
    lines = text.splitlines()
    shown = [numbers(line)[2] for line in lines if re.match(r" *\d+ +-?\d", line)]
    rest = next(numbers(line)[0] for line in lines if line.startswith("rest"))
    total = next(numbers(line)[0] for line in lines if line.strip().startswith("sum"))
    assert 0 < len(shown) < 8
    assert sum(shown) + rest == pytest.approx(total, abs=5e-4)


def test_what_matters_most_stays_in_little_room() -> None:
    for height in range(3, 12):
        names = {
            line[:10].strip() for line in drawn(Cell, scene(row=14, column=9), 48, height).plain().splitlines()[1:]
        }
        assert {"e^", "softmax"} <= names
        assert ("q of 14" in names) == (height >= 6)
    _, lines, _ = arithmetic("plain", 48, 10)
    assert "k of 9" in lines
    assert "z of 14" in lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (1.0, "1.0000"),
        (-0.01234567, "-0.01235"),
        (0.00012346, "0.0001235"),
        (1234.567, "1234.57"),
        (1e-9, "1.000e-09"),
        (-2.5e8, "-2.500e+08"),
        (math.nan, "not a number"),
        (-math.inf, "-∞"),
    ],
)
def test_four_digits_that_count(value: float, text: str) -> None:
    assert precise(value) == text


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_model_that_grew_up_without_softmax_tells_what_stands_in_its_place(cell: tuple[int, int]) -> None:
    whole = random_gpt()
    seen, lines = told((), cell, replace(whole, config=replace(whole.config, linear=True)))
    assert "e^" not in lines and "softmax" not in lines and seen.shown is not None
    block, at = seen.shown.blocks[1], (2, *cell)
    score, weight = float(block.scores[at]), float(block.pattern[at])
    if cell[1] > cell[0]:
        assert lines["1+s+s²/2"] == "0: hidden" and numbers(lines["share"])[-1] == weight == 0
        return
    *_, power = numbers(lines["1+s+s²/2"])
    assert lines["1+s+s²/2"].endswith("it was built without softmax") and power == pytest.approx(
        1 + score + score * score / 2, rel=1e-3
    )
    left, total, right = numbers(lines["share"])
    assert left == power and right == pytest.approx(weight, rel=1e-3) and left / total == pytest.approx(right, rel=2e-3)
