"""The forms about people: who is invited, in which role, and what they tell of themselves."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onboarding.models import Membership, Merchant, User
from onboarding.names import NameField


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)


class InviteForm(forms.Form):
    """Somebody who is asked to join."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = NameField(label=_("Name"), max_length=150, required=False)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        initial=Membership.Role.DEVELOPER,
        help_text=_(
            "Owners do everything and decide who has access. Developers do every task. Viewers look."
        ),
    )
    language = forms.ChoiceField(label=_("Language of the e-mail"), choices=settings.LANGUAGES)


class MerchantForm(forms.Form):
    """A new merchant and its first owner."""

    name = NameField(label=_("Company"), max_length=200)
    shop = NameField(
        label=_("First shop"),
        help_text=_(
            "One storefront, for example “Maison Paris – France”. They can add it themselves."
        ),
        max_length=200,
        required=False,
    )
    email = forms.EmailField(label=_("E-mail address of the first owner"), max_length=254)
    owner = NameField(label=_("Their name"), max_length=150, required=False)
    language = forms.ChoiceField(label=_("Language of the e-mail"), choices=settings.LANGUAGES)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Merchant.objects.filter(name__iexact=name).exists():
            raise ValidationError(_("There is a company with this name already."))
        return name


class RegisterForm(forms.Form):
    """The account of somebody who was invited: their name and a password of their own."""

    name = NameField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, User(email=self.email, name=self.data.get("name", "")))
        return password
