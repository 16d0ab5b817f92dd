"""A step of training, against the transformer everybody would write with torch's own parts."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchmarks.contest import Contender, Entry, Result, contest
from benchmarks.table import Part, Spread

SIZES = {  # batch, context, width; and how many steps a turn has
    "12 of 64, 128 wide": ({"batch": 12, "context": 64, "width": 128}, 8),
    "32 of 256, 256 wide": ({"batch": 32, "context": 256, "width": 256}, 1),
}
REFERENCES: dict[str, dict[str, Any]] = {
    "reference, float32": {},
    "reference, bfloat16 by autocast": {"autocast": True},
}
OURS: dict[str, dict[str, Any]] = {
    "ours, AdamW, float32": {"method": "adamw", "dtype": "float32"},
    "ours, AdamW, bfloat16": {"method": "adamw", "dtype": "bfloat16"},
    "ours as it comes: Muon, the type that is faster": {},
}
LIKE = dict(zip(OURS, [*REFERENCES, "reference, float32"], strict=True))  # whom each is held against


def run(rounds: int) -> Part:
    """Each at two sizes, in turn."""
    part = Part("training_steps", "A step of training, 4 layers, 4 heads; ms, median (least .. most round)")
    with ExitStack() as open_ones:
        processes = {name: open_ones.enter_context(Contender("training")) for name in (*REFERENCES, *OURS)}
        for size, (numbers, steps) in SIZES.items():
            asked = numbers | {"steps": steps}
            entries = {name: Entry(processes[name], "reference", asked | more) for name, more in REFERENCES.items()}
            entries |= {name: Entry(processes[name], "ours", asked | more) for name, more in OURS.items()}
            _report(part, size, contest(entries, rounds))
        part.notes.append(f"the type that is faster here: {processes[next(iter(OURS))].ask('products')}")
    part.notes += [
        "one thread each; contenders take turns, each in its own process; ratios of processor time, round by round",
        "the reference: nn.Linear, scaled_dot_product_attention, fused AdamW; all of them have biases and tanh GELU",
    ]
    return part


def _report(part: Part, size: str, results: dict[str, Result]) -> None:
    for name, result in results.items():
        part.add(f"{size}  {name}, processor", Spread.of(result.cpu), "ms")
    for name, other in LIKE.items():
        _, ratio = results[name].over(results[other])
        if OURS[name].get("dtype") == "float32":  # the same kernels take the time: nothing is promised
            part.add(f"{size}  {name} / {other}", ratio, "x")
        else:
            part.at_most(f"{size}  {name} / {other}", ratio, 0.95)
