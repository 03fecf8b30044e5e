"""A shop that has no API that we know, or not yet: its data comes as files alone."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.base import Connector, CredentialsForm, Page, Position, Probe, Resource

KEY = "files"


class FilesConnector(Connector):
    """Nothing to ask and nothing to pull. An API that is connected later takes the connection over."""

    key = KEY
    label = _("Files")
    form = CredentialsForm
    guide = ""
    resources: ClassVar[tuple[Resource, ...]] = ()
    secret_names: ClassVar[tuple[str, ...]] = ()

    def close(self) -> None:
        pass

    def prove(self) -> None:
        pass

    def probe(self, resource: Resource) -> Probe:
        raise KeyError(resource.name)

    def pages(
        self, resource: Resource, *, since: Position | None, until: datetime, scope: str = ""
    ) -> Iterator[Page]:
        raise KeyError(resource.name)
