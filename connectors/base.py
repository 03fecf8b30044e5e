"""The contract between the portal and a platform, whole, on one screen.

A platform is a folder of `connectors` with a connector.py that defines one Connector subclass.
Its resources are data; the check, the pulls, the schedule and the pages follow from them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from connectors.attributes import Offer
from connectors.datasets import Dataset
from connectors.errors import ConnectorError, Text
from connectors.http import Limits

Row = dict[str, Any]  # the stored columns of one dataset, by name


@dataclass(frozen=True, kw_only=True)
class Permission:
    """What must be ticked in the shop's administration."""

    id: str  # the vendor's own id, e.g. Magento_Sales::actions_view
    path: Text  # where the checkbox is, e.g. Sales > Operations > Orders > Actions > View
    printed: tuple[str, ...] = ()  # the ids that Kleep's guide prints for it


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing to read from a shop. `dataset` None: checked, or read for labels, but not stored."""

    name: str  # unique in its platform; the argument of `manage.py pull SHOP RESOURCE`
    label: Text
    counted: Text = ""  # what the shop counts there, where the label does not say it
    path: str  # route below the API's base, for people and logs
    dataset: Dataset | None = None
    cursor_field: str | None = None  # None: has no cursor, re-read whole
    every: float | None = None  # seconds between two pulls; None: as the settings say
    by_id: bool = False  # numbered by an id that only grows: see Connector.by_id
    reconciled: bool = False  # vanishes, or changes without its date: read whole at night
    required: bool = False  # its failure blocks the go-live
    permission: Permission | None = None
    scoped: bool = False  # read once per store view
    instead_of: str = ""  # pulled only where the shop does not give this other resource
    along_with: str = ""  # pulled only where this other resource is


@dataclass(frozen=True, order=True)
class Position:
    """Where a pull stands: everything up to and including (at, id) is stored. `at` is aware UTC."""

    at: datetime
    id: int = 0


@dataclass(frozen=True, kw_only=True)
class Extent:
    """What there is to read of a resource by_id: from which id to which, and how many records."""

    first: int
    last: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """The records whose id is greater than `after` and at most `last`; None: whatever there is."""

    after: int
    last: int | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer of the shop, mapped. Stored together with `position` in one transaction.

    `later` makes its rows where they are not made yet, so that the shop can be asked for the next page first.
    """

    rows: list[Row] = field(default_factory=list)
    fetched: int  # records of the shop, before mapping; none of a reading that only repeats another
    position: Position
    remaining: int | None = None  # what the shop still announces, this page included; for progress
    later: Callable[[], list[Row]] | None = field(default=None, repr=False)

    def mapped(self) -> "Page":
        """With its rows. Raises ConnectorError where making them asks the shop."""
        return replace(self, rows=self.later(), later=None) if self.later else self


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What one resource answered. `error` None means ready."""

    resource: str
    count: int | None = None
    http_status: int | None = None
    error: ConnectorError | None = None
    request_id: str = ""


@dataclass(frozen=True, kw_only=True)
class StoreView:
    """One of several storefronts behind the same access."""

    code: str
    url: str = ""
    language: str = ""  # as the shop writes it, e.g. fr_FR


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a connector gets: public configuration in clear, secrets, and how to pseudonymise."""

    config: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    pseudonym: Callable[[str], str]
    limits: Limits = field(default_factory=Limits)  # what one request may cost


class CredentialsForm(forms.Form):
    """What a platform asks for. A secret's field has the secret's name; `paste`, if there is one, takes all.

    `config`: what is stored, shown again in the fields that are no secrets. `kept`: names of the secrets
    that are stored: their fields may stay blank. What is pasted is sorted into the fields by clean();
    cleaned_data then holds it, mended.
    """

    # The keys of a document of `manage.py connect`: which field each fills, and which resource's first
    # pull begins at the date in it.
    document: ClassVar[Mapping[str, str]]
    watermarks: ClassVar[Mapping[str, str]] = {}
    # The number of the guide's step that leads to a field, by the field's name; its id is guide-<number>.
    guide_steps: ClassVar[Mapping[str, int]] = {}

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        kept: Collection[str] = (),
    ) -> None:
        super().__init__(data)
        self.config = config or {}
        self.kept = kept

    def to_config(self) -> dict[str, Any]:
        """The public configuration, after is_valid()."""
        raise NotImplementedError

    def to_secrets(self) -> dict[str, str]:
        """The secrets by name, blank where the stored one stays; after is_valid()."""
        raise NotImplementedError


class Connector(ABC):
    """One platform. Used as a context manager: its network session closes with it.

    Every method may raise a ConnectorError; nothing else may leave it on a shop's account.
    """

    key: ClassVar[str]
    label: ClassVar[Text]
    about: ClassVar[Text] = ""  # to whoever chooses a platform; blank: it is not offered
    form: ClassVar[type[CredentialsForm]]
    guide: ClassVar[str]  # template with the steps that lead to the credentials
    how_to_allow: ClassVar[Text] = ""  # where to give a permission, to whoever administers the shop
    resources: ClassVar[tuple[Resource, ...]]
    secret_names: ClassVar[tuple[str, ...]]
    # What attributes of the shop may stand for (see attributes.py), and where returns may come from: the
    # values of its configuration's returns.source, each with its sentence.
    roles: ClassVar[tuple[str, ...]] = ()
    return_sources: ClassVar[tuple[tuple[str, Text], ...]] = ()

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __enter__(self) -> "Connector":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of the network session."""

    @classmethod
    def decided(cls, config: Mapping[str, Any]) -> Mapping[str, bool]:
        """Which resources are pulled or not, by name, where the configuration says so itself."""
        return {}

    @abstractmethod
    def prove(self) -> None:
        """The cheapest signed call. Returns where the credentials work; raises ConnectorError where not."""

    @abstractmethod
    def probe(self, resource: Resource) -> Probe:
        """Ask one resource for next to nothing. From several threads at once. Raises no ConnectorError."""

    def offer(self) -> Offer:
        """The shop's attributes with sample values, and which we would choose. Of a platform with `roles`."""
        raise NotImplementedError

    def store_views(self) -> list[StoreView]:
        """The storefronts that this access serves; none where the platform knows no such thing."""
        return []

    @classmethod
    def including(cls, config: Mapping[str, Any], code: str) -> dict[str, Any]:
        """The configuration that also reads the store view of that code."""
        return dict(config)

    def scopes(self, resource: Resource) -> list[str]:
        """Store views to read it in; [""] where the resource is the same in all of them."""
        return [""]

    @abstractmethod
    def pages(
        self, resource: Resource, *, since: Position | None, until: datetime, scope: str = ""
    ) -> Iterator[Page]:
        """Every record changed after `since`, up to `until`, ordered by (cursor_field, id) ascending.

        A fresh iterator per run; ends by itself; raises UnexpectedAnswerError where the shop repeats a
        page, does not advance, or gives more pages than it announced.
        """

    def extent(self, resource: Resource, *, scope: str = "") -> Extent:
        """Of a resource `by_id`. One or two cheap questions; all zero where there is nothing."""
        raise NotImplementedError

    def prepare(self, resource: Resource, *, scope: str = "") -> None:  # noqa: B027  # may have nothing to ask
        """Ask what making rows will need of the shop, while extent() is asked: it saves waiting later."""

    def by_id(self, resource: Resource, *, span: Span, scope: str = "") -> Iterator[Page]:
        """Every record of a span, whenever it changed, ordered by id ascending. Of a resource `by_id`.

        Pages' positions count by their id alone, and their rows may come `later`. From several threads at
        once, each with its own span. Raises what pages() raises.
        """
        raise NotImplementedError

    @classmethod
    def resource(cls, name: str) -> Resource:
        """The resource of that name. Raises KeyError."""
        return {resource.name: resource for resource in cls.resources}[name]
