"""Whose attention a change moved most, counted again by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.gpt import GPT
from models.lenses.inside.stirred import most_stirred
from models.switches import HeadOff, HeadUniform, MaskOff, MLPOff, Switch
from models.tracing import retrace, trace

TOKENS = (1, 5, 9, 0, 5, 2, 7)


@pytest.mark.parametrize("switch", [HeadOff(0, 1), MLPOff(0), MaskOff(), HeadUniform(0, 0)], ids=str)
def test_the_head_that_moved_most(tiny_gpt: GPT, switch: Switch) -> None:
    before = trace(tiny_gpt, TOKENS)
    after = trace(tiny_gpt, TOKENS, (switch,))
    moved = {
        (layer, head): [
            sum(max(float(after.blocks[layer].pattern[head, row, at] - before.blocks[layer].pattern[head, row, at]), 0)
                for at in range(7)) for row in range(7)
        ] for layer in range(2) for head in range(2)
    }  # fmt: skip
    found = most_stirred(before, after)
    best = max(moved, key=lambda place: np.mean(moved[place]))
    assert found is not None and (found.layer, found.head) == best
    assert found.row == int(np.argmax(moved[best]))
    assert found.share == pytest.approx(max(moved[best])) and found.mean == pytest.approx(np.mean(moved[best]))
    other = most_stirred(before, after, {best})
    assert other is not None and (other.layer, other.head) != best
    again = most_stirred(before, retrace(before, (switch,)))
    assert again is not None and (again.layer, again.head, again.row) == (found.layer, found.head, found.row)


def test_nobody_reads_the_last_layer(tiny_gpt: GPT) -> None:
    before = trace(tiny_gpt, TOKENS)
    for switch in (HeadOff(1, 0), MLPOff(1)):
        assert most_stirred(before, trace(tiny_gpt, TOKENS, (switch,))) is None
        assert most_stirred(before, retrace(before, (switch,))) is None
