"""Switches of neurons and heads, against Hugging Face's GPT-2 with hooks where they act: no line of ours in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from models import model_folders
from models.gpt import GPT
from models.ops import Array
from models.passes import after
from models.switches import HeadFirst, HeadPrevious, HeadScale, NeuronOff, NeuronScale, NeuronSet, Switch
from models.tracing import extend, retrace, trace
from tests.models.test_gpt import TOKENS, their_logits, theirs

LAYER, NUMBER, WIDTH = 1, 1, 4  # of the head: 8 wide in 2 heads


@cache
def peer() -> Any:
    return theirs("float64")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> GPT:
    folder = tmp_path_factory.mktemp("peer")
    peer().save_pretrained(folder)
    return model_folders.load(folder, "float64")


def of_neuron(change: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    def put(block: Any) -> list[Any]:
        def hook(_: Any, __: Any, acts: Any) -> Any:
            acts = acts.clone()
            acts[..., NUMBER] = change(acts[..., NUMBER])
            return acts

        return [block.mlp.act.register_forward_hook(hook)]

    return put


def of_head(change: Callable[[Any, Any], Any]) -> Callable[[Any], list[Any]]:
    """What the head finds (B T D), made of that and of its values (B T D)."""
    mine, values = slice(NUMBER * WIDTH, (NUMBER + 1) * WIDTH), dict[str, Any]()

    def put(block: Any) -> list[Any]:
        def seen(_: Any, __: Any, out: Any) -> None:
            values["v"] = out[..., 16:][..., mine]

        def hook(_: Any, given: Any) -> Any:
            found = given[0].clone()
            found[..., mine] = change(found[..., mine], values["v"])
            return (found,)

        return [block.attn.c_attn.register_forward_hook(seen), block.attn.c_proj.register_forward_pre_hook(hook)]

    return put


CASES: dict[Switch, Callable[[Any], list[Any]]] = {
    NeuronOff(LAYER, NUMBER): of_neuron(lambda act: act * 0),
    NeuronSet(LAYER, NUMBER, 3.5): of_neuron(lambda act: act * 0 + 3.5),
    NeuronScale(LAYER, NUMBER, -2.0): of_neuron(lambda act: act * -2),
    HeadScale(LAYER, NUMBER, 0.25): of_head(lambda found, v: found / 4),
    HeadPrevious(LAYER, NUMBER): of_head(lambda found, v: v[:, [0, *range(v.shape[1] - 1)]]),
    HeadFirst(LAYER, NUMBER): of_head(lambda found, v: v[:, :1].expand(v.shape)),
}


@pytest.mark.parametrize("switch", CASES, ids=str)
@pytest.mark.parametrize("layer", [0, 1])
def test_a_switch_does_what_a_hook_does_there(switch: Switch, layer: int, model: GPT) -> None:
    here: Any = type(switch)
    mine = here(layer, NUMBER, switch.value) if hasattr(switch, "value") else here(layer, NUMBER)
    hooks = CASES[switch](peer().transformer.h[layer])
    try:
        expected = their_logits(peer())
    finally:
        for hook in hooks:
            hook.remove()
    text = [int(token) for token in TOKENS]
    intact = trace(model, text)
    assert np.abs(expected - intact.logits).max() > 1e-3
    shorter = trace(model, text[:-1], [mine])
    for scores in (trace(model, text, [mine]), extend(model, shorter, text[-1]), retrace(intact, [mine])):
        close(scores.logits, expected)
    close(after(intact, [(), (mine,)])[1], expected[-1])


def close(mine: Array, theirs: Array) -> None:
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12)
