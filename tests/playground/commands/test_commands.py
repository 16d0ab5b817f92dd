"""The commands: what they print is what the models say."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

import models
from models import baselines, measures, sampling
from models.contract import LanguageModel
from models.gpt import GPT
from models.tokenizers import Tokenizer
from playground import __version__
from playground.commands import ALL
from playground.commands.generate import pieces
from tests.playground.commands.calling import Answer, Command, command
from tests.playground.program import in_terminal, start

call = pytest.fixture(command)

LONG = "to be, or not to be, that is the question: " * 3


@pytest.fixture
def tiny(tiny_folder: Path) -> GPT:
    return models.load(tiny_folder)


# generate


def test_generate_prints_the_text_and_what_the_model_writes(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    tokens = tiny.tokenizer.encode("to be")
    draws = sampling.generate(tiny, tokens, 8, sampling.Sampler(0.8, 5, 0.9), 7)
    expected = "to be" + tiny.tokenizer.decode([draw.token for draw in draws])
    filters = ("--temperature", 0.8, "--top-k", 5, "--top-p", 0.9)
    answer = call("generate", "to be", "--model", tiny_folder, "--tokens", 8, "--seed", 7, *filters)
    assert (answer.code, answer.out, answer.err) == (0, expected + "\n", "")


def test_generate_goes_on_beyond_the_context(call: Command, tiny_folder: Path) -> None:
    answer = call("generate", "to be", "--model", tiny_folder, "--tokens", 30)
    assert len(answer.out) == len("to be") + 30 + 1
    cut = call("generate", LONG[:20], "--model", tiny_folder, "--tokens", 2)
    assert cut.err == "note: the text has 20 tokens; the model sees the last 16\n"


def test_generate_json_tells_every_step(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    argv = ("generate", "to be", "--model", tiny_folder, "--tokens", 5, "--seed", 3, "--top-k", 4)
    answer = call(*argv, "--switch", "head-off:1.0", "--json")
    told = json.loads(answer.out)
    assert told["prompt"] + told["text"] + "\n" == call(*argv, "--switch", "head-off:1.0").out
    assert told["switches"] == ["head-off:1.0"]
    tokens = list(told["prompt_tokens"])
    for step in told["steps"]:
        passed = models.trace(tiny, tokens, [models.parse("head-off:1.0")])
        drawn = sampling.draw(passed.logits[-1], sampling.Sampler(top_k=4), 3, len(tokens))
        assert (step["position"], step["id"], step["u"]) == (len(tokens), drawn.token, sampling.uniform(3, len(tokens)))
        assert (step["p"], step["p_filtered"]) == pytest.approx((drawn.raw[drawn.token], drawn.filtered[drawn.token]))
        assert step["kept"] == 4
        tokens.append(drawn.token)


def test_generate_compare_draws_all_with_the_same_numbers(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    argv = ("generate", "to be", "--model", tiny_folder, "--tokens", 12, "--seed", 5, "--compare")
    runs = json.loads(call(*argv, "--switch", "mask-off", "--json").out)["runs"]
    assert list(runs) == ["intact", "changed", "bigram"]
    assert len({tuple(step["u"] for step in run["steps"]) for run in runs.values()}) == 1
    pairs = baselines.load(tiny_folder, tiny.tokenizer)["bigram"]
    draws = sampling.generate(pairs, tiny.tokenizer.encode("to be"), 12, sampling.Sampler(), 5)
    assert runs["bigram"]["text"] == tiny.tokenizer.decode([draw.token for draw in draws])
    shown = call(*argv, "--switch", "mask-off").out
    assert shown.split("\n")[0].split() == ["intact", "changed", "bigram"]
    for name in ("changed", "bigram"):
        parting = re.search(rf"intact and {name} (part at token (\d+)|write the same)", shown)
        assert parting
        intact, other = runs["intact"]["steps"], runs[name]["steps"]
        differ = [at for at, (a, b) in enumerate(zip(intact, other, strict=True), 1) if a["id"] != b["id"]]
        assert parting[2] == (str(differ[0]) if differ else None)


def test_the_text_may_be_piped_in(call: Command, tiny_folder: Path) -> None:
    argv = ("--model", tiny_folder, "--tokens", 3)
    given = call("generate", "to be", *argv).out
    assert call("generate", *argv, stdin=b"to be").out == given
    assert call("generate", "-", *argv, stdin=b"to be").out == given
    assert call("generate", "--prompt", "to be", *argv, stdin=b"other").out == given
    assert call("generate", *argv).out.startswith("\n")  # nothing piped in: on an empty line


def test_characters_of_several_tokens_come_whole() -> None:
    text = "h\u00e9 \u65e5\u672c \U0001f600!"
    tokenizer = Tokenizer.train_bpe("abc", vocab_size=256)
    tokens = tokenizer.encode(text)
    parts = list(pieces(tokenizer, tokenizer.encode("x"), tokens))
    assert "".join(parts) == text
    assert all("\ufffd" not in part for part in parts)
    assert "".join(pieces(tokenizer, tokens[:2], tokens[2:])).endswith(text[2:])
    assert "".join(pieces(tokenizer, [], tokens[:-2])).endswith("\ufffd")  # what never becomes a character is shown


def test_words_keep_the_spaces_between_them() -> None:
    text = "to be, or not to be"
    tokenizer = Tokenizer.train_word(text)
    tokens = tokenizer.encode(text)
    written = "".join(pieces(tokenizer, tokens[:3], tokens[3:]))
    assert tokenizer.decode(tokens[:3]) + written == tokenizer.decode(tokens)


# trace


def test_trace_table_has_a_line_a_token(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    answer = call("trace", "to be", "--model", tiny_folder)
    lines = answer.out.split("\n")
    passed = models.trace(tiny, "to be")
    bits = measures.surprise(passed.logits, passed.tokens)
    assert [line.split()[1] for line in lines[1:6]] == ["t", "o", "·", "b", "e"]
    assert [line.split()[3] for line in lines[1:6]] == ["–", *(f"{value:.2f}" for value in bits[1:])]
    best = measures.softmax(passed.logits).max(-1)
    assert [line.split()[-1] for line in lines[2:7]] == [f"{p:.3f}" for p in best]
    assert lines[6].split()[:2] == ["5", "(next)"]
    assert f"{bits[1:].sum():.2f} bits over 4 predicted tokens" in answer.out


def test_trace_table_shows_the_pattern_of_a_head(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    answer = call("trace", "to be", "--model", tiny_folder, "--layer", 1, "--head", 0)
    rows = [line.split()[2:] for line in answer.out.rstrip().split("\n")[-5:]]
    shown = np.array(rows, float)
    assert np.allclose(shown, models.trace(tiny, "to be").blocks[1].pattern[0], atol=5e-4)


def test_a_pattern_too_wide_for_the_terminal_becomes_a_ranking(tiny_folder: Path, tiny: GPT) -> None:
    argv = ("trace", "to be, or not", "--model", str(tiny_folder), "--layer", "1", "--head", "0")
    code, seen = in_terminal(argv, COLUMNS="80")
    assert code == 0
    row = models.trace(tiny, "to be, or not").blocks[1].pattern[0, 4]
    best = int(row.argmax())
    assert f"4  e looks at: {best} {'to be'.replace(' ', '·')[best]} {row[best]:.3f}" in seen


def test_trace_json_is_exact(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    answer = call("trace", "to be", "--model", tiny_folder, "--switch", "head-off:0.1", "--json")
    told = json.loads(answer.out)
    passed = models.trace(tiny, "to be", [models.parse("head-off:0.1")])
    assert (told["texts"], told["switches"]) == (list("to be"), ["head-off:0.1"])
    assert told["surprise_bits"][0] is None
    for layer, block in enumerate(passed.blocks):
        for name in ("resid_pre", "q", "scores", "pattern", "mlp_act", "resid_post"):
            shown = np.array(told["values"][f"blocks.{layer}.{name}"], float).astype(np.float32)
            right = getattr(block, name)
            assert np.array_equal(shown, np.where(np.isfinite(right), right, np.nan), equal_nan=True), name
    assert told["values"]["blocks.0.scores"][0][0][1] is None  # row 0 may not look at column 1


def test_trace_npz_holds_everything(call: Command, tiny_folder: Path, tiny: GPT, tmp_path: Path) -> None:
    file = tmp_path / "pass.npz"
    assert call("trace", "to be", "--model", tiny_folder, "--out", file) == Answer(0, "", "")
    stored = np.load(file)
    passed = models.trace(tiny, "to be")
    assert np.array_equal(stored["logits"], passed.logits)
    assert np.array_equal(stored["blocks.1.pattern"], passed.blocks[1].pattern)
    assert list(stored["texts"]) == list("to be")
    assert [name for name in tmp_path.iterdir()] == [file]  # nothing half-written is left
    only = call("trace", "to be", "--model", tiny_folder, "--only", "z, logits", "--json")
    assert list(json.loads(only.out)["values"]) == ["logits", "blocks.0.z", "blocks.1.z"]


def test_trace_npz_can_be_piped(tiny_folder: Path, tmp_path: Path) -> None:
    piped = start("trace", "to be", "--model", str(tiny_folder), "--format", "npz")
    data, complaint = piped.communicate(timeout=60)
    assert (piped.returncode, complaint) == (0, b"")
    (tmp_path / "x.npz").write_bytes(data)
    assert np.load(tmp_path / "x.npz")["blocks.0.q"].shape == (2, 5, 4)


def test_trace_writes_to_a_device_as_it_is(call: Command, tiny_folder: Path) -> None:
    assert call("trace", "to", "--model", tiny_folder, "--out", os.devnull).code == 0
    assert not os.path.isfile(os.devnull)


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
    assert lines[0].split() == ["position", "token", "id", "gpt", "bigram", "ngram", "unigram", "won"]
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


# models


def test_models_list_and_show(
    call: Command, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").symlink_to(tiny_folder)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    monkeypatch.setattr("models.model_folders.PRETRAINED", tmp_path)
    listed = call("models").out
    assert re.search(r"tiny +[\d,]+ +2 +2 +8 +16 +char 15 +–", listed)
    assert re.search(r"broken: .*config\.json", listed)
    facts = {each["name"]: each for each in json.loads(call("models", "list", "--json").out)["models"]}
    assert facts["tiny"]["layers"] == 2 and "config.json" in facts["broken"]["problem"]
    shown = call("models", "show", "tiny").out
    assert re.search(r"^layers: +2$", shown, re.M) and "bigram.safetensors" in shown
    assert shown.rstrip().endswith((tiny_folder / "README.md").read_text().rstrip()[-40:])
    assert json.loads(call("models", "show", tiny_folder, "--json").out)["files"]["tokenizer.json"] > 100


@pytest.mark.parametrize("name", [None, *ALL])
def test_help_is_worth_reading(name: str | None, call: Command) -> None:
    answer = call(*([name] if name else []), "--help")
    assert (answer.code, answer.err) == (0, "")
    assert "examples:" in answer.out and answer.out.count("playground ") > 3
    assert max(map(len, answer.out.split("\n"))) <= 120


def test_version(call: Command) -> None:
    assert call("--version").out == f"playground {__version__}\n"
