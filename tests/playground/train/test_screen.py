"""The Train screen through Textual's Pilot: looking at runs, and a real one on a tiny text."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Input

from models.baselines import Bigram
from models.baselines.gru import GRU, GRUConfig
from models.baselines.gru import weight_shapes as gru_shapes
from models.runs import history, lock, snapshots
from models.runs.history import History
from models.tokenizers import Tokenizer
from playground.kit.dialogs import Ask, Help
from playground.kit.keys import Key
from playground.looking.prompts import MENDS
from playground.play.keys import KEYS
from playground.train import library
from playground.train.keys import KEYS as TRAIN
from playground.train.layout import PANES
from playground.train.scene import Watched, choose
from playground.train.watcher import Seen
from tests.playground.train.runs_on_screen import TEXT, Person, at, make, told
from tests.playground.waiting import PATIENCE
from tests.test_imports import loaded_by


async def test_a_run_from_the_form_to_the_end_of_the_app(tmp_path: Path) -> None:
    """Start, watch, pause, step, go back, open in Play, be killed, continue, leave: nothing is lost."""
    text = tmp_path / "tiny.txt"
    text.write_text(TEXT)
    async with at(tmp_path / "runs") as person:
        train = person.train
        await person.begin(text, steps="100000", eval_every="40")
        await person.until(lambda: "tiny" in train.runs and len(train.scene.places) >= 2)
        assert "▶ running" in person.sees("status") and "bigram" in person.sees("loss")
        await person.press("space")
        await person.until(lambda: train.runs["tiny"].record.state == "paused")
        told = train.runs["tiny"].record.step  # the last it told before it paused
        await person.press("full_stop")
        await person.until(lambda: train.runs["tiny"].record.step > told)
        step = train.runs["tiny"].record.step
        await person.press("full_stop")
        await person.until(lambda: train.runs["tiny"].record.step > step)
        await asyncio.sleep(0.3)
        assert train.runs["tiny"].record.step == step + 1, "one step, and no more"
        newest = person.sees("watch")
        await person.press("home")
        assert train.seen["tiny"].step == 0 and person.sees("watch") != newest
        await person.pilot.press("o")
        await person.until(lambda: person.app.opened and person.app.screen is person.app.play)
        assert person.app.play.session.model == "tiny at step 0"
        await person.pilot.press("f3")
        await person.until(lambda: person.app.screen is train)
        await person.press("escape", "space")
        await person.until(lambda: train.runs["tiny"].record.step > step + 40)
        assert train.runner.child is not None
        os.kill(train.runner.child.process, signal.SIGKILL)
        await person.until(lambda: isinstance(person.app.screen, Help))
        assert "killed (SIGKILL)" in person.dialog and train.runs["tiny"].record.state == "died"
        await person.pilot.press("escape")
        await person.press("c")
        await person.until(lambda: train.runs["tiny"].record.state == "running")
        assert train.runs["tiny"].record.step >= 40, "from its last checkpoint"
        await person.pilot.press("q")
        await person.until(lambda: not person.app.is_running)
    assert train.runner.child.wait(PATIENCE), "it saves however long that takes"
    assert train.runner.child.gone is not None and train.runner.child.gone.status == 0, train.runner.child.gone
    kept = library.read(tmp_path / "runs")["tiny"]
    assert kept.record.state == "stopped" and not kept.elsewhere
    assert kept.record.ended and kept.record.ended.step >= 40


async def test_every_key_has_a_meaning(runs: Path) -> None:
    async with at(runs) as person:
        for key in TRAIN:
            assert key.action in person.train.acts, key
            assert key.words.endswith(".")
        assert len({name for key in TRAIN for name in key.keys.split(",")}) == sum(
            len(k.keys.split(",")) for k in TRAIN
        )
        assert set(person.train.acts) <= {key.action for key in TRAIN}


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 36), (160, 48)])
async def test_every_pane_at_every_size(runs: Path, size: tuple[int, int]) -> None:
    async with at(runs, size) as person:
        for number, name in enumerate(PANES, 1):
            await person.press(str(number))
            focused = person.train.board.focused
            assert focused is not None and focused.name == name
            assert person.sees(name).strip()
            await person.press("right", "down", "enter", "pageup")
        assert len(person.train.board.order) >= 2


async def test_time_goes_back_and_forth_in_every_pane(runs: Path) -> None:
    async with at(runs, (160, 48)) as person:
        assert "step 20" in person.sees("timeline") and "sample 20" in person.sees("samples")
        newest = person.sees("watch")
        await person.press("left")
        assert "sample 10" in person.sees("samples") and person.train.seen["new"].step == 10
        await person.press("left", "left")
        assert "sample 0" in person.sees("samples") and person.sees("watch") != newest
        await person.press("end")
        assert person.sees("watch") == newest


async def test_scrubbing_back_to_where_one_was_computes_nothing(runs: Path) -> None:
    async with at(runs) as person:
        for key in ("left", "left", "end"):
            await person.press(key)
        await person.pilot.press("left")
        assert person.train.seen["new"].step == 10, "it is there with the key"


async def test_an_answer_that_comes_too_late_is_dropped(runs: Path) -> None:
    async with at(runs) as person:
        late = person.train.asked[0]
        await person.press("left")
        assert person.train.worker is not None
        person.train.said(person.train.worker, person.train.asked, Seen(late, Watched(late.step)))
        await person.pilot.pause(0.1)
        assert person.train.seen["new"].step == 10


def read(person: Person) -> str:
    """What Watch says, its lines in one."""
    return " ".join(person.sees("watch").split())


async def test_a_prompt_is_watched_under_every_snapshot(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("e")
        assert isinstance(person.app.screen, Ask)
        person.app.screen.query_one(Input).value = "to⏎be or"
        await person.press("enter")
        assert person.train.prompt.text == "to\nbe or" and "8/16" in person.sees("watch")
        await person.press("left")
        scene = person.train.seen["new"].scene
        assert scene is not None and scene.tokenizer.decode(scene.session.tokens) == "to\nbe or"
        await person.press("e")
        person.app.screen.query_one(Input).value = "to \x1b]0;x\x07 [/] €"
        await person.press("enter")
        assert person.app.is_running and "\x1b" not in person.sees("watch")
        await person.until(lambda: f"and 3 more kinds; the first is character 4 of the text - {MENDS}" in read(person))
        await person.press("ctrl+r")
        assert person.train.prompt.text == "to "
        await person.until(lambda: MENDS not in read(person))
        await person.press("ctrl+r")
        assert "the model knows all of the prompt" in person.notices


async def test_models_without_a_part_are_watched_and_said(runs: Path) -> None:
    """A recurrent network has no attention, and neither has what grew up without; one without a mask sees too much."""
    path = make(runs, "gru", (0,), model="gru")
    tokenizer = Tokenizer.train_char(TEXT)
    sizes = GRUConfig(tokenizer.vocab_size, 1, 8)
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in gru_shapes(sizes).items()}
    snapshots.write(path, GRU(sizes, weights, tokenizer), 0)
    for part in ("mask", "attention"):
        make(runs, f"no-{part}", (0,), without=[part])
    counted = Bigram.count(np.array(tokenizer.encode(TEXT)), tokenizer.vocab_size, tokenizer=tokenizer)
    counted.save(_made(path / "model") / "bigram.safetensors")
    async with at(runs) as person:
        for name, says in (("gru", "recurrent"), ("no-mask", "sees the answers"), ("no-attention", "last token")):
            person.train.see(choose(person.train.view, name))
            await person.settle()
            seen = " ".join(person.sees("watch").split())
            assert says in seen and "entropy" in seen and ("Heads" in seen) == (name == "no-mask")
            assert ("bigram" in seen) == (name == "gru"), "its own counts, where it has made them"
        await person.press("2", "3", "enter", "right", "enter", "down", "e", *"be", "enter")
        assert "2/16" in person.sees("watch")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def test_two_runs_are_compared(runs: Path) -> None:
    async with at(runs, (160, 48)) as person:
        await person.press("m", "down")
        assert person.train.view.run == "old" and person.train.scene.second == "new"
        assert set(person.train.seen) == {"new", "old"} and "new is pinned as a" in person.notices[-1]
        assert "● old, step 40" in person.sees("watch") and "a new, step 20" in person.sees("watch")
        assert "a new" in person.sees("loss")
        await person.press("up", "m")
        assert not person.train.view.pinned and set(person.train.seen) == {"new"}


async def test_a_run_is_chosen_from_the_list(runs: Path) -> None:
    async with at(runs) as person:
        assert person.train.view.run == "new", "the latest"
        await person.press("7", "down")
        assert person.train.view.run == "old" and "step 40" in person.sees("status")
        await person.press("enter")
        assert person.train.focused is person.train.board.picture("loss")


async def test_axes(runs: Path) -> None:
    async with at(runs) as person:
        seen = [person.sees("loss")]
        for key in ("a", "a", "a", "y"):
            await person.press(key)
            seen.append(person.sees("loss"))
        assert "seconds" in seen[1] or "0:" in seen[1]
        assert "tokens" in seen[2] and seen[3] == seen[0] and seen[4] != seen[3]


async def test_a_snapshot_that_is_gone_or_damaged_is_said(runs: Path) -> None:
    weights = runs / "new" / "snapshots" / "step-000000010" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:50])
    async with at(runs) as person:
        await person.press("left")
        assert person.train.seen["new"].problem and "model.safetensors" in person.sees("watch").replace("\n", "")
        await person.press("o")
        await person.until(lambda: person.notices)
        assert person.app.screen is person.train


async def test_runs_that_cannot_be_read_are_in_the_list(runs: Path) -> None:
    (runs / "old" / "run.json").write_text("{")
    (runs / "new" / "log.jsonl").write_bytes(b"nonsense\n\xff\n")
    async with at(runs) as person:
        assert "✗" in person.sees("runs") and len(person.train.runs) == 2
        await person.press("c", "R")
        assert person.app.is_running


async def test_no_runs_at_all(tmp_path: Path) -> None:
    async with at(tmp_path / "none") as person:
        for key in ("space", "full_stop", "X", "c", "R", "delete", "m", "o", "left", "home", "end", "g", "v", "a", "y"):
            await person.press(key)
        assert person.app.is_running and any("start one (n)" in notice for notice in person.notices)
        assert "Press n" in person.sees("loss") and person.train.usable[0].action == "new"


async def test_another_process_trains_it(runs: Path) -> None:
    holder = lock.Lock(runs / "new")
    async with at(runs) as person:
        assert person.train.runs["new"].elsewhere and "▶" in person.sees("runs")
        await person.press("c", "delete", "space")
        assert all("another process" in notice or "being trained" in notice for notice in person.notices)
        log = History(runs / "new")
        log.append(told(runs / "new", (30,))[1])
        log.close()
        await person.until(lambda: person.train.runs["new"].record.step == 30)
        holder.release()
        await person.until(lambda: not person.train.runs["new"].elsewhere)


async def test_screens_keep_their_state(runs: Path) -> None:
    async with at(runs) as person:
        train = person.train
        await person.press("left")
        await person.pilot.press("left_square_bracket")
        await person.until(lambda: person.app.opened and person.app.screen is person.app.play)
        await person.until(lambda: person.app.play.is_fresh)
        tokens = person.app.play.session.tokens
        await person.pilot.press("escape")  # it opens with its prompt being edited
        await person.pilot.press("right_square_bracket")
        await person.until(lambda: person.app.screen is train)
        assert train.view.place == 10 and train.is_mounted
        await person.pilot.press("f2")
        await person.until(lambda: person.app.screen is person.app.play)
        assert person.app.play.session.tokens == tokens
        await person.pilot.press("f2")
        await person.pilot.resize_terminal(100, 30)
        await person.pilot.press("f3")
        await person.until(lambda: person.app.screen is train)
        assert person.sees("loss").strip()


async def test_help_footer_and_palette_are_the_screen_s_own(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("question_mark")
        assert isinstance(person.app.screen, Help) and "nats" in person.dialog
        assert ("R", "The run again from step 0, beside the old one; asked first.") in person.app.screen.keys
        await person.press("escape")
        titles = {command.title for command in person.app.everything(person.train)}
        assert {"Rewind", "Play"} <= titles and "Silence" not in titles
        footer = [key.action for key in person.train.usable if key.footer]
        assert "onward" in footer and "pause" not in footer, "what does nothing now is not offered"
        assert "quit" in footer


def test_screens_are_gone_to_by_the_same_keys_everywhere() -> None:
    def ways(keys: Sequence[Key]) -> dict[str, str]:
        return {key.action: key.keys for key in keys if key.action.startswith("screen_")}

    assert ways(KEYS) == ways(TRAIN) and ways(KEYS)["screen_train"] == "f3"


async def test_themes_reach_every_screen(runs: Path) -> None:
    async with at(runs) as person:
        first = person.app.theme
        await person.press(*["d"] * 6)
        assert person.app.theme == first


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_frames(runs: Path, size: tuple[int, int], frame: Callable[..., None]) -> None:
    async with at(runs, size) as person:
        await person.press("left")
        frame(person.app, f"train-{size[0]}x{size[1]}")


def test_history_is_as_the_run_left_it(runs: Path) -> None:
    """The runs these tests begin with are whole."""
    lines = (runs / "new" / "log.jsonl").read_bytes().splitlines()
    assert len(history.read(runs / "new")) == len(lines) and len(snapshots.listing(runs / "old")) == 4


def test_torch_is_not_in_the_process_that_draws() -> None:
    assert not loaded_by("playground.train.screen, playground.train.new_run") & {"torch", "transformers"}


def test_the_disk_says_what_is_left_of_a_run(runs: Path) -> None:
    """Its log tells of every snapshot there was, and of no checkpoint."""
    shutil.rmtree(runs / "old" / "snapshots" / "step-000000010")
    _made(runs / "old" / "checkpoints").joinpath("step-000000040.safetensors").touch()
    record = library.read(runs)["old"].record
    assert record.places.tolist() == [0, 20, 40] and record.saved == 40
