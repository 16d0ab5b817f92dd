"""What a model folder holds, without its weights: enough to choose among models in a moment, however large they are."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from models import model_files, model_folders
from models.baselines import gru
from models.formats import digests
from models.gpt import GPTConfig, weight_shapes
from models.run_layout import RunFolder
from models.runs.measurement import THINGS, Measurement, Thing
from models.tokenizers import Tokenizer


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A model as its small files tell of it."""

    folder: Path
    name: str
    is_gpt: bool  # a recurrent network otherwise
    n_parameters: int
    vocab_size: int
    tokenizer: Tokenizer | None
    measured: Measurement | None

    @property
    def thing(self) -> Thing:
        """What a token of it is."""
        return THINGS[self.tokenizer.kind] if self.tokenizer is not None else "token"


def glance(name_or_folder: str | os.PathLike[str]) -> Glance:
    """Look at a bundled model, a model folder or the model of a run; UserError as where it is opened."""
    folder = model_folders.folder(name_or_folder)
    config = model_folders.config_of(folder)
    shapes = weight_shapes(config) if isinstance(config, GPTConfig) else gru.weight_shapes(config)
    has_tokens = os.path.lexists(folder / model_files.TOKENIZER)
    return Glance(
        folder,
        model_files.name_of(folder),
        isinstance(config, GPTConfig),
        sum(math.prod(shape) for shape in shapes.values()),
        config.vocab_size,
        Tokenizer.load(folder) if has_tokens else None,
        Measurement.of(digests.split(folder)[0]),
    )


def holds_model(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder looks like that of a model, or of a run; whether it can be opened is another question."""
    path = Path(folder)
    return os.path.lexists(path / model_files.CONFIG) or os.path.lexists(RunFolder(path).about)
