"""The environments of the references, below build/bench: made anew when their requirements change."""

import subprocess
import sys
from pathlib import Path

from tests.processes import ROOT

FOLDER = ROOT / "build" / "bench"
HERE = Path(__file__).resolve().parent


def python_of(name: str) -> Path:
    """The interpreter of the environment that requirements-NAME.txt describes."""
    wanted = HERE / f"requirements-{name}.txt"
    home = FOLDER / name
    stamp = home / "installed.txt"
    python = home / "bin" / "python"
    text = wanted.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != text:
        print(f"Installing {wanted.name}: once.", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                wanted,
            ],
            check=True,
        )
        stamp.write_text(text, encoding="utf-8")
    return python
