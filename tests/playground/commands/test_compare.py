"""compare says what each model was surprised by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import models
from models import baselines, measures
from models.contract import LanguageModel
from models.gpt import GPT
from tests.playground.commands.calling import Command

# compare


def test_compare_says_what_each_model_was_surprised_by(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    text = "to be, or not"
    beside = baselines.load(tiny_folder, tiny.tokenizer)
    tokens = tiny.tokenizer.encode(text)
    everyone: dict[str, LanguageModel] = {"gpt": tiny, **beside}
    right = {name: measures.surprise(m.logits(tokens), tokens) for name, m in everyone.items()}
    told = json.loads(call("compare", text, "--model", tiny_folder, "--json").out)
    for name, bits in right.items():
        assert [step["bits"][name] for step in told["tokens"]] == pytest.approx(bits[1:])
        assert told["bits"][name] == pytest.approx(bits[1:].sum())
        assert told["bits_per_token"][name] == pytest.approx(bits[1:].mean())
    won = right["bigram"][1:] - right["gpt"][1:]
    assert [step["won"] for step in told["tokens"]] == pytest.approx(won)
    assert told["context_won"] == (won > 0).sum()
    lines = call("compare", text, "--model", tiny_folder).out.split("\n")
    assert lines[0].split() == ["place", "token", "id", "gpt", "bigram", "ngram", "unigram", "won"]
    marked = [line.endswith("*") for line in lines[2 : 2 + len(won)]]
    assert marked == list(won > 0)


def test_compare_reads_a_long_text_in_windows(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    tokens = tiny.tokenizer.encode("to be, or not to be\n" * 3)
    told = json.loads(call("compare", "-", "--model", tiny_folder, "--json", stdin=b"to be, or not to be\n" * 3).out)
    assert told["predicted"] == len(tokens) - 1 == len(told["tokens"])
    at = 20  # in the window of 8 to 24, predicted from 12 tokens
    right = measures.surprise(tiny.logits(tokens[8:24]), tokens[8:24])[at - 8]
    assert told["tokens"][at - 1]["bits"]["gpt"] == pytest.approx(right)
    summary = call("compare", "-", "--model", tiny_folder, "--summary", stdin=b"to be, or not to be\n" * 3).out
    assert f"{told['bits']['gpt']:.2f}" in summary and len(summary.split("\n")) == 8


def test_compare_with_switches_compares_the_switched_model(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    told = json.loads(call("compare", "to be", "--model", tiny_folder, "--json", "--switch", "positions-off").out)
    passed = models.trace(tiny, "to be", [models.parse("positions-off")])
    assert told["bits"]["gpt"] == pytest.approx(measures.surprise(passed.logits, passed.tokens)[1:].sum())
