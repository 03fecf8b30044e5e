"""JSON Web Tokens as the simulated shop hands them out: HS256, with an expiry."""

import base64
import hashlib
import hmac
import json
from datetime import datetime


def issue(user: str, key: bytes, *, expires: datetime) -> str:
    payload = _encoded({"sub": user, "exp": expires.timestamp()})
    signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{payload}"
    return f"{signed}.{_signature(signed, key)}"


def user_of(token: str, key: bytes, *, now: datetime) -> str | None:
    """Whom a token was issued to; None where it is forged, broken or expired."""
    signed, _dot, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed, key).encode()):
        return None
    payload = signed.partition(".")[2]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"]) if now.timestamp() < claims["exp"] else None


def _encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def _signature(signed: str, key: bytes) -> str:
    digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
