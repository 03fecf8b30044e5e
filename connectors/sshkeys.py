"""Public SSH keys as people paste them: read, judged and spelled one way; pairs made for who has none.

A private key that was pasted by mistake is recognised, answered and forgotten: no error here repeats input.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kleep_portal import redaction

PublicKeyType = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

MIN_RSA_BITS = 3072
MAX_TEXT = 20_000  # characters; an RSA key of 16,384 bits has less than 3,000
KEY_TYPE = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+")
SSH2_BEGIN, SSH2_END = "---- BEGIN SSH2 PUBLIC KEY ----", "---- END SSH2 PUBLIC KEY ----"


class KeyRefusedError(ValueError):
    """Its text tells the person what was pasted instead of a public key, and where the right one is."""

    def __init__(self, text: Promise | str) -> None:
        self.text = text
        super().__init__(str(text))


EMPTY = _("Paste a public key: one line that begins with ssh-ed25519, ecdsa-sha2- or ssh-rsa.")
PRIVATE = _(
    "This is a private key. We have not kept it, and nobody should ever send it: paste the public key,"
    " which lies beside it in the file that ends in .pub. If the private key travelled by e-mail or chat,"
    " make a new pair."
)
PUTTY = _(
    "This is PuTTY's own file, which holds the private key. We have not kept it. Open it in PuTTYgen and"
    " copy the box “Public key for pasting into OpenSSH authorized_keys file”."
)
CERTIFICATE = _(
    "This is a certificate. Paste the public key that it was made for: the file with the same name"
    " without -cert."
)
SEVERAL = _("These are several keys. Add them one after the other, so that each has its name.")
OPTIONS = _("Paste the key alone, without the options in front of it.")
FINGERPRINT = _("This is the fingerprint of a key. Paste the key itself.")
FILE_NAME = _("This is the name of a file. Open it in a text editor and paste what it holds.")
DAMAGED = _(
    "A part of this key is missing. Copy the whole line again, from its first to its last sign."
)
DSA = _("DSA keys are no longer safe. Make a new pair: ssh-keygen -t ed25519")
SECURITY_KEY = _(
    "This key needs somebody to touch a device at each log-in, so a nightly export could not use it."
    " Make one for the export: ssh-keygen -t ed25519"
)
UNKNOWN = _(
    "This is not a public key that we know. Make a pair of a usual kind: ssh-keygen -t ed25519"
)
SHORT_RSA = _(
    "This RSA key has %(bits)s bits; %(least)s are needed. Make a new pair: ssh-keygen -t ed25519"
)


@dataclass(frozen=True)
class PublicKey:
    """`line`: type and base64 as OpenSSH writes them, nothing else. `comment`: what stood behind."""

    line: str
    comment: str = ""

    @property
    def type(self) -> str:
        return self.line.partition(" ")[0]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.line)


@dataclass(frozen=True)
class Pair:
    """A new key pair. The private part is shown once and stored nowhere."""

    public: PublicKey
    private: str = field(repr=False)


def fingerprint(line: str) -> str:
    """The fingerprint as ssh-keygen prints it."""
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def make_pair(comment: str) -> Pair:
    """An Ed25519 pair; its private part in OpenSSH's format, without a passphrase."""
    private = ed25519.Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    redaction.remember(text.decode())
    return Pair(PublicKey(_line(private.public_key()), comment), text.decode())


def read(text: str) -> PublicKey:
    """The public key in what somebody pasted. Raises KeyRefusedError."""
    text = text[:MAX_TEXT].replace("\r", "\n").strip().strip("\"'")
    _refuse_what_is_something_else(text)
    if text.startswith(SSH2_BEGIN):
        return _read_ssh2(text)
    if text.startswith("-----BEGIN"):
        return PublicKey(_judged(_load(text.encode(), pem=True)))
    words = text.split()
    if not KEY_TYPE.fullmatch(words[0]):
        raise KeyRefusedError(OPTIONS if any(map(KEY_TYPE.fullmatch, words)) else UNKNOWN)
    if sum(bool(KEY_TYPE.fullmatch(word)) for word in words) > 1:
        raise KeyRefusedError(SEVERAL)
    return _read_line(text, words)


def _refuse_what_is_something_else(text: str) -> None:
    if not text:
        raise KeyRefusedError(EMPTY)
    if text.startswith("PuTTY-User-Key-File"):
        raise KeyRefusedError(PUTTY)
    if re.search(r"PRIVATE[- ]KEY|Private-Lines", text, re.IGNORECASE):
        raise KeyRefusedError(PRIVATE)
    if re.match(r"(?:sk-)?(?:ssh|ecdsa)-\S+-cert-v0\d@openssh\.com\b", text):
        raise KeyRefusedError(CERTIFICATE)
    if re.match(r"SHA256:|MD5:|(?:[0-9a-f]{2}:){15}", text, re.IGNORECASE):
        raise KeyRefusedError(FINGERPRINT)
    if re.fullmatch(r"\S*\.pub|[~/]\S*|[A-Za-z]:\\\S*", text):
        raise KeyRefusedError(FILE_NAME)
    if text.startswith("ssh-dss"):
        raise KeyRefusedError(DSA)
    if text.startswith("sk-"):
        raise KeyRefusedError(SECURITY_KEY)
    if text.count(SSH2_BEGIN) > 1 or text.count("-----BEGIN") > 1:
        raise KeyRefusedError(SEVERAL)


def _read_ssh2(text: str) -> PublicKey:
    """RFC 4716, as PuTTYgen and commercial SSH save it: headers, then base64 in lines."""
    body, end, _rest = text.removeprefix(SSH2_BEGIN).partition(SSH2_END)
    if not end:
        raise KeyRefusedError(DAMAGED)
    body = body.replace("\\\n", "")
    found = re.search(r"^Comment:\s*\"?([^\"\n]*)", body, re.MULTILINE | re.IGNORECASE)
    data = "".join(line.strip() for line in body.splitlines() if ":" not in line)
    name = _type_inside(data)
    return PublicKey(_judged(_load(f"{name} {data}".encode())), found[1].strip() if found else "")


def _read_line(text: str, words: list[str]) -> PublicKey:
    """The usual line, also where an e-mail has broken its base64 into several."""
    first_line, *more = text.splitlines()
    parts = first_line.split(None, 2)
    if len(parts) > 2 or not more:
        data, comment = (parts[1] if len(parts) > 1 else ""), (parts[2] if len(parts) > 2 else "")
        if more and re.fullmatch(r"[A-Za-z0-9+/=\s]+", "".join(more)) and not _is_whole(data):
            data, comment = "".join(words[1:]), ""
    else:
        data, comment = "".join(words[1:]), ""
    if _is_whole(data) and _type_inside(data) != words[0]:
        raise KeyRefusedError(DAMAGED)
    return PublicKey(_judged(_load(f"{words[0]} {data}".encode())), comment.strip()[:100])


def _is_whole(data: str) -> bool:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _type_inside(data: str) -> str:
    """The type that stands at the beginning of every key's bytes."""
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise KeyRefusedError(DAMAGED) from None
    name = raw[4 : 4 + int.from_bytes(raw[:4], "big")][:64].decode("ascii", "replace")
    if not KEY_TYPE.fullmatch(name):
        raise KeyRefusedError(DAMAGED)
    _refuse_what_is_something_else(f"{name} ")
    return name


def _load(data: bytes, *, pem: bool = False) -> object:
    try:
        return load_pem_public_key(data) if pem else load_ssh_public_key(data)
    except UnsupportedAlgorithm:
        raise KeyRefusedError(UNKNOWN) from None
    except ValueError:
        raise KeyRefusedError(DAMAGED) from None


def _judged(key: object) -> str:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        raise KeyRefusedError(SHORT_RSA % {"bits": key.key_size, "least": MIN_RSA_BITS})
    if not isinstance(key, PublicKeyType):
        raise KeyRefusedError(UNKNOWN)
    try:
        return _line(key)
    except ValueError:  # a curve that SSH does not use
        raise KeyRefusedError(UNKNOWN) from None


def _line(key: PublicKeyType) -> str:
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
