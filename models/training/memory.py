"""Memory, as training on a CPU wants it."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from models.errors import UserError
from models.model_files import machine

LEARNED = 20  # bytes for each number that is learned: itself, its gradient, two moments, and the best it ever was
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # malloc.h


def keep_freed_memory() -> None:
    """Let the C library keep what torch frees: every step asks for the same large pieces again.

    Otherwise each is a fresh mapping that the kernel fills with zeros; measured with 16,384 tokens a step, that cost
    a quarter of the time. Does nothing where the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(_TOP_PAD, 1 << 28)


def resident(device: torch.device) -> int:
    """Bytes this process holds in memory now; on a GPU the most it ever held there."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # no Linux: the most it ever held is what can be had
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


class NoMemory(UserError):
    """The system gave no more memory; nothing was changed by what needed it."""


def check_room(n_parameters: int) -> None:
    """UserError if so many numbers cannot be trained in this machine's memory."""
    need, have = LEARNED * n_parameters, machine()
    if need > have:
        sizes = f"{need / 2**30:,.1f} GiB to be trained, and this machine has {have / 2**30:,.1f}"
        raise UserError(f"{n_parameters:,} parameters need {sizes}", "choose fewer layers or a smaller width")


@contextmanager
def enough(what: str) -> Iterator[None]:
    """NoMemory, in one sentence about `what`, for whatever torch and NumPy raise then."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        lacking = isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "allocate memory" in str(error)
        if not lacking:
            raise
        advice = "take a smaller batch, or accumulate it in more parts"
        raise NoMemory(f"the memory of this machine is not enough for {what}", advice) from error
