"""What a manager types before something is erased for good."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from kleep_portal import crypto


class NameAgainForm(forms.Form):
    """The slug of the shop, or the name of the company, once more."""

    typed = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, name: str, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["typed"].label = label

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"])
        if typed != self.name:
            raise forms.ValidationError(_("This is another name. Nothing was erased."))
        return typed


class Unshown(forms.TextInput):
    """What was typed comes back on no page."""

    def __init__(self) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"})

    def format_value(self, value: Any) -> None:
        return None


class ShopperForm(forms.Form):
    """Whom to look for."""

    identifier = forms.CharField(
        label=_("E-mail address or customer number"),
        help_text=_("As the shop has it. It is not stored: we compute the keyed hash of it."),
        max_length=254,
        widget=Unshown(),
    )


class ShopperAgainForm(forms.Form):
    """The same once more: `seen` says which shopper was counted, and leads back to nobody."""

    again = forms.CharField(
        label=_("The same address or number once more"),
        max_length=254,
        widget=Unshown(),
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput())

    def __init__(self, *args: Any, merchant: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merchant = merchant

    @property
    def is_the_same(self) -> bool:
        """Whether it is the shopper who was counted."""
        if not self.is_valid():
            return False
        reference = crypto.pseudonym(str(self.merchant), self.cleaned_data["again"])
        return constant_time_compare(self.cleaned_data["seen"], mark(reference))


def mark(reference: str) -> str:
    """Stands for a shopper's keyed hash in a page, without telling it."""
    return salted_hmac("onboarding.erasing", reference, algorithm="sha256").hexdigest()
