"""Train a GPT on a text file.

The first 90 % of the text are learned from, the rest is held out and measured at intervals; the best weights so far
are in the folder at any time. Ctrl+C saves and measures; once more, and it leaves at once. Needs torch.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from playground.text import visible

if TYPE_CHECKING:
    from models.training import Report, TrainConfig
    from models.training.result import Corpus

EXAMPLES = """\
examples:
  playground train book.txt --out runs/book
  playground train book.txt --out runs/book --preset shakespeare --minutes 20
  playground train book.txt --out runs/words --tokenizer word --lowercase --min-count 3
  playground train book.txt --out runs/tiny --layers 2 --heads 2 --width 64 --context 64 --steps 500 --json

Then: playground --model runs/book

--json writes one object a line: step, progress, tokens, seconds, loss, rate, and held_out where it was measured.
Exit status: 0 done; 2 unusable input; 5 stopped because the loss was no number any more; 130, 143 or 129 stopped by
ctrl+c, a TERM signal or a closed terminal. All but 2 leave the best weights in the folder.
"""

# option, TrainConfig's name, type, help
OPTIONS: tuple[tuple[str, str, type, str], ...] = (
    ("layers", "n_layer", int, "blocks"),
    ("heads", "n_head", int, "attention heads in each"),
    ("width", "n_embd", int, "width of the residual stream; a multiple of the heads"),
    ("context", "block_size", int, "how many tokens it sees at once"),
    ("batch", "batch", int, "windows of that length in a step"),
    ("steps", "steps", int, "end after so many steps"),
    ("minutes", "minutes", float, "end after so many minutes"),
    ("lr", "lr", float, "learning rate at its highest"),
    ("warmup", "warmup", int, "steps until it is reached"),
    ("decay", "weight_decay", float, "weight decay of the matrices"),
    ("dropout", "dropout", float, "share dropped at random while training"),
    ("clip", "clip", float, "greatest norm of a step's gradient"),
    ("eval-every", "eval_every", int, "steps between measurements of the held-out text"),
    ("seed", "seed", int, "same seed, same start and same windows"),
    ("threads", "threads", int, "threads; 0: as many as torch likes"),
)
EVERY = 0.5  # seconds between lines that are not measurements


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of train."""
    parser.add_argument("text", metavar="TEXT", help="a UTF-8 text file")
    parser.add_argument("--out", metavar="DIR", required=True, help="the model's folder, made by this command")
    parser.add_argument("--force", action="store_true", help="replace a model that is already there")
    parser.add_argument(
        "--preset", metavar="NAME", default="small", help="tiny, small or shakespeare; default: %(default)s"
    )
    sizes = parser.add_argument_group("instead of what the preset says")
    for option, name, kind, says in OPTIONS:
        sizes.add_argument(f"--{option}", dest=name, metavar="X" if kind is float else "N", type=kind, help=says)
    sizes.add_argument(
        "--dtype", choices=("auto", "float32", "bfloat16"), help="of the matrix products; auto: measured"
    )
    tokens = parser.add_argument_group("tokens")
    tokens.add_argument("--tokenizer", choices=("char", "word", "bpe"), default="char", help="default: %(default)s")
    tokens.add_argument(
        "--vocab", metavar="N", type=int, default=1024, help="size of a BPE vocabulary; default: %(default)s"
    )
    tokens.add_argument("--lowercase", action="store_true", help="words without capitals")
    tokens.add_argument(
        "--min-count", metavar="N", type=int, default=1, help="rarer words become <unk>; default: %(default)s"
    )
    parser.add_argument(
        "--store", choices=("float16", "float32"), default="float16", help="type in the file; default: %(default)s"
    )
    parser.add_argument("--json", action="store_true", help="progress as JSON lines")


def run(args: argparse.Namespace) -> int:
    """Train, and say where the model is."""
    from models.errors import UserError

    out = Path(args.out)
    _check_place(out, args.force)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin while waiting starve one another
    try:
        from models.training.memory import keep_freed_memory
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UserError('training needs torch - pip install "transformer-playground[train]"') from None
    keep_freed_memory()
    return _train(args, out, _config(args), _corpus(args))


def _check_place(out: Path, force: bool) -> None:
    from models.errors import UserError

    try:
        os.lstat(out)
        taken = not out.is_dir() or any(out.iterdir())
    except FileNotFoundError:
        taken = False
    except (OSError, ValueError):
        raise UserError(f"{visible(str(out))} cannot be used as a folder - choose another --out") from None
    if taken and not (force and (out / "config.json").exists()):
        instead = ", or replace the model there with --force" if (out / "config.json").exists() else ""
        raise UserError(f"{visible(str(out))} exists - choose another --out{instead}")
    parent = next(folder for folder in out.absolute().parents if folder.exists())
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise UserError(f"{visible(str(parent))} cannot be written to - choose another --out")


def _config(args: argparse.Namespace) -> TrainConfig:
    from models.training import TrainConfig, preset

    base = preset(args.preset)
    if (args.minutes is None) != (args.steps is None):  # one end given: it is the only one
        base = replace(base, steps=args.steps, minutes=args.minutes)
    given = {each.name: getattr(args, each.name) for each in fields(TrainConfig)}
    return replace(base, **{name: value for name, value in given.items() if value is not None})


def _corpus(args: argparse.Namespace) -> Corpus:
    from models.corpora import read_text
    from models.tokenizers import Tokenizer
    from models.training.result import corpus

    text = read_text(args.text)
    if args.tokenizer == "word":
        tokenizer = Tokenizer.train_word(text, lowercase=args.lowercase, min_count=args.min_count)
    elif args.tokenizer == "bpe":
        tokenizer = Tokenizer.train_bpe(text, vocab_size=args.vocab)
    else:
        tokenizer = Tokenizer.train_char(text)
    return corpus(text, tokenizer, Path(args.text).name)


def _train(args: argparse.Namespace, out: Path, config: TrainConfig, corpus: Corpus) -> int:
    from models.training import NonFinite, Training
    from models.training.result import finish, save

    training = Training(config, corpus.tokenizer.vocab_size, corpus.tokens, corpus.held_out)
    begun, status, fault = time.monotonic(), 0, ""

    def keep() -> None:
        facts = {"command": _command(args), "minutes": round((time.monotonic() - begun) / 60, 2)}
        save(training, corpus, out, facts, args.store)

    with _signals() as caught, _view(args.json) as view:
        try:
            for report in training.reports():
                if report.best:
                    _try(keep, view)
                if caught:
                    status = 128 + caught[0]
                    break
                view.show(report)
        except NonFinite as error:
            fault, status = str(error), 5
        training.measure_if_new()
        keep()
    _say(f"saved {visible(str(out))}; measuring it on all of the held-out text")
    model = finish(out, corpus, args.store)
    _say(f"{visible(str(out))}: {model.training['val_loss']:.4f} nats a token")
    if fault:
        _say(f"error: {fault}")
    return status


def _try(keep: Callable[[], None], view: View) -> None:
    """Save; if the disk does not let us, train on and try again at the next best."""
    from models.errors import UserError

    try:
        keep()
    except UserError as error:
        view.say(visible(str(error)))


def _command(args: argparse.Namespace) -> str:
    """What was typed, for the card; made up again from the options where it is not known."""
    typed = sys.argv[sys.argv.index("train") :] if "train" in sys.argv else ["train", args.text, "--out", args.out]
    return shlex.join(["playground", *typed])


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Collect INT, TERM and HUP; the second one ends the process as usual."""
    caught: list[int] = []
    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    usual = {number: handler for number, handler in usual.items() if handler is not signal.SIG_IGN}  # nohup

    def note(number: int, frame: object) -> None:
        caught.append(number)
        for each, handler in usual.items():
            signal.signal(each, handler)

    for number in usual:
        signal.signal(number, note)
    try:
        yield caught
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


class View(Protocol):
    """Shows where a run stands."""

    def show(self, report: Report) -> None:
        """After a step."""

    def say(self, sentence: str) -> None:
        """Something that the person should know."""


@contextmanager
def _view(as_json: bool) -> Iterator[View]:
    if as_json:
        yield JsonLines()
    else:
        with Bar() as bar:
            yield bar


class JsonLines:
    """One object a line, at most two a second but every measurement."""

    def __init__(self) -> None:
        """Begin with the first step."""
        self.last = 0.0

    def show(self, report: Report) -> None:
        """Write the line if it is due."""
        now = time.monotonic()
        if report.held_out is not None or now - self.last >= EVERY:
            self.last = now
            line = {each.name: getattr(report, each.name) for each in fields(report)}
            print(json.dumps({name: value for name, value in line.items() if value is not None}), flush=True)

    def say(self, sentence: str) -> None:
        """Leave standard output to the objects."""
        _say(sentence)


class Bar:
    """A progress bar with loss, tokens a second and the time left; a line for every measurement."""

    def __init__(self) -> None:
        """Draw to standard error."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = ("{task.fields[step]}", "{task.fields[loss]}", "{task.fields[speed]}", "{task.fields[left]}")
        self.console = Console(stderr=True, highlight=False)
        self.progress = Progress(
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            *(TextColumn(column, markup=False) for column in columns),
            console=self.console,
        )
        self.task = self.progress.add_task("", total=1.0, step="", loss="", speed="", left="")

    def __enter__(self) -> Bar:
        """Begin to draw."""
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last state on the screen."""
        self.progress.stop()

    def show(self, report: Report) -> None:
        """Move the bar; print a measurement."""
        left = report.seconds * (1 - report.progress) / max(report.progress, 1e-9)
        self.progress.update(
            self.task,
            completed=report.progress,
            step=f"step {report.step:,}",
            loss=f"loss {report.loss:.3f}",
            speed=f"{report.tokens / max(report.seconds, 1e-9):,.0f} tokens/s",
            left=f"{_clock(left)} left",
        )
        if report.held_out is not None:
            mark = "  best" if report.best else ""
            times = f"step {report.step:>7,}  {_clock(report.seconds)}"
            self.say(f"{times}  loss {report.loss:.4f}  held out {report.held_out:.4f}{mark}")

    def say(self, sentence: str) -> None:
        """A line above the bar."""
        self.console.print(sentence, markup=False)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
