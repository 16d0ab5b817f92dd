"""Find the head that closes brackets."""

from __future__ import annotations

from collections.abc import Iterator

from models.gpt import GPT
from models.lenses.probes import Brackets
from models.switches import HeadOff
from models.tracing import Trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured, called
from playground.learn.lesson import HEADS, Challenge, Claim, Here, Start
from playground.looking.session import View

MODEL, TEXT = "little-world", "\n((([black])"
CLOSING = frozenset(")]}")
CASES = 60


def measure(bench: Bench) -> Iterator[Measured]:
    """In how many texts the right bracket still comes first, with the head silenced and with any other."""
    cases = Brackets().cases(CASES)
    without = {head: bench.right(MODEL, cases, head) for head in HeadOff.everywhere(bench.model(MODEL).config)}
    (head, worst), (_, second) = sorted(without.items(), key=lambda each: each[1])[:2]
    yield Measured("whole", f"brackets closed right, of {CASES} texts", bench.right(MODEL, cases), "share")
    yield Measured("without", f"with {called(head)} silenced", worst, "share")
    yield Measured("second", "with the next most important head silenced", second, "share")


def holds(found: Findings) -> bool:
    """One head stands out."""
    return found["whole"].value > 0.95 and found["without"].value < 0.4 < 0.7 < found["second"].value


def done(here: Here) -> bool:
    """One head is off, nothing else, and what comes is no closing bracket any more."""
    on, intact, now = here.session.switches, here.intact, here.now
    if len(on) != 1 or not isinstance(on[0], HeadOff) or intact is None or now is None:
        return False
    return closes(here.model, intact) and not closes(here.model, now)


def closes(model: GPT, trace: Trace) -> bool:
    """Whether the likeliest token after the text closes a bracket."""
    return model.tokenizer is not None and model.tokenizer.token(int(trace.logits[-1].argmax())) in CLOSING


CHALLENGE = Challenge(
    slug="closing-head",
    name="Who closes the bracket?",
    group=HEADS,
    claim=Claim("One head of little-world does most of the closing of brackets.", "Measured here."),
    start=Start(MODEL, TEXT, pane="heads", view=View(layer=2, head=3, chosen=True)),
    words="A bracket is still open, and the model closes it. Silence one single head so that it no longer does.",
    done=done,
    hints=(
        "x silences the head under the cursor, and lets it speak again.",
        "Brackets are told from other signs early: look in the first layer.",
        "E lists what each head does to the next token.",
    ),
    pressed=("up", "up", "left", "x"),
    measure=measure,
    holds=holds,
    shows="One head of the first layer tells the places after it which bracket is open; the others can go one by one.",
)
