"""A pass over a whole text with everything captured, against transformers with attentions and hidden states."""

from __future__ import annotations

from benchmarks.contest import Contender, Entry, contest
from benchmarks.table import Part, Spread

SETTINGS = (("medium", 64, 16), ("medium", 255, 8), ("gpt2", 64, 4), ("gpt2", 512, 3))  # size, length, passes a turn
NAMES = {"medium": "4 x 4 x 256", "gpt2": "12 x 12 x 768"}
MOST_BYTES = 500e6  # of a record of 12 x 12 x 768 at 512


def run(rounds: int) -> Part:
    """The 4-layer, 256-wide model and GPT-2 small's size, at two lengths of text each."""
    part = Part("full", "A captured pass over a whole text; ms a pass, median (least .. most round)")
    with Contender("ours") as ours, Contender("transformers") as hugging:
        for size, context, steps in SETTINGS:
            numbers = {"size": size, "context": context, "steps": steps}
            entries = {
                "ours, everything captured": Entry(ours, "full_pass", numbers),
                "ours, bare": Entry(ours, "full_pass", numbers | {"capture": False}),
                "transformers, attentions and states": Entry(hugging, "everything", numbers),
            }
            results = contest(entries, rounds)
            at = f"{NAMES[size]}, T={context}"
            for name, result in results.items():
                part.add(f"{at}  {name}, processor", Spread.of(result.cpu), "ms")
            mine, bare, theirs = results.values()
            part.at_most(f"{at}  ours / transformers, processor", mine.over(theirs)[1], 0.9)
            part.add(f"{at}  ours, bare / transformers, processor", bare.over(theirs)[1], "x")
        megabytes = ours.ask("record_bytes", size="gpt2", context=512) / 1e6
        part.at_most("12 x 12 x 768, T=512  the record, with room to go on", megabytes, MOST_BYTES / 1e6, "MB")
        part.notes += [", ".join(f"{name} {version}" for name, version in ours.ask("versions").items())]
    part.notes += [
        "one thread each; contenders take turns; a ratio is the median over rounds of one round's two medians",
        "both hold one pass's values until the next is there; ours computes scores, norms and what the MLP bends again",
    ]
    return part
