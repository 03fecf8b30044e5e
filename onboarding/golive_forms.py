"""What people enter on the way to going live: the pages to look at, reasons, names of lines."""

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors.addresses import origin_of
from connectors.errors import ConnectorError
from onboarding.checklist import WANTED
from onboarding.services.signing import MOST_PAGES

LONGEST = 1_000  # as the column of ProductPage


class ProductPagesForm(forms.Form):
    """Addresses, one a line."""

    urls = forms.CharField(
        label=_("Product pages, one address a line"),
        help_text=_("One to five products that are on sale, of different kinds if you have them."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "inputmode": "url"}),
        max_length=MOST_PAGES * LONGEST,
    )

    def clean_urls(self) -> list[str]:
        urls = list(dict.fromkeys(self.cleaned_data["urls"].split()))
        if len(urls) > MOST_PAGES:
            raise forms.ValidationError(_("Five pages at most: more tell nothing new."))
        for url in urls:
            if len(url) > LONGEST:
                raise forms.ValidationError(_("One of the addresses is too long."))
            try:
                origin_of(url)
            except ConnectorError as error:
                raise forms.ValidationError(f"{url}: {error.message}") from None
        return urls


class TickForm(forms.Form):
    """A line to sign, or to take back. `seen`: the fingerprint of the page that was shown."""

    item = forms.ChoiceField(choices=[(key, key) for key in WANTED])
    signed = forms.BooleanField(required=False)
    seen = forms.CharField(required=False, max_length=64)


class UndoForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it undone?"),
        help_text=_("The merchant reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
    )


class SendBackForm(forms.Form):
    """A reason for the whole, and one for each line that is on the merchant."""

    reason = forms.CharField(
        label=_("About the whole"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2_000,
        required=False,
    )

    def __init__(self, *args: object, rows: dict[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they come
        self.rows = rows
        for key, title in rows.items():
            self.fields[f"line_{key}"] = forms.CharField(
                label=title, required=False, max_length=500
            )

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        if not given.get("reason") and not self.reasons(given):
            raise forms.ValidationError(_("Write down why, so that the merchant knows what to do."))
        return given

    def reasons(self, given: dict[str, object]) -> dict[str, str]:
        """Reason by line."""
        return {key: str(text) for key in self.rows if (text := given.get(f"line_{key}"))}
