"""trace prints what the models compute."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

import models
from models import baselines, measures, model_folders
from models.baselines import Bigram
from models.gpt import GPT
from tests.playground import half_characters
from tests.playground.commands.calling import Answer, Command
from tests.playground.program import in_terminal, start
from tests.playground.waiting import PATIENCE

# trace


def test_trace_table_has_a_line_a_token(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    assert tiny.tokenizer
    answer = call("trace", "to be", "--model", tiny_folder)
    lines = answer.out.split("\n")
    passed = models.trace(tiny, "to be")
    bits = measures.surprise(passed.logits, passed.tokens)
    assert [line.split()[1] for line in lines[1:6]] == ["t", "o", "·", "b", "e"]
    assert [line.split()[3] for line in lines[1:6]] == ["–", *(f"{value:.2f}" for value in bits[1:])]
    best = measures.softmax(passed.logits).max(-1)
    assert [line.split()[-1] for line in lines[2:7]] == [f"{p:.3f}" for p in best]
    assert lines[6].split()[:2] == ["5", "(next)"]
    assert f"{bits[1:].sum():.2f} bits over 4 predicted tokens" in answer.out


def test_trace_table_shows_the_pattern_of_a_head(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    answer = call("trace", "to be", "--model", tiny_folder, "--layer", 1, "--head", 0)
    rows = [line.split()[2:] for line in answer.out.rstrip().split("\n")[-5:]]
    shown = np.array(rows, float)
    assert np.allclose(shown, models.trace(tiny, "to be").blocks[1].pattern[0], atol=5e-4)


def test_a_pattern_too_wide_for_the_terminal_becomes_a_ranking(tiny_folder: Path, tiny: GPT) -> None:
    argv = ("trace", "to be, or not", "--model", str(tiny_folder), "--layer", "1", "--head", "0")
    code, seen = in_terminal(argv, COLUMNS="80")
    assert code == 0
    row = models.trace(tiny, "to be, or not").blocks[1].pattern[0, 4]
    best = int(row.argmax())
    assert f"4  e looks at: {best} {'to be'.replace(' ', '·')[best]} {row[best]:.3f}" in seen


def test_trace_json_is_exact(call: Command, tiny_folder: Path, tiny: GPT) -> None:
    answer = call("trace", "to be", "--model", tiny_folder, "--switch", "head-off:0.1", "--json")
    told = json.loads(answer.out)
    passed = models.trace(tiny, "to be", [models.parse("head-off:0.1")])
    assert (told["texts"], told["switches"]) == (list("to be"), ["head-off:0.1"])
    assert told["surprise_bits"][0] is None
    for layer, block in enumerate(passed.blocks):
        for name in ("resid_pre", "q", "scores", "pattern", "mlp_act", "resid_post"):
            shown = np.array(told["values"][f"blocks.{layer}.{name}"], float).astype(np.float32)
            right = getattr(block, name)
            assert np.array_equal(shown, np.where(np.isfinite(right), right, np.nan), equal_nan=True), name
    assert told["values"]["blocks.0.scores"][0][0][1] is None  # row 0 may not look at column 1


def test_trace_npz_holds_everything(call: Command, tiny_folder: Path, tiny: GPT, tmp_path: Path) -> None:
    file = tmp_path / "pass.npz"
    assert call("trace", "to be", "--model", tiny_folder, "--out", file) == Answer(0, "", "")
    stored = np.load(file)
    passed = models.trace(tiny, "to be")
    assert np.array_equal(stored["logits"], passed.logits)
    assert np.array_equal(stored["blocks.1.pattern"], passed.blocks[1].pattern)
    assert list(stored["texts"]) == list("to be")
    assert [name for name in tmp_path.iterdir()] == [file]  # nothing half-written is left
    only = call("trace", "to be", "--model", tiny_folder, "--only", "z, logits", "--json")
    assert list(json.loads(only.out)["values"]) == ["logits", "blocks.0.z", "blocks.1.z"]


def test_trace_npz_can_be_piped(tiny_folder: Path, tmp_path: Path) -> None:
    piped = start("trace", "to be", "--model", str(tiny_folder), "--format", "npz")
    data, complaint = piped.communicate(timeout=PATIENCE)
    assert (piped.returncode, complaint) == (0, b"")
    (tmp_path / "x.npz").write_bytes(data)
    assert np.load(tmp_path / "x.npz")["blocks.0.q"].shape == (2, 5, 4)


def test_trace_writes_to_a_device_as_it_is(call: Command, tiny_folder: Path) -> None:
    assert call("trace", "to", "--model", tiny_folder, "--out", os.devnull).code == 0
    assert not os.path.isfile(os.devnull)


def test_figures_that_are_no_numbers_are_called_so(call: Command, tiny: GPT, tmp_path: Path) -> None:
    names = ("h.1.mlp.c_fc.weight", "h.1.attn.c_proj.weight")
    weights = {**tiny.weights, **{name: np.full_like(tiny.weights[name], 3e38) for name in names}}
    model_folders.save(replace(tiny, weights=weights, training={}), tmp_path / "huge", "float32")
    baselines.save([Bigram.count([np.arange(tiny.vocab_size)], tiny.vocab_size)], tmp_path / "huge")
    where, says = ("to be", "--model", tmp_path / "huge"), "not numbers (NaN or infinite): the weights are damaged"
    commands = [("trace", *where), ("trace", *where, "--json"), ("compare", *where), ("compare", *where, "--json")]
    inside = {"lens": (), "sweep": (), "neurons": (), "senses": ("be to be",), "texts": ("--page", "be")}
    commands += [("inside", question, tmp_path / "huge", "to be", *more) for question, more in inside.items()]
    commands += [("inside", "lens", tmp_path / "huge", "to be", "--json")]
    for argv in commands:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # else NumPy's own stand on the terminal
            answer = call(*argv)
        assert answer.code == 0 and "<-1>" not in answer.out, argv
        assert answer.err.startswith("note: ") and says in answer.err and answer.err.count("\n") == 1, argv
    assert call("trace", *where).err.startswith("note: from layer 1 on figures are not numbers")
    assert call("trace", *where, "--json").out.count("null") > 10
    told = call("inside", "attribute", tmp_path / "huge", "to be").err
    assert "no part can be said to have written them" in told and told.count("\n") == 2
    told = call("inside", "patch", tmp_path / "huge", "to be", "be to").err
    assert told.endswith("error: what follows the texts is no number - give a model whose weights are whole\n")


def test_a_character_of_several_tokens_is_shown_at_the_last_of_them(call: Command, tmp_path: Path) -> None:
    folder, shown = tmp_path / "bytes", ["a", "⋯", "⋯", "⋯", "🤗"]
    model_folders.save(half_characters.model(), folder)
    baselines.save([half_characters.bigram()], folder)
    answer = call("trace", "a🤗", "--model", folder, "--layer", 0, "--head", 0)
    table, pattern = (part.splitlines()[1:] for part in answer.out.split("\n\nlayer"))
    assert [line.split()[1] for line in table[:5]] == shown and pattern[1].split()[2:] == shown
    assert [line.split()[-2] for line in table[1:6]] == ["<0x96>", "<0x96>", "<0x96>", "🤖", "<0x96>"], "expected"
    for argv in (("compare", "a🤗", "--model", folder), ("inside", "lens", folder, "a🤗")):
        assert [line.split()[1] for line in call(*argv).out.splitlines()[1:6]] == shown
