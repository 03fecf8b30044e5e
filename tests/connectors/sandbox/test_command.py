"""manage.py sandbox, as the launcher and a person run it."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kleep_portal.launcher import DEMO_SERVERS
from tests.processes import Running, free_ports, running, wait_until

SECRETS = ("consumerSecret", "accessToken", "accessTokenSecret")


@contextmanager
def sandbox(var: Path, port: int) -> Iterator[Running]:
    """The command in a process of its own, its shops listening."""
    output = var / f"output-{len(list(var.glob('output-*')))}"
    env = {**os.environ, "PORTAL_VAR": str(var), "DJANGO_SETTINGS_MODULE": "kleep_portal.settings"}
    command = [
        sys.executable,
        "-W",
        "error",
        "manage.py",
        "sandbox",
        "--port",
        str(port),
        "--orders",
        "20",
    ]
    with running(command, output=output, env=env) as process:
        wait_until(
            lambda: "Documents" in process.said() or not process.alive, seconds=60, what="the shops"
        )
        yield process


def documents(var: Path) -> dict[str, Any]:
    """Those of the Magento shops."""
    files = sorted((var / "sandbox").glob("connect-*.json"))
    read = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {name: one for name, one in read.items() if one["platform"] == "magento"}


def test_it_serves_the_shops_and_keeps_their_credentials(tmp_path: Path) -> None:
    port = free_ports(DEMO_SERVERS)
    with sandbox(tmp_path, port) as process:
        first = documents(tmp_path)
        said = process.said()
        assert process.stop(seconds=20) == 0
    assert f"http://127.0.0.1:{port} " in said
    assert f"http://127.0.0.1:{port + 1} " in said
    assert first["connect-read"]["config"]["url"] == f"http://127.0.0.1:{port}"
    assert first["connect-commerce-read"]["config"]["url"] == f"http://127.0.0.1:{port + 1}"
    secrets = {one["config"][name] for one in first.values() for name in SECRETS}
    assert len(secrets) == len(first) * len(SECRETS)
    assert not [secret for secret in secrets if secret in said]
    with sandbox(tmp_path, port):
        assert documents(tmp_path) == first


def test_its_documents_are_for_their_owner_alone(tmp_path: Path) -> None:
    with sandbox(tmp_path, 0):
        folder = tmp_path / "sandbox"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
        assert len(documents(tmp_path)) == 20


def test_it_refuses_to_run_in_production(settings: Any, tmp_path: Path) -> None:
    settings.DEBUG, settings.VAR = False, tmp_path
    with pytest.raises(CommandError, match="run with DEBUG on only"):
        call_command("sandbox", "--port", "0")
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    port = free_ports(DEMO_SERVERS)
    with sandbox(tmp_path, port), sandbox(tmp_path, port) as second:
        wait_until(lambda: not second.alive, seconds=60, what="the end of the second one")
        assert second.process.returncode == 1
        assert f"Port {port} cannot be used: Address already in use." in second.said()
