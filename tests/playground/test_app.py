"""What the app remembers from one start to the next, and what it says of a model folder that is not whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from models.formats import digests
from playground.app import Playground
from tests.models.checkpoints import checkpoint, nanogpt, write_meta
from tests.playground.waiting import until


async def test_the_theme_that_was_chosen_is_that_of_the_next_start(tiny_folder: Path) -> None:
    themes = list[str]()
    for keys in (["d", "d"], [], ["d"], []):
        app = Playground(str(tiny_folder), "to be")
        async with app.run_test() as pilot:
            await until(pilot, lambda: app.opened and app.play.model is not None)  # noqa: B023  # called in this round only
            await pilot.press(*keys)
            themes.append(app.theme)
    assert themes[0] == themes[1] != themes[2] == themes[3]


async def test_a_model_without_what_lay_beside_it_opens_and_says_so(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(tiny_folder, folder)
    digests.seal(folder)
    (folder / "ngram.safetensors").unlink()
    counts = folder / "bigram.safetensors"
    counts.write_bytes(counts.read_bytes()[:-1] + b"\x55")
    app = Playground(str(folder))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.opened is not None and len(app.notices.told) == 2)
        assert app.opened is not None and set(app.opened.beside) == {"unigram"}
        said = " ".join(each.words for each in app.notices.told)
        assert "ngram.safetensors is lost: " in said and "bigram.safetensors is damaged, or was changed: " in said
    (folder / "tokenizer.json").unlink()
    (folder / "training.json").unlink()
    app = Playground(str(folder))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.failed_at_start)
    assert (
        app.failed_at_start is not None
        and "has no tokenizer.json - put the one it was trained with into its folder" in app.failed_at_start
    )


async def test_a_checkpoint_of_another_program_opens_with_a_word_on_what_was_passed_over(tmp_path: Path) -> None:
    torch.save(checkpoint(nanogpt(), arguments={"author": "someone"}), tmp_path / "ckpt.pt")
    write_meta(tmp_path)
    app = Playground(str(tmp_path / "ckpt.pt"), "abc")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.opened is not None and bool(app.notices.told))
        assert app.opened is not None and app.opened.model.name == tmp_path.name
        assert [each.words for each in app.notices.told] == ["ckpt.pt also says author: kept, and without effect here"]
