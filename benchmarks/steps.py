"""A step with everything captured, against peers that capture nothing or less."""

from __future__ import annotations

from benchmarks.contest import Contender, Entry, Result, contest
from benchmarks.environment import python
from benchmarks.table import Part, Spread

STEPS = 32


def run(rounds: int) -> Part:
    """The 4-layer, 4-head, 128-wide model at two lengths of text."""
    part = Part(
        "steps", "A step of 4 layers, 4 heads, 128 wide, vocabulary 65; ms a token, median (least .. most round)"
    )
    with Contender("ours") as ours, Contender("transformers") as hugging, Contender("lens", python()) as lens:
        for context in (64, 256):
            numbers = {"size": "small", "context": context, "steps": STEPS}
            entries = {
                "ours, everything captured": Entry(ours, "extend_steps", numbers),
                "ours, and every value taken in the hand": Entry(ours, "extend_steps", numbers | {"look": True}),
                "transformers generate, cache, nothing captured": Entry(hugging, "generate", numbers),
                "transformers forward alone, cache": Entry(hugging, "forward_cached", numbers),
                "TransformerLens run_with_cache, cache": Entry(lens, "run_with_cache", numbers),
                "reading the weights once": Entry(ours, "read_weights", {"size": "small", "steps": STEPS}),
            }
            if context == 256:
                few = numbers | {"steps": 4}
                entries["transformers, attentions and states, no cache"] = Entry(hugging, "everything", few)
            _report(part, context, contest(entries, rounds))
        versions = ours.ask("versions") | lens.ask("versions")
        part.notes += [", ".join(f"{name} {version}" for name, version in versions.items())]
    part.notes += [
        "one thread each; contenders take turns; a ratio is the median over rounds of one round's two medians",
        "ours: models.extend and trace.blocks; what it captured is compared with a full pass after each round",
    ]
    return part


def _report(part: Part, context: int, results: dict[str, Result]) -> None:
    for name, result in results.items():
        part.add(f"T={context}  {name}", Spread.of(result.wall), "ms")
        part.add(f"T={context}  {name}, processor", Spread.of(result.cpu), "ms")
    ours = results["ours, everything captured"]
    promises = {
        "transformers generate, cache, nothing captured": 6,
        "transformers forward alone, cache": 3.5,
        "TransformerLens run_with_cache, cache": 12 if context == 256 else None,
        "transformers, attentions and states, no cache": 25,
    }
    for name, least in promises.items():
        if name in results:
            wall, cpu = results[name].over(ours)
            for clock, ratio in (("wall clock", wall), ("processor", cpu)):
                what = f"T={context}  {name} / ours, {clock}"
                if least is None:
                    part.add(what, ratio, "x")
                else:
                    part.at_least(what, ratio, least)
