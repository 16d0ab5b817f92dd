"""`playground learn` without a screen: the list, every claim measured, and what cannot be asked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from playground import settings
from playground.learn import catalogue
from playground.learn.catalogue import every, named
from tests.playground.commands.calling import Command


def test_the_list_says_what_there_is_and_what_was_done(call: Command) -> None:
    settings.load().with_learned("6", False)
    lines = call("learn", "--list").out.splitlines()
    assert len(lines) == 1 + len(every())
    done = [line for line in lines if line.endswith("done")]
    assert len(done) == 1 and "Many heads" in done[0] and done[0].startswith("6")
    rows = json.loads(call("learn", "--list", "--json").out)
    assert [row["lesson"] for row in rows] == [task.key for task in every()]
    assert [row["lesson"] for row in rows if row["done"]] == ["6"]


def test_a_claim_is_measured_and_one_that_does_not_hold_is_the_exit_status(
    call: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = call("learn", "6", "--check", "--json")
    assert answer.code == 0
    (row,) = json.loads(answer.out)
    assert row["lesson"] == "6" and row["holds"] is True and row["claim"] == named("6").claim.words
    assert row["value"]["harmless"] == 11 and row["value"]["instead is of"] == "peter"
    assert call("learn", "6", "--check").out.splitlines()[1].split()[-1] == "yes"
    empty = replace(named("6"), holds=lambda found: found["cost"].value > 100)
    monkeypatch.setattr(catalogue, "named", lambda key: empty)
    answer = call("learn", "6", "--check")
    assert answer.code == 1 and answer.out.splitlines()[1].split()[-1] == "no"


def test_what_cannot_be_asked_is_said(call: Command) -> None:
    for words, says in (
        (("learn", "99", "--check"), "there is no lesson '99'"),
        (("learn", "--json"), "--json needs something to list"),
        (("learn", "6"), "this screen needs a terminal"),
    ):
        answer = call(*words)
        assert answer.code == 2 and says in answer.err and not answer.out
