"""Memory, as training on a CPU wants it."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from pathlib import Path

import torch

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
