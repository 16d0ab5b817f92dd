"""The train command: its options, what it shows, and the process with its events, commands, signals and kills."""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
import pytest
import torch
import transformers

import models
from models import baselines
from models.errors import UserError
from models.runs import PRESETS, TrainConfig, events
from models.runs.checkpoints import Checkpoints
from models.runs.config import LEARNING, SETTINGS
from models.runs.events import Ended, Event, Failed, Measured, Started, Stepped
from models.runs.lock import is_running
from models.training import evaluate
from models.training.learners import learner
from playground.cli import main
from playground.commands import train
from playground.commands.train import driver, options
from playground.commands.train.lines import Lines
from tests.conftest import ROOT
from tests.models.runs.made_events import measured, stepped
from tests.playground.commands.calling import Command, command
from tests.playground.program import PROGRAM, start

TEXT = "to be, or not to be, that is the question:\n" * 60
SMALL = "--layers 1 --heads 2 --width 16 --context 16 --batch 4 --eval-every 4 --threads 1".split()
LONG = [*SMALL, "--eval-every", "500", "--save-every", "20", "--steps", "1000000"]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in this process, which has torch already; it writes to descriptors."""
    return command(capfd, monkeypatch)


@pytest.fixture(scope="module")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("corpus") / "text.txt"
    file.write_text(TEXT)
    return file


def parsed(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    return parser.parse_args(argv)


# options

OTHER: dict[str, Any] = {
    "model": "gru", "positions": "none", "positions_start": "sinusoids", "activation": "relu",
    "without": ("mask", "norm"), "method": "adamw", "schedule": "cosine", "dtype": "float32", "device": "cuda",
    "compile": True, "steps": 77, "minutes": 3.5, "dropout": 0.5, "lr_end": 0.25, "accumulate": 2, "n_head": 2,
}  # fmt: skip


@pytest.mark.parametrize("field", fields(TrainConfig), ids=lambda field: field.name)
def test_every_setting_has_an_option_that_reaches_it(field: Any) -> None:
    setting = SETTINGS[field.name]
    before = getattr(options.config_of(parsed("text")), field.name)
    value = OTHER.get(field.name, 2 * before if before else 3)
    shown = [] if setting.kind is bool else [setting.written(value)]
    config = options.config_of(parsed("text", f"--{setting.option}", *shown))
    assert getattr(config, field.name) == value != before


@pytest.mark.parametrize("name", SETTINGS)
def test_the_help_says_every_setting_with_all_there_is_to_choose(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--help")
    setting, said = SETTINGS[name], " ".join(capsys.readouterr().out.split())
    _, option, said = said.partition(f" --{setting.option} ")
    assert option and setting.says in said.partition(" --")[0]
    assert all(each in said.partition(" --")[0] for each in (*setting.choices, *setting.meanings.values()))


@pytest.mark.parametrize("name", [name for name, each in SETTINGS.items() if each.kind is not bool])
def test_a_value_out_of_range_is_blamed_on_the_option(name: str) -> None:
    option = f"--{SETTINGS[name].option}"
    with pytest.raises(UserError, match=f"^{option} (must|can) ") as caught:
        options.config_of(parsed("text", f"{option}={'soul' if SETTINGS[name].choices else -1}"))
    assert caught.value.setting == name


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_is_resumed_with_the_settings_it_was_begun_with(name: str) -> None:
    option = f"--{SETTINGS[name].option}"
    value = [] if SETTINGS[name].kind is bool else ["1"]
    with pytest.raises(UserError, match=f"^{option} does not go with --resume"):
        options.check(parsed("--resume", "x", option, *value))


def test_presets_are_listed_with_their_time_and_one_end_replaces_the_other(call: Command) -> None:
    listed = call("train", "--presets")
    assert listed.code == 0 and [line.split()[0] for line in listed.out.splitlines()] == [*PRESETS]
    assert options.config_of(parsed("text", "--preset", "shakespeare")) == PRESETS["shakespeare"]()
    timed = options.config_of(parsed("text", "--minutes", "2"))
    assert (timed.steps, timed.minutes) == (None, 2)


# what it leaves


def lines_of(out: str) -> list[Event]:
    return [events.decode(line) for line in out.splitlines()]


def test_a_run_leaves_a_model_with_its_rivals_and_its_card(call: Command, text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "tiny"
    answer = call("train", text_file, "--out", out, *SMALL, "--steps", 9, "--json")
    assert answer.code == 0, answer.err
    assert [event.step for event in lines_of(answer.out) if isinstance(event, Measured)] == [4, 8, 9]

    model = models.load(out)
    facts = model.training
    assert model.tokenizer
    held_out = model.tokenizer.encode(TEXT)[int(len(TEXT) * 0.9) :]
    ready = learner(TrainConfig.from_dict(facts["settings"]), model.vocab_size)
    ready.load(model.weights)
    loss = evaluate.windows(
        lambda rows: ready.logits(rows, torch.float32, lambda _, x, __: x), 16, np.array(held_out), 4
    )
    assert facts["corpus"]["tokens_held_out"] == len(held_out) and facts["val_loss"] == pytest.approx(loss, rel=1e-6)
    assert facts["bits_per_character"] == pytest.approx(facts["val_loss"] / math.log(2))
    assert facts["steps"] == 9 and facts["settings"]["n_embd"] == 16 and facts["stored_as"] == "float16"
    rivals = baselines.load(out / "model", model.tokenizer)
    assert {rival.name: rival.loss(held_out) for rival in rivals.values()} == pytest.approx(facts["rivals"])

    card = (out / "model" / "README.md").read_text()
    assert len(rivals) == len(baselines.ALL) and all(kind.file(out / "model").exists() for kind in baselines.ALL)
    scores = (f"| {name} | {loss:.4f} |" for name, loss in facts["rivals"].items())
    for fact in (f"{facts['val_loss']:.4f}", *scores, facts["command"], "text.txt", "9 steps"):
        assert fact in card
    config = TrainConfig.from_dict(facts["settings"])
    for setting in (each for each in SETTINGS.values() if each.group == LEARNING):
        written = setting.written(getattr(config, setting.name)) or "–"
        assert f"\n| {setting.option} | {written} | {setting.says}" in card
    sample = facts["sample"]["text"]
    said = call("generate", "--model", out, "--seed", facts["sample"]["seed"], "--tokens", len(sample))
    assert said.out.removeprefix("\n").startswith(sample.rstrip("\n"))

    theirs: Any = transformers.GPT2LMHeadModel.from_pretrained(out / "model", dtype=torch.float32)
    words: Any = transformers.AutoTokenizer.from_pretrained(out / "model")
    tokens = words("not to be")["input_ids"]
    assert tokens == model.tokenizer.encode("not to be")
    with torch.no_grad():
        logits = theirs(torch.tensor([tokens])).logits[0]
    np.testing.assert_allclose(logits, model.logits(tokens), rtol=0, atol=1e-5)

    again = call("train", text_file, "--out", out, *SMALL, "--steps", 1)
    assert again.code == 2 and "--force" in again.err and models.load(out).training["steps"] == 9
    short = tmp_path / "short.txt"
    short.write_text("to be")
    assert call("train", short, "--out", out, *SMALL, "--force").code == 2
    assert models.load(out).training["steps"] == 9  # still there
    replaced = call("train", text_file, "--out", out, *SMALL, "--steps", 1, "--force")
    assert replaced.code == 0 and f"the model is {out}" in replaced.err
    assert models.load(out).training["steps"] == 1 and os.listdir(out.parent) == ["tiny"]
    finished = call("train", "--resume", out)
    assert finished.code == 2 and "is finished after 1 steps" in finished.err


@pytest.mark.parametrize(
    "more", ["--tokenizer word --lowercase --min-count 2", "--tokenizer bpe --vocab 260 --store float32"]
)
def test_words_and_byte_pairs_train_as_well(call: Command, text_file: Path, tmp_path: Path, more: str) -> None:
    answer = call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 2, "--context", 8, *more.split())
    assert answer.code == 0, answer.err
    model = models.load(tmp_path / "m")
    assert model.tokenizer is not None and model.tokenizer.kind == more.split()[1]
    per_token = len(TEXT) / len(model.tokenizer.encode(TEXT))
    expected = model.training["val_loss"] / math.log(2) / per_token
    assert model.training["bits_per_character"] == pytest.approx(expected, rel=0.2)
    assert model.training["stored_as"] == ("float32" if "--store" in more else "float16")


def test_it_goes_on_from_a_model_with_its_sizes(
    call: Command, text_file: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    text = tmp_path / "own.txt"
    text.write_text("to be, or not to be\n" * 40)
    answer = call("train", text, "--from", tiny_folder, "--out", tmp_path / "m", "--steps", 2, "--batch", 2)
    assert answer.code == 0, answer.err
    before, after = models.load(tiny_folder), models.load(tmp_path / "m")
    assert after.config == before.config and after.training["started_from"] == str(tiny_folder)
    assert after.tokenizer and before.tokenizer and after.tokenizer.vocab == before.tokenizer.vocab


def test_a_loss_that_is_no_number_ends_with_status_5_and_a_model(
    call: Command, text_file: Path, tmp_path: Path
) -> None:
    answer = call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 50, "--lr", 1e30, "--warmup", 0)
    assert answer.code == 5 and "error: stopped at step 2: the loss is not finite" in answer.err
    assert models.load(tmp_path / "m").training["steps"] == 1


def test_a_dry_run_says_what_it_would_cost_and_writes_nothing(call: Command, text_file: Path, tmp_path: Path) -> None:
    argv = ("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 1000, "--dry-run")
    plan = json.loads(call(*argv, "--json").out)
    assert (plan["parameters"], plan["tokens_per_step"], plan["steps"]) == (3824, 64, 1000)
    assert plan["seconds"] == pytest.approx(1000 * plan["seconds_per_step"])
    said = call(*argv)
    assert said.code == 0 and "3,824" in said.out and "1,000 steps, 64,000 tokens" in said.out
    assert not (tmp_path / "m").exists()


def bad(tmp_path: Path, text_file: Path, tiny_folder: Path) -> Iterator[tuple[list[Any], str]]:
    short, other = tmp_path / "short.txt", tmp_path / "other"
    short.write_text("to be")
    other.mkdir()
    (other / "diary.txt").write_text("mine")
    out = ["--out", tmp_path / "out"]
    yield [*out], "there is nothing to learn from"
    yield [text_file], "give one with --out"
    yield [tmp_path / "none.txt", *out], "none.txt"
    yield [short, *out], "context of 64 needs at least 65"
    yield [text_file, *out, "--preset", "huge"], "no preset 'huge'"
    yield [text_file, *out, "--heads", "3"], "--width 128 is not a multiple of the number of heads, 3"
    yield [text_file, *out, "--layers", "0"], "--layers must be between 1"
    yield [text_file, *out, "--steps", "0"], "--steps must be between 1"
    yield [text_file, *out, "--minutes", "nan"], "--minutes must be above 0"
    yield [text_file, *out, "--positions", "sideways"], "--positions must be one of learned, sinusoidal, none"
    yield [text_file, *out, "--without", "mask,noise"], "'noise'"
    yield [text_file, *out, "--tokenizer", "bpe", "--vocab", "9"], "256"
    yield [text_file, *out, "--tokenizer", "word", "--min-count", "1000"], "1,000 times"
    yield [text_file, *out, "--width", "1048576"], "parameters need"
    yield [text_file, *out, "--layers", "2000"], "--layers must be between 1 and 1024"
    yield [text_file, *out, "--threads", "5000"], "--threads must be between 0 and 1024"
    yield [text_file, *out, "--lr", "1e300"], "--lr must be between 0 and"
    yield [text_file, *out, "--preset", ""], "no preset ''"
    yield [text_file, *out, "--vocab", "500"], "--vocab is for --tokenizer bpe"
    yield [text_file, *out, "--tokenizer", "bpe", "--lowercase"], "--lowercase is for --tokenizer word"
    yield [text_file, *out, "--tokenizer", "word", "--min-count", "0"], "--min-count is 0"
    yield [text_file, *out, "--model", "gru", "--without", "mask"], "a gru has none of the parts"
    yield ["little-world", text_file, *out], "little-world is learned from alone"
    yield ["", *out], "the name of a text is empty"
    yield [text_file, "--out", ""], "--out is empty"
    yield ["--resume", ""], "--resume is empty"
    yield [text_file, *out, "--nice", "-1"], "--nice is -1"
    yield [text_file, *out, "--paused"], "use it with --events"
    yield [text_file, *out, "--from", tmp_path / "nowhere"], "no model"
    yield [text_file, *out, "--from", tiny_folder, "--tokenizer", "word"], "the vocabulary is that of the model"
    yield [text_file, *out, "--from", tiny_folder, "--layers", "1"], "--layers asks for 1, and tiny has 2"
    yield [text_file, *out, "--from", tiny_folder, "--model", "gru"], "--model asks for gru, and tiny has gpt"
    yield [text_file, *out, "--from", tiny_folder], "the model has never seen ':'"
    yield ["--resume", tmp_path / "nowhere"], "is not the folder of a run"
    yield ["--resume", tmp_path / "out", "--steps", "5"], "--steps does not go with --resume"
    yield [text_file, "--resume", tmp_path / "out"], "a text does not go with --resume"
    yield [text_file, "--out", other], "other exists - choose another --out"
    yield [text_file, "--out", other, "--force"], "other exists - choose another --out"
    yield [text_file, "--out", short], "short.txt exists"
    yield [text_file, "--out", short / "below"], "cannot be"
    yield [text_file, "--out", "a\0b"], "cannot be used"
    if os.geteuid():
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        yield [text_file, "--out", locked / "m"], "locked cannot be written to"


def test_bad_input_gets_one_sentence_and_leaves_nothing(
    call: Command, text_file: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    for argv, says in bad(tmp_path, text_file, tiny_folder):
        answer = call("train", *argv)
        assert answer.code == 2 and says in answer.err, (argv, answer)
        assert answer.err.startswith("error: ") and answer.err.count("\n") == 1
        assert not (tmp_path / "out").exists(), argv
    assert (tmp_path / "other" / "diary.txt").read_text() == "mine"
    assert sorted(os.listdir(tmp_path / "other")) == ["diary.txt"]


def test_a_name_that_is_no_text_is_trained_on(call: Command, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.txt")
    Path(odd).write_text(TEXT)
    out = os.fsdecode(os.fsencode(tmp_path) + b"/r\xff")
    answer = call("train", odd, "--out", out, *SMALL, "--steps", 1)
    assert answer.code == 0, answer.err
    assert "\\udcff\\udcfe.txt" in (Path(out) / "model" / "README.md").read_text()
    assert models.load(out).training["corpus"]["file"] == "\udcff\udcfe.txt"


# a reader that is slow


def test_a_slow_reader_holds_nobody_up_and_gets_steps_as_one() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    lines = Lines(writing, lambda: None)
    long = Started("r", 0, {"words": "x" * 70_000}, 1, 1, 1, 1, 1, 1, "float32")  # more than a pipe takes
    begun = time.monotonic()
    lines.show(long)
    time.sleep(0.1)
    for step in range(1, 4):
        lines.show(stepped(step, loss=float(step)))
    lines.show(measured(3, 2.0))
    for step in (5, 9):
        lines.show(stepped(step, loss=float(step)))
    assert time.monotonic() - begun < 2
    os.set_blocking(reading, True)
    told = b""
    while told.count(b"\n") < 4:
        told += os.read(reading, 1 << 16)
    lines.close()
    found = lines_of(told.decode())
    assert [type(event).__name__ for event in found] == ["Started", "Stepped", "Measured", "Stepped"]
    means = [(event.step, event.loss) for event in found if isinstance(event, Stepped)]
    assert [step for step, _ in means] == [3, 9]
    assert [loss for _, loss in means] == pytest.approx([2.0, (2 * 5 + 4 * 9) / 6])
    os.close(reading)
    os.close(writing)


def test_what_else_is_printed_stays_out_of_the_events(capfd: pytest.CaptureFixture[str]) -> None:
    with driver._own_output() as own:
        os.write(1, b"a warning of some library")
        os.write(own, b"an event")
    os.write(1, b", and what comes after")
    assert capfd.readouterr() == ("an event, and what comes after", "a warning of some library")


# the process


class Forked:
    """The program in a process of its own that has torch already, as this one does: two seconds less than a new one."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def __init__(self, *argv: object) -> None:
        pipes = [os.pipe() for _ in range(3)]
        self.pid = os.fork()
        if not self.pid:
            self._be([str(word) for word in argv], pipes)
        (own, stdin), (stdout, other), (stderr, third) = pipes
        for descriptor in (own, other, third):
            os.close(descriptor)
        self.stdin, self.stdout, self.stderr = (
            os.fdopen(*each) for each in ((stdin, "wb"), (stdout, "rb"), (stderr, "rb"))
        )

    def _be(self, argv: list[str], pipes: list[tuple[int, int]]) -> NoReturn:
        status = 99
        try:
            for number, pipe in enumerate(pipes):
                os.dup2(pipe[min(number, 1)], number)
            os.closerange(3, 64)
            sys.stdin, sys.stdout, sys.stderr = (os.fdopen(*each) for each in ((0, "r"), (1, "w"), (2, "w")))
            sys.argv = ["playground", *argv]
            status = main(argv)
            sys.stderr.flush()
        finally:
            os._exit(status)

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Its status, negative for the signal that killed it."""
        for _ in range(6000):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        raise TimeoutError

    def end(self) -> tuple[int, list[Event], str]:
        """Its status, the rest of what it says, and its standard error; its input is closed."""
        self.stdin.close()
        out, err = self.stdout.read(), self.stderr.read()
        return self.wait(), lines_of(out.decode()), err.decode()

    def until(self, *kinds: str) -> list[Event]:
        """What it says up to the first event of these kinds."""
        found: list[Event] = []
        while not found or type(found[-1]).__name__.lower() not in kinds:
            line = self.stdout.readline()
            assert line, f"it ended: {found[-3:]} {self.stderr.read().decode()}"
            found.append(events.decode(line.decode()))
        return found


class Begun(Forked):
    """The same, begun from nothing."""

    def __init__(self, *argv: object) -> None:
        self.process = start(*map(str, argv), stdin=subprocess.PIPE)
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.stdin, self.stdout, self.stderr = self.process.stdin, self.process.stdout, self.process.stderr
        self.pid = self.process.pid

    def wait(self) -> int:
        return self.process.wait(60)

    def tell(self, line: str) -> None:
        self.stdin.write(line.encode() + b"\n")
        self.stdin.flush()

    def do(self, *commands: str) -> None:
        for each in commands:
            self.tell(json.dumps({"do": each}))


def names(found: list[Event]) -> list[str]:
    return [type(event).__name__.lower() for event in found]


def test_it_is_watched_and_driven_by_lines(text_file: Path, tmp_path: Path) -> None:
    """The whole protocol in one process, and what others see of its folder meanwhile."""
    run = Begun("train", text_file, "--out", tmp_path / "r", *LONG, "--events", "--paused")
    begun = run.until("paused")
    assert names(begun) == ["started", "sampled", "snapshot", "saved", "paused"]
    assert isinstance(started := begun[0], Started) and started.process == run.pid
    assert os.getpriority(os.PRIO_PROCESS, run.pid) >= options.NICE
    second = subprocess.run([*PROGRAM, "train", "--resume", tmp_path / "r"], cwd=ROOT, capture_output=True, text=True)
    assert second.returncode == 2 and f"is in use by process {started.process}" in second.stderr
    assert second.stdout == "" and second.stderr.count("\n") == 1

    for line in ("nonsense", '{"do": "dance"}', '["do"]', "x" * 100_000, "\xff"):
        run.tell(line)
        assert names(run.until("warned")) == ["warned"]
    run.tell("")
    run.do("step", "step")
    assert [getattr(event, "step", 0) for event in (*run.until("stepped"), *run.until("stepped"))] == [1, 2]
    run.do("save")
    assert names(run.until("saved")) == ["saved"]
    run.do("continue")
    assert names(run.until("continued", "stepped")) == ["continued"]
    run.until("stepped")
    run.do("pause")
    run.until("paused")
    run.do("stop")
    status, rest, err = run.end()
    assert (status, err) == (0, "")
    assert isinstance(ended := rest[-1], Ended) and (ended.status, ended.done) == (0, False)
    assert "--resume" in ended.why and "val_loss" in models.load(tmp_path / "r").training


@pytest.mark.parametrize("words", [["--out", "r"], ["--resume", "nowhere"], ["/nowhere.txt", "--out", "r"]])
def test_what_cannot_be_done_is_an_event_too(words: list[str], tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "playground", "train", *words, "--events"]
    done = subprocess.run(
        argv, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    failed = events.decode(done.stdout.removesuffix("\n"))
    assert isinstance(failed, Failed) and failed.status == done.returncode == 2
    assert done.stderr == f"error: {failed.why}\n" and " - " in failed.why


def test_the_end_of_its_input_and_a_closed_pipe_save_and_leave(text_file: Path, tmp_path: Path) -> None:
    run = Forked("train", text_file, "--out", tmp_path / "r", *LONG, "--events")
    run.until("stepped")
    status, rest, err = run.end()  # which closes its input
    assert (status, err) == (0, "") and isinstance(ended := rest[-1], Ended) and ended.step >= 1
    assert "its input ended" in ended.why

    again = Forked("train", "--resume", tmp_path / "r", "--events")
    assert isinstance(started := again.until("started")[-1], Started) and started.step == ended.step
    again.until("stepped")
    again.stdout.close()
    assert again.wait() == 141 and again.stderr.read() == b""
    assert models.load(tmp_path / "r").training["steps"] > ended.step


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_before_it_ends_the_run(text_file: Path, tmp_path: Path, number: signal.Signals) -> None:
    run = Forked("train", text_file, "--out", tmp_path / "m", *LONG, "--json")
    run.until("stepped")
    run.send_signal(number)
    status, rest, err = run.end()
    assert isinstance(ended := rest[-1], Ended) and ended.status == status == 128 + number
    assert err == f"{ended.why}\n" and f"--resume {tmp_path / 'm'}" in ended.why
    model = models.load(tmp_path / "m")
    assert model.training["steps"] == ended.step == model.training["best_step"]


def test_killed_and_resumed_through_the_command_it_ends_the_same(text_file: Path, tmp_path: Path) -> None:
    """Killed twice on the way."""
    ends = [*SMALL, "--eval-every", "20", "--save-every", "5", "--dropout", "0.1", "--steps", "80", "--events"]
    kept, killed = tmp_path / "kept", tmp_path / "killed"
    undisturbed = Forked("train", text_file, "--out", kept, *ends)
    undisturbed.until("ended")
    assert undisturbed.end()[0] == 0
    argv: list[object] = ["train", text_file, "--out", killed, *ends]
    for step in (20, 50):
        run = Forked(*argv)
        while getattr(run.until("stepped")[-1], "step", 0) < step:
            pass
        run.send_signal(signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
        argv = ["train", "--resume", killed, "--events"]
    last = Forked(*argv)
    begun = last.until("ended")[0]
    assert last.end()[0] == 0 and isinstance(begun, Started) and 20 <= begun.step < 80
    assert (killed / "model/model.safetensors").read_bytes() == (kept / "model/model.safetensors").read_bytes()


def test_torchrun_trains_one_run_with_two_processes(text_file: Path, tmp_path: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    argv = ["-m", "playground", "train", str(text_file), "--out", str(tmp_path / "r"), *SMALL, "--steps", "8", "--json"]
    done = subprocess.run([*torchrun, *argv], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = lines_of(done.stdout)
    assert names(told).count("started") == names(told).count("ended") == 1  # only the main one speaks
    assert models.load(tmp_path / "r").training["steps"] == 8


def test_a_torchrun_that_is_killed_leaves_a_saved_run_and_no_process(text_file: Path, tmp_path: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    argv = ["-m", "playground", "train", str(text_file), "--out", str(tmp_path / "r"), *LONG, "--json"]
    with subprocess.Popen([*torchrun, *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout
        while b'"stepped"' not in run.stdout.readline():
            pass
        run.kill()
        rest = run.stdout.read()  # to its end: both processes have left
    assert isinstance(ended := lines_of(rest.decode())[-1], Ended) and ended.status == 143
    assert not is_running(tmp_path / "r") and Checkpoints(tmp_path / "r" / "checkpoints").steps()[-1] == ended.step
