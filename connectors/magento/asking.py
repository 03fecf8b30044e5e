"""Asks one store view of a shop, and puts short lists together from the pages that it makes of them."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

from connectors.magento.address import StoreAddress
from connectors.magento.client import Client
from connectors.magento.failures import PageSizeError
from connectors.magento.question import Criteria, Params
from connectors.magento.shapes import List

T = TypeVar("T")


class Asker:
    def __init__(self, client: Client, address: StoreAddress) -> None:
        self._client = client
        self._address = address

    def get(
        self,
        path: str,
        shape: type[T],
        *,
        criteria: Criteria | None = None,
        params: Params = (),
        fields: str = "",
        store: str | None = None,
    ) -> T:
        """What a route answers here, or in another store view of the same shop. Raises ConnectorError."""
        address = self._address if store is None else replace(self._address, store=store)
        found, _answer = self._client.get(
            address, path, shape, criteria=criteria, params=params, fields=fields
        )
        return found

    def every(
        self,
        path: str,
        record: type[T],
        id_of: Callable[[T], int],
        *,
        criteria: Criteria,
        fields: str,
    ) -> Collection[T]:
        """Every record of a short list that fits, over as many pages as the shop makes of it.

        Bounded: ends with the announced number, or where a page brings none. Raises ConnectorError.
        """
        found: dict[int, T] = {}
        while True:
            try:
                listed = self.get(path, List[record], criteria=criteria, fields=fields)  # type: ignore[valid-type]  # msgspec builds it when running
            except PageSizeError as error:
                criteria = criteria.with_page_size(error.allowed(criteria.page_size))
                continue
            before = len(found)
            found.update((id_of(one), one) for one in listed.items or [])
            if len(found) in {before, listed.total_count} or len(found) > listed.total_count:
                return found.values()
            criteria = replace(criteria, page=criteria.page + 1)
