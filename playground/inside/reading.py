"""Texts in which one looks for what makes a part of the model act: such as nobody typed, where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.gpt import GPT
from playground.compare.held_out import ROW, HeldOut, held_out

TOKENS = 6144  # that are read, about
LONGEST = 256  # of a text


def texts_to_read(model: GPT, folder: Path | None, typed: Sequence[int]) -> HeldOut:
    """Fresh texts of the little world, what the model's run held out, or, for want of those, the text that was typed.

    Each is cut to the context, and a long one to LONGEST tokens. UserError if the run's text cannot be read.
    """
    found = held_out(model, folder, rows=TOKENS // ROW)
    if found is None:
        return HeldOut("the text above", (np.asarray(typed, np.intp),))
    texts = [text[: min(model.config.block_size, LONGEST)] for text in found.texts]
    return HeldOut(found.says, tuple(texts[: max(TOKENS // max(map(len, texts)), 1)]))
