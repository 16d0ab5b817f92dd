"""What is typed into the form: settings, command lines, and faults beside their lines."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.corpora.spec import DIGITS, LITTLE_WORLD, CorpusSpec, TokenizerSpec
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.run_layout import RunFolder
from models.runs import PRESETS, TrainConfig, preset
from models.runs.catalogue import Begun, LearnsFrom
from models.runs.config import SETTINGS
from playground.commands.train import add_arguments
from playground.commands.train.training_options import check, config_of
from playground.train import form
from playground.train.form import ENTRIES, LACKING, Plan
from tests.models.kin import each_kin

PLAIN = preset("tiny")


def read(values: dict[str, str] | None = None, without: tuple[str, ...] = (), model: str = "gpt") -> form.Read:
    return form.read(form.values_of(PLAIN) | (values or {}), without, model, PLAIN)


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert words[0] == "train"
    args = parser.parse_args(words[1:])
    check(args)
    return args


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_the_form_and_the_command_line(name: str, tmp_path: Path) -> None:
    config = preset(name)
    typed = form.read(form.values_of(config), config.gpt(7).lacks, config.model, config)
    assert typed == form.Read(config)
    args = options(Plan("x", config, ("a b.txt",)).command(tmp_path / "x"))
    assert config_of(args) == config and args.text == ["a b.txt"] and args.out == str(tmp_path / "x") and args.events


@pytest.mark.parametrize(
    "changes",
    [
        {"without": ("mask", "norm"), "positions": "none", "activation": "none"},
        {"minutes": 2.5, "steps": None},
        {"attention": "window:9"},
        {"attention": "linear", "without": ("scale",)},
        {"minutes": 2.5, "steps": 100},
        {"model": "gru", "lr": 1e-05, "compile": True, "schedule": "cosine", "keep": 5},
        {"steps": 1, "weight_decay": 0.0, "positions_start": "sinusoids", "dtype": "float32"},
    ],
    ids=str,
)
def test_any_config_survives_the_command_line(changes: dict[str, Any], tmp_path: Path) -> None:
    config = TrainConfig(**changes)
    assert config_of(options(Plan("x", config).command(tmp_path))) == config


def test_a_plan_is_the_command_line_it_should_be(tmp_path: Path) -> None:
    words = Plan("x", PLAIN, ("t",), TokenizerSpec("word", lowercase=True, min_count=3)).command(tmp_path, paused=True)
    args = options(words)
    assert (args.tokenizer, args.vocab, args.lowercase, args.min_count, args.paused) == ("word", None, True, 3, True)
    args = options(Plan("x", PLAIN, ("t",), TokenizerSpec("bpe", 300)).command(tmp_path))
    assert (args.tokenizer, args.vocab) == ("bpe", 300)
    args = options(Plan("x", PLAIN).command(tmp_path))
    assert args.text == [LITTLE_WORLD] and args.tokenizer is None, "its vocabulary is its own"
    args = options(Plan("x", PLAIN, ("-odd",), start="shakespeare-char").command(tmp_path))
    assert (args.start, args.tokenizer, args.n_layer, args.text) == ("shakespeare-char", None, None, ["-odd"])
    assert options(form.resume(tmp_path)).resume == str(tmp_path)


def test_every_fault_is_told_beside_its_line_in_its_own_words() -> None:
    wrong = {"n_layer": "0", "n_head": "x", "n_embd": "", "batch": "1.5", "steps": "-3", "lr": "0", "dropout": "2"}
    found = read(wrong)
    assert found.config is None and set(found.problems) == set(wrong)
    assert found.problems["n_head"] == "heads must be a whole number, not 'x'"
    assert found.problems["n_embd"] == "width must be a whole number"
    assert found.problems["n_layer"].startswith("layers must be between 1 and")
    assert found.problems["lr"] == "lr must be above 0, not 0.0"


@pytest.mark.parametrize("name", ENTRIES)
def test_a_value_out_of_range_is_told_beside_its_line_and_called_as_the_line_is(name: str) -> None:
    found, label = read({name: "-1"}), SETTINGS[name].label
    assert found.config is None and list(found.problems) == [name]
    assert found.problems[name].startswith(f"{label} must be ")


def test_what_does_not_go_together_is_told_beside_one_of_both() -> None:
    says = "width 30 is not a multiple of the number of heads, 4 - make it 32, or change the heads"
    assert read({"n_embd": "30", "n_head": "4"}).problems == {"n_embd": says}
    ends = read({"steps": "", "minutes": ""})
    assert ends.config is None and "no end" in ends.problems["steps"]
    by_time = read({"steps": "", "minutes": "3"}).config
    assert by_time is not None and (by_time.steps, by_time.minutes) == (None, 3.0)


def test_attention_is_typed_in_words_and_told_beside_its_line() -> None:
    config = read({"attention": " window:12 "}).config
    assert config is not None and config.attention == "window:12" and config.gpt(7).attention == "window:12"
    says = "attention has a window of 12, and the context is 12 - take a smaller one, or full"
    assert read({"attention": "window:12", "block_size": "12"}).problems == {"attention": says}
    found = form.read({**form.values_of(PLAIN), "attention": "linear"}, (), "gru", PLAIN)
    assert found.problems["attention"].startswith("attention is linear, and a gru has none to choose")


def test_numbers_may_be_written_with_commas() -> None:
    config = read({"steps": " 12,000 ", "lr": "1e-3"}).config
    assert config is not None and (config.steps, config.lr) == (12000, 1e-3)


@pytest.mark.parametrize("part", LACKING)
def test_each_part_can_be_left_out(part: str) -> None:
    config = read(without=(part,)).config
    assert config is not None and config.gpt(7).lacks == (part,)
    back = form.read(form.values_of(config), (), "gpt", config).config
    assert back is not None and back.gpt(7).lacks == ()


@given(st.dictionaries(st.sampled_from(list(ENTRIES)), st.text(max_size=12)))
def test_whatever_is_typed_is_a_config_or_a_sentence(values: dict[str, str]) -> None:
    found = read(values)
    assert (found.config is None) == bool(found.problems)
    assert set(found.problems) <= {*ENTRIES, ""}


def test_sizes_of_a_model_that_is_gone_on_from(tiny_gpt: GPT) -> None:
    config = PLAIN.of_size(tiny_gpt.config)
    assert (config.n_layer, config.n_embd, config.block_size) == (2, 8, 16) and config.steps == PLAIN.steps


@each_kin
def test_a_model_of_another_family_is_not_gone_on_from(config: GPTConfig) -> None:
    with pytest.raises(UserError, match="what is trained here is a GPT-2, and that model is of another family"):
        PLAIN.of_size(config)


@pytest.mark.parametrize("name", ["", " ", ".x", "-x", "a/b", "a\\b", "a\x1bb", " a", "x" * 61, "taken"])
def test_what_cannot_be_a_run_s_folder(name: str) -> None:
    assert form.check_name(name, {"taken"})


def test_names_tell_what_a_run_is() -> None:
    assert form.suggested_name("/books/War & Peace.txt", (), "gpt", ()) == "War-Peace"
    assert (
        form.suggested_name(LITTLE_WORLD, ("positions", "mask"), "gru", ()) == "little-world-gru-no-mask-no-positions"
    )
    assert form.suggested_name(DIGITS, (), "gpt", {"digits"}) == "digits-2"
    assert form.suggested_name("x.txt", (), "gpt", {"x", "x-2"}) == "x-3"
    assert form.suggested_name("x.txt", ("mask",), "gpt", (), "window:8") == "x-window-8-no-mask"
    assert form.new_name("x-2", {"x", "x-2"}) == "x-3" and form.new_name("x", ()) == "x"
    assert form.check_name(form.suggested_name("/..", (), "gpt", ()), ()) is None


def test_the_same_run_again() -> None:
    def again(corpus: CorpusSpec, start: str = "") -> Plan:
        folder = RunFolder(Path("x"))
        return form.plan_again("x-2", Begun(folder, "x", PLAIN, LearnsFrom(corpus, start), ("train",), "2026"))

    words = TokenizerSpec("word", 9, True, 2)
    assert again(CorpusSpec("text", ("/a", "/b"), words)) == Plan("x-2", PLAIN, ("/a", "/b"), words)
    assert again(CorpusSpec(LITTLE_WORLD)) == Plan("x-2", PLAIN, (LITTLE_WORLD,))
    assert again(CorpusSpec(DIGITS)) == Plan("x-2", PLAIN, (DIGITS,))
    assert again(CorpusSpec("text", ("/a",), words), "tiny").start == "tiny"
