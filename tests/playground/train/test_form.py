"""What is typed into the form: settings, command lines, faults beside their lines, and what a run will cost."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from models.errors import UserError
from models.gpt import GPT
from models.runs import PRESETS, TrainConfig, cost, preset
from models.runs.config import SETTINGS
from models.runs.events import Started, Stepped
from playground.commands.train import add_arguments
from playground.commands.train.options import check, config_of
from playground.train import estimate, form, sources
from playground.train.form import ENTRIES, LACKING, LITTLE_WORLD, Plan
from playground.train.layout import ARRANGEMENT, PANES
from playground.train.panes import ALL
from playground.train.record import Record

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


# settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_the_form_and_the_command_line(name: str, tmp_path: Path) -> None:
    config = preset(name)
    typed = form.read(form.values_of(config), form.lacking(config), config.model, config)
    assert typed == form.Read(config)
    args = options(Plan("x", config, ("a b.txt",)).command(tmp_path / "x"))
    assert config_of(args) == config and args.text == ["a b.txt"] and args.out == str(tmp_path / "x") and args.events


@pytest.mark.parametrize(
    "changes",
    [
        {"without": ("mask", "norm"), "positions": "none", "activation": "none"},
        {"minutes": 2.5, "steps": None},
        {"minutes": 2.5, "steps": 100},
        {"model": "gru", "lr": 1e-05, "compile": True, "schedule": "cosine", "keep": 5},
        {"steps": 1, "weight_decay": 0.0, "positions_start": "sinusoids", "dtype": "float32"},
    ],
    ids=str,
)
def test_any_config_survives_the_command_line(changes: dict[str, object], tmp_path: Path) -> None:
    config = TrainConfig(**changes)  # type: ignore[arg-type]
    assert config_of(options(Plan("x", config).command(tmp_path))) == config


def test_a_plan_is_the_command_line_it_should_be(tmp_path: Path) -> None:
    words = Plan("x", PLAIN, ("t",), "word", lowercase=True, min_count=3).command(tmp_path, paused=True)
    args = options(words)
    assert (args.tokenizer, args.vocab, args.lowercase, args.min_count, args.paused) == ("word", None, True, 3, True)
    args = options(Plan("x", PLAIN, ("t",), "bpe", 300).command(tmp_path))
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


def test_numbers_may_be_written_with_commas() -> None:
    config = read({"steps": " 12,000 ", "lr": "1e-3"}).config
    assert config is not None and (config.steps, config.lr) == (12000, 1e-3)


@pytest.mark.parametrize("part", LACKING)
def test_each_part_can_be_left_out(part: str) -> None:
    config = read(without=(part,)).config
    assert config is not None and form.lacking(config) == {part}
    assert config.gpt(7).lacks == (part,)
    assert form.lacking(form.read(form.values_of(config), (), "gpt", config).config or config) == frozenset()


@given(st.dictionaries(st.sampled_from(list(ENTRIES)), st.text(max_size=12)))
def test_whatever_is_typed_is_a_config_or_a_sentence(values: dict[str, str]) -> None:
    found = read(values)
    assert (found.config is None) == bool(found.problems)
    assert set(found.problems) <= {*ENTRIES, ""}


def test_sizes_of_a_model_that_is_gone_on_from(tiny_gpt: GPT) -> None:
    config = PLAIN.of_size(tiny_gpt.config)
    assert (config.n_layer, config.n_embd, config.block_size) == (2, 8, 16) and config.steps == PLAIN.steps


# names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", " ", ".x", "-x", "a/b", "a\\b", "a\x1bb", " a", "x" * 61, "taken"])
def test_what_cannot_be_a_run_s_folder(name: str) -> None:
    assert form.check_name(name, {"taken"})


def test_names_tell_what_a_run_is() -> None:
    assert form.suggested_name("/books/War & Peace.txt", (), "gpt", ()) == "War-Peace"
    assert (
        form.suggested_name(LITTLE_WORLD, ("positions", "mask"), "gru", ()) == "little-world-gru-no-mask-no-positions"
    )
    assert form.suggested_name("x.txt", (), "gpt", {"x", "x-2"}) == "x-3"
    assert form.new_name("x-2", {"x", "x-2"}) == "x-3" and form.new_name("x", ()) == "x"
    assert form.check_name(form.suggested_name("/..", (), "gpt", ()), ()) is None


def test_the_same_run_again() -> None:
    corpus = {
        "kind": "text",
        "paths": ["/a", "/b"],
        "tokenizer": {"kind": "word", "vocab": 9, "lowercase": True, "min_count": 2},
    }
    again = form.plan_again("x-2", PLAIN, {"corpus": corpus, "from": ""})
    assert again == Plan("x-2", PLAIN, ("/a", "/b"), "word", 9, True, 2, "")
    assert form.plan_again("w", PLAIN, {"corpus": {"kind": LITTLE_WORLD}, "from": ""}).data == (LITTLE_WORLD,)
    every: tuple[dict[str, Any], ...] = (
        {},
        {"corpus": {}},
        {"corpus": {"kind": "text"}, "from": ""},
        {"corpus": 3, "from": ""},
    )
    for damaged in every:
        with pytest.raises(UserError, match="start a new one"):
            form.plan_again("x", PLAIN, damaged)


# cost -------------------------------------------------------------------------------------------------------------


def test_time_is_by_steps_or_by_minutes_whichever_is_less() -> None:
    config = TrainConfig(steps=100)
    step = cost.operations(config, 65)
    assert estimate.seconds(config, 65, step) == pytest.approx(100)
    timed = replace(config, minutes=0.5)
    assert estimate.seconds(timed, 65, step) == pytest.approx(30) and estimate.steps(timed, 65, step) == 30
    assert estimate.seconds(replace(timed, steps=None), 65, step) == pytest.approx(30)


def run_of(config: TrainConfig, speed: float) -> Record:
    started = Started("x", 0, config.as_dict(), 1, 1, 1, 65, 1, 1, "float32")
    return Record.of([started, Stepped(1, 0, 1, 1, 1, 1, 1, 1, speed, 1, 1)])


def test_the_speed_is_that_of_the_run_most_like_it() -> None:
    small, large = TrainConfig(n_embd=64), TrainConfig(n_embd=512)
    runs = [run_of(small, 1e9), run_of(large, 5e9), run_of(replace(small, model="gru"), 7e9), Record()]
    assert estimate.speed_of(runs, replace(large, n_embd=384), 65) == 5e9
    assert estimate.speed_of(runs, replace(small, n_embd=32), 65) == 1e9
    assert estimate.speed_of([run_of(small, math.nan)], small, 65) is None


def test_without_a_run_a_product_is_measured() -> None:
    assert 1e7 < estimate.measure(TrainConfig(n_embd=64, batch=4)) < 1e14


def test_a_width_that_no_machine_could_hold_is_measured_as_well() -> None:
    assert 1e7 < estimate.measure(TrainConfig(n_embd=1_000_000, n_head=1, batch=4)) < 1e15


# what is learned from -----------------------------------------------------------------------------------------------


def test_a_text_is_looked_at_before_it_is_learned_from(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("to be or not to be\n")
    found = sources.look_at(str(file), "char", 0)
    assert (found.vocab_size, found.tokens) == (len(set("to be or not to be\n")), 19) and "19 bytes" in found.says
    assert sources.look_at(str(file), "word", 0).vocab_size == 4 + 2
    assert sources.look_at(str(file), "bpe", 300).vocab_size == 300
    (tmp_path / "b.bin").write_bytes(b"\0\1")
    (tmp_path / "c.txt").write_text("xyz")
    assert sources.look_at(str(tmp_path), "char", 0).says.startswith("2 texts")
    world = sources.look_at(LITTLE_WORLD, "char", 0)
    assert math.isinf(world.tokens) and world.vocab_size > 100


def test_a_large_text_is_looked_at_in_part(tmp_path: Path) -> None:
    file = tmp_path / "large.txt"
    file.write_text("0123456789abcde\n" * (1 << 19))
    found = sources.look_at(str(file), "char", 0)
    assert found.vocab_size == 16 and found.tokens == pytest.approx(1 << 23, rel=0.01) and "about" in found.says


@pytest.mark.parametrize("content", [b"", b"\xff\xfeA\0", b"\x1f\x8b\x08", b"a\0b", b"\xc3("])
def test_what_is_no_text_is_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    for where in (file, tmp_path):
        with pytest.raises(UserError):
            sources.look_at(str(where), "char", 0)


def test_nothing_and_nowhere_are_said(tmp_path: Path) -> None:
    for data in ("", " ", str(tmp_path / "none"), "a\0b", str(tmp_path)):
        with pytest.raises(UserError):
            sources.look_at(data, "char", 0)


@pytest.mark.parametrize("data", ["~nobody-of-that-name/x", "/proc/self/mem", "/dev/zero"])
def test_what_cannot_be_read_is_said(data: str) -> None:
    with pytest.raises(UserError):
        sources.look_at(data, "char", 0)


def test_a_loop_of_links_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert sources.completions(f"{tmp_path}/lo") == [f"{tmp_path}/loop"]


def test_a_path_is_completed(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    for name in ("book.txt", ".hidden"):
        (tmp_path / name).write_text("x")
    assert sources.completions(f"{tmp_path}/bo") == [f"{tmp_path}/book.txt", f"{tmp_path}/books/"]
    assert sources.completions(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    assert sources.completions("lit")[0] == LITTLE_WORLD
    assert sources.completions(f"{tmp_path}/none/x") == [] == sources.completions("a\0b/")


# where panes stand --------------------------------------------------------------------------------------------------

SIZES = [(60, 17), (75, 23), (80, 23), (95, 40), (100, 29), (120, 35), (149, 60), (160, 47), (200, 60), (300, 100)]


@pytest.mark.parametrize("stage", PANES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_sticks_out_or_cannot_be_reached(size: tuple[int, int], stage: str) -> None:
    regions = ARRANGEMENT.places(Size(*size), stage).regions
    assert stage in regions
    assert all(
        r.x >= 0 and r.y >= 0 and r.right <= size[0] and r.bottom <= size[1] and r.width > 0 < r.height
        for r in regions.values()
    )
    for (a, first), (b, second) in combinations(regions.items(), 2):
        assert not first.overlaps(second), (a, b)
    assert max(region.bottom for region in regions.values()) == size[1]
    assert all(region.height >= 5 for name, region in regions.items() if name in PANES[2:])


@pytest.mark.parametrize("size", SIZES)
def test_the_changing_place_is_named_and_shared(size: tuple[int, int]) -> None:
    where = Size(*size)
    first = ARRANGEMENT.places(where, "loss")
    for name in first.tabs:
        found = ARRANGEMENT.places(where, name)
        assert found.staged == name and found.tabs == first.tabs and "tabs" in found.regions
    assert set(first.tabs) | set(first.regions) >= set(PANES)
    assert ("tabs" in first.regions) == bool(first.tabs)


def test_everything_stands_at_160_x_48_and_the_essentials_at_100_x_30() -> None:
    assert set(ARRANGEMENT.places(Size(160, 47), "loss").regions) == {"status", *PANES}
    assert {"status", "loss", "timeline", "watch"} < set(ARRANGEMENT.places(Size(100, 29), "loss").regions)
    assert (
        set(ARRANGEMENT.places(Size(59, 30), "loss").regions)
        == {"small"}
        == set(ARRANGEMENT.places(Size(100, 16), "loss").regions)
    )


def test_every_pane_has_a_place_and_every_place_a_pane() -> None:
    assert {kind.name for kind in ALL} == {*PANES, "status"}
