"""`python -m benchmarks [PART ...]`: measure, and print a table for each part; `events` is a campaign of its own."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path

PARTS = {
    "steps": "a captured step against transformers and TransformerLens",
    "full": "a captured pass over a whole text against transformers, and what its record takes",
    "growth": "the cost of one more token against the length of the text",
    "gpt2": "GPT-2 small: against transformers, and against reading its weights",
    "bigger": "a model of GPT-2's size in the app: opening, memory, keys while it computes, five of them in turn",
    "inside": "every part switched off in turn, against TransformerLens with hooks",
    "moments": "what nobody should have to wait for: the little world, counts, tokenizers of odd texts",
    "start": "the program's first frame and first picture against a minimal Textual app",
    "keys": "from a key to the changed frame, in a pseudo-terminal",
    "counting": "pairs of characters in a gigabyte of text against reading it once, and tokenising",
    "training_steps": "a step of training against the same transformer of torch's own parts",
    "race": "held-out loss against time on Tiny Shakespeare, our preset against nanoGPT's documented recipe",
    "lessons": "the runs of each lesson that trains, which may take 20 s together",
    "training_keys": "from a key to the changed frame while a model is trained, against the same while it is not",
    "soak": "memory of the app in use, for as many minutes as --rounds says",
    "kills": "training killed 200 times and resumed, against training left alone",
}
GROUPS = {
    "all": tuple(PARTS),
    "models": ("steps", "full", "growth", "gpt2", "inside", "moments"),
    "screen": ("start", "keys", "bigger"),
    "training": ("training_steps", "race", "lessons", "training_keys"),
}


def main() -> int:
    """0 if every promise was kept, else 1."""
    if sys.argv[1:2] == ["events"]:  # a campaign measures nothing, and has words of its own
        ended: int = importlib.import_module("benchmarks.events").main(sys.argv[2:])
        return ended
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    choices = ", ".join([*PARTS, *GROUPS])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {choices} (default all)")
    parser.add_argument("--rounds", type=int, default=15, help="how often each contender has its turn (default 15)")
    parser.add_argument("--json", action="store_true", help="all numbers as JSON on standard output")
    args = parser.parse_args()
    wanted = [name for part in args.parts or ["all"] for name in GROUPS.get(part, (part,))]
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {unknown[0]} - choose from {choices}")
    machine = _machine()
    if not args.json:
        print(", ".join(f"{name} {value}" for name, value in machine.items()))
    found = []
    for name in dict.fromkeys(wanted):
        found.append(importlib.import_module(f"benchmarks.{name}").run(args.rounds))
        if not args.json:
            found[-1].print()
    if args.json:
        print(json.dumps({"machine": machine, "parts": [part.as_data() for part in found]}, indent=2))
    broken = [f"{part.name}: {row.what}" for part in found for row in part.rows if row.kept is False]
    for promise in broken:
        print(f"not kept - {promise}", file=sys.stderr)
    return 1 if broken else 0


def _machine() -> dict[str, str]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "load": load,
        "system": platform.system(),
        "python": platform.python_version(),
    }


sys.exit(main())
