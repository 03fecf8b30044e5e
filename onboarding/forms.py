"""The forms that do not belong to a platform; those are in connectors/<platform>/forms.py."""

from collections.abc import Collection, Container
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from onboarding import platforms
from onboarding.access import changeable_merchants
from onboarding.models import HandOff, Merchant, Shop, User
from onboarding.names import NameField


class ShopForm(forms.ModelForm[Shop]):
    """A new shop, in one of the merchants that the person may change."""

    merchant = forms.ModelChoiceField(Merchant.objects.none(), label=_("Company"), empty_label=None)
    name = NameField(
        label=_("Name of the shop"),
        help_text=_("As your colleagues call it, for example “Maison Paris – France”."),
        max_length=200,
    )
    storefront_url = forms.URLField(
        label=_("Address of the storefront"),
        help_text=_("The page that shoppers open, for example https://www.example.com."),
        required=False,
        max_length=200,
        assume_scheme="https",
    )

    class Meta:
        model = Shop
        fields = ("merchant", "name", "environment", "storefront_url")
        labels = {
            "environment": _("Which site is it?"),
        }
        help_texts = {
            "environment": _("Start with your test site; the production site comes after it."),
        }

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come
        choices = changeable_merchants(user).order_by("name")
        field = self.fields["merchant"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # narrows the type, declared above
        field.queryset = choices
        first = choices.first()
        if first is not None and choices.count() == 1:
            field.initial = first
            field.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Said beside the name, in words of its own; the database holds the rule."""
        cleaned = super().clean() or self.cleaned_data
        merchant, name = cleaned.get("merchant"), cleaned.get("name")
        if merchant and name and merchant.shops.filter(name=name).exists():
            said = _("There is a shop of this name already: it is among your shops.")
            self.add_error("name", said)
        return cleaned


class SecretForm(forms.Form):
    """“Is this the one we have?”: one pasted value, compared and forgotten."""

    name = forms.ChoiceField(label=_("Which one"))
    value = forms.CharField(
        label=_("The value you have"),
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: object, names: tuple[str, ...], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come
        field = self.fields["name"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type, declared above
        field.choices = [(name, name) for name in names]


class StoreViewForm(forms.Form):
    """Which store view of a connected shop this one is; `codes` empty: the shop did not tell, it is typed."""

    store = forms.CharField(
        label=_("Code of the store view"),
        help_text=_("In Magento under Stores > Settings > All Stores, for example fr."),
        max_length=64,
        validators=[
            RegexValidator(
                r"^[A-Za-z][A-Za-z0-9_]*$",
                _("A code begins with a letter and has letters, digits and underscores."),
            )
        ],
        error_messages={"required": _("Choose the store view that this shop is.")},
    )

    def __init__(self, *args: object, codes: Collection[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come
        self.codes = codes

    def clean_store(self) -> str:
        store = str(self.cleaned_data["store"])
        if self.codes and store not in self.codes:
            raise forms.ValidationError(_("Choose one of these store views."), code="unknown")
        return store


class PlatformForm(forms.Form):
    platform = forms.ChoiceField(
        label=_("Platform"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what your shop runs on, or the last line if you do not know."),
            # Without the value, which Django's own sentence would repeat.
            "invalid_choice": _("Choose one of these."),
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come
        field = self.fields["platform"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type, declared above
        field.choices = [(choice.key, choice.label) for choice in platforms.choices()]


class HandOffForm(forms.Form):
    """To whom a task is handed, in which language they are written to."""

    task = forms.ChoiceField(label=_("Which task"))
    email = forms.EmailField(label=_("Their e-mail address"), max_length=254)
    name = NameField(
        label=_("Who it is"),
        help_text=_("A name, or your agency's: it stands in the history of your shop."),
        max_length=150,
    )
    language = forms.ChoiceField(label=_("Language of the e-mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: object, tasks: Container[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come
        field = self.fields["task"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type, declared above
        field.choices = [choice for choice in HandOff.Task.choices if choice[0] in tasks]
