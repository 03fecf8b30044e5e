"""A changed answer to “which attribute is it?”: what becomes of the rows that are stored already.

Raw records are not kept, so only what needs none of them is changed in place: a column that no attribute
fills any more is emptied. For everything else what the shop has is read again from the beginning; until it
has arrived, the old values stand.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from connectors import choosing, pulling, tasks
from connectors.attributes import COLUMNS, Codes, configured
from connectors.datasets import ORDERS, PRODUCTS
from connectors.models import TABLES, Connection, Cursor, DatasetRow

# Magento and WSHOP: order lines show the size that was chosen, by the same attributes.
ALSO_IN_ORDERS = ("size",)
# A column that the platform fills in another way where no attribute does.
NOT_EMPTIED = ("gender", "is_new", "is_children", "parent_reference", "internal_reference")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a new configuration will do. `emptied`: columns of products; `reread`: names of datasets."""

    emptied: tuple[str, ...] = ()
    reread: tuple[str, ...] = ()
    rows: int = 0  # stored rows that are read again; of products the variants, as people see them
    sources_change: bool = False

    @property
    def does_nothing(self) -> bool:
        return not (self.emptied or self.reread or self.sources_change)


def plan(connection: Connection, config: Mapping[str, Any], *, proposed: Mapping[str, Any]) -> Plan:
    """What happens to the stored rows when that becomes the configuration.

    `proposed`: what is used for the roles that neither configuration names.
    """
    before, after = _used(connection.config, proposed), _used(config, proposed)
    changed = [role for role in COLUMNS if before.get(role, []) != after.get(role, [])]
    emptied = [role for role in changed if not after.get(role) and role not in NOT_EMPTIED]
    read = [role for role in changed if role not in emptied]
    datasets = [PRODUCTS.name] if read else []
    if any(role in ALSO_IN_ORDERS for role in changed):
        datasets.append(ORDERS.name)
    stored = {name: _stored(connection, name) for name in datasets}
    return Plan(
        emptied=tuple(
            COLUMNS[role] for role in emptied if _filled(connection, COLUMNS[role]).exists()
        ),
        reread=tuple(name for name, rows in stored.items() if rows.exists()),
        rows=sum(_shown(name, rows).count() for name, rows in stored.items()),
        sources_change=_sources(connection) != _sources(_with(connection, config)),
    )


def apply(connection: Connection, config: Mapping[str, Any], plan: Plan) -> None:
    """Store the configuration and do what was planned; reading again is queued after the commit.

    In a transaction. Raises kombu's OperationalError where the queue is down: it is all stored then.
    """
    connection.config = dict(config)
    connection.save(update_fields=["config"])
    for column in plan.emptied:
        # Changed in what is exported, too: see catalogue.variants.
        _filled(connection, column).update(**{column: None}, seen_at=timezone.now())
    names = [one.name for one in _resources(connection) if one.dataset.name in plan.reread]
    for cursor in Cursor.objects.filter(connection=connection, resource__in=names):
        pulling.reset(cursor)
    if plan.sources_change:
        choosing.settle(connection, choosing.wanted(connection))
    if plan.reread or plan.sources_change:
        tasks.pull_connection(str(connection.pk))


def _used(config: Mapping[str, Any], proposed: Mapping[str, Any]) -> Codes:
    return {**proposed, **configured(config)}


def _with(connection: Connection, config: Mapping[str, Any]) -> Connection:
    trial = copy(connection)
    trial.config = dict(config)
    return trial


def _sources(connection: Connection) -> set[str]:
    """The resources that are pulled."""
    return {resource.name for resource in choosing.wanted(connection)}


def _resources(connection: Connection) -> list[Any]:
    return [one for one in connection.connector_class.resources if one.dataset is not None]


def _stored(connection: Connection, dataset: str) -> QuerySet[DatasetRow]:
    found: QuerySet[DatasetRow] = TABLES[dataset].objects.filter(
        connection=connection, origin="api", deleted_at=None
    )
    return found


def _shown(dataset: str, rows: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    return rows.exclude(is_parent=True) if dataset == PRODUCTS.name else rows


def _filled(connection: Connection, column: str) -> QuerySet[DatasetRow]:
    return _stored(connection, PRODUCTS.name).exclude(**{f"{column}__isnull": True})
