"""A Llama that somebody else trained, with a program of their own: the same scores, patterns and text here."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import transformers

from models import model_folders
from models.lenses.inside.attribution import attribute
from models.tracing import extend, trace
from tests.models.formats.families.from_glassllm import FOLDER

hf: Any = transformers  # its own types do not describe what it takes
with np.load(FOLDER / "said.npz") as file:
    SAID = dict(file)
PROMPT = SAID["prompt"].tolist()


def test_scores_and_patterns_are_those_of_the_program_that_trained_it() -> None:
    of = trace(model_folders.load(FOLDER), PROMPT)
    assert np.abs(of.logits - SAID["logits"]).max() < 1e-4
    for block in of.blocks:
        assert np.abs(block.pattern - SAID["patterns"][block.layer]).max() < 1e-5


def test_it_writes_the_same_text_token_by_token_and_at_once() -> None:
    model = model_folders.load(FOLDER)
    of, written = trace(model, PROMPT), list[int]()
    while len(written) < len(SAID["written"]):
        written.append(int(of.logits[-1].argmax()))
        of = extend(model, of, written[-1])
    assert written == SAID["written"].tolist()
    whole = model.logits([*PROMPT, *written])[len(PROMPT) - 1 : -1]
    assert whole.argmax(-1).tolist() == written


def test_transformers_says_the_same_of_it() -> None:
    theirs = hf.LlamaForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()
    with torch.no_grad():
        found = theirs(torch.tensor(PROMPT)[None]).logits[0].numpy()
    assert np.abs(model_folders.load(FOLDER).logits(PROMPT) - found).max() < 1e-4


def test_a_trained_models_score_is_the_sum_of_what_its_parts_wrote() -> None:
    of = trace(model_folders.load(FOLDER), PROMPT)
    for row in (0, len(PROMPT) - 1):
        found = attribute(of, row, int(of.logits[row].argmax()))
        assert found.error < 1e-4 and not found.unsplit
