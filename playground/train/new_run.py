"""The form that starts a run: what is wrong stands beside each line, what it will cost below all of them."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Select, Static

from models import model_folders
from models.errors import UserError
from models.gpt import GPTConfig
from models.runs import PRESETS, cost, preset
from models.runs.config import SETTINGS, TrainConfig
from playground import text
from playground.kit import numbers
from playground.kit.dialogs import Dialog, Word
from playground.train import estimate, form, sources
from playground.train.form import ENTRIES, LACKING, LITTLE_WORLD, SIZES, Plan, Read, Vocabulary
from playground.train.record import Record

THIN, NARROW, TALL, SHORT = 76, 96, 35, 31  # cells and lines of the terminal
SCRATCH = ""  # no model to go on from

Wanted = tuple[str, Vocabulary, int]


class Paths(Suggester):
    """Completes a path while it is typed; the right arrow takes it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first that fits."""
        return next(iter(sources.completions(value)), None) if value else None


class Box(Checkbox):
    """Its mark is there or not, which can be seen without colours as well."""

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        """Another state, another mark."""
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()


class Line(Horizontal):
    """A label, a control, and a remark: what it means, or what is wrong."""

    def __init__(self, name: str, label: str, says: str, *controls: Widget) -> None:
        super().__init__(id=f"line-{name}", classes="line")
        self.label, self.says, self.controls = label, says, controls

    def compose(self) -> ComposeResult:
        """From left to right."""
        yield Static(text.content(self.label), classes="label")
        yield from self.controls
        yield Static(text.content(self.says), classes="says")

    def remark(self, problem: str | None, says: str | None = None) -> None:
        """Say what is wrong; without a fault, what it means."""
        remark = self.query_one(".says", Static)
        remark.set_class(problem is not None, "wrong")
        remark.update(text.content(problem or says or self.says))


class NewRun(Dialog[Plan]):
    """Choose data, sizes and parts; gives the plan, or None."""

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ["../kit/dialogs.tcss", "new_run.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "start", "start", id="new-run-start"),
        Binding("down", "app.focus_next", "next", id="new-run-next"),
        Binding("up", "app.focus_previous", "before", id="new-run-before"),
    ]

    class Looked(Message):
        """A text was looked at, or a product measured."""

        def __init__(self, wanted: Wanted, found: sources.Source | str) -> None:
            self.wanted, self.found = wanted, found
            super().__init__()

    class Opened(Message):
        """A model to start from was read: its sizes, or what is wrong with it."""

        def __init__(self, start: str, found: GPTConfig | str) -> None:
            self.start, self.found = start, found
            super().__init__()

    class Timed(Message):
        """This machine's speed at such a width."""

        def __init__(self, width: int, speed: float) -> None:
            self.width, self.speed = width, speed
            super().__init__()

    def __init__(self, runs: Mapping[str, Record], starts: Sequence[tuple[str, str]], data: str = LITTLE_WORLD) -> None:
        """`runs` so far, for their names and speed; `starts`: models to go on from, (words, name or folder)."""
        super().__init__()
        self.runs, self.starts, self.data = runs, starts, data
        self.base = form.lively(preset(form.FIRST_PRESET))
        self.looked: tuple[Wanted, sources.Source | str] | None = None
        self.opened: dict[str, GPTConfig | str] = {}  # models to start from
        self.speeds: dict[int, float] = {}  # measured, by width
        self.own_name = False  # the name was typed, not suggested
        self.judged = Read(None)

    def compose(self) -> ComposeResult:
        """Title, lines, what it costs, keys."""
        with Vertical(classes="frame form"):
            yield Static("A new run", classes="title")
            with VerticalScroll(can_focus=False):
                yield from self.lines()
            yield Static(id="cost")
            yield Static(classes="problem")
            with Horizontal(classes="words"):
                yield Word("⏎ ^s", "start", self.action_start)
                yield Word("tab ↑↓", "line", self.app.action_focus_next)
                yield Word("→", "complete", lambda: None)
                yield Word("esc", "cancel", self.action_cancel)

    def lines(self) -> Iterator[Widget]:
        """One a setting."""
        yield Line("data", "learn from", "", _input("data", self.data, Paths()))
        kinds = [(words, kind) for kind, words in form.VOCABULARIES.items()]
        vocab = _input("vocab", "1024")
        yield Line("vocabulary", "tokens are", "", _select("vocabulary", kinds, "char"), vocab)
        presets = [(name, name) for name in PRESETS]
        yield Line("preset", "preset", "", _select("preset", presets, form.FIRST_PRESET))
        model = SETTINGS["model"]
        models = [(words, each) for each, words in model.meanings.items()]
        yield Line("model", model.label, model.says, _select("model", models, self.base.model))
        yield from (self.entry(name) for name in SIZES)
        boxes = [
            Box(part, id=f"without-{part}", compact=True, classes=f"column-{at % 4}") for at, part in enumerate(LACKING)
        ]
        yield Line("without", "without", "", Horizontal(*boxes[:4], classes="boxes"))
        yield Line("without-2", "", "", Horizontal(*boxes[4:], classes="boxes"))
        yield from (self.entry(name) for name in ENTRIES if name not in SIZES)
        starts = [("random numbers", SCRATCH), *self.starts]
        yield Line("start", "start from", "or a model that has learned before", _select("start", starts, SCRATCH))
        yield Line("name", "name", "of the run, and of its folder", _input("name", ""))

    def entry(self, name: str) -> Line:
        """A setting that is typed."""
        entry, value = ENTRIES[name], form.values_of(self.base)[name]
        return Line(name, entry.label, entry.says, _input(name, value, placeholder=entry.empty))

    def on_mount(self) -> None:
        """Judge what stands there from the start."""
        self.query_one("#data", Input).focus()
        self.changed()

    def on_resize(self, event: events.Resize) -> None:
        """Where there is room, groups stand apart; where there is none, the lines scroll."""
        self.set_class(event.size.width < NARROW, "narrow")
        self.set_class(event.size.width < THIN, "thin")
        self.set_class(event.size.height >= TALL, "tall")
        self.set_class(event.size.height < SHORT, "short")

    def on_descendant_focus(self) -> None:
        """What is wrong with the line that has the keys is said in full below."""
        self.judge()

    # what is chosen --------------------------------------------------------------------------------------------

    def value(self, name: str) -> str:
        """What stands in a line."""
        control = self.query_one(f"#{name}")
        assert isinstance(control, Input | Select)
        return str(control.value)

    @property
    def without(self) -> Collection[str]:
        """The parts that are left out."""
        return [part for part in LACKING if self.query_one(f"#without-{part}", Checkbox).value]

    @property
    def wanted(self) -> Wanted:
        """What must be looked at."""
        kind = next(kind for kind in form.VOCABULARIES if kind == self.value("vocabulary"))
        typed = self.value("vocab").replace(",", "").strip()
        return self.value("data").strip(), kind, int(typed) if typed.isdecimal() else 0

    @property
    def source(self) -> sources.Source | str | None:
        """What is known of the text, or what is wrong with it; None while it is looked at."""
        return self.looked[1] if self.looked and self.looked[0] == self.wanted else None

    @on(Select.Changed, "#preset")
    def choose_preset(self) -> None:
        """All the settings it is made of."""
        self.fill(form.lively(preset(self.value("preset"))))
        if self.value("preset") == LITTLE_WORLD:
            self.query_one("#data", Input).value = LITTLE_WORLD

    @on(Select.Changed, "#start")
    def choose_start(self) -> None:
        """A model that is gone on from decides the sizes; without one they are the preset's again."""
        start = self.value("start")
        if start not in (SCRATCH, *self.opened):
            self.open(start)
        model = self.opened.get(start)
        base = form.lively(preset(self.value("preset")))
        self.fill(base.of_size(model) if isinstance(model, GPTConfig) else base)
        for name in ("model", *SIZES, *(f"without-{part}" for part in LACKING)):
            self.query_one(f"#{name}").disabled = start != SCRATCH

    def fill(self, base: TrainConfig) -> None:
        """Every line with the settings of this config."""
        if base == self.base:
            return
        self.base = base
        for name, value in form.values_of(base).items():
            self.query_one(f"#{name}", Input).value = value
        self.query_one("#model", Select).value = base.model
        for part in LACKING:
            self.query_one(f"#without-{part}", Checkbox).value = part in form.lacking(base)

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    def changed(self, event: Message | None = None) -> None:
        """Another value: look at the text if it is another, and judge anew."""
        if isinstance(event, Input.Changed) and event.input.id == "name":
            self.own_name = event.value not in ("", self.suggestion)  # kept whatever else is chosen
        if self.source is None:
            self.look(*self.wanted)
        self.judge()

    @property
    def suggestion(self) -> str:
        """The name that tells what the run is."""
        return form.suggested_name(self.value("data").strip(), self.without, self.value("model"), self.runs)

    # what is known of it ---------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="source")
    def look(self, data: str, vocabulary: Vocabulary, vocab: int) -> None:
        """Look at the text beside the drawing."""
        found: sources.Source | str
        try:
            found = sources.look_at(data, vocabulary, vocab)
        except UserError as error:
            found = str(error)
        except Exception as error:  # a fault of ours must not take what is trained with it
            found = f"this could not be looked at, a fault of ours: {error!r}"
        self.post_message(self.Looked((data, vocabulary, vocab), found))

    @work(thread=True, exclusive=True, group="start")
    def open(self, start: str) -> None:
        """Read a model to start from, beside the drawing."""
        found: GPTConfig | str
        try:
            found = model_folders.load(start).config
        except UserError as error:
            found = str(error)
        except Exception as error:  # as above
            found = f"this could not be opened, a fault of ours: {error!r}"
        self.post_message(self.Opened(start, found))

    @work(thread=True, exclusive=True, group="speed")
    def time(self, config: TrainConfig) -> None:
        """Measure this machine beside the drawing."""
        self.post_message(self.Timed(config.n_embd, estimate.measure(config)))

    def on_new_run_looked(self, message: Looked) -> None:
        """The text is known."""
        self.looked = message.wanted, message.found
        self.judge()

    def on_new_run_opened(self, message: Opened) -> None:
        """The model to start from is known."""
        self.opened[message.start] = message.found
        self.choose_start()
        self.judge()

    def on_new_run_timed(self, message: Timed) -> None:
        """The speed is known."""
        self.speeds[message.width] = message.speed
        self.judge()

    def judge(self) -> None:
        """Say what is wrong beside each line, and what it costs."""
        if not self.own_name and self.value("name") != self.suggestion:
            with self.prevent(Input.Changed):
                self.query_one("#name", Input).value = self.suggestion
        values = {name: self.value(name) for name in ENTRIES}
        self.judged = form.read(values, self.without, self.value("model"), self.base)
        for name in ENTRIES:
            self.line(name).remark(self.judged.problems.get(name))
        self.line("data").remark(self.source if isinstance(self.source, str) else None, self.source_says)
        self.line("preset").remark(None, (PRESETS[self.value("preset")].__doc__ or "").rstrip("."))
        self.line("name").remark(form.check_name(self.value("name"), self.runs))
        world, start = self.wanted[0] == LITTLE_WORLD, self.value("start") != SCRATCH
        self.query_one("#vocab").display = self.value("vocabulary") == "bpe" and not world and not start
        self.query_one("#vocabulary").disabled = world or start
        said = "words of that world" if world else "those of the model it starts from" if start else "how a text is cut"
        self.line("vocabulary").remark(self.vocab_problem, said)
        self.line("start").remark(self.start_problem)
        lacks = ", ".join(self.without)
        self.line("without").remark(None, f"it grows up without {lacks}" if lacks else "all parts are there")
        self.query_one("#cost", Static).update(self.cost())
        self.query_one(".problem", Static).update(text.content(self.problem_here or ""))

    def line(self, name: str) -> Line:
        """The line of a setting."""
        return self.query_one(f"#line-{name}", Line)

    @property
    def problem_here(self) -> str | None:
        """What is wrong with the line that has the keys, or with all of it."""
        name = self.focused.id if self.focused is not None and self.focused.id else ""
        source = self.source if name == "data" and isinstance(self.source, str) else None
        own = form.check_name(self.value("name"), self.runs) if name == "name" else None
        return source or own or self.judged.problems.get(name) or self.judged.problems.get("")

    @property
    def source_says(self) -> str:
        """About the text, or that it is being looked at."""
        return self.source.says if isinstance(self.source, sources.Source) else "looking ..."

    @property
    def vocab_problem(self) -> str | None:
        """What is wrong with the size of a BPE vocabulary."""
        least = 256  # all bytes
        wrong = self.query_one("#vocab").display and self.wanted[2] < least
        return f"a vocabulary of pieces has at least {least} tokens - type a number" if wrong else None

    @property
    def start_problem(self) -> str | None:
        """What is wrong with the model to start from."""
        found = self.opened.get(self.value("start"))
        return found if isinstance(found, str) else None

    def cost(self) -> Content:
        """Parameters, tokens and time, as far as they are known."""
        config, source, start = self.judged.config, self.source, self.opened.get(self.value("start"))
        if self.wrong is not None or config is None or not isinstance(source, sources.Source):
            return Content.styled("mend what is marked, then it can start", "$foreground-muted")
        vocab_size = start.vocab_size if isinstance(start, GPTConfig) else source.vocab_size
        count = cost.n_parameters(config, vocab_size)
        parts: list[str | tuple[str, str]] = [(f"{count:,} parameters", "bold $accent")]
        speed = estimate.speed_of(self.runs.values(), config, vocab_size) or self.speeds.get(config.n_embd)
        if speed is None:
            self.time(config)
            return Content.assemble(*parts, " · measuring this machine ...")
        seconds = estimate.seconds(config, vocab_size, speed)
        steps = estimate.steps(config, vocab_size, speed)
        seen = steps * config.batch * config.block_size
        parts += [" · ", (f"about {numbers.duration(seconds)}", "bold $accent"), f" on this machine · {steps:,} steps"]
        passes = f", {seen / source.tokens:.3g} times the text" if math.isfinite(source.tokens) else ""
        parts += [f" of {config.batch} × {config.block_size} tokens{passes}"]
        return Content.assemble(*parts)

    @on(Input.Submitted)
    def action_start(self) -> None:
        """Give the plan, if nothing is wrong."""
        wrong = self.wrong
        if wrong is None:
            assert self.judged.config is not None
            data, kind, vocab = self.wanted
            where, start = (os.path.expanduser(data),), self.value("start")
            self.dismiss(Plan(self.value("name"), self.judged.config, where, kind, vocab, start=start))
        else:
            self.query_one(".problem", Static).update(text.content(wrong))

    @property
    def wrong(self) -> str | None:
        """The first thing that is wrong."""
        source, start = self.source, self.value("start")
        if source is None or start not in (SCRATCH, *self.opened):
            return "it is still being looked at - a moment"
        problems = (
            source if isinstance(source, str) else None,
            self.vocab_problem,
            self.start_problem,
            *self.judged.problems.values(),
            form.check_name(self.value("name"), self.runs),
        )
        return next((problem for problem in problems if problem), None)


def _input(name: str, value: str, suggester: Suggester | None = None, placeholder: str = "") -> Input:
    return Input(value, id=name, compact=True, suggester=suggester, placeholder=placeholder)


def _select(name: str, options: Sequence[tuple[str, str]], value: str) -> Select[str]:
    shown = [(text.content(words), each) for words, each in options]
    return Select(shown, value=value, allow_blank=False, compact=True, id=name)
