"""The forms of the staff's console: filters of the pipeline, notes, owners, ranges."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors import languages
from connectors.models import Cursor
from onboarding import phases, platforms
from onboarding.models import Shop, Standing, User
from onboarding.phases import Party
from onboarding.progress import label_of

PARTIES = (
    (Party.KLEEP.value, _("Kleep")),
    (Party.MERCHANT.value, _("the merchant")),
    (Party.AGENCY.value, _("an agency")),
    (Party.PORTAL.value, _("the portal")),
)
FLAGS = (
    ("problem", _("There is a problem")),
    ("broken", _("Connection broken")),
    ("stale", _("Old data")),
    ("live", _("Live")),
)
NOBODY, DONE = "nobody", "done"
# In languages with genders each agrees with what there are all of.
EVERY = {
    "phase": ("", pgettext_lazy("phases", "All")),
    "party": ("", pgettext_lazy("parties", "All")),
    "platform": ("", pgettext_lazy("platforms", "All")),
    "owner": ("", pgettext_lazy("people in charge", "All")),
    "language": ("", pgettext_lazy("languages", "All")),
    "flag": ("", pgettext_lazy("states", "All")),
}


def staff() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True).order_by("name", "email")


class PipelineForm(forms.Form):
    """Every part may be left out; what cannot be is left out, too."""

    q = forms.CharField(label=_("Shop or company"), required=False, max_length=100)
    phase = forms.ChoiceField(label=_("Phase"), required=False)
    party = forms.ChoiceField(label=_("Waiting for"), required=False)
    platform = forms.ChoiceField(label=_("Platform"), required=False)
    owner = forms.ChoiceField(label=_("In charge"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    flag = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [(one.key, one.title) for one in phases.PHASES]
        self._choices("phase", [EVERY["phase"], *steps, (DONE, _("Done"))])
        self._choices("party", [EVERY["party"], *PARTIES])
        self._choices(
            "platform", [EVERY["platform"], *((c.key, c.label) for c in platforms.choices())]
        )
        people = [(str(person.pk), str(person)) for person in staff()]
        self._choices("owner", [EVERY["owner"], (NOBODY, _("Nobody")), *people])
        self._choices("language", [EVERY["language"], *languages.choices()])
        self._choices("flag", [EVERY["flag"], *FLAGS])
        for field in self.fields.values():
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs["class"] = f"{kind} {kind}-sm"

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type, declared above
        field.choices = choices

    def narrowed(self, standings: "QuerySet[Standing]") -> "QuerySet[Standing]":
        """What was asked for; a value that is none of the choices narrows nothing."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        for name, value in asked.items():
            standings = standings.filter(_condition(name, value))
        return standings


def _condition(name: str, value: str) -> Q:
    match name:
        case "q":
            names = Q(shop__name__icontains=value) | Q(shop__merchant__name__icontains=value)
            return names | Q(shop__slug__icontains=value)
        case "phase":
            return Q(phase="" if value == DONE else value)
        case "owner":
            return Q(shop__owner=None if value == NOBODY else value)
        case "language":
            return Q(shop__languages__icontains=f'"{value}"')
        case "flag":
            return {
                "problem": Q(state="problem"),
                "broken": Q(is_broken=True),
                "stale": Q(is_stale=True),
                "live": Q(is_live=True),
            }[value]
    return Q(**{name: value})


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=4000,
        help_text=_("For Kleep's staff only. @name tells a colleague by e-mail."),
        widget=forms.Textarea(attrs={"rows": "3"}),
    )


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("In charge"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # narrows the type
        field.queryset, field.initial = staff(), shop.owner_id


class RangeForm(forms.Form):
    """What to read again, and which days of UTC, both included."""

    cursor = forms.TypedChoiceField(label=_("What"), coerce=int)
    since = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, cursors: Iterable[Cursor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cursor"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = [(cursor.pk, label_of(cursor)) for cursor in cursors]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("since"), values.get("until")
        if first and first > datetime.now(UTC).date():
            self.add_error("since", _("This day has not come yet."))
        elif first and last and first > last:
            raise forms.ValidationError(_("The first day is after the last one."))
        return values

    @property
    def moments(self) -> tuple[datetime, datetime]:
        values, now = self.cleaned_data, datetime.now(UTC)
        last = min(values["until"], now.date())
        begin = datetime.combine(values["since"], time.min, UTC)
        end = datetime.combine(last + timedelta(days=1), time.min, UTC)
        return begin, min(end, now)


class SavedViewForm(forms.Form):
    name = forms.CharField(label=_("Name of the view"), max_length=60)
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput())
