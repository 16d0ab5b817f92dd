"""Settings of a run: there and back, refused by name, and presets that stand."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from models.runs import PRESETS, TrainConfig, about, preset
from models.runs.config import SETTINGS
from models.runs.settings import Setting


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_from_json(name: str) -> None:
    config = preset(name)
    assert TrainConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config
    assert config.gpt(65).vocab_size == 65


def test_a_preset_says_what_it_is_apart_from_the_time_it_takes() -> None:
    """Who has an estimate for this machine must not promise another time beside it."""
    assert about("tiny") == ("Small enough to watch. Long enough to beat a bigram.", "Five seconds.")
    assert about("no-mask")[1] == ""
    for name in PRESETS:
        assert about(name)[0].endswith(".") and not {"second", "minute", "hour"} & set(about(name)[0].split())


def test_presets_differ_and_others_are_refused() -> None:
    assert len({preset(name) for name in PRESETS}) == len(PRESETS)
    with pytest.raises(UserError, match="there is no preset 'huge' - the presets are tiny, small"):
        preset("huge")


def test_what_is_left_out_has_its_default() -> None:
    assert TrainConfig.from_dict({}) == TrainConfig()
    assert TrainConfig.from_dict({"without": ["mask"], "lr": 1}) == TrainConfig(without=("mask",), lr=1.0)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"n_layer": 0}, "n_layer must be between 1 and"),
        ({"n_layer": True}, "n_layer is True - it must be a whole number"),
        ({"n_layer": 2.0}, "n_layer is 2.0 - it must be a whole number"),
        ({"n_layer": None}, "n_layer is None - it must be a whole number"),
        ({"lr": 0}, "lr must be above 0, not 0"),
        ({"lr": None}, "lr must be above 0"),
        ({"lr": math.inf}, "lr is inf - it must be a number"),
        ({"lr": 10**400}, "lr is 1000"),
        ({"minutes": math.inf}, "minutes is inf - it must be a number"),
        ({"lr": 1e31}, "lr must be between 0 and"),
        ({"n_layer": 1025}, "n_layer must be between 1 and 1024"),
        ({"threads": 1025}, "threads must be between 0 and 1024"),
        ({"lr": "fast"}, "lr is 'fast' - it must be a number"),
        ({"dropout": math.nan}, "dropout is nan - it must be a number"),
        ({"dropout": None}, "dropout must be between 0 and 0.9"),
        ({"model": "lstm"}, "model is 'lstm' - it must be one of gpt, gru"),
        ({"positions_start": "zeros"}, "positions_start is 'zeros' - it must be one of random, sinusoids"),
        ({"dtype": "float16"}, "dtype is 'float16' - it must be one of auto, float32, bfloat16"),
        ({"without": "mask"}, "without is 'mask' - it must be a list"),
        ({"without": [1]}, "without.0 is 1 - it must be one of mask"),
        ({"without": ["soul"]}, "soul"),
        ({"batch": 10, "accumulate": 3}, "batch 10 cannot be taken in 3 equal parts"),
        ({"steps": None}, "the run has no end"),
        ({"steps": None, "minutes": 0}, "minutes must be above 0"),
        ({"steps": 0}, "steps must be between 1"),
        ({"n_embd": 10, "n_head": 4}, "n_embd 10 is not a multiple of the number of heads, 4 - make it 8,"),
        ({"n_embd": 10, "n_head": 1024}, "heads, 1024 - make it 1024, or change the heads"),
        ({"optimizer": "adam"}, "optimizer is not known here - it may be of a newer version"),
        ({"compile": 1}, "compile is 1 - it must be true or false"),
    ],
)
def test_what_cannot_work_is_refused_by_name(values: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as caught:
        TrainConfig.from_dict(values)
    assert says in str(caught.value)


def wrong(setting: Setting) -> list[Any]:
    """Values of its type that it cannot have."""
    if setting.choices:
        return [("soul",) if setting.kind is tuple else "soul"]
    if setting.reads:
        return ["soul", ""]
    too_small = setting.above if math.isfinite(setting.above) else setting.least - 1
    return [setting.kind(each) for each in (too_small, 2 * setting.most + 1)]


def test_a_setting_is_said_once_with_its_words_its_range_and_what_there_is_to_choose() -> None:
    assert list(SETTINGS) == [field.name for field in fields(TrainConfig)]
    assert len({each.option for each in SETTINGS.values()}) == len(SETTINGS)
    for name, each in SETTINGS.items():
        assert each.name == name and each.says and each.option and each.label and each.group
        assert each.choices or each.reads or each.kind is bool or math.isfinite(each.most)
        assert set(each.meanings) <= set(each.choices)
        assert bool(each.empty) == (type(None) in get_args(get_type_hints(TrainConfig)[name]))


@pytest.mark.parametrize("name", [name for name, each in SETTINGS.items() if each.kind is not bool])
def test_a_value_out_of_its_range_is_the_setting_s_fault(name: str) -> None:
    for value in wrong(SETTINGS[name]):
        with pytest.raises(UserError) as caught:
            TrainConfig(**{name: value})
        assert caught.value.setting == name and str(caught.value).startswith(f"{name} ")
        caught.value.called = "--it"
        assert str(caught.value).startswith("--it ") and name not in str(caught.value).split()


@pytest.mark.parametrize(
    ("values", "name"),
    [({"batch": 10, "accumulate": 3}, "batch"), ({"steps": None}, "steps"), ({"n_embd": 10}, "n_embd")],
)
def test_what_does_not_go_together_is_the_fault_of_one_of_both(values: dict[str, Any], name: str) -> None:
    with pytest.raises(UserError) as caught:
        TrainConfig(**values)
    assert caught.value.setting == name and caught.value.do


def test_what_is_written_is_what_is_meant() -> None:
    for name, each in SETTINGS.items():
        value = getattr(TrainConfig(), name)
        assert each.kind not in (int, float) or value is None or each.kind(each.written(value)) == value
    lr, without = SETTINGS["lr"], SETTINGS["without"]
    assert [lr.written(value) for value in (None, 60.0, 1 / 3, 1e-5)] == ["", "60", "0.3333333333333333", "1e-05"]
    assert without.written(("mask", "mlp")) == "mask,mlp"


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=5))


@given(st.sampled_from(fields(TrainConfig)), JSON | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2))
def test_any_value_is_a_config_or_a_user_error(field: Any, value: Any) -> None:
    try:
        config = TrainConfig.from_dict({field.name: value})
    except UserError as error:
        assert "\n" not in str(error)
    else:
        assert TrainConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config


def test_the_rate_rises_and_falls_to_its_end() -> None:
    config = TrainConfig(lr=0.5, warmup=10, lr_end=0.1, steps=100)
    assert config.rate(0, 0) == pytest.approx(0.05) and config.rate(9, 0) == pytest.approx(0.5)
    for schedule in ("linear", "cosine"):
        falling = [replace(config, schedule=schedule).rate(50, at / 10) for at in range(11)]
        assert falling == sorted(falling, reverse=True)
        assert falling[0] == pytest.approx(0.5) and falling[-1] == pytest.approx(0.05)
        assert falling[5] == pytest.approx(0.275)


def test_progress_is_of_whichever_end_comes_first() -> None:
    assert TrainConfig(steps=100).progress(50, 1e9) == 0.5
    assert TrainConfig(steps=None, minutes=1).progress(10**6, 30) == 0.5
    assert TrainConfig(steps=100, minutes=1).progress(90, 30) == 0.9
    assert TrainConfig(steps=100, minutes=1).progress(10, 120) == 1.0


def test_intervals_follow_the_measurements_unless_set() -> None:
    config = TrainConfig(eval_every=30)
    assert (config.snapshot_interval, config.save_interval) == (30, 30)
    config = TrainConfig(eval_every=30, snapshot_every=5, save_every=7)
    assert (config.snapshot_interval, config.save_interval) == (5, 7)
