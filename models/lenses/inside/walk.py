"""One token through every part of a model, a stop each, with the numbers the pass had there.

A stop says what happens in a sentence, what goes in and comes out with its shapes, and how one of the numbers came
about. All values are those of the Trace; what is worked out anew, in float64, is only the arithmetic of that number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.errors import UserError
from models.gpt import GPTConfig
from models.lenses.inside.at_stop import Here, Key, Place, Sum, Value
from models.lenses.inside.stops import ADDED, AFTER, BEFORE, IN_LAYER, STOPS
from models.ops import quiet
from models.tracing import Trace


@dataclass(frozen=True, eq=False)
class Stop:
    """One stop of the walk."""

    key: Key
    title: str
    says: str
    reads: Sequence[Value]
    gives: Sequence[Value]
    sums: Sequence[Sum]
    facts: Mapping[str, float]  # more numbers, by what they are
    switched: tuple[str, ...] = ()  # what switches did to what comes out, in their words


def route(config: GPTConfig) -> tuple[Key, ...]:
    """Every stop of a model, in order; none of a part it was built without."""

    def there(names: Sequence[str], layer: int | None) -> list[Key]:
        return [Key(name, layer) for name in names if not STOPS[name].needs & lacks]

    lacks = {*config.lacks} | (set() if config.adds_positions else {ADDED})

    inside = [key for layer in range(config.n_layer) for key in there(IN_LAYER, layer)]
    return (*there(BEFORE, None), *inside, *there(AFTER, None))


def stop(of: Trace, place: Place, key: Key) -> Stop:
    """What happens at a stop to one position; UserError for a stop that the model does not have."""
    if key not in route(of.tape.model.config):
        raise UserError(f"there is no stop {key}", f"there are {', '.join(_names(of.tape.model.config))}")
    kind, here = STOPS[key.name], Here(of, place, key)
    with quiet():
        found = kind.make(here)
    told = tuple(here.told(kind.sites or (key.name,)))
    return Stop(key, kind.title, *found, switched=told)


def walk(of: Trace, place: Place, keys: Iterable[Key] | None = None) -> list[Stop]:
    """Every stop of a position, or only some."""
    return [stop(of, place, key) for key in (route(of.tape.model.config) if keys is None else keys)]


def find(config: GPTConfig, words: str) -> list[Key]:
    """The stops of a name, in all layers, or of "1.scores" the one; UserError names what exists."""
    wanted = words.strip().lower()
    ways = {key: (key.name, title(key), str(key), str(Key(title(key), key.layer))) for key in route(config)}
    found = [key for key, names in ways.items() if wanted in names]
    if not found:
        raise UserError(f"there is no stop {words!r}", f"there are {', '.join(_names(config))}")
    return found


def title(key: Key) -> str:
    """What the stop is called."""
    return STOPS[key.name].title


def _names(config: GPTConfig) -> list[str]:
    return list(dict.fromkeys(key.name for key in route(config)))
