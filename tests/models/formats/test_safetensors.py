"""The file of weights is what the format promises, and is refused where it does not hold together."""

from __future__ import annotations

import json
import struct
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.formats import safetensors
from models.formats.digests import FIELD
from tests.models.saved_models import edit, edit_header, put_weights, random_model, refusal, same


def test_the_file_is_what_the_format_promises(tmp_path: Path) -> None:
    safetensors.write(tmp_path / "x", {"b": np.array([[1.5, -2]]), "a": np.array([0.5])}, "float32", {"format": "pt"})
    header = (
        b'{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},'
        b'"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}'
    )
    header += b" " * (-len(header) % 8)
    body = struct.pack("<3f", 1.5, -2, 0.5)
    assert (tmp_path / "x").read_bytes() == struct.pack("<Q", len(header)) + header + body
    assert np.array_equal(load_file(tmp_path / "x")["b"], [[1.5, -2]])


def test_bfloat16_is_the_upper_half_of_float32(folder: Path) -> None:
    numbers = np.array([1.0, -2.5, 3.0e38, 1e-40, 0.0078125, -0.0], np.float32)
    halves = (numbers.view(np.uint32) >> 16).astype("<u2")
    header = json.dumps({"a": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}).encode()
    put_weights(folder, header, halves.tobytes())
    file = folder / "model.safetensors"
    found = safetensors.read_data(file, safetensors.read_header(file), {"a": "a"}, "float32")
    expected = (halves.astype(np.uint32) << 16).view(np.float32)
    assert np.array_equal(found["a"].ravel(), expected)
    assert np.allclose(found["a"].ravel(), numbers, rtol=2**-7)


def test_shards_are_put_together(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    table: dict[str, str] = {}
    for number, names in enumerate((sorted(weights)[::2], sorted(weights)[1::2])):
        shard = f"model-{number + 1:05}-of-00002.safetensors"
        save_file({name: weights[name] for name in names}, folder / shard)
        table |= dict.fromkeys(names, shard)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": table}))
    assert same(model_folders.load(folder), random_model())

    name = sorted(weights)[0]
    edit(index, lambda content: content["weight_map"].pop(name))
    assert "model-00001-of-00002.safetensors holds other tensors" in refusal(lambda: model_folders.load(folder))
    for path in ("../secret.safetensors", "/etc/passwd", "a/b.safetensors", ".hidden.safetensors", "x.bin", 7, None):
        edit(index, lambda content: content["weight_map"].update({name: path}))  # noqa: B023  # called at once
        assert "names a file outside the folder or of another kind" in refusal(lambda: model_folders.load(folder))
    index.write_text('{"weight_map": []}')
    assert "has no weight_map" in refusal(lambda: model_folders.load(folder))


END = 4 * random_model().n_parameters  # of the last tensor, ln_f.bias
LN_F = "transformer.ln_f.weight"
NOTHING = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
Change = Callable[[dict[str, Any]], object]


HEADER: dict[str, tuple[Change, str]] = {
    "overlap": (
        lambda h: h.update({"h.0.attn.bias": {"dtype": "U8", "shape": [8], "data_offsets": [4, 12]}}),
        "byte ranges overlap or leave a hole at h.0.attn.bias",
    ),
    "hole": (lambda h: h.pop("transformer.h.0.ln_1.bias"), "byte ranges overlap or leave a hole at transformer.h.0"),
    "trailing": (lambda h: h.pop("transformer.ln_f.bias"), "16 bytes follow the last tensor"),
    "beyond": (
        lambda h: h["transformer.ln_f.bias"].update(shape=[1 << 34], data_offsets=[END - 16, END - 16 + (1 << 36)]),
        "is cut short: it has ",
    ),
    "shape": (lambda h: h[LN_F].update(shape=[5]), "shape and byte range differ for transformer.ln_f.weight"),
    "overflow": (lambda h: h[LN_F].update(shape=[2**40, 2**40]), "shape and byte range differ for"),
    "negative": (lambda h: h[LN_F].update(shape=[-4]), "is not a list of sizes"),
    "truth": (lambda h: h[LN_F].update(shape=[True, 4]), "is not a list of sizes"),
    "type": (lambda h: h[LN_F].update(dtype="F8_E4M3"), "transformer.ln_f.weight holds F8_E4M3, which is not"),
    "type of type": (lambda h: h[LN_F].update(dtype=["F32"]), "which is not handled"),
    "whole numbers": (lambda h: h[LN_F].update(dtype="I32"), "ln_f.weight holds I32, not floating-point weights"),
    "entry": (lambda h: h[LN_F].update(more=1), "the entry of transformer.ln_f.weight is not"),
    "no entry": (lambda h: h.update({LN_F: 5}), "the entry of transformer.ln_f.weight is not"),
    "metadata": (lambda h: h.update(__metadata__={"a": 1}), "__metadata__ is not a table of texts"),
    "missing": (lambda h: h.update({"h.0.attn.bias": h.pop(LN_F)}), "tensor ln_f.weight is missing for"),
    "extra": (lambda h: h.update(zz=NOTHING), "tensor zz is not expected"),
    "look-alike": (lambda h: h.update({"h.0.xattn.bias": NOTHING}), "tensor h.0.xattn.bias is not expected"),
    "both prefixes": (
        lambda h: h.update({"wte.weight": NOTHING}),
        "has transformer.wte.weight and wte.weight, which are the same weight",
    ),
    "turned": (
        lambda h: h["transformer.wte.weight"].update(shape=[4, 9]),
        "wte.weight has the shape (4, 9), but config.json says (9, 4)",
    ),
    "name": (lambda h: h.update({"\x1b]0;x\x07": 1}), r"the entry of \x1b]0;x\x07 is not"),
    "many": (
        lambda h: h.update(dict.fromkeys(map(str, range(20_000)), NOTHING)),
        "tensors, more than the 20,000 read here",
    ),
}


@pytest.mark.parametrize("case", HEADER)
def test_a_header_that_does_not_hold_together_is_refused(case: str, folder: Path) -> None:
    change, says = HEADER[case]
    edit_header(folder, change)
    message = refusal(lambda: model_folders.load(folder))
    assert says in message and "model.safetensors" in message


def test_every_cut_is_found(folder: Path) -> None:
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    for length in [*range(0, 200, 7), *range(200, len(whole), 97), len(whole) - 1]:
        file.write_bytes(whole[:length])
        message = refusal(lambda: model_folders.load(folder))
        assert "cut short" in message or "not a safetensors file" in message


def test_nan_and_infinite_weights_are_named_and_counted(folder: Path) -> None:
    for value, kind in ((np.nan, "2 NaN"), (np.inf, "2 infinite")):
        weights = {name: weight.copy() for name, weight in random_model().weights.items()}
        weights["h.1.mlp.c_fc.weight"][0, :2] = value
        save_file(weights, folder / "model.safetensors")
        edit(folder / "training.json", lambda training: training.pop(FIELD, None))
        assert f"h.1.mlp.c_fc.weight holds {kind} values" in refusal(lambda: model_folders.load(folder))
        bad = replace(random_model(), weights=weights)
        assert f"h.1.mlp.c_fc.weight holds {kind} values" in refusal(lambda: model_folders.save(bad, folder))  # noqa: B023  # called at once
    weights["h.1.mlp.c_fc.weight"][0, :2] = 1e5
    large = replace(random_model(), weights=weights)
    assert "numbers too large for float16" in refusal(lambda: model_folders.save(large, folder, "float16"))


def test_numbers_too_large_for_float32_count_as_infinite(folder: Path) -> None:
    weights = {name: weight.astype(np.float64) for name, weight in random_model().weights.items()}
    weights["ln_f.weight"][1] = 1e300
    save_file(weights, folder / "model.safetensors")
    (folder / "training.json").unlink()
    assert model_folders.load(folder, "float64").weights["ln_f.weight"][1] == 1e300
    assert "ln_f.weight holds 1 infinite values" in refusal(lambda: model_folders.load(folder))


def test_a_file_that_shrinks_or_changes_while_it_is_read_is_said(folder: Path) -> None:
    file = folder / "model.safetensors"
    header, whole = safetensors.read_header(file), file.read_bytes()
    for content in (whole[:-1], whole + b"x", whole[:20] + b"!" + whole[21:]):
        file.write_bytes(content)
        message = refusal(lambda: safetensors.read_data(file, header, {}, "float32"))
        assert "changed while it was read" in message


def test_refusing_costs_no_memory_whatever_a_file_claims(folder: Path) -> None:
    size = {"dtype": "F32", "shape": [1 << 20, 1 << 14], "data_offsets": [0, 1 << 36]}
    header = json.dumps({"wte.weight": size}).encode()
    put_weights(folder, header, bytes(4096))
    edit(folder / "config.json", lambda config: config.update(vocab_size=1 << 20, n_embd=1 << 14))
    tracemalloc.start()
    try:
        assert "is cut short" in refusal(lambda: model_folders.load(folder))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
