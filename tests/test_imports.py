"""What must not be loaded by the process that draws, looked up in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

MODULES = (
    "models",
    "models.baselines",
    "models.corpora.text",
    "playground.cli",
    "playground.plain.mode",
    "playground.app",
)


def loaded_by(module: str) -> set[str]:
    """The top-level packages in sys.modules after the import."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", MODULES)
def test_torch_is_never_in_the_process_that_draws(module: str) -> None:
    assert not loaded_by(module) & {"torch", "transformers", "matplotlib", "scipy"}


def test_the_models_know_no_screen() -> None:
    assert not loaded_by("models") & {"playground", "textual", "rich"}


def test_help_loads_nothing_slow() -> None:
    assert not loaded_by("playground.cli") & {"numpy", "textual", "tokenizers", "safetensors", "torch"}
    # it makes the options of the command
    parse = "playground.cli, argparse; playground.cli._parse(['train'], argparse.Namespace())"
    assert not loaded_by(parse) & {"numpy", "textual", "tokenizers", "safetensors", "torch"}
