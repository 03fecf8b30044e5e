"""What the API answers: the shapes, from which its OpenAPI document is made."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

MOST = 200  # shops of one answer


class Paging(Schema):
    after: str = Field("", description="The slug after which the page begins.")
    limit: int = Field(100, ge=1, le=MOST)


class ShopOut(Schema):
    slug: str = Field(description="Name of the shop in every address and command.")
    name: str
    merchant: str
    platform: str = Field(description="magento, wshop or empty where nobody chose yet.")
    environment: str = Field(description="preprod or production.")
    storefront_url: str
    languages: list[str] = Field(description="Kleep's codes.")
    created_at: datetime


class ShopsOut(Schema):
    count: int
    next: str | None = Field(description="The slug to give as `after` for the next page.")
    shops: list[ShopOut]


class TaskOut(Schema):
    key: str
    title: str
    state: str = Field(description="completed, incomplete, working, locked or problem.")
    waiting_on: str | None = Field(description="merchant, agency, kleep or portal.")
    since: datetime | None
    fact: str


class PhaseOut(Schema):
    key: str
    title: str
    is_done: bool
    tasks: list[TaskOut]


class StatusOut(Schema):
    slug: str
    is_live: bool
    phases: list[PhaseOut]


class MeasureOut(Schema):
    name: str
    number: int
    of: int | None
    share: float | None
    verdict: str
    sentence: str


class ReadinessOut(Schema):
    slug: str
    is_ok: bool = Field(description="False where something holds the go-live up.")
    measures: list[MeasureOut]


class FreshOut(Schema):
    dataset: str
    rows: int
    looked_at: datetime | None = Field(description="When the shop was last read to the end for it.")
    newest: datetime | None = Field(description="The shop's own latest change.")
    hours: int | None = Field(description="Since looked_at.")
    verdict: str


class FreshnessOut(Schema):
    slug: str
    datasets: list[FreshOut]
