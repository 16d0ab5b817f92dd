"""The recurrent baseline: torch's GRU to the last bits, one step at a time, and a folder as strict as a GPT's."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from models import model_files, model_folders
from models.baselines.gru import GRU, GRUConfig, weight_shapes, width_for
from models.errors import UserError
from models.formats.digests import FIELD
from models.gpt import GPT, GPTConfig
from models.measures import log_softmax
from models.ops import Array, idle
from models.runs import cost
from models.runs.config import TrainConfig
from models.sampling import Sampler, generate
from models.tokenizers import Tokenizer
from models.training.dropout import Dropout
from models.training.learners import GRULearner
from tests.conftest import random_gpt

TEXT = "to be, or not to be!"  # nine characters
SIZES = GRUConfig(vocab_size=9, n_layer=2, n_embd=6)
TRAIN = TrainConfig(model="gru", n_layer=2, n_head=2, n_embd=8, block_size=12, batch=3, steps=1)
TOKENS = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 8]


def random_gru(config: GRUConfig = SIZES, dtype: Any = np.float64, **named: Any) -> GRU:
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.6, shape).astype(dtype) for name, shape in weight_shapes(config).items()}
    return GRU(config, weights, **named)


def exact(learner: GRULearner) -> GRULearner:
    """The same in float64, its biases no longer small."""
    rng = np.random.default_rng(1)
    for leaf in learner.leaves.values():
        leaf.data = torch.from_numpy(rng.normal(0, 0.6, leaf.shape))
    return learner


def arrays(learner: GRULearner) -> dict[str, Array]:
    return {name: leaf.detach().numpy().copy() for name, leaf in learner.leaves.items()}


# ---- the model


def test_weights_that_are_damaged_send_scores_to_infinity_and_nothing_to_the_terminal() -> None:
    whole = random_gru(dtype=np.float32)
    huge = replace(whole, weights={name: weight * np.float32(1e38) for name, weight in whole.weights.items()})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not np.isfinite(huge.logits(TOKENS)).all()


@pytest.mark.parametrize("layers", [1, 3])
def test_it_computes_what_torchs_own_module_does(layers: int) -> None:
    model = random_gru(replace(SIZES, n_layer=layers))
    theirs = torch.nn.GRU(6, 6, layers, batch_first=True, dtype=torch.float64)
    own = {name.removeprefix("gru."): torch.from_numpy(weight) for name, weight in model.weights.items()}
    wte = own.pop("wte.weight")
    theirs.load_state_dict(own)  # every name and shape is torch's
    with torch.no_grad():
        expected = theirs(wte[TOKENS][None])[0][0] @ wte.T
    np.testing.assert_allclose(model.logits(TOKENS), expected, rtol=0, atol=1e-12)


@given(st.lists(st.integers(0, 12), max_size=4))
def test_reading_in_parts_is_reading(cuts: list[int]) -> None:
    model = random_gru()
    state, rows = model.begin(), []
    for part in np.split(np.array(TOKENS), sorted(cuts)):
        scores, after = model.read(part.tolist(), state)
        np.testing.assert_array_equal(
            model.read(part.tolist(), state)[0], scores
        )  # the state it began with is as it was
        rows.append(scores)
        state = after
    np.testing.assert_allclose(np.concatenate(rows), model.logits(TOKENS), rtol=0, atol=1e-12)


class Counting(GRU):
    """A GRU that knows how many tokens it has read."""

    tokens = 0

    def read(self, tokens: Sequence[int], state: Array) -> tuple[Array, Array]:
        Counting.tokens += len(tokens)
        return super().read(tokens, state)


def test_writing_reads_every_token_once_and_draws_what_the_whole_text_says() -> None:
    whole = random_gru()
    model, Counting.tokens = Counting(SIZES, whole.weights), 0
    draws = generate(model, [1, 2, 3], 20, Sampler(), seed=4)
    assert Counting.tokens == 3 + 19
    text = [1, 2, 3]
    for draw in draws:
        np.testing.assert_allclose(draw.raw, np.exp(log_softmax(whole.logits(text)[-1])), atol=1e-12)
        text.append(draw.token)
    for other in ([1, 2, 3, 4], [1, 2], [1, 2], text, [*text[:-1], (text[-1] + 1) % 9, 0]):  # another text, or no more
        np.testing.assert_allclose(model.next_logits(other), whole.logits(other)[-1], atol=1e-12)


def test_a_large_number_saturates_without_a_warning() -> None:
    model = random_gru()
    large = {name: weight * 1e4 for name, weight in model.weights.items()}
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(GRU(SIZES, large).logits(TOKENS)).all()


@pytest.mark.parametrize("name", ["vocab_size", "n_layer", "n_embd"])
def test_sizes_below_one_are_refused_by_name(name: str) -> None:
    with pytest.raises(UserError, match=f"{name} must be at least 1, not 0 - give 1 or more"):
        replace(SIZES, **{name: 0})


@given(st.integers(1, 10**7), st.integers(1, 5000), st.integers(1, 12))
def test_no_other_width_is_nearer_in_parameters(wanted: int, vocab_size: int, layers: int) -> None:
    def off(width: int) -> int:
        return abs(GRU(GRUConfig(vocab_size, layers, width), {}).n_parameters - wanted)

    width = width_for(wanted, vocab_size, layers)
    assert off(width) <= off(width + 1) and (width == 1 or off(width) <= off(width - 1))


# ---- learning


def test_it_gets_the_parameters_of_the_gpt_it_is_held_against() -> None:
    config = TrainConfig(model="gru", n_layer=4, n_head=4, n_embd=128, block_size=64)
    learner = GRULearner(config, 65)
    rival = GPT(config.gpt(65), {}).n_parameters
    mine = sum(leaf.numel() for leaf in learner.leaves.values())
    assert mine == GRU(learner.config, {}).n_parameters
    assert abs(mine - rival) < 0.01 * rival


def test_torch_learns_with_what_numpy_computes() -> None:
    learner = exact(GRULearner(TRAIN, 9))
    model = learner.model(arrays(learner), None, "gru", {"steps": 3})
    inputs = torch.randint(9, (3, 12), generator=torch.Generator().manual_seed(0))
    found = learner.logits(inputs, torch.float64, idle).detach().numpy()
    for row, tokens in zip(found, inputs.tolist(), strict=True):  # rows know nothing of each other
        np.testing.assert_allclose(row, model.logits(tokens), rtol=0, atol=1e-12)
    assert model.training == {"steps": 3}


def test_its_gradient_is_the_slope_that_numpy_finds() -> None:
    learner, rng = exact(GRULearner(TRAIN, 9)), np.random.default_rng(2)
    tokens, targets = rng.integers(0, 9, 12), rng.integers(0, 9, 12)
    start = arrays(learner)
    way = {name: rng.normal(size=array.shape) for name, array in start.items()}

    def loss(step: float) -> float:
        moved = learner.model({name: w + step * way[name] for name, w in start.items()}, None, "", {})
        return float(-log_softmax(moved.logits(tokens.tolist()))[np.arange(12), targets].mean())

    logits = learner.logits(torch.from_numpy(tokens)[None], torch.float64, idle)[0]
    nats = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets))
    found = torch.autograd.grad(nats, list(learner.leaves.values()))
    slope = sum(float((g * torch.from_numpy(way[n])).sum()) for n, g in zip(learner.leaves, found, strict=True))
    assert slope == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-6)


def test_it_learns_one_batch_by_heart() -> None:
    learner = GRULearner(replace(TRAIN, n_embd=32), 9)
    rows = torch.randint(9, (4, 17), generator=torch.Generator().manual_seed(0))  # noise: only memory helps
    adam = torch.optim.AdamW(learner.leaves.values(), lr=0.02)
    for _ in range(150):
        logits = learner.logits(rows[:, :-1], torch.float32, idle)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        adam.step()
    first = -torch.log_softmax(logits[:, 0], -1)[range(4), rows[:, 1]].mean()
    assert loss < first / 16 + 0.05  # after the first token, which alone cannot tell its row


def test_products_in_bfloat16_leave_the_recurrence_in_float32() -> None:
    learner, inputs = GRULearner(TRAIN, 9), torch.tensor([TOKENS])
    fine, rough = (learner.logits(inputs, dtype, idle) for dtype in (torch.float32, torch.bfloat16))
    assert rough.dtype == torch.bfloat16
    assert 0 < (fine - rough.float()).abs().mean() < 0.01 * fine.abs().mean()


def test_leaves_are_named_sorted_and_taken_over() -> None:
    learner = GRULearner(TRAIN, 9)
    assert set(learner.matrices.values()) == {3} and len(learner.matrices) == 4
    assert {learner.layer(name) for name in learner.leaves} == {"embed", "0", "1"}
    assert learner.layer("gru.weight_hh_l1") == "1"
    C = learner.config.n_embd
    assert cost.n_parameters(TRAIN, 9) == sum(leaf.numel() for leaf in learner.leaves.values())
    assert cost.operations(TRAIN, 9) == TRAIN.batch * TRAIN.block_size * 6 * (9 * C + 2 * 6 * C * C)
    again, other = GRULearner(TRAIN, 9), GRULearner(replace(TRAIN, seed=1), 9)
    assert all(np.array_equal(again.arrays()[name], array) for name, array in learner.arrays().items())
    assert not np.array_equal(other.arrays()["wte.weight"], learner.arrays()["wte.weight"])
    other.load(learner.arrays())
    assert all(np.array_equal(other.arrays()[name], array) for name, array in learner.arrays().items())
    assert {array.dtype for array in other.arrays().values()} == {np.dtype(np.float32)}


def test_dropout_finds_every_layers_input_and_output() -> None:
    learner, seen = GRULearner(TRAIN, 9), []

    def tap(name: str, value: Array, layer: int | None) -> Array:
        seen.append((name, layer))
        return value

    learner.logits(torch.tensor([TOKENS]), torch.float32, tap)
    assert seen == [("resid_pre", 0), ("gru_out", 0), ("gru_out", 1)]
    ones = torch.ones(50, 50)
    assert all((Dropout(0.5, 0)(name, ones, layer) == 0).any() for name, layer in seen)


# ---- the folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tokenizer = Tokenizer.train_char(TEXT)
    random_gru(dtype=np.float32, tokenizer=tokenizer, training={"steps": 7}).save(tmp_path / "gru", card="# mine\n")
    return tmp_path / "gru"


def edit(file: Path, change: dict[str, Any]) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | change))


def test_a_folder_brings_it_back(folder: Path) -> None:
    written = random_gru(dtype=np.float32)
    model = model_folders.load_any(folder)
    assert isinstance(model, GRU) and model.config == SIZES and model.name == "gru" and model.training == {"steps": 7}
    assert all(np.array_equal(model.weights[name], weight) for name, weight in written.weights.items())
    assert model.tokenizer is not None and model.tokenizer.encode("to") == Tokenizer.train_char(TEXT).encode("to")
    assert (folder / "README.md").read_text() == "# mine\n"
    wide = GRU.load(folder, "float64")
    assert {weight.dtype for weight in wide.weights.values()} == {np.dtype(np.float64)}
    assert wide.logits(TOKENS).dtype == np.float64 and model.logits(TOKENS).dtype == np.float32
    model.save(folder, "float16")
    assert "| parameters | 558 |" in (folder / "README.md").read_text()
    for name, weight in GRU.load(folder).weights.items():
        assert np.array_equal(weight, written.weights[name].astype(np.float16).astype(np.float32))


def test_the_door_for_any_model_opens_both_and_that_for_gpts_says_what_a_gru_is(folder: Path, tmp_path: Path) -> None:
    model_folders.save(random_gpt(GPTConfig(9, 8, 1, 1, 4), dtype=np.float32), tmp_path / "gpt")
    assert isinstance(model_folders.load_any(tmp_path / "gpt"), GPT)
    with pytest.raises(UserError, match="gru holds a GRU, .* no attention to look into - give a GPT here, or use"):
        model_folders.load(folder)
    with pytest.raises(UserError, match="model_type is 'gpt2' - it must be 'transformer_playground_gru' for a GRU"):
        GRU.load(tmp_path / "gpt")


def spoil_weights(folder: Path, change: Callable[[dict[str, Array]], object]) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")
    training = json.loads((folder / "training.json").read_text())
    (folder / "training.json").write_text(json.dumps({k: v for k, v in training.items() if k != FIELD}))


FAULTS: list[tuple[Callable[[Path], object], str]] = [
    (lambda f: edit(f / "config.json", {"n_embd": 0}), "n_embd is 0 - it must be a whole number from 1"),
    (lambda f: edit(f / "config.json", {"n_layer": True}), "n_layer is True"),
    (lambda f: edit(f / "config.json", {"vocab_size": 1 << 40}), "vocab_size is"),
    (lambda f: edit(f / "config.json", {"bidirectional": True}), "bidirectional = True is not handled"),
    (lambda f: edit(f / "config.json", {"n_layer": 3}), "tensor gru.bias_hh_l2 is missing .and 3 more"),
    (lambda f: edit(f / "config.json", {"n_layer": 1}), "tensor gru.bias_hh_l1 is not expected"),
    (lambda f: edit(f / "config.json", {"n_embd": 7}), "has the shape .* but config.json says"),
    (lambda f: (f / "config.json").unlink(), "has no config.json"),
    (lambda f: (f / "model.safetensors").unlink(), "has no model.safetensors"),
    (lambda f: (f / "model.safetensors").write_bytes(b"\x80\x02abc" * 9), "is a pickle"),
    (lambda f: edit(f / "training.json", {FIELD: {"model.safetensors": "0" * 64}}), "is damaged, or was changed"),
    (lambda f: Tokenizer.train_char("abc").save(f), "has 3 tokens, the model 9"),
    (lambda f: spoil_weights(f, lambda w: w["wte.weight"].fill(np.nan)), "holds 54 NaN values"),
    (lambda f: spoil_weights(f, lambda w: w.update({"h.0": w["wte.weight"]})), "h.0 is not expected"),
]


@pytest.mark.parametrize(("spoil", "says"), FAULTS, ids=[says[:24] for _, says in FAULTS])
def test_a_damaged_folder_is_one_sentence(spoil: Callable[[Path], object], says: str, folder: Path) -> None:
    spoil(folder)
    with pytest.raises(UserError, match=says) as caught:
        model_folders.load_any(folder)
    assert str(caught.value).isprintable() and " - " in str(caught.value)


def test_it_replaces_a_model_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    model_folders.save(random_gpt(GPTConfig(9, 8, 1, 1, 4), dtype=np.float32), folder)
    assert isinstance(model_folders.load_any(folder), GPT)
    random_gru(dtype=np.float32).save(folder)
    assert isinstance(model_folders.load_any(folder), GRU) and (folder / "notes.txt").read_text() == "mine"
    (tmp_path / "diary").mkdir()
    (tmp_path / "diary" / "a.txt").write_text("mine")
    with pytest.raises(UserError, match="holds something else than a model"):
        random_gru().save(tmp_path / "diary")


def test_a_vocabulary_may_be_rounded_up() -> None:
    assert model_files.fit(Tokenizer.train_char(TEXT), 64) and not model_files.fit(Tokenizer.train_char(TEXT), 10)
