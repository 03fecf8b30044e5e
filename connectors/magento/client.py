"""Asks Magento's REST API and decodes what it answers into typed structs.

Signed with OAuth 1.0a in the header, HMAC-SHA256, a new nonce for every attempt: a nonce is burnt even by a
request that Magento refuses. Decoding is the allow-list: what a struct does not name is never read.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import msgspec
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from requests_oauthlib import OAuth1

from connectors.errors import ConnectionDroppedError, RateLimitedError
from connectors.http import Answer, Door, Limits
from connectors.magento import errors, failures, refusals, webpages
from connectors.magento.address import StoreAddress
from connectors.magento.question import Criteria, Params, url
from connectors.magento.shapes import List

T = TypeVar("T")

FRONT_CONTROLLER, NOT_FOUND = "/index.php", 404

SECRET_NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
# Seconds before the second and the third attempt. Longer failures are left to the schedule.
PAUSES = (0.5, 2.0)
LONGEST_WAIT = 10.0
# What a second attempt may mend within seconds.
PASSING = (
    failures.NonceReusedError,
    failures.MaintenanceError,
    failures.GatewayError,
    failures.TruncatedError,
    RateLimitedError,
    ConnectionDroppedError,
)


def signer(secrets: Mapping[str, str]) -> OAuth1:
    """Signs each request anew, in the Authorization header."""
    return OAuth1(
        secrets["consumer_key"],
        client_secret=secrets["consumer_secret"],
        resource_owner_key=secrets["access_token"],
        resource_owner_secret=secrets["access_token_secret"],
        signature_method=SIGNATURE_HMAC_SHA256,
        signature_type="AUTH_HEADER",
    )


@cache
def decoder(shape: Any) -> "msgspec.json.Decoder[Any]":
    # Not strict: older releases give numbers as text.
    return msgspec.json.Decoder(shape, strict=False)


class Client:
    """One Magento, reached through one or several addresses. Several threads may share it."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        *,
        limits: Limits | None = None,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._door = Door(signer(secrets), headers={"Accept": "application/json"}, limits=limits)
        self._pauses = pauses
        self._without_rewrites: set[str] = set()  # bases of shops that answer below index.php alone

    def close(self) -> None:
        self._door.close()

    def get(
        self,
        address: StoreAddress,
        path: str,
        shape: type[T],
        *,
        criteria: Criteria | None = None,
        params: Params = (),
        fields: str = "",
    ) -> tuple[T, Answer]:
        """What a route answers, decoded into `shape`. Raises ConnectorError for everything else.

        `fields`: Magento's own filter of what it sends; it must list total_count where that is wanted.
        `params`: what a route takes beside its criteria.
        """
        if criteria:
            params = (*criteria.params(), *params)
        if fields:
            params = (*params, ("fields", fields))
        found = self._decoded(address, path, shape, params)
        if criteria and _withholds(found[0], criteria):
            found = self._decoded(address, path, shape, params)
        return found

    def _decoded(
        self, address: StoreAddress, path: str, shape: type[T], params: Params
    ) -> tuple[T, Answer]:
        answer = self._answer(address, path, params)
        try:
            return decoder(shape).decode(answer.body), answer  # type: ignore[arg-type]  # a type is hashable
        except msgspec.ValidationError as error:
            raise refusals.unknown_shape(error, answer) from None
        except msgspec.DecodeError:
            raise refusals.refusal(answer, resource=path, store=address.store) from None

    def _answer(self, address: StoreAddress, path: str, params: Params) -> Answer:
        """Also of a shop whose web server leads nothing but index.php to Magento."""
        below = replace(address, base=f"{address.base}{FRONT_CONTROLLER}")
        if address.base in self._without_rewrites:
            return self._attempts(url(below, path, params), path, address.store)
        try:
            return self._attempts(url(address, path, params), path, address.store)
        except errors.NotTheApiError as error:
            if error.http_status != NOT_FOUND:
                raise
            with suppress(errors.NotTheApiError):
                answer = self._attempts(url(below, path, params), path, address.store)
                self._without_rewrites.add(address.base)
                return answer
            raise

    def _attempts(self, target: str, path: str, store: str) -> Answer:
        for pause in self._pauses:
            try:
                return self._ask(target, path, store)
            except PASSING as error:
                wait = max(pause, error.retry_after or 0)
                if wait > LONGEST_WAIT:
                    raise
                time.sleep(wait)
        return self._ask(target, path, store)

    def _ask(self, target: str, path: str, store: str) -> Answer:
        """One signed attempt. Raises ConnectorError for an answer that cannot be what was asked for."""
        answer = self._door.request("GET", target)
        if answer.status == 200 and not webpages.looks_like_html(answer):
            return answer
        raise refusals.refusal(answer, resource=path, store=store)


def _withholds(found: object, criteria: Criteria) -> bool:
    """Whether a page has no record although the shop counts some for it.

    There are shops that count what they never give: those are believed the second time. Once it may be a
    shop in trouble, and what it did not give would count as read.
    """
    if not isinstance(found, List) or found.items:
        return False
    return bool(found.total_count > (criteria.page - 1) * criteria.page_size)
