"""What a mapping needs to know of the shop beside the record: labels, categories, addresses, store codes.

Read when a mapping first asks for it and kept for one run: a pull that finds nothing new asks for none of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from connectors.attributes import Codes, configured
from connectors.errors import NotAvailableError, PermissionMissingError
from connectors.magento import reasons
from connectors.magento.address import StoreAddress
from connectors.magento.asking import Asker
from connectors.magento.client import Client
from connectors.magento.proposal import ROLES, propose
from connectors.magento.question import Criteria, Filter
from connectors.magento.return_shapes import ORDER_LINE_FIELDS, OrderLine, ReturnAttribute
from connectors.magento.shapes import Attribute, Category, StoreConfig

ITEMS_AT_ONCE = 300  # order items asked for by their ids: an address has its limits
MANY = 1_000  # attributes in one answer; a shop that caps its pages is asked for several
PROPOSAL_FIELDS = (
    "items[attribute_id,attribute_code,frontend_input,default_frontend_label,frontend_labels],"
    "total_count"
)
LABEL_FIELDS = "items[attribute_id,attribute_code,frontend_input,options],total_count"
WITH_OPTIONS = {"select", "multiselect"}
# The first two levels of the tree are Magento's own and no category of the shop.
FIRST_LEVEL = 2


@dataclass(frozen=True)
class Labels:
    """Labels of the options of one store view. `codes`: attribute code by attribute id."""

    by_code: Mapping[str, Mapping[str, str]]
    codes: Mapping[int, str]


@dataclass(frozen=True)
class Place:
    """A category of the shop: its label, how deep it lies, and the labels on the way to it."""

    label: str
    level: int
    path: tuple[str, ...]


class Context(Asker):
    """The shop as one store view shows it."""

    def __init__(
        self,
        client: Client,
        address: StoreAddress,
        *,
        config: Mapping[str, Any],
        pseudonym: Callable[[str], str],
    ) -> None:
        super().__init__(client, address)
        self._config = config
        self.pseudonym = pseudonym
        self.order_items: dict[int, OrderLine] = {}  # of the page that is being mapped

    @cached_property
    def codes(self) -> Codes:
        """Attribute codes by role: as configured, and proposed for the roles that are not."""
        given = configured(self._config)
        if all(role in given for role in ROLES):
            return given
        return {**self.proposed(), **given}

    def proposed(self) -> Codes:
        """Attribute codes by role, guessed from the shop's own attributes."""
        return propose(self.own_attributes())

    def own_attributes(self) -> list[Attribute]:
        """The attributes that the shop has made, without their options."""
        return self._attributes(Filter("is_user_defined", "eq", "1"), PROPOSAL_FIELDS)

    @cached_property
    def labels(self) -> Labels:
        """Labels of every attribute that plays a role, in this store view's language."""
        return self.labels_of({code for codes in self.codes.values() for code in codes})

    def labels_of(self, codes: set[str]) -> Labels:
        if not codes:
            return Labels({}, {})
        wanted = ",".join(sorted(codes))
        listed = self._attributes(Filter("attribute_code", "in", wanted), LABEL_FIELDS)
        found = [self._with_options(one) for one in listed]
        return Labels(
            {one.attribute_code: _options(one) for one in found},
            {one.attribute_id: one.attribute_code for one in found},
        )

    def _with_options(self, attribute: Attribute) -> Attribute:
        """The attribute by itself where the list left its options out, which the single route never does."""
        if attribute.options or attribute.frontend_input not in WITH_OPTIONS:
            return attribute
        path = f"products/attributes/{attribute.attribute_code}"
        return self._client.get(self._address, path, Attribute)[0]

    @cached_property
    def categories(self) -> Mapping[int, Place]:
        """The shop's active categories by id; none where the permission or the route is missing."""
        try:
            root = self.get("categories", Category)
        except (NotAvailableError, PermissionMissingError):
            return {}
        return dict(_places(root, ()))

    @cached_property
    def stores(self) -> list[StoreConfig]:
        """Every store view; none where the permission or the route is missing."""
        try:
            found = self.get("store/storeConfigs", list[StoreConfig])
        except (NotAvailableError, PermissionMissingError):
            return []
        return sorted(found, key=lambda store: store.id)

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """Labels of the reasons of returns by code; none where the permission is missing."""
        try:
            return reasons.labels(self.return_attributes())
        except (NotAvailableError, PermissionMissingError):
            return {}

    def return_attributes(self, store: str | None = None) -> list[ReturnAttribute]:
        """The attributes of a returned item, in the language of a store view. Raises ConnectorError."""
        return self.get("returnsAttributeMetadata", list[ReturnAttribute], store=store)

    def read_order_items(self, ids: Iterable[int]) -> None:
        """Make `order_items` those of these ids, by id; none where the permission is missing."""
        wanted = sorted(set(ids))
        self.order_items = {}
        for at in range(0, len(wanted), ITEMS_AT_ONCE):
            some = ",".join(map(str, wanted[at : at + ITEMS_AT_ONCE]))
            criteria = Criteria(
                filters=(Filter("item_id", "in", some),), sort=("item_id",), page_size=ITEMS_AT_ONCE
            )
            try:
                found = self.every(
                    "orders/items",
                    OrderLine,
                    lambda line: line.item_id,
                    criteria=criteria,
                    fields=ORDER_LINE_FIELDS,
                )
            except PermissionMissingError:
                return
            self.order_items |= {line.item_id: line for line in found}

    @cached_property
    def store_codes(self) -> Mapping[int, str]:
        """Store view codes by id."""
        return {store.id: store.code for store in self.stores}

    @cached_property
    def store(self) -> StoreConfig | None:
        """The store view that this address shows."""
        if self._address.store:
            return next((one for one in self.stores if one.code == self._address.store), None)
        # Magento does not say which one is the default: the oldest at this address.
        host = urlsplit(self._address.base).netloc
        here = [
            one for one in self.stores if host in {_host(one.base_url), _host(one.secure_base_url)}
        ]
        return next(iter(here or self.stores), None)

    @cached_property
    def link_url(self) -> str:
        """What product pages' addresses begin with, a slash at its end."""
        given = self.store and (self.store.secure_base_link_url or self.store.base_link_url)
        return f"{(given or self._address.base).rstrip('/')}/"

    @cached_property
    def media_url(self) -> str:
        given = self.store and (self.store.secure_base_media_url or self.store.base_media_url)
        return f"{(given or self._address.base + '/media').rstrip('/')}/"

    @cached_property
    def url_suffix(self) -> str:
        return str(self._config.get("url_suffix", ".html"))

    def _attributes(self, condition: Filter, fields: str) -> list[Attribute]:
        found = self.every(
            "products/attributes",
            Attribute,
            lambda one: one.attribute_id,
            criteria=Criteria(filters=(condition,), page_size=MANY),
            fields=fields,
        )
        return list(found)


def _options(attribute: Attribute) -> dict[str, str]:
    """Labels by option id. The first option of Magento's lists is blank and stands for none."""
    return {
        str(option.value): option.label.strip()
        for option in attribute.options or []
        if option.value not in {None, ""} and option.label and option.label.strip()
    }


def _places(category: Category, above: tuple[str, ...]) -> Iterable[tuple[int, Place]]:
    if category.is_active is False:
        return
    label = (category.name or "").strip()
    path = (*above, label) if category.level >= FIRST_LEVEL else above
    if category.level >= FIRST_LEVEL and label:
        yield category.id, Place(label, category.level, path)
    for child in category.children_data or []:
        yield from _places(child, path)


def _host(url: str | None) -> str:
    return urlsplit(url or "").netloc
