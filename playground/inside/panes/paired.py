"""The other text that this one is held against: the one that was chosen, or one that suggests itself."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import UserError
from models.gpt import GPT
from models.lenses.inside import pairs
from playground.inside.panes.patch_look import PatchLook
from playground.inside.scene import InsideScene, Subject


def tokens_of(model: GPT, words: str) -> Sequence[int]:
    """UserError for words that the model does not know."""
    assert model.tokenizer is not None
    tokens = model.tokenizer.encode(words)
    if says := model.tokenizer.unread(words):
        raise UserError(says, "type words that it knows")
    return tokens


def text_of(model: GPT, tokens: Sequence[int]) -> str:
    """What is looked into."""
    assert model.tokenizer is not None
    return model.tokenizer.decode(tokens)


def suggested(subject: Subject) -> str:
    """Another text for this one; empty where none is known."""
    tokenizer = subject.model.tokenizer
    if tokenizer is None:
        return ""
    own = text_of(subject.model, subject.now.tokens)
    other = pairs.another(own)
    return other if other is not None and pairs.is_pair(tokenizer, own, other) else ""


def offered(scene: InsideScene) -> tuple[str | None, str] | None:
    """Another text for this one, or two texts to begin with; None where neither is known, or the pass not yet made."""
    subject, tokenizer = scene.subject, scene.play.model.tokenizer
    if subject is None or tokenizer is None:
        return None
    other = suggested(subject)
    return (None, other) if other not in ("", scene.view.look(PatchLook).other) else pairs.example(tokenizer)
