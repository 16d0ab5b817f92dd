"""The playground in sentences: the same numbers, no drawing, nothing lost to a wrong line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import models
from models import baselines, measures, model_folders, sampling
from models.baselines import ALL, Baseline
from models.gpt import GPT
from models.switches import ALL as SWITCHES
from models.tokenizers import Tokenizer
from playground.kit.numbers import probability
from playground.plain.mode import COMMANDS
from playground.plain.speech import at, spoken
from tests.playground import half_characters
from tests.playground.commands.calling import Command
from tests.playground.program import in_terminal


def answers(
    call: Command, folder: Path, *lines: str, prompt: str = "to be", options: tuple[str, ...] = ()
) -> list[str]:
    """The sentences after the greeting."""
    answer = call("play", "--plain", prompt, "--model", folder, *options, stdin="\n".join(lines).encode())
    assert (answer.code, answer.err) == (0, "")
    assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\u2500-\u25ff]*", answer.out)
    return answer.out.rstrip("\n").split("\n")[4:]


def test_it_greets_and_leaves_at_the_end_of_input(call: Command, tiny_folder: Path) -> None:
    answer = call("--plain", "--prompt", "to be", "--model", tiny_folder)
    assert answer.code == 0
    assert answer.out.startswith("Model tiny: 2 layers of 2 heads, ")
    assert 'The text has 5 tokens; the last is "e".' in answer.out
    assert call("generate", "--plain", "to be", "--model", tiny_folder).out == answer.out
    assert call("play", "--plain", "--model", tiny_folder).out.count("the last is newline") == 1


def test_it_writes_what_generate_writes(call: Command, tiny_folder: Path) -> None:
    written = answers(call, tiny_folder, "write 10", options=("--seed", "4", "--top-k", "3"))[0]
    generated = call("generate", "to be", "--model", tiny_folder, "--tokens", 10, "--seed", 4, "--top-k", 3).out
    assert written == "Wrote: " + generated.removeprefix("to be").rstrip("\n").split("\n")[0]


def test_a_step_is_told_with_its_numbers(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    (said,) = answers(call, tiny_folder, "step")
    draw = sampling.draw(models.trace(tiny, "to be").logits[-1], sampling.Sampler(), 1, 5)
    assert tiny.tokenizer
    assert said.startswith(
        f"Place 5: {spoken(tiny.tokenizer.token(draw.token))}, probability {draw.raw[draw.token]:.3f}"
    )
    assert f"{measures.entropy(draw.raw):.2f} bits" in said
    assert answers(call, tiny_folder, "", "") == [said]  # one empty line


def test_back_and_forward_is_the_same_step(call: Command, tiny_folder: Path) -> None:
    said = answers(call, tiny_folder, "step 3", "back 2", "step 2", "back 9", "back", "step 3")
    assert said[4:6] == said[1:3]
    assert said[6:8] == ['The text has 1 token; the last is "t".'] * 2
    assert said[8] == 'Place 1: "o", as before.'


def test_candidates_and_choose(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    p = measures.softmax(models.trace(tiny, "to be").logits[-1])
    order = (-p).argsort(kind="stable")
    said = answers(call, tiny_folder, "candidates 4", "choose 3", "branch", "text")
    for place, token in enumerate(order[:4], 1):
        assert said[place - 1].startswith(
            f"{place}: {spoken(tiny.tokenizer.token(int(token)))}, {p[token]:.3f}, bigram "
        )
    assert said[5] == f"Place 5: {spoken(tiny.tokenizer.token(int(order[2])))}, chosen by you."


def test_cut_candidates_are_still_told(call: Command, tiny_folder: Path) -> None:
    said = answers(call, tiny_folder, "top-k 2", "candidates 3", "temperature 0", "candidates 2")
    assert [("cut by the filters" in line) for line in said[1:4]] == [False, False, True]
    assert said[4].endswith("2 tokens can be drawn.")
    assert "1.000 after the filters" in said[6] and "cut by the filters" in said[7]


def test_heads_and_rows(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    pattern = models.trace(tiny, "to be").blocks[1].pattern[0]
    said = answers(call, tiny_folder, "head 1.0", "row 1")
    assert said[0].startswith('Layer 1, head 0, place 4 "e", looks at: ')
    assert re.findall(r"(?:0\.\d{3}|1\.000)", said[0])[:5] == [f"{w:.3f}" for w in sorted(pattern[4])[::-1]]
    assert said[1].startswith('Layer 1, head 0, place 1 "o", looks at: place ')


def test_switches_say_what_they_changed(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    intact = models.trace(tiny, "to be")
    changed = models.trace(tiny, "to be", [models.parse("norm-off")])
    p, q = (measures.softmax(each.logits[-1]) for each in (intact, changed))
    said = answers(
        call, tiny_folder, "switch norm-off", "candidates 1", "switch norm-off", "switch mask-off", "clear", "switch"
    )
    assert said[0] == "norm-off is on. On now: norm-off."
    assert said[1].startswith(f"KL divergence {measures.kl(p, q):.3f} bits")
    assert f"without the switches {p[q.argmax()]:.3f}" in said[2]
    assert said[4:6] == ["norm-off is off. On now: none.", "The model is intact."]
    assert said[8] == "No switch is on." and len(said[9:]) == len(SWITCHES) + 1


def test_tokens_and_bigram(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    text = "to bqtbo"  # pairs that were counted, and pairs that never were
    passed = models.trace(tiny, text)
    bits = measures.surprise(passed.logits, passed.tokens)
    said = answers(call, tiny_folder, "tokens", "bigram", prompt=text)
    assert said[0] == 'Place 0 "t": the first; nothing predicted it.'
    assert said[2].startswith(f"Place 2 space: {bits[2]:.2f} bits, bigram ")
    pairs = [float(re.findall(r"bigram (\d+\.\d\d)", line)[0]) for line in said[1:8]]
    won = [line.endswith(", context won.") for line in said[1:8]]
    assert won == [mine < theirs for mine, theirs in zip(bits[1:], pairs, strict=True)]
    assert set(won) == {True, False}
    assert said[8].startswith(f"Together {bits[1:].sum():.2f} bits for the model, ")
    assert said[9] == 'After "o" the bigram expects:' and said[-1].startswith("Drawing with the same number")


@pytest.mark.parametrize("kind", ALL)
def test_another_baseline_is_chosen_by_name(kind: type[Baseline], call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    model, tokens = baselines.load(tiny_folder, tiny.tokenizer)[kind.slug], tiny.tokenizer.encode("to be")
    said = answers(call, tiny_folder, f"baseline {kind.slug}", "tokens", "candidates 1", kind.slug, "step", "baseline")
    assert said[0].startswith(f"Beside the model: {model.name}. There are: bigram, which sees only the last token, ")
    bits, p = -np.log2(model.predicted(tokens)), np.exp(model.next_logits(tokens))
    assert [float(re.findall(rf"{model.name} (\d+\.\d\d)", line)[0]) for line in said[2:6]] == [
        float(f"{each:.2f}") for each in bits
    ]
    best = int(measures.softmax(models.trace(tiny, "to be").logits[-1]).argmax())
    assert f"{model.name} {probability(float(p[best]))}" in said[7]
    assert said[9] == f'After "e" the {model.name} expects:'
    assert f"{probability(float(p.max()))}, the model" in said[10] and said[-1] == said[0]


def test_undo_takes_back_one_line(call: Command, tiny_folder: Path) -> None:
    said = answers(call, tiny_folder, "step 3", "switch mask-off", "undo", "undo", "redo", "status")
    assert "Switches on: none" in said[6]
    assert said[7] == 'The text has 5 tokens; the last is "e".'
    assert said[9].startswith("The text has 8 tokens") and said[9:11] == said[11:]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("stepp", "There is no command 'stepp'; did you mean step?"),
        ("xyzzy", "There is no command 'xyzzy'; help lists them."),
        ("step two", "Not done: 'two' is not a whole number from 1 - write one."),
        ("switch head-off:5.0", "Not done: head-off:5.0: there is no layer 5"),
        ("head 0", "Not done: '' is not a whole number from 0 - write one."),
        ("head 0.9", "Not done: there is no head 9 - this model has 0 to 1."),
        ("row 5", "Not done: there is no place 5 in the context - it has 0 to 4."),
        ("choose 99", "Not done: there are 15 candidates, not 99 - choose one of them."),
        ("temperature hot", "Not done: 'hot' is not a number - write one."),
        ("temperature nan", "Not done: temperature is nan"),
        ("prompt", "Not done: there is no text - write it after prompt."),
        ("prompt é", "Not done: the model has never seen 'é'"),
        ("baseline 9-gram", "Not done: tiny has no 9-gram beside it - there is bigram, ngram, unigram."),
        ("branch", "Not done: there is no other text to return to"),
        ("seed 99999999999999999999", "Not done: '99999999999999999999' is not a whole number"),
    ],
)
def test_a_wrong_line_changes_nothing(line: str, sentence: str, call: Command, tiny_folder: Path) -> None:
    said = answers(call, tiny_folder, line, "status")
    assert said[0].startswith(sentence)
    assert said[1:] == answers(call, tiny_folder, "status")


def test_bytes_that_are_no_text_are_a_wrong_line(call: Command, tiny_folder: Path) -> None:
    answer = call("--plain", "--prompt", "to be", "--model", tiny_folder, stdin=b"\xff\xfe\nstep\n")
    assert answer.code == 0
    assert answer.out.split("\n")[4].startswith("There is no command '\\\\xff") and "Place 5: " in answer.out


def test_long_texts_are_told_by_their_true_positions(call: Command, tiny_folder: Path) -> None:
    said = answers(call, tiny_folder, "write 20", "head 0.0", "row 3", "row 9")
    assert "place 24" in said[-3]
    assert said[-2].endswith("it has 9 to 24.") and "place 9" in said[-1]


def test_a_head_does_one_thing_at_a_time(call: Command, tiny_folder: Path) -> None:
    said = answers(call, tiny_folder, "switch head-off:0.1", "switch head-mean:0.1", "switch head-mean:0.1")
    assert [line.split("On now: ")[1] for line in said if "On now" in line] == [
        "head-off:0.1.",
        "head-mean:0.1.",
        "none.",
    ]


def test_help_lists_every_command(call: Command, tiny_folder: Path) -> None:
    said = answers(call, tiny_folder, "help")
    assert [line.split(":")[0].split()[0] for line in said[:-1]] == list(COMMANDS)


def test_it_asks_for_lines_in_a_terminal(tiny_folder: Path) -> None:
    code, seen = in_terminal(("--plain", "--prompt", "to be", "--model", str(tiny_folder)), b"step\nquit\n")
    assert code == 0 and "> Place 5: " in seen.replace("\r", "")
    assert "\x1b" not in seen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ", "space"),
        ("\n", "newline"),
        ("r", '"r"'),
        ("R", 'capital "R"'),
        (",", '"," comma'),
        ("7", '"7"'),
        (" the", '"the" after a space'),
        ("   ", "3 spaces"),
        ("\x1b", '"␛"'),
        ("a\nb", '"a␊b"'),
        ("", "an empty token"),
        ("日", '"日"'),
    ],
)
def test_tokens_can_be_heard(text: str, words: str) -> None:
    assert spoken(text) == words


def test_a_character_of_several_tokens_is_heard_at_the_last_of_them(call: Command, tmp_path: Path) -> None:
    model_folders.save(half_characters.model(), tmp_path / "bytes")
    said = answers(call, tmp_path / "bytes", "tokens", "back", "candidates 1", "step", prompt="a🤗")
    heard = [sentence.split(":")[0] for sentence in said]
    assert heard[:4] == ['Place 0 "a"', *(f"Place {place} part of a character" for place in (1, 2, 3))]
    assert heard[4] == 'Place 4 "🤗" hugging face'
    assert 'last is "<0xA4>"' in said[-4], "nothing has completed it"
    assert said[-3] == '1: "🤖" robot face, 1.000.'
    assert 'Place 4: "🤗" hugging face, as before.' in said[-1]


def test_what_a_model_without_numbers_cannot_be_held_against_is_one_sentence(call: Command, tmp_path: Path) -> None:
    whole = half_characters.model()
    broken = {**whole.weights, "ln_f.weight": np.full_like(whole.weights["ln_f.weight"], 3e38)}
    model_folders.save(replace(whole, weights=broken), tmp_path / "bytes", "float32")
    baselines.save([half_characters.bigram()], tmp_path / "bytes")
    [said] = answers(call, tmp_path / "bytes", "bigram", prompt="a")
    assert said.startswith("Not done: the scores are not numbers")


def test_a_token_that_ends_one_character_and_begins_another_is_heard_as_both() -> None:
    pieces = Tokenizer.train_bpe("नमस्ते " * 50, vocab_size=263)
    tokens = pieces.encode(" नमस्ते")
    heard = [at(tokens, pieces, place) for place in range(len(tokens))]
    assert heard[:3] == ["space", '"न" and part of a character', '"म" and part of a character'], pieces.tokens(tokens)
    assert not any("⋯" in each for each in heard) and at(pieces.encode("⋯")[:1], pieces, 0) == '"<0xE2>"'
