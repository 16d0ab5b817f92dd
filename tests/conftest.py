"""What all tests share: a frozen environment, a tiny model in memory and as a folder, and stored frames."""

from __future__ import annotations

import gc
import os
import re
import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

# before anything imports NumPy or Textual
os.environ.update(
    COLORTERM="truecolor",
    TERM="xterm-256color",
    TZ="UTC",
    LANG="C.UTF-8",
    TEXTUAL_ANIMATIONS="none",
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    HF_HUB_OFFLINE="1",
)
for name in (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
    "LC_ALL",
    "TEXTUAL",
    "PYTHONPATH",
    "MAKEFLAGS",
    "MAKELEVEL",
    "PYTHONDONTWRITEBYTECODE",  # what is started a hundred times is compiled once
):
    os.environ.pop(name, None)

# a shell makes what it runs in the background deaf to these, and all that is started from there
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# ruff: noqa: E402 - all of the above comes before them
import numpy as np
import pytest
from hypothesis import settings

from models.gpt import GPT, GPTConfig, weight_shapes
from playground.kit.tidying import wait_for_rest

if TYPE_CHECKING:
    from textual.app import App

    from models.tokenizers import Tokenizer

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
TINY_TEXT = "to be, or not to be\nthat is the question\n"

settings.register_profile("suite", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-frames", action="store_true", help="store the frames as they are now")


def pytest_collection_finish() -> None:
    """What was imported stays: no search for circles of objects looks through it again and again."""
    wait_for_rest()
    keep()


@pytest.fixture(scope="module", autouse=True)
def _what_is_kept_stays() -> Iterator[None]:
    """Nor through what the tests of a module keep for those after them."""
    yield
    keep()


def keep() -> None:
    """Whatever is not in circles by now is no longer looked through."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names for folders: pytest would look through the thousands that are there for each new one."""
    where = tmp_path_factory.mktemp("homes")
    return (where / str(number) for number in count())


@pytest.fixture(autouse=True)
def _no_one_elses_settings(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is kept between runs is kept for one test, and nothing of this machine's is read."""
    home = next(_homes)
    home.mkdir()
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("PLAYGROUND_HOME", str(home))


def random_gpt(config: GPTConfig, seed: int = 0, dtype: Any = np.float64, **named: Any) -> GPT:
    """A GPT with random weights: norms near one, the rest large enough for attention to choose."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in weight_shapes(config).items():
        middle = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
        weights[name] = rng.normal(middle, 0.3, shape).astype(dtype)
    return GPT(config, weights, **named)


@pytest.fixture
def tiny_gpt() -> GPT:
    """V 11, T 16, L 2, H 2, C 8 in float64, without a tokenizer."""
    return random_gpt(GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8))


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model folder of the same sizes with a character tokenizer, what is counted beside it; context 16."""
    from models.tokenizers import Tokenizer

    return save_random(tmp_path_factory.mktemp("models") / "tiny", Tokenizer.train_char(TINY_TEXT), TINY_TEXT)


def save_random(folder: Path, tokenizer: Tokenizer, text: str, block_size: int = 16) -> Path:
    """A model folder: random weights, the tokenizer, and what is counted in the text."""
    from models import model_folders
    from models.baselines import ALL

    config = GPTConfig(vocab_size=tokenizer.vocab_size, block_size=block_size, n_layer=2, n_head=2, n_embd=8)
    model_folders.save(random_gpt(config, dtype=np.float32, tokenizer=tokenizer, name=folder.name), folder)
    tokens = np.asarray(tokenizer.encode(text))
    for baseline in ALL:
        counted = baseline.count(tokens, tokenizer.vocab_size, held_out=tokens, tokenizer=tokenizer)
        counted.save(baseline.file(folder))
    return folder


@pytest.fixture
def frame(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare a running app with the stored SVG of that name; a different one is left beside it as NAME.new.svg."""
    folder = ROOT / "tests" / "playground" / "frames"
    update = request.config.getoption("--update-frames")

    def check(app: App[Any], name: str | None = None) -> None:
        picture = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title=""))
        stored = folder / f"{name or request.node.name}.svg"
        fresh = stored.with_suffix(".new.svg")
        if update:
            folder.mkdir(exist_ok=True)
            stored.write_text(picture, encoding="utf-8")
        elif not stored.exists() or stored.read_text(encoding="utf-8") != picture:
            folder.mkdir(exist_ok=True)
            fresh.write_text(picture, encoding="utf-8")
            pytest.fail(f"the frame differs from {stored.name}; see {fresh}, and if it is right add --update-frames")
        else:
            fresh.unlink(missing_ok=True)

    return check
