"""Patched: one place of the text has what it has in another text."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from models.errors import UserError, check_index
from models.gpt import GPT, NAMES_OF, GPTConfig
from models.switches.another_text import check_text, read, value_there, written
from models.switches.edits import Edit, Patch
from models.switches.switch import Switch, index

STREAMS = ("resid_pre", "attn_out", "mlp_out")  # places that are a whole vector of the stream
HEADS = "z"  # what one head found
SHORT = {"resid_pre": "stream", "attn_out": "attn", "mlp_out": "MLP"}  # in a list
FORM = "write for example patch:mlp_out.1.2=12,45,7 or, for head 0 of layer 1, patch:z.1.0.2=12,45,7"


@dataclass(frozen=True, order=True)
class Patched(Switch):
    """What a layer's part, or one head, has at a position is what the model as trained has there in another text.

    Activation patching (Vig et al. 2020; Meng et al. 2022) as a switch that stays.
    """

    slug = "patch"
    title = "patched place"
    says = "One place of the text has what it has in another text: what that place knows comes along, and nothing else."
    parts = frozenset({"attention", "mlp"})
    aimed = True
    site: str
    layer: int
    position: int
    tokens: tuple[int, ...]  # of the other text
    head: int = -1  # where the site has heads

    @property
    def sites(self) -> frozenset[str]:
        """Its one."""
        return frozenset({self.site})

    @property
    def first(self) -> int:
        """Its one position."""
        return self.position

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.layer and (self.head < 0 or head in (None, self.head))

    def acts_at(self, position: int) -> bool:
        """Only there."""
        return position == self.position

    def idle_in(self, config: GPTConfig) -> bool:
        """Whether the model was built without the part whose value that is."""
        return any(self.site in NAMES_OF.get(part, ()) for part in config.without)

    def ready(self, model: GPT) -> Edit:
        """The patch with the value that the other text has there."""
        value = value_there(model, self.tokens, self.site, self.layer, self.position)
        if self.head < 0:
            return Patch(self.site, self.layer, self.position, value)
        return Patch(self.site, self.layer, self.position, value[self.head], self.head)

    @property
    def label(self) -> str:
        """The place; the other text is longer than a list has room for."""
        part = f"H{self.head}" if self.head >= 0 else f" {SHORT[self.site]}"
        return f"L{self.layer}{part} at {self.position}"

    @property
    def texts(self) -> tuple[tuple[int, ...], ...]:
        """Its one."""
        return (self.tokens,)

    @property
    def told(self) -> str:
        """Where its value is from."""
        return "taken from another text"

    @property
    def where(self) -> str:
        """The place, and the other text."""
        numbers = (self.layer, *((self.head,) if self.head >= 0 else ()), self.position)
        return f"{self.site}.{'.'.join(map(str, numbers))}={written(self.tokens)}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "mlp_out.1.2=12,45,7": layer 1, position 2; a head, "z.1.0.2=12,45,7", stands after its layer."""
        place, equals, text = where.partition("=")
        site, *numbers = place.split(".")
        if not equals or len(numbers) != {HEADS: 3}.get(site, 2) or site not in (*STREAMS, HEADS):
            raise UserError(f"{cls.slug} needs a place and another text's token ids, not {where!r}", FORM)
        layer, *head, position = numbers
        own = index(head[0], "head") if head else -1
        return cls(site, index(layer, "layer"), index(position, "place"), read(text), own)

    def check(self, config: GPTConfig) -> None:
        """UserError if the model has no such place, or cannot read that text."""
        short = str(replace(self, tokens=self.tokens[:4]))
        check_index("layer", self.layer, config.n_layer, of=short)
        check_index("head", max(self.head, 0), config.n_head, of=short)
        check_text(self.tokens, config, short)
        if self.position >= len(self.tokens):
            last = f"that text has 0 to {len(self.tokens) - 1}"
            raise UserError(f"there is no place {self.position} in the other text", last, where=short)

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """One a place of the first position, from the text that is the first token."""
        for layer in range(config.n_layer):
            yield from (cls(site, layer, 0, (0,)) for site in STREAMS)
            yield from (cls(HEADS, layer, 0, (0,), head) for head in range(config.n_head))
