"""The form for a new run, through Textual's Pilot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.widgets import Checkbox, Input, Select, Static

from playground.train.new_run import NewRun
from tests.playground.train.runs_on_screen import at


async def test_the_form_says_what_is_wrong_and_what_it_costs(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    started = stand_in("sys.stdin.read()")
    async with at(runs) as person:
        await person.press("n")
        form = person.form
        await person.until(lambda: "parameters" in person.dialog and "about" in person.dialog)
        frame = form.query_one(".frame").region
        assert frame.width < person.app.size.width and frame.x > 0, "it stands in the middle, as every dialog does"
        before = person.dialog
        form.query_one("#n_embd", Input).value = "128"
        await person.until(lambda: "parameters" in person.dialog and person.dialog != before)
        form.query_one("#n_head", Input).value = "3"
        await person.until(lambda: "width 128 is not a multiple of the number of heads, 3" in person.dialog)
        await person.pilot.press("ctrl+s")
        assert isinstance(person.app.screen, NewRun) and not started
        form.query_one("#n_head", Input).value = "2"
        form.query_one("#data", Input).value = "/nowhere"
        await person.until(lambda: "there is no /nowhere" in person.dialog)
        form.query_one("#data", Input).value = str(runs.parent / "text.txt")
        form.query_one("#without-mask", Checkbox).value = True
        await person.until(lambda: "different characters" in person.dialog and form.wrong is None)
        assert form.query_one("#name", Input).value == "text-no-mask"
        form.query_one("#name", Input).value = "old"
        await person.until(lambda: "there is a run of that name" in person.dialog)
        form.query_one("#name", Input).value = "mine"
        await person.until(lambda: form.wrong is None)
        await person.pilot.press("ctrl+s")
        await person.until(lambda: started)
        assert {"--without=mask", "--snapshot-every=10"} <= set(started[0]) and str(runs / "mine") in started[0]


async def test_presets_and_models_fill_the_form(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("n")
        form = person.form
        form.query_one("#preset", Select).value = "gru"
        await person.until(lambda: form.judged.config is not None and form.judged.config.model == "gru")
        form.query_one("#preset", Select).value = "no-mask"
        await person.until(lambda: form.query_one("#without-mask", Checkbox).value)
        form.query_one("#start", Select).value = "shakespeare-char"
        await person.until(lambda: form.query_one("#n_embd", Input).value == "256")
        assert form.query_one("#n_embd", Input).disabled and not form.query_one("#without-mask", Checkbox).value
        await person.pilot.press("escape")
        assert person.app.screen is person.train


async def test_what_should_be_known_of_a_text_stands_beside_it_and_holds_nobody_up(runs: Path, tmp_path: Path) -> None:
    texts = {
        "short": "to be, or not to be, that is the question. " * 11,
        "chinese": "老人带走一封信。\n小猫看见了桥。\n" * 60,
    }
    for name, text in {**texts, "letter": "a" * 900}.items():
        (tmp_path / name).write_text(text)
    async with at(runs) as person:
        await person.press("n")
        form = person.form

        def remark(line: str) -> str:
            return str(form.query_one(f"#line-{line} .says", Static).render())

        form.query_one("#data", Input).value = str(tmp_path / "short")
        await person.until(lambda: remark("data").startswith("only 48 tokens are held out"))
        assert form.wrong is None and "give more text or a shorter context" in person.dialog
        form.query_one("#block_size", Input).value = "16"
        await person.until(lambda: "different characters" in remark("data"))
        form.query_one("#data", Input).value = str(tmp_path / "chinese")
        await person.until(lambda: "15 different characters" in remark("data"))
        assert remark("vocabulary") == "how a text is cut"
        form.query_one("#vocabulary", Select).value = "word"
        await person.until(lambda: remark("vocabulary").startswith("its words do not stand apart"))
        assert form.wrong is None and "take characters or BPE instead" in person.dialog
        form.query_one("#data", Input).value = str(tmp_path / "letter")
        await person.until(lambda: form.wrong == "the text is nothing but 'a', so there is nothing to learn - "
                           "give a text with words in it")  # fmt: skip
