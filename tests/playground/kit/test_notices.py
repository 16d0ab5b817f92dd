"""What is told stands as long as it must, and no longer."""

from __future__ import annotations

import pytest

from playground.kit.notices import KEPT, LEAST, LONGEST, Notices


class Clock:
    now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notices(clock: Clock) -> Notices:
    return Notices(clock)


def words(notices: Notices) -> str | None:
    return notices.shown.words if notices.shown else None


def test_what_is_wrong_stands_until_a_key_that_comes_when_it_could_be_read(notices: Notices, clock: Clock) -> None:
    notices.tell("it broke", wrong=True)
    clock.now += LEAST / 2
    assert not notices.pressed() and words(notices) == "it broke"
    clock.now += 100 * LONGEST
    assert not notices.grow_old() and words(notices) == "it broke"
    assert notices.pressed() and words(notices) is None


def test_news_goes_by_itself(notices: Notices, clock: Clock) -> None:
    notices.tell("saved", wrong=False)
    clock.now += LONGEST / 2
    assert not notices.grow_old() and words(notices) == "saved"
    clock.now += LONGEST / 2
    assert notices.grow_old() and words(notices) is None


def test_of_several_the_last_is_shown_and_the_others_are_counted(notices: Notices, clock: Clock) -> None:
    for name in "ab":
        notices.tell(f"{name} broke", wrong=True)
    notices.tell("saved", wrong=False)
    assert words(notices) == "b broke (and 2 more)" and notices.shown is not None and notices.shown.wrong
    clock.now += LONGEST
    notices.grow_old()
    assert words(notices) == "b broke (and 1 more)"
    notices.read()
    assert words(notices) is None and [notice.words for notice in notices.told] == ["a broke", "b broke", "saved"]


def test_all_that_is_told_is_safe_and_not_kept_for_ever(notices: Notices) -> None:
    for _ in range(2 * KEPT):
        notices.tell("\x1b[31m[red]", wrong=False)
    assert len(notices.told) == KEPT and notices.told[-1].words == "␛[31m[red]"


def test_what_is_told_again_stands_once(notices: Notices) -> None:
    for told in ("a", "not a number", "not a number", "not a number"):
        notices.tell(told, wrong=True)
    assert words(notices) == "not a number (and 1 more)"
