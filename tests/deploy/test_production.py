"""The production files: settings without a complaint, units and compose file that their programs accept."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests import parts
from tests.processes import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
EXAMPLE = (DEPLOY / "production.env.example").read_text()
SECRETS = {
    "SECRET_KEY": "s" * 49 + "1abcdefghijk",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "PSEUDONYM_KEY": "p" * 40,
}


def _filled() -> dict[str, str]:
    """The example with values of our own where it says that there must be some."""
    found = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    return {name: SECRETS.get(name, value.replace("...", "word")) for name, value in found.items()}


def test_the_example_of_production_passes_every_check_of_a_deployment(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = {**kept, **_filled(), "PORTAL_VAR": str(tmp_path / "var"), "PORTAL_ENV": os.devnull}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_example_names_settings_that_exist() -> None:
    known = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(_filled()) <= known


@pytest.mark.deploy
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    """With this checkout in the place of /srv/kleep-portal: whether the programs exist is asked, too."""
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/srv/kleep-portal/.venv", str(Path(sys.prefix))))
    command = [str(parts.SYSTEMD.program), "verify", "--man=no", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.deploy
def test_systemd_finds_a_unit_that_is_wrong(tmp_path: Path) -> None:
    unit = tmp_path / "kleep-portal-wrong.service"
    unit.write_text(UNITS[0].read_text())  # its program is not at /srv/kleep-portal here
    command = [str(parts.SYSTEMD.program), "verify", "--man=no", str(unit)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.deploy
def test_compose_accepts_the_file_and_starts_every_process(tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    folder.mkdir()
    (folder / "compose.yaml").write_text((DEPLOY / "compose.yaml").read_text())
    (folder / "production.env").write_text(EXAMPLE)
    words = [str(parts.COMPOSE.program), "-f", str(folder / "compose.yaml"), "config"]
    env = {"PATH": os.environ["PATH"], "POSTGRES_PASSWORD": "a", "REDIS_PASSWORD": "b"}
    env["SFTP_KEYS_PASSWORD"] = "c"
    asked = subprocess.run(
        [*words, "--services"], env=env, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    expected = {"migrate", "web", "worker", "browser", "beat", "sshd", "db", "redis"}
    assert set(asked.stdout.split()) == expected
    whole = subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout
    assert "postgres://portal:a@db:5432/portal" in whole
    assert "postgres://kleep_keys:c@db:5432/portal" in whole
    ours = 5  # migrate, web, worker, browser, beat: nothing large lies in memory
    for line in (
        "read_only: true",
        "- var:/var/lib/kleep-portal:rw",
        "- files:/var/lib/kleep-portal/files:rw",
        "- /tmp:size=64m",
    ):
        assert whole.count(f"    {line}\n") == ours, line
    missing = subprocess.run(words, env={"PATH": env["PATH"]}, capture_output=True, check=False)
    assert missing.returncode != 0, "it must not start without passwords"


def test_the_image_copies_what_exists_and_runs_as_nobody() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE):
        assert (ROOT / source).exists()
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    final = [stage for stage in stages if " AS build" not in stage]
    assert [re.findall(r"^USER (\S+)", stage, re.MULTILINE)[-1] for stage in final] == [
        "portal",
        "portal",
        "root",  # sshd's, which becomes each merchant's user
    ]
    places = re.search(r"install -d -o portal -m 700 (.+)$", text, re.MULTILINE)
    temporary = re.search(r"TMPDIR=(\S+)", text)
    assert places
    assert temporary
    assert temporary[1] in places[1].split(), "a volume takes its owner from the image"
    assert "embedded" not in text


def test_the_start_of_the_sftp_server_is_a_script_that_a_shell_reads() -> None:
    script = DEPLOY / "sftp" / "start.sh"
    assert os.access(script, os.X_OK)
    done = subprocess.run(
        ["/bin/sh", "-n", str(script)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in set(re.findall(r"deploy/sftp/(\w+(?:\.py)?)", script.read_text())):
        assert (DEPLOY / "sftp" / name).exists()


def test_gunicorn_takes_its_configuration() -> None:
    env = {**os.environ, "PORTAL_VAR": os.environ["PORTAL_VAR"]}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--check-config",
        "--config",
        "deploy/gunicorn.conf.py",
    ]
    done = subprocess.run(
        [*command, "kleep_portal.wsgi"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
