"""Training: the only place that imports torch. Nothing imports this package but the train command."""

from models.runs import PRESETS, TrainConfig, preset
from models.training.loop import NonFinite, Training

__all__ = ["PRESETS", "NonFinite", "TrainConfig", "Training", "preset"]
