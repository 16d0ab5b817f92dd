"""generate prints what the models write."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

import models
from models import baselines, model_folders, sampling
from models.gpt import GPT
from models.tokenizers import Tokenizer
from playground.commands.generate import pieces
from playground.kit import numbers
from playground.text import visible
from tests.conftest import save_random
from tests.playground.commands.calling import Command
from tests.playground.program import in_terminal, start
from tests.playground.waiting import PATIENCE

LONG = "to be, or not to be, that is the question: " * 3


# generate


def test_generate_prints_the_text_and_what_the_model_writes(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    tokens = tiny.tokenizer.encode("to be")
    draws = sampling.generate(tiny, tokens, 8, sampling.Sampler(0.8, 5, 0.9), 7)
    expected = "to be" + tiny.tokenizer.decode([draw.token for draw in draws])
    filters = ("--temperature", 0.8, "--top-k", 5, "--top-p", 0.9)
    answer = call("generate", "to be", "--model", tiny_folder, "--tokens", 8, "--seed", 7, *filters)
    assert (answer.code, answer.out, answer.err) == (0, expected, "")


def test_generate_goes_on_beyond_the_context(call: Command, tiny_folder: Path) -> None:
    answer = call("generate", "to be", "--model", tiny_folder, "--tokens", 30)
    assert len(answer.out) == len("to be") + 30
    cut = call("generate", LONG[:20], "--model", tiny_folder, "--tokens", 2)
    assert cut.err == "note: the text has 20 tokens; the model sees the last 16\n"


def test_generate_json_tells_every_step(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    argv = ("generate", "to be", "--model", tiny_folder, "--tokens", 5, "--seed", 3, "--top-k", 4)
    answer = call(*argv, "--switch", "head-off:1.0", "--json")
    told = json.loads(answer.out)
    assert told["prompt"] + told["text"] == call(*argv, "--switch", "head-off:1.0").out
    assert told["switches"] == ["head-off:1.0"]
    tokens = list(told["prompt_tokens"])
    for step in told["steps"]:
        passed = models.trace(tiny, tokens, [models.parse("head-off:1.0")])
        drawn = sampling.draw(passed.logits[-1], sampling.Sampler(top_k=4), 3, len(tokens))
        assert (step["position"], step["id"], step["u"]) == (len(tokens), drawn.token, sampling.uniform(3, len(tokens)))
        assert (step["p"], step["p_filtered"]) == pytest.approx((drawn.raw[drawn.token], drawn.filtered[drawn.token]))
        assert step["kept"] == 4
        tokens.append(drawn.token)


def test_generate_compare_draws_all_with_the_same_numbers(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    argv = ("generate", "to be", "--model", tiny_folder, "--tokens", 12, "--seed", 5, "--compare")
    runs = json.loads(call(*argv, "--switch", "mask-off", "--json").out)["runs"]
    assert list(runs) == ["intact", "changed", "bigram"]
    assert len({tuple(step["u"] for step in run["steps"]) for run in runs.values()}) == 1
    pairs = baselines.load(tiny_folder, tiny.tokenizer)["bigram"]
    draws = sampling.generate(pairs, tiny.tokenizer.encode("to be"), 12, sampling.Sampler(), 5)
    assert runs["bigram"]["text"] == tiny.tokenizer.decode([draw.token for draw in draws])
    shown = call(*argv, "--switch", "mask-off").out
    assert shown.split("\n")[0].split() == ["intact", "changed", "bigram"]
    for name in ("changed", "bigram"):
        parting = re.search(rf"intact and {name} (part at token (\d+)|write the same)", shown)
        assert parting
        intact, other = runs["intact"]["steps"], runs[name]["steps"]
        differ = [at for at, (a, b) in enumerate(zip(intact, other, strict=True), 1) if a["id"] != b["id"]]
        assert parting[2] == (str(differ[0]) if differ else None)


def test_the_text_may_be_piped_in(call: Command, tiny_folder: Path) -> None:
    argv = ("--model", tiny_folder, "--tokens", 3)
    given = call("generate", "to be", *argv).out
    assert call("generate", *argv, stdin=b"to be").out == given
    assert call("generate", "-", *argv, stdin=b"to be").out == given
    assert call("generate", "--prompt", "to be", *argv, stdin=b"other").out == given
    assert call("generate", *argv).out.startswith("\n")  # nothing piped in: on an empty line


HINDI, THUMB, PAIR = "\u092c\u091a\u094d\u091a\u093e", "\U0001f44d\U0001f3fd", "\U0001f469\u200d\U0001f467"
ODD = f"a\u0301 \r\n{HINDI} \x1b[31m {THUMB} \u202e {PAIR} \u200d\n"


@pytest.fixture(scope="module")
def odd_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of characters of many kinds, the dangerous ones as well."""
    return save_random(tmp_path_factory.mktemp("models") / "odd", Tokenizer.train_char(ODD), ODD, 64)


@pytest.fixture(scope="module")
def bytes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of single bytes: what it writes is seldom UTF-8."""
    return save_random(tmp_path_factory.mktemp("models") / "bytes", Tokenizer.train_bpe("ab", vocab_size=256), "ab" * 8)


def test_a_pipe_gets_the_very_bytes_and_a_terminal_marks(odd_folder: Path, tmp_path: Path) -> None:
    argv = ("generate", "--model", str(odd_folder), "--tokens", "60", "--seed", "4")
    file = tmp_path / "out.txt"
    with file.open("wb") as out:
        process = start(*argv, stdin=subprocess.PIPE, stdout=out)
        process.communicate(ODD.encode(), PATIENCE)
    text = file.read_bytes().decode()
    process = start(*argv, "--json", "-", stdin=subprocess.PIPE)
    told = json.loads(process.communicate(ODD.encode(), PATIENCE)[0])
    assert text == told["prompt"] + told["text"] and text.startswith(ODD) and len(text) == len(ODD) + 60
    status, seen = in_terminal([*argv, ODD])
    assert (status, seen) == (0, visible(text, keep="\n").replace("\n", "\r\n") + "\r\n")
    assert seen.startswith(f"a\u0301 ␍\r\n{HINDI} ␛[31m {THUMB} ⟨202E⟩ {PAIR} ⟨200D⟩")


def test_a_pipe_gets_bytes_that_are_no_character_yet(bytes_folder: Path) -> None:
    argv = ("generate", "a", "--model", str(bytes_folder), "--tokens", "40")
    written, _ = start(*argv).communicate(timeout=PATIENCE)
    told = json.loads(start(*argv, "--json").communicate(timeout=PATIENCE)[0])
    tokenizer = Tokenizer.load(bytes_folder)
    assert written == b"a" + tokenizer.spell([step["id"] for step in told["steps"]]) and len(written) == 41
    assert told["text"] == written[1:].decode(errors="replace") and "\ufffd" in told["text"]


def test_characters_of_several_tokens_come_whole() -> None:
    text = "h\u00e9 \u65e5\u672c \U0001f600!"
    tokenizer = Tokenizer.train_bpe("abc", vocab_size=256)
    tokens = tokenizer.encode(text)
    parts = list(pieces(tokenizer, tokenizer.encode("x"), tokens))
    assert "".join(parts) == text
    assert all("\ufffd" not in part for part in parts)
    assert "".join(pieces(tokenizer, tokens[:2], tokens[2:])).endswith(text[2:])
    assert "".join(pieces(tokenizer, [], tokens[:-2])).endswith("\ufffd")  # what never becomes a character is shown


def test_words_keep_the_spaces_between_them() -> None:
    text = "to be, or not to be"
    tokenizer = Tokenizer.train_word(text)
    tokens = tokenizer.encode(text)
    written = "".join(pieces(tokenizer, tokens[:3], tokens[3:]))
    assert tokenizer.decode(tokens[:3]) + written == tokenizer.decode(tokens)


@pytest.fixture
def ending(tmp_path: Path, tiny: GPT) -> Path:
    """The tiny model, which ends its texts with "t"."""
    model_folders.save(tiny, tmp_path / "ending")
    config = tmp_path / "ending" / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"eos_token": "t"}))
    return tmp_path / "ending"


def test_a_text_ends_where_the_model_ends_it(call: Command, ending: Path, tiny_folder: Path) -> None:
    argv = ("generate", "to be", "--tokens", 60, "--seed", 2)
    whole = call(*argv, "--model", ending).out
    at = whole.index("t", len("to be"))
    answer = call(*argv, "--model", ending, "--until-end")
    assert (answer.code, answer.out) == (0, whole[:at])
    assert answer.err == f"note: the model ended its text after {at - len('to be'):,} tokens\n"
    told = json.loads(call(*argv, "--model", ending, "--until-end", "--json").out)
    assert told["prompt"] + told["text"] == whole[:at] and len(told["steps"]) == at - len("to be")
    sides = call(*argv, "--model", ending, "--until-end", "--compare", "--switch", "mask-off")
    assert sides.code == 0 and "intact and changed part at token" in sides.out
    refused = call(*argv, "--model", tiny_folder, "--until-end")
    assert refused.code == 2 and "tiny has no token that ends a text - leave out --until-end" in refused.err


def test_a_greedy_text_that_repeats_itself_is_called_so_once(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    argv = ("generate", "to be", "--model", tiny_folder, "--tokens", 200)
    greedy = call(*argv, "--temperature", 0)
    length = json.loads(call(*argv, "--temperature", 0, "--json").out)["cycle"]
    assert length and greedy.out.endswith(greedy.out[-length:] * 3)
    said = f"note: greedy, and it ends in the same {numbers.counted(length, 'token')} again and again - a --temperature"
    assert greedy.err.startswith(said) and greedy.err.count("\n") == 1
    assert call(*argv).err == "" and json.loads(call(*argv, "--json").out)["cycle"] == 0


@pytest.mark.parametrize(
    "argv", [("generate", "--tokens", 3), ("compare", "--summary"), ("trace",), ("generate", "--plain")]
)
def test_words_the_model_does_not_know_are_named(call: Command, argv: tuple[object, ...]) -> None:
    command, *more = argv
    answer = call(command, "Anna bought a Zebra, a quark and a zebra in", *more, "--model", "little-world", stdin=b"")
    assert answer.code == 0
    assert answer.err == "note: little-world does not know 'Zebra', 'quark' and 'zebra' and reads <unk> instead\n"
    assert call(command, "anna bought bread", *more, "--model", "little-world").err == ""


def test_of_many_unknown_words_some_are_named(call: Command) -> None:
    text = " ".join(f"n{number}" for number in range(20))
    said = call("compare", text, "--summary", "--model", "little-world").err
    assert "does not know 'n0', 'n1'," in said and "'n5' and 14 more kinds and reads <unk> instead" in said
    assert call("compare", "<unk> the", "--summary", "--model", "little-world").err == ""
