"""Tokens, candidates and patterns as sentences: what the screen shows in colours and bars, in words and numbers."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from models import measures
from models.contract import LanguageModel
from models.sampling import Draw
from models.tokenizers import BEGUN, Tokenizer
from models.tracing import Trace
from playground.kit.numbers import bits, fixed, probability
from playground.text import visible

SPACES = {" ": "space", "\n": "newline", "\t": "tab"}
LOOKS = 5  # columns named of a row


def spoken(text: str) -> str:
    """One token in words, so that a space, a capital and a comma can be heard."""
    if text in SPACES:
        return SPACES[text]
    if len(text) == 1:
        return _character(text)
    bare = text.lstrip(" ")
    before = len(text) - len(bare)
    if not bare:
        return f"{before} spaces" if before else "an empty token"
    after = f" after {'a space' if before == 1 else f'{before} spaces'}" if before else ""
    return f'"{visible(bare)}"{after}'


def at(tokens: Sequence[int], tokenizer: Tokenizer, place: int) -> str:
    """One of a text in words: a character of several tokens is heard at the last of them."""
    said = tokenizer.token_at(tokens, place)
    whole = said.removesuffix(BEGUN)
    if whole == said or said == tokenizer.token(tokens[place]):
        return spoken(said)
    return f"{spoken(whole)} and part of a character" if whole else "part of a character"


def after(tokens: Sequence[int], tokenizer: Tokenizer, token: int) -> str:
    """One that comes, or could come, after a text."""
    return spoken(tokenizer.tokens([token], tokens)[0])


def _character(char: str) -> str:
    shown = f'"{visible(char)}"'
    if char.isalpha():
        return f"capital {shown}" if char.isupper() else shown
    return shown if char.isdigit() else f"{shown} {unicodedata.name(char, '').lower()}".rstrip()


def drawn(draw: Draw, tokenizer: Tokenizer, before: Sequence[int]) -> str:
    """What was drawn after a text, at which position, how likely it was and how surprising."""
    rank = measures.rank(draw.raw, draw.token)
    choice = "the first choice" if rank == 1 else f"choice {rank}"
    said = f"Place {draw.position}: {after(before, tokenizer, draw.token)}, probability {_chance(draw, draw.token)}"
    return f"{said}, {choice}, {bits(measures.entropy(draw.raw))} bits undecided."


def _chance(draw: Draw, token: int) -> str:
    """How likely a token is, and what the filters make of it where that is another number."""
    p, filtered = float(draw.raw[token]), float(draw.filtered[token])
    if not draw.kept[token]:
        return f"{probability(p)}, cut by the filters"
    return probability(p) + (f", {probability(filtered)} after the filters" if abs(filtered - p) > 5e-4 else "")


def candidates(
    draw: Draw, tokenizer: Tokenizer, before: Sequence[int], others: dict[str, Any], n: int
) -> Iterator[str]:
    """A line each for the n likeliest after a text; `others` are distributions by the name they are called."""
    for place, token in enumerate(measures.ranked(draw.raw, n).tolist(), 1):
        parts = [f"{place}: {after(before, tokenizer, token)}, {_chance(draw, token)}"]
        parts += [f"{name} {probability(float(p[token]))}" for name, p in others.items()]
        yield ", ".join(parts) + "."
    yield f"Undecided by {bits(measures.entropy(draw.raw))} bits; {int(draw.kept.sum())} tokens can be drawn."


def looks(trace: Trace, tokenizer: Tokenizer, layer: int, head: int, row: int) -> str:
    """Where one row of a head looks, strongest first; positions count the whole text."""
    weights = trace.blocks[layer].pattern[head, row]
    strong = [column for column in measures.ranked(weights, LOOKS).tolist() if weights[column] > 0]
    said = [f"{place(trace, tokenizer, column)}, {probability(float(weights[column]))}" for column in strong]
    left = max(0.0, float(weights.sum() - weights[strong].sum()))
    rest = f"; the rest {probability(left)}" if len(trace) > LOOKS else ""
    here = place(trace, tokenizer, row)
    return f"Layer {layer}, head {head}, {here}, looks at: {'; '.join(said) or 'nothing'}{rest}."


def place(trace: Trace, tokenizer: Tokenizer, row: int) -> str:
    """A position and its token."""
    return f"place {row + trace.dropped} {at(trace.tokens, tokenizer, row)}"


def effect(intact: Trace, changed: Trace, tokenizer: Tokenizer) -> str:
    """What the switches changed about the next token."""
    p, q = measures.softmax(intact.logits[-1]), measures.softmax(changed.logits[-1])
    done = measures.effect(intact.logits[-1], changed.logits[-1])
    if math.isnan(done.kl):
        return "With these switches the scores are no numbers any more."
    first, now = done.was, done.now
    moved = f"KL divergence {fixed(done.kl, 3)} bits from the intact model."
    before = f"{after(intact.tokens, tokenizer, first)}, {probability(float(p[first]))}"
    then = f"{after(intact.tokens, tokenizer, now)}, {probability(float(q[now]))}"
    if first == now:
        return f"{moved} The first choice stays {before} before, {probability(float(q[first]))} now."
    return f"{moved} The first choice was {before}; now it is {then}."


def surprises(trace: Trace, tokenizer: Tokenizer, beside: LanguageModel | None) -> Iterator[str]:
    """A line a token: its surprise in bits to the model, and to the baseline beside it if there is one."""
    ours = measures.surprise(trace.logits, trace.tokens)
    theirs = None if beside is None else measures.surprise(beside.logits(trace.tokens), trace.tokens)
    name = "" if beside is None else beside.name
    yield f"{_first(place(trace, tokenizer, 0))}: the first; nothing predicted it."
    for row in range(1, len(trace)):
        said = f"{_first(place(trace, tokenizer, row))}: {bits(ours[row])} bits"
        if theirs is not None:
            said += f", {name} {bits(theirs[row])}" + (", context won" if ours[row] < theirs[row] else "")
        yield f"{said}."
    total = f"{bits(ours[1:].sum())} bits for the model"
    yield f"Together {total}." if theirs is None else f"Together {total}, {bits(theirs[1:].sum())} for the {name}."


def _first(words: str) -> str:
    """As a sentence begins."""
    return words[0].upper() + words[1:]


def listed(words: Iterable[str]) -> str:
    """Words with commas, or "none"."""
    return ", ".join(words) or "none"
