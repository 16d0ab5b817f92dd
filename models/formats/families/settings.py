"""A parsed config.json, read setting by setting: what nobody has asked for in the end is refused by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypeVar

from models.errors import UserError
from models.formats import gpt2_config
from models.formats.files import shown_value
from models.parts import Activation

T = TypeVar("T")
# of GPT-2's settings those that every model of transformers may have: with but one meaning here, or with none at all
OF_GPT2 = {"model_type", "scale_attn_weights", "scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn"}
FIXED = {name: values for name, values in gpt2_config.FIXED.items() if name not in OF_GPT2}
HARMLESS = gpt2_config.HARMLESS | {
    "attention_dropout", "hidden_dropout", "classifier_dropout", "resid_dropout", "embed_dropout", "pretraining_tp",
    "is_llama_config", "transformers.js_config",
}  # fmt: skip
ACTIVATIONS: dict[str, Activation | Literal["silu"]] = {**gpt2_config.ACTIVATIONS, "silu": "silu", "swish": "silu"}
SMALLEST, LARGEST = 1e-15, 1e15  # of numbers that mean something


@dataclass(frozen=True)
class Settings:
    """The settings of `what`, a file, as a family reads them."""

    found: Mapping[str, Any]
    what: str
    title: str  # of the family
    asked: set[str] = field(default_factory=set)

    def get(self, name: str, default: Any = None) -> Any:
        """A setting as it stands; the default for one that is missing, or null."""
        self.asked.add(name)
        value = self.found.get(name)
        return default if value is None else value

    def size(self, name: str, most: int, default: int | None = None) -> int:
        """A size from 1 to `most`; one without a default must be there."""
        value = self.get(name, default)
        return gpt2_config.size({name: value}, name, most, self.what)

    def number(self, name: str, default: float) -> float:
        """A number above 0."""
        value = gpt2_config.number(self.get(name, default))
        if type(value) not in (int, float) or not math.isfinite(value) or not SMALLEST <= value <= LARGEST:
            raise UserError(f"{self.what}: {name} is {shown_value(value, 40)}", "it must be a number above 0")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        return self.one_of(name, {True: True, False: False}, default)

    def one_of(self, name: str, meanings: Mapping[Any, T], default: Any) -> T:
        """What one of some values means."""
        value = self.get(name, default)
        for each, meaning in meanings.items():
            if type(value) is type(each) and value == each:
                return meaning
        self.refuse(name, value)

    def table(self, name: str) -> Settings | None:
        """The settings within one, if there are any."""
        value = self.get(name)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, value)
        return Settings(value, f"{self.what}: {name}", self.title) if value else None

    def refuse(self, name: str, value: object) -> NoReturn:
        """UserError for a setting that is not handled."""
        gpt2_config.refuse(self.what, name, value, self.title)

    def notes(self) -> dict[str, Any]:
        """Those that nobody has asked for, and that change nothing; UserError for the first one that may."""
        for name, values in FIXED.items():
            value = self.found.get(name, values[0])
            if not any(type(value) is type(each) and value == each for each in values):
                self.refuse(name, value)
        return gpt2_config.unknown(self.found, self.asked | HARMLESS | FIXED.keys(), self.what, self.title)

    def check_all_asked(self) -> None:
        """UserError for the first one that nobody has asked for."""
        for name, value in self.found.items():
            if name not in self.asked:
                self.refuse(name, value)
