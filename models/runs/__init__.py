"""What a training run is: its settings, what it reports, its folder. Knows no torch, so the app can look at runs."""

from models.runs.config import TrainConfig
from models.runs.presets import PRESETS, about, preset

__all__ = ["PRESETS", "TrainConfig", "about", "preset"]
