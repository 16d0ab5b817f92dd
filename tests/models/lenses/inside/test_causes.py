"""What each part is missed for and carries over, against a transformer of someone else's whose values are replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import models
from models.errors import UserError
from models.gpt import GPT, GPTConfig, forward
from models.lenses.inside.attribution import Attribution, Part, attribute
from models.lenses.inside.causes import CarriedOver, carried_over, lost_when_off
from models.lenses.inside.patching import both
from models.ops import Array
from models.switches import HeadOff, MaskOff, MLPOff, Patched, Switch
from models.switches.edits import Patch, edited
from models.tracing import Trace, trace
from tests.conftest import random_gpt

hf: Any = transformers
CAPITALS = "\nfrance : paris ; italy : rome ; spain : madrid ; {} :"
HERE, THERE = (10, 7, 8, 0, 1, 2), (10, 0, 10, 0, 8, 2)  # answered otherwise at rows 2 and 5, under all switches below


def last(here: Trace, there: Trace, found: Attribution) -> CarriedOver:
    *_, known = (piece for piece in carried_over(here, there, found) if piece is not None)
    return known


def best(of: Trace, row: int = -1) -> Attribution:
    row %= len(of)
    return attribute(of, row, int(of.logits[row].argmax()))


class Theirs:
    """Hugging Face's little-world in float64; what one of its parts puts out can be put into another pass."""

    def __init__(self) -> None:
        folder = models.folder("little-world")
        self.model = hf.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").double().eval()
        self.width = self.model.config.n_embd // self.model.config.n_head

    def module(self, part: Part) -> Any:
        block = self.model.transformer.h[part.layer]
        return block.mlp if part.head is None else block.attn.c_proj

    def columns(self, part: Part) -> slice:
        return slice(None) if part.head is None else slice(part.head * self.width, (part.head + 1) * self.width)

    @torch.no_grad()
    def scores(self, tokens: tuple[int, ...]) -> Array:
        return self.model(torch.tensor(tokens)[None]).logits[0, -1].numpy()

    def value(self, part: Part, tokens: tuple[int, ...]) -> Any:
        """What the MLP puts out, or the head's share of what the output matrix is given."""
        kept: list[Any] = []

        def keep(_: Any, given: Any, out: Any) -> None:
            kept.append((out if part.head is None else given[0]).clone())

        hook = self.module(part).register_forward_hook(keep)
        self.scores(tokens)
        hook.remove()
        return kept[0][..., self.columns(part)]

    @contextmanager
    def patched(self, part: Part, value: Any, rows: slice) -> Iterator[None]:
        """Those rows of it replaced in every pass."""

        def put(old: Any) -> Any:
            new = old.clone()
            new[:, rows, self.columns(part)] = value[:, rows]
            return new

        if part.head is None:
            hook = self.module(part).register_forward_hook(lambda _, given, out: put(out))
        else:
            hook = self.module(part).register_forward_pre_hook(lambda _, given: (put(given[0]),))
        yield
        hook.remove()


def test_what_a_part_carries_over_is_what_torch_says_with_its_values_replaced() -> None:
    model, theirs = models.load("little-world"), Theirs()
    here, there = (trace(model, CAPITALS.format(land)) for land in ("japan", "greece"))
    found = best(here)
    carried = last(here, there, found)
    own, other = (int(theirs.scores(each.tokens).argmax()) for each in (here, there))
    assert carried.answers == (own, other) and own != other

    def between(scores: Array) -> float:
        return float(scores[other] - scores[own])

    ends = [between(theirs.scores(each.tokens)) for each in (here, there)]
    for at, part in enumerate(found.parts):
        shares = carried.everywhere[at], carried.at_last[at]
        if part.kind not in ("head", "mlp"):
            assert np.isnan(shares).all(), part
            continue
        value = theirs.value(part, there.tokens)
        for share, rows in zip(shares, (slice(None), slice(-1, None)), strict=True):
            with theirs.patched(part, value, rows):
                patched = between(theirs.scores(here.tokens))
            assert share == pytest.approx((patched - ends[0]) / (ends[1] - ends[0]), abs=2e-4), (part, rows)


def test_one_head_brings_another_land_and_the_mlp_behind_it_writes_the_city() -> None:
    model = models.load("little-world")
    here, there = (trace(model, CAPITALS.format(land)) for land in ("japan", "greece"))
    found = best(here)
    carried, names = last(here, there, found), [str(part) for part in found.parts]
    share = dict(zip(names, carried.everywhere.tolist(), strict=True))
    at_last = dict(zip(names, carried.at_last.tolist(), strict=True))
    heads = {name: value for name, value in share.items() if "H" in name}
    assert max(heads, key=heads.__getitem__) == "L0H3" and heads["L0H3"] > 0.9
    assert found.values[names.index("L0H3")] < 0, "which itself writes nothing of the answer"
    assert at_last["L0H3"] == pytest.approx(share["L0H3"], abs=0.05), "it fetches where the answer is given"
    assert share["L0 MLP"] > at_last["L0 MLP"] > 0.2, "and the land's own vector is made before"


@pytest.mark.parametrize("switches", [(), (HeadOff(0, 1), MLPOff(1)), (MaskOff(),)], ids=str)
@pytest.mark.parametrize("row", [2, 5])
def test_any_row_under_switches_is_what_patching_place_after_place_gives(
    switches: tuple[Switch, ...], row: int
) -> None:
    """As both texts up to there would end."""
    model = random_gpt(GPTConfig(11, 8, 3, 2, 8))
    texts = [text[: row + 1] for text in (HERE, THERE)]
    here, there = trace(model, texts[0], switches), trace(model, texts[1])
    found = best(trace(model, HERE, switches), row)
    carried = last(*both(trace(model, HERE, switches), THERE), found)
    own, other = carried.answers
    assert (own, other) == (here.logits[-1].argmax(), there.logits[-1].argmax())
    for at, part in enumerate(found.parts):
        if part.patched is None:
            continue
        for positions, share in (range(row + 1), carried.everywhere[at]), ([row], carried.at_last[at]):
            patches = [Patch(part.patched.site, part.patched.layer, each, part.patched.of(there, each), part.head)
                       for each in positions]  # fmt: skip
            scores = plainly(model, texts[0], [*patches, *switches])
            apart = [each[other] - each[own] for each in (scores, here.logits[-1], there.logits[-1])]
            assert share == pytest.approx((apart[0] - apart[1]) / (apart[2] - apart[1]), abs=1e-9), part


def plainly(model: GPT, tokens: tuple[int, ...], edits: list[Any]) -> Array:
    """The scores after the last token of a whole pass under edits."""
    return forward(model, np.array(tokens), tap=edited(model, edits, len(tokens)))[-1]


def test_it_comes_piece_by_piece_from_where_the_texts_differ() -> None:
    model = random_gpt(GPTConfig(11, 8, 3, 2, 8))
    here, there = trace(model, HERE), trace(model, THERE)
    pieces = [*carried_over(here, there, best(here))]
    first = pieces[0]
    assert None in pieces and first is not None and np.isnan(first.everywhere).all()
    beside = [*lost_when_off(here, best(here))]
    assert None in beside and beside[-1] is not None
    ends = [trace(model, (*HERE[:5], token)) for token in range(11)]
    end = next(each for each in ends if each.logits[-1].argmax() != here.logits[-1].argmax())
    carried = last(here, end, best(here))
    assert np.array_equal(carried.everywhere, carried.at_last, equal_nan=True), "nothing is another before the end"


def test_texts_that_are_no_pair_are_refused() -> None:
    model = random_gpt(GPTConfig(11, 8, 3, 2, 8))
    here = trace(model, HERE)
    with pytest.raises(UserError, match="the text has 6 tokens and the other 3"):
        last(here, trace(model, THERE[:3]), best(here))
    with pytest.raises(UserError, match="both texts are followed by"):
        last(here, trace(model, THERE), best(here, 3))


def test_a_pass_is_held_against_another_without_what_it_took_from_it() -> None:
    model = random_gpt(GPTConfig(11, 8, 2, 2, 8))
    now = trace(model, HERE, (HeadOff(0, 0), Patched("mlp_out", 1, 5, THERE)))
    here, there = both(now, THERE)
    assert here.switches == (HeadOff(0, 0),) and there.switches == () and there.tokens == THERE
