"""How the records of a route become pages of rows: what a resource's entry says, and the ways to read it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.base import Extent, Page, Position, Resource, Row, Span
from connectors.magento import custom, returns, stock, whole
from connectors.magento.context import Context
from connectors.magento.keyset import Batch, Fetch, walk
from connectors.magento.probing import Ask, ask_custom
from connectors.magento.question import Criteria
from connectors.magento.values import EPOCH, utc

ENTITY_ID = "entity_id"


@dataclass(frozen=True, kw_only=True)
class Window:
    """What a pull asks for, as in Connector.pages."""

    since: Position | None
    until: datetime
    page_size: int

    @property
    def is_read(self) -> bool:
        """Whether what comes in a single page has come, and only the end of the run is left."""
        return self.since == Position(self.until)


Walk = Callable[["Feed", Fetch[Any], Window], Iterator[Batch[Any]]]
Read = Callable[[Context, Window], Iterator[Page]]


def by_change(feed: "Feed", fetch: Fetch[Any], window: Window) -> Iterator[Batch[Any]]:
    """Lists that say when a record changed."""
    return walk(
        fetch,
        lambda record: Position(utc(record.updated_at) or EPOCH, feed.id_of(record)),
        since=window.since,
        until=window.until,
        page_size=window.page_size,
    )


def by_entity_id(feed: "Feed", fetch: Fetch[Any], window: Window) -> Iterator[Batch[Any]]:
    """Lists that do not: read whole every time."""
    return whole.by_id(fetch, feed.id_of, since=window.since, page_size=window.page_size)


def by_sku(_feed: "Feed", fetch: Fetch[Any], window: Window) -> Iterator[Batch[Any]]:
    """Source items, which have no id in the answers either."""
    return whole.by_sku(
        fetch,
        lambda item: (item.sku, item.source_code),
        since=window.since,
        page_size=window.page_size,
    )


@dataclass(frozen=True, kw_only=True)
class Feed:
    """How the records of a list route become rows.

    `prepare` is called with the records of a page before they are mapped: to ask once for all of them what
    a mapping needs beside. `needs`: asks for what every mapping needs, before any.
    """

    record: Any  # the shape of one
    to_rows: Callable[[Any, Context], list[Row]]
    id_of: Callable[[Any], int] = lambda _record: 0
    prepare: Callable[[Sequence[Any], Context], None] | None = None
    needs: Callable[[Context], object] | None = None
    fields: str = ""  # what the shop is asked to send; blank: everything
    walk: Walk = by_change


@dataclass(frozen=True, kw_only=True)
class MagentoResource(Resource):
    """`feed` for a list route, or `read` for what is none. `configured`: the entry that a connection's
    configuration makes of this one."""

    ask: Ask
    feed: Feed | None = None
    read: Read | None = None
    configured: "Callable[[MagentoResource, Mapping[str, Any]], MagentoResource] | None" = None


def read_reasons(context: Context, window: Window) -> Iterator[Page]:
    if window.is_read:
        return
    rows = returns.reason_rows(context)
    yield Page(rows=rows, fetched=len(rows), position=Position(window.until))


def read_stock_items(context: Context, window: Window) -> Iterator[Page]:
    return stock.stock_item_pages(context, since=window.since, page_size=window.page_size)


def custom_returns(entry: MagentoResource, config: Mapping[str, Any]) -> MagentoResource:
    """The entry of returns, reading a route of the shop's own where one is configured."""
    route = custom.route_of(config)
    if route is None:
        return entry
    changed = replace(entry, path=route.path, ask=ask_custom(route), feed=None, read=None)
    if not route.key:
        return replace(changed, read=lambda context, window: _read_all(route, context, window))

    def by_key(feed: Feed, fetch: Fetch[Any], window: Window) -> Iterator[Batch[Any]]:
        return whole.by_id(
            fetch, feed.id_of, since=window.since, page_size=window.page_size, field=route.key
        )

    feed = Feed(record=custom.Record, to_rows=route.rows, id_of=route.key_of, walk=by_key)
    return replace(changed, feed=feed)


def _read_all(route: custom.Route, context: Context, window: Window) -> Iterator[Page]:
    if window.is_read:
        return
    answered: custom.Answered = context.get(route.path, custom.Answered)  # type: ignore[arg-type]  # a union is a shape, too
    records = custom.records(answered)
    rows = [row for record in records for row in route.rows(record, context)]
    yield Page(rows=rows, fetched=len(records), position=Position(window.until))


def extent_of(feed: Feed, fetch: Fetch[Any]) -> Extent:
    """From the lowest to the highest number of a list: two questions of one record each."""
    lowest = fetch(Criteria(sort=(ENTITY_ID,), page_size=1))
    highest = fetch(Criteria(sort=(ENTITY_ID,), page_size=1, descending=True))
    if not lowest.items or not highest.items:
        return Extent(first=0, last=0, total=0)
    first, last = sorted([feed.id_of(lowest.items[0]), feed.id_of(highest.items[0])])
    return Extent(first=first, last=last, total=lowest.total)


def by_number(feed: Feed, fetch: Fetch[Any], span: Span, *, page_size: int) -> Iterator[Batch[Any]]:
    """Lists that say when a record changed, read whatever they say."""
    since = Position(EPOCH, span.after)
    return whole.by_id(fetch, feed.id_of, since=since, page_size=page_size, end=span.last)


def page_of(batch: Batch[Any], feed: Feed, context: Context) -> Page:
    if feed.prepare:
        feed.prepare(batch.records, context)
    return unmapped(batch, feed, context).mapped()


def unmapped(batch: Batch[Any], feed: Feed, context: Context) -> Page:
    """The page, its rows made later. Not of a feed that prepares its mapping."""
    return Page(
        fetched=0 if batch.is_again else len(batch.records),
        position=batch.position,
        remaining=0 if batch.is_again else batch.remaining,
        later=lambda: [row for record in batch.records for row in feed.to_rows(record, context)],
    )
