"""Compare's thread: the newest text wins, and what takes long grows piece by piece."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest

from models import sampling
from models.baselines import Bigram
from models.contract import LanguageModel
from models.corpora.little_world import World, world
from models.lenses import scoreboard
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.sampling import Sampler
from playground.compare.comparer import Asked, Comparer, Met, Said, compared
from playground.compare.comparer import writes as written_by
from playground.compare.lineup import lineup
from playground.compare.scene import Compared, Scored
from playground.kit.worker import Failed, Worker
from playground.looking import held_out
from playground.looking.engine import CONTINUED, Continued
from tests.playground.compare import compare_scenes as scenes
from tests.playground.compare.compare_scenes import counted_of, gpt_of
from tests.playground.looking.scenes import CORPUS
from tests.playground.waiting import PATIENCE

LETTERS, OF_LETTERS = scenes.letters()
WORDS, OF_WORDS = scenes.worldly()

pytestmark = pytest.mark.usefixtures("bundled")


class Hearing:
    """A comparer's worker, and what it says."""

    def __init__(self, models: Mapping[str, LanguageModel], folder: Path | None = None) -> None:
        self.said: queue.Queue[Said] = queue.Queue()
        self.asked: dict[int, Asked] = {}  # what each piece was said of
        self.comparer = Comparer(gpt_of(models), counted_of(models), folder)
        self.worker: Worker[Asked, Said] = Worker("comparing", self.comparer.work, self._post)

    def _post(self, _: object, asked: Asked, said: Said) -> None:
        self.asked[id(said)] = asked
        self.said.put(said)

    def ask(self, asked: Asked) -> None:
        self.worker.ask(asked)

    def next(self, kind: type[Said]) -> Said:
        while not isinstance(found := self.said.get(timeout=PATIENCE), kind):
            assert not isinstance(found, Failed), found.problem
        return found

    def results(self) -> Compared:
        found = self.next(Compared)
        assert isinstance(found, Compared)
        return found

    def written(self, models: int) -> Continued:
        while True:
            found = self.next(Continued)
            assert isinstance(found, Continued)
            if len(found.tokens) == models:
                return found

    def scored(self) -> list[Scored]:
        found: list[Scored] = []
        while not found or not found[-1].is_done:
            piece = self.next(Scored)
            assert isinstance(piece, Scored)
            found.append(piece)
        return found


@contextmanager
def hearing(models: Mapping[str, LanguageModel] = LETTERS, folder: Path | None = None) -> Iterator[Hearing]:
    heard = Hearing(models, folder)
    heard.worker.start()
    yield heard
    heard.worker.stop()
    heard.worker.join(PATIENCE)
    assert not heard.worker.is_alive()


def letters(text: str) -> tuple[int, ...]:
    return tuple(OF_LETTERS.encode(text))


def words(text: str) -> tuple[int, ...]:
    return tuple(OF_WORDS.encode(text))


# the text


def test_results_are_those_of_the_models() -> None:
    tokens = letters("To be, or not")
    models = lineup(gpt_of(LETTERS), counted_of(LETTERS))
    found = compared(models, tokens)
    assert found.tokens == tokens and found.labels[:3] == ("T", "o", "·") and found.beliefs == ()
    for name, model in models.items():
        np.testing.assert_allclose(found.versus[name].bits[1:-1], surprises(model, tokens)[1:], atol=1e-5)


def held_out_text() -> str:
    """A text of the whole world that is none of the world one learns."""
    whole, learned = world(), world("training")
    for text in whole.texts(3):
        belief = learned.start
        for word in text.words:
            after = belief.after(word)
            if after is None:
                return " ".join(text.words)
            belief = after
    raise AssertionError("every text can be learned")


def lasts(edition: World, tokens: tuple[int, ...]) -> bool:
    return list(Truth(OF_WORDS, edition).beliefs(tokens))[-1] is not None


def test_the_truth_is_that_of_the_world_one_learns_unless_the_text_is_held_out() -> None:
    models = lineup(gpt_of(WORDS), {})
    tokens = words(" ".join(next(iter(world("training").texts(1))).words))
    expected = surprises(Truth(OF_WORDS, world("training")), tokens)[1:]
    np.testing.assert_allclose(compared(models, tokens).versus["truth"].bits[1:-1], expected, atol=1e-9)
    tokens = words(held_out_text())
    assert lasts(world(), tokens) and not lasts(world("training"), tokens)
    found = compared(models, tokens)
    assert found.beliefs[-1] is not None and np.isfinite(found.versus["truth"].bits[1:-1]).all()


def test_no_truth_for_a_text_that_is_none_of_the_world() -> None:
    found = compared(lineup(gpt_of(WORDS), {}), words("the the the the"))
    assert found.beliefs[0] is not None and found.beliefs[-1] is None
    assert len(found.beliefs) == found.end + 1


def test_the_newest_text_wins() -> None:
    with hearing() as heard:
        heard.ask(Asked())
        heard.next(Met)
        with heard.worker._wake:  # while it looks away
            for text in ("a", "b", "be", "not to be"):
                heard.worker._newest = (Asked(letters("T" + text.replace("a", "o"))),)
            heard.worker._wake.notify()
        assert heard.results().tokens == letters("Tnot to be")
        assert heard.said.empty()


def test_a_text_is_not_compared_twice() -> None:
    text = letters("To be")
    with hearing() as heard:
        heard.ask(Asked(text))
        heard.results()
        heard.ask(Asked(text, onward=text))
        kinds = {type(heard.said.get(timeout=PATIENCE)) for _ in LETTERS}
        assert kinds == {Continued}


# writing


def test_models_write_on_as_they_do_elsewhere_with_the_same_seed() -> None:
    onward, sampler = letters("To be"), Sampler(0.8, 10)
    with hearing() as heard:
        heard.ask(Asked(onward=onward, sampler=sampler, seed=7))
        found = heard.written(len(LETTERS)).tokens
    assert list(found) == list(LETTERS)
    for name, model in LETTERS.items():
        draws = sampling.generate(model, onward, CONTINUED, sampler, 7)
        assert found[name] == tuple(draw.token for draw in draws)


def test_the_truth_writes_what_can_come() -> None:
    models = lineup(gpt_of(WORDS), {})
    tokens = words(" ".join(next(iter(world("training").texts(1))).words[:4]))
    written = [*islice(written_by(models["truth"], tokens, Sampler(), 3), CONTINUED)]
    assert lasts(world("training"), (*tokens, *written))
    again = sampling.generate(models["truth"], tokens, 5, Sampler(), 3)
    assert written[:5] == [draw.token for draw in again]
    assert list(written_by(models["truth"], words("the the the the"), Sampler(), 3)) == []


def test_who_cannot_write_keeps_nobody_else_from_it() -> None:
    gpt = gpt_of(LETTERS)
    broken = replace(gpt, weights={name: np.full_like(weight, np.nan) for name, weight in gpt.weights.items()})
    with hearing({**LETTERS, "GPT": broken}) as heard:
        heard.ask(Asked(onward=letters("To")))
        found = heard.written(len(LETTERS)).tokens
    assert found["GPT"] == () and len(found["bigram"]) == CONTINUED


def test_a_new_text_interrupts_writing() -> None:
    with hearing() as heard:
        heard.ask(Asked(onward=letters("To be")))
        heard.next(Continued)
        heard.ask(Asked(onward=letters("or not")))
        while True:
            found = heard.next(Continued)
            assert isinstance(found, Continued)
            if heard.asked[id(found)].onward == letters("or not"):
                break
        assert len(heard.written(len(LETTERS)).tokens) == len(LETTERS)
        assert heard.said.empty()


# scores


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few texts that all of them are read in a moment."""
    monkeypatch.setattr(held_out, "ROWS", 6)


def test_scores_grow_piece_by_piece_and_end(few: None) -> None:
    with hearing(WORDS) as heard:
        heard.ask(Asked(scores=True))
        found = heard.scored()
    assert all(piece.held_out for piece in found) and found[0].scoreboard is None
    texts = [piece.scoreboard.texts for piece in found if piece.scoreboard]
    assert texts == sorted(texts) and texts[-1] == 6 and len(set(texts)) == 6
    last = found[-1]
    assert last.scoreboard is not None and last.context_use is not None
    models = lineup(gpt_of(WORDS), counted_of(WORDS))
    rows = world("training").rows(6, held_out.ROW, OF_WORDS.ids, Random(held_out.SEED))
    *_, expected = scoreboard.scoreboards([*models.values()], rows)
    assert [score.name for score in last.scoreboard.scores] == ["truth", "GPT", "bigram", "5-gram"]
    for score, right in zip(last.scoreboard.scores, expected.scores, strict=True):
        assert score.bits == pytest.approx(right.bits)
    assert last.scoreboard.scores[0].above == 0 and last.scoreboard.known == last.scoreboard.tokens
    assert last.context_use.names == ("GPT", "bigram", "5-gram") and last.context_use.tokens == 6
    assert np.isfinite(last.context_use.floor)


def test_where_nothing_is_held_out_the_text_itself_is_scored_on() -> None:
    with hearing() as heard:
        heard.ask(Asked(scores=True))
        assert [piece.held_out for piece in heard.scored()] == [""], "there is no text at all"
        for text in ("To be, or not", "To be, or not to be"):
            heard.ask(Asked(letters(text), scores=True))
            last = heard.scored()[-1]
            assert last.held_out == "the text above, known to them or not"
            assert last.scoreboard is not None and last.context_use is not None
            assert last.scoreboard.tokens == len(text) - 1 and last.context_use.tokens == len(text) - len(text) // 2
            assert last.context_use.lengths[-1] == len(text) // 2
            right = surprises(gpt_of(LETTERS), letters(text))[1:].mean()
            assert last.scoreboard.scores[0].bits == pytest.approx(right, abs=1e-4)


def test_another_file_begins_anew_and_a_bad_one_is_said(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(CORPUS * 20)
    bad.write_text("☃" * 100)
    with hearing() as heard:
        heard.ask(Asked(scores=True, file=bad))
        while not isinstance(said := heard.said.get(timeout=PATIENCE), Failed):
            pass
        assert heard.asked[id(said)].file == bad and "☃" in said.problem
        heard.ask(Asked(scores=True, file=good))
        last = heard.scored()[-1]
    assert last.file == good and last.scoreboard is not None and last.scoreboard.tokens > 100


def test_scores_wait_and_go_on(few: None) -> None:
    with hearing(WORDS) as heard:
        heard.ask(Asked(scores=True))
        heard.next(Scored)
        heard.ask(Asked(words("anna was"), scores=False))
        heard.results()
        with pytest.raises(queue.Empty):
            heard.said.get(timeout=0.2)
        heard.ask(Asked(words("anna was by"), scores=True))
        last = heard.scored()[-1]
    assert last.scoreboard is not None and last.scoreboard.texts == 6


def test_a_fault_is_said_and_the_thread_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with hearing() as heard:
        heard.ask(Asked())
        heard.next(Met)
        models, heard.comparer.models = heard.comparer.models, {"GPT": Bigram}  # type: ignore[dict-item]  # a class is no model
        heard.ask(Asked(letters("To")))
        while not isinstance(said := heard.said.get(timeout=PATIENCE), Failed):
            pass
        assert "fault" in said.problem
        heard.comparer.models = models
        heard.ask(Asked(letters("To be")))
        assert heard.results().tokens == letters("To be")
