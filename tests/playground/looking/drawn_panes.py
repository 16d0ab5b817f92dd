"""Drawing a pane for a test, and scenes that panes must survive."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from models.gpt import GPT, GPTConfig, weight_shapes
from models.switches import HeadMean, HeadOff, MaskOff, MLPOff, Padding
from models.tokenizers import Tokenizer
from models.tracing import trace
from playground.kit.canvas import Canvas
from playground.kit.pane import Pane
from playground.looking.scene import Scene
from tests.playground.looking.scenes import CORPUS, PALETTE, random_gpt, scene

HOSTILE = "[/]\x1b]0;x\x07[@click=app.bell]\u202e\u200b\u0301\x9b中é \n"
TEXT = "To be, or not to be: that is the question"


def drawn(pane: Pane[Any, Any], of: Scene, width: int = 60, height: int = 27, **choices: Any) -> Canvas:
    canvas = Canvas(width, height, PALETTE, focused=True)
    canvas = replace(canvas, hits=[], **choices)
    pane.draw(of, canvas)
    return canvas


def gpt_over(alphabet: str, **sizes: int) -> GPT:
    """A random GPT over the characters of CORPUS and these."""
    tokenizer = Tokenizer.train_char(CORPUS + alphabet)
    config = GPTConfig(tokenizer.vocab_size, sizes.get("context", 64), sizes.get("layers", 2), 2, 8)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name="random")


def cursors(canvas: Canvas) -> list[tuple[int, int]]:
    """The cells in the cursor's style."""
    return [(x, y) for y, row in enumerate(canvas.styles) for x, style in enumerate(row) if style is PALETTE.cursor]


@cache
def blown_up() -> Scene:
    """A scene whose switch has sent every number to infinity."""
    plain = scene(TEXT, (), gpt_over(""), row=3)
    assert plain.results is not None
    broken = trace(plain.model, "To be")
    broken.logits[...] = np.nan
    nan = np.full(len(plain.results.now), np.nan)
    blown = replace(
        plain.results,
        changed=broken,
        switches=(MaskOff(),),
        intact=trace(plain.model, "To be"),
        tokens=plain.results.tokens[:5],
        labels=plain.results.labels[:5],
        surprises={"now": nan[:5], "intact": nan[:5], "bigram": np.array([np.nan, 1, np.inf, 2, 3])},
    )
    return replace(plain, session=replace(plain.session, switches=(MaskOff(),)), results=blown)


@cache
def scenes_to_survive() -> tuple[Scene, ...]:
    """No text, one token, long, switched, hostile, wide, no bigram, and values that are not numbers."""
    plain = scene(TEXT, row=3)
    deep = random_gpt(12, 12, 24)
    head = (HeadOff(0, 1), MLPOff(1), Padding((1, 2)))
    hostile = scene(HOSTILE * 2, [MaskOff()], gpt_over(HOSTILE), row=5)
    return (
        scene(""),
        scene("T"),
        scene(CORPUS[:64] * 3, row=150),
        plain,
        scene(TEXT, head),
        scene("To", [HeadMean(11, 11)], deep, item=100),
        hostile,
        scene("中" * 30, (), gpt_over("中"), grid=(3, 9)),
        replace(plain, baselines={}),
        replace(plain, continuations={}),
        blown_up(),
        replace(plain, session=replace(plain.session, switches=(MaskOff(),), tokens=plain.session.tokens[:2])),
    )
