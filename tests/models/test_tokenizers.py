"""Tokenizers: every kind there and back, through our files, through transformers, and against hostile files."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer, GPT2Tokenizer

from models.errors import UserError
from models.formats import tokenizer_json as form
from models.formats.word_level import BLANKS, JOIN, split
from models.tokenizers import BEGUN, Tokenizer
from tests.models.mutations import mutated

VERSE = (
    "  'Tis well-known, don't! (He said: 3.14 is near)...\n\n\tO'er the hill -- and o'er the dale;\n"
    "the hill, the dale, the end. It cost $5.50: 50% of all?\n"
)
STRANGE = "e\u0301 👩\u200d🚀 \t\r\n\x00\x1b[31m\u202e ​🏳️\u200d🌈 中文 𝕏 \ufeff "


BPE = Tokenizer.train_bpe(VERSE * 3, vocab_size=300)


def every_kind() -> list[Tokenizer]:
    return [
        Tokenizer.train_char(VERSE, STRANGE),
        Tokenizer.train_word(VERSE, STRANGE),
        Tokenizer.train_word(VERSE, lowercase=True, min_count=2),
        Tokenizer.train_bpe(VERSE * 3, STRANGE, vocab_size=300),
    ]


@pytest.fixture(params=range(4), ids=["char", "word", "word-lower", "bpe"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    number: int = request.param
    return every_kind()[number]


@given(st.text(alphabet=sorted(set(STRANGE + VERSE)), max_size=60))
def test_characters_come_back_exactly(text: str) -> None:
    tokenizer = Tokenizer.train_char(STRANGE, VERSE)
    ids = tokenizer.encode(text)
    assert len(ids) == len(text)
    assert tokenizer.decode(ids) == text
    assert [tokenizer.token(each) for each in ids] == list(text)
    assert tokenizer.pieces(text) == [(each, at, at + 1) for at, each in enumerate(ids)]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_bpe_brings_any_text_back_exactly(text: str) -> None:
    ids = BPE.encode(text)
    assert BPE.decode(ids) == text
    if text.isascii():
        assert "".join(map(BPE.token, ids)) == text
    spans = BPE.pieces(text)
    assert [each for each, _, _ in spans] == ids
    covered = {at for _, start, end in spans for at in range(start, end)}
    assert covered == set(range(len(text)))


@given(st.text(alphabet=sorted(set(STRANGE + VERSE)), max_size=40))
def test_our_char_path_agrees_with_the_library(text: str) -> None:
    tokenizer = Tokenizer.train_char(STRANGE, VERSE)
    ids = tokenizer.encode(text)
    assert tokenizer.library.encode(text).ids == ids
    assert tokenizer.library.decode(ids) == text


def test_char_vocabulary_is_in_code_point_order() -> None:
    assert Tokenizer.train_char("banana", "c\n").vocab == ("\n", "a", "b", "c", "n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("abé", "'é' (U+00E9 LATIN SMALL LETTER E WITH ACUTE), character 3 of"),
        ("\u0301", "'\\u0301' (U+0301 COMBINING ACUTE ACCENT), character 1 of"),
        ("a\x1b", "'\\x1b' (U+001B), character 2 of"),
        ("a\x1b[2J", "'\\x1b' (U+001B), '[' (U+005B), '2' (U+0032) and 'J' (U+004A); the first is character 2 of"),
        ("a\ud800", "'\\ud800' (U+D800), character 2 of"),
        ("b\u202ea", "'\\u202e' (U+202E RIGHT-TO-LEFT OVERRIDE), character 2 of"),
    ],
)
def test_an_unknown_character_is_named(text: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        Tokenizer.train_char("ab").encode(text)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


def test_half_a_surrogate_pair_is_refused_by_every_kind(tokenizer: Tokenizer) -> None:
    for call in (tokenizer.encode, tokenizer.pieces):
        with pytest.raises(UserError, match=r"U\+D83D\), character 3 of"):
            call("th\ud83d")


def test_training_refuses_half_a_surrogate_pair() -> None:
    trainers: list[Callable[[str], Tokenizer]] = [
        Tokenizer.train_char,
        Tokenizer.train_word,
        lambda text: Tokenizer.train_bpe(text, vocab_size=300),
    ]
    for train in trainers:
        with pytest.raises(UserError, match=r"U\+DC80\), character 2 of"):
            train("a\udc80")
        with pytest.raises(UserError, match=" - "):
            train("")


def test_rare_words_and_unknown_ones_are_unk_and_stay_so() -> None:
    tokenizer = Tokenizer.train_word("the cat, the dog, the end", min_count=2)
    assert tokenizer.vocab == ("<unk>", "the", ",", *BLANKS)
    ids = tokenizer.encode("the zebra, the <unk>")
    assert tokenizer.decode(ids) == "the <unk>, the <unk>"
    assert tokenizer.encode(tokenizer.decode(ids)) == ids
    with pytest.raises(UserError, match="9 times"):
        Tokenizer.train_word("the cat", min_count=9)


def test_lowercasing_is_an_option_and_spans_stay_in_the_text() -> None:
    text = "The İSTANBUL the"
    assert len(Tokenizer.train_word(text).vocab) == 4 + len(BLANKS)
    tokenizer = Tokenizer.train_word(text, lowercase=True)
    assert len(tokenizer.vocab) == 3 + len(BLANKS)
    assert [(start, end) for _, start, end in tokenizer.pieces(text)] == [(0, 3), (4, 12), (13, 16)]


def test_commonest_words_come_first_and_ties_in_order() -> None:
    assert Tokenizer.train_word("b a c c a b d").vocab == ("<unk>", "a", "b", "c", "d", *BLANKS)
    assert Tokenizer.train_word("b\nb\tb\n\ta\n").vocab[:4] == ("<unk>", "\n", "b", "\t")


def test_bpe_training_gives_the_same_twice_and_no_more_than_asked() -> None:
    again = Tokenizer.train_bpe(VERSE * 3, vocab_size=300)
    assert again.vocab == BPE.vocab
    assert again.library.to_str() == BPE.library.to_str()
    assert BPE.vocab_size == 300
    for size in (255, 0, -1, 10**9):
        with pytest.raises(UserError, match="256 to"):
            Tokenizer.train_bpe(VERSE, vocab_size=size)


def test_bpe_tokens_show_their_text_or_their_bytes() -> None:
    assert [BPE.token(each) for each in BPE.encode(" €")] == [" ", "<0xE2>", "<0x82>", "<0xAC>"]
    assert BPE.pieces("a€b") == [
        (each, *span) for each, span in zip(BPE.encode("a€b"), [(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)], strict=True)
    ]
    assert BPE.decode(BPE.encode("€")[:2]) == "\ufffd"


def test_bpe_tokens_that_make_a_character_together_show_it_where_it_is_complete() -> None:
    assert BPE.tokens(BPE.encode("a🤖b")) == ["a", BEGUN, BEGUN, BEGUN, "🤖", "b"]
    whole = BPE.encode("🤖")
    assert BPE.tokens(whole[:3]) == ["<0xF0>", "<0x9F>", "<0xA4>"], "nothing has completed it"
    assert BPE.tokens([*whole[:2], *BPE.encode("a€")]) == ["<0xF0>", "<0x9F>", "a", BEGUN, BEGUN, "€"]
    assert BPE.tokens([whole[3], 50_300, *BPE.encode("<0x9F>")]) == ["<0x96>", "<50300>", *"<0x9F>"]
    two = Tokenizer.train_bpe("x🤖y" * 9, vocab_size=259)  # of which some hold the end of one character and another
    for text in ("x🤖y🤖🤖", "é🤖x€"):
        shown = two.tokens(two.encode(text))
        assert "".join(shown).replace(BEGUN, "") == text and len(shown) == len(two.encode(text))
    assert BPE.tokens(whole[3:], whole[:3]) == ["🤖"] and BPE.tokens(whole[3:], whole[:1]) == ["<0x96>"]
    assert BPE.tokens(whole[3:], [*BPE.encode("long before"), *whole[:3]]) == ["🤖"]
    assert [BPE.token_at(BPE.encode("a🤖b"), place) for place in range(6)] == ["a", BEGUN, BEGUN, BEGUN, "🤖", "b"]


def test_a_number_without_a_token_is_shown_as_such(tokenizer: Tokenizer) -> None:
    assert tokenizer.token(50_300) == "<50300>"
    assert tokenizer.token(-1) == "<-1>"


def test_what_is_saved_comes_back_here_and_in_transformers(tokenizer: Tokenizer, tmp_path: Path) -> None:
    text = VERSE + (STRANGE if tokenizer.kind != "word" else "")
    tokenizer.save(tmp_path)
    ours = Tokenizer.load(tmp_path)
    assert (ours.kind, ours.vocab, ours.added) == (tokenizer.kind, tokenizer.vocab, tokenizer.added)
    assert ours.pieces(text) == tokenizer.pieces(text)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    ids = tokenizer.encode(text)
    assert theirs(text)["input_ids"] == ids
    assert theirs.decode(ids) == tokenizer.decode(ids)
    assert len(theirs) == tokenizer.vocab_size
    theirs.save_pretrained(tmp_path / "theirs")
    assert Tokenizer.load(tmp_path / "theirs" / "tokenizer.json").encode(text) == ids


@pytest.fixture
def gpt2_folder(tmp_path: Path) -> Path:
    from tokenizers import ByteLevelBPETokenizer

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator([VERSE] * 3, vocab_size=320, special_tokens=["<|endoftext|>"])
    bpe.save_model(str(tmp_path))
    GPT2Tokenizer.from_pretrained(tmp_path).save_pretrained(tmp_path / "gpt2")
    return tmp_path / "gpt2"


def test_gpt2s_own_kind_is_read(gpt2_folder: Path) -> None:
    theirs = AutoTokenizer.from_pretrained(gpt2_folder)
    ours = Tokenizer.load(gpt2_folder)
    assert ours.kind == "bpe"
    assert ours.vocab_size == len(theirs)
    for text in (VERSE, STRANGE, " the<|endoftext|>the "):
        assert ours.encode(text) == theirs(text)["input_ids"]
        assert ours.decode(ours.encode(text)) == text
    assert ours.token(ours.encode("<|endoftext|>")[0]) == "<|endoftext|>"


def test_an_added_token_is_never_matched_inside_a_char_models_text(tmp_path: Path) -> None:
    Tokenizer.train_char("<unk>ab").save(tmp_path)
    found = json.loads((tmp_path / "tokenizer.json").read_text())
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    found["added_tokens"] = [{"id": 7, "content": "ab", "special": True, **flags}]
    (tmp_path / "tokenizer.json").write_text(json.dumps(found))
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.vocab_size == 8
    assert [tokenizer.token(each) for each in tokenizer.encode("abu")] == ["a", "b", "u"]


def test_a_bpe_without_every_byte_names_what_it_cannot_say(gpt2_folder: Path) -> None:
    found = json.loads((gpt2_folder / "tokenizer.json").read_text())
    symbol = next(symbol for symbol, byte in form.byte_symbols().items() if byte == 0xE2)
    found["model"]["vocab"]["\u0100" * 5] = found["model"]["vocab"].pop(symbol)
    (gpt2_folder / "tokenizer.json").write_text(json.dumps(found))
    tokenizer = Tokenizer.load(gpt2_folder)
    assert tokenizer.decode(tokenizer.encode("the é")) == "the é"
    with pytest.raises(UserError, match=r"'€' \(U\+20AC EURO SIGN\), character 5 of"):
        tokenizer.encode("the €")


Change = Callable[[dict[str, Any]], object]
REFUSED: dict[str, tuple[Change, str]] = {
    "model": (lambda t: t["model"].update(type="Magic"), "the model 'Magic'"),
    "no model": (lambda t: t.pop("model"), "it has no model"),
    "normalizer": (lambda t: t.update(normalizer={"type": "Precompiled"}), "the normalizer 'Precompiled'"),
    "regex": (
        lambda t: t.update(pre_tokenizer=split({"Regex": "(a+)+$"}, "Isolated", False)),
        "the pre_tokenizer 'Split'",
    ),
    "decoder": (lambda t: t.update(decoder={"type": "CTC"}), "the decoder 'CTC'"),
    "post": (lambda t: t.update(post_processor={"type": "RobertaProcessing"}), "the post_processor 'RobertaProc"),
    "unknown": (lambda t: t.update({"ex\x1btra": 1}), r"the setting 'ex\x1btra'"),
    "dropout": (lambda t: t["model"].update(dropout=0.5), "dropout = '0.5'"),
    "fallback": (lambda t: t["model"].update(byte_fallback=True), "byte_fallback = 'True'"),
    "suffix": (lambda t: t["model"].update(end_of_word_suffix="</w>"), "end_of_word_suffix"),
    "model's": (lambda t: t["model"].update(speed=9), "the setting 'speed' of the model"),
    "byte level": (lambda t: t["decoder"].pop("trim_offsets"), "the decoder 'ByteLevel'"),
    "unk": (lambda t: t["model"].update(unk_token={}), "its token for unknown text is not a text"),
    "gap": (lambda t: t["model"]["vocab"].update(zz=999), "not numbered from 0"),
    "twice": (lambda t: t["model"]["vocab"].update(zz=5), "not numbered from 0"),
    "negative": (lambda t: t["model"]["vocab"].update(zz=-1), "not numbered from 0"),
    "fraction": (lambda t: t["model"]["vocab"].update(zz=1.5), "not a table of tokens and numbers"),
    "empty": (lambda t: (t["model"].update(vocab={}), t.update(added_tokens=[])), "it has 0 tokens"),
    "not bytes": (lambda t: t["model"]["vocab"].update({"a b": len(t["model"]["vocab"])}), "'a b', which is not byte"),
    "surrogate": (lambda t: t["model"]["vocab"].update({"\ud800": len(t["model"]["vocab"])}), "not Unicode text"),
    "merge": (lambda t: t["model"]["merges"].append(["a", "zzz"]), "needs the token 'zzz'"),
    "merge pair": (lambda t: t["model"]["merges"].append("a b c"), "is not a pair"),
    "merges": (lambda t: t["model"].update(merges=None), "merges are not a list"),
    "added": (lambda t: t.update(added_tokens=[{"id": 0}]), "an added token has no id or no content"),
    "added twice": (lambda t: t.update(added_tokens=t["added_tokens"] * 2), "appears twice"),
    "added id": (lambda t: t["added_tokens"][0].update(id=7), "has two numbers"),
    "added flag": (lambda t: t["added_tokens"][0].update(special="yes"), "not true or false"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_handled_is_refused_by_name(case: str, gpt2_folder: Path) -> None:
    change, says = REFUSED[case]
    file = gpt2_folder / "tokenizer.json"
    found = json.loads(file.read_text())
    change(found)
    file.write_text(json.dumps(found))
    with pytest.raises(UserError) as caught:
        Tokenizer.load(gpt2_folder)
    assert says in str(caught.value)
    assert "tokenizer.json" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_word_model_needs_its_unknown_token(tmp_path: Path) -> None:
    Tokenizer.train_word("a b").save(tmp_path)
    file = tmp_path / "tokenizer.json"
    file.write_text(file.read_text().replace('"unk_token": "<unk>"', '"unk_token": "[UNK]"'))
    with pytest.raises(UserError, match="token for unknown text is not in the vocabulary"):
        Tokenizer.load(file)


@pytest.mark.parametrize("number", range(4), ids=["char", "word", "word-lower", "bpe"])
def test_no_mutation_of_the_structure_does_more_than_a_user_error(number: int, tmp_path: Path) -> None:
    tokenizer = every_kind()[number]
    tokenizer.save(tmp_path)
    file = tmp_path / "tokenizer.json"
    original, rng = json.loads(file.read_text()), random.Random(number)
    refused = 0
    for _ in range(150):
        file.write_text(json.dumps(mutated(original, rng)))
        try:
            loaded = Tokenizer.load(file)
        except UserError as error:
            assert str(error).isprintable() and " - " in str(error)
            refused += 1
            continue
        for call in (loaded.encode, loaded.pieces):
            try:
                call(VERSE)
            except UserError:
                assert loaded.kind != "word"
        assert isinstance(loaded.decode(range(loaded.vocab_size)), str)
        assert all(loaded.token(each) for each in range(loaded.vocab_size) if loaded.vocab[each] != JOIN)
    assert 30 < refused < 150


def test_damaged_bytes_do_no_more_than_a_user_error(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path)
    file, rng = tmp_path / "tokenizer.json", random.Random(1)
    original = file.read_bytes()
    for _ in range(100):
        damaged = bytearray(original)
        at = rng.randrange(len(damaged))
        damaged[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        file.write_bytes(damaged[: len(damaged) if rng.random() < 0.8 else at])
        try:
            loaded = Tokenizer.load(file)
        except UserError as error:
            assert str(error).isprintable()
        else:
            assert isinstance(loaded.decode(range(loaded.vocab_size)), str)


def test_words_and_runs_without_end_make_no_token_too_long(tmp_path: Path) -> None:
    """BPE takes the square of a run's length to learn from it; how long it takes, the benchmark `moments` tells."""
    text = "to be " + "x" * 300_000 + "y" + " \n" * 20_000
    for tokenizer in (Tokenizer.train_bpe(text, vocab_size=1024), Tokenizer.train_word(text)):
        tokenizer.save(tmp_path)
        assert Tokenizer.load(tmp_path).vocab == tokenizer.vocab and max(map(len, tokenizer.vocab)) <= 1000
    assert {"to", "be"} <= set(tokenizer.vocab) and tokenizer.decode(tokenizer.encode("to xx")) == "to <unk>"
    with pytest.raises(UserError, match="no word is in the text 1 times"):
        Tokenizer.train_word("x" * 1001)


def test_tokens_spell_the_bytes_of_the_text() -> None:
    text = "h\u00e9 \u65e5\u672c!"
    bytewise = Tokenizer.train_bpe("abc", vocab_size=256)
    assert bytewise.spell(bytewise.encode(text)) == text.encode()
    assert bytewise.spell(bytewise.encode(text)[:2]) == b"h\xc3"  # half a character
    assert bytewise.spell([999]) == b""  # a vocabulary padded to a round size
    for tokenizer in (Tokenizer.train_char(text), Tokenizer.train_word(text)):
        tokens = tokenizer.encode(text)
        assert tokenizer.spell(tokens) == tokenizer.decode(tokens).encode()


@pytest.mark.parametrize(
    ("beside", "end"),
    [
        ({}, "<|endoftext|>"),
        ({"tokenizer_config.json": {"eos_token": "the"}}, "the"),
        ({"tokenizer_config.json": {"eos_token": {"content": "the", "lstrip": False}}}, "the"),
        ({"config.json": {"eos_token_id": 1}}, "!"),
        ({"tokenizer_config.json": {"eos_token": "nowhere"}, "config.json": {"eos_token_id": 9999}}, "<|endoftext|>"),
        ({"tokenizer_config.json": [], "config.json": {"eos_token_id": True}}, "<|endoftext|>"),
    ],
)
def test_the_token_that_ends_a_text_is_what_the_folder_says(
    beside: dict[str, Any], end: str, gpt2_folder: Path, tmp_path: Path
) -> None:
    (gpt2_folder / "tokenizer_config.json").unlink()
    for name, content in beside.items():
        (gpt2_folder / name).write_text(json.dumps(content))
    found = Tokenizer.load(gpt2_folder)
    assert found.end is not None and found.token(found.end) == end
    found.save(tmp_path)
    assert Tokenizer.load(tmp_path).end == found.end
    assert Tokenizer.train_char("ab").end is None
