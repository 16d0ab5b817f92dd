"""A finished model is measured again: its weights stay as they are, and all that is said of them is made anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from models import model_folders
from models.corpora.spec import COME_ALONG, CorpusSpec
from models.corpora.token_files import Progress, unseen
from models.errors import UserError
from models.formats.files import shown
from models.runs.catalogue import is_run
from models.runs.lock import Lock
from models.training import result
from models.training.corpus import Corpus, open_corpus, text_spec
from models.training.result import Model

Place = str | os.PathLike[str]


def measure_again(place: Place, texts: Sequence[Place] = (), progress: Progress = unseen) -> Model:
    """Measure the model of a folder, a run or a bundled one, as at the end of its training, and write its card.

    `texts` are what it learned from, none for one of the little world. The files of weights and tokens keep every
    byte. Raises UserError for a model that was not trained here, another text, a run that is going on, and a folder
    that cannot be written; then nothing changed. Whatever `progress` raises ends it as well.
    """
    folder = model_folders.folder(place)
    with Lock(folder.parent) if is_run(folder.parent) else nullcontext():
        model = model_folders.load_any(folder)
        if result.OF_RUN - model.training.keys():
            fault = f"{shown(folder)} does not say how it was trained"
            raise UserError(fault, "only what playground train has made can be measured again")
        with tempfile.TemporaryDirectory(prefix="playground-") as own:
            corpus = _corpus(model, texts, Path(own), progress)
            return result.finish(folder, corpus, model.name, model.training["stored_as"], progress)


def _corpus(model: Model, texts: Sequence[Place], folder: Path, progress: Progress) -> Corpus:
    """What it learned from."""
    data = model.training["corpus"]
    if data["kind"] in COME_ALONG:
        if texts:
            raise UserError(f"{model.name} learned from {COME_ALONG[data['kind']]}", "leave out the text")
        return open_corpus(CorpusSpec(data["kind"]), folder, model.tokenizer, progress)
    named = f"{model.name} learned from {shown(data['file'])}"
    if not texts:
        raise UserError(named, "give that text after the model")
    corpus = open_corpus(text_spec(*texts), folder, model.tokenizer, progress)
    if corpus.facts["sha256"] != data["sha256"]:
        raise UserError(f"{named}, and this is another text", "its card has the SHA-256 of the right one")
    return corpus
