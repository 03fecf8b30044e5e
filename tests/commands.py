"""Runs the portal's commands the way a shell sees them: exit code, stdout, stderr."""

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from connectors.models import Connection
from onboarding.models import Event, Merchant, Shop


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document that ends stdout."""
        return json.loads(self.out)


def run(*words: str) -> Result:
    """One command in this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(*words, stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
        err.write(f"{error}\n")
    except SystemExit as left:
        code = int(left.code or 0)
    return Result(code, out.getvalue(), err.getvalue())


def connect(
    document: Any,
    folder: Path,
    patch: pytest.MonkeyPatch | None = None,
    *,
    raw: bytes | None = None,
) -> Result:
    """`connect FILE`, or with `patch` `connect -`."""
    content = json.dumps(document).encode() if raw is None else raw
    if patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return run("connect", "-")
    file = folder / "connect.json"
    file.write_bytes(content)
    return run("connect", str(file))


def stored() -> tuple[int, ...]:
    """How much of everything that `connect` could store there is."""
    return tuple(model.objects.count() for model in (Merchant, Shop, Connection, Event))
