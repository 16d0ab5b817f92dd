"""What a model makes of another text, as it was trained: for switches that take something from there.

It is plain data in the switch, token ids, so that the switch can be written down; the pass over them is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from models.errors import UserError, check_index
from models.gpt import GPT, GPTConfig, forward
from models.ops import Array
from models.switches.edits import Watch
from models.switches.switch import index

_HELD = 256  # values that are kept of a model
Key = tuple[tuple[int, ...], str, int, int]
_kept: WeakKeyDictionary[GPT, dict[Key, Array]] = WeakKeyDictionary()


def value_there(model: GPT, tokens: tuple[int, ...], site: str, layer: int, position: int) -> Array:
    """What `site` of a layer has at one position of a text, nothing switched: (.. x), without the axis of positions."""
    model = model.as_trained
    kept, key = _kept.setdefault(model, {}), (tokens, site, layer, position)
    found = kept.get(key)
    if found is None:
        watch = Watch(site, position=position)
        forward(model, np.asarray(tokens), tap=watch)
        while len(kept) >= _HELD:
            kept.pop(next(iter(kept)), None)
        found = kept[key] = watch.kept[site, layer]
    return found


def written(tokens: Sequence[int]) -> str:
    """The ids of a text's tokens as a switch has them."""
    return ",".join(map(str, tokens))


def read(text: str) -> tuple[int, ...]:
    """The reverse; UserError for what is no list of token ids."""
    return tuple(index(each.strip(), "token") for each in text.split(","))


def check_text(tokens: Sequence[int], config: GPTConfig, of: str) -> None:
    """UserError unless the model can read that text; `of` says which switch has it."""
    if len(tokens) > config.block_size:
        has = f"this model reads {config.block_size}"
        raise UserError(f"a text of {len(tokens)} tokens is longer than the context", has, where=of)
    for token in tokens:
        check_index("token", token, config.vocab_size, of=of)
