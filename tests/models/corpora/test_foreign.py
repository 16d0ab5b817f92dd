"""Texts that are not UTF-8: which encoding it is, what converts it, and no such guess for anything else."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from models.corpora import foreign, read_text
from models.errors import UserError
from models.formats.files import quoted
from tests.conftest import ROOT

TEXTS = {
    "en": "“Don’t,” she said — it’s 5 € for the ‘crème brûlée’…\n",
    "de": "Die Straße führt über die Brücke zum größten Café; Übung macht den Meister.\n",
    "zh": "老人带走一封信。小猫看见了一座桥，学生忘记那个苹果；他们说：“我们明天再来吧！”\n",
    "tw": "老人帶走一封信。小貓看見了一座橋，學生忘記那個蘋果；他們說：「我們明天再來吧！」\n",
    "ja": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。コーヒーを飲む\n",
    "ko": "나는 고양이이다. 이름은 아직 없다. 어디서 태어났는지 도무지 짐작이 가지 않는다\n",
    "ru": "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.\n",
}
WRITTEN = [
    ("de", "iso8859_1", "ISO-8859-1"), ("en", "cp1252", "WINDOWS-1252"), ("en", "utf-16-le", "UTF-16LE"),
    ("de", "utf-16-be", "UTF-16BE"), ("de", "utf-16", "UTF-16"), ("de", "utf-32", "UTF-32"), ("zh", "gbk", "GBK"),
    ("zh", "utf-16-le", "UTF-16LE"), ("tw", "big5", "BIG5"), ("ja", "cp932", "SHIFT_JIS"), ("ja", "euc_jp", "EUC-JP"),
    ("ja", "utf-16-be", "UTF-16BE"), ("ko", "euc_kr", "EUC-KR"), ("ru", "cp1251", "WINDOWS-1251"),
    ("ru", "koi8_r", "KOI8-R"), ("ru", "utf-16-le", "UTF-16LE"),
]  # fmt: skip


def refusal(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        read_text(path)
    return caught.value


@pytest.mark.parametrize(("text", "codec", "name"), WRITTEN)
@pytest.mark.parametrize("times", [1, 40])
def test_the_encoding_is_named_and_the_command_converts_it(
    text: str, codec: str, name: str, times: int, tmp_path: Path
) -> None:
    path = tmp_path / "it's a book.txt"
    path.write_bytes((TEXTS[text] * times).encode(codec))
    error = refusal(path)
    assert error.what.startswith(quoted(path)) and error.what.endswith((f"but, it seems, {name}", f" is {name}"))
    command = error.do.removeprefix("convert it: ")
    assert command == foreign.conversion(foreign.Encoding(name, codec, frozenset), path)
    subprocess.run(["bash", "-c", command], check=True)
    assert read_text(tmp_path / "it's a book-utf8.txt") == TEXTS[text] * times


def test_a_fault_far_inside_a_file_is_guessed_from_what_is_around_it(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(b"plain words\n" * 200_000 + TEXTS["de"].encode("iso8859_1"))
    assert refusal(path).what == f"{path} is not UTF-8 text at byte 2,400,008 but, it seems, ISO-8859-1"


@pytest.mark.parametrize("text", TEXTS.values())
def test_damaged_utf8_is_not_said_to_be_something_else(text: str, tmp_path: Path) -> None:
    path, whole = tmp_path / "book.txt", (text * 3).encode()
    for damaged in (whole[:-1] + b"\xff" + whole, whole[:200] + b"\xc3" + whole[200:]):
        path.write_bytes(damaged)
        assert refusal(path).do == "save it as UTF-8"


def test_what_is_no_text_is_not_said_to_be_one(tmp_path: Path) -> None:
    rng = random.Random(1)
    binaries = [rng.randbytes(size) for size in (40, 200, 2000) * 40]
    binaries += [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + rng.randbytes(4000), b"ab\0cd", b"\x7fELF\x02\x01\x01" + b"\0" * 99]
    binaries += [(ROOT / "models/pretrained/little-world/bigram.safetensors").read_bytes()]
    for binary in binaries:
        (tmp_path / "it").write_bytes(binary)
        if foreign.marked(binary) is None:
            assert refusal(tmp_path / "it").do in ("give a plain text file", "save it as UTF-8")
