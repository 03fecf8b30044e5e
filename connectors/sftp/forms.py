"""What a merchant types to let Kleep into their SFTP server; mended where it is clear what was meant."""

import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any, ClassVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from connectors.base import CredentialsForm
from connectors.errors import ConnectorError
from connectors.http import ascii_host

PORT = 22
MAX_KEY = 20_000


class SftpForm(CredentialsForm):
    """The host key is not typed here: it is shown to the person and confirmed, see the page's second step."""

    document: ClassVar[Mapping[str, str]] = {
        "host": "host",
        "port": "port",
        "username": "user",
        "password": "password",
        "privateKey": "private_key",
        "folder": "folder",
        "hostKey": "host_key",
    }

    host = forms.CharField(
        label=_("Server"), max_length=253, help_text=_("e.g. sftp.your-shop.com")
    )
    port = forms.IntegerField(
        label=_("Port"), initial=PORT, min_value=1, max_value=65_535, required=False
    )
    user = forms.CharField(label=_("User name"), max_length=128)
    folder = forms.CharField(
        label=_("Folder"),
        max_length=500,
        required=False,
        help_text=_("Where the folders products, orders and returns lie; blank: at the top."),
    )
    password = forms.CharField(
        label=_("Password"), required=False, max_length=500, strip=False, widget=forms.PasswordInput
    )
    private_key = forms.CharField(
        label=_("Or a private key"),
        required=False,
        max_length=MAX_KEY,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Of a pair made for Kleep alone. It is sealed at once and never shown again."),
    )
    passphrase = forms.CharField(
        label=_("Passphrase of the private key"),
        required=False,
        max_length=500,
        strip=False,
        widget=forms.PasswordInput,
        help_text=_("Only where it has one. It is not kept."),
    )
    host_key = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        host, _colon, port = str(self.config.get("url", "")).removeprefix("sftp://").rpartition(":")
        shown = {"host": host.strip("[]"), "port": port or PORT}
        shown |= {name: self.config.get(name, "") for name in ("user", "folder")}
        for name, value in shown.items():
            self.fields[name].initial = value

    def clean_host(self) -> str:
        """An address copied from a program: its scheme, user, port and path are taken off."""
        host = re.sub(r"^[a-z]+://", "", self.cleaned_data["host"].strip(), flags=re.IGNORECASE)
        host = host.rpartition("@")[2].partition("/")[0].lower()
        if found := re.fullmatch(r"([^:]+):(\d{1,5})", host):
            host = found[1]
        try:
            host = ascii_host(host.strip("[]"))
        except ConnectorError as error:
            raise forms.ValidationError(error.message) from None
        if not (_is_ipv6(host) if ":" in host else re.fullmatch(r"[a-z0-9_.-]+", host)):
            raise forms.ValidationError(
                _("This is not the name of a server, like sftp.your-shop.com.")
            )
        return host

    def clean_port(self) -> int:
        return self.cleaned_data["port"] or PORT

    def clean_user(self) -> str:
        user: str = self.cleaned_data["user"]
        if not user.isprintable():
            raise forms.ValidationError(_("A user name has no line breaks."))
        return user

    def clean_folder(self) -> str:
        parts = self.cleaned_data["folder"].replace("\\", "/").split("/")
        if ".." in parts:
            raise forms.ValidationError(_("Write the whole way from the top, without “..”."))
        if not "".join(parts).isprintable():
            raise forms.ValidationError(_("A folder's name has no line breaks."))
        return "/" + "/".join(part for part in parts if part not in ("", "."))

    def clean_private_key(self) -> str:
        text: str = self.cleaned_data["private_key"].strip()
        if text.startswith(("ssh-", "ecdsa-")):
            raise forms.ValidationError(
                _("This is the public key. Kleep needs the private one here.")
            )
        if text.startswith("PuTTY-User-Key-File"):
            raise forms.ValidationError(
                _("This is PuTTY's format. In PuTTYgen choose Conversions > Export OpenSSH key.")
            )
        if text and "PRIVATE KEY-----" not in text:
            raise forms.ValidationError(
                _("This is not a private key: it begins with -----BEGIN … PRIVATE KEY-----.")
            )
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("password") and data.get("private_key"):
            raise forms.ValidationError(_("Give the password or the private key, not both."))
        if not data.get("password") and not data.get("private_key") and not self.kept:
            if not self.errors.get("private_key"):
                self.add_error("password", _("Give the password, or a private key."))
        elif data.get("private_key"):
            data["private_key"] = self._opened(data["private_key"], data.get("passphrase", ""))
        return data

    def _opened(self, text: str, passphrase: str) -> str:
        """The key without its passphrase: it is sealed with a key of ours instead."""
        load = load_ssh_private_key if "OPENSSH PRIVATE KEY" in text else load_pem_private_key
        try:
            key = load(text.encode() + b"\n", passphrase.encode() or None)
            return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
        except TypeError:
            wrong = (
                _("This key has a passphrase. Enter it below.")
                if not passphrase
                else _("This key has no passphrase. Leave the field blank.")
            )
            self.add_error("passphrase", wrong)
        except (ValueError, UnsupportedAlgorithm):
            if passphrase:
                self.add_error("passphrase", _("The passphrase does not open this key."))
            else:
                self.add_error("private_key", _("A part of this key is missing. Copy it whole."))
        return ""

    def to_config(self) -> dict[str, Any]:
        data = self.cleaned_data
        host = f"[{data['host']}]" if ":" in data["host"] else data["host"]
        by_password = bool(data["password"]) or (
            not data["private_key"] and self.config.get("auth") == "password"
        )
        return {
            "url": f"sftp://{host}:{data['port']}",
            "user": data["user"],
            "folder": data["folder"],
            "auth": "password" if by_password else "key",
            "host_key": data["host_key"] or self.config.get("host_key", ""),
        }

    def to_secrets(self) -> dict[str, str]:
        return {"secret": self.cleaned_data["password"] or self.cleaned_data["private_key"]}


def _is_ipv6(host: str) -> bool:
    try:
        return not IPv6Address(host).scope_id
    except ValueError:
        return False
