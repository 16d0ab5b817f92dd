"""What an act did, in a few words, read off the Sessions on both sides of it: for undo and redo."""

from __future__ import annotations

from models.sampling import Sampler
from models.switches import LayerSwitch, Padding, Switch, UnitSwitch
from models.tokenizers import Tokenizer
from playground.looking.labels import label_at, labelled
from playground.looking.session import Session, parting

SAID = 40  # tokens of a line of text that are told

NAMED = {  # acts that say more than what they changed
    "type": "typing",
    "paste": "paste",
    "begin": "the line end at the beginning",
    "mend": "what ^r wrote",
    "retype": "a text from before",
    "aside": "your own text brought back",
    "branch": "the other line of text",
    "clear": "all switches cleared",
    "invert": "invert heads",
    "recall": "recall a set of switches",
}


def told(before: Session, after: Session, act: str, tokenizer: Tokenizer) -> str:
    """What led from one Session to the next, of a model with that tokenizer."""
    if before.opening != after.opening:
        return f"opened {after.model}"
    if act in NAMED:
        return NAMED[act]
    if before.switches != after.switches:
        return _switched(before.switches, after.switches)
    if before.sampler != after.sampler:
        return _sampled(before.sampler, after.sampler)
    return f"seed {after.seed}" if before.seed != after.seed else _written(before, after, tokenizer)


def other_line(before: Session, after: Session, tokenizer: Tokenizer) -> str:
    """Which line of text one is on after `b`, and how it goes on where the one before left it."""
    at = parting(before, after.tokens)
    goes_on = "".join(labelled(tokenizer, after.tokens[at : at + SAID], after.tokens[:at]))
    says = f"goes on '{goes_on}'" if goes_on else "ends"
    return f"the other line of text: at place {at:,} it {says} - b returns"


def _switched(before: tuple[Switch, ...], after: tuple[Switch, ...]) -> str:
    on, off = [each for each in after if each not in before], [each for each in before if each not in after]
    if len(on) == 1:  # what it took the place of goes without saying
        return _on(on[0])
    if on:
        return f"{len(on)} switches on"
    return _off(off[0]) if len(off) == 1 else f"{len(off)} switches cleared"


def _on(switch: Switch) -> str:
    if isinstance(switch, UnitSwitch):
        return f"{switch.does} {switch.unit} {switch.place}"
    return _placed(switch.title if isinstance(switch, LayerSwitch | Padding) else switch.told, switch)


def _off(switch: Switch) -> str:
    if isinstance(switch, UnitSwitch):
        return f"{switch.unit} {switch.place} as trained"
    return f"{_placed(switch.title.removesuffix(' off'), switch)} as trained"


def _placed(words: str, switch: Switch) -> str:
    return f"{words} in layer {switch.where}" if isinstance(switch, LayerSwitch) else words


def _sampled(before: Sampler, after: Sampler) -> str:
    if before.temperature != after.temperature:
        return f"temperature {after.temperature:g}"
    if before.top_k != after.top_k:
        return f"top-k {after.top_k:,}" if after.top_k else "top-k off"
    return f"top-p {after.top_p:g}" if after.top_p < 1 else "top-p off"


def _written(before: Session, after: Session, tokenizer: Tokenizer) -> str:
    more = len(after.tokens) - len(before.tokens)
    if after.forced - before.forced:
        return f"force '{_newest(after, tokenizer)}'"
    if more > 0:
        return f"step '{_newest(after, tokenizer)}'" if more == 1 else f"{more:,} tokens written"
    return "a step back" if more == -1 else f"{-more:,} steps back" if more else "another text"


def _newest(session: Session, tokenizer: Tokenizer) -> str:
    return label_at(tokenizer, session.tokens, len(session.tokens) - 1)
