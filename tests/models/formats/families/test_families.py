"""Whatever a config.json holds, it is a model or a sentence; and what one family writes no other takes for its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from models.formats import families
from models.formats.families import Family
from models.formats.gpt2_config import HARMLESS
from models.gpt_config import GPTConfig
from tests.models.kin import KIN, each_kin

NUMBERS = st.integers(-(10**20), 10**20) | st.floats() | st.sampled_from([0, 1, 2, 1e-30, 1e30, True])
ANYTHING = st.recursive(
    NUMBERS | st.none() | st.text(max_size=9) | st.sampled_from(["llama3", "linear", "global", "local", "gelu"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=9,
)
OF_ROPE = ("rope_type", "rope_theta", "factor", "partial_rotary_factor", "low_freq_factor", "high_freq_factor")


def written(name: str) -> tuple[Family, dict[str, Any]]:
    family = families.holding(KIN[name])
    assert family is not None
    return family, family.write(KIN[name])


@given(st.sampled_from(list(KIN)), st.data())
def test_whatever_a_config_holds_is_a_model_or_a_sentence(name: str, data: st.DataObject) -> None:
    family, found = written(name)
    for key in data.draw(st.lists(st.sampled_from(sorted(found)), min_size=1, max_size=3)):
        found[key] = data.draw(ANYTHING)
    if isinstance(found.get("rope_parameters"), dict):
        found["rope_parameters"] |= data.draw(st.dictionaries(st.sampled_from(OF_ROPE), ANYTHING, max_size=2))
    try:
        config = family.config(found, "it")
    except UserError as error:
        assert str(error).startswith("it: ") and str(error).isprintable() and len(str(error)) < 400
    else:
        assert isinstance(config, GPTConfig)


@each_kin
def test_every_family_holds_its_own_alone(config: GPTConfig) -> None:
    assert [each.title for each in families.ALL if each.holds(config)] == [families.holding(config).title]  # type: ignore[union-attr]  # there is one


def test_a_gpt2_is_of_none_of_them() -> None:
    for kind in ("gpt2", ["llama"], {"llama": 1}, None, 7):
        assert families.of({"model_type": kind}) is None
    assert families.holding(GPTConfig(11, 16, 2, 2, 8)) is None


@pytest.mark.parametrize("name", KIN)
def test_a_setting_that_is_new_is_refused_by_its_name_and_one_that_changes_nothing_is_not(name: str) -> None:
    family, found = written(name)
    assert family.config(found | dict.fromkeys(HARMLESS, 1) | {"_name_or_path": "x"}, "it") == KIN[name]
    with pytest.raises(UserError, match="it: attention_sink = 4 is not handled - use a plain"):
        family.config(found | {"attention_sink": 4}, "it")
    for key in ("quantization_config", "auto_map"):
        with pytest.raises(UserError, match=f"it: {key} = "):
            family.config(found | {key: {"a": 1}}, "it")
