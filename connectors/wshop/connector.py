"""Reads a WSHOP shop through its API, as dialect.py assumes it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.attributes import Offer
from connectors.base import Connector, Page, Position, Probe, Resource, Row, Settings
from connectors.errors import ConnectorError, NotAvailableError
from connectors.wshop import errors, mapping, offering, resources
from connectors.wshop.client import PAUSES, Client
from connectors.wshop.context import Context, UnclearValueError, label_by_id, options_by_code
from connectors.wshop.dialect import DIALECT, Dialect, Endpoint, Style
from connectors.wshop.forms import WshopForm
from connectors.wshop.keyset import Keyset, Step
from connectors.wshop.paging import Batch, Query, Record
from connectors.wshop.products import ROLES, product_rows
from connectors.wshop.sweep import sweep

ToRows = Callable[[Record, Context], list[Row]]

MAPPERS: dict[str, ToRows] = {
    "products": product_rows,
    "orders": mapping.order_rows,
    "returns": mapping.return_rows,
    "return_reasons": mapping.reason_rows,
}


class WshopConnector(Connector):
    """`config`: url, and optionally language, fields and attributes (see docs/wshop.md)."""

    key = "wshop"
    label = "WSHOP"
    about = _("A shop that runs on WSHOP, with its Back Office.")
    form = WshopForm
    guide = "wshop/guide.html"
    how_to_allow = _(
        "In the WSHOP Back Office: Users > Profiles, open the profile of the Kleep user, allow reading of"
        " these and save. Nothing has to be entered again."
    )
    resources = resources.RESOURCES
    secret_names = ("username", "password")
    roles = offering.ROLES
    return_sources = offering.RETURN_SOURCES
    dialect: ClassVar[Dialect] = DIALECT
    pauses: ClassVar[tuple[float, ...]] = PAUSES

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        config, secrets = settings.config, settings.secrets
        self._language: str = config.get("language") or "fr"
        self._roles = {**ROLES, **config.get("attributes", {})}
        self._endpoints = dict(self.dialect.endpoints)
        products = self._endpoints["products"]
        fields = {**products.fields, **config.get("fields", {})}
        self._endpoints["products"] = replace(products, fields=fields)
        self._client = Client(
            config["url"],
            username=secrets["username"],
            password=secrets["password"],
            dialect=self.dialect,
            limits=settings.limits,
            pauses=self.pauses,
        )

    def close(self) -> None:
        self._client.close()

    def prove(self) -> None:
        self._client.login()

    @classmethod
    def decided(cls, config: Mapping[str, Any]) -> Mapping[str, bool]:
        return offering.decided(config)

    def offer(self) -> Offer:
        steps = self._steps(self._endpoints["products"], None, datetime.now(UTC))
        first = next(iter(steps), None)
        attributes = self._label_records("attributes")
        return offering.offer(attributes, first.records if first else [], self._language)

    def probe(self, resource: Resource) -> Probe:
        try:
            return self._probe(resource)
        except ConnectorError as error:
            return Probe(resource=resource.name, http_status=error.http_status, error=error)

    def _probe(self, resource: Resource) -> Probe:
        if resource is resources.AUTHENTICATE:
            self._client.login()
            return Probe(resource=resource.name, http_status=200)
        endpoint = self._endpoints[resource.name]
        batch, answer = self._client.ask(endpoint, _one_record(endpoint))
        known = batch.total if endpoint.paging.style is not Style.NONE else len(batch.records)
        count = 0 if not batch.records and not known else known
        return Probe(
            resource=resource.name,
            count=count,
            http_status=answer.status,
            request_id=answer.request_id,
        )

    def pages(
        self, resource: Resource, *, since: Position | None, until: datetime, scope: str = ""
    ) -> Iterator[Page]:
        if resource.dataset is None:
            return
        endpoint, to_rows = self._endpoints[resource.name], MAPPERS[resource.name]
        context: Context | None = None
        for step in self._steps(endpoint, since, until):
            if step.records and context is None:
                context = self._context(endpoint, with_options=resource.name == "products")
            yield Page(
                rows=self._rows(endpoint, to_rows, step.records, context) if context else [],
                fetched=0 if step.is_again else len(step.records),
                position=step.position,
                remaining=step.remaining,
            )

    def _steps(self, endpoint: Endpoint, since: Position | None, until: datetime) -> Iterator[Step]:
        def fetch(query: Query) -> Batch:
            return self._client.ask(endpoint, query)[0]

        if endpoint.ordered:
            return Keyset(fetch, endpoint, endpoint.ordered, since=since, until=until).steps()
        return sweep(fetch, endpoint, since=since, until=until)

    def _rows(
        self, endpoint: Endpoint, to_rows: ToRows, records: list[Record], context: Context
    ) -> list[Row]:
        try:
            return [row for record in records for row in to_rows(record, context)]
        except UnclearValueError as error:
            said = f"{endpoint.path}: {error}; correct its table in dialect.py"
            raise errors.MalformedAnswerError(endpoint=endpoint.path, detail=said) from None

    def _context(self, endpoint: Endpoint, *, with_options: bool) -> Context:
        """The labels that the records of an endpoint need, read once per pull that finds any.

        A label endpoint that the profile does not allow stops the pull: blanks must not replace good
        labels. One that this WSHOP does not have leaves them blank.
        """
        options = self._label_records("attributes") if with_options else []
        return Context(
            language=self._language,
            dates=endpoint.dates,
            roles=self._roles,
            pseudonym=self.settings.pseudonym,
            lookups=endpoint.labels,
            labels={
                name: label_by_id(self._label_records(name), self._language)
                for name in endpoint.labels.values()
            },
            options=options_by_code(options, self._language),
        )

    def _label_records(self, name: str) -> list[Record]:
        steps = self._steps(self._endpoints[name], None, datetime.now(UTC))
        try:
            return [record for step in steps for record in step.records]
        except NotAvailableError:
            return []


def _one_record(endpoint: Endpoint) -> Query:
    """The parameters that ask for next to nothing."""
    paging = endpoint.paging
    query: Query = {}
    if paging.size and paging.style is not Style.NONE:
        query[paging.size] = 1
    if paging.style is Style.PAGE:
        query[paging.number] = paging.first
    return query


PLATFORM = WshopConnector
