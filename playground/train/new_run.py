"""The form that starts a run: what is wrong stands beside each line, what it will cost below all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Select, Static

from models import model_folders
from models.corpora import cautions
from models.corpora.spec import TokenizerSpec
from models.corpora.token_files import FRACTION
from models.formats.tokenizer_json import Kind
from models.gpt import GPTConfig
from models.runs import PRESETS, about, cost, preset
from models.runs.config import SETTINGS, TrainConfig
from playground import text
from playground.kit import numbers, paths
from playground.kit.beside import Beside
from playground.kit.dialogs import Dialog, Word
from playground.kit.keys import own_keys
from playground.train import estimate, form, sources
from playground.train.form import ENTRIES, LACKING, SIZES, TOKENS, Plan, Read
from playground.train.lines import Box, Line, Lines, Paths, blank, pick
from playground.train.record import Record
from playground.train.sources import Source

THIN, NARROW, TALL, SHORT = 76, 96, 35, 31  # cells and lines of the terminal
SCRATCH = ""  # no model to go on from

BYTES = 256  # tokens of a vocabulary of pieces, at least

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Start:
    """What is known of a model to start from."""

    config: GPTConfig
    kind: Kind | None  # of its vocabulary


class NewRun(Dialog[Plan], Beside[Plan | None]):
    """Choose data, sizes and parts; gives the plan, or None."""

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ["../kit/dialogs.tcss", "new_run.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = own_keys(
        "new-run",
        ("ctrl+s", "start", "start"),
        ("down", "app.focus_next", "next"),
        ("up", "app.focus_previous", "before"),
    )

    def __init__(
        self,
        runs: Mapping[str, Record],
        taken: Collection[str],
        starts: Sequence[tuple[str, str]],
        data: str,
        first: str = form.FIRST_PRESET,
    ) -> None:
        """`runs` so far, for their speed; names that are `taken`, theirs and others.

        `starts` are models to go on from, (words, name or folder), `data` is what stands there to learn from, and
        `first` the preset.
        """
        super().__init__()
        self.runs, self.taken, self.starts, self.data = runs, taken, starts, data
        self.first, self.base = first, form.lively(preset(first))
        self.asked: dict[str, Hashable] = {}  # what is to be known, the newest of each kind
        self.found: dict[str, Any] = {}  # and what is
        self.own_name = False  # the name was typed, not suggested
        self.own_kind: str = "char"  # the vocabulary that was chosen, whatever a model or a world has
        self.judged = Read(None)
        self.problems: dict[str, str] = {}  # by the line they stand beside; "" for the whole

    def compose(self) -> ComposeResult:
        """Title, lines, what it costs, keys."""
        with Vertical(classes="frame form"):
            yield Static("A new run", classes="title")
            with Lines():
                yield from self.lines()
            yield Static(id="cost")
            yield Static(classes="problem")
            with Horizontal(classes="words"):
                yield Word("⏎ ^s", "start", self.action_start)
                yield Word("tab ↑↓", "line", self.app.action_focus_next)
                yield Word("→", "complete", self.complete)
                yield Word("esc", "cancel", self.action_cancel)

    def lines(self) -> Iterator[Widget]:
        """One a setting."""
        yield Line("data", "learn from", "", blank("data", self.data, Paths()))
        kinds = [(words, kind) for kind, words in form.VOCABULARIES.items()]
        vocab = blank("vocab", "1024")
        yield Line("vocabulary", "tokens are", "", pick("vocabulary", kinds, "char"), vocab)
        presets = [(name, name) for name in PRESETS]
        yield Line("preset", "preset", "", pick("preset", presets, self.first))
        model = SETTINGS["model"]
        models = [(words, each) for each, words in model.meanings.items()]
        yield Line("model", model.label, model.says, pick("model", models, self.base.model))
        yield from (self.entry(name) for name in SIZES)
        boxes = [
            Box(part, id=f"without-{part}", compact=True, classes=f"column-{at % 4}") for at, part in enumerate(LACKING)
        ]
        yield Line("without", "without", "", Horizontal(*boxes[:4], classes="boxes"))
        yield Line("without-2", "", "", Horizontal(*boxes[4:], classes="boxes"))
        yield from (self.entry(name) for name in ENTRIES if name not in SIZES)
        starts = [("random numbers", SCRATCH), *self.starts]
        yield Line("start", "start from", "or a model that has learned before", pick("start", starts, SCRATCH))
        yield Line("name", "name", "of the run, and of its folder", blank("name", ""))

    def entry(self, name: str) -> Line:
        """A setting that is typed."""
        entry, value = ENTRIES[name], form.values_of(self.base)[name]
        return Line(name, entry.label, entry.says, blank(name, value, placeholder=entry.empty))

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
        self.call_after_refresh(self.judge)  # what is cut off beside a line is another

    def on_descendant_focus(self) -> None:
        """What is wrong with the line that has the keys is said in full below."""
        self.judge()

    def complete(self) -> None:
        """Take what completes the path that is typed."""
        path = self.query_one("#data", Input)
        path.focus()
        path.action_end()
        path.action_cursor_right()

    @property
    def stands(self) -> bool:
        """Whether every choice has what it begins with, as well."""
        return super().stands and self.is_filled

    @property
    def is_filled(self) -> bool:
        """Whether every choice has a value: one that has come with a burst of keys may not, for a moment."""
        return all(choice.value is not Select.NULL for choice in self.query(Select))

    # what is chosen --------------------------------------------------------------------------------------------

    def value(self, name: str) -> str:
        """What stands in a line."""
        control = self.query_one(f"#{name}")
        assert isinstance(control, Input | Select)
        return str(control.value).strip()

    @property
    def without(self) -> Collection[str]:
        """The parts that are left out."""
        return [part for part in LACKING if self.query_one(f"#without-{part}", Checkbox).value]

    @property
    def tokens(self) -> TokenizerSpec:
        """The vocabulary a text is to get."""
        kind = next(kind for kind in form.VOCABULARIES if kind == self.value("vocabulary"))
        typed = self.value("vocab").replace(",", "")
        return TokenizerSpec(kind, int(typed) if typed.isdecimal() else 0)

    @property
    def own_tokens(self) -> tuple[str, str]:
        """Of which kind the tokens of what comes along are, and what they are in words; nothing where a text does."""
        return form.OWN.get(self.value("data"), ("", ""))

    @property
    def goes_on(self) -> bool:
        """Whether it starts from a model, which decides the sizes and the vocabulary."""
        return self.value("start") != SCRATCH

    @property
    def suggestion(self) -> str:
        """The name that tells what the run is."""
        data, model, attention = map(self.value, ("data", "model", "attention"))
        return form.suggested_name(data, self.without, model, self.taken, attention)

    @on(Select.Changed, "#preset")
    def choose_preset(self) -> None:
        """All the settings it is made of; `judge` fills them in."""
        if self.value("preset") in form.OWN:
            self.query_one("#data", Input).value = self.value("preset")

    @on(Select.Changed, "#vocabulary")
    def choose_vocabulary(self, event: Select.Changed) -> None:
        """What the tokens of a text are to be; kept where another kind is given for a while."""
        self.own_kind = str(event.value)

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    def changed(self, event: Message | None = None) -> None:
        """Another value: judge anew."""
        if isinstance(event, Input.Changed) and event.input.id == "name":
            self.own_name = event.value not in ("", self.suggestion)  # kept whatever else is chosen
        self.judge()

    # what is known of it ---------------------------------------------------------------------------------------

    def known(self, kind: str, of: Hashable, compute: Callable[[], Found]) -> Found | str | None:
        """What was computed, or what was wrong; None while that is not there, which the first question begins."""
        if self.asked.get(kind) != of:
            self.asked[kind] = of
            self.found[kind] = None
            take = partial(self.take, kind, of)
            self.do_beside(compute, take, take)
        found: Found | str | None = self.found[kind]
        return found

    def take(self, kind: str, of: Hashable, found: object) -> None:
        """It is known; what is no longer asked for is dropped."""
        if self.asked[kind] == of:
            self.found[kind] = found
            self.judge()

    @property
    def source(self) -> Source | str | None:
        """What is known of the text, or what is wrong with it; None while it is looked at."""
        data, tokens = self.value("data"), self.tokens
        return self.known("source", (data, tokens), partial(sources.look_at, data, tokens.kind, tokens.vocab))

    @property
    def start(self) -> Start | str | None:
        """The model to start from, or what is wrong with it; None while it is read, or where none is."""
        name = self.value("start")
        return self.known("start", name, partial(_start, name)) if self.goes_on else None

    def judge(self) -> None:
        """Say what is wrong beside each line, and what it costs."""
        if not self.is_filled:
            return
        self.fill()
        self.judged = form.read(
            {name: self.value(name) for name in ENTRIES}, self.without, self.value("model"), self.base
        )
        told = {
            "data": self.source,
            "vocabulary": self.vocab_problem,
            "start": self.start,
            **self.judged.problems,
            "name": form.check_name(self.query_one("#name", Input).value, self.taken),
        }
        self.problems = {name: problem for name, problem in told.items() if isinstance(problem, str)}
        says, known = self.says(), self.cautions()
        for line in self.query(Line):
            line.remark(self.problems.get(line.key), known.get(line.key), says.get(line.key))
        self.query_one("#cost", Static).update(self.cost())
        here = self.focused.id if self.focused is not None else None
        caution = known.get(here or "") or next(iter(known.values()), "")
        self.say_below(self.problems.get(here or "") or self.problems.get("", "") or caution)

    def cautions(self) -> dict[str, str]:
        """What should be known of the text before it is learned from, by the line it stands beside."""
        source, config = self.source, self.judged.config
        if not isinstance(source, Source):
            return {}
        found = [each for each in source.cautions if each.about == "text" or not self.goes_on]
        if config is not None and math.isfinite(source.tokens):
            tokens = round(source.tokens)
            found += cautions.held_out(tokens - int(tokens * FRACTION), config.block_size)
        return {"data" if each.about == "text" else "vocabulary": each.says for each in found}

    def fill(self) -> None:
        """What follows from other lines: settings from the preset, what a model to start from has, a name."""
        start = self.start if isinstance(self.start, Start) else None
        self.fill_settings(start)
        self.fill_vocabulary(start)
        if not self.own_name and self.value("name") != self.suggestion:
            with self.prevent(Input.Changed):
                self.query_one("#name", Input).value = self.suggestion

    def fill_settings(self, start: Start | None) -> None:
        """All settings where the preset is another, or the model to start from; that decides what is its own."""
        base = form.lively(preset(self.value("preset")))
        base = base.of_size(start.config) if start else base
        if base != self.base:
            self.base = base
            for name, value in form.values_of(base).items():
                self.query_one(f"#{name}", Input).value = value
            self.query_one("#model", Select).value = base.model
            for part in LACKING:
                self.query_one(f"#without-{part}", Checkbox).value = part in base.gpt(vocab_size=1).lacks
        for name in ("model", *SIZES, *(f"without-{part}" for part in LACKING)):
            self.query_one(f"#{name}").disabled = self.goes_on

    def fill_vocabulary(self, start: Start | None) -> None:
        """What the tokens are: as the person chose, unless what comes along or the model to start from has its own."""
        own, _ = self.own_tokens
        given = bool(own) or self.goes_on
        kind = (start.kind if start else None) or own or self.own_kind
        vocabulary = self.query_one("#vocabulary", Select)
        vocabulary.disabled = given
        with self.prevent(Select.Changed):
            vocabulary.value = kind
        self.query_one("#vocab").display = kind == "bpe" and not given

    def says(self) -> dict[str, str]:
        """What is said beside lines whose meaning depends on what is chosen."""
        source, lacks = self.source, ", ".join(self.without)
        own = self.own_tokens[1] or ("those of the model it starts from" if self.goes_on else "")
        return {
            "data": source.says if isinstance(source, Source) else "looking ...",
            "vocabulary": own or "how a text is cut",
            "preset": about(self.value("preset"))[0].rstrip("."),  # how long it takes is said below, for this machine
            "without": f"it grows up without {lacks}" if lacks else "all parts are there",
        }

    @property
    def vocab_problem(self) -> str | None:
        """What is wrong with the size of a BPE vocabulary."""
        wrong = self.query_one("#vocab").display and self.tokens.vocab < BYTES
        return f"a vocabulary of pieces has at least {BYTES} tokens - type a number" if wrong else None

    @property
    def unit(self) -> str:
        """What its tokens are called."""
        return TOKENS[self.tokens.kind]

    @property
    def wrong(self) -> str | None:
        """The first thing that is wrong."""
        if self.source is None or (self.goes_on and self.start is None):
            return "it is still being looked at - a moment"
        return next(iter(self.problems.values()), None)

    def say_below(self, problem: str) -> None:
        """Below all lines, where there is room for it: what is wrong, else all of what the line with the keys means."""
        lines = [each for each in self.focused.ancestors if isinstance(each, Line)] if self.focused is not None else []
        below = self.query_one(".problem", Static)
        below.set_class(not problem, "remark")
        below.update(text.content(problem or next((line.cut_off for line in lines), "")))

    def cost(self) -> Content:
        """Parameters, tokens and time, as far as they are known."""
        config, source, start = self.judged.config, self.source, self.start
        if self.problems or config is None:
            return Content.styled("mend what is marked, then it can start", "$foreground-muted")
        if self.wrong is not None or not isinstance(source, Source):
            return Content.styled("looking at what it learns from ...", "$foreground-muted")
        vocab_size = start.config.vocab_size if isinstance(start, Start) else source.vocab_size
        about = "" if source.is_exact or isinstance(start, Start) else "about "
        parameters = (f"{about}{cost.n_parameters(config, vocab_size):,} parameters", "bold $accent")
        speed = estimate.speed_of(self.runs.values(), config, vocab_size) or self.known(
            "speed", config.n_embd, partial(estimate.measure, config)
        )
        if not isinstance(speed, float):
            return Content.assemble(parameters, " · measuring this machine ...")
        told = estimate.estimate(config, source, vocab_size, speed)
        steps, seen = told.steps, told.steps * config.batch * config.block_size
        time = (f"about {numbers.duration(told.seconds)}", "bold $accent")
        passes = f", {seen / source.tokens:.3g} times the text" if math.isfinite(source.tokens) else ""
        course = (
            f" on this machine · {steps:,} steps of {config.batch} × {config.block_size}, {seen:,} {self.unit}{passes}"
        )
        return Content.assemble(parameters, " · ", time, course)

    @on(Input.Submitted)
    def action_start(self) -> None:
        """Give the plan, if nothing is wrong."""
        wrong = self.wrong
        if wrong is not None:
            self.say_below(wrong)
            return
        assert self.judged.config is not None
        data, tokens = paths.meant(self.value("data")), None if self.own_tokens[0] else self.tokens
        self.dismiss(Plan(self.value("name"), self.judged.config, (data,), tokens, self.value("start")))


def _start(name: str) -> Start:
    model = model_folders.load(name)
    TrainConfig().of_size(model.config)  # or it is said why not
    kind = model.tokenizer.kind if model.tokenizer else None
    return Start(model.config, "bpe" if kind == "subword" else kind)  # pieces of words, all of which are shown as one
