"""GPT-2 small size: our captured step against transformers' cached one, and against reading the weights once."""

from __future__ import annotations

from benchmarks.contest import Contender, Entry, contest
from benchmarks.table import Part, Spread


def run(rounds: int) -> Part:
    """12 layers, 12 heads, 768 wide, vocabulary 50,257, random weights, T = 64."""
    part = Part("gpt2", "GPT-2 small (12 x 12 x 768, vocabulary 50,257, random weights) at T = 64")
    numbers = {"size": "gpt2", "context": 64, "steps": 8}
    with Contender("ours") as ours, Contender("transformers") as hugging:
        entries = {
            "ours, everything captured": Entry(ours, "extend_steps", numbers),
            "transformers forward alone, cache": Entry(hugging, "forward_cached", numbers),
            "transformers generate, cache": Entry(hugging, "generate", numbers),
            "reading the weights once": Entry(ours, "read_weights", {"size": "gpt2", "steps": 8}),
        }
        results = contest(entries, rounds)
        megabytes = ours.ask("weight_bytes", size="gpt2") / 1e6
    for name, result in results.items():
        part.add(name, Spread.of(result.wall), "ms")
        part.add(f"{name}, processor", Spread.of(result.cpu), "ms")
    mine, alone, generated, reading = results.values()
    for clock, at in (("wall clock", 0), ("processor", 1)):
        part.at_most(f"ours / transformers forward alone, {clock}", mine.over(alone)[at], 1)
        part.at_most(f"ours / transformers generate, {clock}", mine.over(generated)[at], 1)
        part.add(f"ours / reading the weights once, {clock}", mine.over(reading)[at], "x")
    part.notes += [
        f"weights: {megabytes:.0f} MB in float32; read as the dot product of each array with itself (BLAS, one thread)",
        "one thread each; contenders take turns; a ratio is the median over rounds of one round's two medians",
    ]
    return part
