"""The Train screen through Textual's Pilot: a real run on a tiny text, what is done to runs, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input, Select, Static

from models.baselines import Bigram
from models.baselines.gru import GRU, GRUConfig
from models.baselines.gru import weight_shapes as gru_shapes
from models.gpt import GPT, weight_shapes
from models.runs import TrainConfig, catalogue, history, lock, snapshots
from models.runs.events import (
    Ended,
    Event,
    Failed,
    Measured,
    Sampled,
    Saved,
    Snapshot,
    Started,
    Stepped,
    Warned,
    encode,
)
from models.runs.history import History
from models.tokenizers import Tokenizer
from playground.app import Playground
from playground.kit.dialogs import Ask, Choose, Help
from playground.kit.screen import Said
from playground.play.keys import KEYS
from playground.train import child, library
from playground.train.keys import KEYS as TRAIN
from playground.train.layout import PANES
from playground.train.new_run import NewRun
from playground.train.scene import Watched, choose
from playground.train.screen import Train
from playground.train.watcher import Seen
from tests.test_imports import loaded_by

TEXT = "to be, or not to be, that is the question.\n" * 60
CONFIG = TrainConfig(n_layer=2, n_head=2, n_embd=8, block_size=16, batch=4, steps=40, eval_every=10)
PATIENCE = 60.0  # seconds
LATE = 5.0


def model_at(step: int, config: TrainConfig = CONFIG) -> GPT:
    """A model of a run: random, and another at every step."""
    tokenizer = Tokenizer.train_char(TEXT)
    sizes = config.gpt(tokenizer.vocab_size)
    rng = np.random.default_rng(step)
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in weight_shapes(sizes).items()}
    return GPT(sizes, weights, tokenizer, name="run")


def told(path: Path, steps: Sequence[int], config: TrainConfig = CONFIG) -> list[Event]:
    """What a run says up to those steps, without an end."""
    found: list[Event] = [
        Started(str(path), 0, config.as_dict(), 1000, 2000, 200, 15, 1, 1, "float32", 1e10, {"bigram": 1.5})
    ]
    for step in steps:
        loss = 3 / (1 + step / 10)
        if step:
            found.append(Stepped(step, step / 40, step * 64, float(step), loss, 1e-3, 1.0, 6e4, 1e9, 1 << 28, 10.0))
            found.append(Measured(step, float(step), loss, loss + 0.1, True, (loss,) * 16, {"0": 1.0}, {"0": 1e-3}))
        found += [Sampled(step, f"sample {step}"), Snapshot(step, f"snapshots/step-{step:09d}"), Saved(step)]
    return found


def make(
    runs: Path, name: str, steps: Sequence[int] = (0, 10, 20), end: Ended | None = None, **changes: object
) -> Path:
    """A run on disk as a training process leaves it."""
    config = TrainConfig.from_dict(CONFIG.as_dict() | changes)
    path = runs / name
    text = runs.parent / "text.txt"
    text.write_text(TEXT)
    tokens = {"kind": "char", "vocab": 1024, "lowercase": False, "min_count": 1}
    corpus = {"kind": "text", "paths": [str(text)], "tokenizer": tokens}
    catalogue.create(path, config, {"corpus": corpus, "from": "", "vocab_size": 0, "store": "float16"}, ["train"])
    log = History(path)
    for event in (*told(path, steps, config), *([end] if end else [])):
        log.append(event)
    log.close()
    for step in steps:
        snapshots.write(path, model_at(step, config), step)
    return path


class Person:
    """Someone at the keyboard of the Train screen."""

    def __init__(self, app: Playground, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def train(self) -> Train:
        train = self.app.screen_named("train")
        assert isinstance(train, Train)
        return train

    @property
    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]

    async def until(self, true: Callable[[], object], seconds: float = LATE) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"it never came; notices: {self.notices}"
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def settle(self) -> None:
        """Until what is wanted is seen."""
        train = self.train
        await self.until(lambda: all(each.run in train.seen for each in train.asked or ()))
        await self.until(lambda: all(train.seen[each.run].step == each.step for each in train.asked or ()))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()
        await self.settle()

    def sees(self, pane: str) -> str:
        canvas = self.train.board.picture(pane).canvas
        assert canvas is not None, f"{pane} is not on screen"
        return canvas.plain()

    @property
    def form(self) -> NewRun:
        """The form on top."""
        assert isinstance(self.app.screen, NewRun)
        return self.app.screen

    @property
    def dialog(self) -> str:
        """The words of the dialog on top."""
        return "\n".join(str(widget.render()) for widget in self.app.screen.query(Static))


@asynccontextmanager
async def at(runs: Path, size: tuple[int, int] = (120, 36), model: str = "shakespeare-char") -> AsyncIterator[Person]:
    app = Playground(model, runs=runs, first="train")
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: "train" in app.made and app.screen is app.made["train"])
        known = len(catalogue.runs(runs))
        await person.until(lambda: len(person.train.runs) == known)
        await person.settle()
        yield person


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two runs that nobody trains: `old`, and `new` which was stopped."""
    runs = tmp_path / "runs"
    old = make(runs, "old", (0, 10, 20, 40), Ended(40, "done after 40 steps", 0, True, 40, 0.7))
    about = json.loads((old / "run.json").read_text())
    (old / "run.json").write_text(json.dumps(about | {"started": "2020-01-01T00:00:00+00:00"}))
    make(runs, "new", (0, 10, 20), Ended(20, "stopped as asked", 0, False, 20, 1.1))
    return runs


# a real run ---------------------------------------------------------------------------------------------------------


async def test_a_run_from_the_form_to_the_end_of_the_app(tmp_path: Path) -> None:
    """Start, watch, pause, step, go back, open in Play, be killed, continue, leave: nothing is lost."""
    text = tmp_path / "tiny.txt"
    text.write_text(TEXT)
    async with at(tmp_path / "runs") as person:
        train = person.train
        await person.press("n")
        form = person.form
        for name, value in {"data": str(text), "steps": "100000", "n_layer": "1", "n_embd": "16", "block_size": "16",
                            "batch": "4", "eval_every": "40"}.items():  # fmt: skip
            form.query_one(f"#{name}", Input).value = value
        await person.until(lambda: form.wrong is None and "about" in person.dialog, PATIENCE)
        await person.pilot.press("ctrl+s")
        await person.until(lambda: "tiny" in train.runs and len(train.scene.places) >= 2, PATIENCE)
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
        await person.until(lambda: train.runs["tiny"].record.step > step + 40, PATIENCE)
        assert train.runner.child is not None
        os.kill(train.runner.child.process, signal.SIGKILL)
        await person.until(lambda: isinstance(person.app.screen, Help))
        assert "killed (SIGKILL)" in person.dialog and train.runs["tiny"].record.state == "died"
        await person.pilot.press("escape")
        await person.press("c")
        await person.until(lambda: train.runs["tiny"].record.state == "running", PATIENCE)
        assert train.runs["tiny"].record.step >= 40, "from its last checkpoint"
        begun = time.monotonic()
        await person.pilot.press("q")
        await person.until(lambda: not person.app.is_running)
        assert time.monotonic() - begun < 4
    assert train.runner.child.gone is not None and train.runner.child.gone.status == 0, train.runner.child.gone
    kept = library.read(tmp_path / "runs")["tiny"]
    assert kept.record.state == "stopped" and not kept.elsewhere
    assert kept.record.ended and kept.record.ended.step >= 40


# looking ------------------------------------------------------------------------------------------------------------


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
        await person.press("left", "left", "end")
        await person.pilot.press("left")
        assert person.train.seen["new"].step == 10, "it is there with the key"


async def test_an_answer_that_comes_too_late_is_dropped(runs: Path) -> None:
    async with at(runs) as person:
        late = person.train.asked[0]
        await person.press("left")
        assert person.train.worker is not None
        person.train.post_message(Said(person.train.worker, person.train.asked, Seen(late, Watched(late.step))))
        await person.pilot.pause(0.1)
        assert person.train.seen["new"].step == 10


async def test_a_prompt_is_watched_under_every_snapshot(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("e")
        assert isinstance(person.app.screen, Ask)
        person.app.screen.query_one(Input).value = "to⏎be or"
        await person.press("enter")
        assert person.train.watched == "to\nbe or" and "8/16" in person.sees("watch")
        await person.press("left")
        scene = person.train.seen["new"].scene
        assert scene is not None and scene.tokenizer.decode(scene.session.tokens) == "to\nbe or"
        await person.press("e")
        person.app.screen.query_one(Input).value = "to \x1b]0;x\x07 [/] €"
        await person.press("enter")
        assert person.app.is_running and "\x1b" not in person.sees("watch")


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
        await person.press("m")
        assert person.train.scene.second == "old" and set(person.train.seen) == {"new", "old"}
        assert "old" in person.sees("watch") and "old" in person.sees("loss")
        await person.press("m")
        assert not person.train.view.overlaid and set(person.train.seen) == {"new"}


async def test_a_run_is_chosen_from_the_list(runs: Path) -> None:
    async with at(runs) as person:
        assert person.train.view.run == "new", "the latest"
        await person.press("7", "down", "enter")
        assert person.train.view.run == "old" and "step 40" in person.sees("status")


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
        await person.press("c", "w")
        assert person.app.is_running


async def test_no_runs_at_all(tmp_path: Path) -> None:
    async with at(tmp_path / "none") as person:
        for key in ("space", "full_stop", "s", "c", "w", "delete", "m", "o", "left", "home", "end", "g", "v", "a", "y"):
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


# screens ------------------------------------------------------------------------------------------------------------


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
        assert ("w", "The same run again from step 0, paused there, beside the old one.") in person.app.screen.keys
        await person.press("escape")
        titles = {command.title for command in person.app.get_system_commands(cast(Any, person.train))}
        assert {"Rewind", "Play"} <= titles and "Silence" not in titles
        footer = [key.action for key in person.train.usable if key.footer]
        assert "onward" in footer and "pause" not in footer, "what does nothing now is not offered"
        assert {"screen_play", "help", "quit"} <= set(footer)


def test_screens_are_gone_to_by_the_same_keys_everywhere() -> None:
    def ways(keys: Sequence[object]) -> dict[str, str]:
        return {key.action: key.keys for key in keys if key.action.startswith("screen_")}  # type: ignore[attr-defined]

    assert ways(KEYS) == ways(TRAIN) and ways(KEYS)["screen_train"] == "f3"


async def test_themes_reach_every_screen(runs: Path) -> None:
    async with at(runs) as person:
        first = person.app.theme
        await person.press(*["d"] * 6)
        assert person.app.theme == first


# runs, with processes that are stand-ins ---------------------------------------------------------------------------

IMPORTS = "import json, os, signal, sys, time\n"
LISTEN = "for line in sys.stdin: sys.stderr.write(line); sys.stderr.flush()\n"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[list[str]]]:
    """Whatever is started is this script; the words of the real command are collected."""

    def use(script: str) -> list[list[str]]:
        started: list[list[str]] = []

        def command(*words: str) -> list[str]:
            started.append(list(words))
            return [sys.executable, "-c", IMPORTS + script]

        monkeypatch.setattr(child, "command", command)
        return started

    return use


def says(*events: Event) -> str:
    return f"sys.stdout.write({''.join(encode(event) + chr(10) for event in events)!r}); sys.stdout.flush()\n"


async def test_a_stopped_run_is_continued_and_told(runs: Path, stand_in: Callable[[str], list[list[str]]]) -> None:
    started = stand_in(says(told(runs / "new", ())[0]) + LISTEN)
    async with at(runs) as person:
        await person.press("c")
        assert started == [["train", "--resume", str(runs / "new"), "--events"]]
        await person.until(lambda: person.train.runs["new"].record.state == "running")
        process = person.train.runner.child
        assert process is not None
        await person.press("space", "full_stop", "s")
        await person.until(lambda: len(process.log) == 3)
        assert [line.split('"')[3] for line in process.log] == ["pause", "step", "stop"]
        await person.press("delete")
        assert "stop it first" in person.notices[-1]
        await person.press("n")
        assert isinstance(person.app.screen, NewRun)
    assert process.wait(5), "the end of the app is the end of its input"


async def test_only_one_trains_at_a_time(runs: Path, stand_in: Callable[[str], list[list[str]]]) -> None:
    end = Ended(0, "stopped as asked", 0, False, 0)
    started = stand_in(says(told(runs / "new", ())[0]) + "sys.stdin.readline()\n" + says(end))
    async with at(runs) as person:
        await person.press("c")
        first = person.train.runner.child
        await person.press("7", "down", "enter", "w")
        assert isinstance(person.app.screen, Choose) and "one runs at a time" in person.dialog
        await person.pilot.press("escape")
        assert len(started) == 1 and first is not None and first.gone is None
        await person.press("w", "enter")
        await person.until(lambda: len(started) == 2)
        assert first.gone is not None and first.gone.orderly
        assert "--paused" in started[1] and str(runs / "old-2") in started[1], "beside the old one"
        assert str(runs.parent / "text.txt") in started[1]


async def test_a_run_is_deleted_after_a_question(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("delete", "enter")
        assert (runs / "new").exists(), "the first answer keeps it"
        await person.press("D", "down", "enter")
        await person.until(lambda: set(person.train.runs) == {"old"})
        assert not (runs / "new").exists() and person.train.view.run == "old"


async def test_nonsense_a_flood_and_a_crash(runs: Path, stand_in: Callable[[str], list[list[str]]]) -> None:
    """The screen stays alive, draws a few pictures, and says what happened with the last words."""
    stand_in(
        "print('[/] \\x1b]0;x\\x07 no event')\n"
        + says(*told(runs / "new", ()))
        + f"line = {encode(told(runs / 'new', (10,))[1])!r}\n"
        "for step in range(1, 10001): print(line.replace('\"step\": 10,', '\"step\": %d,' % step))\n"
        "sys.stdout.flush(); sys.stdin.readline()\n"
        "sys.stderr.write('Traceback\\n[@click=app.quit]MemoryError\\x1b[31m\\n'); os._exit(9)\n"
    )  # fmt: skip
    async with at(runs) as person:
        drawn = 0
        train, draw = person.train, person.train.board.draw

        def counted(*scene: object) -> None:
            nonlocal drawn
            drawn += 1
            draw(*scene)  # type: ignore[arg-type]

        train.board.draw = counted  # type: ignore[method-assign, assignment]
        begun = time.monotonic()
        await person.press("c")
        await person.until(lambda: train.runs["new"].record.step == 10_000, PATIENCE)
        assert drawn < 12 * (time.monotonic() - begun) + 8
        assert "no event" in person.notices[-1]
        await person.press("space")
        await person.until(lambda: isinstance(person.app.screen, Help))
        assert "exit status 9" in person.dialog and "MemoryError" in person.dialog and "1 line" in person.dialog
        assert "\x1b" not in person.dialog
        await person.pilot.press("escape")
        assert train.runs["new"].record.state == "died" and "✗ died" in person.sees("status")
        await person.press("g")
        assert "MemoryError" in person.dialog


async def test_what_the_run_warns_of_is_told_once(runs: Path, stand_in: Callable[[str], list[list[str]]]) -> None:
    full = [Warned(f"checkpoint at step {step} not saved: disk full", "save") for step in (1, 2, 3)]
    stand_in(says(told(runs / "new", ())[0], *full, Warned("the loss jumps")) + LISTEN)
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: len(person.train.runs["new"].record.warnings) == 4)
        assert 1 <= len(person.notices) <= 2 and "the loss jumps" in person.notices[-1]


async def test_a_run_that_is_continued_starts_and_one_that_is_refused_is_as_it_was(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    failed = says(Failed("another process trains it - stop it there", 2))
    stand_in(f"sys.stdin.read(1)\n{failed}sys.exit(2)")
    async with at(runs) as person:
        await person.press("c")
        assert person.train.runs["new"].record.state == "waiting" and "starting" in person.sees("status")
        process = person.train.runner.child
        assert process is not None
        process.leave()
        await person.until(lambda: any("another process" in notice for notice in person.notices))
        await person.until(lambda: person.train.runs["new"].record.state == "stopped")
        assert not person.train.runner._lost


async def test_a_run_that_cannot_begin_is_not_in_the_list(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    stand_in(says(Failed("training needs torch - pip install it", 2)) + "sys.exit(2)")
    async with at(runs) as person:
        await person.press("w")
        await person.until(lambda: any("training needs torch" in notice for notice in person.notices))
        assert set(person.train.runs) == {"new", "old"} and person.train.view.run == "new"


async def test_an_app_that_ends_waits_for_the_run_to_be_saved(
    runs: Path, tmp_path: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    saved = tmp_path / "saved"
    stand_in(says(told(runs / "new", ())[0]) + f"sys.stdin.read(); time.sleep(0.5); open({str(saved)!r}, 'w')\n")
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: person.train.runs["new"].record.state == "running")
        await person.pilot.press("ctrl+q")
        await person.until(lambda: not person.app.is_running)
        assert saved.exists()


async def test_one_that_does_not_end_is_neither_waited_for_nor_killed(
    runs: Path, stand_in: Callable[[str], list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(says(told(runs / "new", ())[0]) + "time.sleep(60)\n")
    monkeypatch.setattr("playground.train.screen.PATIENCE", 0.3)
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: person.train.runs["new"].record.state == "running")
        await person.pilot.press("q")
        await person.until(lambda: not person.app.is_running)
    process = person.train.runner.child
    assert process is not None and process.gone is None
    os.kill(process.process, signal.SIGKILL)
    assert process.wait(5)


# the form -----------------------------------------------------------------------------------------------------------


async def test_the_form_says_what_is_wrong_and_what_it_costs(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    started = stand_in("sys.stdin.read()")
    async with at(runs) as person:
        await person.press("n")
        form = person.form
        await person.until(lambda: "parameters" in person.dialog and "about" in person.dialog)
        before = person.dialog
        form.query_one("#n_embd", Input).value = "128"
        await person.until(lambda: "parameters" in person.dialog and person.dialog != before)
        form.query_one("#n_head", Input).value = "3"
        await person.until(lambda: "width 128 is not a multiple of the number of heads, 3" in person.dialog)
        await person.pilot.press("ctrl+s")
        assert isinstance(person.app.screen, NewRun) and not started
        form.query_one("#n_head", Input).value = "2"
        form.query_one("#data", Input).value = "/nowhere"
        await person.until(lambda: "there is no /nowhere" in person.dialog)
        form.query_one("#data", Input).value = str(runs.parent / "text.txt")
        form.query_one("#without-mask", Checkbox).value = True
        await person.until(lambda: "different characters" in person.dialog and form.wrong is None)
        assert form.query_one("#name", Input).value == "text-no-mask"
        form.query_one("#name", Input).value = "old"
        await person.until(lambda: "there is a run of that name" in person.dialog)
        form.query_one("#name", Input).value = "mine"
        await person.until(lambda: form.wrong is None)
        await person.pilot.press("ctrl+s")
        await person.until(lambda: started)
        assert {"--without=mask", "--snapshot-every=10"} <= set(started[0]) and str(runs / "mine") in started[0]


async def test_presets_and_models_fill_the_form(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("n")
        form = person.form
        form.query_one("#preset", Select).value = "gru"
        await person.until(lambda: form.judged.config is not None and form.judged.config.model == "gru")
        form.query_one("#preset", Select).value = "no-mask"
        await person.until(lambda: form.query_one("#without-mask", Checkbox).value)
        form.query_one("#start", Select).value = "shakespeare-char"
        await person.until(lambda: form.query_one("#n_embd", Input).value == "256")
        assert form.query_one("#n_embd", Input).disabled and not form.query_one("#without-mask", Checkbox).value
        await person.pilot.press("escape")
        assert person.app.screen is person.train


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_frames(runs: Path, size: tuple[int, int], frame: Callable[..., None]) -> None:
    async with at(runs, size) as person:
        await person.press("left")
        frame(person.app, f"train-{size[0]}x{size[1]}")


def test_history_is_as_the_run_left_it(runs: Path) -> None:
    """The runs these tests begin with are whole."""
    assert history.read(runs / "new").damaged == 0 and len(snapshots.listing(runs / "old")) == 4


def test_torch_is_not_in_the_process_that_draws() -> None:
    assert not loaded_by("playground.train.screen, playground.train.new_run") & {"torch", "transformers"}


def test_the_disk_says_what_is_left_of_a_run(runs: Path) -> None:
    """Its log tells of every snapshot there was, and of no checkpoint."""
    shutil.rmtree(runs / "old" / "snapshots" / "step-000000010")
    _made(runs / "old" / "checkpoints").joinpath("step-000000040.safetensors").touch()
    record = library.read(runs)["old"].record
    assert record.places.tolist() == [0, 20, 40] and record.saved == 40
