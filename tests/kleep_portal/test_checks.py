"""Unsafe production settings are refused, by name, with a hint; safe ones pass without a word."""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as active
from django.core.checks import run_checks

FERNET = [Fernet.generate_key().decode() for _ in range(2)]
SAFE = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ENCRYPTION_KEYS": ",".join(FERNET),
    "PSEUDONYM_KEY": secrets.token_urlsafe(32),
    "ALLOWED_HOSTS": "portal.kleep.example",
    "PORTAL_URL": "https://portal.kleep.example",
    "BROWSER_SANDBOX": "true",
    "DATABASE_URL": "postgres://portal:w0rd@db.internal.example:5432/portal",
    "CELERY_BROKER_URL": "rediss://:w0rd@redis.internal.example:6380/0",
    "CACHE_URL": "rediss://:w0rd@redis.internal.example:6380/1",
}


def found(pattern: str = "kleep.") -> set[str]:
    """Ids of our messages with the settings as they are now."""
    return {str(message.id) for message in run_checks() if str(message.id).startswith(pattern)}


def run(
    command: list[str], environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """A process that has only this environment."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=active.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "PORTAL_VAR": str(folder),
            "PORTAL_ENV": os.devnull,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def check(environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], environment, folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "var"
    made.mkdir(mode=0o700)
    return made


# --- the real command ---


def test_safe_production_settings_pass_without_a_word(folder: Path) -> None:
    done = check(SAFE, folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


UNSAFE: dict[str, tuple[dict[str, str], set[str]]] = {
    "keys of its own": ({"SECRET_KEY": "", "DEBUG": "false"}, {"E001"}),
    "a short signing key": ({"SECRET_KEY": "short"}, {"E002"}),
    "no encryption key": ({"ENCRYPTION_KEYS": ""}, {"E003"}),
    "a word for a key": ({"ENCRYPTION_KEYS": f"{FERNET[0]},change-me"}, {"E003"}),
    "no pseudonym key": ({"PSEUDONYM_KEY": ""}, {"E004"}),
    "the signing key twice": ({"PSEUDONYM_KEY": SAFE["SECRET_KEY"]}, {"E004"}),
    "the encryption key twice": ({"PSEUDONYM_KEY": FERNET[1]}, {"E004"}),
    "no signing key": ({"SECRET_KEY": ""}, {"E005", "E006"}),
    "debug": ({"DEBUG": "true"}, {"E005", "E006"}),
    "private addresses": ({"ALLOW_PRIVATE_ADDRESSES": "true"}, {"E007"}),
    "visibility timeout": ({"BROKER_VISIBILITY_TIMEOUT": "540"}, {"E010"}),
    "time limit": ({"CELERY_TASK_TIME_LIMIT": "60"}, {"E011"}),
    "time limit within a request": ({"CELERY_TASK_TIME_LIMIT": "240"}, {"W015"}),
    "slice": ({"PULL_SLICE_SECONDS": "130"}, {"E012"}),
    "embedded broker": ({"CELERY_BROKER_URL": ""}, {"W013"}),
    "SQLite": ({"DATABASE_URL": ""}, {"W014"}),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_each_unsafe_setting_is_named(name: str, folder: Path) -> None:
    change, expected = UNSAFE[name]
    environment = {name: value for name, value in {**SAFE, **change}.items() if value}
    done = check(environment, folder)
    assert done.returncode == 1
    assert {id_ for id_ in IDS if f"kleep.{id_}" in done.stderr} == expected
    assert done.stderr.count("HINT") >= len(expected)
    for secret in (SAFE["SECRET_KEY"], *FERNET, "w0rd@"):
        assert secret not in done.stdout + done.stderr


IDS = {*(f"E{number:03}" for number in range(1, 13)), "W013", "W014", "W015"}


def test_a_data_folder_that_others_can_read_is_refused(folder: Path) -> None:
    folder.chmod(0o750)
    done = check(SAFE, folder)
    assert done.returncode == 1
    assert "kleep.E009" in done.stderr
    assert f"chmod 700 {folder}" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "rotate_keys"],
        ["manage.py", "pull", "a-shop"],
        ["-c", "import kleep_portal.wsgi"],
        ["-m", "celery", "-A", "kleep_portal", "worker", "-c", "1", "-P", "solo"],
        ["-m", "celery", "-A", "kleep_portal", "beat", "-s", "beat-schedule"],
    ],
    ids=["command", "shop", "web", "worker", "beat"],
)
def test_nothing_starts_with_unsafe_settings(command: list[str], folder: Path) -> None:
    done = run(command, {**SAFE, "ALLOW_PRIVATE_ADDRESSES": "true"}, folder)
    assert done.returncode == 1
    assert "kleep.E007" in done.stderr
    assert list(folder.iterdir()) == []


def test_the_web_starts_with_safe_settings(folder: Path) -> None:
    (folder / "static").mkdir()
    done = run(["-c", "import kleep_portal.wsgi"], SAFE, folder)
    assert (done.returncode, done.stderr) == (0, "")


# --- the rules, one by one ---


def test_the_settings_of_development_pass(settings: Any) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    assert found() == set()


@pytest.mark.parametrize(
    ("host", "refused"),
    [
        ("*", True),
        (".kleep.example", True),
        ("10.0.0.5", True),
        ("0.0.0.0", True),
        ("127.0.0.2", False),
        ("[::1]", False),
        ("localhost", False),
    ],
)
def test_debug_answers_to_this_machine_only(settings: Any, host: str, refused: bool) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["localhost", host]
    assert ("kleep.E005" in found()) is refused


@pytest.mark.parametrize(
    ("host", "refused"),
    [("db.example", True), ("/run/postgresql", False), ("127.0.0.1", False), ("", False)],
)
def test_debug_uses_a_database_of_this_machine(
    settings: Any, host: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", host)
    assert ("kleep.E006" in found()) is refused


@pytest.mark.parametrize("cookie", ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"])
def test_cookies_over_plain_http_are_refused(settings: Any, cookie: str) -> None:
    settings.DEBUG = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    assert "kleep.E008" not in found()
    setattr(settings, cookie, False)
    assert "kleep.E008" in found()


def test_what_works_on_shops_loads_no_views() -> None:
    """Neither to check the settings: a pull and a worker would carry all of them."""
    script = (
        "import sys, django; django.setup()\n"
        "from kleep_portal.checks import refuse_unsafe_settings\n"
        "from onboarding.management.commands.pull import Command\n"
        "refuse_unsafe_settings(); Command().check(tags=Command.requires_system_checks)\n"
        "print([name for name in ('onboarding.urls', 'paramiko', 'pygal', 'ninja', 'playwright', 'psutil')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=active.BASE_DIR, env=os.environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
