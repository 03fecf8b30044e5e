"""Where a shop's returns come from: {"source": ..., "path": ..., "fields": {...}, "key": ...}, checked."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from connectors.magento.custom import COLUMNS, NEEDED, SOURCE

RMA, CREDIT_MEMOS, FILE, EXTERNAL = "rma", "credit_memos", "file", "external"
SOURCES = (RMA, CREDIT_MEMOS, SOURCE, FILE, EXTERNAL)
SENTENCES = (
    (RMA, _("Adobe Commerce's own returns (RMA)")),
    (CREDIT_MEMOS, _("Credit memos: quantities without reasons")),
    (SOURCE, _("A returns module with an API of its own")),
    (FILE, _("A file (CSV) that you send")),
    (EXTERNAL, _("A returns provider, through a file (CSV)")),
)
PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
NAMES = frozenset({"source", "path", "fields", "key"})


def decided(config: Mapping[str, Any]) -> dict[str, bool]:
    """Which resources are pulled for returns, by name, where the configuration says it; else empty."""
    given = config.get("returns") or {}
    source = given.get("source") or (SOURCE if given.get("path") else "")
    if not source:
        return {}
    return {
        "returns": source in {RMA, SOURCE},
        "returnsAttributeMetadata": source == RMA,
        "creditmemos": source == CREDIT_MEMOS,
    }


def clean(given: object) -> dict[str, Any]:
    """What was configured, also as JSON, without blanks and slashes. Raises ValueError with the reason."""
    decoded = json.loads(given) if isinstance(given, str) and given.strip() else given or {}
    if not isinstance(decoded, dict):
        raise ValueError("not an object")  # what was typed, not a caller's mistake
    unknown = set(decoded) - NAMES
    if unknown:
        raise ValueError(f"nothing is called {', '.join(sorted(map(str, unknown)))[:80]}")
    source = decoded.get("source") or (SOURCE if decoded.get("path") else None)
    if decoded and source not in SOURCES:
        raise ValueError(f"the source is one of {', '.join(SOURCES)}")
    if source != SOURCE:
        return {"source": source} if source else {}
    return {"source": SOURCE, **_route(decoded)}


def _route(given: Mapping[str, Any]) -> dict[str, Any]:
    path = str(given.get("path") or "").strip().strip("/").removeprefix("rest/").removeprefix("V1/")
    if not PATH.fullmatch(path):
        raise ValueError("the path is what follows /rest/V1/, such as acme-rma/returns")
    fields = given.get("fields")
    if not isinstance(fields, dict) or not set(NEEDED) <= set(fields):
        raise ValueError(f"the fields name at least {', '.join(NEEDED)}")
    wrong = [name for name in fields if name not in COLUMNS]
    if wrong:
        raise ValueError(f"returns have no column {', '.join(map(str, wrong))[:80]}")
    key = given.get("key") or ""
    named = [*fields.values(), *([key] if key else [])]
    if not all(isinstance(one, str) and FIELD.fullmatch(one) for one in named):
        raise ValueError("a field's name has letters, digits and underscores, and dots between")
    return {"path": path, "fields": dict(fields), **({"key": key} if key else {})}
