"""A small platform of the tests' own: a user name and a password, one route, spoken through the real door."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar
from unittest.mock import patch

from connectors import errors, registry
from connectors.base import Connector, CredentialsForm, Page, Position, Probe, Resource, Settings
from connectors.http import Door

THINGS = Resource(name="things", label="Things", path="things", required=True)


class PlainConnector(Connector):
    key = "plain"
    label = "Plain"
    form = CredentialsForm
    resources: ClassVar[tuple[Resource, ...]] = (THINGS,)
    secret_names = ("username", "password")

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        pair = f"{settings.secrets['username']}:{settings.secrets['password']}".encode()
        basic = base64.b64encode(pair).decode()
        self.door = Door(headers={"Authorization": f"Basic {basic}"}, limits=settings.limits)

    def close(self) -> None:
        self.door.close()

    def prove(self) -> None:
        answer = self.door.request("GET", f"{self.settings.config['url']}/things")
        if answer.status == 401:
            raise errors.CredentialsError(http_status=401)

    def probe(self, resource: Resource) -> Probe:
        try:
            self.prove()
        except errors.ConnectorError as error:
            return Probe(resource=resource.name, error=error)
        return Probe(resource=resource.name, count=1, http_status=200)

    def pages(
        self, resource: Resource, *, since: Position | None, until: datetime, scope: str = ""
    ) -> Iterator[Page]:
        yield from ()


@contextmanager
def plain_platform() -> Iterator[None]:
    """Put it among the platforms."""
    with patch.dict(registry.platforms(), {"plain": PlainConnector}):
        yield


def accepts(username: str, password: str) -> str:
    """The Authorization header of these credentials."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"
