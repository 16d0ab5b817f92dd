"""What undo and redo say they did is read off the Sessions on both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.gpt import GPTConfig
from models.sampling import Sampler
from models.switches import (
    ALL,
    AttentionOff,
    HeadMean,
    HeadOff,
    HeadPrevious,
    HeadScale,
    HeadUniform,
    MaskOff,
    MLPLinear,
    NeuronOff,
    NeuronSet,
    Padding,
    Switch,
)
from models.tokenizers import Tokenizer
from playground.looking.session import Session, back, decide_anew, force, jump, step, write
from playground.play.told import other_line, told

LETTERS = Tokenizer.train_char("0abcdefghij")  # a is 1
START = write(Session("m"), (1, 2, 3), "abc")


def said(after: Session, before: Session = START, act: str = "click") -> str:
    return told(before, after, act, LETTERS)


def test_what_was_written_is_said() -> None:
    there = step(step(START, 4), 5)
    assert said(step(START, 4)) == "step 'd'"
    assert said(there) == "2 tokens written"
    assert said(back(there), there) == "a step back" and said(jump(there, 1), there) == "3 steps back"
    assert said(force(there, 2, 7), there) == "force 'g'"
    assert (
        said(write(START, (9,), "x"), act="type") == "typing" and said(write(START, (9,), "x"), act="paste") == "paste"
    )


@pytest.mark.parametrize(
    ("switch", "on", "off"),
    [
        (HeadOff(0, 2), "silence head 0.2", "head 0.2 as trained"),
        (HeadMean(1, 0), "average head 1.0", "head 1.0 as trained"),
        (HeadUniform(1, 0), "even out head 1.0", "head 1.0 as trained"),
        (HeadPrevious(1, 0), "look back with head 1.0", "head 1.0 as trained"),
        (HeadScale(1, 0), "scale head 1.0", "head 1.0 as trained"),
        (NeuronOff(1, 74), "silence neuron 1.74", "neuron 1.74 as trained"),
        (NeuronSet(1, 74, 3.5), "set neuron 1.74", "neuron 1.74 as trained"),
        (AttentionOff(1), "attention off in layer 1", "attention in layer 1 as trained"),
        (MLPLinear(0), "MLP linear in layer 0", "MLP linear in layer 0 as trained"),
        (MaskOff(), "causal mask off", "causal mask as trained"),
        (Padding((2,)), "padding", "padding as trained"),
    ],
)
def test_a_switch_is_said_in_words(switch: Switch, on: str, off: str) -> None:
    switched = decide_anew(START, switches=(switch,))
    assert said(switched) == on and said(START, switched) == off


@pytest.mark.parametrize("kind", ALL)
def test_every_switch_has_words(kind: type[Switch]) -> None:
    switch = next(iter(kind.everywhere(GPTConfig(5, 8, 1, 1, 8))))
    on, off = said(decide_anew(START, switches=(switch,))), said(START, decide_anew(START, switches=(switch,)))
    assert on and off.endswith("as trained") and on != off


def test_several_switches_are_counted() -> None:
    several = decide_anew(START, switches=(HeadOff(0, 1), HeadOff(0, 2)))
    assert said(several) == "2 switches on" and said(START, several) == "2 switches cleared"
    other = decide_anew(START, switches=(HeadMean(0, 1),))
    assert said(other, decide_anew(START, switches=(HeadOff(0, 1),))) == "average head 0.1"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sampler": Sampler(temperature=0.9)}, "temperature 0.9"),
        ({"sampler": Sampler(top_k=50)}, "top-k 50"),
        ({"sampler": Sampler(top_p=0.5)}, "top-p 0.5"),
        ({"seed": 7}, "seed 7"),
        ({"opening": 2, "model": "little-world"}, "opened little-world"),
    ],
)
def test_other_choices_are_said_by_their_new_value(changes: dict[str, Any], says: str) -> None:
    assert said(replace(START, **changes)) == says


def test_the_other_line_is_said_from_where_the_lines_part() -> None:
    there = step(step(START, 7), 8)
    forced = force(there, 2, 9)
    assert "at place 3 it goes on 'gh' - b" in other_line(forced, there, LETTERS)
    assert "at place 3 it ends" in other_line(forced, START, LETTERS)
