"""The app through Textual's Pilot, on a real model folder: what a person does, and what it changes on screen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from textual.events import Paste

from models import baselines, model_folders
from models.errors import UserError
from models.lenses.inside.sweep import sweep
from models.sampling import Sampler
from models.switches import ALL, HeadOff, parse
from models.tape import nbytes
from models.tracing import trace
from playground.app import Playground
from playground.looking.panes.next_token import candidates
from playground.looking.session import Session
from playground.play.acts import ACTS
from playground.play.keys import EDITING, KEYS
from playground.play.layout import PANES
from playground.text import token
from tests.playground.play.play_on_screen import LEARNER, at
from tests.playground.waiting import until

HOSTILE = "[/] [red]x[/] [@click=app.quit]q[/] \x1b]52;c;aGk=\x07 \u202e \u200b \x9b31m"


async def test_the_first_minute(folder: Path) -> None:
    """Type a prompt, step, silence a head, open the mask, see the bigram: what the README promises."""
    async with at(folder, prompt=None, start=LEARNER) as person:
        assert person.session.view.caret is not None, "a newcomer's letters are the prompt's"
        await person.press(*"to be")
        text = person.text
        assert text == "to be", "what is typed first takes the place of the example"
        await person.press("enter", "space", "space")
        assert len(person.session.tokens) == len(text) + 2
        await person.press("x")
        most = sweep(trace(person.model, person.session.tokens))
        first = next(lost.part for lost in most if isinstance(lost.part, HeadOff))
        assert person.switched == {str(first)} and "off" in person.sees("heads"), "a head that matters"
        await person.press("m")
        assert "mask-off" in person.switched and "KL" in person.sees("next")
        await person.press("8")
        await person.until(lambda: "bigram" in person.sees("bigram"))


async def test_what_is_on_screen_is_what_models_says(folder: Path) -> None:
    async with at(folder) as person:
        model = model_folders.load(folder)
        expected = trace(model, "To be").logits[-1].astype(float)
        p = np.exp(expected - expected.max())
        top = np.sort(p / p.sum())[::-1]
        assert f"{top[0]:.3f}" in person.sees("next") and f"{top[1]:.3f}" in person.sees("next")
        pattern = trace(model, "To be").blocks[0].pattern[0, 4]
        assert f"{pattern.max():.3f}" in person.sees("attention")


async def test_a_key_chooses_what_stands_beside_the_model(folder: Path) -> None:
    """This folder has no unigram of its own: it comes out of the bigram's pairs."""
    async with at(folder, size=(160, 48)) as person:
        beside = baselines.load(folder, person.model.tokenizer)
        assert [*beside] == ["bigram", "unigram"]
        for name in ("bigram", "unigram", "bigram"):
            for _ in range(100):
                if f"{name.capitalize()} beside attention" in person.sees("bigram"):
                    break
                await person.pilot.pause(0.05)
            best = int(trace(person.model, person.session.tokens).logits[-1].argmax())
            p = np.exp(beside[name].next_logits(person.session.tokens))[best]
            bits = -np.log2(beside[name].predicted(person.session.tokens))
            bars, pane, prompt = (person.sees(pane) for pane in ("next", "bigram", "prompt"))
            assert name in bars.split("\n")[1] and f"  {p:.3f}" in bars
            assert f"{bits.sum():.1f}" in pane and f"{bits[-1]:.2f}" in pane
            assert f"{name} {bits[-1]:.2f}" in prompt
            history = person.play.history
            await person.press("B")
            assert person.play.history.past == history.past, "looking is nothing to undo"


async def test_every_key_has_a_meaning(folder: Path) -> None:
    async with at(folder) as person:
        for key in KEYS:
            assert key.action in ACTS or key.action in person.play.acts, key
        assert len({name for key in KEYS for name in key.keys.split(",")}) == sum(len(k.keys.split(",")) for k in KEYS)
        assert all(key.words.endswith(".") for key in (*KEYS, *EDITING))


async def test_steps_back_and_on_again_give_the_same_text(folder: Path) -> None:
    async with at(folder) as person:
        await person.press(*["space"] * 5)
        there = person.session.tokens
        await person.press(*["backspace"] * 3)
        assert person.session.tokens == there[:-3]
        await person.press(*["space"] * 3)
        assert person.session.tokens == there


async def test_the_same_seed_draws_the_same_text_another_does_not(folder: Path) -> None:
    async def written(seed: int) -> tuple[int, ...]:
        async with at(folder, start=Session("", seed=seed)) as person:
            await person.press(*["space"] * 12)
            return person.session.tokens

    first = await written(5)
    assert first == await written(5) and first != await written(6)


async def test_a_forced_candidate_is_a_branch_to_return_from(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("space", "space", "space")
        there = person.session.tokens
        await person.press("1", "left", "left", "2", "down", "down")
        scene = person.play.scene
        assert scene is not None
        if candidates(scene)[2].token == there[-2]:
            await person.press("down")
        await person.press("enter")
        assert len(person.session.tokens) == len(there) - 1 and person.session.tokens != there[:-1]
        forced = person.session.tokens
        await person.press("b")
        assert person.session.tokens == there
        await person.press("b")
        assert person.session.tokens == forced


async def test_scrubbing_shows_what_was_there(folder: Path) -> None:
    async with at(folder) as person:
        before = person.sees("next").splitlines()[2:8]
        await person.press("space", "1", "left")
        after = [line.replace("◀", " ") for line in person.sees("next").splitlines()[2:8]]
        numbers = [[word for word in line.split() if word[:2] == "0."] for line in before]
        assert numbers == [[word for word in line.split() if word[:2] == "0."] for line in after]


async def test_every_switch_changes_the_screen_and_can_be_undone(folder: Path) -> None:
    async with at(folder) as person:
        intact = person.sees("next")
        for kind in ALL:
            switch = next(iter(kind.everywhere(person.model.config)))
            person.play.see(replace(person.session, switches=(switch,)), "switch")
            await person.settle()
            assert person.sees("next") != intact and "KL" in person.sees("next"), kind.slug
            await person.press("u")
            assert not person.session.switches and person.sees("next") == intact, kind.slug


async def test_undo_goes_back_through_everything(folder: Path) -> None:
    async with at(folder) as person:
        start = person.session.tokens
        await person.press("space", "x", "T", "e", *"ab", "enter", "m")
        for _ in range(5):
            await person.press("u")
        assert (person.session.tokens, person.session.switches, person.session.sampler) == (start, (), Sampler())
        for _ in range(5):
            await person.press("U")
        assert len(person.session.switches) == 2 and person.session.sampler.temperature == pytest.approx(1.1)


async def test_clear_and_invert(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("x", "i")
        assert len(person.switched) == 2 * 4 - 1 and "head-off:0.0" not in person.switched
        await person.press("c")
        assert person.session.switches == ()


async def test_a_set_is_saved_and_recalled(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("x", "m", "n", *"mine", "enter")
        await person.press("c", "N")
        await person.press("enter")
        assert person.switched == {"head-off:0.0", "mask-off"}


async def test_sampler_keys_change_the_draw_without_a_pass(folder: Path) -> None:
    async with at(folder) as person:
        results = person.play.results
        await person.press("t", "t", "Y", "p", "S")
        sampler = person.session.sampler
        assert (round(sampler.temperature, 6), sampler.top_p, person.session.seed) == (0.8, 0.95, 2)
        assert person.play.results is results


async def test_an_unknown_character_is_named_and_kept(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("e", "z", "o")
        assert "zo" in (person.session.text or "") and person.session.problem
        assert "'z'" in person.sees("prompt") and len(person.session.tokens) == 5
        await person.press("backspace", "backspace")
        assert person.session.problem is None


async def test_pasting_hostile_text_does_nothing_but_show(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("e")
        assert person.play.board.text is not None
        person.play.board.text.post_message(Paste(HOSTILE))
        await person.settle()
        shown = person.sees("prompt")
        assert "\x1b" not in shown and "\u202e" not in shown and person.app.is_running


async def test_running_writes_on_and_pauses(folder: Path) -> None:
    async with at(folder) as person:
        person.play.writing.speed = 32.0
        await person.pilot.press("r")
        await person.until(lambda: len(person.session.tokens) > 10)
        await person.press("r")
        length = len(person.session.tokens)
        await person.pilot.pause(0.2)
        assert len(person.session.tokens) == length


async def test_writing_past_the_context(folder: Path) -> None:
    async with at(folder, prompt="to be " * 10) as person:
        await person.press(*["space"] * 8)
        assert len(person.session.tokens) == 68
        assert "4" in person.sees("prompt") and "beyond" in person.sees("prompt")


async def test_each_run_and_each_typing_is_an_act_of_its_own(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("e", "a", "enter", "e", "b", "enter", "u")
        assert person.text == "To bea"
        await person.press("r")
        await person.until(lambda: len(person.session.tokens) > 7)
        await person.press("u")
        assert not person.play.writing.runs and person.text == "To bea", "what was undone is not written again"


async def test_without_a_text_to_go_on_from_nothing_runs_and_nothing_typed_is_lost(folder: Path) -> None:
    async with at(folder, prompt="") as person:
        await person.press("r")
        assert not person.play.writing.runs and "no text" in person.notices[-1]
    async with at(folder, prompt="To \u20ac be") as person:
        await person.press("space", "r")
        assert not person.play.writing.runs and person.session.text == "To \u20ac be"
        assert "never seen" in person.notices[-1]


async def test_steps_still_due_do_not_write_into_what_is_typed(folder: Path) -> None:
    async with at(folder) as person:
        person.play.writing.due.extend([person.play.writing.step] * 5)
        await person.press("e", "a", "b")
        assert person.text == "To beab" and not person.play.writing.due


async def test_a_tab_is_clicked_like_its_key_is_pressed(folder: Path) -> None:
    async with at(folder) as person:
        tabs = person.play.board.picture("tabs")
        for name, showing in (("cell", "cell"), ("heads", "cell"), ("grid", "grid")):
            await person.pilot.click(tabs, offset=(person.sees("tabs").index(name), 0))
            focused = person.play.board.focused
            assert focused is not None and focused.name == name and person.play.board.staged == showing


async def test_clicks_do_what_keys_do(folder: Path) -> None:
    async with at(folder) as person:
        await person.pilot.click("#tabs", offset=(person.sees("tabs").index("cell"), 0))
        await person.settle()
        assert person.play.board.staged == "cell"
        before = len(person.session.tokens)
        await person.pilot.click("#next", offset=(8, 3))
        await person.settle()
        assert len(person.session.tokens) == before + 1


async def test_a_click_on_a_key_of_the_footer_presses_it(folder: Path) -> None:
    async with at(folder) as person:
        before = len(person.session.tokens)
        await person.pilot.click("KeyBar", offset=(7, 0))  # "space step back ..."
        await person.settle()
        assert len(person.session.tokens) == before + 1
        await person.pilot.click("KeyBar", offset=(13, 0))
        await person.settle()
        assert len(person.session.tokens) == before


async def test_help_explains_the_focused(folder: Path) -> None:
    async with at(folder) as person:
        for name in ("next", "attention"):
            await person.press(str(PANES.index(name) + 1), "question_mark")
            assert person.app.screen is not person.play
            await person.press("escape")
            assert person.app.screen is person.play


async def test_a_model_that_is_not_there_ends_with_a_sentence(tmp_path: Path) -> None:
    app = Playground(str(tmp_path / "none"), "x")
    async with app.run_test() as pilot:
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 2 and "there is no model" in (app.failed_at_start or "")


async def test_a_switch_for_a_place_the_model_lacks_is_said(folder: Path) -> None:
    async with at(folder, start=Session("", switches=(parse("head-off:7.0"),))) as person:
        assert person.session.switches == ()
        with pytest.raises(UserError):
            HeadOff(7, 0).check(person.model.config)


async def test_another_model_takes_the_text_along(folder: Path) -> None:
    async with at(folder, prompt="to be") as person:
        await person.press("space")
        text = person.session.tokens
        person.app.open_model(str(folder))
        await person.until(lambda: person.session.typed == len(text) and person.play.is_fresh)
        assert person.session.tokens == text


async def test_what_is_kept_is_counted_on_screen_and_goes_with_its_model(folder: Path) -> None:
    async with at(folder, prompt="to be", size=(200, 48)) as person:
        one = person.app.kept.nbytes
        assert one == nbytes(person.model, 5)
        await person.press("x")
        assert person.app.kept.nbytes == 2 * one, "the intact and the changed pass"
        assert f"holds {(2 * one + person.model.nbytes) / 1e6:,.0f} MB" in person.sees("status")
        before = person.model
        person.app.open_model(str(folder), prompt="to")
        await person.until(lambda: len(person.session.tokens) == 2 and person.play.is_fresh)
        passes = 2 * nbytes(person.model, 2)
        await person.until(lambda: person.app.kept.nbytes == passes + before.nbytes)  # which u opens again


async def test_the_time_to_a_frame_is_not_that_spent_on_another_screen(folder: Path) -> None:
    async with at(folder) as person:
        for away, back in (("f3", "f2"), ("question_mark", "escape")):
            await person.press("right")
            took = person.play.frame_milliseconds
            await person.pilot.press(away)
            await person.until(lambda: person.app.screen is not person.play)
            assert person.play.pressed_at == 0.0
            await person.pilot.press(back)
            await person.until(lambda: person.app.screen is person.play)
            assert person.play.frame_milliseconds == took


async def test_what_is_pressed_right_after_leaving_the_prompt_is_a_key_not_a_letter(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("e")
        before = person.session.tokens
        for key in ("enter", "x"):
            person.app.simulate_key(key)  # both are there before the screen has heard of the first
        await person.settle()
        assert person.session.tokens == before and person.switched == {"head-off:0.0"}


async def test_the_mouse_over_a_cell_says_its_number_and_leaving_is_silent(folder: Path) -> None:
    async with at(folder) as person:
        lines = person.sees("attention").splitlines()
        row = next(y for y, line in enumerate(lines) if line.strip().startswith("2 "))
        await person.pilot.hover("#attention", offset=(8, row))
        await person.settle()
        assert person.session.view.hover is not None and person.session.view.hover[0] == 2
        assert "under the mouse" in person.sees("attention")
        await person.pilot.hover("#status")
        await person.settle()
        assert person.session.view.hover is None


async def test_a_run_stops_where_the_model_ends_its_text(folder: Path, tmp_path: Path) -> None:
    model_folders.save(model_folders.load(folder), tmp_path / "ending")
    config = tmp_path / "ending" / "tokenizer_config.json"
    async with at(folder) as person:
        await person.press(*["space"] * 6)
        written = person.session.tokens
        end = person.text[-1]
    config.write_text(json.dumps(json.loads(config.read_text()) | {"eos_token": end}))
    async with at(tmp_path / "ending") as person:
        typed = len(person.session.tokens)
        stop = written.index(written[-1], typed) + 1
        await person.press(*["full_stop"] * 6, "r")
        await person.until(lambda: not person.play.writing.runs and len(person.session.tokens) > typed)
        assert person.session.tokens == written[:stop]
        assert f"the model ends its text here, with {token(end)} - r goes on" in person.notices


async def test_a_greedy_run_that_goes_round_in_a_circle_says_so_once(folder: Path) -> None:
    async with at(folder, start=Session("", sampler=Sampler(0))) as person:
        await person.press(*["full_stop"] * 6, "r")
        await person.until(lambda: any("greedy, and it ends in the same" in notice for notice in person.notices))
        said, there = len(person.notices), len(person.session.tokens)
        await person.until(lambda: len(person.session.tokens) > there + 4)
        assert len(person.notices) == said and person.play.writing.runs
