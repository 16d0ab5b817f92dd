"""Hugging Face transformers: GPT-2 of the same size."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from typing import Any

import torch
import transformers
from transformers import StoppingCriteria, StoppingCriteriaList

from benchmarks.contenders.clock import Clock, Steps
from benchmarks.contenders.size import SIZES

hf: Any = transformers  # its classes take settings that they do not name

torch.set_num_threads(1)


@cache
def model(size: str, attention: str) -> Any:
    """Random weights of that size; "sdpa" is the library's default, "eager" the one that shows its patterns."""
    s = SIZES[size]
    config = hf.GPT2Config(
        vocab_size=s.vocabulary, n_positions=s.context, n_layer=s.layers, n_head=s.heads, n_embd=s.width,
        bos_token_id=0, eos_token_id=None, attn_implementation=attention,
    )  # fmt: skip
    torch.manual_seed(0)
    return hf.GPT2LMHeadModel(config).eval()


class _Marks(StoppingCriteria):
    """Never stops; `generate` calls it once a token."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        self.clock.mark()
        return torch.zeros(len(input_ids), dtype=torch.bool)


def generate(size: str, context: int, steps: int) -> Steps:
    """`generate`, greedy, with its key-value cache and nothing captured; from one token to the next."""
    theirs, clock = model(size, "sdpa"), Clock()
    theirs.generate(
        _text(context), max_new_tokens=steps + 2, do_sample=False, use_cache=True, pad_token_id=0,
        stopping_criteria=StoppingCriteriaList([_Marks(clock)]),
    )  # fmt: skip
    return clock.steps(skip=1)  # the first mark follows the prompt, the first step still warms up


@torch.inference_mode()
def forward_cached(size: str, context: int, steps: int) -> Steps:
    """The model alone, called with its cache and the newest token."""
    theirs, clock = model(size, "sdpa"), Clock()
    past = theirs(_text(context), use_cache=True).past_key_values
    for _ in range(steps + 1):
        clock.mark()
        theirs(_text(1), past_key_values=past, use_cache=True)
    clock.mark()
    return clock.steps(skip=1)


@torch.inference_mode()
def everything(size: str, context: int, steps: int) -> Steps:
    """`output_attentions` and `output_hidden_states`, without a cache: the whole text again for each token."""
    theirs, clock, text = model(size, "eager"), Clock(), _text(context)
    for _ in range(steps + 1):
        clock.mark()
        out = theirs(text, output_attentions=True, output_hidden_states=True, use_cache=False)
    clock.mark()
    assert out.attentions[-1].shape[-2:] == (context, context) and len(out.hidden_states) == SIZES[size].layers + 1
    return clock.steps(skip=1)


def versions() -> dict[str, str]:
    """What runs here."""
    return {name: importlib.metadata.version(name) for name in ("torch", "transformers")}


def _text(length: int) -> Any:
    return torch.ones(1, length, dtype=torch.long)


JOBS = {"generate": generate, "forward_cached": forward_cached, "everything": everything, "versions": versions}
