"""A sweep of cuts finds the head that matters, and many texts at once score as one by one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from models.contract import LanguageModel
from models.gpt import GPT, GPTConfig
from models.lenses import sweep
from models.lenses.abilities import Ability
from models.lenses.batches import next_logits
from models.lenses.probes import Finding, Probe
from models.lenses.probes.analogies import Analogies
from models.switches import ALL as SWITCHES
from models.switches import HeadOff, MaskOff, MLPOff, Padding, Switch
from models.tracing import trace


@pytest.mark.parametrize("kind", [kind for kind in SWITCHES if kind is not Padding], ids=lambda kind: kind.slug)
def test_many_texts_at_once_score_as_one_by_one(kind: type[Switch], guesser: GPT) -> None:
    texts = [[1, 2, 3], [5, 6], [4, 4, 4], [7] * 40, list(range(1, 120))]
    for switch in [*kind.everywhere(guesser.config)][:3]:
        together = next_logits(guesser, texts, [switch])
        for row, text in zip(together, texts, strict=True):
            assert np.allclose(row, trace(guesser, text, [switch]).logits[-1], rtol=0, atol=1e-12, equal_nan=True)


class Itself(Probe):
    """Whether it still says what it says with everything on."""

    slug = "itself"
    title = "itself"
    asks = "nothing"

    def __init__(self, model: GPT) -> None:
        self.texts = [[number, number + 1, number] for number in range(1, 40)]
        self.answers = next_logits(model, self.texts).argmax(-1)

    def measure(self, model: LanguageModel, switches: Iterable[Switch] = ()) -> Finding:
        right = next_logits(model, self.texts, switches).argmax(-1) == self.answers
        return Finding(float(right.mean()), 1 / model.vocab_size, len(self.texts))


def test_a_sweep_finds_the_head_that_matters_and_leaves_the_one_that_does_not(guesser: GPT) -> None:
    weights = {name: value.copy() for name, value in guesser.weights.items()}
    weights["h.1.attn.c_proj.weight"][4:] = 0  # nobody listens to head 1 of layer 1
    weights["h.0.attn.c_proj.weight"][:4] *= 30  # and everybody to head 0 of layer 0
    model = GPT(guesser.config, weights, guesser.tokenizer)
    cuts = sweep.sweep(model, Itself(model))
    scores = {cut.name: cut.score for cut in cuts}
    assert scores["head-off:1.1"] == 1
    assert scores["head-off:0.0"] < 0.5
    weakest = Ability(Itself(model), None, None, 0.0, cuts).single(HeadOff)
    assert weakest is not None and weakest.switches == (HeadOff(0, 0),)
    least = min(cut.score for cut in cuts if isinstance(cut.switches[0], (MLPOff, HeadOff)) and len(cut.switches) == 1)
    weakest = Ability(Itself(model), None, None, 0.0, cuts).single(MLPOff, HeadOff)
    assert weakest is not None and weakest.score == least
    double = tuple(cut for cut in cuts if len(cut.switches) == 2)
    assert Ability(Itself(model), None, None, 0.0, double).single(MLPOff) is None
    assert [cut.score for cut in cuts] == sorted(scores.values())
    assert {"without positions", "with the mask open", "with linear MLPs", "mlp-off:0", "head-off:0.1"} <= set(scores)


def test_a_sweep_of_chosen_cuts_makes_only_those(guesser: GPT) -> None:
    cuts = sweep.sweep(guesser, Itself(guesser), [("look ahead", (MaskOff(),))])
    assert [(cut.name, cut.switches) for cut in cuts] == [("look ahead", (MaskOff(),))]
    assert sweep.sweep(guesser, Analogies()) == ()


def test_what_a_model_grew_up_without_is_not_cut() -> None:
    config = GPTConfig(11, 16, 2, 2, 8, positions="none", activation="none", without=("mask",))
    assert list(sweep.contrasts(config)) == ["without MLPs", "without attention"]
    assert list(sweep.singles(config)) == [f"head-off:{at}" for at in ("0.0", "0.1", "1.0", "1.1")] + [
        "attention-off:0", "attention-off:1", "mlp-off:0", "mlp-off:1",
    ]  # fmt: skip
    alone = GPTConfig(11, 16, 2, 2, 8, without=("attention", "mlp"))
    assert (list(sweep.contrasts(alone)), sweep.singles(alone)) == (["without positions"], {})
