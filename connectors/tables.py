"""One table per dataset, made from its declaration, and which variant belongs to which product.

Rows are written by storing.py in bulk; whoever else uses these only reads.
"""

from typing import Any, ClassVar

from django.db import models

from connectors.datasets import DATASETS, Column, Dataset, Type


class DatasetRow(models.Model):
    """What every dataset table has beside its declared columns."""

    objects: ClassVar["models.Manager[Any]"]  # Any: the columns follow from the declaration

    # No index of its own: the natural key begins with it. No constraint either: checked for every row it
    # costs a third of the upsert, and a page's transaction holds the cursor, which goes with its connection.
    connection = models.ForeignKey(
        "connectors.Connection",
        models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    scope = models.CharField(max_length=64, default="")
    remote_updated_at = models.DateTimeField(
        null=True
    )  # the shop's updated_at, decides which version wins
    seen_at = models.DateTimeField()  # when this version first reached us
    # api or file; the returns have a column `source` of their own, which says something else
    origin = models.CharField(max_length=8, default="api")
    # Of origin file: which ReceivedFile this version came in, and where in it. Blank, they cost nothing.
    file = models.UUIDField(null=True)
    file_row = models.BigIntegerField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class ProductLink(models.Model):
    """Which variant belongs to which product, as the product's own record says."""

    connection = models.ForeignKey("connectors.Connection", models.CASCADE, related_name="+")
    scope = models.CharField(max_length=64, default="")
    product_id = models.CharField(max_length=255)
    variant_id = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "scope", "product_id", "variant_id"], name="one_link"
            )
        ]
        indexes = [models.Index(fields=["connection", "scope", "variant_id"])]

    def __str__(self) -> str:
        return f"{self.variant_id} of {self.product_id}"


def _field(column: Column, *, key: bool) -> "models.Field[Any, Any]":
    match column.type:
        case Type.TEXT:
            return models.CharField(max_length=255) if key else models.TextField(null=True)
        case Type.INTEGER:
            return models.BigIntegerField(null=True)
        case Type.DECIMAL:
            return models.DecimalField(max_digits=18, decimal_places=4, null=True)
        case Type.BOOLEAN:
            return models.BooleanField(null=True)
        case Type.DATE_TIME:
            return models.DateTimeField(null=True)
        case Type.LIST | Type.OBJECT:
            return models.JSONField(null=True)


def _table(dataset: Dataset) -> type[DatasetRow]:
    """The model of a dataset. `updated_at` is the common column remote_updated_at."""
    constraint = models.UniqueConstraint(
        fields=["connection", "scope", *dataset.key], name=f"{dataset.name}_natural_key"
    )
    meta = type("Meta", (), {"constraints": [constraint], "db_table": f"data_{dataset.name}"})
    fields: dict[str, Any] = {
        column.name: _field(column, key=column.name in dataset.key)
        for column in dataset.stored
        if column.name != "updated_at"
    }
    name = "".join(part.title() for part in dataset.name.split("_")) + "Row"
    return type(name, (DatasetRow,), {"__module__": __name__, "Meta": meta, **fields})


TABLES: dict[str, type[DatasetRow]] = {name: _table(dataset) for name, dataset in DATASETS.items()}
