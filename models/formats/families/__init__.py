"""The families of models that are opened beside GPT-2. To add one: a file beside this one, and a line in ALL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from models.errors import UserError
from models.formats.families.family import Family as Family
from models.formats.families.gpt_neo import GPTNeo
from models.formats.families.gpt_neox import GPTNeoX
from models.formats.families.llama import Llama
from models.formats.files import shown_value
from models.formats.gpt2_config import OWN_TYPE
from models.gpt_config import GPTConfig

GPT2 = "gpt2"  # as it calls itself
ALL: tuple[Family, ...] = (Llama(), GPTNeo(), GPTNeoX())


def of(found: Mapping[str, Any]) -> Family | None:
    """The family of a parsed config.json, if it is of one."""
    kind = found.get("model_type")
    return next((each for each in ALL if isinstance(kind, str) and kind in each.architectures), None)


def check_known(found: Mapping[str, Any], what: str) -> None:
    """UserError naming `what`, the file, where a parsed config.json is of a family that is not opened here."""
    kind = found.get("model_type")
    if isinstance(kind, str) and kind not in (GPT2, OWN_TYPE) and of(found) is None:
        every = ", ".join(sorted(kind for each in ALL for kind in each.architectures))
        fault = f"{what}: model_type = {shown_value(kind, 40)} is not handled"
        raise UserError(fault, f"give a {GPT2}, or one of {every}")


@lru_cache(64)
def holding(config: GPTConfig) -> Family | None:
    """The family that has models of this kind, if one has."""
    return next((each for each in ALL if each.holds(config)), None)
