"""Which models stand beside a GPT on the Compare screen, by short names, and on which texts they are scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from models import model_files, model_folders
from models.contract import LanguageModel
from models.corpora import token_files
from models.corpora.little_world import world
from models.corpora.text import divide, read_pieces
from models.errors import UserError
from models.formats.files import shown
from models.gpt import GPT
from models.lenses.truth import Truth
from models.ops import Array
from models.run_layout import RunFolder
from models.tokenizers import Tokenizer

TRUTH, GPT_NAME, CONTRAST = "truth", "GPT", "no attention"
TEXTS = 200  # that are scored on
ROW = 97  # words of a text of the little world
ROWS = 512  # of them: each has one place with a whole context before it
CONTEXTS = 2  # in a text cut from a file, so that half of it is read with at least half a context
MOST = 1 << 18  # characters of a file
SEED = 20_000  # of the world's texts: another one than any training begins with


def company(gpt: GPT, counted: Mapping[str, LanguageModel]) -> dict[str, LanguageModel]:
    """The truth where it is known, the GPT, the bundled contrast without attention, and what counting says.

    Each goes by its key.
    """
    assert gpt.tokenizer is not None
    models: dict[str, LanguageModel] = {}
    if knows_the_world(gpt.tokenizer):
        models[TRUTH] = Truth(gpt.tokenizer, world("training"), TRUTH)
    models[GPT_NAME] = replace(gpt, name=GPT_NAME)
    found = contrast(gpt)
    if found is not None:
        models[CONTRAST] = replace(found, name=CONTRAST)
    return models | {model.name: model for model in counted.values()}


def knows_the_world(tokenizer: Tokenizer) -> bool:
    """Whether it has every word of the little world."""
    return tokenizer.kind == "word" and all(word in tokenizer.ids for word in world().vocabulary)


def contrast(gpt: GPT) -> GPT | None:
    """The bundled model of the same tokens that was built without attention; None if there is none or it is this."""
    if "attention" in gpt.config.without:
        return None
    for name in model_folders.available():
        with suppress(UserError):  # a damaged one is no reason to show nothing
            if "attention" not in model_files.read_config(model_folders.folder(name)).get("without", ()):
                continue
            found = model_folders.load(name)
            if found.tokenizer is not None and gpt.tokenizer is not None and same(found.tokenizer, gpt.tokenizer):
                return found
    return None


def same(a: Tokenizer, b: Tokenizer) -> bool:
    """Whether two tokenizers number the same tokens alike."""
    return a.kind == b.kind and a.ids == b.ids


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Texts to score on: that no model here has learned from, unless `says` says otherwise."""

    says: str  # what they are, safe to show
    texts: tuple[Array, ...]
    longest: int | None = None  # the most context that its use is measured with; None for a GPT's whole context


def held_out(gpt: GPT, folder: Path | None, file: Path | None = None) -> HeldOut | None:
    """The last tenth of a text file if one is given; else fresh texts of the world, or what the model's run held out.

    None where there is nothing. UserError if the file cannot be read or has what the model does not know.
    """
    assert gpt.tokenizer is not None
    if file is not None:
        return _of_file(file, gpt)
    if knows_the_world(gpt.tokenizer):
        rows = world("training").rows(ROWS, ROW, gpt.tokenizer.ids, Random(SEED))
        return HeldOut("fresh texts of the little world", tuple(rows))
    return _of_run(folder, gpt) if folder is not None else None


def own_text(tokens: Sequence[int]) -> HeldOut | None:
    """The compared text itself, for want of another; None if nothing in it is predicted."""
    if len(tokens) < 2:
        return None
    text = np.asarray(tokens, np.intp)
    return HeldOut("the text above, known to them or not", (text,), len(text) // 2)


def _of_run(folder: Path, gpt: GPT) -> HeldOut | None:
    """A run's model and its snapshots lie in the run's folder."""
    assert gpt.tokenizer is not None
    for above in folder.absolute().parents[:2]:
        tokens = RunFolder(above).tokens
        if not (tokens / token_files.ABOUT).exists():
            continue
        with suppress(UserError):
            found = token_files.load(tokens)
            if same(found.tokenizer, gpt.tokenizer):
                return HeldOut("the text that its run held out", _cut(found.held_out, gpt.config.block_size))
    return None


def _of_file(file: Path, gpt: GPT) -> HeldOut:
    assert gpt.tokenizer is not None
    words = next(read_pieces(file, divide(file, token_files.FRACTION)), "")[:MOST]
    tokens = np.asarray(gpt.tokenizer.encode(words), np.intp)
    if len(tokens) < 2:
        raise UserError(f"{shown(file)} is too short to score on", "give a text of some pages")
    return HeldOut(f"the last tenth of {shown(file.name)}", _cut(tokens, gpt.config.block_size))


def _cut(tokens: Array | Sequence[int], context: int) -> tuple[Array, ...]:
    """Pieces from all over a text, at most TEXTS, none over another."""
    whole = np.asarray(tokens)
    length = CONTEXTS * context + 1
    count = max(len(whole) // length, 1)
    chosen = np.unique(np.linspace(0, count - 1, min(count, TEXTS)).astype(int))
    return tuple(np.asarray(whole[at * length : (at + 1) * length], np.intp) for at in chosen)
