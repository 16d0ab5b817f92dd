"""Where a run takes place, as far as its last bits depend on that."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from models.runs.config import TrainConfig
from models.training.precision import bfloat16_pays

TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class Environment:
    """The same settings give the same bits only where all of these are the same."""

    threads: int
    torch_version: str
    processor: str
    device: str
    processes: int
    products_in: str  # the type of the matrix products
    muon_in: str  # and of Muon's own

    @classmethod
    def here(cls, config: TrainConfig, processes: int = 1) -> Environment:
        """What this process finds."""
        pays = torch.cuda.is_bf16_supported() if config.device == "cuda" else bfloat16_pays()
        fast = "bfloat16" if pays else "float32"
        return cls(
            torch.get_num_threads(),
            str(torch.__version__),
            processor(),
            torch.cuda.get_device_name() if config.device == "cuda" else "cpu",
            processes,
            fast if config.dtype == "auto" else config.dtype,
            fast,
        )

    def resumed(self, then: Environment, config: TrainConfig) -> Environment:
        """This one, with the types that were measured then: measuring again might choose another."""
        products = then.products_in if config.dtype == "auto" else self.products_in
        return replace(self, products_in=products, muon_in=then.muon_in)

    def differences(self, then: Environment) -> list[str]:
        """One sentence for each reason why going on from there is not bit for bit."""
        words = {
            "threads": "threads",
            "torch_version": "torch",
            "processor": "processor",
            "device": "device",
            "processes": "processes",
            "products_in": "products in",
        }
        now, before = asdict(self), asdict(then)
        return [
            f"not bit for bit: {word} {now[name]}, and it was {before[name]}"
            for name, word in words.items()
            if now[name] != before[name]
        ]

    @property
    def products(self) -> torch.dtype:
        """The type of the matrix products."""
        return TYPES[self.products_in]

    @property
    def muon(self) -> torch.dtype:
        """The type of Muon's own products."""
        return TYPES[self.muon_in]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Environment:
        """The reverse; KeyError for a type that is unknown, TypeError for other fields."""
        found = cls(**values)
        assert TYPES[found.products_in] and TYPES[found.muon_in]
        return found


def processor() -> str:
    """The processor's name and the instructions torch uses of it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"
