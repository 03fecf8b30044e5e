"""The contract that every platform passes, against a shop that really pages, edits and fails.

A platform's test module subclasses PlatformContract and gives it a Playground: a running shop and the
connectors to it. A missing sample is a failure, never a skip.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Connector, Page, Position, Resource
from connectors.errors import (
    AddressError,
    ConnectorError,
    CredentialsError,
    NotAvailableError,
    PermissionMissingError,
    ShopDownError,
    UnexpectedAnswerError,
)
from tests.connectors.wire import ok, serving


class Playground(ABC):
    """A running shop with at least 25 records of `pulled`, and what a test may do to it."""

    pulled: str  # the resource that is pulled in these tests
    record_id: str  # the column of its rows that tells one record of the shop from another
    withheld: str  # the resource that connector(without_permission=True) may not read

    @abstractmethod
    def connector(
        self,
        *,
        page_size: int = 10,
        wrong_credentials: bool = False,
        without_permission: bool = False,
        url: str = "",
    ) -> Connector:
        """A connector to this shop, or to `url`."""

    @abstractmethod
    def secrets(self) -> list[str]:
        """Every value that must show nowhere."""

    @abstractmethod
    def ids(self) -> set[str]:
        """Of every record of `pulled` that the shop has now."""

    @abstractmethod
    def edit(self, record: str) -> None:
        """Change a record, which moves its time of change to now."""

    @abstractmethod
    def before_page(self, number: int, act: Callable[[], None]) -> None:
        """Do something once, just before the shop answers its n-th page of `pulled` (from 1)."""

    @abstractmethod
    def fail(self) -> None:
        """From now on the shop answers with a failure of its own."""

    @abstractmethod
    def repeat_first_page(self) -> None:
        """From now on the shop gives the first page, whatever is asked."""


class PlatformContract:
    """Subclass it as Test<Platform> with a fixture `playground` and `samples()`."""

    def samples(self) -> dict[str, list[dict[str, Any]]]:
        """Rows that the platform's mapper makes of a sample of the shop's answer, by resource."""
        raise NotImplementedError

    @pytest.fixture
    def playground(self) -> Iterator[Playground]:
        raise NotImplementedError

    # --- testing a connection ---

    def test_every_resource_of_a_good_shop_answers(self, playground: Playground) -> None:
        with playground.connector() as connector:
            connector.prove()
            probes = [connector.probe(resource) for resource in connector.resources]
        refused = [one for one in probes if one.error is not None]
        assert [
            one.resource for one in refused if not isinstance(one.error, NotAvailableError)
        ] == []
        required = {one.name for one in connector.resources if one.required}
        assert required.isdisjoint(one.resource for one in refused)
        by_name = {one.resource: one for one in probes}
        assert by_name[playground.pulled].count == len(playground.ids())

    def test_wrong_credentials_are_named_by_every_resource(self, playground: Playground) -> None:
        with playground.connector(wrong_credentials=True) as connector:
            with pytest.raises(CredentialsError):
                connector.prove()
            probes = [connector.probe(resource) for resource in connector.resources]
        errors = [one.error for one in probes]
        assert all(isinstance(one, CredentialsError | NotAvailableError) for one in errors)
        assert any(isinstance(one, CredentialsError) for one in errors)

    def test_a_missing_permission_is_named_and_the_others_still_answer(
        self, playground: Playground
    ) -> None:
        with playground.connector(without_permission=True) as connector:
            connector.prove()
            probes = {one.name: connector.probe(one) for one in connector.resources}
            permission = connector.resource(playground.withheld).permission
        withheld = probes.pop(playground.withheld).error
        assert isinstance(withheld, PermissionMissingError)
        assert permission is not None
        assert withheld.params["permission"] == permission.id
        assert str(permission.path) in withheld.message
        answered = [one for one in probes.values() if one.error is None]
        assert len(answered) >= len(probes) / 2

    def test_a_web_site_that_is_no_shop_is_a_wrong_address(self, playground: Playground) -> None:
        page = ok(
            b"<html><head><title>Hello</title></head></html>",
            "Content-Type: text/html",
            status="404 Not Found",
        )
        with serving(page) as wire:
            url = f"http://127.0.0.1:{wire.port}"
            with playground.connector(url=url) as connector, pytest.raises(AddressError):
                connector.prove()

    # --- pulling ---

    def pages(
        self, connector: Connector, playground: Playground, since: Position | None = None
    ) -> Iterator[Page]:
        resource = connector.resource(playground.pulled)
        until = datetime.now(UTC) - timedelta(seconds=1)
        return connector.pages(
            resource, since=since, until=until, scope=self.scope(connector, resource)
        )

    def scope(self, connector: Connector, resource: Resource) -> str:
        return connector.scopes(resource)[0]

    def test_every_record_comes_once_over_several_pages(self, playground: Playground) -> None:
        with playground.connector() as connector:
            found = list(self.pages(connector, playground))
        assert len(found) >= 3
        ids = [{row[playground.record_id] for row in page.rows} for page in found]
        assert set().union(*ids) == playground.ids()
        assert sum(map(len, ids)) == len(playground.ids())
        positions = [page.position for page in found]
        assert positions == sorted(set(positions))

    def test_a_second_run_finds_only_what_changed(self, playground: Playground) -> None:
        with playground.connector() as connector:
            first = list(self.pages(connector, playground))
            assert list(self.pages(connector, playground, since=first[-1].position)) == []
            overlap = list(self.pages(connector, playground, since=first[-2].position))
        assert [row for page in overlap for row in page.rows] == first[-1].rows

    def test_an_edit_during_a_pull_is_not_lost(self, playground: Playground) -> None:
        with playground.connector() as connector:
            quiet = list(self.pages(connector, playground))
            edited = {
                quiet[0].rows[0][playground.record_id],
                quiet[-1].rows[-1][playground.record_id],
            }
            for record in edited:
                playground.before_page(2, lambda record=record: playground.edit(record))
            first = list(self.pages(connector, playground))
            later = connector.pages(
                connector.resource(playground.pulled),
                since=first[-1].position,
                until=datetime.now(UTC) + timedelta(minutes=1),
                scope=self.scope(connector, connector.resource(playground.pulled)),
            )
            second = {row[playground.record_id] for page in later for row in page.rows}
        seen = [row[playground.record_id] for page in first for row in page.rows]
        assert set(seen) | second == playground.ids()
        assert edited <= second

    def test_a_failure_on_the_second_page_is_raised_after_the_first(
        self, playground: Playground
    ) -> None:
        playground.before_page(2, playground.fail)
        with playground.connector() as connector:
            pulled = self.pages(connector, playground)
            first = next(pulled)
            with pytest.raises(ShopDownError):
                next(pulled)
        assert first.fetched > 0
        assert first.position.at.tzinfo is not None

    def test_a_repeated_page_is_refused(self, playground: Playground) -> None:
        playground.before_page(2, playground.repeat_first_page)
        with playground.connector() as connector:
            pulled = self.pages(connector, playground)
            next(pulled)
            with pytest.raises(UnexpectedAnswerError):
                next(pulled)

    # --- rows and secrets ---

    def test_every_dataset_has_a_sample_and_maps_to_all_its_columns(self) -> None:
        samples = self.samples()
        for resource in self.platform().resources:
            if resource.dataset is None:
                continue
            rows = samples[resource.name]
            assert rows, f"{resource.name} has no sample"
            for row in rows:
                assert set(row) == {column.name for column in resource.dataset.stored}
                moments = [value for value in row.values() if isinstance(value, datetime)]
                assert all(one.utcoffset() == timedelta(0) for one in moments)

    def platform(self) -> type[Connector]:
        raise NotImplementedError

    def test_no_secret_is_said_or_logged(
        self, playground: Playground, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        said: list[str] = []
        for options in ({}, {"wrong_credentials": True}, {"without_permission": True}):
            with playground.connector(**options) as connector:
                probes = [connector.probe(resource) for resource in connector.resources]
                said += [repr(connector), repr(connector.settings), repr(probes)]
                said += [f"{one.error}{one.error.detail}" for one in probes if one.error]
        playground.fail()
        with playground.connector() as connector, pytest.raises(ConnectorError) as failure:
            connector.prove()
        said += [repr(failure.value), failure.value.detail, caplog.text]
        shown = "\n".join(said)
        assert [secret for secret in playground.secrets() if secret in shown] == []
