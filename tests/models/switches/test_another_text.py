"""What is taken from another text is what the model makes of that text, in every kind of pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import models
from models.errors import UserError
from models.gpt import GPTConfig, forward
from models.ops import Array
from models.passes import after
from models.switches import HeadOff, MLPOff, Patched, Rewritten, Switch, check, parse
from models.switches.edits import Patch
from models.tracing import extend, retrace, trace
from tests.conftest import random_gpt

hf: Any = transformers  # its own types do not describe what it takes
CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=3, n_head=2, n_embd=8)
MODEL = random_gpt(CONFIG)
TEXT, OTHER = (1, 2, 3, 4, 5, 6), (10, 9, 8, 7, 6, 5)
PLACES = [
    Patched("resid_pre", 1, 2, OTHER),
    Patched("attn_out", 0, 5, OTHER),
    Patched("mlp_out", 2, 3, OTHER),
    Patched("z", 1, 4, OTHER, head=1),
]
FACTS = [Rewritten(layer, TEXT[:4], OTHER[:2], scale) for layer, scale in ((0, 1.0), (1, 0.1), (2, 2.5))]
BESIDE: tuple[tuple[Switch, ...], ...] = ((), (MLPOff(0),), (HeadOff(1, 1),), (Rewritten(2, TEXT, OTHER),))


def alike(one: Array, other: Array, eps: float = 1e-12) -> None:
    np.testing.assert_allclose(one, other, rtol=eps, atol=eps * max(1, float(np.abs(other).max())))


@pytest.mark.parametrize("switch", PLACES, ids=str)
def test_a_place_has_what_the_other_text_has_there_and_no_other_place(switch: Patched) -> None:
    there, here, plain = trace(MODEL, OTHER), trace(MODEL, TEXT, [switch]), trace(MODEL, TEXT)
    place = (switch.head,) * (switch.head >= 0) + (switch.position,)
    mine, theirs, before = (each.value(switch.site, switch.layer) for each in (here, there, plain))
    np.testing.assert_array_equal(mine[place], theirs[place])
    apart = mine != before
    assert apart[place].all()
    apart[place] = False
    assert not apart.any()


@pytest.mark.parametrize("beside", BESIDE, ids=lambda beside: "+".join(map(str, beside)) or "alone")
@pytest.mark.parametrize("switch", [*PLACES, *FACTS], ids=str)
def test_every_kind_of_pass_gives_the_same(switch: Switch, beside: tuple[Switch, ...]) -> None:
    switches = (*beside, switch)
    whole = trace(MODEL, TEXT, switches)
    grown = trace(MODEL, TEXT[:2], switches)
    for token in TEXT[2:]:
        grown = extend(MODEL, grown, token)
    again = retrace(trace(MODEL, TEXT, beside), switches)
    for other in (grown, again):
        for name, layer in product(("resid_pre", "mlp_out", "z", "mlp_act"), range(CONFIG.n_layer)):
            alike(other.value(name, layer), whole.value(name, layer))
        alike(other.logits, whole.logits)
    changes: list[tuple[Switch, ...]] = [(switch,), (MLPOff(2),), (switch, HeadOff(2, 0)), (PLACES[2], switch)]
    found = after(trace(MODEL, TEXT, beside), changes)
    for scores, change in zip(found, changes, strict=True):
        alike(scores, trace(MODEL, TEXT, (*beside, *change)).logits[-1])


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_a_rewritten_fact_is_a_matrix_of_rank_one_in_the_weights(fact: Rewritten) -> None:
    key = trace(MODEL, fact.tokens).blocks[fact.layer].mlp_act[-1]
    was, wanted = (trace(MODEL, text).blocks[fact.layer].mlp_out[-1] for text in (fact.tokens, fact.other))
    name = f"h.{fact.layer}.mlp.c_proj.weight"
    edited = dict(MODEL.weights)
    edited[name] = edited[name] + np.outer(key, fact.scale * (wanted - was)) / (key @ key)
    alike(forward(replace(MODEL, weights=edited), np.array(TEXT)), trace(MODEL, TEXT, [fact]).logits)
    alike(fact.in_weights(MODEL).weights[name], edited[name])
    alike(trace(MODEL, fact.tokens, [fact]).blocks[fact.layer].mlp_out[-1], was + fact.scale * (wanted - was))


class Peer:
    """Hugging Face's model of the little world in float64; what a module reads or writes can be kept and changed."""

    def __init__(self) -> None:
        self.model = hf.GPT2LMHeadModel.from_pretrained(models.folder("little-world")).double().eval()

    def hooked(self, site: str, layer: int) -> tuple[Any, bool]:
        """The module, and whether it is what it reads, not what it writes."""
        block = self.model.transformer.h[layer]
        return {
            "resid_pre": (block, True),
            "attn_out": (block.attn.c_proj, False),
            "mlp_out": (block.mlp, False),
            "z": (block.attn.c_proj, True),
        }[site]

    def scores(self, tokens: Sequence[int], site: str, layer: int, do: Callable[[Any], None]) -> Array:
        """What a pass gives that goes on with what `do` has made of the value, (1 T C) in place: (T V)."""
        module, reads = self.hooked(site, layer)

        def change(_: Any, inputs: Any, output: Any = None) -> Any:
            value = (inputs[0] if reads else output).clone()
            do(value)
            return (value, *inputs[1:]) if reads else value

        handle = (module.register_forward_pre_hook if reads else module.register_forward_hook)(change)
        with torch.no_grad():
            scores: Array = self.model(torch.tensor([list(tokens)])).logits[0].numpy()
        handle.remove()
        return scores

    def patched(self, text: Sequence[int], other: Sequence[int], switch: Patched) -> Array:
        """One place of the text overwritten with what the other has there."""
        width = 24 if switch.head >= 0 else 96
        part = slice(max(switch.head, 0) * width, (max(switch.head, 0) + 1) * width)
        kept: list[Any] = []
        self.scores(other, switch.site, switch.layer, lambda value: kept.append(value[0, switch.position, part]))

        def put(value: Any) -> None:
            value[0, switch.position, part] = kept[0]

        return self.scores(text, switch.site, switch.layer, put)


def test_a_patched_and_a_rewritten_pass_are_those_of_transformers() -> None:
    model = models.load("little-world")
    model = replace(model, weights={name: weight.astype(np.float64) for name, weight in model.weights.items()})
    assert model.tokenizer is not None
    text, other = (tuple(model.tokenizer.encode(f"\n{who} jordan plays")) for who in ("michael", "serena"))
    peer = Peer()
    places = [("resid_pre", 1, 3, -1), ("attn_out", 0, 3, -1), ("mlp_out", 1, 3, -1), ("z", 0, 3, 0), ("z", 1, 2, 3)]
    for site, layer, position, head in places:
        switch = Patched(site, layer, position, other, head)
        expected = peer.patched(text, other, switch)
        alike(trace(model, text, [switch]).logits, expected, 1e-10)
        assert np.abs(expected - model.logits(text)).max() > 1e-3
    hidden, out = dict[Sequence[int], Any](), dict[Sequence[int], Any]()
    mlp = peer.model.transformer.h[1].mlp
    for tokens in (text, other):
        with mlp.c_proj.register_forward_hook(lambda _, reads, writes: hidden.update({tokens: reads[0][0, -1]})):  # noqa: B023
            peer.scores(tokens, "mlp_out", 1, lambda value: out.update({tokens: value[0, -1]}))  # noqa: B023
    with torch.no_grad():
        mlp.c_proj.weight += torch.outer(hidden[text], out[other] - out[text]) / hidden[text].square().sum()
    expected = peer.scores(text, "mlp_out", 1, lambda value: None)
    alike(trace(model, text, [Rewritten(1, text, other)]).logits, expected, 1e-10)


def test_the_text_form_of_every_place_reads_back() -> None:
    for switch in (*PLACES, *FACTS, Rewritten(0, (1,), (2,), 0.1 + 0.2)):
        assert parse(str(switch)) == switch
    assert str(PLACES[2]) == "patch:mlp_out.2.3=10,9,8,7,6,5" and str(PLACES[3]) == "patch:z.1.1.4=10,9,8,7,6,5"
    assert str(FACTS[2]) == "rewrite:2=1,2,3,4/10,9/2.5" and str(FACTS[0]) == "rewrite:0=1,2,3,4/10,9"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("patch:mlp_out.1.2", "needs a place and another text's token ids"),
        ("patch:z.1.2=1,2,3", "needs a place"),
        ("patch:mlp_out.1.0.2=1,2,3", "needs a place"),
        ("patch:logits.1.2=1,2,3", "needs a place"),
        ("patch:mlp_out.1.2=1,two,3", "'two' is not a token"),
        ("patch:mlp_out.1.2=", "'' is not a token"),
        ("patch:mlp_out.3.2=1,2,3", "there is no layer 3 - this model has 0 to 2"),
        ("patch:z.1.2.0=1,2,3", "there is no head 2 - this model has 0 to 1"),
        ("patch:mlp_out.1.3=1,2,3", "there is no place 3 in the other text - that text has 0 to 2"),
        ("patch:mlp_out.1.2=1,2,11", "there is no token 11 - this model has 0 to 10"),
        ("patch:mlp_out.1.2=" + ",".join("1" * 17), "a text of 17 tokens is longer than the context"),
        ("rewrite:1=1,2", "needs a layer and the token ids of two texts"),
        ("rewrite:1=1,2/3/0", "'0' says not how much"),
        ("rewrite:1=1,2/3/nan", "'nan' says not how much"),
        ("rewrite:1=1,2/3/much", "'much' says not how much"),
        ("rewrite:3=1,2/3", "there is no layer 3"),
        ("rewrite:1=1,2/11", "there is no token 11"),
    ],
)
def test_what_cannot_be_taken_is_said(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        check([parse(text)], CONFIG)


def test_the_other_text_is_read_once_and_not_longer_than_the_model_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.switches import another_text

    model, read = random_gpt(CONFIG, seed=3), 0

    def counted(*args: Any, **named: Any) -> Any:
        nonlocal read
        read += 1
        return forward(*args, **named)

    monkeypatch.setattr(another_text, "forward", counted)
    whole = trace(model, TEXT, [PLACES[0]])
    for token in (1, 2, 3):
        whole = extend(model, whole, token)
    after(whole, [(PLACES[0], MLPOff(layer)) for layer in range(3)])
    assert read == 1
    kept = len(another_text._kept)
    del model, whole
    assert len(another_text._kept) < kept


def test_a_place_ahead_of_the_text_waits_for_it() -> None:
    switch = PLACES[1]  # at position 5
    short = trace(MODEL, TEXT[:5])
    np.testing.assert_array_equal(trace(MODEL, TEXT[:5], [switch]).logits, short.logits)
    np.testing.assert_allclose(after(short, [(switch,)])[0], short.logits[-1], rtol=1e-12)
    longer = extend(MODEL, trace(MODEL, TEXT[:5], [switch]), TEXT[5])
    alike(longer.logits, trace(MODEL, TEXT, [switch]).logits)


def test_a_patch_edit_and_the_switch_are_one() -> None:
    value = trace(MODEL, OTHER).blocks[2].mlp_out[3]
    intact = trace(MODEL, TEXT)
    by_edit, by_switch = after(intact, [(Patch("mlp_out", 2, 3, value),), (PLACES[2],)])
    np.testing.assert_array_equal(by_edit, by_switch)
