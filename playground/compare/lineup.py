"""Which models Compare shows beside the GPT that is open, by their short names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from models import model_files, model_folders
from models.contract import LanguageModel
from models.corpora.little_world import world
from models.errors import UserError
from models.gpt import GPT
from models.lenses.truth import Truth
from playground.looking.vocabularies import knows_the_world, same

TRUTH, GPT_NAME, CONTRAST = "truth", "GPT", "no attention"


def lineup(gpt: GPT, counted: Mapping[str, LanguageModel]) -> dict[str, LanguageModel]:
    """The truth where it is known, the GPT, the bundled contrast without attention, and what counting says.

    Each goes by its key.
    """
    assert gpt.tokenizer is not None
    models: dict[str, LanguageModel] = {}
    if knows_the_world(gpt.tokenizer):
        models[TRUTH] = Truth(gpt.tokenizer, world("training"), TRUTH)
    models[GPT_NAME] = replace(gpt, name=GPT_NAME)
    if (found := contrast(gpt)) is not None:
        models[CONTRAST] = replace(found, name=CONTRAST)
    return models | {model.name: model for model in counted.values()}


def contrast(gpt: GPT) -> GPT | None:
    """The bundled model of the same tokens that was built without attention; None if there is none or it is this."""
    if "attention" in gpt.config.without:
        return None
    for name in model_folders.available():
        with suppress(UserError):  # a damaged one is no reason to show nothing
            if "attention" not in model_files.read_config(model_folders.folder(name)).get("without", ()):
                continue
            found = model_folders.load(name)
            if same(found.tokenizer, gpt.tokenizer):
                return found
    return None
