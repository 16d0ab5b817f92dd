"""The second Python environment, for the peer whose dependencies have no place in ours; made once, inside .venv."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "benchmarks" / "requirements.txt"
FOLDER = ROOT / ".venv" / ".peers"


def python() -> Path:
    """The environment's interpreter; it is made, or made again after its requirements changed, if need be."""
    found, made = FOLDER / "bin" / "python", FOLDER / "made-from.txt"
    wanted = REQUIREMENTS.read_text()
    if not made.exists() or made.read_text() != wanted:
        print(f"Setting up {FOLDER} (once; needs a network) ...", file=sys.stderr)
        venv.EnvBuilder(clear=True).create(FOLDER)
        packages = next(FOLDER.glob("lib/python*/site-packages"))
        (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")  # torch is not installed again
        pip = [sys.executable, "-m", "pip", "--python", str(found), "install", "--quiet", "--requirement"]
        subprocess.run([*pip, str(REQUIREMENTS)], check=True)
        made.write_text(wanted)
    return found
