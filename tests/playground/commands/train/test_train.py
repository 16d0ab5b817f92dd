"""The train command in this process: its options, what it leaves, and what it refuses."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import models
from models import baselines
from models.errors import UserError
from models.formats.files import shown
from models.measures import log_softmax
from models.model_folders import tokenizer_of
from models.runs import PRESETS, TrainConfig
from models.runs.config import LEARNING, SETTINGS
from models.runs.events import Measured, Started, Working
from models.runs.measurement import Measurement
from models.training.evaluate import Slice
from models.training.learners import learner
from playground.commands import train
from playground.commands.train import training_options as options
from playground.commands.train.progress_bar import Bar
from tests.playground.commands.calling import Command, command
from tests.playground.commands.train.small_texts import SMALL, TEXT, lines_of


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in this process, which has torch already; it writes to descriptors."""
    return command(capfd, monkeypatch)


def parsed(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    return parser.parse_args(argv)


# options

OTHER: dict[str, Any] = {
    "model": "gru", "positions": "none", "positions_start": "sinusoids", "activation": "relu",
    "attention": "window:7", "without": ("mask", "norm"), "method": "adamw", "schedule": "cosine",
    "dtype": "float32", "device": "cuda", "compile": True, "steps": 77, "minutes": 3.5, "dropout": 0.5,
    "lr_end": 0.25, "accumulate": 2, "n_head": 2,
}  # fmt: skip


@pytest.mark.parametrize("field", fields(TrainConfig), ids=lambda field: field.name)
def test_every_setting_has_an_option_that_reaches_it(field: Any) -> None:
    setting = SETTINGS[field.name]
    before = getattr(options.config_of(parsed("text")), field.name)
    value = OTHER.get(field.name, 2 * before if before else 3)
    shown = [] if setting.kind is bool else [setting.written(value)]
    config = options.config_of(parsed("text", f"--{setting.option}", *shown))
    assert getattr(config, field.name) == value != before


@pytest.mark.parametrize("name", SETTINGS)
def test_the_help_says_every_setting_with_all_there_is_to_choose(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--help")
    setting, said = SETTINGS[name], " ".join(capsys.readouterr().out.split())
    _, option, said = said.partition(f" --{setting.option} ")
    assert option and setting.says in said.partition(" --")[0]
    assert all(each in said.partition(" --")[0] for each in (*setting.choices, *setting.meanings.values()))


@pytest.mark.parametrize("name", [name for name, each in SETTINGS.items() if each.kind is not bool])
def test_a_value_out_of_range_is_blamed_on_the_option(name: str) -> None:
    option = f"--{SETTINGS[name].option}"
    with pytest.raises(UserError, match=f"^{option} (must|can) ") as caught:
        options.config_of(parsed("text", f"{option}={'soul' if SETTINGS[name].choices else -1}"))
    assert caught.value.setting == name


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_is_resumed_with_the_settings_it_was_begun_with(name: str) -> None:
    option = f"--{SETTINGS[name].option}"
    value = [] if SETTINGS[name].kind is bool else ["1"]
    with pytest.raises(UserError, match=f"^{option} does not go with --resume"):
        options.check(parsed("--resume", "x", option, *value))


def test_presets_are_listed_with_their_time_and_one_end_replaces_the_other(call: Command) -> None:
    listed = call("train", "--presets")
    assert listed.code == 0 and [line.split()[0] for line in listed.out.splitlines()] == [*PRESETS]
    assert "tiny           Five seconds. Small enough to watch" in listed.out
    assert options.config_of(parsed("text", "--preset", "shakespeare")) == PRESETS["shakespeare"]()
    timed = options.config_of(parsed("text", "--minutes", "2"))
    assert (timed.steps, timed.minutes) == (None, 2)


def test_a_run_leaves_a_model_with_its_rivals_and_its_card(call: Command, text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "tiny"
    answer = call("train", text_file, "--out", out, *SMALL, "--steps", 9, "--json")
    assert answer.code == 0, answer.err
    assert [event.step for event in lines_of(answer.out) if isinstance(event, Measured)] == [4, 8, 9]

    model = models.load(out)
    facts = model.training
    assert model.tokenizer
    held_out = model.tokenizer.encode(TEXT)[int(len(TEXT) * 0.9) :]
    ready = learner(TrainConfig.from_dict(facts["settings"]), model.vocab_size)
    ready.load(model.weights)
    some = Slice(np.array(held_out), 16, len(held_out), 4)
    losses = some.measure(lambda rows: ready.logits(rows, torch.float32, lambda _, x, __: x), torch.device("cpu"))
    measured = Measurement.of(facts)
    assert measured is not None and facts["corpus"]["tokens_held_out"] == measured.held_out == len(held_out)
    assert (measured.nats, measured.error) == pytest.approx((losses.mean, losses.error), rel=1e-5)
    assert measured.per_character == pytest.approx(measured.nats / math.log(2))
    assert facts["steps"] == 9 and facts["settings"]["n_embd"] == 16 and facts["stored_as"] == "float16"
    rivals = baselines.load(out / "model", model.tokenizer)
    by_rows = {each.name: np.mean([each.loss(row) for row in some.rows]) for each in rivals.values()}
    assert by_rows == pytest.approx(facts["rivals"])

    card = (out / "model" / "README.md").read_text()
    assert len(rivals) == len(baselines.ALL) and all(kind.file(out / "model").exists() for kind in baselines.ALL)
    scores = (f"| {name} | {loss / math.log(2):.4f} | {loss:.4f} |" for name, loss in facts["rivals"].items())
    for fact in (f"{measured.nats / math.log(2):.4f}", *scores, facts["command"], "text.txt", "9 steps"):
        assert fact in card
    config = TrainConfig.from_dict(facts["settings"])
    for setting in (each for each in SETTINGS.values() if each.group == LEARNING):
        written = setting.written(getattr(config, setting.name)) or "–"
        assert f"\n| {setting.option} | {written} | {setting.says}" in card
    sample = facts["sample"]["text"]
    said = call("generate", "--model", out, "--seed", facts["sample"]["seed"], "--tokens", len(sample))
    assert said.out.removeprefix("\n").startswith(sample.rstrip("\n"))

    theirs: Any = transformers.GPT2LMHeadModel.from_pretrained(out / "model", dtype=torch.float32)
    words: Any = transformers.AutoTokenizer.from_pretrained(out / "model")
    tokens = words("not to be")["input_ids"]
    assert tokens == model.tokenizer.encode("not to be")
    with torch.no_grad():
        logits = theirs(torch.tensor([tokens])).logits[0]
    np.testing.assert_allclose(logits, model.logits(tokens), rtol=0, atol=1e-5)

    again = call("train", text_file, "--out", out, *SMALL, "--steps", 1)
    assert again.code == 2 and "--force" in again.err and models.load(out).training["steps"] == 9
    short = tmp_path / "short.txt"
    short.write_text("to be")
    assert call("train", short, "--out", out, *SMALL, "--force").code == 2
    assert models.load(out).training["steps"] == 9  # still there
    replaced = call("train", text_file, "--out", out, *SMALL, "--steps", 1, "--force")
    assert replaced.code == 0 and f"the model is {shown(out)}" in replaced.err
    assert models.load(out).training["steps"] == 1 and os.listdir(out.parent) == ["tiny"]
    finished = call("train", "--resume", out)
    assert finished.code == 2 and "is finished after 1 steps" in finished.err


@pytest.mark.parametrize(
    "more", ["--tokenizer word --lowercase --min-count 2", "--tokenizer bpe --vocab 260 --store float32"]
)
def test_words_and_byte_pairs_train_as_well(call: Command, text_file: Path, tmp_path: Path, more: str) -> None:
    answer = call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 2, "--context", 8, *more.split())
    assert answer.code == 0, answer.err
    model = models.load(tmp_path / "m")
    assert model.tokenizer is not None and model.tokenizer.kind == more.split()[1]
    per_token = len(TEXT) / len(model.tokenizer.encode(TEXT))
    measured, card = Measurement.of(model.training), (tmp_path / "m/model/README.md").read_text()
    assert measured is not None and f"| bits a {measured.thing} |" in card
    if model.tokenizer.kind == "bpe":
        assert measured.per_character == pytest.approx(measured.nats / math.log(2) / per_token, rel=0.2)
        assert f"That is {measured.per_character:.4f} bits a character." in card
    else:  # without capitals, and with unknown words, it has not foreseen all of the text
        assert math.isnan(measured.per_character) and "bits a character" not in card
    assert model.training["stored_as"] == ("float32" if "--store" in more else "float16")


def test_it_goes_on_from_a_model_with_its_sizes(
    call: Command, text_file: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    text = tmp_path / "own.txt"
    text.write_text("to be, or not to be\n" * 40)
    answer = call("train", text, "--from", tiny_folder, "--out", tmp_path / "m", "--steps", 2, "--batch", 2)
    assert answer.code == 0, answer.err
    before, after = models.load(tiny_folder), models.load(tmp_path / "m")
    assert after.config == before.config and after.training["started_from"] == str(tiny_folder)
    assert after.tokenizer and before.tokenizer and after.tokenizer.vocab == before.tokenizer.vocab


def test_another_attention_is_a_choice_of_training_from_the_option_to_the_model(
    call: Command, text_file: Path, tmp_path: Path
) -> None:
    for words in ("window:3", "linear"):
        out, more = tmp_path / words[:6], ("--attention", words, "--steps", 2, "--store", "float32")
        answer = call("train", text_file, "--out", out, *SMALL, *more)
        assert answer.code == 0, answer.err
        model, facts = models.load(out), json.loads(call("models", "show", out, "--json").out)
        assert (model.config.attention, facts["attention"]) == (words, words) and facts["without"]
        measured, held_out = Measurement.of(model.training), tokenizer_of(model).encode(TEXT)[int(len(TEXT) * 0.9) :]
        rows = Slice(np.array(held_out), 16, len(held_out), 4).rows
        nats = [-log_softmax(model.logits(row[:-1]))[range(16), row[1:]].mean() for row in rows]
        assert measured is not None and np.mean(nats) == pytest.approx(measured.nats, rel=1e-5), "torch measured it"
        on = call("train", text_file, "--from", out, "--out", tmp_path / "on", "--steps", 1, "--batch", 2, "--force")
        assert on.code == 0 and models.load(tmp_path / "on").config == model.config
        other = call("train", text_file, "--from", out, "--out", tmp_path / "no", "--attention", "full")
        assert other.code == 2 and f"--attention asks for full, and {out.name} has {words} - leave it out" in other.err
    wrong = call("train", text_file, "--out", tmp_path / "no", *SMALL, "--attention", "window:16")
    assert wrong.code == 2 and "--attention has a window of 16, and the context is 16 - take a smaller" in wrong.err
    assert len(wrong.err.strip().splitlines()) == 1 and not (tmp_path / "no").exists()


def test_a_loss_that_is_no_number_ends_with_status_5_and_a_model(
    call: Command, text_file: Path, tmp_path: Path
) -> None:
    answer = call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 50, "--lr", 1e30, "--warmup", 0)
    assert answer.code == 5 and "error: stopped at step 2: the loss is not finite" in answer.err
    assert models.load(tmp_path / "m").training["steps"] == 1


def test_a_dry_run_says_what_it_would_cost_and_writes_nothing(call: Command, text_file: Path, tmp_path: Path) -> None:
    argv = ("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 1000, "--dry-run")
    plan = json.loads(call(*argv, "--json").out)
    assert (plan["parameters"], plan["tokens_per_step"], plan["steps"]) == (3824, 64, 1000)
    assert plan["seconds"] == pytest.approx(1000 * plan["seconds_per_step"])
    assert 0 < plan["seconds_after"] < 60
    said = call(*argv)
    assert said.code == 0 and "3,824" in said.out and "1,000 steps, 64,000 tokens" in said.out
    assert re.search(r"and then +\d+:\d\d to measure the model", said.out)
    assert not (tmp_path / "m").exists()


def test_it_is_never_silent_while_a_text_is_made_ready(
    call: Command, text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = lines_of(call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 1, "--json").out)
    begun = next(at for at, event in enumerate(said) if isinstance(event, Started))
    doing = [event.doing for event in said[:begun] if isinstance(event, Working)]
    stages = ["reading", "learning the vocabulary", "tokenising", "counting what the model is held against"]
    assert list(dict.fromkeys(doing)) == stages
    told = list[tuple[str, float]]()
    monkeypatch.setattr(Bar, "prepare", lambda _bar, doing, share: told.append((doing, share)))
    call("train", text_file, *SMALL, "--dry-run")
    assert list(dict.fromkeys(doing for doing, _ in told)) == [*stages[:3], "trying a few steps"]


def test_the_last_lines_are_the_held_out_loss_and_what_it_is_held_against(
    call: Command, text_file: Path, tmp_path: Path
) -> None:
    answer = call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 4, "--without", "mask")
    measured, facts = Measurement.of(models.load(tmp_path / "m").training), models.load(tmp_path / "m").training
    assert measured is not None and measured.looks_ahead
    assert f"held-out loss {measured.said()}" in answer.err and "no fair score: it sees the answers" in answer.err
    bigram = f"on the same tokens: bigram {facts['rivals']['bigram'] / math.log(2):.3f}, "
    assert bigram in answer.err and "nats" not in answer.err
    assert answer.err.count(" bits a character") >= 2


def bad(tmp_path: Path, text_file: Path, tiny_folder: Path) -> Iterator[tuple[list[Any], str]]:
    short, other = tmp_path / "short.txt", tmp_path / "other"
    short.write_text("to be")
    other.mkdir()
    (other / "diary.txt").write_text("mine")
    out = ["--out", tmp_path / "out"]
    yield [*out], "there is nothing to learn from"
    yield [text_file], "give one with --out"
    yield [tmp_path / "none.txt", *out], "none.txt"
    yield [short, *out], "context of 64 needs at least 65"
    yield [text_file, *out, "--preset", "huge"], "no preset 'huge'"
    yield [text_file, *out, "--heads", "3"], "--width 128 is not a multiple of the number of heads, 3"
    yield [text_file, *out, "--layers", "0"], "--layers must be between 1"
    yield [text_file, *out, "--steps", "0"], "--steps must be between 1"
    yield [text_file, *out, "--minutes", "nan"], "--minutes must be above 0"
    yield [text_file, *out, "--positions", "sideways"], "--positions must be one of learned, sinusoidal, none"
    yield [text_file, *out, "--without", "mask,noise"], "'noise'"
    yield [text_file, *out, "--tokenizer", "bpe", "--vocab", "9"], "256"
    yield [text_file, *out, "--tokenizer", "word", "--min-count", "1000"], "1,000 times"
    yield [text_file, *out, "--width", "1048576"], "parameters need"
    yield [text_file, *out, "--layers", "2000"], "--layers must be between 1 and 1024"
    yield [text_file, *out, "--threads", "5000"], "--threads must be between 0 and 1024"
    yield [text_file, *out, "--lr", "1e300"], "--lr must be between 0 and"
    yield [text_file, *out, "--preset", ""], "no preset ''"
    yield [text_file, *out, "--vocab", "500"], "--vocab is for --tokenizer bpe"
    yield [text_file, *out, "--tokenizer", "bpe", "--lowercase"], "--lowercase is for --tokenizer word"
    yield [text_file, *out, "--tokenizer", "word", "--min-count", "0"], "--min-count is 0"
    yield [text_file, *out, "--model", "gru", "--without", "mask"], "a gru has none of the parts"
    yield ["little-world", text_file, *out], "little-world is learned from alone"
    yield (
        [text_file, "digits", *out],
        "digits is learned from alone - leave the texts out, or write ./digits for a file",
    )
    yield ["digits", *out, "--tokenizer", "word"], "each character of the digits is a token - leave out --tokenizer"
    yield ["", *out], "the name of a text is empty"
    yield [text_file, "--out", ""], "--out is empty"
    yield ["--resume", ""], "--resume is empty"
    yield [text_file, *out, "--nice", "-1"], "--nice is -1"
    yield [text_file, *out, "--paused"], "use it with --events"
    yield [text_file, *out, "--from", tmp_path / "nowhere"], "no model"
    yield [text_file, *out, "--from", tiny_folder, "--tokenizer", "word"], "the vocabulary is that of the model"
    yield [text_file, *out, "--from", tiny_folder, "--layers", "1"], "--layers asks for 1, and tiny has 2"
    yield [text_file, *out, "--from", tiny_folder, "--model", "gru"], "--model asks for gru, and tiny has gpt"
    yield [text_file, *out, "--from", tiny_folder], "the model has never seen ':'"
    yield ["--resume", tmp_path / "nowhere"], "is not the folder of a run"
    yield ["--resume", tmp_path / "out", "--steps", "5"], "--steps does not go with --resume"
    yield [text_file, "--resume", tmp_path / "out"], "a text does not go with --resume"
    yield [text_file, "--out", other], "other exists - choose another --out"
    yield [text_file, "--out", other, "--force"], "other exists - choose another --out"
    yield [text_file, "--out", short], "short.txt exists"
    yield [text_file, "--out", short / "below"], "cannot be"
    yield [text_file, "--out", "a\0b"], "cannot be used"
    if os.geteuid():
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        yield [text_file, "--out", locked / "m"], "locked cannot be written to"


def test_bad_input_gets_one_sentence_and_leaves_nothing(
    call: Command, text_file: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    for argv, says in bad(tmp_path, text_file, tiny_folder):
        answer = call("train", *argv)
        assert answer.code == 2 and says in answer.err, (argv, answer)
        assert answer.err.startswith("error: ") and answer.err.count("\n") == 1
        assert not (tmp_path / "out").exists(), argv
    assert (tmp_path / "other" / "diary.txt").read_text() == "mine"
    assert sorted(os.listdir(tmp_path / "other")) == ["diary.txt"]


def test_a_name_that_is_no_text_is_trained_on(call: Command, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.txt")
    Path(odd).write_text(TEXT)
    out = os.fsdecode(os.fsencode(tmp_path) + b"/r\xff")
    answer = call("train", odd, "--out", out, *SMALL, "--steps", 1)
    assert answer.code == 0, answer.err
    assert "\\udcff\\udcfe.txt" in (Path(out) / "model" / "README.md").read_text()
    assert models.load(out).training["corpus"]["file"] == "\udcff\udcfe.txt"
