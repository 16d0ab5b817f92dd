"""What a lesson does to the screens under it: it takes them, and gives them back as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import UserError
from playground.app import Playground
from playground.compare.screen import Compare
from playground.inside.panes.storyboard import StoryLook
from playground.inside.panes.walk import WalkLook
from playground.inside.panes.word_found import ANGLES, WordsLook
from playground.inside.screen import Inside
from playground.kit.board import TooSmall
from playground.kit.notice_line import NoticeLine
from playground.learn.catalogue import every, named
from playground.learn.coach import Coach
from playground.learn.lesson import Challenge, Lesson
from playground.settings import Left, load
from playground.train.library import Known
from playground.train.screen import Train
from tests.playground.learn.learner_on_screen import OWN, Learner, at
from tests.playground.waiting import at_last


async def test_esc_gives_everything_back_as_it_was() -> None:
    """Text, switches, what can be undone, the stage and the keys of Play; Compare's place; wherever it is left."""
    async with at((120, 36)) as learner:
        app, play = learner.app, learner.app.play
        await learner.press("x", "7")
        await learner.press("f4", "left", "left")
        compare = app.screen_named("compare")
        await learner.until(lambda: app.here is compare)
        before = play.history, play.board.staged, play.focused, compare.view, app.opened
        await learner.press("f6")
        learn = app.screen_named("learn")
        await learner.until(lambda: app.here is learn)
        await learner.press(*["down"] * every().index(named("6")), "enter")
        await learner.until(lambda: learner.walk is not None and learner.walk.task is named("6") and learner.says)
        assert app.session.text != before[0].now.text and not play.history.past
        assert play.board.size.width == app.size.width, "the strip takes lines, and no columns"
        await learner.until(lambda: play.focused is learner.coach and named("6").start.pane in play.board.order)
        await learner.predict()
        await learner.press("4", "x", "escape")
        await learner.until(lambda: learner.walk is None and app.here is learn)
        assert (play.history, play.board.staged, play.focused, compare.view, app.opened) == before
        assert not [*play.query("Coach"), *compare.query("Coach")]
        await learner.press("f2")
        await learner.until(lambda: app.here is play)
        await learner.press("u")
        await learner.until(lambda: not app.session.switches and play.is_fresh)


async def test_a_prediction_is_typed_judged_and_remembered() -> None:
    async with at() as learner:
        await learner.begin(named("6"))
        await learner.until(lambda: learner.screen.focused is learner.coach)
        await learner.until(lambda: learner.offered == ["answer", "quit"])
        await learner.press("x", "enter")
        assert "is not a number" in learner.says
        assert learner.app.play.scene is not None and learner.app.play.scene.swept is None, "it would tell the answer"
        await learner.press("backspace", "1", "1", "enter")
        await learner.until(lambda: learner.walk is not None and learner.walk.stage == "act")
        await learner.until(lambda: learner.app.play.mattering.swept is not None and "silence" in learner.offered)
        await learner.press("x")
        assert "You said: 11. Measured: 11." in await learner.read()
        assert load().learned == {"6": True}
        await learner.press("enter")
        await learner.until(lambda: learner.walk is None)


async def test_the_strip_goes_along_and_is_clicked() -> None:
    """On another screen it stands there; a click on an option predicts, one on its last word leaves."""
    async with at((100, 30)) as learner:
        await learner.begin(named("7"))
        y, line = next((y, line) for y, line in enumerate(learner.says.splitlines()) if "b stays" in line)
        await learner.pilot.click(learner.coach, offset=(line.index("b stays") + 3, y))
        await learner.until(lambda: learner.walk is not None and learner.walk.predicted == "stays as it is")
        await learner.press("f5")
        inside = learner.app.screen_named("inside")
        await learner.until(lambda: learner.app.here is inside and len(inside.query("Coach")) == 1 and learner.says)
        assert not learner.app.play.query("Coach")
        await learner.press("m")
        assert "Not what you said." in await learner.read()
        await learner.pilot.click(learner.coach, offset=(learner.says.splitlines()[0].index("esc leave"), 0))
        await learner.until(lambda: learner.walk is None)


async def test_an_answer_on_another_screen_gives_the_keys_to_its_first_pane_where_there_is_one() -> None:
    """In a terminal that is too small for panes it is an answer all the same."""
    async with at((59, 24)) as learner:
        inside = learner.app.screen_named("inside")
        for number, size in (("7", (59, 24)), ("31", (100, 30))):
            await learner.pilot.resize_terminal(*size)
            await learner.begin(named(number))
            await learner.press("f5")
            await learner.until(lambda: learner.app.here is inside and isinstance(inside.focused, Coach))
            if size[0] < 60:
                await learner.pilot.resize_terminal(60, 20)
                await learner.until(lambda: inside.query_one(TooSmall).size == (60, 14))
                assert inside.query_one(TooSmall).render() == "too small: 60 x 22 needed, this is 60 x 20"
            await learner.press("a")
            assert learner.walk is not None and learner.walk.stage == "act"
        await learner.until(lambda: inside.focused is inside.board.picture(inside.board.order[0]))


async def test_who_leaves_the_program_in_a_lesson_comes_back_to_where_it_was_begun() -> None:
    async with at() as learner:
        await learner.press("x", "f5")
        inside = learner.app.screen_named("inside")
        await learner.until(lambda: learner.app.here is inside)
        own = learner.app.session
        await learner.begin(named("7"))
        await learner.press("ctrl+q")
        await learner.until(lambda: not learner.app.is_running)
    assert load().left == Left("little-world", OWN, tuple(map(str, own.switches)), "inside")


async def test_a_lesson_begun_while_another_begins_leaves_nothing_of_that() -> None:
    """Its text is there already, and the way back from it must be as well."""
    async with at() as learner:
        own = learner.app.session
        learner.app.teach(named("26"))
        await at_last(lambda: learner.app.session.text == named("26").start.text)
        await learner.begin(named("6"))
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None)
        assert learner.app.session == own


async def test_a_challenge_gives_hints_and_sees_that_it_is_solved() -> None:
    task = named("closing-head")
    assert isinstance(task, Challenge)
    async with at() as learner:
        await learner.begin(task)
        assert "hint 1" not in learner.says
        await learner.press("f7")
        assert f"hint 1: {task.hints[0][:20]}" in learner.says
        await learner.press("x")  # the head under the cursor is another
        assert learner.walk is not None and learner.walk.stage == "act"
        await learner.press("x", *task.pressed)
        assert "Solved." in await learner.read()


async def test_the_list_stands_at_the_lesson_that_was_asked_for_by_its_number() -> None:
    app = Playground("little-world", OWN, first="learn", lesson="22")
    async with app.run_test(size=(80, 24)) as pilot:
        learner = Learner(app, pilot)
        await learner.until(lambda: learner.walk is not None and learner.walk.task is named("22"))
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None and app.here is app.made["learn"])
        await learner.until(lambda: "▸   22 " in learner.sees("lessons"))


async def test_the_list_is_clicked_and_tells_no_answer_before_the_question() -> None:
    """A click chooses, the next begins; what the lesson is about is its question, not what comes of it."""
    async with at((120, 36)) as learner:
        await learner.press("f6")
        learn = learner.app.screen_named("learn")
        await learner.until(lambda: learner.app.here is learn and "The mask" in learner.sees("lessons"))
        y = next(y for y, line in enumerate(learner.sees("lessons").splitlines()) if "The mask" in line)
        for _ in range(2):
            about = " ".join(learner.sees("about").split()) if learner.app.here is learn else ""
            await learner.pilot.click("#lessons", offset=(12, y))
            await learner.pilot.pause()
        task = named("7")
        assert isinstance(task, Lesson) and task.question.words[:30] in about and task.claim.words not in about
        assert f"With {task.start.model}, on Play (F2), about" in about
        await learner.until(lambda: learner.walk is not None and learner.walk.task is task)
        await learner.predict()
        await learner.press("m")
        await learner.read()
        await learner.press("enter")
        await learner.until(lambda: learner.app.here is learn and "✓  7 The mask" in learner.sees("lessons"))
        assert "▸    8 " in learner.sees("lessons"), "the next one is chosen"


async def test_what_is_to_be_tried_next_is_done_by_its_keys() -> None:
    """They are for the pane that the lesson points at, until F7 goes on; nothing ends the lesson unawares."""
    async with at((120, 36)) as learner:
        task = named("4")
        await learner.begin(task)
        await learner.predict()
        await learner.press("v")
        await learner.until(lambda: learner.screen.focused is learner.coach and "⏎ more 1/" in learner.says)
        inside = learner.screen
        assert isinstance(inside, Inside)
        shows = inside.view.look(WordsLook).shows
        await learner.press("v")
        await learner.until(lambda: inside.view.look(WordsLook).shows != shows and "f7 more 1/" in learner.says)
        assert inside.board.focused is not None and inside.board.focused.name == "words"
        await learner.press("f7")
        await learner.until(lambda: "⏎ " in learner.says and "1/" not in learner.says.splitlines()[0])
        page = learner.says
        await learner.press("left")
        await learner.until(lambda: inside.view.session.row == 1)
        assert learner.walk is not None and learner.says.splitlines()[1:] == page.splitlines()[1:]


async def test_the_panes_of_inside_look_where_the_lesson_says_and_then_as_before() -> None:
    """Also those that the person had left elsewhere."""
    async with at() as learner:
        await learner.press("f5")
        inside = learner.app.screen_named("inside")
        assert isinstance(inside, Inside)
        await learner.until(lambda: learner.app.here is inside and inside.board.focused is not None)
        await learner.press("up", "up")
        left = inside.view
        assert left.look(StoryLook).depth == 1
        task = named("16")
        looks = (WordsLook(shows=ANGLES),)
        await learner.begin(replace(task, start=replace(task.start, looks=looks)))
        assert inside.view.look(StoryLook).depth is None and inside.view.look(WordsLook).shows == ANGLES
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None)
        assert inside.view == left


async def test_compare_takes_the_model_of_a_lesson_that_begins_on_it() -> None:
    """Nobody comes to it then, as who goes to it would have it look; afterwards it has its own again."""
    async with at() as learner:
        app = learner.app
        await learner.press("f4")
        screen = app.screen_named("compare")
        assert isinstance(screen, Compare)
        compare = screen
        await learner.until(lambda: app.here is compare and compare.known.results is not None)
        own = compare.known.gpt, compare.view
        await learner.begin(named("2"))
        assert app.opened is not None and compare.known.gpt is app.opened.model is not own[0]
        assert compare.known.results is not None and compare.view.text == named("2").opens.text
        await learner.predict()
        await learner.until(lambda: compare.view.text == named("2").start.text and not compare.waits)
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None and compare.known.gpt is own[0])
        assert compare.view == own[1]


async def test_a_screen_that_the_lesson_opens_first_is_then_as_if_nobody_had_been_there() -> None:
    """Inside, whose panes the lesson has look elsewhere, and one to which the person goes meanwhile."""
    async with at() as learner:
        task = named("16")
        await learner.begin(replace(task, start=replace(task.start, looks=(WordsLook(shows=ANGLES),), pane="words")))
        inside = learner.screen
        assert isinstance(inside, Inside) and inside.board.staged == "words"
        await learner.predict()
        await learner.press("f4")
        compare = learner.app.screen_named("compare")
        await learner.until(lambda: learner.app.here is compare and compare.scene and compare.scene.results)
        await learner.press("v", "left")
        assert compare.view.shows != "bits"
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None and learner.app.here is learner.app.play)
        await learner.press("f5")
        await learner.until(lambda: learner.app.here is inside and inside.view.session == learner.app.session)
        assert not inside.view.looks and inside.board.staged == inside.FIRST
        await learner.press("f4")
        await learner.until(lambda: learner.app.here is compare and compare.view.text == OWN)
        assert compare.view.shows == "bits" and compare.view.place is None


async def test_the_next_step_begins_where_it_says_whatever_screen_the_last_was_done_on() -> None:
    """With its model and switches; what was before the lesson comes back from any of them."""
    lesson = named("3")
    assert isinstance(lesson, Lesson)
    mask, numbers = lesson.then[4], lesson.then[6]
    lesson = replace(lesson, then=(mask, numbers))
    async with at() as learner:
        before = learner.app.session
        await learner.begin(lesson)
        await learner.predict()
        inside = learner.app.screen_named("inside")
        assert isinstance(inside, Inside)
        await learner.press("down")
        await learner.until(lambda: learner.walk is not None and learner.walk.step == mask)
        assert learner.app.session.model == "worked-example-masked" and str(*learner.app.session.switches) == "mask-off"
        assert inside.view.session == learner.app.session and inside.view.look(WalkLook) == WalkLook("pattern")
        await learner.press("f2")
        await learner.until(lambda: learner.app.here is learner.app.play and learner.app.play.is_fresh)
        await learner.press("m")
        await learner.until(lambda: learner.walk is not None and learner.walk.step == numbers)
        await learner.until(lambda: learner.app.here is inside and numbers.act.words[:20] in learner.says)
        assert inside.view.look(WalkLook) == WalkLook("embed") and not learner.app.session.switches
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None and learner.app.session == before)


async def test_a_run_is_lent_to_train_and_taken_back() -> None:
    """It is chosen, and its prompt is the lesson's; whoever has no run of their own has none afterwards."""
    async with at() as learner:
        await learner.begin(named("26"))
        train = learner.screen
        assert isinstance(train, Train)
        assert train.board.staged == "watch", "the skills would tell the answer"
        await learner.until(lambda: train.prompt.shown is not None)
        shown = train.prompt.shown
        assert shown is not None and "dekra" in shown.tokenizer.decode(shown.session.tokens)
        assert list(train.runs) == ["birth"] == [train.view.run] and train.scene.places.tolist()[-1] == 2000
        train.find()
        await learner.until(lambda: not train.looking)
        assert list(train.runs) == ["birth"], "as often as runs are looked for on the disk"
        await learner.predict()
        focused = train.board.focused
        assert train.board.staged == "skill" and focused is not None and focused.name == "skill"
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None)
        assert not train.runs and not train.view.run and train.prompt.typed is None


async def test_a_lesson_that_cannot_be_begun_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its run is gone, found once its model and text stand in Play and its screen is shown."""

    def gone(run: Path) -> Known:
        raise UserError(f"there is no run {run.name}", "get it again")

    async with at() as learner:
        app, own, shown = learner.app, learner.app.session, learner.screen
        monkeypatch.setattr("playground.train.library.one", gone)
        app.teach(named("26"))
        await learner.until(lambda: "there is no run birth - get it again" in learner.notices)
        await learner.until(lambda: app.here is app.made[app.tutor.came_from])
        assert app.session == own and learner.walk is None and app.here is shown
        assert app.tutor.train.prompt.typed is None


async def test_a_notice_from_before_the_strip_takes_no_pane_away() -> None:
    """In the smallest terminal usual it needs two lines, the strip six: then it stands above the strip, on a pane."""
    async with at((80, 24)) as learner:
        learner.app.say("one word after the other, " * 4 + "until it needs two lines")
        await learner.begin(named("6"))
        await learner.until(lambda: learner.coach.size.height and learner.screen.query_one(NoticeLine).size.height == 2)
        await learner.until(lambda: learner.screen.board.order)
        line, coach = learner.screen.query_one(NoticeLine), learner.coach
        await learner.until(lambda: line.region.bottom == coach.region.y)
