"""Scenes of Compare with scores and with what every model writes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice

from models.lenses.context_use import ContextUse, context_use
from models.lenses.scoreboard import Scoreboard as Board
from models.lenses.scoreboard import scoreboards
from models.lenses.truth import Truth
from models.sampling import Sampler
from playground.compare.comparer import writes
from playground.compare.scene import (
    CompareScene,
    CompareView,
    Scored,
)
from tests.playground.compare.compare_scenes import STORY, letters, worldly
from tests.playground.looking.scenes import CORPUS


def looked(of: CompareScene, view: CompareView) -> CompareScene:
    """The same with another view; what was cached of the old one is forgotten."""
    return replace(of, view=view)


@cache
def scores(world: bool) -> tuple[Board, ContextUse]:
    """Over two short texts, under short names."""
    models, tokenizer = worldly() if world else letters()
    words = (STORY, "emma lived by the river with her sister clara .") if world else (CORPUS[:40], CORPUS[50:90])
    texts = [tokenizer.encode(each) for each in words]
    *_, board = scoreboards([*models.values()], texts)
    board = replace(board, scores=tuple(replace(s, name=n) for s, n in zip(board.scores, models, strict=True)))
    truth = models.get("truth")
    learners = {name: model for name, model in models.items() if model is not truth}
    use = [*context_use([*learners.values()], texts, 8, truth=truth if isinstance(truth, Truth) else None)][-1]
    return board, replace(use, names=tuple(learners))


def full(of: CompareScene) -> CompareScene:
    """With scores, and what every model writes."""
    board, use = scores("truth" in of.models)
    before = of.view.tokens[: of.place]
    continuations = {
        name: tuple(islice(writes(model, before, Sampler(), of.view.seed), 12)) for name, model in of.models.items()
    }
    scored = Scored(None, "two texts", board, use)
    return replace(of, scored=scored, continuations=continuations if before else {})
