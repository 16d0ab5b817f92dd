"""Tokenizers of other programs: the same tokens as theirs, text that comes back, and hostile files refused by name."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from models.corpora.encoding import encoded
from models.errors import UserError
from models.formats import tokenizer_parts as parts
from models.formats.word_level import split
from models.tokenizers import Tokenizer
from models.unknown import UnknownCharacter
from playground.commands.generate import pieces
from tests.models.foreign_tokenizers import KINDS, LLAMA3, QWEN, made, put, varied
from tests.models.mutations import mutated

Theirs: Any = PreTrainedTokenizerFast  # which has no types


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_a_thousand_texts_have_the_same_tokens_as_in_transformers(name: str, tmp_path: Path) -> None:
    ours = Tokenizer.load(put(name, tmp_path))
    theirs = Theirs(tokenizer_file=str(tmp_path / "tokenizer.json"))
    texts = varied(1_000)
    assert ours.kind == KINDS[name][0] and ours.vocab_size == len(theirs)
    assert [ours.continued(text) for text in texts] == theirs(texts, add_special_tokens=False)["input_ids"]
    whole = theirs(texts)["input_ids"]
    ends = len(whole[0]) - len(ours.encode(texts[0]))  # what is put behind a text is for one that is not written on
    assert [ours.encode(text) for text in texts] == [ids[: len(ids) - ends] for ids in whole]
    assert ends == ("</s>" in str(made(name).post_processor))
    for text in texts[:100]:
        assert ours.decode(ours.encode(text)) == theirs.decode(ours.continued(text))


def test_what_is_saved_reads_the_same_here_and_there(name: str, tmp_path: Path) -> None:
    (saved := tmp_path / "saved").mkdir()
    ours = Tokenizer.load(put(name, tmp_path))
    ours.save(saved)
    again, theirs = Tokenizer.load(saved), Theirs(tokenizer_file=str(saved / "tokenizer.json"))
    assert (again.kind, again.vocab, again.begin, again.unknown) == (ours.kind, ours.vocab, ours.begin, ours.unknown)
    for text in varied(50, seed=1):
        assert again.pieces(text) == ours.pieces(text)
        assert theirs(text, add_special_tokens=False)["input_ids"] == ours.continued(text)


def test_a_text_in_pieces_has_the_tokens_of_the_whole(name: str, tmp_path: Path) -> None:
    ours = Tokenizer.load(put(name, tmp_path))
    text = "".join(each + " and " for each in varied(60, seed=2)) + "to be,\nor not\n\n to be.\r\n(end)\n so"
    chunks = list(encoded((text[at : at + 7] for at in range(0, len(text), 7)), ours, "it", piece=40))
    assert len(chunks) > 20 and np.concatenate(chunks).tolist() == ours.continued(text)


def test_what_is_written_token_after_token_is_the_text(name: str, tmp_path: Path) -> None:
    ours = Tokenizer.load(put(name, tmp_path))
    for text in ("The quick brown fox isn't\nit: \u0431\u0434 \u4e2d\u6587 café", *varied(20, seed=3)):
        ids = ours.encode(text)
        begun = list(ours.begin)
        assert "".join(pieces(ours, begun, ids[len(begun) :])) == ours.decode(ids)


@pytest.mark.parametrize(
    ("name", "text", "tokens"),
    [
        ("Unigram, given", "fox \u0431", ["<s>", " f", "ox", " ", "<unk>"]),
        ("Llama 2", "fox €", ["<s>", " fox", " ", "<0xE2>", "<0x82>", "<0xAC>"]),
        ("Llama 3", "fox €", ["<s>", "f", "ox", " ", "<0xE2>", "<0x82>", "<0xAC>"]),
        ("WordPiece, BERT's", "Naïve lazy, quicker", [" naive", " lazy", ",", " quick", "e", "r"]),
        ("pairs, goings on", "The café.", [" The", " café", "."]),
        ("pairs, ends of words", "The cafés", ["The", "caf", "é", "s"]),
        ("pairs, Whitespace", "The café.", [" The", " café", " ."]),
    ],
)
def test_tokens_are_shown_as_what_they_add_to_a_text(name: str, text: str, tokens: list[str], tmp_path: Path) -> None:
    ours = Tokenizer.load(put(name, tmp_path))
    assert [ours.token(id) for id in ours.encode(text)] == tokens


def test_what_every_text_begins_with_is_no_part_of_it_and_not_put_twice(tmp_path: Path) -> None:
    ours = Tokenizer.load(put("Llama 2", tmp_path))
    ids = ours.encode("The fox")
    assert ours.begin == (1,) == tuple(ids[:1]) and ours.decode(ids) == "The fox"
    assert ours.pieces("The fox")[0] == (1, 0, 0) and [id for id, _, _ in ours.pieces("The fox")] == ids
    assert ours.encode("<s>The fox").count(1) == 1 and ours.encode("") == [1] and ours.decode([1]) == ""
    assert ours.continued("The fox") == ids[1:]


def test_what_is_unknown_is_a_token_or_named_and_never_dropped(tmp_path: Path) -> None:
    pairs = Tokenizer.load(put("pairs, Whitespace", tmp_path))
    assert pairs.unknown == 0 and pairs.unknown_words("fox \u0431\u0434 fox <unk>") == [(4, 5), (5, 6)]
    file = tmp_path / "tokenizer.json"
    spec = json.loads(file.read_text())
    spec["model"]["unk_token"] = None
    file.write_text(json.dumps(spec))
    nothing = Tokenizer.load(file)
    assert nothing.unknown is None and nothing.encode("The fox\n") == pairs.encode("The fox\n")
    with pytest.raises(UnknownCharacter, match=r"'\u0431' \(U\+0431 CYRILLIC SMALL LETTER BE\), character 5 of"):
        nothing.encode("fox \u0431")


Change = Callable[[dict[str, Any]], object]
REFUSED: dict[str, tuple[str, Change, str]] = {
    "regex": (
        "Llama 3",
        lambda t: t["pre_tokenizer"]["pretokenizers"].insert(0, split({"Regex": "(a+)+$"}, "Isolated", False)),
        "the pre_tokenizer 'Split' with pattern = {'Regex': '(a+)+$'}",
    ),
    "normalizer": (
        "Unigram, blanks joined",
        lambda t: t["normalizer"]["normalizers"].append({"type": "Precompiled", "precompiled_charsmap": "A" * 99}),
        "the normalizer 'Precompiled'",
    ),
    "regex that replaces": (
        "Unigram, blanks joined",
        lambda t: t["normalizer"]["normalizers"][1].update(pattern={"Regex": "(a*)*b"}),
        "the normalizer 'Replace' with pattern",
    ),
    "long replacement": (
        "Unigram, blanks joined",
        lambda t: t["normalizer"]["normalizers"][1].update(content="a" * 9),
        "the normalizer 'Replace' with content = 'aaaaaaaaa'",
    ),
    "replacement of replacements": (
        "Unigram, blanks joined",
        lambda t: t["normalizer"].update(
            normalizers=[{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}] * 7
        ),
        "a normalizer by which texts grow without end",
    ),
    "members": (
        "Unigram, blanks joined",
        lambda t: t["normalizer"].update(normalizers=[{"type": "NFC"}] * 17),
        "a normalizer of 17 members",
    ),
    "pre_tokenizer": ("Qwen", lambda t: t.update(pre_tokenizer={"type": "Sequence"}), "the pre_tokenizer 'Sequence'"),
    "bytes elsewhere": (
        "Unigram, NFKC",
        lambda t: t.update(pre_tokenizer=json.loads(form_bytes())),
        "the pre_tokenizer 'ByteLevel' with the model 'Unigram'",
    ),
    "decoder": (
        "Llama 2",
        lambda t: t["decoder"]["decoders"].append({"type": "CTC"}),
        "the decoder 'CTC'",
    ),
    "no decoder of bytes": ("Qwen", lambda t: t.update(decoder={"type": "Fuse"}), "the decoder 'Fuse'"),
    "post-processor": ("Qwen", lambda t: t.update(post_processor={"type": "BertProcessing"}), "'BertProcessing'"),
    "template": (
        "Llama 2",
        lambda t: t["post_processor"]["special_tokens"]["<s>"].update(ids=[10**6]),
        "its post_processor names a token that is none",
    ),
    "template without text": (
        "Llama 2",
        lambda t: t["post_processor"]["single"].pop(),
        "its post_processor does not have the text once",
    ),
    "two templates": (
        "Llama 3",
        lambda t: t["post_processor"]["processors"].append(t["post_processor"]["processors"][1]),
        "two of the post_processor 'TemplateProcessing'",
    ),
    "score": ("Unigram, NFKC", lambda t: t["model"]["vocab"].append(["zz", "1"]), "is not a token and a score"),
    "empty piece": ("Unigram, NFKC", lambda t: t["model"]["vocab"].append(["", -1.0]), "is not a token and a score"),
    "piece twice": ("Unigram, NFKC", lambda t: t["model"]["vocab"].append(["<s>", -1.0]), "in its vocabulary twice"),
    "no unknown": ("Unigram, NFKC", lambda t: t["model"].update(unk_id=None), "token for unknown text is not in"),
    "word length": (
        "WordPiece, BERT's",
        lambda t: t["model"].update(max_input_chars_per_word=10**9),
        "max_input_chars_per_word = '1000000000'",
    ),
    "prefix": (
        "pairs, goings on",
        lambda t: t["model"]["merges"].insert(0, ["a", "b"]),
        "merge 0 goes on without '##'",
    ),
}


def form_bytes() -> str:
    return '{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}'


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_handled_is_refused_by_the_name_of_the_member(case: str, tmp_path: Path) -> None:
    name, change, says = REFUSED[case]
    spec = json.loads((put(name, tmp_path) / "tokenizer.json").read_text())
    change(spec)
    (tmp_path / "tokenizer.json").write_text(json.dumps(spec))
    with pytest.raises(UserError) as caught:
        Tokenizer.load(tmp_path)
    assert says in str(caught.value) and str(caught.value).isprintable() and " - " in str(caught.value)


@pytest.mark.parametrize(
    "name", ["Llama 2", "Llama 3", "Unigram, blanks joined", "WordPiece, BERT's", "pairs, goings on"]
)
def test_no_mutation_of_the_structure_does_more_than_a_user_error(name: str, tmp_path: Path) -> None:
    original, rng = json.loads((put(name, tmp_path) / "tokenizer.json").read_text()), random.Random(name)
    file, refused = tmp_path / "tokenizer.json", 0
    for _ in range(100):
        file.write_text(json.dumps(mutated(original, rng)))
        try:
            ours = Tokenizer.load(file)
            ours.pieces("The quick fox, it's \u0431 42\n")
        except UserError as error:
            assert str(error).isprintable() and " - " in str(error)
            refused += 1
        else:
            assert isinstance(ours.decode(range(ours.vocab_size)), str)
            assert all(isinstance(ours.token(id), str) for id in range(ours.vocab_size))
    assert 10 < refused < 100


def test_the_expressions_of_the_families_are_let_through_and_no_others() -> None:
    assert {LLAMA3, QWEN} < parts.EXPRESSIONS
    for expression in parts.EXPRESSIONS:
        assert not parts.refused("pre_tokenizer", split({"Regex": expression}, "Isolated", False))
        assert parts.refused("pre_tokenizer", split({"Regex": expression + "|(a|a)*$"}, "Isolated", False))
