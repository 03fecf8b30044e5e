"""`make lock`: production's dependencies, each pinned with its hashes, and the list of their licences."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "deploy" / "requirements.txt"
BUILD_LOCK = ROOT / "deploy" / "requirements-build.txt"
LICENCES = ROOT / "docs" / "licences.md"
EXTRAS = ("postgres", "browser", "parquet")  # of production: not the embedded broker, not dev
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
OPTIONS = [
    *("--quiet", "--generate-hashes", "--strip-extras", "--no-header"),
    *("--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"),
    "--annotation-style=line",
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
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder, "tools")
        subprocess.run([sys.executable, "-m", "venv", tools], check=True)
        pip = [tools / "bin" / "pip", "install", "--quiet", "pip-tools~=7.5"]
        subprocess.run(pip, check=True)
        compile_ = [tools / "bin" / "pip-compile", *OPTIONS]
        extras = [f"--extra={extra}" for extra in EXTRAS]
        build = ["--no-annotate", f"--output-file={BUILD_LOCK}"]
        subprocess.run(
            [*compile_, *extras, f"--output-file={LOCK}", "pyproject.toml"], cwd=ROOT, check=True
        )
        babel = Path(folder, "build.in")
        babel.write_text("babel~=2.17\n")
        subprocess.run([*compile_, *build, babel], cwd=ROOT, check=True)
    LICENCES.write_text(licences(), encoding="utf-8")


if __name__ == "__main__":
    main()
