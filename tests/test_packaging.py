"""The wheel as a stranger gets it, the pins, and the Makefile's set-up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from playground import __version__
from tests.conftest import ROOT


def call(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run to the end, with nothing on standard input."""
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this tree."""
    folder = tmp_path_factory.mktemp("dist")
    done = call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel in it; what it depends on is lent by this one's site-packages."""
    folder = tmp_path_factory.mktemp("stranger") / "venv"
    assert call(sys.executable, "-m", "venv", "--without-pip", folder, cwd=ROOT).returncode == 0
    python = folder / "bin" / "python"
    site = call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout.strip()
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(site, "lent.pth").write_text("\n".join(sorted(lent)) + "\n")
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install")
    done = call(*pip, "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with packages of the same names as ours, which must not be touched, and one of Python's own."""
    for name in ("models", "random"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('imported the wrong {name}')\n")
    return tmp_path


def test_the_wheel_holds_both_packages_and_all_their_files(wheel: Path) -> None:
    tree = {
        path.relative_to(ROOT).as_posix()
        for package in ("models", "playground")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith(".new.svg")
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        licence = [name for name in archive.namelist() if name.endswith("LICENSE")]
    assert packed == tree
    assert licence
    assert any(name.endswith(".tcss") for name in packed)


@pytest.mark.parametrize("program", ["playground", "transformer-playground", "python -m playground"])
def test_it_runs_from_a_folder_with_models_of_its_own(
    program: str, installed: Path, elsewhere: Path, tiny_folder: Path
) -> None:
    name, *more = program.split()
    for path in ({}, {"PYTHONPATH": "."}):
        done = call(installed / name, *more, "generate", "to be", "--model", tiny_folder, cwd=elsewhere, **path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("to be")


def test_what_is_installed_is_what_runs(installed: Path, elsewhere: Path) -> None:
    code = "import sys, playground.cli; print(playground.cli.__file__)"
    where = call(installed / "python", "-P", "-c", code, cwd=elsewhere).stdout
    assert str(installed.parent) in where
    assert call(installed / "playground", "--version", cwd=elsewhere).stdout == f"playground {__version__}\n"


def test_bundled_models_are_found(installed: Path, elsewhere: Path) -> None:
    bundled = sorted(path.parent.name for path in ROOT.glob("models/pretrained/*/config.json"))
    listed = call(installed / "playground", "models", "list", "--json", cwd=elsewhere)
    assert [f'"name": "{name}"' in listed.stdout for name in bundled] == [True] * len(bundled)
    assert '"problem"' not in listed.stdout


def test_every_dependency_is_pinned_and_no_place_to_get_it_from_is_named() -> None:
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin) for pin in pins)
    assert pins == sorted(pins, key=lambda pin: pin.split("==")[0])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    needed = [*project["build-system"]["requires"], *project["project"]["dependencies"], *sum(extras, [])]
    names = {re.split("[<>=!~; ]", need)[0] for need in needed}
    assert names <= {pin.partition("==")[0] for pin in pins}
    assert "torch==2.13.0" in pins


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile alone, with what its stamps depend on."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    return tmp_path


def script(path: Path, text: str) -> Path:
    """An executable of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_make_without_a_python_says_what_to_install(checkout: Path) -> None:
    done = call("make", "play", "PYTHON=/nowhere/python3", cwd=checkout)
    assert done.returncode == 2
    assert "error: no Python 3.11 or newer was found - install one" in done.stderr
    assert not (checkout / ".venv").exists()


def test_make_with_a_python_without_venv_names_the_package(checkout: Path) -> None:
    # Debian's python3 without python3-venv: a Python that cannot import ensurepip
    bare = script(checkout / "python3", f"""case "$*" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@" """)
    done = call("make", "play", f"PYTHON={bare}", cwd=checkout)
    assert done.returncode == 2
    assert f"sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_make_sets_up_once_and_again_when_the_pins_change(checkout: Path) -> None:
    script(checkout / ".venv/bin/python", 'echo "$*" >> calls')
    calls = checkout / "calls"

    def made(target: str, args: str = "") -> list[str]:
        calls.write_text("")
        assert call("make", target, f"ARGS={args}", cwd=checkout).returncode == 0
        return [line for line in calls.read_text().splitlines() if not line.startswith("-c ")]

    set_up, run = made("play", "--prompt 'a  b'")
    assert set_up.startswith("-m pip install") and set_up.endswith("--editable .")
    assert run == "-m playground --prompt a  b"
    assert made("play") == ["-m playground"]
    assert made("train", "x.txt")[0].endswith("--editable .[train]")
    assert made("train", "x.txt") == ["-m playground train x.txt"]
    assert made("test")[0].endswith("--editable .[dev]")
    assert made("test", "-x") == ["-m pytest -x"]
    later = (checkout / ".venv/.dev").stat().st_mtime + 10
    os.utime(checkout / "constraints.txt", (later, later))
    assert "pip install" in made("play")[0]
    (checkout / ".venv/bin/python").unlink()
    assert "no Python 3.11" in call("make", "play", "PYTHON=/nowhere", cwd=checkout).stderr


@pytest.mark.parametrize("target", ["train", "test"])
def test_make_says_what_it_will_download_before_it_does_and_takes_the_cpu_build_on_request(
    target: str, checkout: Path
) -> None:
    script(checkout / ".venv/bin/python", 'case "$*" in *install*) echo "index: $PIP_EXTRA_INDEX_URL";; esac')
    said, index, *_ = call("make", target, cwd=checkout).stdout.splitlines()
    assert "GB to download and" in said and "GB on the disk" in said and index.strip() == "index:"
    if sys.platform == "linux":
        assert "2 to 3 GB to download and 5 to 7 GB on the disk" in said and f"make {target} CPU=1" in said
    (checkout / f".venv/.{'dev' if target == 'test' else target}").unlink()
    small, index, *_ = call("make", target, "CPU=1", cwd=checkout).stdout.splitlines()
    assert re.search(r"once: 0\.[34] GB to download", small) and "CUDA" not in small
    assert index == "index: https://download.pytorch.org/whl/cpu"
