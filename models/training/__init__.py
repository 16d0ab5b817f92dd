"""Training: the only place that imports torch. Nothing imports this package but the train command."""

from models.runs import PRESETS, TrainConfig, preset
from models.training.loop import Measurement, NonFinite, Report, Training

__all__ = ["PRESETS", "Measurement", "NonFinite", "Report", "TrainConfig", "Training", "preset"]
