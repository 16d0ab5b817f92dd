"""Direct attribution: parts that sum to the score, in every model and under every switch, and as torch finds them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import models
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.inside.attribution import (
    Attribution,
    Part,
    attribute,
    decompose,
    neurons,
    reading,
    sources,
    strongest,
)
from models.lenses.inside.causes import Lost, lost_when_off
from models.measures import log_softmax
from models.ops import Array
from models.switches import (
    ALL,
    AttentionOff,
    HeadMean,
    HeadOff,
    HeadUniform,
    MaskOff,
    MLPLinear,
    MLPOff,
    NormOff,
    PositionsOff,
    ResidualOff,
    Switch,
)
from models.tracing import Trace, trace
from tests.conftest import random_gpt

hf: Any = transformers
TEXT = (1, 2, 3, 4, 5, 6, 7, 8)
IVY = "\nanna lived by the river with her sister ivy. when anna and ivy went to the fair, anna bought bread for"
TEXTS = {
    "digits": "\n4....#......++.....++..+:..++.+#.",
    "little-world": IVY,
    "little-world-no-attention": "\nthe dog near the cats barks. the",
    "little-world-window": "\nthe dog near the cats barks. the",
    "shakespeare-char": "ROMEO:\nBut, soft! what light through yonder window breaks?",
    **dict.fromkeys(
        ("worked-example", "worked-example-qkv", "worked-example-masked"), "your journey starts with one step"
    ),
}
CAPITALS = "\nfrance : paris ; italy : rome ; spain : madrid ; japan :"
KINDS = [
    {},
    {"tied": False},
    {"bias": False},
    {"positions": "sinusoidal"},
    {"positions": "none", "activation": "none"},
    *({"without": without} for without in (("attention",), ("mlp",), ("norm",), ("residual",), ("mask", "scale"))),
    {"without": ("attention", "mlp")},
    {"without": ("residual", "mlp")},
    {"without": ("norm", "residual", "attention"), "bias": False, "tied": False},
]


def kind(settings: dict[str, Any], dtype: type = np.float64, layers: int = 3) -> GPT:
    return random_gpt(GPTConfig(11, 8, layers, 2, 8, **settings), dtype=dtype)


def off_by(found: Attribution) -> float:
    """How far the sum is from the score, beside the largest number in it."""
    return found.error / max(1.0, float(np.abs(found.values).max(initial=0.0)))


def value(found: Attribution, name: str) -> float:
    return float(found.values[[str(part) for part in found.parts].index(name)])


@pytest.mark.parametrize("name", models.available())
def test_it_sums_to_the_score_on_every_bundled_model(name: str) -> None:
    model = models.load(name)
    of = trace(model, TEXTS[name])
    for row in (0, len(of) // 2, len(of) - 1):
        best, second = np.argsort(-of.logits[row])[:2].tolist()
        for token, against in ((best, None), (second, None), (best, second), (0, best)):
            found = attribute(of, row, token, against)
            score = of.logits[row, token] - (0 if against is None else of.logits[row, against])
            assert found.logit == pytest.approx(float(score)) and found.error <= 1e-4
            assert bool(found.unsplit) != model.config.has("residual"), "without it only the last part reaches the end"


@pytest.mark.parametrize("settings", KINDS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_sums_to_the_score_in_models_of_every_kind_under_every_switch(settings: dict[str, Any], dtype: type) -> None:
    model, most = kind(settings, dtype, layers=2), 1e-4 if dtype is np.float32 else 1e-10
    every: list[tuple[Switch, ...]] = [(switch,) for each in ALL for switch in list(each.everywhere(model.config))[:4]]
    every += [(), (ResidualOff(), NormOff()), (ResidualOff(), MLPOff(1)), (AttentionOff(1), MLPOff(1), HeadOff(0, 1))]
    for switches in every:
        of = trace(model, TEXT, switches)
        found = attribute(of, 5, 7, 4)
        assert off_by(found) <= most, switches
        parts, vectors = decompose(of, 5)
        stream, size = of.blocks[-1].resid_post[5], max(1.0, float(np.abs(vectors).max()))
        assert vectors.shape == (len(parts), 8) and np.abs(vectors.sum(0) - stream).max() <= most * size


def test_parts_stand_in_the_order_in_which_they_write() -> None:
    found = attribute(trace(kind({}), TEXT), 4, 1)
    layer = ["L{}H0", "L{}H1", "L{} attention bias", "L{} MLP", "L{} MLP bias"]
    names = [name.format(at) for at in range(3) for name in layer]
    assert [str(part) for part in found.parts] == ["embedding", "position", *names, "final norm bias"]
    offs = [str(part.off) for part in found.parts if part.off]
    assert offs == ["positions-off", *(f"{slug}:{at}{head}" for at in range(3) for slug, head in
                    (("head-off", ".0"), ("head-off", ".1"), ("mlp-off", "")))]  # fmt: skip
    bare = attribute(trace(kind({"positions": "none", "bias": False, "without": ("attention",)}), TEXT), 4, 1)
    assert [str(part) for part in bare.parts] == ["embedding", "L0 MLP", "L1 MLP", "L2 MLP"]


# by hand: torch, with the weights of the folder, and no code of ours --------------------------------------------


class ByHand:
    """Hugging Face's model, and what its modules were given and gave in one pass."""

    def __init__(self, name: str, tokens: Sequence[int]) -> None:
        self.model = (
            hf.GPT2LMHeadModel.from_pretrained(models.folder(name), attn_implementation="eager").double().eval()
        )
        self.tokens, self.seen = torch.tensor(tokens)[None], dict[str, Any]()
        hooks = [
            module.register_forward_hook(lambda _, given, gave, at=at: self.seen.update({at: given[0][0]}))
            for at, module in self.model.named_modules()
            if at.endswith(("c_proj", "ln_f"))
        ]
        self.logits = self.run()
        for hook in hooks:
            hook.remove()

    @torch.no_grad()
    def run(self) -> Array:
        return self.model(self.tokens).logits[0].numpy()

    @torch.no_grad()
    def parts(self, row: int, wanted: Any) -> dict[str, float]:
        """What each part adds to the product of what is read out and a vector, the scale of the norm held."""
        body, H = self.model.transformer, self.model.config.n_head
        given = {at: values[row] for at, values in self.seen.items()}
        scale = given["transformer.ln_f"].var(unbiased=False).add(self.model.config.layer_norm_epsilon).sqrt()

        def read(vector: Any) -> float:
            return float(((vector - vector.mean()) / scale * body.ln_f.weight) @ wanted)

        out = {"embedding": read(body.wte(self.tokens)[0, row]), "position": read(body.wpe(torch.tensor(row)))}
        for at, block in enumerate(body.h):
            z = given[f"transformer.h.{at}.attn.c_proj"].reshape(H, -1)
            matrix = block.attn.c_proj.weight.reshape(H, z.shape[1], -1)
            out |= {f"L{at}H{head}": read(z[head] @ matrix[head]) for head in range(H)}
            out[f"L{at} attention bias"] = read(block.attn.c_proj.bias)
            out[f"L{at} MLP"] = read(given[f"transformer.h.{at}.mlp.c_proj"] @ block.mlp.c_proj.weight)
            out[f"L{at} MLP bias"] = read(block.mlp.c_proj.bias)
        return out | {"final norm bias": float(body.ln_f.bias @ wanted)}

    @torch.no_grad()
    def without(self, part: Part) -> Array:
        """The scores after the last token with the weights of a part set to zero."""
        if part.kind == "position":
            weights = [self.model.transformer.wpe.weight]
        else:
            block = self.model.transformer.h[part.layer]
            width = self.model.config.n_embd // self.model.config.n_head
            heads = [] if part.head is None else [block.attn.c_proj.weight[part.head * width : (part.head + 1) * width]]
            weights = heads or [block.mlp.c_proj.weight, block.mlp.c_proj.bias]
        kept = [weight.clone() for weight in weights]
        for weight in weights:
            weight.zero_()
        scores = self.run()[-1]
        for weight, before in zip(weights, kept, strict=True):
            weight.copy_(before)
        return scores


@cache
def world(text: str) -> tuple[Trace, ByHand]:
    of = trace(models.load("little-world"), text)
    return of, ByHand("little-world", of.tokens)


@pytest.mark.parametrize("row", [3, -1])
def test_every_part_is_what_torch_finds_by_hand(row: int) -> None:
    of, theirs = world(IVY)
    row %= len(of)
    best, other = np.argsort(-theirs.logits[row])[:2].tolist()
    unembedding = theirs.model.lm_head.weight.detach()
    for wanted, against in ((unembedding[best], None), (unembedding[best] - unembedding[other], other)):
        found = attribute(of, row, best, against)
        by_hand = theirs.parts(row, wanted)
        assert [str(part) for part in found.parts] == [*by_hand]
        np.testing.assert_allclose(found.values, [*by_hand.values()], rtol=0, atol=2e-5)


def test_what_is_lost_without_a_part_is_what_torch_loses_without_its_weights() -> None:
    of, theirs = world(CAPITALS)
    tokyo, berlin = (theirs_of("little-world", word) for word in ("tokyo", "berlin"))
    for against in (None, berlin):
        found = attribute(of, len(of) - 1, tokyo, against)
        pieces = [piece for piece in lost_when_off(of, found) if piece is not None]
        lost = pieces[-1]
        assert sum(np.isfinite(pieces[0].bits)) <= sum(np.isfinite(lost.bits)) == sum(1 for p in found.parts if p.off)
        for part, bits, top in zip(found.parts, lost.bits, lost.top, strict=True):
            if part.off is None:
                assert math.isnan(bits) and top == -1
                continue
            scores, before = theirs.without(part), theirs.logits[-1]
            a, b = log_softmax(before), log_softmax(scores)
            told = a[tokyo] - b[tokyo] if against is None else a[tokyo] - a[berlin] - (b[tokyo] - b[berlin])
            assert bits == pytest.approx(told / math.log(2), abs=2e-4) and top == scores.argmax()


def theirs_of(name: str, word: str) -> int:
    tokenizer = models.load(name).tokenizer
    assert tokenizer is not None
    return tokenizer.ids[word]


# what the little world shows ------------------------------------------------------------------------------------


def lost_of(of: Trace, found: Attribution) -> Lost:
    return [piece for piece in lost_when_off(of, found) if piece is not None][-1]


def test_heads_fetch_and_mlps_write() -> None:
    """What is written and what is missed are two questions: the head that the answer hangs on writes none of it."""
    of = trace(models.load("little-world"), IVY)
    ivy, anna = (theirs_of("little-world", name) for name in ("ivy", "anna"))
    found = attribute(of, len(of) - 1, ivy, anna)
    names, bit = [str(part) for part in found.parts], math.log(2)
    assert names[int(found.values.argmax())] == "L2 MLP" and value(found, "L2 MLP") / bit == pytest.approx(
        14.6, abs=0.1
    )
    assert abs(value(found, "L0H0")) < 0.01
    lost = lost_of(of, found)
    heads = {str(part): float(lost.bits[at]) for at, part in enumerate(found.parts) if part.kind == "head"}
    assert max(heads, key=heads.__getitem__) == "L0H0" and heads["L0H0"] == pytest.approx(20.2, abs=0.1)


def test_the_head_that_looks_at_japan_writes_nothing_of_tokyo() -> None:
    of = trace(models.load("little-world"), CAPITALS)
    found = attribute(of, len(of) - 1, theirs_of("little-world", "tokyo"))
    lost, at = lost_of(of, found), [str(part) for part in found.parts].index("L0H3")
    assert found.values[at] < 0 and lost.bits[at] == pytest.approx(7.5, abs=0.1)
    assert lost.top[at] == theirs_of("little-world", "berlin")
    assert value(found, "L0 MLP") > 9 and value(found, "L2 MLP") > 9
    reads = reading(of, found.row, found.token)
    head = sources(of, found.row, 0, 3, reads)
    assert head is not None and of.tokens[int(head.weights.argmax())] == theirs_of("little-world", "japan")


# what is inside a part ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switches", [(), (HeadUniform(1, 0), MLPLinear(1)), (MaskOff(),), (HeadMean(0, 0),)], ids=str)
def test_a_head_by_source_positions_and_an_mlp_by_neurons_sum_to_the_part(switches: tuple[Switch, ...]) -> None:
    model = kind({})
    of = trace(model, TEXT, switches)
    found, reads = attribute(of, 4, 1, 2), reading(of, 4, 1, 2)
    for layer in range(3):
        inside = neurons(of, 4, layer, reads)
        assert inside is not None and inside.values.sum() == pytest.approx(value(found, f"L{layer} MLP"))
        assert np.array_equal(inside.acts, of.blocks[layer].mlp_act[4])
        for head in range(2):
            split = sources(of, 4, layer, head, reads)
            assert split is not None or (layer, head) == (0, 0), "an averaged head is from no position"
            if split is not None:
                assert split.values.sum() == pytest.approx(value(found, f"L{layer}H{head}"))
                assert np.array_equal(split.weights, of.blocks[layer].pattern[head, 4])
                assert MaskOff() in switches or not split.values[5:].any()


def test_one_source_and_one_neuron_by_hand() -> None:
    model = kind({})
    of, w = trace(model, TEXT), model.weights
    reads = reading(of, 6, 1)
    split, inside = sources(of, 6, 1, 1, reads), neurons(of, 6, 2, reads)
    assert split is not None and inside is not None
    block = of.blocks[1]
    moved = block.pattern[1, 6, 3] * (block.v[1, 3] @ w["h.1.attn.c_proj.weight"][4:8])
    assert split.values[3] == pytest.approx(moved @ reads.direction)
    assert inside.values[5] == pytest.approx(
        of.blocks[2].mlp_act[6, 5] * w["h.2.mlp.c_proj.weight"][5] @ reads.direction
    )
    assert strongest(np.array([0.5, -2.0, math.nan, 1.0]), 3) == [1, 3, 0]


# what cannot be split -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "switches", "parts", "says"),
    [
        ({}, (HeadOff(1, 0),), 18, None),
        ({}, (AttentionOff(1),), 16, "what the attention of L1 writes: its heads are told as one"),
        ({}, (MLPOff(0), MLPOff(2)), 16, "what the MLP of L0, L2 writes: its neurons are told as one"),
        ({}, (ResidualOff(),), 3, "only what was written last reaches the end"),
        ({"without": ("residual",)}, (), 3, "only what was written last reaches the end"),
        ({}, (NormOff(),), 17, "no final norm"),
        ({"without": ("norm",)}, (), 17, "no final norm"),
        ({"bias": False}, (MLPOff(0),), 11, "what the MLP of L0 writes: its neurons"),
        ({"without": ("attention", "mlp")}, (ResidualOff(),), 3, None),
    ],
    ids=str,
)
def test_what_cannot_be_split_is_one_part_and_is_said(
    settings: dict[str, Any], switches: tuple[Switch, ...], parts: int, says: str | None
) -> None:
    found = attribute(trace(kind(settings), TEXT, switches), 5, 2)
    assert len(found.parts) == parts and off_by(found) < 1e-10
    assert any(says in each for each in found.unsplit) if says else not found.unsplit


def test_a_part_that_is_off_writes_nothing_and_has_no_inside() -> None:
    of = trace(kind({}), TEXT, (HeadOff(0, 1), AttentionOff(1), MLPOff(2), PositionsOff()))
    found, reads = attribute(of, 5, 2), reading(of, 5, 2)
    assert [value(found, name) for name in ("L0H1", "L1 attention", "L2 MLP", "position")] == [0, 0, 0, 0]
    assert sources(of, 5, 0, 1, reads) is None and sources(of, 5, 1, 0, reads) is None
    assert neurons(of, 5, 2, reads) is None and neurons(of, 5, 1, reads) is not None
    lost = lost_of(of, found)
    known = {str(part) for part, bits in zip(found.parts, lost.bits, strict=True) if math.isfinite(bits)}
    assert known == {"L0H0", "L2H0", "L2H1", "L0 MLP", "L1 MLP"}


def test_with_the_mask_open_the_row_is_asked_in_the_whole_text() -> None:
    of = trace(kind({}), TEXT, (MaskOff(),))
    found = attribute(of, 3, 2)
    lost = lost_of(of, found)
    at = [str(part) for part in found.parts].index("L1 MLP")
    off = trace(kind({}), TEXT, (MaskOff(), MLPOff(1)))
    told = (log_softmax(of.logits[3])[2] - log_softmax(off.logits[3])[2]) / math.log(2)
    assert lost.bits[at] == pytest.approx(told)


def test_scores_that_are_no_numbers_are_said_to_be_none() -> None:
    model = kind({})
    weights = {**model.weights, "h.1.mlp.c_proj.bias": np.full(8, np.inf)}
    found = attribute(trace(GPT(model.config, weights), TEXT), 5, 2)
    assert "not numbers" in found.unsplit[0] and math.isnan(found.error)


@pytest.mark.parametrize(("row", "token", "against"), [(8, 1, None), (-1, 1, None), (3, 11, None), (3, 1, 11)])
def test_a_row_or_token_that_there_is_not_is_refused(row: int, token: int, against: int | None) -> None:
    with pytest.raises(UserError, match="there is no (row|token)"):
        attribute(trace(kind({}), TEXT), row, token, against)
