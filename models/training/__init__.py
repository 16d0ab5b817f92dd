"""Training: the only place that imports torch. Nothing imports this package but the train command."""

from models.training.config import PRESETS, TrainConfig, preset
from models.training.loop import NonFinite, Report, Training

__all__ = ["PRESETS", "NonFinite", "Report", "TrainConfig", "Training", "preset"]
