"""The session with which another model begins: it goes on from the one before as far as the models are alike."""

from __future__ import annotations

from dataclasses import replace

from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.switches import Switch, check
from playground.looking.prompts import draft_of, makes_sense, opening, written
from playground.looking.session import Session, look


def begun(before: Session, old: GPT | None, model: GPT, prompt: str | None) -> tuple[Session, list[str]]:
    """The first session with this model, and what the person must be told; `old` is the model of the one before.

    With a prompt of None it has the text so far. Where the model cannot read that it begins with a text of its own, and
    the person's is put aside.
    """
    session, notices = replace(Session(model.name), sampler=before.sampler, seed=before.seed), list[str]()
    meant = tuple(each for each in before.switches if old is None or _means_the_same(each, old, model))
    if len(meant) < len(before.switches):
        notices.append(f"what was taken from another text is off again: to {model.name} its tokens are another one")
    try:
        session = replace(session, switches=check(meant, model.config))
    except UserError as error:
        notices.append(f"the switches are off again: {error}")
    own = _own_text(before, old) if prompt is None else None
    if own is None:
        session = written(session, model, opening(model) if prompt is None else prompt)
    elif makes_sense(model, own):
        session = written(session, model, own)
    else:
        session = replace(written(session, model, opening(model)), aside=own)
        before = look(before, chosen=False)
        notices.append(f"{model.name} does not know your text and begins with one of its own - e brings yours back")
    return _seen(before, session, model.config), notices


def _means_the_same(switch: Switch, old: GPT, model: GPT) -> bool:
    """Whether the texts that a switch has are the same to both models."""
    one, other = old.tokenizer, model.tokenizer
    assert one is not None and other is not None
    return all(max(text) < other.vocab_size and one.decode(text) == other.decode(text) for text in switch.texts)


def _own_text(before: Session, old: GPT | None) -> str | None:
    """The text the person had, if it was not the model's own example."""
    if old is None:
        return None
    own = draft_of(before, old) if before.aside is None else before.aside
    return None if own == opening(old) else own


def _seen(before: Session, session: Session, config: GPTConfig) -> Session:
    """Looked at as the one before: the same head where there is one, the same place in the same text."""
    view = before.view
    layer, head = min(view.layer, config.n_layer - 1), min(view.head, config.n_head - 1)
    view = replace(view, layer=layer, head=head, hover=None, candidate=0, item=0, grid=None, caret=None)
    is_same = session.tokens == before.tokens
    return replace(session, view=view if is_same else replace(view, row=None, column=None))
