"""The next token: the candidates are the model's numbers, and one can be forced."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from models import measures, sampling
from models.errors import UserError
from models.sampling import Sampler
from models.switches import AttentionOff, HeadOff, MaskOff, Switch
from playground.looking.panes.next_token import NextToken, candidates
from playground.looking.session import step
from tests.playground.looking import scenes
from tests.playground.looking.panes.text_scenes import TEXT, broken, but, lines, picture, scene, seen
from tests.playground.looking.scenes import CORPUS, PALETTE


@pytest.mark.parametrize("switches", [(), (HeadOff(0, 1), AttentionOff(1))])
@pytest.mark.parametrize("sampler", [Sampler(), Sampler(0.7, 5, 0.9), Sampler(0)])
def test_candidates_are_the_models_numbers(switches: tuple[Switch, ...], sampler: Sampler) -> None:
    shown = but(scene(TEXT, switches, row=6), sampler=sampler, seed=3)
    results = shown.results
    assert results is not None
    rows = candidates(shown, count=100)
    raw, filtered, kept = sampling.filtered(results.now.logits[6], sampler)
    intact = measures.softmax(results.intact.logits[6])
    bigram = np.exp(shown.baselines["bigram"].logits([shown.session.tokens[6]])[0])
    assert [each.token for each in rows] == sorted(range(raw.size), key=lambda token: (-raw[token], token))
    for each in rows:
        assert each.label == shown.label(each.token)
        assert each.p == raw[each.token]
        assert each.sampled == filtered[each.token]
        assert each.kept == kept[each.token]
        assert each.counted == pytest.approx(bigram[each.token])
        assert each.before == (pytest.approx(intact[each.token]) if switches else None)
    drawn = sampling.draw(results.now.logits[6], sampler, 3, 7)
    assert [each.token for each in rows if each.drawn] == [drawn.token]
    assert [each.token for each in rows if each.followed] == [shown.session.tokens[7]]
    assert candidates(shown, 4, 3) == rows[4:7]


def test_the_numbers_stand_on_the_bars() -> None:
    shown = scene(TEXT)
    canvas = picture(NextToken(), shown)
    assert shown.results is not None
    raw = measures.softmax(shown.results.now.logits[-1])
    assert lines(canvas)[0].startswith(f"Next token entropy {measures.entropy(raw):.2f} bits · after 'e' ━")
    assert lines(canvas)[1].split()[2:] == ["model", "bigram"]
    for line, each in zip(lines(canvas)[2:8], candidates(shown), strict=False):
        assert each.label in line
        assert line.endswith(f"{each.p:.3f}  {each.counted:.3f}")


def test_a_bar_is_as_long_as_its_probability() -> None:
    shown = scene(TEXT)
    canvas = picture(NextToken(), shown)
    start = lines(canvas)[1].index("0")
    full = float(lines(canvas)[1].split()[1])
    stop = 60 - len("  0.123  0.123") + 1
    for y, each in enumerate(candidates(shown, count=6), 2):
        bar = "".join(canvas.chars[y][start:stop]).rstrip()
        eighths = 8 * bar.count("█") + (" ▏▎▍▌▋▊▉".index(bar[-1]) if bar[-1] != "█" else 0)
        assert eighths == pytest.approx(each.p / full * (stop - start) * 8, abs=0.5 + 8 * (each.p / full > 1))


def test_the_sampler_is_a_column_only_where_it_acts() -> None:
    shown = scene(TEXT)
    assert "sampled" not in picture(NextToken(), shown).plain()
    for sampler in (Sampler(0.5), Sampler(top_k=3), Sampler(top_p=0.5)):
        assert "│sampled" in picture(NextToken(), but(shown, sampler=sampler)).plain()
    cut = picture(NextToken(), but(shown, sampler=Sampler(top_k=3)))
    rows = lines(cut)[2:9]
    assert ["cut" in line for line in rows] == [False, False, False, True, True, True, True]
    assert cut.styles[5][6] is PALETTE.faint  # still a bar
    assert (
        "top-k 3 · top-p off · seed 1 · place 19 · 3 kept"
        in lines(picture(NextToken(), but(shown, sampler=Sampler(top_k=3)), 90))[-1]
    )


def test_the_drawn_one_is_marked_with_its_number() -> None:
    shown = but(scene(TEXT), seed=5)
    assert shown.results is not None
    drawn = sampling.draw(shown.results.now.logits[-1], Sampler(), 5, len(TEXT))
    canvas = picture(NextToken(), shown, 60, 40)
    (marked,) = [line for line in lines(canvas)[2:25] if "◆" in line[:3]]
    assert marked.split()[1] == shown.label(drawn.token)
    assert f"◆ '{shown.label(drawn.token)}' drawn · dice {sampling.uniform(5, len(TEXT)):.3f} · rank" in canvas.plain()
    assert "the likeliest" in picture(NextToken(), but(shown, sampler=Sampler(0))).plain()


def test_what_came_next_is_marked_while_scrubbing() -> None:
    shown = scene(TEXT, [HeadOff(0, 1)], row=5)
    results = shown.results
    assert results is not None and "▸" not in picture(NextToken(), seen(shown, row=None)).plain()
    canvas = picture(NextToken(), shown, 90, 40)
    (marked,) = [line for line in lines(canvas)[2:25] if "▸" in line[:3]]
    assert marked.split()[1] == "·"
    now, intact = results.surprises["now"][6], results.surprises["intact"][6]
    assert f"▸ '·' came · surprise {now:.2f} bits · before {intact:.2f} · rank" in canvas.plain()


def test_a_switch_shows_before_and_after() -> None:
    shown = scene(TEXT, [AttentionOff(0), AttentionOff(1)])
    results = shown.results
    assert results is not None and results.changed is not None
    before, after = (measures.softmax(each.logits[-1]) for each in (results.intact, results.changed))
    canvas = picture(NextToken(), shown)
    assert lines(canvas)[1].split()[2:] == ["░before", "▓after", "change", "bigram"]
    for y, each in enumerate(candidates(shown, count=5), 2):
        change = after[each.token] - before[each.token]
        assert lines(canvas)[y].split()[-4:-1] == [f"{before[each.token]:.3f}", f"{each.p:.3f}", f"{change:+.3f}"]
        assert canvas.styles[y][60 - 9] is (PALETTE.accent if change > 0 else PALETTE.contrast)
        assert ("▓" in lines(canvas)[y]) <= (change > 0) and ("░" in lines(canvas)[y]) <= (change < 0)
    assert f"entropy {measures.entropy(before):.2f} → {measures.entropy(after):.2f} bits" in lines(canvas)[0]
    top = [shown.label(int(p.argmax())) for p in (before, after)]
    said = f"top token '{top[0]}' → '{top[1]}'" if top[0] != top[1] else f"top token '{top[0]}' stays"
    assert f"KL {measures.kl(before, after):.2f} bits · {said}" in canvas.plain()


def test_the_top_token_before_and_after_is_named() -> None:
    said = {
        row: picture(NextToken(), scene(TEXT, [AttentionOff(0), AttentionOff(1)], row=row)).plain()
        for row in (0, 3, 9, 12)
    }
    assert any("' → '" in plain for plain in said.values())
    assert any("stays" in plain for plain in said.values())


def test_a_narrow_pane_keeps_what_matters_most() -> None:
    shown = but(scene(TEXT, [HeadOff(0, 1)]), sampler=Sampler(0.5))
    for width, columns in (
        (34, ["▓after", "change"]),
        (46, ["░before", "▓after", "change", "│sampled"]),
        (60, ["░before", "▓after", "change", "│sampled", "bigram"]),
    ):
        assert lines(picture(NextToken(), shown, width))[1].split()[2:] == columns


def test_a_click_or_enter_forces_the_candidate() -> None:
    shown = scene(TEXT, row=4, candidate=2)
    rows = candidates(shown)
    act = picture(NextToken(), shown).at(10, 2 + 3)
    assert act is not None
    clicked, entered = act(shown.session), NextToken().enter(shown)
    assert clicked.tokens == (*shown.session.tokens[:5], rows[3].token)
    assert entered.tokens == (*shown.session.tokens[:5], rows[2].token)
    assert entered.forced == {5}
    assert [line.tokens for line in entered.branches] == [shown.session.tokens]


def test_a_candidate_is_forced_where_its_row_is() -> None:
    shown = scene(CORPUS[:70], row=2)  # position 2 has left the context: the row shown is position 6
    act = picture(NextToken(), shown).at(10, 2)
    assert act is not None
    assert len(act(shown.session).tokens) == len(NextToken().enter(shown).tokens) == 8


def test_enter_waits_for_numbers_of_this_session() -> None:
    shown = scene(TEXT)
    for late in (replace(shown, session=step(shown.session, 3)), but(shown, switches=(MaskOff(),))):
        assert NextToken().enter(late) == late.session


def test_the_cursor_stays_among_the_tokens_and_in_sight() -> None:
    shown, pane = scene(TEXT), NextToken()
    last = shown.model.vocab_size - 1
    assert pane.move(shown, 0, -1).view.candidate == 0
    assert pane.move(shown, 0, 10).view.candidate == 10
    assert pane.move(seen(shown, candidate=last), 0, 1).view.candidate == last
    for cursor in range(last + 1):
        canvas = picture(pane, seen(shown, candidate=cursor), 46, 12)
        (y,) = [y for y, line in enumerate(canvas.styles) if line[3] is PALETTE.cursor]
        assert canvas.chars[y][3] == candidates(shown, cursor, 1)[0].label


def test_without_text_there_are_no_candidates() -> None:
    assert candidates(scene("")) == []
    assert NextToken().enter(scene("")) == scene("").session
    assert "type a prompt" in picture(NextToken(), scene("")).plain()


def test_candidates_of_no_numbers() -> None:
    with pytest.raises(UserError, match="not numbers"):
        candidates(broken(scenes.scene(TEXT)))


def test_another_sampler_needs_no_other_pass() -> None:
    shown = scene(TEXT)
    cool = but(shown, sampler=Sampler(0.2))
    assert cool.results is shown.results
    tops = [picture(NextToken(), each).plain() for each in (shown, cool)]
    assert tops[0] != tops[1]
    assert candidates(cool)[0].sampled > candidates(cool)[0].p


def test_surprise_and_probability_agree() -> None:
    shown = scene(TEXT, row=7)
    assert shown.results is not None
    (came,) = [each for each in candidates(shown, count=100) if each.followed]
    assert -math.log2(came.p) == pytest.approx(shown.results.surprises["now"][8])
