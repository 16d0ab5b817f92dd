"""The commands, one file each: a docstring and EXAMPLES for --help, `add_arguments(parser)` and `run(args) -> status`.

To add one: a file beside this one, and a line in `ALL`. What is slow to import waits inside the functions, so that
--help comes at once.
"""

from __future__ import annotations

from types import ModuleType

from playground.commands import compare, generate, inside, learn, measure, models, play, probe, trace, train

ALL: dict[str, ModuleType] = {
    "play": play,
    "generate": generate,
    "trace": trace,
    "compare": compare,
    "probe": probe,
    "inside": inside,
    "learn": learn,
    "models": models,
    "train": train,
    "measure": measure,
}
