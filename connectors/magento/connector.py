"""Magento 2 and Adobe Commerce, open source or not, through the REST API and an integration's OAuth keys."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from connectors.attributes import COLUMNS, Offer
from connectors.base import (
    Connector,
    Extent,
    Page,
    Position,
    Probe,
    Resource,
    Settings,
    Span,
    StoreView,
)
from connectors.errors import ConnectorError
from connectors.magento import (
    errors,
    offering,
    returns_config,
    shapes,
    storefronts,
)
from connectors.magento.address import StoreAddress
from connectors.magento.client import SECRET_NAMES, Client
from connectors.magento.context import Context
from connectors.magento.failures import PageSizeError
from connectors.magento.feeds import (
    Feed,
    MagentoResource,
    Window,
    by_number,
    extent_of,
    page_of,
    unmapped,
)
from connectors.magento.forms import MagentoForm
from connectors.magento.keyset import Fetch, Listing
from connectors.magento.probing import Found
from connectors.magento.question import Criteria
from connectors.magento.resources import RESOURCES

PAGE_SIZE = 300  # the most that Magento allows where it limits pages at all


class MagentoConnector(Connector):
    key = "magento"
    label = _("Magento / Adobe Commerce")
    about = _("Magento 2, Open Source or Adobe Commerce, on your own server or in the cloud.")
    form = MagentoForm
    guide = "magento/guide.html"
    how_to_allow = _(
        "In the Magento administration: System > Extensions > Integrations, open the Kleep"
        " integration, tab API. Then Save, and Reauthorize in the list. Magento shows four new"
        " values: enter them in the Kleep portal."
    )
    resources = RESOURCES
    secret_names = SECRET_NAMES
    roles = tuple(COLUMNS)
    return_sources = returns_config.SENTENCES

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._addresses = storefronts.scopes_of(settings.config)
        self._client = Client(settings.secrets, limits=settings.limits)
        self._contexts: dict[str, Context] = {}
        self._lock = threading.Lock()
        self._refusal_of_modules: ConnectorError | None = None
        self._modules_asked = False

    def close(self) -> None:
        self._client.close()

    def prove(self) -> None:
        """GET /V1/modules: open to every active integration, and to nobody else."""
        self.modules()

    def modules(self) -> list[str]:
        """Names of the shop's modules: they tell its edition. Raises ConnectorError."""
        try:
            found, _answer = self._client.get(self._main, "modules", list[str])
        except errors.PermissionNotTickedError as error:
            raise errors.InactiveIntegrationError(
                detail=error.detail, http_status=error.http_status
            ) from None
        return found

    def offer(self) -> Offer:
        return offering.offer(self._context(""))

    def probe(self, resource: Resource) -> Probe:
        try:
            found = self._found(resource)
        except ConnectorError as error:
            return Probe(resource=resource.name, http_status=error.http_status, error=error)
        return Probe(
            resource=resource.name,
            count=found.count,
            http_status=found.http_status,
            request_id=found.request_id,
        )

    @classmethod
    def decided(cls, config: Mapping[str, Any]) -> Mapping[str, bool]:
        return returns_config.decided(config)

    def store_views(self) -> list[StoreView]:
        found, _answer = self._client.get(
            self._main, "store/storeConfigs", list[shapes.StoreConfig]
        )
        return storefronts.views(sorted(found, key=lambda one: one.id))

    @classmethod
    def including(cls, config: Mapping[str, Any], code: str) -> dict[str, Any]:
        return storefronts.including(config, code)

    def scopes(self, resource: Resource) -> list[str]:
        return list(self._addresses) if resource.scoped else [""]

    def pages(
        self, resource: Resource, *, since: Position | None, until: datetime, scope: str = ""
    ) -> Iterator[Page]:
        entry = self._entry(resource)
        context = self._context(scope)
        window = Window(since=since, until=until, page_size=self._page_size)
        if entry.read is not None:
            yield from entry.read(context, window)
            return
        feed = entry.feed
        if feed is None or entry.dataset is None:
            raise ValueError(f"{resource.name} is not pulled")
        for batch in feed.walk(feed, self._fetch(entry, feed, scope), window):
            yield page_of(batch, feed, context)

    def extent(self, resource: Resource, *, scope: str = "") -> Extent:
        feed, fetch = self._numbered(resource, scope)
        return extent_of(feed, fetch)

    def prepare(self, resource: Resource, *, scope: str = "") -> None:
        feed, _fetch = self._numbered(resource, scope)
        if feed.needs:
            feed.needs(self._context(scope))

    def by_id(self, resource: Resource, *, span: Span, scope: str = "") -> Iterator[Page]:
        feed, fetch = self._numbered(resource, scope)
        batches = by_number(feed, fetch, span, page_size=self._page_size)
        return map(partial(unmapped, feed=feed, context=self._context(scope)), batches)

    def _numbered(self, resource: Resource, scope: str) -> tuple[Feed, Fetch[Any]]:
        entry = self._entry(resource)
        if entry.feed is None or entry.dataset is None or not entry.by_id:
            raise ValueError(f"{resource.name} is not read by id")
        return entry.feed, self._fetch(entry, entry.feed, scope)

    @property
    def _main(self) -> StoreAddress:
        """Where everything is asked that is the same in every store view."""
        return next(iter(self._addresses.values()))

    @property
    def _page_size(self) -> int:
        return min(max(int(self.settings.config.get("page_size", PAGE_SIZE)), 1), PAGE_SIZE)

    def _address(self, scope: str) -> StoreAddress:
        return self._addresses.get(scope, self._main)

    def _context(self, scope: str) -> Context:
        with self._lock:
            if scope not in self._contexts:
                self._contexts[scope] = Context(
                    self._client,
                    self._address(scope),
                    config=self.settings.config,
                    pseudonym=self.settings.pseudonym,
                )
            return self._contexts[scope]

    def _entry(self, resource: Resource) -> MagentoResource:
        entry = next(one for one in RESOURCES if one.name == resource.name)
        return entry.configured(entry, self.settings.config) if entry.configured else entry

    def _found(self, resource: Resource) -> Found:
        """Asks a scoped resource in every store view: each has an address of its own that may be wrong."""
        entry = self._entry(resource)
        found = [
            self._asked(entry, self._address(scope)) for scope in reversed(self.scopes(resource))
        ]
        return found[-1]

    def _asked(self, entry: MagentoResource, asked: StoreAddress) -> Found:
        try:
            return entry.ask(self._client, asked)
        except errors.PermissionNotTickedError:
            self._check_active()
            raise

    def _check_active(self) -> None:
        """An inactive integration gives the answer of a missing permission; /modules tells them apart."""
        with self._lock:
            if not self._modules_asked:
                self._modules_asked = True
                try:
                    self.modules()
                except errors.InactiveIntegrationError as error:
                    self._refusal_of_modules = error
                except ConnectorError:
                    self._modules_asked = False
        if self._refusal_of_modules is not None:
            raise self._refusal_of_modules

    def _fetch(
        self, resource: MagentoResource, feed: Feed, scope: str
    ) -> Callable[[Criteria], Listing[Any]]:
        """Answers a Criteria; asks for less per page where the shop limits its pages."""
        shape = shapes.List[feed.record]  # type: ignore[name-defined]  # msgspec builds it when running

        def fetch(criteria: Criteria) -> Listing[Any]:
            try:
                listed, _answer = self._client.get(
                    self._address(scope),
                    resource.path,
                    shape,
                    criteria=criteria,
                    fields=feed.fields,
                )
            except errors.PermissionNotTickedError:
                self._check_active()
                raise
            except PageSizeError as error:
                return fetch(criteria.with_page_size(error.allowed(criteria.page_size)))
            return Listing(listed.items or [], listed.total_count, criteria.page_size)

        return fetch


PLATFORM = MagentoConnector
