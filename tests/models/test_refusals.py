"""Whatever stands in a file, a refusal is one short line that says what to do, and nothing worse comes of it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import baselines, model_folders
from models.baselines.gru import GRU, GRUConfig
from models.baselines.gru import weight_shapes as gru_shapes
from models.corpora import token_files
from models.corpora.spec import CorpusSpec, TokenizerSpec
from models.corpora.text import read_text
from models.errors import LONGEST, LONGEST_WORD, UserError
from models.gpt import GPTConfig
from models.runs import TrainConfig, catalogue, events, history, preset
from models.runs.checkpoints import Checkpoints
from models.runs.config import SETTINGS
from models.runs.presets import tiny
from models.sampling import Sampler
from models.switches import parse
from models.tokenizers import Tokenizer
from tests.models.runs.lives import STATES, put
from tests.models.saved_models import TEXT, random_model

LONG = "x" * 10_000
DEEP = "[" * 40 + "]" * 40
# what JSON can hold in any place
VALUES = {
    "long": json.dumps(LONG), "words": json.dumps("a b " * 2_500), "escapes": json.dumps("\x1b]0;x\x07\n" * 1_000),
    "surrogate": '"\\ud800"', "digits": "1" + "0" * 400, "minus": "-" + "9" * 19, "float": "1e400", "small": "-1",
    "zero": "0", "half": "0.5", "null": "null", "true": "true", "list": "[]", "object": "{}", "deep": DEEP,
    "long list": json.dumps([LONG] * 9), "long name": json.dumps({LONG: 1}), "bottomless": "[" * 100_000,
}  # fmt: skip
HOLE = "\x00hole"  # stands for a value while the JSON around it is written


def is_good(sentence: str) -> bool:
    says_what_to_do = any(words in sentence for words in (" - ", " must be ", "can name"))
    return sentence.isprintable() and len(sentence) < 400 and says_what_to_do


def spoiled(content: Any, most: int) -> Iterator[tuple[str, bytes]]:
    """JSON with each of the values in each place of an object, and with names nobody knows; what was done, in words."""
    for place in places(content, most):
        text = json.dumps(put_at(content, place, HOLE))
        for name, value in VALUES.items():
            yield f"{'.'.join(map(str, place))[:60]} = {name}", text.replace(json.dumps(HOLE), value).encode()
    for name in (LONG, "\x1b[2J", "a b " * 999, "\ud800"):
        yield f"a name: {name[:9]!r}", json.dumps({**content, name: 1}).encode()
    yield "no end", json.dumps(content)[:-1].encode()
    yield "not UTF-8", b"\xff" + json.dumps(content).encode()
    yield "a list", json.dumps([content]).encode()


def places(content: Any, most: int) -> Iterator[tuple[Any, ...]]:
    """The first `most` places in an object, and in each of these; of a list the first."""
    each = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for name, value in list(each)[: most if isinstance(content, dict) else 1]:
        yield (name,)
        yield from ((name, *rest) for rest in places(value, most))


def put_at(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    copy = dict(content) if isinstance(content, dict) else list(content)
    copy[place[0]] = put_at(copy[place[0]], place[1:], value)
    return copy


def put_in(file: Path, content: bytes) -> None:
    file.unlink()  # ext4 forces a file that is emptied and written again to the disk: fifty times slower
    file.write_bytes(content)


Case = tuple[str, Callable[[], object]]


def in_file(file: Path, load: Callable[[], object]) -> Iterator[Case]:
    """The file spoiled in every way, and what reads it."""
    whole = file.read_bytes()
    for said, content in spoiled(json.loads(whole), 40):
        put_in(file, content)
        yield f"{file.name}: {said}", load
    put_in(file, whole)


def in_header(file: Path, load: Callable[[], object]) -> Iterator[Case]:
    """The same for the header of a safetensors file."""
    whole = file.read_bytes()
    length = struct.unpack("<Q", whole[:8])[0]
    for said, content in spoiled(json.loads(whole[8 : 8 + length]), 3):
        put_in(file, struct.pack("<Q", len(content)) + content + whole[8 + length :])
        yield f"{file.name}: {said}", load
    put_in(file, whole)


def model_cases(tmp_path: Path) -> Iterator[Case]:
    folder = tmp_path / "model"
    model_folders.save(random_model(), folder)
    for name in ("config.json", "training.json", "tokenizer.json"):
        yield from in_file(folder / name, lambda: model_folders.load_any(folder))
    yield from in_header(folder / "model.safetensors", lambda: model_folders.load_any(folder))


def other_model_cases(tmp_path: Path) -> Iterator[Case]:
    own, recurrent, bpe = (tmp_path / name for name in ("own", "gru", "bpe"))
    model_folders.save(random_model(GPTConfig(9, 8, 1, 1, 4, without=("mask",))), own)
    config = GRUConfig(9, 1, 4)
    weights = {name: np.zeros(shape, np.float32) for name, shape in gru_shapes(config).items()}
    GRU(config, weights, Tokenizer.train_char(TEXT)).save(recurrent)
    for folder in (own, recurrent):
        yield from in_file(folder / "config.json", partial(model_folders.load_any, folder))
    bpe.mkdir()
    Tokenizer.train_bpe("to be, or not to be " * 20, vocab_size=260).save(bpe)
    yield from in_file(bpe / "tokenizer.json", lambda: Tokenizer.load(bpe))


def counted_cases(tmp_path: Path) -> Iterator[Case]:
    tokenizer = Tokenizer.train_char(TEXT)
    tokens = np.array(tokenizer.encode(TEXT * 9))
    baselines.save([kind.count(tokens, 9, tokens, tokenizer) for kind in baselines.ALL], tmp_path)
    for kind in baselines.ALL:
        yield from in_header(kind.file(tmp_path), lambda: baselines.load(tmp_path, tokenizer))


def run_cases(tmp_path: Path) -> Iterator[Case]:
    spec = CorpusSpec("text", ("/a/text.txt",), TokenizerSpec())
    run = catalogue.create(tmp_path / "run", tiny(), catalogue.LearnsFrom(spec), ("playground", "train")).folder
    yield from in_file(run.about, lambda: catalogue.open(run.path))
    put(Checkpoints(run.checkpoints), STATES[2])
    yield from in_header(run.checkpoints / "step-000000002.safetensors", lambda: Checkpoints(run.checkpoints).load())
    (tmp_path / "text.txt").write_text(TEXT * 9)
    token_files.prepare([tmp_path / "text.txt"], TokenizerSpec(), run.tokens)
    for name in ("tokens.json", "tokenizer.json"):
        yield from in_file(run.tokens / name, lambda: token_files.load(run.tokens))


def line_cases(tmp_path: Path) -> Iterator[Case]:
    measured = events.Measured(3, 1.0, 2.0, 2.5, True, (1.0, 2.0), {"0": 1.0}, {})
    started = events.Started("run", 0, tiny().as_dict(), 9, 9, 9, 9, 1, 1, "float32")
    for event in (measured, started, events.Warned("it", "note")):
        for said, content in spoiled(json.loads(events.encode(event)), 40):
            line = content.decode(errors="surrogateescape")
            yield f"a line: {said}", partial(events.decode, line)
            yield f"a command: {said}", partial(events.decode_command, line)
    (tmp_path / "log.jsonl").mkdir()
    yield "a log", lambda: history.read(tmp_path)


def setting_cases(tmp_path: Path) -> Iterator[Case]:
    odd: list[Any] = [LONG, 10**400, -(10**400), -1, 0, 0.5, float("nan"), float("inf"), (LONG,), None, [LONG]]
    for name in SETTINGS:
        for value in odd:
            values = {**tiny().as_dict(), name: list(value) if isinstance(value, tuple) else value}
            yield f"{name} = {str(value)[:9]}", partial(TrainConfig.from_dict, values)
    for sizes in ((9, 8, 1, 1024, 10), (9, 8, 1, 10**400, 10**399), (0, 8, 1, 1, 1), (9, -(10**400), 1, 1, 1)):
        yield f"sizes {str(sizes)[:20]}", partial(GPTConfig, *sizes)
    yield "parts", lambda: GPTConfig(9, 8, 1, 1, 4, without=(LONG,))  # type: ignore[arg-type]  # no part


def word_cases(tmp_path: Path) -> Iterator[Case]:
    for word in (LONG, "\x1b[2J" * 999, "a b " * 2_500, "\ud800", "", "1" + "0" * 400, "../" * 3_000, "\n"):
        for door in (model_folders.load, model_folders.folder, preset, parse, read_text, Tokenizer.load):
            yield f"{getattr(door, '__name__', '')} {word[:9]!r}", partial(door, word)
        yield f"encode {word[:9]!r}", partial(Tokenizer.train_char("a").encode, word)
        yield f"bpe {word[:9]!r}", partial(Tokenizer.train_bpe, word, vocab_size=10**400)
    for name in asdict(Sampler()):
        for number in (10**400, -(10**400)) if name == "top_k" else (float("nan"), float("inf"), -1.0):
            given: dict[str, Any] = {name: number}
            yield f"{name} = {str(number)[:9]}", partial(Sampler, **given)


SOURCES = [model_cases, other_model_cases, counted_cases, run_cases, line_cases, setting_cases, word_cases]


@pytest.mark.parametrize("source", SOURCES)
def test_every_refusal_is_one_short_line_that_says_what_to_do(
    source: Callable[[Path], Iterator[Case]], tmp_path: Path
) -> None:
    refused, bad = 0, dict[str, str]()
    for said, call in source(tmp_path):
        try:
            call()
        except UserError as error:
            refused += 1
            if not is_good(str(error)):
                bad[said] = str(error)[:500]
        except Exception as error:
            bad[said] = repr(error)[:300]
    assert not bad
    assert refused > 20


def test_what_is_quoted_is_cut_in_its_middle_and_said_whole_where_it_is_short() -> None:
    with pytest.raises(UserError) as caught:
        GPTConfig(9, 8, 1, n_head=1024, n_embd=10)
    says = "n_embd 10 is not a multiple of the number of heads, 1024 - make it 1024, or change the heads"
    assert str(caught.value) == says
    error = UserError(f"{'y' * 9_000} is not good", "x" * 9_000, setting="z" * 9_000, where="/" * 9_000)
    half = LONGEST_WORD // 2
    z, y, x = (f"{c * (half - 1)}…{c * half}" for c in "zyx")
    place = f"{'/' * (half - 1)}…{'/' * (half - 1)}:"
    assert error.fault == f"{place} {z} {y} is not good" and len(str(error)) == LONGEST and str(error).endswith(x)
    many = str(UserError("so " * 9_000, "do " * 9_000))
    assert len(many) == LONGEST and many.startswith("so so so ") and " - do do do" in many and many.endswith("do do ")
    assert str(UserError("a\nb\x1b[2J\u202e", "c\td")) == r"a\nb\x1b[2J\u202e - c\td"
