"""Where a run takes place: what its last bits depend on, and how fast matrices are multiplied there."""

from __future__ import annotations

import platform
import timeit
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from models.runs.config import TrainConfig

Product = Literal["float32", "bfloat16"]
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class Environment:
    """The same settings give the same bits only where all of these are the same."""

    threads: int
    torch_version: str
    processor: str
    device: str
    processes: int
    products_in: Product  # the type of the matrix products
    muon_in: Product  # and of Muon's own

    @classmethod
    def here(cls, config: TrainConfig, processes: int = 1) -> Environment:
        """What this process finds."""
        pays = torch.cuda.is_bf16_supported() if config.device == "cuda" else bfloat16_pays()
        fast: Product = "bfloat16" if pays else "float32"
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
        now, before = asdict(self), asdict(then)
        words = {"torch_version": "torch", "products_in": "products in"}
        return [
            f"not bit for bit: {words.get(name, name)} {now[name]}, and it was {before[name]}"
            for name in now
            if now[name] != before[name] and name != "muon_in"
        ]

    @property
    def products(self) -> torch.dtype:
        """The type of the matrix products."""
        return TYPES[self.products_in]

    @property
    def muon(self) -> torch.dtype:
        """The type of Muon's own products."""
        return TYPES[self.muon_in]


def processor() -> str:
    """The processor's name and the instructions torch uses of it."""
    name = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"


@cache
def bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 matrices at least twice as fast as float32 ones, by trying it.

    With a matrix unit (AMX) it is some 15 times as fast, without one up to 10 times slower: both were measured.
    """
    a, b = torch.ones(1024, 256), torch.ones(256, 512)
    x, y = a.bfloat16(), b.bfloat16()
    return 2 * _fastest(lambda: x @ y) < _fastest(lambda: a @ b)


def peak(dtype: torch.dtype, device: torch.device) -> float:
    """Floating-point operations a second that a large product reaches here, the best of a few; takes about 0.1 s."""
    size = 4096 if device.type == "cuda" else 1024
    a = torch.ones(size, size, dtype=dtype, device=device)
    return 2.0 * size**3 / _fastest(lambda: a @ a, device)


def _fastest(product: Callable[[], Tensor], device: torch.device | None = None) -> float:
    def once() -> None:
        product()
        if device is not None and device.type == "cuda":
            torch.cuda.synchronize(device)

    return min(timeit.repeat(once, number=1, repeat=6))  # the first warms up
