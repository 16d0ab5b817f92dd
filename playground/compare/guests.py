"""Models that a person puts beside the one that is open: bundled ones and those of runs, recurrent ones as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from models import model_folders
from models.baselines.gru import GRU
from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT
from models.tokenizers import Tokenizer
from playground.looking.vocabularies import same


def read(folder: str, called: str, tokenizer: Tokenizer | None) -> GPT | GRU | None:
    """The model; None for a GPT of other tokens, which can only be opened instead.

    UserError for a recurrent network of other tokens, and for a model that cannot be read.
    """
    model = model_folders.load_any(folder)
    if same(model.tokenizer, tokenizer):
        return replace(model, name=called)
    if isinstance(model, GRU):
        what = f"{called} is a recurrent network that reads other tokens than the open model"
        raise UserError(what, "open a GPT of the same text first")
    return None


def seated(models: Mapping[str, LanguageModel], guests: Mapping[str, GPT | GRU]) -> dict[str, LanguageModel]:
    """The models, and after the GPT those put beside it, each by a name that no other has."""
    at = next((number for number, model in enumerate(models.values(), 1) if isinstance(model, GPT)), len(models))
    free = {name if name not in models else f"{name} (beside)": guest for name, guest in guests.items()}
    named: list[tuple[str, LanguageModel]] = [(name, replace(guest, name=name)) for name, guest in free.items()]
    every = [*models.items()]
    return dict([*every[:at], *named, *every[at:]])
