"""The playground without a screen: one command a line, answered in plain sentences. For screen readers and scripts.

No colour, no drawing, no cursor movement. It keeps the same Session as the screen, so undo, branches and seeds agree.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from models import measures, sampling
from models.baselines import ALL as BASELINES
from models.baselines import Baseline, chosen
from models.errors import UserError, check_index
from models.gpt import GPT
from models.sampling import Draw, Sampler
from models.switches import ALL, check, parse
from models.tracing import Trace
from playground.kit.numbers import counted
from playground.looking import session as sessions
from playground.looking import switching
from playground.looking.engine import Traces
from playground.looking.session import History, Session
from playground.plain import speech
from playground.text import visible

Command = Callable[["Plain", str], Iterator[str]]
COMMANDS: dict[str, tuple[str, Command]] = {}  # how to write it and what it does, by its first word
CANDIDATES = 5


def run(model: GPT, baselines: Mapping[str, Baseline], session: Session) -> int:
    """Read commands until the input ends or "quit", starting from a Session with at least one token."""
    plain = Plain(model, baselines, session)
    say(plain.greeting())
    for line in lines():
        if line.strip() in ("quit", "exit", "q"):
            break
        say(plain.answer(line))
    return 0


def lines() -> Iterator[str]:
    """What the person types, until the input ends."""
    ask = "> " if sys.stdin and sys.stdin.isatty() else ""
    while True:
        try:
            yield input(ask)
        except (EOFError, RuntimeError):  # RuntimeError: there is no standard input at all
            return


def say(sentences: Iterable[str]) -> None:
    """Read them out, a line each."""
    for sentence in sentences:
        print(visible(sentence, keep="\n"), flush=True)


def command(usage: str, does: str) -> Callable[[Command], Command]:
    """Enter a method into the table that feeds both the dispatch and the help."""

    def enter(method: Command) -> Command:
        COMMANDS[usage.split()[0]] = (f"{usage}: {does}", method)
        return method

    return enter


def _whole(text: str, default: int | None, least: int = 1) -> int:
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) < least:
        raise UserError(f"{text!r} is not a whole number from {least}", "write one")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number", "write one") from None


def _index(text: str, what: str, count: int) -> int:
    number = _whole(text, None, least=0)
    check_index(what, number, count)
    return number


def _said(sampler: Sampler) -> str:
    return f"temperature {sampler.temperature:g}, top-k {sampler.top_k}, top-p {sampler.top_p:g}"


class Plain:
    """A Session, what can be said about it, and what can be done to it; every answer is lines to read out."""

    def __init__(self, model: GPT, baselines: Mapping[str, Baseline], session: Session) -> None:
        """Start from a Session with at least one token."""
        assert model.tokenizer is not None
        self.model, self.tokenizer = model, model.tokenizer
        self.baselines = baselines
        self.session = session
        self.history = History(session)
        self.traces = Traces(model)

    @property
    def beside(self) -> Baseline | None:
        """The baseline that stands beside the model."""
        return chosen(self.baselines, self.session.view.baseline)

    @property
    def now(self) -> Trace:
        """The pass that counts: with the switches."""
        return self.traces.get(self.session.tokens, self.session.switches)

    def answer(self, line: str) -> Iterator[str]:
        """Do what a line says, and say what came of it; what one line did is one undo."""
        word, _, rest = line.strip().partition(" ")
        word = word.lower() or "step"
        if word not in COMMANDS:
            near = difflib.get_close_matches(word, COMMANDS, 1, 0.7)
            hint = f"did you mean {near[0]}?" if near else "help lists them."
            yield f"There is no command {word!r}; {hint}"
            return
        try:
            yield from COMMANDS[word][1](self, rest if word == "prompt" else rest.strip())
        except UserError as error:
            yield f"Not done: {error}."
        self.history = self.history.do(self.session, word)

    def greeting(self) -> Iterator[str]:
        """What is loaded, and where to begin."""
        config = self.model.config
        sizes = f"{counted(config.n_layer, 'layer')} of {counted(config.n_head, 'head')}"
        learned = counted(self.model.n_parameters, "parameter")
        context = counted(config.block_size, "token")
        yield f"Model {self.model.name}: {sizes}, {learned}, a context of {context}."
        yield from self.status("")
        yield "An empty line steps one token. help lists the commands."

    @command("step [N]", "draw the next token, or N of them")
    def step(self, rest: str) -> Iterator[str]:
        """Each with its sentence."""
        for _ in range(_whole(rest, 1)):
            draw, before = self._draw(), self.session
            self.session = sessions.step(before, draw.token)
            if before.ahead and before.ahead[0] != draw.token:
                yield f"Place {draw.position}: {self._last()}, as before."
            else:
                yield speech.drawn(draw, self.tokenizer, before.tokens)

    @command("write [N]", "draw N tokens and read only the text they make")
    def write(self, rest: str) -> Iterator[str]:
        """The text alone."""
        before = len(self.session.tokens)
        for _ in range(_whole(rest, 50)):
            self.session = sessions.step(self.session, self._draw().token)
        yield "Wrote: " + self.tokenizer.decode(self.session.tokens[before:])

    @command("back [N]", "take back the last token, or N of them; step goes over them again")
    def back(self, rest: str) -> Iterator[str]:
        """The first token stays."""
        for _ in range(_whole(rest, 1)):
            self.session = sessions.back(self.session)
        yield self._where()

    @command("candidates [N]", "the likeliest next tokens, with the intact model's and the baseline's probabilities")
    def candidates(self, rest: str) -> Iterator[str]:
        """Numbered, for choose."""
        others = {}
        if self.session.switches:
            others["without the switches"] = measures.softmax(self.intact.logits[-1])
        if self.beside is not None:
            others[self.beside.name] = measures.softmax(self.beside.next_logits(self.session.tokens))
        yield from speech.candidates(
            self._draw(), self.tokenizer, self.session.tokens, others, _whole(rest, CANDIDATES)
        )

    @command("choose N", "go on with candidate N instead of drawing")
    def choose(self, rest: str) -> Iterator[str]:
        """By its number in candidates."""
        order = measures.ranked(self._draw().raw).tolist()
        place = _whole(rest, 1)
        if place > len(order):
            raise UserError(f"there are {len(order)} candidates, not {place}", "choose one of them")
        self.session = sessions.force(self.session, len(self.session.tokens) - 1, order[place - 1])
        yield f"Place {len(self.session.tokens) - 1}: {self._last()}, chosen by you."

    @command("prompt TEXT", "start again with this text")
    def prompt(self, rest: str) -> Iterator[str]:
        """What follows the one space after the word is the text."""
        tokens = tuple(self.tokenizer.encode(rest))
        if not tokens:
            raise UserError("there is no text", "write it after prompt")
        self.session = sessions.write(self.session, tokens, rest)
        yield self._where()

    @command("text", "read the text")
    def text(self, rest: str) -> Iterator[str]:
        """As it stands."""
        yield self.tokenizer.decode(self.session.tokens)

    @command("tokens", "every token with its surprise in bits, beside the baseline's")
    def tokens(self, rest: str) -> Iterator[str]:
        """A line each."""
        yield from speech.surprises(self.now, self.tokenizer, self.beside)

    @command("baseline [NAME]", f"what of {', '.join(kind.slug for kind in BASELINES)} stands beside the model")
    def baseline(self, rest: str) -> Iterator[str]:
        """Another with a name."""
        if rest:
            self.session = sessions.look(self.session, baseline=self._counted(rest).slug)
        said = [f"{each.name}, which {each.says}" for each in self.baselines.values()]
        yield f"Beside the model: {self.beside.name if self.beside else 'none'}. There are: {speech.listed(said)}."

    def expects(self, rest: str, slug: str) -> Iterator[str]:
        """A baseline's likeliest next tokens, and which one it would write."""
        baseline, tokens = self._counted(slug), self.session.tokens
        draw = sampling.draw(baseline.next_logits(tokens), self.session.sampler, self.session.seed, self._position)
        beside = {"the model": self._draw().raw}  # first: it may say that there are no numbers
        yield f"After {self._last()} the {baseline.name} expects:"
        yield from speech.candidates(draw, self.tokenizer, tokens, beside, CANDIDATES)
        yield f"Drawing with the same number, it would write {speech.after(tokens, self.tokenizer, draw.token)}."

    for kind in BASELINES:
        command(kind.slug, f"what the {kind.slug}, which {kind.says}, would say next")(partial(expects, slug=kind.slug))

    @command("head L.H", "choose a head, layer then head, and hear where it looks from the newest token")
    def head(self, rest: str) -> Iterator[str]:
        """Then row goes through its rows."""
        layer, _, head = rest.partition(".")
        config = self.model.config
        numbers = _index(layer, "layer", config.n_layer), _index(head, "head", config.n_head)
        self.session = sessions.look(self.session, layer=numbers[0], head=numbers[1], row=None)
        yield from self._looks(len(self.now) - 1)

    @command("row [N]", "where the chosen head looks from place N")
    def row(self, rest: str) -> Iterator[str]:
        """The newest without N."""
        now = self.now
        position = _whole(rest, self._position - 1, least=0)
        if not now.dropped <= position < now.dropped + len(now):
            last = now.dropped + len(now) - 1
            raise UserError(f"there is no place {position} in the context", f"it has {now.dropped} to {last}")
        yield from self._looks(position - now.dropped)

    @command("switch [NAME]", "switch a part off or on again, for example switch head-off:0.2; alone it lists all")
    def switch(self, rest: str) -> Iterator[str]:
        """And what that changed."""
        if not rest:
            yield from (f"{kind.slug}: {kind.says}" for kind in ALL)
            yield f"On now: {speech.listed(map(str, self.session.switches))}."
            return
        (switch,) = check([parse(rest)], self.model.config)
        changed = switching.toggle(self.session, switch)
        on = check(changed.switches, self.model.config)
        self.session = replace(changed, switches=on)
        yield f"{switch} is {'on' if switch in on else 'off'}. On now: {speech.listed(map(str, on))}."
        yield from self.effect("")

    @command("effect", "what the switches changed about the next token")
    def effect(self, rest: str) -> Iterator[str]:
        """Against the intact model."""
        if self.session.switches:
            yield speech.effect(self.intact, self.now, self.tokenizer)
        else:
            yield "The model is intact."

    @command("clear", "all switches off")
    def clear(self, rest: str) -> Iterator[str]:
        """The intact model."""
        self.session = switching.clear_switches(self.session)
        yield "No switch is on."

    @command("seed N", "draw with other random numbers")
    def seed(self, rest: str) -> Iterator[str]:
        """The same seed draws the same tokens."""
        number = _whole(rest, None, least=0)
        sampling.uniform(number, 0)
        self.session = sessions.decide_anew(self.session, seed=number)
        yield f"The seed is {number}."

    def sample(self, rest: str, name: str, read: Callable[[str], float]) -> Iterator[str]:
        """Another number of that name, for the next draws."""
        # each is read as the number that the field of its name is
        sampler = replace(self.session.sampler, **{name: read(rest)})  # type: ignore[arg-type]
        self.session = sessions.decide_anew(self.session, sampler=sampler)
        yield f"{_said(sampler).capitalize()}."

    for usage, does, read in (
        ("temperature X", "below 1 surer, above 1 bolder, 0 always the likeliest", _number),
        ("top-k N", "draw among the N likeliest only; 0 is all", partial(_whole, default=None, least=0)),
        ("top-p X", "draw among the likeliest that together have probability X; 1 is all", _number),
    ):
        command(usage, does)(partial(sample, name=usage.split()[0].replace("-", "_"), read=read))

    @command("branch", "return to the text left last; the present one can be returned to")
    def branch(self, rest: str) -> Iterator[str]:
        """Texts are left by choosing another token."""
        if not self.session.branches:
            raise UserError("there is no other text to return to", "choose another token first")
        self.session = sessions.other_branch(self.session)
        yield self._where()

    def travel(self, rest: str, to: Callable[[History], History]) -> Iterator[str]:
        """Text, switches and settings alike."""
        self.history = to(self.history)
        self.session = self.history.now
        yield from self.status("")

    command("undo", "take back what you did last")(partial(travel, to=History.undo))
    command("redo", "do again what was undone")(partial(travel, to=History.redo))

    @command("status", "how long the text is, the seed, the filters and the switches")
    def status(self, rest: str) -> Iterator[str]:
        """In two sentences."""
        session, on = self.session, speech.listed(map(str, self.session.switches))
        yield self._where()
        yield f"Seed {session.seed}, {_said(session.sampler)}. Switches on: {on}."

    @command("help", "this list")
    def help(self, rest: str) -> Iterator[str]:
        """A line a command."""
        yield from (usage for usage, _ in COMMANDS.values())
        yield "quit: leave. An empty line is step."

    def _counted(self, slug: str) -> Baseline:
        if slug not in self.baselines:
            raise UserError(f"{self.model.name} has no {slug} beside it", f"there is {speech.listed(self.baselines)}")
        return self.baselines[slug]

    @property
    def _position(self) -> int:
        return len(self.session.tokens)

    @property
    def intact(self) -> Trace:
        """The pass without the switches."""
        return self.traces.get(self.session.tokens, ())

    def _draw(self) -> Draw:
        return sampling.draw_next(self.now, self.session.sampler, self.session.seed)

    def _last(self) -> str:
        """The newest token, in words."""
        tokens = self.session.tokens
        return speech.at(tokens, self.tokenizer, len(tokens) - 1)

    def _where(self) -> str:
        return f"The text has {counted(len(self.session.tokens), 'token')}; the last is {self._last()}."

    def _looks(self, row: int) -> Iterator[str]:
        view = self.session.view
        yield speech.looks(self.now, self.tokenizer, view.layer, view.head, row)
