"""The files a tokenizer lies in: vocab.json and merges.txt as the tokenizer.json they came from, meta.pkl as it is."""

from __future__ import annotations

import json
import pickle
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import pytest
from transformers import GPT2Tokenizer, GPTNeoXTokenizer, Qwen2Tokenizer

from models.tokenizers import Tokenizer
from tests.models.saved_models import edit, refusal

TEXT = "to be, or not to be: that is the question — 3 apples, don't! ¿qué? \n\n  end"
END = "<|endoftext|>"


@pytest.fixture
def gpt2(tmp_path: Path) -> Path:
    """The two files of a small BPE, as GPT-2's lie there, and its tokenizer.json elsewhere."""
    whole = Tokenizer.train_bpe(TEXT * 20, vocab_size=300)
    (tmp_path / "whole").mkdir()
    whole.save(tmp_path / "whole")
    model = json.loads((tmp_path / "whole" / "tokenizer.json").read_text())["model"]
    folder = tmp_path / "gpt2"
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps(model["vocab"] | {END: len(model["vocab"])}))
    lines = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *lines, ""]))
    return folder


def test_gpt2s_two_files_give_the_tokens_of_its_one(gpt2: Path) -> None:
    ours, whole = Tokenizer.load(gpt2), Tokenizer.load(gpt2.parent / "whole")
    assert ours.encode(TEXT) == whole.encode(TEXT) and ours.decode(ours.encode(TEXT)) == TEXT
    assert ours.kind == "bpe" and ours.vocab_size == whole.vocab_size + 1
    assert ours.end == whole.vocab_size and ours.encode("a" + END) == [*whole.encode("a"), ours.end]
    theirs = GPT2Tokenizer(vocab=str(gpt2 / "vocab.json"), merges=str(gpt2 / "merges.txt"))
    assert ours.encode(TEXT) == theirs.encode(TEXT)


@pytest.mark.parametrize("theirs", [GPT2Tokenizer, GPTNeoXTokenizer, Qwen2Tokenizer])
def test_the_two_files_are_read_as_whose_they_are(theirs: Any, gpt2: Path) -> None:
    """What is named in tokenizer_config.json, and otherwise what a model of that type has."""
    texts, files = (TEXT, "que\u0301", "end \n\n  end"), {"vocab": "vocab.json", "merges": "merges.txt"}
    known = theirs(**{name: str(gpt2 / file) for name, file in files.items()}, unk_token=END)
    tokens = [known.encode(text, add_special_tokens=False) for text in texts]
    assert (tokens == [Tokenizer.load(gpt2).encode(text) for text in texts]) == (theirs is GPT2Tokenizer)
    kind = {GPT2Tokenizer: "llama", GPTNeoXTokenizer: "gpt_neox", Qwen2Tokenizer: "qwen3"}[theirs]
    (gpt2 / "config.json").write_text(json.dumps({"model_type": kind}))
    assert [Tokenizer.load(gpt2).encode(text) for text in texts] == tokens
    (gpt2 / "config.json").write_text(json.dumps({"model_type": "qwen2" if theirs is GPT2Tokenizer else "gpt2"}))
    (gpt2 / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": theirs.__name__ + "Fast"}))
    assert [Tokenizer.load(gpt2).encode(text) for text in texts] == tokens


def test_two_files_of_a_tokenizer_that_is_not_known_are_refused_by_its_name(gpt2: Path) -> None:
    (gpt2 / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer"}))
    message = refusal(lambda: Tokenizer.load(gpt2))
    assert "tokenizer_config.json names CLIPTokenizer, and vocab.json does not say" in message
    assert message.endswith("AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)")


def test_a_byte_order_mark_before_them_is_no_part_of_them(gpt2: Path) -> None:
    plain = Tokenizer.load(gpt2)
    for file in gpt2.iterdir():
        file.write_bytes(BOM_UTF8 + file.read_bytes())
    marked = Tokenizer.load(gpt2)
    assert marked.vocab == plain.vocab and marked.encode(TEXT) == plain.encode(TEXT)


def test_tokens_that_were_added_and_the_blank_before_are_read(gpt2: Path) -> None:
    count = Tokenizer.load(gpt2).vocab_size
    (gpt2 / "added_tokens.json").write_text(json.dumps({"[PAD]": count}))
    ours = Tokenizer.load(gpt2)
    assert ours.encode("x[PAD]")[-1] == count and "[PAD]" in ours.added
    (gpt2 / "tokenizer_config.json").write_text(json.dumps({"add_prefix_space": True}))
    assert Tokenizer.load(gpt2).encode("to") == ours.encode(" to")


def test_a_fault_in_one_of_them_is_named_with_its_file(gpt2: Path) -> None:
    (gpt2 / "merges.txt").write_text("#version: 0.2\nzz qq\n")
    assert "vocab.json is damaged: merge 0 needs the token 'zz'" in refusal(lambda: Tokenizer.load(gpt2))
    (gpt2 / "merges.txt").write_bytes(b"#version\n\xff")
    assert "merges.txt is not UTF-8 text at byte 9" in refusal(lambda: Tokenizer.load(gpt2))
    (gpt2 / "merges.txt").unlink()
    assert "merges.txt cannot be read: no such file" in refusal(lambda: Tokenizer.load(gpt2))
    edit(gpt2 / "vocab.json", lambda vocab: vocab.update({END: 7}))
    (gpt2 / "merges.txt").write_text("")
    assert "vocab.json is damaged: its 301 tokens are not numbered" in refusal(lambda: Tokenizer.load(gpt2))


META: dict[str, tuple[Any, str]] = {
    "no table": ([1, 2], "meta.pkl has no table stoi of characters"),
    "empty": ({"stoi": {}}, "meta.pkl has no table stoi of characters"),
    "words": ({"stoi": {"the": 0}}, "meta.pkl has the token 'the', which is not one character"),
    "numbers": ({"stoi": {5: 0}}, "meta.pkl has the token 5, which is not one character"),
    "texts": ({"stoi": {"a": "0"}}, "meta.pkl is damaged: its vocabulary is not a table of tokens and numbers"),
    "a hole": ({"stoi": {"a": 0, "b": 2}}, "meta.pkl is damaged: its 2 tokens are not numbered from 0 to 1"),
}


@pytest.mark.parametrize("case", META)
def test_a_table_that_is_none_of_characters_is_refused(case: str, tmp_path: Path) -> None:
    content, says = META[case]
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(content))
    assert says in refusal(lambda: Tokenizer.load(tmp_path))


def test_a_table_of_characters_is_read_and_saved_as_everyones(tmp_path: Path) -> None:
    letters = "\n !abcé🐢"
    meta = {"stoi": {c: n for n, c in enumerate(letters)}, "itos": dict(enumerate(letters)), "vocab_size": 8}
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(meta))
    ours = Tokenizer.load(tmp_path)
    assert ours.kind == "char" and ours.vocab == tuple(letters)
    ours.save(tmp_path)
    assert Tokenizer.load(tmp_path / "tokenizer.json").encode("é🐢\n") == ours.encode("é🐢\n") == [6, 7, 0]
