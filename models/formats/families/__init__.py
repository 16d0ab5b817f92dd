"""The families of models that are opened beside GPT-2. To add one: a file beside this one, and a line in ALL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from models.formats.families.family import Family as Family
from models.formats.families.gpt_neo import GPTNeo
from models.formats.families.gpt_neox import GPTNeoX
from models.formats.families.llama import Llama
from models.gpt_config import GPTConfig

ALL: tuple[Family, ...] = (Llama(), GPTNeo(), GPTNeoX())


def of(found: Mapping[str, Any]) -> Family | None:
    """The family of a parsed config.json, if it is of one."""
    kind = found.get("model_type")
    return next((each for each in ALL if isinstance(kind, str) and kind in each.architectures), None)


@lru_cache(64)
def holding(config: GPTConfig) -> Family | None:
    """The family that has models of this kind, if one has."""
    return next((each for each in ALL if each.holds(config)), None)
