"""Too little memory is said before anything is taken, or in one sentence where the system refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.errors import UserError
from models.model_files import machine
from models.training.memory import LEARNED, NoMemory, check_room, enough


def test_a_model_that_this_machine_cannot_hold_is_refused() -> None:
    fits = machine() // LEARNED
    check_room(fits)
    with pytest.raises(UserError, match=r"[\d,]+ parameters need [\d,.]+ GiB to be trained, and this machine has"):
        check_room(fits + 1)


def test_what_torch_and_numpy_raise_becomes_one_sentence() -> None:
    for ask in (lambda: torch.empty(1 << 55), lambda: np.empty(1 << 55)):
        with pytest.raises(NoMemory, match="not enough for a step - take a smaller batch"), enough("a step"):
            ask()
    with pytest.raises(RuntimeError, match="shape"), enough("a step"):
        torch.ones(2, 3).reshape(4, 2)
