"""Prompt, next token and status show the models' own numbers, and clicks and keys do what they say."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from models import measures, sampling
from models.baselines import ALL, Baseline
from models.errors import UserError
from models.gpt import GPT, GPTConfig, weight_shapes
from models.sampling import Sampler
from models.switches import AttentionOff, HeadOff, MaskOff, Switch
from models.tokenizers import Tokenizer
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.play.panes.model_line import ModelLine
from playground.play.panes.next_token import NextToken, candidates
from playground.play.panes.prompt import LOUDEST, SCALE, Prompt, layout
from playground.play.prompts import written
from playground.play.scene import Scene
from playground.play.session import Session, jump, look, step
from tests.playground.play import play_scenes as scenes
from tests.playground.play.play_scenes import CORPUS, GLYPHS, PALETTE, random_gpt

TEXT = "To be, or not to be"
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
SIZES = ((1, 1), (2, 3), (5, 2), (7, 20), (34, 12), (60, 18), (200, 80))
KINDS = ("char", "word", "bpe")


@cache
def model(kind: str = "char") -> GPT:
    """A random GPT over one kind of tokens."""
    if kind == "char":
        return random_gpt()
    tokenizer = Tokenizer.train_word(CORPUS) if kind == "word" else Tokenizer.train_bpe(CORPUS, vocab_size=300)
    config = GPTConfig(tokenizer.vocab_size, 16, 1, 2, 8)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0.5, 0.5, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name=kind)


@cache
def computed(text: str, switches: tuple[Switch, ...], of: GPT) -> Scene:
    """The results of a text, once."""
    return scenes.scene(text, switches, of)


def scene(text: str, switches: Sequence[Switch] = (), of: GPT | None = None, **changes: object) -> Scene:
    """This text under these switches, looked at as said."""
    return seen(computed(text, tuple(switches), of or model()), **changes)


def picture(
    pane: Pane[Any, Any], shown: Scene, width: int = 60, height: int = 20, palette: Palette = PALETTE
) -> Canvas:
    canvas = Canvas(width, height, palette, focused=True)
    pane.draw(shown, canvas)
    return canvas


def lines(canvas: Canvas) -> list[str]:
    return canvas.plain().splitlines()


def but(shown: Scene, **changes: object) -> Scene:
    """The same results, and a session that went on."""
    return replace(shown, session=replace(shown.session, **changes))  # type: ignore[arg-type]


def seen(shown: Scene, **changes: object) -> Scene:
    """The same results, looked at from elsewhere."""
    return replace(shown, session=look(shown.session, **changes))


def typing(draft: str, caret: int, of: GPT | None = None) -> Scene:
    """A text that is being typed, its results there."""
    of = of or model()
    session = look(written(Session(of.name), of, draft), caret=caret)
    known = of.tokenizer.decode(session.tokens) if of.tokenizer else ""
    return replace(scene(known, of=of), session=session)


def broken(shown: Scene) -> Scene:
    """As if the pass had ended in NaN."""
    assert shown.results is not None
    shown.results.now.tape.buffers["logits"][0][...] = np.nan
    shown.results.surprises["now"][...] = np.nan
    return shown


# every pane, everywhere --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("palette", [PALETTE, GLYPHS])
@pytest.mark.parametrize("kind", KINDS)
def test_every_size_and_every_kind_of_token(kind: str, palette: Palette, size: tuple[int, int]) -> None:
    shown = scene(TEXT, [HeadOff(0, 1)], model(kind), row=3)
    for pane in (Prompt(), NextToken(), ModelLine()):
        assert len(picture(pane, shown, *size, palette).strips()) == size[1]
        picture(pane, replace(shown, results=None), *size, palette)
        picture(pane, scene("", of=model(kind)), *size, palette)
        picture(pane, seen(shown, caret=2), *size, palette)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_not_a_number_is_said(size: tuple[int, int]) -> None:
    shown = broken(scenes.scene(TEXT, [HeadOff(0, 1)]))
    prompt, coming = picture(Prompt(), shown, *size), picture(NextToken(), shown, *size)
    if size[0] >= 60:
        assert "surprise not a number" in prompt.plain()
        assert "the scores are not numbers" in coming.plain()
        assert NextToken().enter(shown) == shown.session


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_stays_text(kind: str) -> None:
    hostile = "[/]\x1b]52;c;aGk=\x07\u202e\u200b\udc80\x9b[red]é\u0301日\n"
    shown = typing(hostile, 3, model(kind))
    for width, height in SIZES:
        plain = picture(Prompt(), shown, width, height).plain().replace("\n", "")
        assert not {unicodedata.category(each) for each in plain} & FORBIDDEN


# prompt ------------------------------------------------------------------------------------------------------------


def test_a_token_is_shaded_by_its_surprise() -> None:
    shown = but(scene(TEXT, [HeadOff(0, 1)]), typed=5)
    assert shown.results is not None and shown.results.changed is not None
    canvas = picture(Prompt(), shown)
    assert lines(canvas)[1] == "To·be,·or·not·to·be"
    bits = measures.surprise(shown.results.changed.logits, shown.session.tokens)
    assert canvas.styles[1][0] is PALETTE.strong  # nothing predicts it
    for at in range(1, len(TEXT) - 1):
        assert canvas.styles[1][at] is PALETTE.shade(min(bits[at] / SCALE, 1) * LOUDEST, bold=at < 5)
    assert canvas.styles[1][len(TEXT) - 1] is PALETTE.cursor


def test_shades_are_never_those_of_another_text() -> None:
    fresh = scene(TEXT)
    tokens = fresh.session.tokens
    shown = but(fresh, tokens=(*tokens[:7], 5, *tokens[8:]), typed=0)
    was, now = picture(Prompt(), but(fresh, typed=0)), picture(Prompt(), shown)
    assert now.styles[1][:7] == was.styles[1][:7]
    assert all(style is PALETTE.text for style in now.styles[1][7 : len(TEXT) - 1])


def test_results_with_another_cut_shade_the_same_tokens() -> None:
    longer = scene(CORPUS[:70])  # the first 6 have left the context of 64
    back = but(longer, tokens=longer.session.tokens[:20], ahead=longer.session.tokens[20:], typed=0)
    assert longer.results is not None
    canvas, bits = picture(Prompt(), back), longer.results.surprises["now"]
    assert all(style is PALETTE.text for style in canvas.styles[1][:7])
    for at in range(7, 19):
        assert canvas.styles[1][at] is PALETTE.shade(min(bits[at - 6] / SCALE, 1) * LOUDEST)


def test_title_and_detail_tell_the_numbers() -> None:
    shown = but(scene(TEXT, [HeadOff(0, 1)], row=3), typed=3, forced=frozenset({5}), seed=7)
    assert shown.results is not None
    canvas = picture(Prompt(), shown, 110)
    assert lines(canvas)[0].startswith("Prompt 19/64 tokens · position 3 · seed 7 ━")
    assert lines(canvas)[0].endswith("surprise 0 2 4 6 8 bits")
    now, intact, bigram = (shown.results.surprises[name][3] for name in ("now", "intact", "bigram"))
    b, comma = shown.session.tokens[3], shown.session.tokens[5]
    assert lines(canvas)[-1] == (
        f"'b' · surprise {now:.2f} bits · intact {intact:.2f} · bigram {bigram:.2f} · drawn · id {b} · position 3"
    )
    assert lines(picture(Prompt(), seen(shown, row=5), 110))[-1].endswith(f"forced · id {comma} · position 5")
    assert "nothing before it predicts it · typed" in lines(picture(Prompt(), seen(shown, row=0), 110))[-1]
    assert lines(canvas)[1] == "To·be▸,·or·not·to·be"


def test_without_a_switch_nothing_is_called_intact() -> None:
    assert "intact" not in picture(Prompt(), scene(TEXT), 110).plain()


def test_a_newline_is_seen_and_ends_its_line() -> None:
    assert lines(picture(Prompt(), scene("to\n\nbe")))[1:4] == ["to⏎", "⏎", "be"]


@pytest.mark.parametrize(("kind", "first"), [("word", "To be , or not to be"), ("bpe", "To ·be , ·or ·not ·to ·be")])
def test_tokens_that_are_no_characters_stand_apart(kind: str, first: str) -> None:
    assert lines(picture(Prompt(), scene(TEXT, of=model(kind))))[1] == first


def test_the_cut_is_marked_and_said() -> None:
    canvas = picture(Prompt(), scene(CORPUS[:80]), 60, 12)
    assert "64/64 tokens · position 79 · 16 cut off" in lines(canvas)[0]
    assert lines(canvas)[1] == "To·be,·or·not·to"
    assert lines(canvas)[2] == "✂ 16 earlier tokens are beyond the context of 64"
    assert lines(canvas)[3] == "·be,·that·is·the·question:⏎"
    assert canvas.styles[1][0] is PALETTE.faint
    assert "1 earlier token is" in picture(Prompt(), scene(CORPUS[:65]), 60, 12).plain()
    assert "beyond the context" in lines(picture(Prompt(), scene(CORPUS[:80], row=3), 60, 12))[-1]


def test_what_lies_ahead_is_second_and_can_be_gone_to() -> None:
    whole = scene(TEXT)
    shown = replace(whole, session=jump(whole.session, 4))
    canvas = picture(Prompt(), shown)
    assert lines(canvas)[1] == "To·be,·or·not·to·be"
    assert canvas.styles[1][4] is PALETTE.cursor
    assert canvas.styles[1][5] is PALETTE.muted
    act = canvas.at(7, 1)
    assert act is not None
    assert act(shown.session).tokens == whole.session.tokens[:8]


def test_a_click_looks_at_a_token() -> None:
    shown = scene(TEXT)
    canvas = picture(Prompt(), shown)
    act, newest = canvas.at(4, 1), canvas.at(len(TEXT) - 1, 1)
    assert act is not None and newest is not None
    assert act(shown.session).view.row == 4
    assert newest(act(shown.session)).view.row is None
    assert canvas.at(40, 1) is None


def test_arrows_scrub_by_token_and_by_line() -> None:
    shown, pane = scene("To be\nor not\nto", row=8), Prompt()
    picture(pane, shown)
    assert pane.move(shown, 1, 0).view.row == 9
    assert pane.move(shown, -1, 0).view.row == 7
    assert pane.move(shown, 0, -1).view.row == 2
    assert pane.move(shown, 0, 1).view.row is None  # the last line is shorter: its end, which is the newest token
    assert pane.move(seen(shown, row=6), 0, 1).view.row == 13
    assert pane.move(shown, 0, -10).view.row == 0
    assert pane.move(shown, 0, 10).view.row is None
    assert pane.move(seen(shown, row=0), -1, 0).view.row == 0
    assert pane.move(seen(shown, row=13), 1, 0).view.row is None
    assert pane.move(scene(""), 1, 0) == scene("").session


def test_lines_are_those_of_the_last_picture() -> None:
    shown, pane = scene(TEXT, row=10), Prompt()
    assert lines(picture(pane, shown, 6))[1:5] == ["To·be,", "·or·", "not·to", "·be"]
    assert pane.move(shown, 0, -1).view.row == 6


def test_enter_goes_back_to_the_token_looked_at() -> None:
    shown = scene(TEXT, row=4)
    assert Prompt().enter(shown) == jump(shown.session, 4)
    assert Prompt().enter(seen(shown, row=None)) == look(shown.session, row=None)


def test_the_window_follows_the_cursor() -> None:
    text = (CORPUS * 4)[:900]
    shown = scene(text, of=random_gpt(1, 1, 8, context=1024))
    for row in (0, 300, 600, 899):
        canvas = picture(Prompt(), seen(shown, row=row), 60, 6)
        assert sum(style is PALETTE.cursor for line in canvas.styles for style in line) == 1
        assert "scrolled" in lines(canvas)[0]


def test_the_window_of_a_text_beyond_the_context() -> None:
    shown = scene(CORPUS * 2)
    for row in (0, 200, 400, None):
        canvas = picture(Prompt(), seen(shown, row=row), 40, 6)
        assert sum(style is PALETTE.cursor for line in canvas.styles for style in line) == 1


# prompt, while it is typed -----------------------------------------------------------------------------------------


def test_the_caret_stands_in_the_draft() -> None:
    shown = typing("To be\nor", 4)
    canvas = picture(Prompt(), shown)
    assert lines(canvas)[1:3] == ["To·be⏎", "or"]
    assert [x for x, style in enumerate(canvas.styles[1]) if style is PALETTE.cursor] == [4]
    assert lines(canvas)[-1].startswith("'b'")  # the token before the caret
    end = picture(Prompt(), seen(shown, caret=8))
    assert end.styles[2][2] is PALETTE.cursor and end.chars[2][2] == " "


def test_a_click_puts_the_caret() -> None:
    shown = typing("To be\nor", 0)
    canvas = picture(Prompt(), shown)
    for x, y, caret in ((3, 1, 3), (30, 1, 5), (0, 2, 6), (30, 2, 8)):
        act = canvas.at(x, y)
        assert act is not None
        assert act(shown.session).view.caret == caret


def test_the_draft_is_shaded_like_its_tokens() -> None:
    shown = typing("To be", 5)
    assert shown.results is not None
    canvas = picture(Prompt(), shown)
    bits = shown.results.surprises["now"]
    assert canvas.styles[1][3] is PALETTE.shade(min(bits[3] / SCALE, 1) * LOUDEST, bold=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_is_not_shaded_by_other_tokens(kind: str) -> None:
    shown = typing("To be", 5, model(kind))
    wrong = but(shown, tokens=tuple((token + 1) % model(kind).vocab_size for token in shown.session.tokens))
    canvas = picture(Prompt(), wrong)
    assert all(style is PALETTE.muted for style in canvas.styles[1][:5])


def test_only_what_can_be_seen_of_a_long_text_is_laid_out() -> None:
    draft = CORPUS * 400
    session = written(Session("random"), model(), draft)
    for shown in (Scene(session, model()), Scene(look(session, caret=len(draft) // 2), model())):
        assert sum(map(len, layout(shown, 60, 5))) < 1000


@pytest.mark.parametrize(("kind", "first"), [("word", "To·be ,·or"), ("bpe", "To ·be , ·or")])
def test_the_draft_shows_where_tokens_begin(kind: str, first: str) -> None:
    shown = typing("To be, or", 9, model(kind))
    canvas = picture(Prompt(), shown)
    assert lines(canvas)[1] == first
    assert canvas.styles[1][len(first)] is PALETTE.cursor


def test_a_character_the_model_has_never_seen_is_named_and_marked() -> None:
    shown = typing("To bé or", 8)
    canvas = picture(Prompt(), shown, 60, 8)
    assert lines(canvas)[1] == "To·b✗é·or"
    assert canvas.styles[1][4] is canvas.styles[1][5] is PALETTE.contrast
    assert canvas.styles[1][6] is PALETTE.muted
    assert shown.session.problem is not None and "é" in shown.session.problem
    assert " ".join(lines(canvas)[-2:]) == shown.session.problem
    assert all(style is PALETTE.contrast for style in canvas.styles[-1][:4])
    left = picture(Prompt(), seen(shown, caret=None), 60, 8)  # kept when typing has ended
    assert lines(left)[1] == "To·b✗é·or"


def test_a_lone_surrogate_is_found_by_every_tokenizer() -> None:
    for kind in KINDS:
        plain = picture(Prompt(), typing("To\udc80 or", 0, model(kind))).plain()
        assert "✗⟨DC80⟩" in plain


def test_before_anything_is_typed_it_says_what_to_do() -> None:
    shown = scene("")
    canvas = picture(Prompt(), shown)
    assert lines(canvas)[1] == "type a prompt: press e"
    act = canvas.at(3, 3)
    assert act is not None
    assert act(shown.session).view.caret == 0
    assert "press" not in picture(Prompt(), seen(shown, caret=0)).plain()


# next token --------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("kind", ALL)
def test_the_chosen_baseline_stands_beside_the_bars_and_in_the_prompts_detail(kind: type[Baseline]) -> None:
    shown = scenes.scene(TEXT, row=9, baseline=kind.slug)
    model = shown.baselines[kind.slug]
    p = np.exp(model.logits(shown.session.tokens[:10])[-1])
    canvas = picture(NextToken(), shown)
    assert lines(canvas)[1].split()[2:] == ["model", model.name]
    for line, each in zip(lines(canvas)[2:8], candidates(shown), strict=False):
        assert line.endswith(f"  {p[each.token]:.3f}")
    (bits,) = -np.log2(model.predicted(shown.session.tokens[:10])[-1:])
    assert f" · {model.name} {bits:.2f} · " in lines(picture(Prompt(), shown, 110))[-1]


def test_a_baseline_goes_on_being_shown_until_the_next_one_is_computed() -> None:
    shown = scene(TEXT)
    late = replace(shown, session=look(shown.session, baseline="ngram"))
    assert candidates(late) == candidates(shown) and lines(picture(NextToken(), late))[1].endswith("bigram")


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
        "top-k 3 · top-p off · seed 1 · position 19 · 3 kept"
        in lines(picture(NextToken(), but(shown, sampler=Sampler(top_k=3)), 90))[-1]
    )


def test_the_drawn_one_is_marked_with_its_number() -> None:
    shown = but(scene(TEXT), seed=5)
    assert shown.results is not None
    drawn = sampling.draw(shown.results.now.logits[-1], Sampler(), 5, len(TEXT))
    canvas = picture(NextToken(), shown, 60, 40)
    (marked,) = [line for line in lines(canvas)[2:25] if "◆" in line[:3]]
    assert marked.split()[1] == shown.label(drawn.token)
    assert f"◆ '{shown.label(drawn.token)}' drawn · u {sampling.uniform(5, len(TEXT)):.3f} · rank" in canvas.plain()
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


# status ------------------------------------------------------------------------------------------------------------


def test_status_says_what_runs() -> None:
    shown = replace(scene(TEXT, [HeadOff(0, 1), MaskOff()]), frame_milliseconds=8.44, running=True, speed=0.5)
    shown = replace(shown, results=replace(shown.results, milliseconds=1.26)) if shown.results else shown
    assert picture(ModelLine(), shown, 200, 1).plain() == (
        "random · 2 layers × 4 heads × 32 wide · 28.3 K parameters · context 19/64 · 2 switches on · "
        "head-off:0.1 mask-off · step 1.3 ms · frame 8.4 ms · ▶ running at 0.5/s"
    )


def test_status_leaves_out_what_matters_least() -> None:
    shown = scene(TEXT, [HeadOff(0, 1)])
    for width in range(1, 160):
        said = picture(ModelLine(), shown, width, 1).plain()
        assert said.startswith("random"[:width])
        assert not said.endswith(" ·")
        if "layers" in said:
            assert "step" in said
        if "step" in said:
            assert "1 switch on" in said
    assert picture(ModelLine(), shown, 24, 1).plain() == "random · 1 switch on"


def test_status_of_many_switches_and_a_full_context() -> None:
    shown = scene(CORPUS[:70], [HeadOff(0, head) for head in range(4)])
    said = picture(ModelLine(), shown, 200, 1).plain()
    assert "4 switches on · head-off:0.0 head-off:0.1 head-off:0.2 +1 ·" in said
    assert "context 64/64" in said
    assert "paused, 4/s" in said
