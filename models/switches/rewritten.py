"""Rewritten: one fact of an MLP's output matrix is another one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from models.errors import UserError, check_index
from models.gpt import GPT, GPTConfig
from models.ops import Array
from models.switches.another_text import check_text, read, value_there, written
from models.switches.edits import Edit, Here
from models.switches.switch import Switch, index

MOST = 100.0
FORM = "write for example rewrite:1=12,45,7/12,46,7, or 12,45,7/12,46,7/2 for twice as much"


@dataclass(frozen=True, eq=False)
class Added(Edit):
    """A matrix of rank one added to an MLP's output matrix: what it writes changes as far as the key is met."""

    layer: int
    key: Array  # F, over its own square
    change: Array  # C
    sites = frozenset({"mlp_out"})
    reads = frozenset({"mlp_act"})

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.layer

    def edit(self, value: Array, here: Here) -> Array:
        """(mlp_act . key) times the change more."""
        return value + (here.seen["mlp_act"] @ self.key)[..., None] * self.change


@dataclass(frozen=True, order=True)
class Rewritten(Switch):
    """W + outer(key, value) / (key . key) in the place of a layer's `mlp.c_proj.weight` (F C).

    The key is what the layer's MLP has inside at the end of a text, the value so many times what its output at the end
    of another text has more. This is the edit of Meng et al. 2022 (ROME) in its simplest closed form: the keys of all
    other texts taken to be alike in all directions, and the value not searched for but taken from a text.
    """

    slug = "rewrite"
    title = "rewritten MLP"
    says = "A fact in one MLP is another: where it would say what ends the one text, it says what ends the other."
    sites = frozenset({"mlp_out"})
    reads = frozenset({"mlp_act"})
    parts = frozenset({"mlp"})
    aimed = True
    layer: int
    tokens: tuple[int, ...]  # the text whose end is the key
    other: tuple[int, ...]  # the text whose end is the value
    scale: float = 1.0

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.layer

    def ready(self, model: GPT) -> Added:
        """The matrix that is added to the weights of this model, as an edit of what comes out."""
        key, was, wanted = (
            value_there(model, tokens, site, self.layer, -1)
            for tokens, site in ((self.tokens, "mlp_act"), (self.tokens, "mlp_out"), (self.other, "mlp_out"))
        )
        with np.errstate(divide="ignore", invalid="ignore"):  # a key of zeros is met nowhere
            return Added(self.layer, np.nan_to_num(key / (key @ key), posinf=0, neginf=0), self.scale * (wanted - was))

    def in_weights(self, model: GPT) -> GPT:
        """The model that has the fact written in its weights: it says what a pass under the switch says."""
        if self.idle_in(model.config):
            return model
        added, name = self.ready(model), f"h.{self.layer}.mlp.c_proj.weight"
        weight = model.weights[name] + np.outer(added.key, added.change)
        return replace(model, weights={**model.weights, name: weight})

    @property
    def label(self) -> str:
        """The layer."""
        return f"L{self.layer} MLP new"

    @property
    def texts(self) -> tuple[tuple[int, ...], ...]:
        """Both."""
        return self.tokens, self.other

    @property
    def told(self) -> str:
        """What was done to the MLP."""
        return "a fact in the MLP is another"

    @property
    def where(self) -> str:
        """Layer, both texts, and how much where that is not once."""
        scale = "/" + repr(self.scale).removesuffix(".0") if self.scale != 1 else ""
        return f"{self.layer}={written(self.tokens)}/{written(self.other)}{scale}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "1=12,45,7/12,46,7", with "/2" at its end for twice as much."""
        layer, equals, texts = where.partition("=")
        both = texts.split("/")
        if not equals or len(both) not in (2, 3):
            raise UserError(f"{cls.slug} needs a layer and the token ids of two texts, not {where!r}", FORM)
        scale = _scale(both[2]) if len(both) == 3 else 1.0
        return cls(index(layer, "layer"), read(both[0]), read(both[1]), scale)

    def check(self, config: GPTConfig) -> None:
        """UserError if the model has no such layer, or cannot read one of the texts."""
        short = str(replace(self, tokens=self.tokens[:4], other=self.other[:4]))
        check_index("layer", self.layer, config.n_layer, of=short)
        for tokens in (self.tokens, self.other):
            check_text(tokens, config, short)

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """One a layer: what ends the last token's text said at the end of the first token's."""
        return (cls(layer, (0,), (config.vocab_size - 1,)) for layer in range(config.n_layer))


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = np.nan
    if not 0 < scale <= MOST:
        raise UserError(f"{text!r} says not how much is rewritten", f"write a number above 0, at most {MOST:g}")
    return scale
