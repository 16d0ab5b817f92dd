"""What a model folder holds, without its weights: enough to choose among models in a moment, however large they are."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from models import model_files, model_folders
from models.baselines import gru
from models.formats import checkpoints, digests
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
    """Look at a bundled model, a model folder, a checkpoint or the model of a run; UserError as where it is opened."""
    folder = model_folders.folder(name_or_folder)
    config = model_folders.config_of(folder)
    shapes = weight_shapes(config) if isinstance(config, GPTConfig) else gru.weight_shapes(config)
    return Glance(
        folder,
        model_folders.name_of(folder),
        isinstance(config, GPTConfig),
        sum(math.prod(shape) for shape in shapes.values()),
        config.vocab_size,
        model_folders.tokenizer_at(folder),
        Measurement.of(digests.split(folder)[0]),
    )


def holds_model(place: str | os.PathLike[str]) -> bool:
    """Whether it looks like a folder of a model or run, or a checkpoint; whether it can be opened is not looked at."""
    path = Path(place)
    of_folder = os.path.lexists(path / model_files.CONFIG) or os.path.lexists(RunFolder(path).about)
    return of_folder or bool(checkpoints.named(path))
