"""The forms of the notifications: a webhook, and when somebody wants to be told."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.errors import AddressError
from onboarding import alerts, webhooks
from onboarding.models import MailChoice, Webhook
from onboarding.zones import zone_field

TIMING = ["pace", "quiet_from", "quiet_to", "time_zone"]
LABELS = {
    "pace": gettext_lazy("How often"),
    "quiet_from": gettext_lazy("Quiet from"),
    "quiet_to": gettext_lazy("Quiet until"),
    "time_zone": gettext_lazy("Time zone"),
}
HELP = {
    "quiet_from": gettext_lazy("What comes in between waits until the end; nothing is lost."),
}
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class TimingForm(forms.ModelForm[Any]):
    """What the two have in common; of quiet hours both ends are given, or none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = zone_field(LABELS["time_zone"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        begins, ends = values.get("quiet_from"), values.get("quiet_to")
        for name, other in (("quiet_from", ends), ("quiet_to", begins)):
            if other is not None and values.get(name) is None and name not in self.errors:
                self.add_error(name, _("Quiet hours need a beginning and an end."))
        if begins is not None and begins == ends:
            self.add_error("quiet_to", _("The end is the beginning: that would be all day."))
        return values


class MailChoiceForm(TimingForm):
    class Meta:
        model = MailChoice
        fields = TIMING
        widgets = {"pace": forms.RadioSelect, "quiet_from": CLOCK, "quiet_to": CLOCK}
        labels = LABELS
        help_texts = HELP


class WebhookForm(TimingForm):
    """The address is written and never shown again: whoever knows that of a chat can write there."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"),
        choices=lambda: [(kind, alerts.sentence(kind)) for kind in alerts.KINDS],
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    field_order = ["name", "kind", "url", "events", "language", *TIMING]

    class Meta:
        model = Webhook
        fields = ["name", "kind", "events", "language", *TIMING]
        widgets = {
            "kind": forms.RadioSelect,
            "pace": forms.RadioSelect,
            "quiet_from": CLOCK,
            "quiet_to": CLOCK,
        }
        labels = {
            **LABELS,
            "name": gettext_lazy("Name"),
            "kind": gettext_lazy("What listens there"),
        }
        help_texts = {
            **HELP,
            "name": gettext_lazy("As your colleagues call it, e.g. “#onboarding”."),
        }
        error_messages = {"name": {"unique": gettext_lazy("There is one of this name already.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        self.fields["url"].required = self.is_new
        help_text = _("It begins with https:// and is kept sealed: nobody sees it again.")
        kept = _("Leave it empty to keep the one that is stored.")
        self.fields["url"].help_text = help_text if self.is_new else f"{help_text} {kept}"
        if self.is_new:
            self.fields["events"].initial = list(alerts.KINDS)

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip().partition("#")[0]
        if url:
            try:
                webhooks.origin(url)
            except AddressError as error:
                raise forms.ValidationError(error.message) from None
        return url

    @property
    def values(self) -> dict[str, Any]:
        """What is stored in clear."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}
