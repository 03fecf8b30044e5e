"""Where the loops land their rows: one Django model, written with bulk_create(update_conflicts=True)."""

from typing import Any

import django
from django.conf import settings
from django.db import models

from tests.benchmarks.references.asked import COLUMNS, Asked


def set_up(asked: Asked) -> type[models.Model]:
    """The model of the table order_lines, which is there already."""
    settings.configure(DATABASES={"default": _database(asked.database)}, USE_TZ=True)
    django.setup()
    kinds: dict[str, models.Field[Any, Any]] = {
        name: models.TextField(null=True) for name in COLUMNS
    }
    kinds |= {name: models.DateTimeField(null=True) for name in ("order_date", "updated_at")}
    kinds |= {
        name: models.DecimalField(max_digits=18, decimal_places=4, null=True)
        for name in ("quantity", "quantity_cancelled", "quantity_refunded", "price")
    }
    kinds["line_id"] = models.CharField(max_length=255, unique=True)
    meta = type("Meta", (), {"app_label": "bench", "db_table": "order_lines"})
    return type("OrderLine", (models.Model,), {"__module__": __name__, "Meta": meta, **kinds})


def _database(given: str) -> dict[str, Any]:
    if given.endswith(".sqlite3"):
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL"
        options = {"transaction_mode": "IMMEDIATE", "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": given, "OPTIONS": options}
    host, user, name = (part.partition("=")[2] for part in given.split())
    return {"ENGINE": "django.db.backends.postgresql", "HOST": host, "USER": user, "NAME": name}


def land(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    """One page. Batches as large as the database takes."""
    model._default_manager.bulk_create(
        [model(**row) for row in rows],
        update_conflicts=True,
        unique_fields=["line_id"],
        update_fields=[name for name in COLUMNS if name != "line_id"],
    )
