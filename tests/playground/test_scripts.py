"""What is written in other scripts than this one reaches the terminal letter by letter, its marks with it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from models.tokenizers import Tokenizer
from tests.conftest import DATA, save_random
from tests.playground.program import Terminal, terminal

SCRIPTS = {file.stem: " ".join(file.read_text("utf-8").split()) for file in sorted((DATA / "scripts").iterdir())}
LETTERS = " ".join(text for name, text in SCRIPTS.items() if name != "emoji")
FAMILY, FLAG = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1e9\U0001f1ea"
TRAINED = {
    "word": lambda text: Tokenizer.train_word(text),
    "char": lambda text: Tokenizer.train_char(text),
    "bpe": lambda text: Tokenizer.train_bpe(text * 3, vocab_size=1000),
}


def plain(it: Terminal) -> str:
    """What reached the terminal, without what only moves its cursor or sets its colours."""
    return re.sub(
        r"\x1b(\[[0-?]*[ -/]*[@-~]|[@-_])", "", it.seen.decode(errors="ignore")
    )  # the last piece may end in a character


def shown(folder: Path, text: str, typed: str) -> str:
    """All that the Play screen sends to a terminal until it has a first pass over a text, and after what is typed."""
    with terminal("--model", str(folder), "--prompt", text, size=(160, 48)) as it:
        it.wait_for("entropy")
        screen = plain(it)
        if typed:
            it.type("e")
            it.wait_for("done")
            it.type(typed)
            it.wait_for(typed.strip())  # with the blank before it, it is one token as in the text
            screen += plain(it)
        return screen


@pytest.fixture(scope="module", params=TRAINED)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A kind of tokenizer, and what the terminal got of the texts from a model that has one."""
    text = LETTERS if request.param == "word" else " ".join(SCRIPTS.values())
    folder = save_random(tmp_path_factory.mktemp("scripts") / "model", TRAINED[request.param](text), text, 256)
    return request.param, shown(folder, text, f" {FAMILY}" if request.param == "bpe" else "")


def test_every_letter_arrives_with_its_marks(seen: tuple[str, str]) -> None:
    kind, screen = seen
    for word in re.split("[ \u200c।]+", LETTERS):
        alone = ["◌" + char if unicodedata.category(char)[0] == "M" else char for char in word]
        if kind == "bpe":  # GPT-2's parts a word at its marks, or keeps some of them together
            assert all(char[-1] in screen for char in alone)
        else:
            assert (word if kind == "word" else "".join(alone)) in screen


def test_emoji_of_several_parts_arrive_whole(seen: tuple[str, str]) -> None:
    kind, screen = seen
    if kind == "bpe":
        for emoji in (FAMILY, FLAG, "\U0001f44d\U0001f3fd", "\u2764\ufe0f", "日本"):
            assert emoji in screen
    elif kind == "char":  # its tokens are parts: those nobody sees alone are numbers
        assert "\U0001f469⟨200D⟩\U0001f469⟨200D⟩\U0001f467⟨200D⟩\U0001f466" in screen
        assert "\U0001f44d⟨1F3FD⟩" in screen and "\u2764⟨FE0F⟩" in screen and "\U0001f1e9\U0001f1ea" in screen
    assert "\u200d" not in re.sub("(?<=[\U0001f466-\U0001f469])\u200d(?=[\U0001f466-\U0001f469])", "", screen)
