"""Asks WSHOP's API: logs in, carries the token, renews it, and decodes what the tables name.

The token lives in this object's memory alone. A refused log-in is not repeated by the same client: a
check asks eight endpoints at once, and eight wrong passwords would lock the merchant's account.
"""

import threading
import time
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from connectors.errors import ConnectionDroppedError, MerchantError, RateLimitedError
from connectors.http import Answer, Door, Limits
from connectors.wshop import errors, refusals, shapes
from connectors.wshop.dialect import Dialect, Endpoint, Parameters, Reason
from connectors.wshop.paging import Batch, Query, lacking
from kleep_portal import redaction

PREFIX = "/api/v1/"  # documented
# Seconds before the second and the third attempt. Longer failures are left to the schedule.
PAUSES = (0.5, 2.0)
LONGEST_WAIT = 10.0
PASSING = (errors.MaintenanceError, RateLimitedError, ConnectionDroppedError)
# A token older than that (seconds) may be what an unclear refusal means.
FRESH = 60.0
UNCLEAR = {None, Reason.PERMISSION, Reason.PASSWORD}


class Client:
    """One WSHOP shop. Several threads may share it. Close it."""

    def __init__(
        self,
        base: str,
        *,
        username: str,
        password: str,
        dialect: Dialect,
        limits: Limits | None = None,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._base = base
        self._username = username
        self._password = password
        self._dialect = dialect
        self._pauses = pauses
        self._door = Door(headers={"Accept": "application/json"}, limits=limits)
        self._lock = threading.Lock()
        self._token = ""
        self._token_made = 0.0
        self._refusal: MerchantError | None = None
        self._shapes: dict[str, shapes.Shape] = {}

    def close(self) -> None:
        self._door.close()

    def login(self) -> None:
        """Have a token. Raises ConnectorError where WSHOP gives none."""
        self._token_other_than("")

    def ask(self, endpoint: Endpoint, query: Query) -> tuple[Batch, Answer]:
        """One page of an endpoint, decoded. Raises ConnectorError."""
        for pause in self._pauses:
            try:
                return self._ask(endpoint, query)
            except PASSING as error:
                wait = max(pause, error.retry_after or 0)
                if wait > LONGEST_WAIT:
                    raise
                time.sleep(wait)
        return self._ask(endpoint, query)

    def _ask(self, endpoint: Endpoint, query: Query) -> tuple[Batch, Answer]:
        answer = self._answer(endpoint, query)
        if endpoint.path not in self._shapes:
            self._shapes[endpoint.path] = shapes.shape(endpoint)
        try:
            batch = self._shapes[endpoint.path].batch(answer.body)
        except (msgspec.MsgspecError, shapes.MissingIdError) as error:
            # msgspec names the place, not the value.
            said = f"{endpoint.path}: {error}; correct its table in dialect.py"
            raise errors.MalformedAnswerError(
                endpoint=endpoint.path, http_status=answer.status, detail=said
            ) from None
        if name := lacking(endpoint, batch.records):
            said = f"{endpoint.path}: no record has {name}; correct its path in dialect.py"
            raise errors.TableError(endpoint=endpoint.path, http_status=answer.status, detail=said)
        return batch, answer

    def _answer(self, endpoint: Endpoint, query: Query) -> Answer:
        """A successful answer, with a new token where the old one was refused."""
        token = self._token_other_than("")
        for attempt in (1, 2):
            answer = self._send(endpoint, query, token)
            found = refusals.envelope(answer)
            if found is None:
                if attempt == 1 and answer.status == 401:
                    token = self._token_other_than(token)
                    continue
                raise refusals.without_envelope(answer, path=endpoint.path, login=False)
            if found.success and answer.status < 400:
                return answer
            why = refusals.reason(answer, found, self._dialect)
            if attempt == 2 or not self._may_be_the_token(why):
                raise refusals.refused(answer, found, why, path=endpoint.path, login=False)
            token = self._token_other_than(token)
        raise AssertionError("the second attempt returns or raises")

    def _may_be_the_token(self, why: Reason | None) -> bool:
        old = time.monotonic() - self._token_made > FRESH
        return why is Reason.TOKEN or (why in UNCLEAR and old)

    def _send(self, endpoint: Endpoint, query: Query, token: str) -> Answer:
        url = f"{self._base}{PREFIX}{endpoint.path}"
        in_body = endpoint.parameters is Parameters.BODY
        if query and not in_body:
            url = f"{url}?{urlencode(query)}"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self._door.request(
            endpoint.verb, url, headers=headers, json=query if in_body else None
        )

    def _token_other_than(self, refused: str) -> str:
        """The token; a new one where there is none, or only the refused one."""
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            if self._token in {"", refused}:
                try:
                    self._token = self._log_in()
                except MerchantError as error:
                    self._refusal = error
                    raise
                self._token_made = time.monotonic()
                redaction.remember(self._token)
            return self._token

    def _log_in(self) -> str:
        login = self._dialect.login
        body = {login.email: self._username, login.password: self._password}
        for path in login.paths:
            answer = self._door.request("POST", f"{self._base}{PREFIX}{path}", json=body)
            found = refusals.envelope(answer)
            why = refusals.reason(answer, found, self._dialect) if found else None
            unknown = answer.status in {404, 405} or why is Reason.UNKNOWN_ENDPOINT
            if not (unknown and path != login.paths[-1]):
                break
        if found is None:
            raise refusals.without_envelope(answer, path=path, login=True)
        if not found.success or answer.status >= 400:
            raise refusals.refused(answer, found, why, path=path, login=True)
        return self._token_of(answer, path)

    def _token_of(self, answer: Answer, path: str) -> str:
        try:
            token = shapes.one_value(answer.body, self._dialect.login.token)
        except msgspec.MsgspecError:
            token = None
        if not isinstance(token, str) or not token.isascii() or not token:
            said = f"{path}: no token at {self._dialect.login.token}; correct login in dialect.py"
            raise errors.MalformedAnswerError(endpoint=path, http_status=answer.status, detail=said)
        return token
