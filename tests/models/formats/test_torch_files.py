"""Files of torch.save: its numbers come back without it, and whatever does not hold together is one sentence."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.errors import UserError
from models.formats import torch_files, torch_old
from tests.models.saved_models import refusal

WIDE = torch.arange(24.0).reshape(4, 6)
TABLE: dict[str, Any] = {
    "plain": torch.randn(3, 5), "turned": WIDE.t(), "part": torch.randn(9, 4)[2:5, 1:3], "whole": WIDE,
    "bfloat16": torch.randn(7).bfloat16(), "half": torch.randn(4).half(), "double": torch.randn(2, 2).double(),
    "one": torch.tensor(2.5), "none": torch.zeros(0, 3), "mask": torch.ones(1, 1, 3, 3, dtype=torch.bool),
    "count": torch.arange(5), "parameter": torch.nn.Parameter(torch.randn(2)),
}  # fmt: skip


def read(file: Path, dtype: str = "float32") -> dict[str, Any]:
    header = torch_files.read_header(file)
    return torch_files.read_data(file, header, {name: name for name in header.entries}, dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_kind_of_tensor_comes_back(dtype: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    for names, zipped in product((TABLE.keys() - {"whole"}, TABLE.keys() - {"turned"}), (True, False)):
        torch.save({name: TABLE[name] for name in names}, file, _use_new_zipfile_serialization=zipped)
        found = read(file, dtype)
        for name in names:
            theirs = TABLE[name].detach().to(getattr(torch, dtype)).numpy()
            assert np.array_equal(found[name], theirs) and found[name].shape == theirs.shape
            assert found[name].dtype == np.dtype(dtype) and found[name].flags.c_contiguous


def test_two_names_of_one_tensor_are_one_array(tmp_path: Path) -> None:
    torch.save({"a": WIDE, "b": WIDE}, tmp_path / "a.pt")
    found = read(tmp_path / "a.pt")
    assert found["a"] is found["b"]


def test_what_is_not_asked_for_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    torch.save({"a": WIDE, "b": torch.full((6,), 7.5)}, file)
    content = file.read_bytes()
    at = content.index(struct.pack("<6f", *[7.5] * 6))
    file.write_bytes(content[:at] + bytes(4) + content[at + 4 :])
    header = torch_files.read_header(file)
    assert np.array_equal(torch_files.read_data(file, header, {"a": "x"}, "float32")["x"], WIDE.numpy())
    says = "a.pt is damaged: a checksum differs - copy it again"
    assert says in refusal(lambda: torch_files.read_data(file, header, {"b": "b"}, "float32"))


def sparse() -> Any:
    return torch.eye(3).to_sparse()


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "sparse": (sparse, "asks for torch._utils._rebuild_sparse_tensor"),
    "quantised": (
        lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        "a.pt has weights that are quantised - give",
    ),
    "meta": (lambda: torch.empty(3, device="meta"), "asks for torch._utils._rebuild_meta_tensor_no_storage"),
    "expanded": (lambda: torch.ones(1).expand(1000, 1000), "a tensor has one number in two places"),
    "complex": (lambda: torch.ones(3, dtype=torch.complex64), "asks for torch.ComplexFloatStorage"),
    "module": (lambda: torch.nn.Linear(2, 2), "asks for torch.nn.modules.linear.Linear"),
    "numpy": (lambda: np.ones(3), "asks for numpy._core.multiarray._reconstruct"),
    "number": (lambda: 3.5, "a is no tensor, where the weights should be"),
}


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_dense_tensor_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    make, says = REFUSED[kind]
    torch.save({"a": make()}, tmp_path / "a.pt")
    assert says in refusal(lambda: read(tmp_path / "a.pt"))


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_other_files_are_called_what_they_are(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), file)
    assert "a.pt is a TorchScript, which is code - save the model's state_dict" in refusal(lambda: read(file))
    for content, says in (
        (pickle.dumps({"a": 1}), "is a pickle, which is never opened because it could run code"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"", "is not a PyTorch checkpoint"),
    ):
        file.write_bytes(content)
        assert says in refusal(lambda: read(file))
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "is a zip file, but no PyTorch checkpoint" in refusal(lambda: read(file))


Change = Callable[[dict[str, bytes]], object]


def pack(parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def unpack(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


CHANGED: dict[str, tuple[Change, str]] = {
    "no numbers": (lambda parts: parts.pop("a/data/0"), "the numbers of w are not there"),
    "few numbers": (lambda parts: parts.update({"a/data/0": bytes(92)}), "w lies outside its numbers"),
    "byte order": (lambda parts: parts.update({"a/byteorder": b"big"}), "another order of bytes"),
    "no pickle": (lambda parts: parts.pop("a/data.pkl"), "is a zip file, but no PyTorch checkpoint"),
    "no state": (lambda parts: parts.update({"a/data.pkl": b"\x80\x02]."}), "does not hold a table of tensors"),
    "shape": (lambda parts: swap(parts, b"K\x04K\x06", b"K\x04K\x07"), "a tensor has one number in two places"),
    "more rows": (lambda parts: swap(parts, b"K\x04K\x06", b"K\x05K\x06"), "w lies outside its numbers"),
    "vast": (lambda parts: swap(parts, b"K\x04K\x06", b"J\xff\xff\xff\x7fK\x06"), "w lies outside its numbers"),
    "minus": (lambda parts: swap(parts, b"K\x04K\x06", b"J\xff\xff\xff\xffK\x06"), "sizes and steps that are none"),
    "start": (lambda parts: swap(parts, b"QK\x00(", b"QK\x01("), "w lies outside its numbers"),
    "type": (lambda parts: swap(parts, b"FloatStorage", b"DoubleStorage"), "w lies outside its numbers"),
    "storage": (lambda parts: swap(parts, b"storage", b"garbage"), "a tensor is not of a storage"),
}


def swap(parts: dict[str, bytes], old: bytes, new: bytes) -> None:
    whole = parts["a/data.pkl"]
    assert whole.count(old) == 1
    parts["a/data.pkl"] = whole.replace(old, new)


@pytest.mark.parametrize("case", CHANGED)
def test_what_does_not_fit_the_numbers_is_refused_before_they_are_read(case: str, tmp_path: Path) -> None:
    change, says = CHANGED[case]
    torch.save({"w": WIDE}, tmp_path / "a.pt")
    parts = unpack(tmp_path / "a.pt")
    parts["a/data.pkl"] = parts["a/data.pkl"].replace(b"K\x00K\x04K\x06\x86", b"K\x00(K\x04K\x06t")
    change(parts)
    (tmp_path / "a.pt").write_bytes(pack(parts))
    assert says in refusal(lambda: read(tmp_path / "a.pt"))


def test_tensors_may_not_be_made_of_the_same_numbers(tmp_path: Path) -> None:
    torch.save({f"w{rows}": WIDE.reshape(-1)[: rows * 6].reshape(rows, 6) for rows in (1, 2, 3)}, tmp_path / "a.pt")
    assert "shares numbers with another tensor" in refusal(lambda: read(tmp_path / "a.pt"))
    torch.save({"low": WIDE[:2], "high": WIDE[2:]}, tmp_path / "a.pt")
    assert np.array_equal(read(tmp_path / "a.pt")["high"], WIDE[2:].numpy())


def test_packed_entries_are_not_read(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(1 << 20)}, tmp_path / "a.pt")
    (tmp_path / "a.pt").write_bytes(pack(unpack(tmp_path / "a.pt"), zipfile.ZIP_DEFLATED))
    assert "is packed, which is not read - save it with torch.save" in refusal(lambda: read(tmp_path / "a.pt"))


def test_a_zip_with_numbers_for_the_largest_files_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({"w": WIDE}, tmp_path / "a.pt")
    parts = unpack(tmp_path / "a.pt")
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 64)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    content = pack(parts)
    assert b"PK\6\6" in content and b"\xff\xff\xff\xff" in content[content.rindex(b"PK\1\2") :]
    (tmp_path / "a.pt").write_bytes(content)
    assert np.array_equal(read(tmp_path / "a.pt")["w"], WIDE.numpy())


DIRECTORY: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "twice": (lambda whole: whole.replace(b"a/data/1", b"a/data/0"), "is there twice, or in the bytes of another"),
    "flag": (lambda whole: put(whole, b"PK\1\2", 8, b"\1\0"), "is encrypted, which is not read"),
    "two sizes": (lambda whole: put(whole, b"PK\1\2", 20, b"\1\0\0\0"), "has two sizes"),
    "elsewhere": (lambda whole: put(whole, b"PK\1\2", 42, b"\0\0\0\x70"), "lies outside the file"),
    "no entry": (lambda whole: put(whole, b"PK\1\2", 0, b"PK\7\7"), "its directory holds something else"),
    "number": (lambda whole: put(whole, b"PK\5\6", 10, b"\1\0"), "entries and says 1"),
    "cut": (lambda whole: whole[:-1], "it has no directory at its end, as if it were cut short"),
    "longer": (lambda whole: whole + b"x", "it has no directory at its end"),
    "short": (lambda whole: whole[:12], "it is cut short, and has 12 bytes"),
    "length": (lambda whole: put(whole, b"PK\5\6", 12, b"\0\0\0\x70"), "its directory is larger than can be"),
    "large": (lambda whole: put(whole, b"PK\5\6", 12, b"\xff\xff\xff\xff"), "its directory is not where it should be"),
    "no size": (lambda whole: put(whole, b"PK\1\2", 24, b"\xff\xff\xff\xff"), "an entry of its directory has no size"),
}


def put(whole: bytes, mark: bytes, at: int, content: bytes) -> bytes:
    """The bytes after the last such mark."""
    place = whole.rindex(mark) + at
    return whole[:place] + content + whole[place + len(content) :]


@pytest.mark.parametrize("case", DIRECTORY)
def test_a_directory_that_does_not_hold_together_is_refused(case: str, tmp_path: Path) -> None:
    change, says = DIRECTORY[case]
    torch.save({"w": WIDE, "v": torch.ones(2)}, tmp_path / "a.pt")
    (tmp_path / "a.pt").write_bytes(change(pack(unpack(tmp_path / "a.pt"))))
    assert says in refusal(lambda: read(tmp_path / "a.pt"))


def test_every_cut_and_every_flipped_bit_that_matters_is_found(tmp_path: Path) -> None:
    torch.save({"w": WIDE, "v": torch.ones(2)}, tmp_path / "a.pt")
    whole, file = pack(unpack(tmp_path / "a.pt")), tmp_path / "b.pt"
    file.write_bytes(whole)
    before = read(file)
    for at in range(0, len(whole), 7):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]):
            file.unlink()
            file.write_bytes(content)
            try:
                after = read(file)
            except UserError as error:
                assert str(error).isprintable() and " - " in str(error)
                continue
            assert len(content) == len(whole)  # a time, a version: nothing that says what the numbers are
            assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_file_from_before_version_1_6_that_does_not_hold_together_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    torch.save({"w": WIDE, "v": torch.ones(2)}, file, _use_new_zipfile_serialization=False)
    whole = file.read_bytes()
    for content, says in (
        (whole[:-1], "a.pt is damaged: it ends in its storage "),
        (whole[: whole.rindex(b"e.") + 9], "a.pt is damaged: it ends before its storage "),
        (whole + b"x", "a.pt is damaged: 1 bytes follow the last storage"),
        (whole.replace(b"M\xe9\x03.", b"M\xe8\x03."), "a.pt is of a version or machine that is not read here"),
        (whole.replace(b"little_endianq\x02\x88", b"little_endianq\x02\x89"), "a.pt is of a version or machine"),
        (whole.replace(b"X\x03\0\0\0cpu", b"X\x03\0\0\0\xffpu"), "its pickle does not hold together at byte"),
        (whole[: len(torch_old.MAGIC)], "a.pt is damaged: it ends too early"),
        (whole.replace(b"collections\nOrderedDict", b"os\nsystem"), "a.pt asks for os.system, which is no plain data"),
    ):
        file.write_bytes(content)
        assert says in refusal(lambda: read(file))


def test_a_file_that_is_another_by_now_is_not_read_on(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    torch.save({"a": WIDE}, file)
    header = torch_files.read_header(file)
    with open(file, "ab") as more:
        more.write(b"x")
    assert "changed while it was read" in refusal(lambda: torch_files.read_data(file, header, {"a": "a"}, "float32"))
    os.unlink(file)
    os.mkfifo(file)
    assert "is not a regular file" in refusal(lambda: read(file))
