"""What is lost without each part, against a transformer of someone else's whose weights were edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import models
from models import measures, model_folders
from models.gpt import GPT, GPTConfig
from models.lenses.inside.sweep import Part, one_by_one, parts, sweep, sweeping
from models.switches import ALL, AttentionOff, HeadMean, HeadOff, MaskOff, MLPLinear, MLPOff, Switch
from models.tokenizers import Tokenizer
from models.tracing import retrace, trace
from tests.conftest import TINY_TEXT, random_gpt

hf: Any = transformers
TINY = GPTConfig(vocab_size=18, block_size=16, n_layer=2, n_head=2, n_embd=8)
TOKENS = (1, 5, 9, 0, 5, 2, 7, 11)


def tiny(*without: Any) -> GPT:
    tokenizer = Tokenizer.train_char(TINY_TEXT)
    return random_gpt(replace(TINY, vocab_size=tokenizer.vocab_size, without=without), tokenizer=tokenizer, name="tiny")


def theirs(model: GPT, folder: Path) -> Any:
    """Hugging Face's GPT-2 with the same weights, in float64."""
    model_folders.save(model, folder)
    return hf.GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval()


@contextmanager
def edited(model: Any, part: Part, width: int) -> Iterator[None]:
    """The weights with which a head, or an MLP, writes set to zero."""
    block = model.transformer.h[part.layer]
    of = [block.mlp.c_proj.weight, block.mlp.c_proj.bias]
    if isinstance(part, HeadOff):
        of = [block.attn.c_proj.weight[part.head * width : (part.head + 1) * width]]
    with torch.no_grad():
        before = [each.clone() for each in of]
        for each in of:
            each.zero_()
        yield
        for each, value in zip(of, before, strict=True):
            each.copy_(value)


def said(model: Any, tokens: Sequence[int]) -> Any:
    with torch.no_grad():
        return model(torch.tensor(tokens)[None]).logits[0, -1].log_softmax(-1)


def alike(model: GPT, other: Any, tokens: Sequence[int]) -> None:
    found = {lost.part: lost.effect for lost in sweep(trace(model, tokens))}
    assert set(found) == set(parts(model.config)), "every part, each once"
    before = said(other, tokens)
    for part, effect in found.items():
        with edited(other, part, model.config.head_width):
            after = said(other, tokens)
        kl = torch.nn.functional.kl_div(after, before, reduction="sum", log_target=True).item() / np.log(2)
        assert effect.kl == pytest.approx(kl, rel=1e-6, abs=1e-9), part
        assert (effect.was, effect.now) == (int(before.argmax()), int(after.argmax())), part


def test_a_sweep_is_what_edited_weights_say(tmp_path: Path) -> None:
    model = tiny()
    folder = tmp_path / "tiny"
    other = theirs(model, folder)
    model = replace(model, weights={name: w.astype(np.float32).astype(np.float64) for name, w in model.weights.items()})
    alike(model, other, TOKENS)


def test_so_it_is_on_the_little_world(tmp_path: Path) -> None:
    loaded = models.load("little-world")
    model = replace(loaded, weights={name: weight.astype(np.float64) for name, weight in loaded.weights.items()})
    assert model.tokenizer is not None
    for text in ("michael jordan plays", "france : paris ; italy : rome ; japan :"):
        alike(model, theirs(loaded, tmp_path / text[0]), model.tokenizer.encode(text))


def test_what_it_says_of_the_little_world() -> None:
    model = models.load("little-world")
    text = "\nfrance : paris ; italy : rome ; spain : madrid ; japan :"
    found = sweep(trace(model, text))
    assert [lost.name for lost in found[:3]] == ["L0 MLP", "L0H3", "L0H0"]
    assert found[1].effect.kl == pytest.approx(7.48, abs=0.01)
    assert [lost.effect.kl for lost in found] == sorted((lost.effect.kl for lost in found), reverse=True)


@pytest.mark.parametrize("switches", [(), (HeadMean(0, 0), MLPLinear(1)), (MaskOff(),)], ids=str)
@pytest.mark.parametrize("row", [0, 3, -1])
def test_any_row_under_the_switches_that_are_on(row: int, switches: tuple[Switch, ...]) -> None:
    """As the text up to there would end, with one switch more."""
    model = tiny()
    text = TOKENS[: row + 1] if row >= 0 else TOKENS
    intact = trace(model, text, switches).logits[-1]
    for lost in sweep(trace(model, TOKENS, switches), row):
        after = trace(model, text, (*switches, lost.part)).logits[-1]
        p = np.exp(intact - np.logaddexp.reduce(intact))
        moved = float(p @ (np.log(p) - after + np.logaddexp.reduce(after)) / np.log(2))
        assert lost.effect.kl == pytest.approx(moved, abs=1e-9), lost.name
        assert (lost.effect.was, lost.effect.now) == (intact.argmax(), after.argmax())


def test_what_is_off_or_was_never_there_is_left_out() -> None:
    def swept(model: GPT, *switches: Switch) -> set[str]:
        return {str(lost.part) for lost in sweep(trace(model, TOKENS, switches))}

    every = {"head-off:0.0", "head-off:0.1", "head-off:1.0", "head-off:1.1", "mlp-off:0", "mlp-off:1"}
    assert swept(tiny()) == every
    assert every - swept(tiny(), HeadOff(0, 1), MLPOff(1)) == {"head-off:0.1", "mlp-off:1"}
    assert every - swept(tiny(), AttentionOff(1)) == {"head-off:1.0", "head-off:1.1"}
    assert swept(tiny("attention")) == {"mlp-off:0", "mlp-off:1"}
    assert swept(tiny("mlp")) == every - {"mlp-off:0", "mlp-off:1"}
    assert not swept(tiny("attention", "mlp"))


def test_it_comes_bit_by_bit_and_can_be_left_between() -> None:
    pieces = list(sweeping(trace(tiny(), TOKENS)))
    assert sum(map(len, pieces)) == 6 and () in pieces


def test_what_is_no_number_comes_last() -> None:
    broken = trace(tiny(), TOKENS)
    broken.logits[-1, 0] = np.nan
    assert all(np.isnan(lost.effect.kl) for lost in sweep(broken))


def test_what_each_switch_does_by_itself_is_what_it_does_alone_in_a_whole_pass() -> None:
    model = tiny()
    intact, every = trace(model, TOKENS), [switch for kind in ALL for switch in kind.everywhere(model.config)]
    whole = {switch: retrace(intact, [switch]).logits for switch in every}
    for some in ([switch for switch in every if switch.keeps_past], every):
        for row in (2, len(TOKENS) - 1):
            found = dict(each for few in one_by_one(intact, some, row) for each in few)
            assert set(found) == set(some)
            for switch, alone in found.items():
                own = measures.effect(intact.logits[row], whole[switch][row])
                assert (alone.was, alone.now) == (own.was, own.now), switch
                assert alone.kl == pytest.approx(own.kl, rel=1e-6, abs=1e-9), switch
