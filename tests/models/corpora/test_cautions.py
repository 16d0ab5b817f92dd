"""What is said of a text before anything is learned from it."""

from __future__ import annotations

import pytest

from models.corpora import cautions
from models.corpora.cautions import look_at
from models.errors import UserError
from models.formats.tokenizer_json import Kind

CHINESE = "老人带走一封信。\n小猫看见了那座桥。\n学生们忘记了那七个苹果。\n"
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"
THAI = "ฉันรักแมวของฉันมากที่สุดในโลก แมวตัวนี้กินปลาทุกวัน"
PARTED = {
    "english": "The quick brown fox jumps over the lazy dog.",
    "korean": "나는 고양이이다. 이름은 아직 없다.",
    "chinese, parted": "老人 带走 一封 信 。 小猫 看见 了 那座 桥 。",
    "thai, parted": "ฉัน รัก แมว ของ ฉัน มาก ที่สุด ใน โลก",
    "a quotation": "The sign said 请勿践踏草坪谢谢合作 and nobody who passed could read it, so they went on.",
    "hindi": "एक बूढ़ा आदमी चिट्ठी ले गया। छोटी बिल्ली ने पुल देखा।",
    "numbers": "1 2 3 4",
}


@pytest.mark.parametrize("text", [CHINESE, JAPANESE, THAI, CHINESE + "And two lines of English.\nNo more."])
def test_words_that_do_not_stand_apart_are_noticed_at_word_level(text: str) -> None:
    (caution,) = look_at(text, True, "word")
    assert caution.about == "vocabulary" and "words do not stand apart" in caution.says
    assert caution.says.endswith("take characters or BPE instead")
    assert not look_at(text, True, "char") and not look_at(text, True, "bpe")


@pytest.mark.parametrize("text", PARTED.values(), ids=PARTED)
def test_words_that_stand_apart_are_words(text: str) -> None:
    assert not look_at(text, True, "word")


@pytest.mark.parametrize(
    ("text", "says"),
    [("a" * 6000, "nothing but 'a', so"), (" \n" * 2000, "nothing but blanks, so"), ("\x1b" * 9, "but '\\x1b', so")],
)
@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
def test_a_text_without_anything_to_learn_is_refused(text: str, says: str, kind: Kind) -> None:
    with pytest.raises(UserError, match="the text is ") as caught:
        look_at(text, True, kind)
    assert says in str(caught.value) and str(caught.value).isprintable()
    assert not look_at(text, False, kind), "the rest may be another"


def test_a_text_of_one_letter_and_blanks_is_said() -> None:
    ((about, says),) = look_at("aaa\naaa\n", True, "char")
    assert about == "text" and says.startswith("the text is nothing but 'a' and blanks, so a loss near 0 means nothing")
    assert not look_at("ab", True, "char")


def test_many_unknown_words_and_few_held_out_tokens_are_said() -> None:
    assert not cautions.unknown(0.0499) and not cautions.held_out(65, 64)
    ((about, says),) = cautions.unknown(0.05)
    assert about == "vocabulary" and says.startswith("5 % of the text is <unk>, which is easy to predict")
    ((about, says),) = cautions.unknown(0.5, own=False)
    assert says.endswith("a low loss means little - train a model of its own on this text")
    ((about, says),) = cautions.held_out(64, 64)
    assert about == "text" and says.startswith("only 64 tokens are held out, which do not fill one context of 64")
