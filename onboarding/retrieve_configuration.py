"""Gives a configuration back as `manage.py connect` takes it: without secrets, its cursors as they stand."""

from typing import Any

from connectors.models import Connection, Cursor
from onboarding.connect_document import DATE
from onboarding.models import Shop


def document(shop: Shop, connection: Connection) -> dict[str, Any]:
    """{"merchant", "shop", "platform", "config"}; the keys of `config` are those that were taken in."""
    return {
        "merchant": shop.merchant.name,
        "shop": shop.name,
        "platform": connection.platform,
        "config": {**_public(connection), **_watermarks(connection)},
    }


def _public(connection: Connection) -> dict[str, Any]:
    """What the platform's form would show, and what it keeps without a field."""
    platform = connection.connector_class
    initial = platform.form(config=connection.config).initial
    found = {}
    for key, field in platform.form.document.items():
        value = initial.get(field) or connection.config.get(field)
        if value and field not in platform.secret_names:
            found[key] = _lines(value) if isinstance(value, str) else value
    return found


def _lines(value: str) -> str | list[str]:
    lines = value.splitlines()
    return lines if len(lines) > 1 else value


def _watermarks(connection: Connection) -> dict[str, str]:
    """Up to when each resource was pulled, UTC: in all of its store views, so the earliest of them."""
    found = {}
    for key, resource in connection.connector_class.form.watermarks.items():
        cursors = Cursor.objects.filter(connection=connection, resource=resource)
        reached = [cursor.position_at for cursor in cursors]
        known = [moment for moment in reached if moment]
        if known and len(known) == len(reached):
            found[key] = min(known).strftime(DATE)
    return found
