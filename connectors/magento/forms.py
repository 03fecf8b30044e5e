"""The form for a Magento's address and its four credentials. Mends blanks, names what was mixed up."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors.base import CredentialsForm
from connectors.errors import ConnectorError
from connectors.magento import address, errors, returns_config
from connectors.magento.client import SECRET_NAMES
from connectors.magento.credentials import MAX_TEXT, from_document, sort_credentials
from connectors.magento.proposal import attribute_codes

LENGTH = 32
CHARACTERS = re.compile(r"[0-9a-z]{32}")
V1, ASYNC_V1 = "V1", "async/V1"
# Of the stored configuration, what this form has no field for and leaves as it is.
KEPT_AS_IT_IS = ("attributes", "url_suffix", "page_size", "returns")

LABELS = {
    "consumer_key": _("Consumer Key"),
    "consumer_secret": _("Consumer Secret"),
    "access_token": _("Access Token"),
    "access_token_secret": _("Access Token Secret"),
}


class SecretTextarea(forms.Textarea):
    """Never gives back to a page what was typed into it."""

    def format_value(self, value: object) -> str | None:
        return None


def _secret(name: str) -> forms.CharField:
    widget = forms.PasswordInput(
        render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"}
    )
    return forms.CharField(
        label=LABELS[name],
        max_length=MAX_TEXT,
        widget=widget,
        error_messages={
            "required": _(
                "This value is missing. Magento shows it when you activate the integration."
            )
        },
    )


class MagentoForm(CredentialsForm):
    """Also takes `attributes` (codes by role) and `returns` (see returns_config.py), dicts or JSON, from
    commands; pages have no fields for them."""

    # A configuration of Retrieve, as it is, and our `attributes` and `returns`.
    document = {
        "url": "url",
        "consumerKey": "consumer_key",
        "consumerSecret": "consumer_secret",
        "accessToken": "access_token",
        "accessTokenSecret": "access_token_secret",
        "type": "type",
        "attributes": "attributes",
        "returns": "returns",
    }
    watermarks = {
        "orders_last_pull": "orders",
        "customers_last_pull": "customers",
        "products_last_pull": "products",
    }

    guide_steps = {"paste": 5, "url": 6}

    paste = forms.CharField(
        label=_("Paste all four at once"),
        help_text=_("Everything Magento's pop-up shows, or the JSON of a Retrieve configuration."),
        widget=SecretTextarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        required=False,
        max_length=MAX_TEXT,
        strip=False,
    )
    url = forms.CharField(
        label=_("Address of your shop"),
        help_text=_(
            "The address that your customers see. For several store views give one address per"
            " line, for example https://www.your-shop.com/rest/fr/V1"
        ),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "inputmode": "url"}),
        error_messages={"required": errors.AddressMissingError.text},
    )
    consumer_key = _secret("consumer_key")
    consumer_secret = _secret("consumer_secret")
    access_token = _secret("access_token")
    access_token_secret = _secret("access_token_secret")
    type = forms.ChoiceField(
        label=_("Type of API"),
        choices=[(V1, "V1"), (ASYNC_V1, "async/V1")],
        help_text=_(
            "Leave V1 if you are not sure. async/V1 is Magento's way to write; Kleep only reads,"
            " and Magento lets us read through V1 alone."
        ),
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
        self.initial = {"url": _addresses(self.config), "type": self.config.get("type", V1)}
        for name in SECRET_NAMES:
            self.fields[name].required = name not in kept

    def clean_paste(self) -> str:
        pasted = str(self.cleaned_data["paste"])
        if pasted.strip() and not sort_credentials(pasted):
            raise forms.ValidationError(
                _("We recognise no credentials in this text. Fill in the fields below."),
                code="nothing_found",
            )
        return pasted

    def clean_url(self) -> str:
        typed = str(self.cleaned_data["url"])
        try:
            address.parse_all(typed)
        except ConnectorError as error:
            raise forms.ValidationError(error.message, code=error.code) from None
        return typed

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        given["type"] = given.get("type") or V1
        for name in SECRET_NAMES:
            if name in given:
                given[name] = mended(given[name])
                self._check_secret(name, given[name])
        self._name_equal_values(given)
        given["attributes"] = self._read(
            "attributes", attribute_codes, _("The attribute codes cannot be used: %(reason)s.")
        )
        given["returns"] = self._read(
            "returns", returns_config.clean, _("The source of returns cannot be used: %(reason)s.")
        )
        return given

    def to_config(self) -> dict[str, Any]:
        stores = address.parse_all(self.cleaned_data["url"])
        kept = {name: self.config[name] for name in KEPT_AS_IT_IS if name in self.config}
        for name in ("attributes", "returns"):
            if self.cleaned_data[name]:
                kept[name] = self.cleaned_data[name]
        return {
            **kept,
            "url": stores[0].base,
            "stores": [{"base": one.base, "store": one.store} for one in stores],
            "type": self.cleaned_data["type"],
        }

    def to_secrets(self) -> dict[str, str]:
        return {name: str(self.cleaned_data[name]) for name in SECRET_NAMES}

    def _check_secret(self, name: str, value: str) -> None:
        problem = _problem(value)
        if problem:
            text, code = problem
            params = {"name": LABELS[name], "length": len(value)}
            self.add_error(name, forms.ValidationError(text, code=code, params=params))

    def _name_equal_values(self, given: Mapping[str, Any]) -> None:
        """Four different values: the same one twice was pasted into a wrong field."""
        seen: dict[str, str] = {}
        for name in SECRET_NAMES:
            value = str(given.get(name) or "")
            if value and value in seen:
                text = _("This is the same value as the %(other)s. Copy the %(name)s again.")
                params = {"other": LABELS[seen[value]], "name": LABELS[name]}
                self.add_error(name, forms.ValidationError(text, code="equal", params=params))
            seen.setdefault(value, name)

    def _read(
        self, name: str, clean: Callable[[object], dict[str, Any]], text: Any
    ) -> dict[str, Any]:
        """What a file has beside the fields. A wrong one is nobody's field."""
        try:
            return clean(self.data.get(name))
        except ValueError as error:
            params = {"reason": str(error)}
            self.add_error(None, forms.ValidationError(text, code=name, params=params))
            return {}


def mended(value: str) -> str:
    """A credential without the blanks, quotes and line ends that were copied with it."""
    return "".join(value.split()).strip("\"'`,;")


def _problem(value: str) -> tuple[Any, str] | None:
    """What is wrong with a credential, and a code for it; None where nothing is, or it is kept."""
    if not value:
        return None
    if "://" in value or value.startswith("www."):
        return _("This is an address, not the %(name)s."), "address"
    if len(value) != LENGTH:
        text = _("The %(name)s has %(length)s characters; Magento's have 32. Copy it again, whole.")
        return text, "length"
    if not CHARACTERS.fullmatch(value):
        text = _("The %(name)s has only small letters and digits. Copy it instead of typing it.")
        return text, "characters"
    return None


def _with_pasted(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, the empty ones filled from what was pasted at once.

    People paste all four into the first field, too; a file has the names of a Retrieve configuration.
    """
    fields = {**from_document(data), **dict(data.items())}
    for name in ("paste", *SECRET_NAMES):
        found = sort_credentials(str(fields.get(name) or ""))
        if name == "paste" or len(found) > 1:
            if name != "paste" and found:
                fields[name] = ""
            for target, value in found.items():
                fields[target] = fields.get(target) or value
    return fields


def _addresses(config: Mapping[str, Any]) -> str:
    """The stored addresses as they may be typed again."""
    return "\n".join(
        f"{one['base']}/rest/{one['store']}/V1" if one.get("store") else str(one["base"])
        for one in config.get("stores", [])
    )
