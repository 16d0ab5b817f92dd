"""What ends the app, and what does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import Static
from textual.worker import WorkerFailed, WorkerState

from tests.playground.kit.tiny_screen import Tiny, alone
from tests.playground.waiting import until

LATE: dict[str, Callable[[Tiny], object]] = {
    "NoMatches": lambda screen: screen.query_one("#gone"),
    "MountError": lambda screen: screen.mount(Static()),
}


@pytest.mark.parametrize("late", LATE)
async def test_work_that_finds_its_screen_gone_as_the_program_ends_is_no_fault(late: str) -> None:
    async def goes_on(screen: Tiny) -> None:
        screen.app.exit(return_code=3)
        LATE[late](screen)

    async with alone() as person:
        worker = person.app.run_worker(goes_on(person.tiny))
        await until(person.pilot, lambda: worker.is_finished)
        assert worker.state is WorkerState.ERROR
    assert person.app.return_code == 3


async def test_work_that_misses_a_widget_before_is_one() -> None:
    async def misses(screen: Tiny) -> None:
        screen.query_one("#gone")

    with pytest.raises(WorkerFailed, match="NoMatches"):
        async with alone() as person:
            await person.app.run_worker(misses(person.tiny)).wait()
