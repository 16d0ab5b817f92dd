"""An edge is cut where it says and nowhere else, in a whole pass and in one that goes on."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from models.errors import UserError
from models.gpt import GPTConfig
from models.switches import EdgeOff, EdgeSwitch, EdgeZero, check, parse
from models.tracing import extend, trace
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
TOKENS = (1, 2, 3, 4, 5, 6, 7, 8)
MODEL = random_gpt(CONFIG)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "edge-off:0.3.2",
            "needs a layer, a head, a row and a column, not '0.3.2' - write for example edge-off:0.3.23.21",
        ),
        ("edge-zero:0.3.2.x", "'x' is not a column"),
        ("edge-off", "needs a layer, a head, a row and a column"),
        ("edge-off:0.2.1.0", "edge-off:0.2.1.0: there is no head 2"),
        ("edge-zero:0.1.16.0", "there is no row 16 - this model has 0 to 15"),
        ("edge-off:0.1.3.16", "there is no column 16"),
    ],
)
def test_a_place_that_cannot_be_read_or_is_not_there_is_said(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        check([parse(text)], CONFIG)


def test_how_it_is_written_and_called() -> None:
    edge = parse("edge-off:0.1.13.12")
    assert edge == EdgeOff(0, 1, 13, 12) and str(edge) == "edge-off:0.1.13.12"
    assert (edge.label, EdgeZero(0, 1, 13, 12).label) == ("L0 H1 13→12 ✕", "L0 H1 13→12 0")
    assert edge.told == "13 may not look at 12" and isinstance(edge, EdgeSwitch) and edge.aimed


def test_an_edge_is_cut_in_one_cell_and_the_others_make_up_for_it_or_do_not() -> None:
    intact = trace(MODEL, TOKENS).blocks[0].pattern
    off, zero = (trace(MODEL, TOKENS, [kind(0, 1, 5, 2)]).blocks[0].pattern for kind in (EdgeOff, EdgeZero))
    row = intact[1, 5].copy()
    row[2] = 0
    np.testing.assert_allclose(zero[1, 5], row, atol=1e-15)
    np.testing.assert_allclose(off[1, 5], row / row.sum(), atol=1e-15)
    for changed in (off, zero):
        changed = changed.copy()
        changed[1, 5] = intact[1, 5]
        np.testing.assert_array_equal(changed, intact)
    alone = trace(MODEL, TOKENS, [EdgeOff(0, 1, 0, 0)]).blocks[0]
    assert not alone.pattern[1, 0].any() and not alone.z[1, 0].any(), "who may look at nothing else finds nothing"


def test_an_edge_stays_cut_while_the_text_grows_past_its_row() -> None:
    for kind, start in product((EdgeOff, EdgeZero), (3, 5, 6)):
        switches = [kind(0, 1, 5, 2), kind(1, 0, 5, 5)]
        grown = trace(MODEL, TOKENS[:start], switches)
        for token in TOKENS[start:]:
            grown = extend(MODEL, grown, token)
        anew = trace(MODEL, TOKENS, switches)
        np.testing.assert_allclose(grown.logits, anew.logits, atol=1e-12)
        np.testing.assert_allclose(grown.blocks[0].pattern, anew.blocks[0].pattern, atol=1e-12)
        assert grown.blocks[0].pattern[1, 5, 2] == grown.blocks[1].pattern[0, 5, 5] == 0
