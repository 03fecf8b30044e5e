"""The form for a WSHOP's API URL, user and password. Mends blanks, names what was mixed up."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors import languages
from connectors.base import CredentialsForm
from connectors.errors import AddressError
from connectors.wshop import address, errors
from connectors.wshop.products import ROLES

LONGEST_PASTE = 10_000
CODE = re.compile(r"[\w.-]{1,100}")
PATH = re.compile(r"[\w.\[\]-]{0,200}")
FIELDS = {"internal_reference", "parent_reference"}

URL = re.compile(r"https?://[^\s\"'<>,;]+", re.IGNORECASE)
EMAIL = re.compile(r"[^\s\"'<>:,;=]+@[^\s\"'<>:,;=]+\.[^\s\"'<>:,;=]+")
PASSWORD = re.compile(r"(?:password|passwort|mot de passe|mdp)[ \t]*[:=][ \t]*(\S+)", re.IGNORECASE)
NAMES = {
    "url": ("url", "api_url", "apiUrl"),
    "username": ("username", "user", "email"),
    "password": ("password",),
}


class PasteArea(forms.Textarea):
    """Never gives back to a page what was typed into it."""

    def format_value(self, value: object) -> str | None:
        return None


class WshopForm(CredentialsForm):
    """Also takes from commands what pages have no field for.

    `attributes`: attribute codes by role; `fields`: paths in a product's record (see docs/wshop.md).
    """

    document = {
        "url": "url",
        "username": "username",
        "password": "password",
        "language": "language",
        "attributes": "attributes",
        "fields": "fields",
    }

    guide_steps = {"url": 5, "username": 2}

    paste = forms.CharField(
        label=_("Paste everything at once"),
        help_text=_("A message with the API URL, the user and the password, or a JSON of them."),
        widget=PasteArea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        max_length=LONGEST_PASTE,
        required=False,
    )
    url = forms.CharField(
        label=_("API URL"),
        help_text=_("For example https://www.your-shop.com, with or without /api/v1."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "inputmode": "url"}),
        max_length=2_000,
        error_messages={"required": errors.AddressMissingError.text},
    )
    username = forms.EmailField(
        label=_("User"),
        help_text=_("The e-mail address of the Back Office user that has API access."),
        max_length=254,
        error_messages={
            "required": _("The user is missing: the e-mail address of a Back Office user."),
            "invalid": _(
                "The user is the e-mail address of a Back Office user. Enter that address."
            ),
        },
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        max_length=1_000,
        error_messages={"required": _("The password is missing.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the catalogue"),
        help_text=_(
            "Where WSHOP gives titles and sizes in several languages, Kleep takes this one."
        ),
        choices=languages.choices,
        # Without the value, which Django's own sentence would repeat.
        error_messages={"invalid_choice": _("Choose one of the languages in the list.")},
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        kept: Collection[str] = (),
    ) -> None:
        super().__init__(None if data is None else _with_pasted(data), config=config, kept=kept)
        self.initial = {
            "url": self.config.get("url", ""),
            "language": self._stored("language", "fr"),
        }
        for name in ("username", "password"):
            self.fields[name].required = name not in kept

    def clean_paste(self) -> str:
        pasted = str(self.cleaned_data["paste"])
        if pasted and not sort_paste(pasted):
            raise forms.ValidationError(
                _("We recognise no credentials in this text. Fill in the fields below."),
                code="nothing_found",
            )
        return pasted

    def clean_url(self) -> str:
        try:
            return address.parse(self.cleaned_data["url"])
        except AddressError as error:
            raise forms.ValidationError(error.message, code=error.code) from None

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if "://" in password:
            text = _("This is an address, not the password.")
            raise forms.ValidationError(text, code="address")
        if password and password == self.cleaned_data.get("username"):
            raise forms.ValidationError(_("This is the user, not the password."), code="equal")
        return password

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name, read in (("attributes", attribute_codes), ("fields", product_fields)):
            try:
                given[name] = read(self.data.get(name))
            except ValueError as error:
                text = _("%(name)s cannot be used: %(reason)s.")
                params = {"name": name, "reason": str(error)}
                self.add_error(None, forms.ValidationError(text, code=name, params=params))
        return given

    def to_config(self) -> dict[str, Any]:
        given = self.cleaned_data
        config = {
            "url": given["url"],
            "language": given["language"] or self._stored("language", "fr"),
            "attributes": given["attributes"] or self._stored("attributes", {}),
            "fields": given["fields"] or self._stored("fields", {}),
            "returns": self._stored("returns", {}),
        }
        return {name: value for name, value in config.items() if value}

    def to_secrets(self) -> dict[str, str]:
        return {name: str(self.cleaned_data[name]) for name in ("username", "password")}

    def _stored(self, name: str, otherwise: Any) -> Any:
        return self.config.get(name) or otherwise


def _with_pasted(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, the empty ones filled from what was pasted at once."""
    fields = dict(data.items())
    for name, value in sort_paste(str(fields.get("paste") or "")).items():
        fields[name] = fields.get(name) or value
    return fields


def sort_paste(text: str) -> dict[str, str]:
    """url, username and password, as far as a message or a JSON names them."""
    if len(text) > LONGEST_PASTE:
        return {}
    document = _decoded(text)
    if isinstance(document, dict):
        named = {name: [document.get(key) for key in keys] for name, keys in NAMES.items()}
        return {
            name: value.strip()
            for name, found in named.items()
            for value in found
            if isinstance(value, str) and value.strip()
        }
    matches = {"url": URL.search(text), "username": EMAIL.search(text)}
    found = {name: match[0] for name, match in matches.items() if match}
    password = PASSWORD.search(text)
    return {**found, "password": password[1]} if password else found


def attribute_codes(given: object) -> dict[str, list[str]]:
    """Codes by role from {"color": "couleur"} or {"color": ["couleur"]}, also as JSON. Raises ValueError."""
    listed = {
        role: [codes] if isinstance(codes, str) else codes
        for role, codes in _object(given, set(ROLES)).items()
    }
    for codes in listed.values():
        if not isinstance(codes, list) or not all(_matches(CODE, code) for code in codes):
            raise ValueError("a code has letters, digits, points, dashes and underscores")
    return listed


def product_fields(given: object) -> dict[str, str]:
    """Paths by our name from {"parent_reference": "collection.code"}, also as JSON. Raises ValueError."""
    paths = _object(given, FIELDS)
    if not all(_matches(PATH, path) for path in paths.values()):
        raise ValueError("a path has names with points between them")
    return paths


def _object(given: object, names: Collection[str]) -> dict[str, Any]:
    decoded = _decoded(given) if isinstance(given, str) and given.strip() else given or {}
    if not isinstance(decoded, dict):
        raise ValueError("not an object")  # what was typed, not a caller's mistake
    if unknown := set(decoded) - set(names):
        raise ValueError(f"nothing is called {', '.join(sorted(map(str, unknown)))[:80]}")
    return decoded


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
