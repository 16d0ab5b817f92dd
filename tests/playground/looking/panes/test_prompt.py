"""The prompt: shaded by surprise, scrubbed, typed into, and cut where the context ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import measures
from models.baselines import ALL, Baseline
from models.gpt import GPT, GPTConfig
from models.switches import HeadOff
from models.tokenizers import Tokenizer
from playground.looking.panes.next_token import NextToken, candidates
from playground.looking.panes.prompt import LOUDEST, SCALE, Prompt, filled
from playground.looking.panes.prompt_lines import STRIDE, TALLEST, layout
from playground.looking.prompts import MENDS, written
from playground.looking.scene import Scene
from playground.looking.session import Line, Session, jump, look
from tests import conftest
from tests.playground.looking import scenes
from tests.playground.looking.panes.text_scenes import KINDS, TEXT, but, lines, model, picture, scene, seen, typing
from tests.playground.looking.scenes import CORPUS, PALETTE, random_gpt


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
    assert lines(canvas)[0].startswith("Prompt 19/64 tokens · place 3 · seed 7 ━")
    assert lines(canvas)[0].endswith("surprise 0 2 4 6 8 bits")
    now, intact, bigram = (shown.results.surprises[name][3] for name in ("now", "intact", "bigram"))
    b, comma = shown.session.tokens[3], shown.session.tokens[5]
    assert lines(canvas)[-1] == (
        f"'b' · surprise {now:.2f} bits · intact {intact:.2f} · bigram {bigram:.2f} · drawn · id {b} · place 3"
    )
    assert lines(picture(Prompt(), seen(shown, row=5), 110))[-1].endswith(f"forced · id {comma} · place 5")
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
    assert "64/64 tokens · place 79 · 16 cut off" in lines(canvas)[0]
    assert lines(canvas)[1] == "To·be,·or·not·to"
    assert lines(canvas)[2] == "✂ 16 earlier tokens are beyond the context of 64"
    assert lines(canvas)[3] == "·be,·that·is·the·question:⏎"
    assert canvas.styles[1][0] is PALETTE.gone
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


def test_a_line_up_from_a_byte_of_a_character_that_stands_whole() -> None:
    """As in a text that the model cannot read to its end, which stands there as it was typed."""
    session = written(Session("random"), model("bpe"), "To be\nor é\udc80")
    assert session.problem is not None and len(session.tokens) == 7, "the last two are the é"
    for row in range(len(session.tokens)):
        assert Prompt().move(Scene(look(session, row=row), model("bpe")), 0, -1).view.row in range(3)


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


HINDI = "\u092c\u091a\u094d\u091a\u093e \u0939\u0948"  # seven letters and marks in four cells and a blank


def of_hindi(kind: str) -> GPT:
    tokenizer = (Tokenizer.train_word if kind == "word" else Tokenizer.train_char)(CORPUS, HINDI)
    return conftest.random_gpt(GPTConfig(tokenizer.vocab_size, 16, 1, 2, 8), tokenizer=tokenizer, name="hindi")


def test_a_click_on_a_letter_with_its_marks_puts_the_caret_before_it() -> None:
    shown = typing(HINDI, 2, of_hindi("word"))  # between a letter and its mark
    canvas = picture(Prompt(), shown)
    assert canvas.chars[1][:6] == ["\u092c", "\u091a\u094d", "\u091a\u093e", "·", "\u0939\u0948", " "]
    assert [x for x, style in enumerate(canvas.styles[1]) if style is PALETTE.cursor] == [1]
    for x, caret in enumerate((0, 1, 3, 5, 6, 8)):
        act = canvas.at(x, 1)
        assert act is not None and act(shown.session).view.caret == caret


def test_a_mark_that_is_a_token_has_a_cell_of_its_own_typed_or_not() -> None:
    of = of_hindi("char")
    shown = typing(HINDI, 2, of)
    for canvas in (typed := picture(Prompt(), shown), picture(Prompt(), left := seen(shown, caret=None))):
        cells = canvas.chars[1][:8]
        assert cells == ["\u092c", "\u091a", "◌\u094d", "\u091a", "◌\u093e", "·", "\u0939", "◌\u0948"]
    for x in range(8):
        put, looked = typed.at(x, 1), picture(Prompt(), left).at(x, 1)
        assert put is not None and put(shown.session).view.caret == x
        assert looked is not None and looked(left.session).row == x


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
        assert sum(map(len, layout(shown, 60))) <= 2 * (60 * TALLEST + STRIDE)


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
    assert " ".join(lines(canvas)[-3:-1]) == shown.session.problem
    assert lines(canvas)[-1] == MENDS
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


def test_every_unknown_character_is_marked_wherever_it_stands() -> None:
    shown = typing("é To € bé", 3)
    assert lines(picture(Prompt(), shown, 60, 8))[1] == "✗é·To·✗€·b✗é"
    word = typing("To zebra be", 3, model("word"))
    canvas = picture(Prompt(), word, 90, 8)
    assert lines(canvas)[1] == "To·✗zebra·be"
    assert lines(canvas)[-3:-1] == ["the model does not know 'zebra' and reads <unk> instead", MENDS]
    assert lines(canvas)[-1].startswith("'be'")


def test_the_key_that_mends_is_said_however_long_the_list() -> None:
    shown = typing("".join(map(chr, range(0x400, 0x440))), 0)
    for height in range(4, 9):
        said = picture(Prompt(), shown, 60, height).plain()
        assert MENDS in said and "never seen" in said and "✗Ѐ" in said


def test_another_line_of_text_is_shown_where_it_leaves_and_how_it_goes_on() -> None:
    whole = scene(TEXT)
    tokens = whole.session.tokens
    other, third = Line((*tokens[:7], *tokens[2:6]), 3, frozenset()), Line(tokens[:3], 3, frozenset())
    shown = but(whole, branches=(other, third))
    canvas = picture(Prompt(), shown, 60, 6)
    assert lines(canvas)[1] == "To·┬be,·┬or·not·to·be"
    assert lines(canvas)[-2] == "┬ b: at 7 '·be,' · 1 more" and "surprise" in lines(canvas)[-1]
    assert canvas.styles[1][3] is PALETTE.accent and canvas.styles[4][0] is PALETTE.muted
    assert "┬ b: at 7 '·b…' · 1 more" in picture(Prompt(), shown, 24, 6).plain()
    assert "b: at 3 it ends" in picture(Prompt(), but(whole, branches=(third,)), 60, 6).plain()
    assert "b:" not in picture(Prompt(), shown, 60, 3).plain(), "the token looked at comes first"
    assert "b:" not in picture(Prompt(), seen(shown, caret=3), 60, 6).plain(), "not while one types"


def test_it_fills_what_it_says_and_no_more() -> None:
    short, long = scene(TEXT), scene(CORPUS[:60])
    assert (filled(short, 60), filled(long, 30), filled(long, 8)) == (3, 5, TALLEST)
    for of, width in ((short, 60), (long, 30), (short, 24)):
        assert all(lines(picture(Prompt(), of, width, filled(of, width)))), "no line of it is blank"
    branched = but(short, branches=(Line((1, 2, 3), 0, frozenset()),))
    assert filled(branched, 60) == 4 and "b: " in picture(Prompt(), branched, 60, 4).plain()
    assert filled(None, 60) == TALLEST


def test_a_character_of_several_tokens_is_whole_where_they_complete_it() -> None:
    """Three of the four bytes are there, and one of the candidates is the fourth."""
    of = model("bpe")
    assert of.tokenizer is not None
    whole = of.tokenizer.encode("a🤖")
    shown = scene("a🤖", of=of)
    assert shown.labels == ("a", "⋯", "⋯", "⋯", "🤖")
    canvas = picture(Prompt(), shown)
    assert lines(canvas)[1] == "a ⋯ ⋯ ⋯ 🤖" and "'<0x96>'" in lines(canvas)[-1], "below stands what the token is"
    begun = but(shown, view=replace(shown.session.view, row=3))
    said = {each.token: each.label for each in candidates(begun, count=of.vocab_size)}
    assert said[whole[4]] == "🤖" and said[whole[1]] == "<0xF0>"
    assert "▸ '🤖' came" in picture(NextToken(), begun).plain()
