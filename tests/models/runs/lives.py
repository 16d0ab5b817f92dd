"""A run that learns noise, its states, and a disk that forces nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from models.ops import Array
from models.runs.checkpoints import Checkpoints, Loaded, State
from models.runs.disk import Disk


def life(steps: int) -> list[State]:
    """A run that learns noise: each state follows from the one before alone, generator included."""
    rng = np.random.default_rng(7)
    states = [State(0, {"w": np.zeros((3, 5), np.float32)}, {"m": np.zeros(4)}, {"rng": rng.bit_generator.state})]
    while len(states) <= steps:
        states.append(after(states[-1]))
    return states


def after(state: State) -> State:
    rng = np.random.default_rng()
    rng.bit_generator.state = state.values["rng"]
    noise = rng.normal(size=(3, 5)).astype(np.float32)
    weights = {name: weight * np.float32(0.9) + noise for name, weight in state.weights.items()}
    return State(state.step + 1, weights, {"m": rng.random(4)}, {"rng": rng.bit_generator.state})


def best_of(state: State) -> tuple[int, dict[str, Array]]:
    """The best weights change every third step."""
    step = state.step - state.step % 3
    return step, {"wte.weight": np.full((2, 2), step, np.float32)}


def put(store: Checkpoints, state: State) -> None:
    store.save(state, *best_of(state))


def check(loaded: Loaded | None, states: list[State]) -> int:
    """All of a checkpoint is as it was saved; its step."""
    assert loaded is not None
    want = states[loaded.state.step]
    assert loaded.state.values == want.values
    for found, wanted in ((loaded.state.weights, want.weights), (loaded.state.optimiser, want.optimiser)):
        assert {name: each.tobytes() for name, each in found.items()} == {
            name: each.tobytes() for name, each in wanted.items()
        }
    assert loaded.best is not None and loaded.best["wte.weight"][0, 0] == best_of(want)[0]
    return loaded.state.step


class Quick(Disk):
    """Forces nothing to disk: who only wants to see names and contents need not wait for it."""

    def write(self, path: Path, parts: Iterable[bytes | memoryview | Array]) -> None:
        path.write_bytes(b"".join(bytes(part) for part in parts))

    def sync(self, folder: Path) -> None:
        os.stat(folder)


def step_file(run: Path, step: int, kind: str = "step") -> Path:
    return run / "checkpoints" / f"{kind}-{step:09d}.safetensors"


def new(folder: Path, keep: int = 2, disk: Disk | None = None) -> Checkpoints:
    return Checkpoints(folder / "checkpoints", keep, disk or Quick())


STATES = life(12)


def holding(run: Path, *steps: int) -> tuple[Path, Checkpoints]:
    """A run's folder, made here, and its checkpoints, of these steps saved one after the other."""
    run.mkdir()
    store = new(run)
    for step in steps:
        put(store, STATES[step])
    return run, store


# which are kept


def folders(run: Path) -> list[str]:
    return sorted(os.listdir(run / "checkpoints"))
