"""The prompt under snapshots: shown at once where it was computed before, and never that of another run of the name."""

from __future__ import annotations

import shutil
from pathlib import Path

from playground.kit.kept import Kept
from playground.train.scene import Watched
from playground.train.watcher import OWN, Seen, Wanted, Watcher
from tests.playground.train.runs_on_screen import make


def watched_by(watcher: Watcher, wanted: Wanted) -> Watched:
    """The prompt under that one snapshot."""
    (seen,) = watcher.work([wanted])
    assert isinstance(seen, Seen)
    return seen.watched


def test_what_was_computed_is_there_at_once_and_is_counted(runs: Path) -> None:
    watcher = Watcher(Kept(1 << 28))
    wanted = Wanted("new", 10, runs / "new" / "snapshots" / "step-000000010", "to be")
    watched = watched_by(watcher, wanted)
    assert watcher.known(wanted) is watched and watched.scene is not None
    model, results = watched.scene.model, watched.scene.results
    assert results is not None and watcher.kept.nbytes == model.nbytes + results.now.tape.nbytes


def test_a_run_in_the_place_of_another_is_another(runs: Path) -> None:
    watcher = Watcher(Kept(1 << 28))
    wanted = Wanted("new", 0, runs / "new" / "snapshots" / "step-000000000", "to be")
    before = watched_by(watcher, wanted)
    shutil.rmtree(runs / "new")
    assert watcher.known(wanted) is None
    make(runs, "new", (0,), n_layer=1)
    assert watcher.known(wanted) is None, "what stands there now was never looked at"
    after = watched_by(watcher, wanted)
    assert before.scene is not None and after.scene is not None
    assert (before.scene.model.config.n_layer, after.scene.model.config.n_layer) == (2, 1)


def test_a_run_beside_the_chosen_one_is_watched_under_a_prompt_it_can_read(tmp_path: Path) -> None:
    folder = make(tmp_path / "runs", "one", (0,)) / "snapshots/step-000000000"

    def seen(prompt: str | None, is_other: bool) -> tuple[str | None, str, str | None]:
        found = watched_by(Watcher(Kept(1 << 28)), Wanted("one", 0, folder, prompt, is_other))
        assert found.scene is not None
        session = found.scene.session
        return session.text, found.says, session.problem

    text, says, problem = seen("ÄÖÜ", False)
    assert text == "ÄÖÜ" and says != OWN and problem is not None, "the chosen run says what it cannot read"
    text, says, problem = seen("ÄÖÜ", True)
    assert (
        says == OWN and problem is None and text and not set(text) - set("to be, or not to be, that is the question.\n")
    )
    assert seen("to be", True) == seen("to be", False) == ("to be", "", None)
