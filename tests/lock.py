"""`make lock`: every dependency at the version that was tested, production's with hashes and licences.

What is pinned stays; `--upgrade` takes the newest that pyproject.toml allows.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "deploy" / "constraints.txt"  # of every environment, the tests' own included
LOCK = ROOT / "deploy" / "requirements.txt"
BUILD_LOCK = ROOT / "deploy" / "requirements-build.txt"
LICENCES = ROOT / "docs" / "licences.md"
EXTRAS = ("postgres", "browser", "parquet")  # of production: not the embedded broker, not dev
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
OPTIONS = [
    *("--quiet", "--strip-extras", "--no-header", "--no-annotate"),
    *("--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"),
]
HASHED = [
    "--generate-hashes",
    "--constraint",
    str(CONSTRAINTS.relative_to(ROOT)),
]


def pinned(lock: Path) -> dict[str, str]:
    """Version by name, as the lock has them."""
    return {name.lower(): version for name, version in PINNED.findall(lock.read_text())}


def licences() -> str:
    """The page: every package of the lock, its licence as its own metadata says."""
    rows = [f"| {name} | {version} | {licence(name)} |" for name, version in pinned(LOCK).items()]
    return "\n".join(
        [
            "# Licences of what production installs",
            "",
            "Written by `make lock` from the packages' own metadata; all of them are used as they come.",
            "",
            "| package | version | licence |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def licence(name: str) -> str:
    found = metadata(name)
    expression = found.get("License-Expression") or next(_classified(found), "")
    return (expression or found.get("License") or "not said").splitlines()[0][:60]


def _classified(found: PackageMetadata) -> Iterator[str]:
    for classifier in found.get_all("Classifier") or []:
        if classifier.startswith("License ::"):
            yield classifier.rpartition(" :: ")[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true")
    newest = ["--upgrade"] if parser.parse_args().upgrade else []
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder, "tools")
        subprocess.run([sys.executable, "-m", "venv", tools], check=True)
        pip = [tools / "bin" / "pip", "install", "--quiet", "pip-tools~=7.5"]
        subprocess.run(pip, check=True)
        compile_ = [tools / "bin" / "pip-compile", *OPTIONS]
        extras = [f"--extra={extra}" for extra in EXTRAS]
        babel = Path(folder, "build.in")
        babel.write_text("babel\n")
        for how, lock, source in (
            ([*newest, *extras, "--extra=dev"], CONSTRAINTS, "pyproject.toml"),
            ([*HASHED, *extras], LOCK, "pyproject.toml"),
            (HASHED, BUILD_LOCK, babel),
        ):
            command = [*compile_, *how, f"--output-file={lock}", source]
            subprocess.run(command, cwd=ROOT, check=True)
    LICENCES.write_text(licences(), encoding="utf-8")


if __name__ == "__main__":
    main()
