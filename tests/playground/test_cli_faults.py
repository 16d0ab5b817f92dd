"""Whatever goes wrong on the command line is one sentence and an exit status; nothing hostile gets through."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import models
from models import baselines
from models.gpt import GPTConfig
from models.tokenizers import Tokenizer
from playground import __version__
from playground.cli import main
from playground.commands import generate as generate_command
from tests.conftest import ROOT, random_gpt
from tests.playground.commands.calling import Command
from tests.playground.program import in_terminal, start
from tests.playground.waiting import PATIENCE


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose vocabulary is made of what must not reach a terminal."""
    text = "\x00\x07\x1b]52;c\x9b[/]@\u202e\u200b\u2028\ue000\ufeff\u0301 a\r\n"
    tokenizer = Tokenizer.train_char(text)
    folder = tmp_path_factory.mktemp("models") / "host\x1b[31mile"
    config = GPTConfig(tokenizer.vocab_size, 16, 1, 2, 8)
    models.save(random_gpt(config, dtype=np.float32, tokenizer=tokenizer, name="hostile"), folder)
    tokens = np.asarray(tokenizer.encode(text))
    baselines.save([baselines.Bigram.count(tokens, tokenizer.vocab_size, tokens, tokenizer)], folder)
    return folder


def safe(text: str) -> bool:
    """Whether nothing in it moves the cursor, hides, or turns the direction; lines may end."""
    return not {unicodedata.category(char) for char in text if char != "\n"} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        ("generate to --tokens 0", "argument --tokens: '0' is no whole number from 1 to 1,000,000,000"),
        ("generate to --temperature -1", "temperature is -1.0"),
        ("generate to --top-p 2", "top_p is 2.0"),
        ("generate to --seed -1", "seed is -1"),
        ("generate to --sede 1", "unrecognized arguments: --sede 1 - see playground generate --help"),
        ("generate to --prompt to", "the text is given twice"),
        ("generate TO", "the model has never seen 'T'"),
        ("generate to --switch head-of:0.0", "there is no switch 'head-of' - there are head-off,"),
        ("generate to --switch head-off:0.7", "there is no head 7 - this model has 0 to 1"),
        ("generate to --switch head-off", "head-off needs a layer and a head"),
        ("trace", "there is no text"),
        ("trace -", "there is no text"),
        ("trace to --layer 1", "a pattern needs both --layer and --head"),
        ("trace to --layer 2 --head 0", "there is no layer 2 - this model has 0 to 1"),
        ("trace to --layer 0 --head -1", "there is no head -1"),
        ("trace to --only pattern", "--only is for json and npz"),
        ("trace to --only patern --json", "there is no value 'patern' - there are visible, embed"),
        ("trace to --out /nowhere/x.npz", "/nowhere/x.npz cannot be written: no such file or directory"),
        ("compare", "there is no text"),
        ("play to", "this screen needs a terminal, and standard input is not one"),
    ],
)
def test_what_a_person_can_do_wrong_is_one_sentence(argv: str, sentence: str, call: Command, tiny_folder: Path) -> None:
    answer = call(*argv.split(), "--model", tiny_folder)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: ") and answer.err.count("\n") == 1
    assert sentence in answer.err


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        ("generat to", "invalid choice: 'generat'"),
        ("--prompt to generate", "a command comes first: playground generate"),
        ("generate to --model /nowhere", "there is no model '/nowhere'"),
        ("generate to --model C:\\models", r"there is no model 'C:\models'"),
        (
            "generate to --model gpt2",
            "there is no model 'gpt2' here, and nothing is downloaded - give a folder or a bund",
        ),
        ("generate to --model openai-community/gpt2", "hf download openai-community/gpt2"),
        ("generate to --model https://example.org/m", "https://example.org/m is an address, and nothing is downloaded"),
        ("train https://example.org/a.txt --out x", "https://example.org/a.txt is an address, and nothing is"),
        ("train --resume https://example.org/m", "https://example.org/m is an address, and nothing is downloaded"),
        ("models list x", "list takes no name"),
        ("models show nothing", "there is no model 'nothing'"),
    ],
)
def test_so_are_a_wrong_command_and_a_wrong_model(argv: str, sentence: str, call: Command) -> None:
    answer = call(*argv.split())
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert answer.err.startswith("error: ") and sentence in answer.err


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"to \xff", "standard input is not UTF-8 text at byte 3"),
        ("té".encode(), "the model has never seen 'é' (U+00E9"),
        ("té — é".encode(), "'é' (U+00E9, 2 times) and '—' (U+2014); the first is character 2 of the text - take them"),
    ],
)
def test_bad_standard_input_is_named(data: bytes, sentence: str, call: Command, tiny_folder: Path) -> None:
    answer = call("trace", "--model", tiny_folder, stdin=data)
    assert answer.code == 2 and sentence in answer.err


def test_a_folder_without_baselines_cannot_be_compared(call: Command, tiny_folder: Path, tmp_path: Path) -> None:
    models.save(models.load(tiny_folder), tmp_path / "lone")
    assert "no bigram.safetensors" in call("compare", "to be", "--model", tmp_path / "lone").err
    runs = json.loads(call("generate", "to", "--model", tmp_path / "lone", "--compare", "--json", "--tokens", 2).out)
    assert list(runs["runs"]) == ["intact"]


def test_a_fault_of_ours_leaves_a_log(call: Command, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(args: object) -> int:
        raise IndexError("list index \x1b out of range")

    monkeypatch.setattr(generate_command, "run", broken)
    answer = call("generate", "to", "--model", tiny_folder)
    assert answer.code == 70 and answer.err.count("\n") == 1 and "\x1b" not in answer.err
    found = re.search(r"report it with (\S+)", answer.err)
    assert found
    log = Path(found[1])
    assert "Traceback" in log.read_text() and __version__ in log.read_text()
    log.unlink()


def test_nothing_hostile_reaches_the_terminal(call: Command, hostile_folder: Path) -> None:
    text = "a\x1b]52;c\x9b[/]\u202e\u200b\u2028\ue000\ufeff\x00"
    model = ("--model", hostile_folder)
    status, seen = in_terminal(["generate", text.rstrip("\0"), "--tokens", "40", *map(str, model)])
    assert status == 0 and safe(seen.replace("\r\n", "\n")) and "a␛]52;c⟨009B⟩[/]⟨202E⟩⟨200B⟩" in seen
    for argv in (
        ("generate", text, "--tokens", 40, "--compare", "--switch", "mask-off"),
        ("generate", text, "--json"),
        ("trace", text, "--layer", 0, "--head", 0),
        ("trace", text, "--json"),
        ("compare", text),
        ("compare", text, "--json"),
        ("play", "--plain", text),
        ("generate", text, "--switch", "\x1b[31m"),
        ("generate", "\u0435\x1b[31m"),
        ("generate", "a", "--\x1b[31m"),
        ("trace", "a", "--out", "/nowhere/\x1b[31m"),
    ):
        answer = call(*argv, *model, stdin=b"step 9\ncandidates 20\ntokens\ntext\nhead 0.0\n\x1b[31m\nbigram\n")
        assert answer.out or answer.err
        assert safe(answer.out + answer.err), argv
    shown = call("models", "show", hostile_folder)
    assert safe(shown.out) and "host␛[31mile" in shown.out


# the process: pipes, signals, terminals


def test_a_closed_pipe_ends_it_quietly(tiny_folder: Path) -> None:
    writing = start("generate", "to be", "--model", str(tiny_folder), "--tokens", "100000")
    assert writing.stdout and writing.stderr
    writing.stdout.read(3)
    writing.stdout.close()
    assert (writing.wait(PATIENCE), writing.stderr.read()) == (141, b"")


def test_ctrl_c_ends_it_quietly(tiny_folder: Path) -> None:
    writing = start("generate", "to be", "--model", str(tiny_folder), "--tokens", "100000")
    assert writing.stdout and writing.stderr
    writing.stdout.read(30)
    writing.send_signal(signal.SIGINT)
    out, err = writing.communicate(timeout=PATIENCE)
    assert (writing.returncode, err) == (130, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_a_full_disk_is_said(tiny_folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        writing = start("generate", "to be", "--model", str(tiny_folder), stdout=full)
        _, err = writing.communicate(timeout=PATIENCE)
    assert writing.returncode == 4 and err.startswith(b"error: No space left on device")


def test_it_writes_what_a_latin_1_terminal_can_show(tiny_folder: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    writing = start("trace", "to be", "--model", str(tiny_folder), env=environment)
    out, err = writing.communicate(timeout=PATIENCE)
    assert (writing.returncode, err) == (0, b"") and b"\\u2013" in out


def test_the_screen_refuses_what_cannot_show_it(tiny_folder: Path) -> None:
    code, seen = in_terminal(("--model", str(tiny_folder)), TERM="dumb")
    assert code == 2 and "TERM is dumb" in seen and "--plain" in seen


def test_npz_refuses_a_terminal(tiny_folder: Path) -> None:
    code, seen = in_terminal(("trace", "to be", "--model", str(tiny_folder), "--format", "npz"))
    assert code == 2 and seen.startswith("error: npz is binary")


def test_training_without_torch_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("to be, or not to be\n" * 100)
    code = "import sys; sys.modules['torch'] = None; from playground.cli import main; sys.exit(main(sys.argv[1:]))"
    argv = [sys.executable, "-c", code, "train", str(tmp_path / "text.txt"), "--out", str(tmp_path / "out")]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and done.stdout == ""
    assert re.fullmatch(r"error: training needs torch.*install.*\n", done.stderr)


def test_closed_standard_descriptors_are_held(tiny_folder: Path) -> None:
    """Else the first file that is opened gets what is printed."""
    pid = os.fork()
    if not pid:
        status = 99
        try:
            os.closerange(0, 3)
            sys.stdin = sys.stdout = sys.stderr = None
            status = main(["models", "show", str(tiny_folder)]) + main(["nonsense"])
            status += sum(os.readlink(f"/proc/self/fd/{number}") != os.devnull for number in range(3))
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
