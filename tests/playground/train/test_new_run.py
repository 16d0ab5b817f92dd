"""The form for a new run, through Textual's Pilot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.widget import Widget
from textual.widgets import Checkbox, Input, Select, Static

from models.runs import PRESETS, about
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
        assert "134,016 parameters" in person.dialog, "what a tiny run of the little world says that it has"
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
        await person.until(lambda: "that name is taken" in person.dialog)
        form.query_one("#name", Input).value = "mine"
        await person.until(lambda: form.wrong is None)
        await person.pilot.press("ctrl+s")
        await person.until(lambda: started)
        assert {"--without=mask", "--snapshot-every=10"} <= set(started[0]) and str(runs / "mine") in started[0]


async def test_a_name_is_taken_by_whatever_lies_in_the_folder_of_runs(runs: Path) -> None:
    """The process would refuse to begin there, after the form is gone."""
    (runs / "little-world").mkdir()
    async with at(runs) as person:
        await person.press("n")
        name = person.form.query_one("#name", Input)
        await person.until(lambda: name.value == "little-world-2")
        name.value = "little-world"
        await person.until(lambda: "that name is taken in the folder of runs" in person.dialog)


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


def shown(form: NewRun, name: str) -> str:
    """What the person reads in a line that is chosen from a list."""
    return str(form.query_one(f"#{name} SelectCurrent Static").render())


async def test_what_is_cut_off_beside_the_line_with_the_keys_is_said_below(runs: Path) -> None:
    says = about("tiny")[0].rstrip(".")
    async with at(runs, (80, 24)) as person:
        await person.press("n")
        below = person.form.query_one(".problem", Static)
        person.form.query_one("#preset").focus()
        await person.until(lambda: str(below.render()) == says)
        assert below.has_class("remark") and below.region.height
        person.form.query_one("#n_layer", Input).focus()
        await person.until(lambda: str(below.render()) == "")  # there is room beside it
        person.form.query_one("#n_layer", Input).value = "many"
        await person.until(lambda: "whole number" in str(below.render()) and not below.has_class("remark"))


async def test_tokens_are_words_where_they_are_words(runs: Path) -> None:
    """The little world and a model to start from have their own; what was chosen for a text is kept meanwhile."""
    async with at(runs) as person:
        await person.press("n")
        form = person.form
        await person.until(lambda: "307,200 words" in person.dialog)
        assert shown(form, "vocabulary") == "words" and form.query_one("#vocabulary").disabled
        form.query_one("#data", Input).value = str(runs.parent / "text.txt")
        await person.until(lambda: "307,200 characters" in person.dialog)
        assert shown(form, "vocabulary") == "characters" and not form.query_one("#vocabulary").disabled
        form.query_one("#vocabulary", Select).value = "bpe"
        await person.until(lambda: "307,200 tokens" in person.dialog)
        form.query_one("#start", Select).value = "little-world"
        await person.until(lambda: shown(form, "vocabulary") == "words")
        form.query_one("#start", Select).value = ""
        await person.until(lambda: shown(form, "vocabulary").startswith("pieces"))
        form.query_one("#preset", Select).value = "digits"
        await person.until(lambda: "1,797 handwritten digits" in person.dialog)
        assert shown(form, "vocabulary") == "characters" and form.query_one("#vocabulary").disabled
        assert "labels and greys" in person.dialog and form.value("n_embd") == "64"


async def test_one_time_is_promised_and_it_is_that_of_this_machine(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("n")
        await person.until(lambda: "about" in person.dialog)
        for name in PRESETS:
            person.form.query_one("#preset", Select).value = name
            await person.pilot.pause()
            remark = str(person.form.query_one("#line-preset .says").render())
            assert remark == about(name)[0].rstrip(".") and not {"second", "seconds", "hour"} & set(remark.split())


async def test_arrows_lead_from_line_to_line_and_every_one_can_be_seen(runs: Path) -> None:
    """Past fields to choose from as well, which Enter opens; also where not all lines fit."""
    async with at(runs, (60, 18)) as person:
        await person.press("n")
        await person.until(lambda: "about" in person.dialog)
        form = person.form
        seen: list[Widget | None] = []
        while not seen or form.focused is not seen[0]:
            seen.append(form.focused)
            assert form.focused is not None and form.query_one(".form").region.contains_region(form.focused.region)
            person.app.simulate_key("down")
            await person.until(lambda: form.focused is not seen[-1])
        assert [each.id for each in seen if each][:4] == ["data", "preset", "model", "n_layer"]
        assert len(seen) == len([each for each in form.focus_chain]) and not any(s.expanded for s in form.query(Select))
        await person.pilot.press("down", "up", "up")
        assert form.focused is seen[-1]
        await person.pilot.press("down", "down", "enter", "down", "enter")
        assert form.value("preset") == "small" and form.focused is seen[1]


async def test_a_form_that_is_half_there_judges_nothing_and_takes_no_key(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("n")
        form = person.form
        await person.until(lambda: form.wrong is None)
        preset = form.query_one("#preset", Select)
        value: Any = vars(Select)["value"]
        preset.set_reactive(value, Select.NULL)  # as it is for a moment when keys come in a burst
        form.judge()
        assert not form.stands and form.check_action("start", ()) is False
        preset.set_reactive(value, "small")
        form.judge()
        assert form.stands and form.judged.config is not None and form.judged.config.n_embd > 64
