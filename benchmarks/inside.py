"""A sweep, every head and every MLP switched off in turn, against the same in TransformerLens with hooks."""

from __future__ import annotations

from benchmarks.contest import Contender, Entry, Result, contest
from benchmarks.environment import python
from benchmarks.table import Part, Spread

# a name of the table: the size, the length of the text, what is switched off, and what is promised of its CPU time
SWEEPS: dict[str, tuple[str, int, str, float]] = {
    "shakespeare-char's size, T = 256, heads and MLPs": ("medium", 256, "all", 200),
    "little-world's size, T = 64, heads and MLPs": ("world", 64, "all", 25),
    "GPT-2 small's size, T = 64, the 144 heads": ("gpt2", 64, "heads", 6000),
}


def run(rounds: int) -> Part:
    """Random weights; each sweep by both, in turns."""
    part = Part("inside", "Every part switched off in turn; ms a sweep, median (least .. most round)")
    with Contender("ours") as ours, Contender("lens", python()) as lens:
        for name, (size, context, parts, promise) in SWEEPS.items():
            numbers = {"size": size, "context": context, "parts": parts}
            entries = {"ours": Entry(ours, "sweep", numbers), "TransformerLens": Entry(lens, "sweep", numbers)}
            _report(part, name, promise, contest(entries, rounds))
        versions = ours.ask("versions") | lens.ask("versions")
        part.notes += [", ".join(f"{name} {version}" for name, version in versions.items())]
    part.notes += [
        "one thread each; contenders take turns; a ratio is the median over rounds of one round's two times",
        "ours: models.lenses.inside.sweep over a trace that is there; what it says is compared with whole passes",
        "TransformerLens: hooks on hook_z and hook_mlp_out, one part a row of the batch, in the batch that is fastest",
    ]
    return part


def _report(part: Part, name: str, promise: float, results: dict[str, Result]) -> None:
    ours, theirs = results["ours"], results["TransformerLens"]
    part.at_most(f"{name}: ours, processor", Spread.of(ours.cpu), promise, "ms")
    part.add(f"{name}: ours", Spread.of(ours.wall), "ms")
    part.add(f"{name}: TransformerLens, processor", Spread.of(theirs.cpu), "ms")
    wall, cpu = theirs.over(ours)
    part.at_least(f"{name}: TransformerLens / ours, processor", cpu, 3)
    part.add(f"{name}: TransformerLens / ours, wall clock", wall, "x")
