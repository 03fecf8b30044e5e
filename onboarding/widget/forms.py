"""What a shop chooses for its button, the pages it is looked for on, and the password before them."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import languages
from connectors.errors import ConnectorError
from connectors.http import origin_of
from onboarding.widget.consent import TOOLS
from onboarding.widget.settings import ButtonColor, Cmp, Placement, StoreLanguage, WidgetSettings

MOST_PAGES, MOST_STORES = 5, 60
FONT = re.compile(r"[\w ,'\"-]*")
WORD = re.compile(r"[a-z][a-z0-9_-]*")
STORE = re.compile(r"[a-z][a-z0-9_]*")  # as Magento's store codes
COUNTRY = re.compile(r"[A-Z]{2}")
PLACEMENTS = {
    Placement.INLINE: gettext_lazy("Where the snippet stands in the page"),
    Placement.BEFORE: gettext_lazy("Before another element"),
    Placement.AFTER: gettext_lazy("After another element"),
}
COLORS = {ButtonColor.BLACK: gettext_lazy("Black"), ButtonColor.WHITE: gettext_lazy("White")}


class SelectorField(forms.CharField):
    """A CSS selector, which goes into a script: no braces and no tags."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off"})
        super().__init__(required=False, max_length=200, widget=widget, **options)

    def clean(self, value: Any) -> str:
        given = str(super().clean(value))
        if re.search(r"[{}<\\\x00-\x1f]", given):
            raise forms.ValidationError(_("A CSS selector has no braces, no < and no backslash."))
        return given


class WidgetForm(forms.Form):
    """`to_settings()` once it is valid."""

    retailer_uuid = forms.UUIDField(
        label=gettext_lazy("Retailer id"),
        help_text=gettext_lazy(
            "Kleep gives it to you. It looks like 5b0c1f5e-6f0b-4c1c-9f5e-2d8d7b1f3a10."
        ),
        error_messages={
            "invalid": gettext_lazy(
                "A retailer id has 32 letters and digits in five groups. Copy it again."
            ),
        },
    )
    cmp = forms.ChoiceField(
        label=gettext_lazy("What asks your visitors for their consent"),
        help_text=gettext_lazy("Nothing of Kleep loads before a visitor has agreed there."),
        choices=[(str(tool), known.label) for tool, known in TOOLS.items()],
    )
    consent_key = forms.CharField(
        label=gettext_lazy("Kleep's name in that tool"), required=False, max_length=80
    )
    button_color = forms.ChoiceField(
        label=gettext_lazy("Colour of the button"),
        choices=[(str(color), label) for color, label in COLORS.items()],
        widget=forms.RadioSelect,
    )
    font = forms.CharField(
        label=gettext_lazy("Font family"),
        help_text=gettext_lazy("Blank: the font of your page."),
        required=False,
        max_length=120,
    )
    placement = forms.ChoiceField(
        label=gettext_lazy("Where the button goes"),
        choices=[(str(place), label) for place, label in PLACEMENTS.items()],
        widget=forms.RadioSelect,
    )
    selector = SelectorField(
        label=gettext_lazy("CSS selector of that element"),
        help_text=gettext_lazy("For example .product-add-form. A tag manager needs one."),
    )
    variant_field = SelectorField(
        label=gettext_lazy("CSS selector of the field that holds the chosen size"),
        help_text=gettext_lazy(
            "For example select[name=variant]. The Magento module finds it by itself."
        ),
    )
    category = forms.CharField(
        label=gettext_lazy("Category"),
        help_text=gettext_lazy("What you sell, as Kleep calls it: clothing, shoes…"),
        max_length=40,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Where a page does not say its own."),
        choices=languages.choices,
    )
    country = forms.CharField(
        label=gettext_lazy("Country"),
        help_text=gettext_lazy("Two letters, for example FR."),
        required=False,
        max_length=2,
    )
    stores = forms.CharField(
        label=gettext_lazy("Store views or language versions"),
        help_text=gettext_lazy(
            "One line each: its code, its language, its country. For example: maison_it it IT."
        ),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    consent_button = SelectorField(
        label=gettext_lazy("CSS selector of your banner's button for agreeing"),
        help_text=gettext_lazy(
            "Only for a tool that is not in the list: our browser presses it when it looks at your page."
        ),
    )

    def __init__(self, data: Any = None, *, chosen: WidgetSettings) -> None:
        initial: dict[str, Any] = chosen.stored()
        initial["stores"] = "\n".join(
            f"{store.store} {store.language} {store.country}".strip() for store in chosen.stores
        )
        super().__init__(data, initial=initial)

    def clean_font(self) -> str:
        return self._fitting("font", FONT, _("Only letters, digits, commas and quotes."))

    def clean_category(self) -> str:
        self.cleaned_data["category"] = self.cleaned_data["category"].strip().lower()
        return self._fitting("category", WORD, _("One word, in small letters."))

    def clean_country(self) -> str:
        self.cleaned_data["country"] = self.cleaned_data["country"].strip().upper()
        given: str = self.cleaned_data["country"]
        if not given:
            return ""
        return self._fitting("country", COUNTRY, _("Two letters, for example FR."))

    def clean_consent_key(self) -> str:
        given: str = self.cleaned_data["consent_key"].strip()
        if re.search(r"[{}<>\\\x00-\x1f]", given):
            raise forms.ValidationError(_("Copy the name as your consent tool shows it."))
        return given

    def clean_stores(self) -> tuple[StoreLanguage, ...]:
        lines = [line.split() for line in self.cleaned_data["stores"].splitlines() if line.strip()]
        if len(lines) > MOST_STORES:
            raise forms.ValidationError(_("At most %(most)s lines.") % {"most": MOST_STORES})
        return tuple(_store(at, parts) for at, parts in enumerate(lines, start=1))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        if given.get("placement") != Placement.INLINE and not given.get("selector"):
            self.add_error("selector", _("Name the element beside which the button goes."))
        return given

    def to_settings(self) -> WidgetSettings:
        given = self.cleaned_data
        return WidgetSettings(
            **{
                **given,
                "retailer_uuid": str(given["retailer_uuid"]),
                "cmp": Cmp(given["cmp"]),
                "button_color": ButtonColor(given["button_color"]),
                "placement": Placement(given["placement"]),
            }
        )

    def _fitting(self, name: str, pattern: re.Pattern[str], refusal: str) -> str:
        given = str(self.cleaned_data[name]).strip()
        if not pattern.fullmatch(given):
            raise forms.ValidationError(refusal)
        return given


def _store(at: int, parts: list[str]) -> StoreLanguage:
    """Raises ValidationError."""
    code, language, country = (*parts, "", "")[:3] if len(parts) <= 3 else ("", "", "")
    country = country.upper()
    is_right = (
        STORE.fullmatch(code)
        and language in languages.CODES
        and (not country or COUNTRY.fullmatch(country))
    )
    if not is_right:
        raise forms.ValidationError(
            _("Line %(line)s is not a code, a language and a country, such as maison_it it IT.")
            % {"line": at}
        )
    return StoreLanguage(store=code, language=language, country=country)


class PagesForm(forms.Form):
    """The product pages of one site, one address per line."""

    urls = forms.CharField(
        label=gettext_lazy("Addresses of product pages"),
        help_text=gettext_lazy(
            "One per line, at most five. A product in several sizes, and one of each of your templates."
        ),
        error_messages={
            "required": gettext_lazy("Enter the address of at least one product page.")
        },
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean_urls(self) -> list[str]:
        urls = list(dict.fromkeys(self.cleaned_data["urls"].split()))
        if len(urls) > MOST_PAGES:
            raise forms.ValidationError(_("At most %(most)s pages.") % {"most": MOST_PAGES})
        for url in urls:
            try:
                origin_of(url)
            except ConnectorError as error:
                text = _("%(url)s: %(why)s") % {"url": url[:80], "why": error.message}
                raise forms.ValidationError(text) from None
            if len(url) > 1000:
                raise forms.ValidationError(_("An address is longer than 1000 characters."))
        return urls


class PasswordForm(forms.Form):
    """The user name and the password that a browser asks for before the site. Never shown again."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        given: str = self.cleaned_data["username"]
        if ":" in given:
            raise forms.ValidationError(_("A user name has no colon."))
        return given
