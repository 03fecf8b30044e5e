"""Finds out who asks, with Magento's checks in Magento's order."""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from connectors.sandbox.exchange import Request
from connectors.sandbox.magento import replies, signature
from connectors.sandbox.magento.integrations import Integration
from connectors.sandbox.magento.replies import Refusal
from connectors.sandbox.magento.switches import Switches

REQUIRED = (
    "oauth_consumer_key",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_token",
)
KEY_LENGTH = 32
NONCE_LENGTH = 32  # the column cuts what is longer
AHEAD_SECONDS = 600  # how far in the future a timestamp may lie; the past has no limit
NONCE_SECONDS = 120 * 60  # older nonces are forgotten
SWEEP_EVERY = 100  # requests


@dataclass
class Gatekeeper:
    """Verifies signatures for one shop. The shop holds its lock around `who`."""

    integrations: Mapping[str, Integration]
    switches: Switches
    now: Callable[[], float]  # the shop's clock, in seconds since 1970
    _nonces: dict[tuple[int, str], int] = field(default_factory=dict, repr=False)
    _seen: int = 0

    def who(self, request: Request) -> Integration | None:
        """The integration that signed it; None for a guest. Raises Refusal."""
        authorization = request.header("Authorization")
        if authorization.lower().startswith("bearer "):
            return self._bearer(authorization[7:].strip())
        oauth = signature.header_parameters(authorization)
        return self._signed(request, oauth) if oauth else None

    def _bearer(self, token: str) -> Integration | None:
        if not self.switches.bearer_enabled:
            return None  # not an error: whoever asks is then a guest
        return _find(self.integrations.values(), "access_token", token)

    def _signed(self, request: Request, oauth: dict[str, str]) -> Integration:
        _check_parameters(oauth)
        self._check_method(oauth["oauth_signature_method"])
        consumer = self._consumer(oauth["oauth_consumer_key"])
        self._burn_nonce(consumer, oauth["oauth_nonce"], oauth["oauth_timestamp"])
        self._check_token(consumer, oauth["oauth_token"])
        self._check_signature(request, oauth, consumer)
        return consumer

    def _check_method(self, method: str) -> None:
        accepted = {"HMAC-SHA256"} if not self.switches.sha256_refused else set()
        if self.switches.sha1_accepted or self.switches.sha256_refused:
            accepted.add("HMAC-SHA1")
        if method not in accepted:
            raise Refusal(400, "Signature method %1 is not supported", [method])

    def _consumer(self, key: str) -> Integration:
        if len(key) != KEY_LENGTH:
            raise Refusal(401, "Consumer key is not the correct length")
        found = _find(self.integrations.values(), "consumer_key", key)
        if found is None:
            raise Refusal(401, "A consumer having the specified key does not exist")
        return found

    def _burn_nonce(self, consumer: Integration, nonce: str, timestamp: str) -> None:
        """A nonce is spent here, whatever the later checks say."""
        moment = int(timestamp) if re.fullmatch(r"[0-9]{1,18}", timestamp) else 0
        if moment <= 0 or moment > self.now() + AHEAD_SECONDS:
            raise Refusal(401, "An error occurred validating the nonce")
        self._sweep()
        used = (consumer.id, nonce[:NONCE_LENGTH])
        if used in self._nonces:
            raise Refusal(
                401,
                "The nonce is already being used by the consumer with ID %1",
                [str(consumer.id)],
            )
        self._nonces[used] = moment

    def _sweep(self) -> None:
        self._seen += 1
        if self._seen % SWEEP_EVERY == 0:
            oldest = self.now() - NONCE_SECONDS
            self._nonces = {used: at for used, at in self._nonces.items() if at >= oldest}

    def _check_token(self, consumer: Integration, token: str) -> None:
        owner = _find(self.integrations.values(), "access_token", token)
        if owner is None:
            raise Refusal(401, "Specified token does not exist")
        if owner is not consumer:
            raise Refusal(401, "Token is not associated with the specified consumer")
        if owner.revoked:
            raise Refusal(401, "Access token has been revoked")

    def _check_signature(
        self, request: Request, oauth: dict[str, str], consumer: Integration
    ) -> None:
        base = signature.base_string(
            request.method,
            origin=self._origin(request),
            target=request.target,
            oauth=oauth,
            generation=self.switches.signing,
        )
        right = signature.signature_of(
            base,
            method=oauth["oauth_signature_method"],
            consumer_secret=consumer.consumer_secret,
            token_secret=consumer.access_token_secret,
        )
        if not hmac.compare_digest(right.encode(), oauth["oauth_signature"].encode()):
            raise Refusal(401, "The signature is invalid. Verify and try again.")

    def _origin(self, request: Request) -> str:
        """The shop's own idea of its address: a proxy may have kept the truth from it."""
        scheme = "https" if request.header("X-Forwarded-Proto") == "https" else "http"
        host = request.header("Host")
        if self.switches.scheme_hidden:
            scheme = "http" if scheme == "https" else "https"
        if self.switches.port_dropped:
            host = host.rpartition(":")[0] or host
        return f"{scheme}://{host}"


def _check_parameters(oauth: dict[str, str]) -> None:
    version = oauth.get("oauth_version", "1.0")
    if version != "1.0":
        raise Refusal(400, 'The "%1" Oauth version isn\'t supported.', [version])
    missing = [replies.required(name) for name in REQUIRED if not oauth.get(name)]
    if len(missing) == 1:
        raise missing[0]
    if missing:
        errors = [refusal.body for refusal in missing]
        raise Refusal(400, "One or more input exceptions have occurred.", errors=errors)
    if len(oauth["oauth_token"]) != KEY_LENGTH:
        raise Refusal(400, "The token length is invalid. Check the length and try again.")


def _find(integrations: Iterable[Integration], name: str, value: str) -> Integration | None:
    return next((one for one in integrations if getattr(one, name) == value), None)
